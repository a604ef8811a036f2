"""How every command is declared, and what several of them ask alike."""

import argparse
import textwrap
from collections.abc import Callable
from typing import Any

from drilllib.core.parts import object_name
from drilllib.core.topology import Snapshot
from drilllib.errors import InvalidInputError


def command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], help_text: str, more: str
) -> argparse.ArgumentParser:
    """A subcommand whose help ends with *more*, kept as it is written."""
    parser = commands.add_parser(
        name,
        help=help_text,
        description=f"{help_text[0].upper()}{help_text[1:]}.",
        epilog=textwrap.dedent(more),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


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
    others = [object_name(each) for each in snapshot.kubernetes.of_kind("Service") if object_name(each) not in names]
    beside = f" (of another type: {', '.join(others)})" if others else ""
    problem = f"The snapshot has {len(names)} LoadBalancer Services: {', '.join(names) or 'none'}{beside}"
    raise InvalidInputError(problem, remedy="Name one with --service NS/NAME, or a VIP with --vip")
