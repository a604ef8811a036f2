"""Arguments that several commands have in common: what is asked about, and the members behind names."""

import argparse

from drilllib.core.rules.members import Directory
from drilllib.core.rules.policies import members_from_text
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import InvalidInputError, Message


def add_snapshot(parser: argparse.ArgumentParser) -> None:
    """The snapshot that a command reads."""
    parser.add_argument("snapshot", help="snapshot file (JSON), or - for standard input")


def add_service(parser: argparse.ArgumentParser) -> None:
    """The options that name what a client asks for; `asked_for` reads them."""
    parser.add_argument("--service", metavar="NS/NAME", help="the Service; may be left out where there is one")
    parser.add_argument("--vip", metavar="ADDR", help="a load balancer's address or domain instead of a Service")


def add_listener(parser: argparse.ArgumentParser) -> None:
    """The options that choose a listener and a forwarding rule; `question_of` reads them."""
    parser.add_argument("--port", type=int, help="listener port; may be left out where there is one")
    parser.add_argument("--protocol", type=str.upper, help="TCP or UDP (the listener's)")
    parser.add_argument("--host", help="Host header, for layer-7 listeners (the VIP)")
    parser.add_argument("--path", default="/", help="URL path, for layer-7 listeners (%(default)s)")


def question_of(snapshot: Snapshot, options: argparse.Namespace) -> Question:
    """The question, its client left out. Raises InvalidInputError where what it asks for is ambiguous."""
    service, vip = asked_for(snapshot, options)
    names = ("port", "protocol", "host", "path")
    return Question(service=service, vip=vip, **{name: getattr(options, name) for name in names})


def asked_for(snapshot: Snapshot, options: argparse.Namespace) -> tuple[str | None, str | None]:
    """The Service and the VIP asked for; where neither was named, the only one there is."""
    if options.service or options.vip:
        return options.service, options.vip
    names = snapshot.service_names()
    if len(names) == 1:
        return names[0], None
    vips = [str(vip) for balancer in snapshot.load_balancers for vip in balancer.vips]
    if not snapshot.has("kubernetes") and len(vips) == 1:
        return None, vips[0]
    others = [each.name for each in snapshot.kubernetes.services if each.name not in names]
    beside = Message(" (of another type: {others})", others=", ".join(others)) if others else ""
    raise InvalidInputError(
        "The snapshot has {count} LoadBalancer Services: {names}{beside}",
        remedy="Name one with --service NS/NAME, or a VIP with --vip",
        count=len(names),
        names=", ".join(names) or Message("none"),
        beside=beside,
    )


def add_members(parser: argparse.ArgumentParser) -> None:
    """The option that says what stands behind the names in saved groups; `directory_of` reads it."""
    parser.add_argument(
        "--members",
        action="append",
        default=[],
        metavar="ID=CIDR[,CIDR]",
        help="the addresses behind a group or template id that rules name",
    )


def directory_of(options: argparse.Namespace) -> Directory:
    """What --members said. Raises InvalidInputError where it cannot be read."""
    return Directory(peers=dict(members_from_text(text) for text in options.members))
