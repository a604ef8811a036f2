"""Arguments that several commands have in common: the question asked, and the members behind names."""

import argparse

from drilllib.core.rules.members import Directory
from drilllib.core.rules.policies import members_from_text
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, Message


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
    members = {"action": "append", "default": [], "metavar": "ID=CIDR[,CIDR]"}
    parser.add_argument("--members", help="the addresses behind a group or template id that rules name", **members)


def directory_of(options: argparse.Namespace) -> Directory:
    """What --members said. Raises InvalidInputError where it cannot be read."""
    return Directory(peers=dict(members_from_text(text) for text in options.members))
