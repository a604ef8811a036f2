"""`drill verify`: the engine held against the kernel of this machine. What it needs is imported when it runs."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from drilllib.cli.parsers import command
from drilllib.core.rules import PROTOCOLS, Action, Direction
from drilllib.errors import InvalidInputError, quoted

if TYPE_CHECKING:
    from drilllib.labs.netns.differential import Report

LABS = ("netns",)
FLOWS_PER_SET = 1000


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "verify",
        _verify,
        "hold the engine against a real-packet lab",
        """\
        Random groups are given to this machine's kernel as nftables, and a real packet is sent for each random flow,
        all inside namespaces that end with the command. Linux only; needs nftables, and no root.
        example:
          drill verify --lab netns --decisions 1000000 --seed 7""",
    )
    parser.add_argument("--lab", choices=LABS, default="netns", help="the lab to compare with (%(default)s)")
    parser.add_argument("--decisions", type=int, default=100_000, metavar="N", help="at least so many (%(default)s)")
    parser.add_argument(
        "--seed", type=int, default=1, help="the same seed draws the same groups and flows (%(default)s)"
    )


def _verify(options: argparse.Namespace) -> int:
    from drilllib.labs.netns.differential import check_decisions

    if options.decisions < 1:
        raise InvalidInputError(f"--decisions is {quoted(options.decisions)}", remedy="Give a number from 1")
    flows = min(FLOWS_PER_SET, options.decisions)
    report = check_decisions(options.seed, -(-options.decisions // flows), flows, told=_progress(options.decisions))
    print("\n".join(_lines(report)))
    return 0 if report.agrees else 1


def _progress(wanted: int) -> Any:
    """Tells how far it is, where somebody is looking."""
    if not sys.stderr.isatty():
        return lambda decisions: None
    return lambda done: print(
        f"\r{done:,} of {wanted:,}", end="\n" if done >= wanted else "", file=sys.stderr, flush=True
    )


def _lines(report: "Report") -> list[str]:
    """A table of what was compared, then every disagreement."""
    found = len(report.disagreements)
    said = "no disagreement" if not found else "1 disagreement" if found == 1 else f"{found:,} disagreements"
    left = [f"{report.undetermined:,} more flows the engine could not decide"] if report.undetermined else []
    sets = "1 set" if report.group_sets == 1 else f"{report.group_sets:,} sets"
    about = f"{report.decisions:,} decisions, {sets} of groups, seed {report.seed}"
    return [*_table(report), "", f"{about}: {said} between engine and kernel", *left, *report.disagreements]


def _table(report: "Report") -> list[str]:
    titles = [f"IPv{family} {action}" for family in (4, 6) for action in ("ACCEPT", "DROP")]
    lines = ["".join([f"{'':16}", *(f"{title:>13}" for title in titles)])]
    for direction in Direction:
        for protocol in PROTOCOLS:
            kinds = [(family, action) for family in (4, 6) for action in (Action.ACCEPT, Action.DROP)]
            counts = (
                report.count(direction=direction, protocol=protocol, family=family, action=action)
                for family, action in kinds
            )
            lines.append("".join([f"{direction:8} {protocol:7}", *(f"{count:13,}" for count in counts)]))
    return lines
