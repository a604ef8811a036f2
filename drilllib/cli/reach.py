"""`drill reach`: who reaches a Service, and what an interface or saved groups accept, as exact sets."""

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from drilllib import files
from drilllib.cli.arguments import add_members, add_service, asked_for, directory_of
from drilllib.cli.output import tell_json, tell_text
from drilllib.cli.parsers import add_output, command
from drilllib.core.reach.bypass import PastPlaces, past_clb
from drilllib.core.reach.clients import SCHEMA, Reach, reach_ports
from drilllib.core.reach.doors import reach_door
from drilllib.core.reach.resources import accepted_by, groups_of
from drilllib.core.rules.rules import Direction, SecurityGroup
from drilllib.core.sets.accepted import Accepted, accepted
from drilllib.core.sets.boxes import boxes
from drilllib.core.snapshot.anonymous.asked import require_renamed_vip
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import InvalidInputError, Message, TooComplexError, quoted
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.language import language
from drilllib.views.text import doors, reach

_ABOUT_A_SERVICE = ("service", "vip", "port", "host", "path")
_ABOUT_A_SNAPSHOT = (*_ABOUT_A_SERVICE, "interface", "to", "protocol")


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "reach",
        _reach,
        "say exactly who reaches a Service or a pod, or what security groups accept",
        """\
        FILE is a snapshot, or one or more security groups (the groups of one interface, in their order).
        examples:
          drill reach lab/snapshot.json --service shop/web
          drill reach snapshot.json --to pod/db/mysql-0 --port 3306
          drill reach lab/snapshot.json --interface ins-nodea001 --direction egress
          drill reach sg-node.json --members sg-peer=10.0.35.0/24""",
    )
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="snapshot or security group (JSON), - for standard input"
    )
    add_service(parser)
    parser.add_argument(
        "--to", metavar="DOOR", help="who reaches it, from inside too: pod/NS/NAME, node/NAME, svc/NS/NAME, ADDR"
    )
    parser.add_argument("--protocol", type=str.upper, help="of --to: TCP or UDP (TCP)")
    parser.add_argument("--port", type=int, help="one port only (every port of the Service)")
    parser.add_argument("--host", help="Host header, for layer-7 listeners (the VIP)")
    parser.add_argument("--path", help="URL path, for layer-7 listeners (/)")
    parser.add_argument("--interface", metavar="ID", help="a CLB, an instance or an interface: what its groups accept")
    parser.add_argument(
        "--direction", choices=[each.value for each in Direction], help="of an interface or of groups (ingress)"
    )
    add_members(parser)
    add_output(parser)


def _reach(options: argparse.Namespace) -> int:
    files.require_one_standard_input(options.files)
    names = directory_of(options)
    read = [files.read_either(name, names) for name in options.files]
    groups = [each for each in read if isinstance(each, SecurityGroup)]
    snapshots = [(name, each) for name, each in zip(options.files, read, strict=True) if isinstance(each, Snapshot)]
    if not snapshots:
        _refuse(
            options,
            _ABOUT_A_SNAPSHOT,
            Message("{name} is a security group", name=quoted(options.files[0])),
            Message("give a snapshot"),
        )
        return _of_groups(options, groups)
    name, snapshot = snapshots[0]
    if len(read) > 1:
        raise InvalidInputError(
            "{snapshots} is a snapshot, and {count} files were given",
            remedy="Give one snapshot alone, or security groups only",
            snapshots=quoted(name),
            count=len(read),
        )
    found = Message("{name} is a snapshot", name=quoted(name))
    _refuse(options, ("members",), found, Message("give security groups"))
    if options.to is not None:
        _refuse_beside_door(options)
        return _of_door(options, snapshot)
    _refuse(options, ("protocol",), found, Message("name a door with --to"))
    if options.interface is None:
        _refuse(options, ("direction",), found, Message("name an --interface"))
        return _of_service(options, snapshot)
    _refuse(options, _ABOUT_A_SERVICE, Message("--interface asks about one resource"), Message("leave --interface out"))
    return _of_interface(options, snapshot)


def _refuse(options: argparse.Namespace, names: Iterable[str], found: Message, otherwise: Message) -> None:
    """Raises InvalidInputError where one of those options was given."""
    for name in names:
        if getattr(options, name) not in (None, []):
            raise InvalidInputError(
                "{found}, and --{name} was given",
                remedy="Leave --{name} out, or {otherwise}",
                found=found,
                name=name,
                otherwise=otherwise,
            )


def _refuse_beside_door(options: argparse.Namespace) -> None:
    names = ("service", "vip", "host", "path", "interface", "direction")
    _refuse(options, names, Message("--to asks about one door"), Message("leave --to out"))


def _of_door(options: argparse.Namespace, snapshot: Snapshot) -> int:
    found = reach_door(snapshot, options.to, options.port, options.protocol)
    if options.json:
        tell_json({"schema": SCHEMA, **found.to_dict()})
    else:
        tell_text(doors.door_text(found, language(options.lang)))
    return 0


def _of_service(options: argparse.Namespace, snapshot: Snapshot) -> int:
    service, vip = asked_for(snapshot, options)
    path = "/" if options.path is None else options.path
    question = Question(service=service, vip=vip, port=options.port, host=options.host, path=path)
    require_renamed_vip(snapshot, vip)
    answers = reach_ports(snapshot, question)
    past = [_past(snapshot, each) for each in answers]
    if options.json:
        told = [
            {**each.to_dict(), "past": beside and [place.to_dict() for place in beside]}
            for each, beside in zip(answers, past, strict=True)
        ]
        tell_json({"schema": SCHEMA, "ports": told})
    else:
        tell_text(reach.reach_text(answers, language(options.lang), past))
    return 0


def _past(snapshot: Snapshot, reached: Reach) -> tuple[PastPlaces, ...] | None:
    """Who gets there past the CLB; None where that is too much to tell, which is no reason to tell nothing."""
    try:
        return past_clb(snapshot, reached)
    except TooComplexError:
        return None


def _of_interface(options: argparse.Namespace, snapshot: Snapshot) -> int:
    direction = _direction(options)
    bound = groups_of(snapshot, options.interface)
    groups = None if bound is None else [snapshot.group(name) for name in bound]
    if bound is None:
        beside = say(language(options.lang), "groups_unread")
    else:
        beside = f"({', '.join(bound) or say(language(options.lang), 'NO_GROUP')})"
    found = accepted_by(snapshot, options.interface, direction)
    return _show(options, f"{options.interface} {beside}", groups, found)


def _of_groups(options: argparse.Namespace, groups: Sequence[SecurityGroup]) -> int:
    names = ", ".join(group.group_id for group in groups)
    return _show(options, names, groups, accepted(groups, _direction(options)))


def _direction(options: argparse.Namespace) -> Direction:
    return Direction(options.direction or Direction.INGRESS)


def _show(options: argparse.Namespace, names: str, groups: Sequence[SecurityGroup] | None, found: Accepted) -> int:
    direction = _direction(options)
    if options.json:
        told = {"accepted": found.sure, "undetermined": found.unknown}
        listed = {name: [box.to_dict() for box in boxes(flows)] for name, flows in told.items()}
        tell_json({"schema": SCHEMA, "direction": direction, **listed})
    else:
        tell_text(reach.accepted_text(names, groups, found, direction, language(options.lang)))
    return 0
