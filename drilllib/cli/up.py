"""`drill up`: the drill in a cluster of the user's is shown, asked about, and made."""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drilllib.cli.guarded import close_those_due
from drilllib.cli.journals import folder, tell_unread
from drilllib.cli.lines import agreed
from drilllib.cli.output import complain, tell, tell_json, tell_text
from drilllib.cli.parsers import add_output, command, whole_number
from drilllib.clients.settings import Settings
from drilllib.core.capture.permissions import binding, rbac_text
from drilllib.core.drills.default_lab import CLIENT_BLOCK
from drilllib.core.drills.faults import LISTENERS
from drilllib.errors import DrillError, InvalidInputError
from drilllib.guard.journal import Journal
from drilllib.guard.journals import listing
from drilllib.guard.locks import Locks
from drilllib.provision import prepare, records, rights
from drilllib.provision.clients import Clients, opened
from drilllib.provision.make import Maker
from drilllib.provision.parts import WORKLOAD, parts_of, setting_text
from drilllib.provision.prepare import Wish, prepared
from drilllib.provision.site import Site
from drilllib.provision.starts import PORT
from drilllib.provision.worlds import PLAYED
from drilllib.views.phrases.catalog import error_text, said, say
from drilllib.views.phrases.language import language
from drilllib.views.text.provision import made_text, plan_text

SCHEMA = "drilllib/up/1"
LIMIT_S = 1800


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    up = command(
        commands,
        "up",
        _up,
        "make the drill in a cluster of yours: groups, nodes, a Service with a fault",
        """\
        Shows what it will make and what is charged by the hour, and asks. It refuses a cluster whose owner
        has not consented, and says by which command that is done. docs/live.md tells the rest.
        examples:
          drill up --cluster cls-1a2b3c4d --subnet subnet-1a2b3c4d --client 198.51.100.7/32
          drill up --cluster cls-1a2b3c4d --fault group-2 --max-hours 2
          drill up --print-policy""",
    )
    up.add_argument("--cluster", default="", metavar="ID", help="such as cls-1a2b3c4d (the only one of the region)")
    up.add_argument(
        "--fault",
        default="original-drill",
        metavar="NAME",
        help="of rules alone; a wrong name lists them (%(default)s)",
    )
    up.add_argument("--drill", default="", metavar="NAME", help="of practice, in the place of a fault")
    up.add_argument("--seed", type=whole_number(0, 10**9), default=1, help="of --drill (%(default)s)")
    up.add_argument("--listener", choices=LISTENERS, default="HTTP", help="of the load balancer (%(default)s)")
    up.add_argument(
        "--max-hours",
        type=whole_number(1, prepare.MOST_HOURS),
        default=prepare.HOURS,
        metavar="H",
        help="when it should be gone: after that you are reminded, and no other is made (%(default)s)",
    )
    up.add_argument(
        "--client",
        dest="clients",
        action="append",
        metavar="BLOCK",
        help=f"IPv4 block that the healthy state lets in; may be repeated ({CLIENT_BLOCK}, which nobody has)",
    )
    up.add_argument("--subnet", dest="subnets", action="append", default=[], metavar="ID", help="for the nodes")
    up.add_argument(
        "--machine", dest="machines", action="append", metavar="TYPE", help=f"({', '.join(prepare.INSTANCE_TYPES)})"
    )
    up.add_argument("-n", "--namespace", default=prepare.NAMESPACE, metavar="NS", help="to be made (%(default)s)")
    up.add_argument("--whole-cluster", action="store_true", help="group 3 may be bound to pods of other nodes, too")
    up.add_argument("--yes", action="store_true", help="make it without being asked")
    up.add_argument("--print-policy", action="store_true", help="print the rights that it needs; nothing is read")
    add_access(up)
    add_output(up)


def add_access(parser: argparse.ArgumentParser) -> None:
    """The options that say whom to ask, and by whose keys; `clients_of` reads them."""
    parser.add_argument("--context", default="", help="context of the kubeconfig (the current one)")
    parser.add_argument("--kubeconfig", default="", metavar="FILE", help="instead of $KUBECONFIG and ~/.kube/config")
    parser.add_argument("--region", default="", help="such as ap-guangzhou (that of the cluster's nodes)")
    parser.add_argument("--profile", default="", help="profile of tccli whose keys are used")
    parser.add_argument("--role", default="", metavar="ARN", help="a role of CAM to take with those keys")


def clients_of(options: argparse.Namespace, region: str = "") -> Clients:
    """Whom to ask; *region* is used where none was said. Raises DrillError where nobody can be asked."""
    names = ("context", "kubeconfig", "profile", "role")
    told = {name: getattr(options, name) for name in names}
    settings = Settings(**told, region=options.region or region, deadline_s=LIMIT_S)
    return opened(settings, os.environ, Path.home())


def _up(options: argparse.Namespace) -> int:
    spoken = language(options.lang)
    if options.print_policy:
        return _print_policy(spoken)
    clients, known = clients_of(options), listing(folder())
    tell_unread(options, known, spoken)
    close_those_due(known, options, spoken, clients.guarded)
    site = prepared(clients, _wish(options))
    if shutil.which("terraform"):
        complain(say(spoken, "up.terraform"))
    if not options.json:
        tell_text(plan_text(_about(site), [(each.kind, each.name) for each in parts_of(site)], spoken))
    _require_answer(options)
    if not options.yes and not agreed(say(spoken, "up.ask")):
        tell(say(spoken, "up.not_made"))
        return 1
    with _alone(clients, site), records.begun(folder(), site, clients.server) as journal:
        return _make(options, clients, site, journal) or (2 if known.unread else 0)


@contextmanager
def _alone(clients: Clients, site: Site) -> Iterator[None]:
    """
    No other `drill up` on this machine makes anything in the cluster, and none has while the user was asked.

    Raises:
        ConflictError: One does.
        LabStateError: One has.
    """
    locks = Locks(folder() / "locks", f"of the drill {site.drill}")
    locks.take(site.cluster)
    try:
        prepare.require_alone(clients, datetime.now(UTC))
        yield
    finally:
        locks.release()


def _print_policy(spoken: str) -> int:
    role = rights.role()
    tell(f"# {say(spoken, 'capture.cam')}")
    tell_text(rights.cam_text())
    tell(f"# {say(spoken, 'capture.rbac')}")
    tell_text(rbac_text([role]).rstrip("\n"))
    tell(f"# {say(spoken, 'capture.bind')}", f"# {said(binding(role), spoken)}")
    return 0


def _wish(options: argparse.Namespace) -> Wish:
    return Wish(
        cluster=options.cluster,
        drill=options.drill,
        seed=options.seed,
        fault=options.fault,
        listener=options.listener,
        hours=options.max_hours,
        clients=tuple(options.clients or [CLIENT_BLOCK]),
        subnets=tuple(options.subnets),
        instance_types=tuple(options.machines or prepare.INSTANCE_TYPES),
        namespace=options.namespace,
        whole_cluster=options.whole_cluster,
    )


def _about(site: Site) -> dict[str, str]:
    return {
        "drill": site.drill,
        "cluster": site.cluster,
        "region": site.region,
        "fault": site.start.name,
        "until": f"{site.until:%Y-%m-%d %H:%M}",
        "clients": "" if site.start.tickets else ", ".join(site.clients),
        "machine": ", ".join(site.instance_types),
        "setting": setting_text(site.setting),
    }


def _require_answer(options: argparse.Namespace) -> None:
    if not options.yes and (options.json or not sys.stdin.isatty()):
        raise InvalidInputError("Nobody can be asked here whether to make it", remedy="Add --yes where that is decided")


def _make(options: argparse.Namespace, clients: Clients, site: Site, journal: Journal) -> int:
    spoken, is_done = language(options.lang), False
    maker = Maker(clients, site, journal, lambda part: complain(f"{say(spoken, f'up.kind_{part.kind}')} {part.name}"))
    try:
        address = maker.make()
        is_done = True
    except DrillError as error:
        complain(error_text(error, spoken))
        return 1
    finally:  # also where it is interrupted
        if not is_done:
            _tell_standing(journal, site, spoken)
    about = _about(site) | {"address": _with_port(address, site), "journal": str(journal.path)}
    ticket = site.start.ticket(spoken, f"{site.namespace}/{WORKLOAD}", address)
    if options.json:
        tell_json({"schema": SCHEMA, **about, "ticket": ticket})
    else:
        tell_text(made_text(about, spoken, ticket))
        if options.drill in PLAYED:
            tell(say(spoken, "up.practice", drill=options.drill, seed=options.seed))
        elif options.drill:
            service = f"{site.namespace}/{WORKLOAD}"
            tell(say(spoken, "up.diagnosed", drill=options.drill, service=service, client=site.start.client))
    return 0


def _with_port(address: str, site: Site) -> str:
    port = site.start.ports.listener
    return address if port == PORT else f"{address}:{port}"


def _tell_standing(journal: Journal, site: Site, spoken: str) -> None:
    """What to do after a stop. Where nothing at all was made, the journal is closed."""
    if any(each.state != "failed" for each in journal.intents.values()):
        complain(say(spoken, "up.stands", drill=site.drill))
    else:
        journal.close("nothing was made")
        complain(say(spoken, "up.not_made"))
