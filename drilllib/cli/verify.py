"""`drill verify`: the engine held against the kernel of this machine. What it needs is imported when it runs."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from drilllib.cli.output import complain, tell, tell_text
from drilllib.cli.parsers import command
from drilllib.core.rules.rules import PROTOCOLS, Action, Direction
from drilllib.errors import InvalidInputError, quoted

if TYPE_CHECKING:
    from drilllib.labs.netns.verify.decisions import Report

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
        Single decisions: random groups are given to this machine's kernel as nftables, and a real packet is sent for
        each random flow. Whole paths: random labs are built with real hosts and asked with the real curl; symptom,
        path and target health have to be as the model says. All inside namespaces that end with the command. Linux
        only; needs nftables, and no root.
        examples:
          drill verify --lab netns
          drill verify --decisions 1000000 --paths 0 --seed 7""",
    )
    parser.add_argument("--lab", choices=LABS, default="netns", help="the lab to compare with (%(default)s)")
    parser.add_argument("--decisions", type=int, default=100_000, metavar="N", help="at least so many (%(default)s)")
    parser.add_argument("--paths", type=int, default=50, metavar="N", help="so many whole paths (%(default)s)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the number of the first path (%(default)s)")
    parser.add_argument(
        "--seed", type=int, default=1, help="the same seed draws the same groups and flows (%(default)s)"
    )


def _verify(options: argparse.Namespace) -> int:
    for name in ("decisions", "paths", "first"):
        if getattr(options, name) < 0:
            raise InvalidInputError(
                "--{name} is {value}",
                remedy="Give a number from 0",
                name=name,
                value=quoted(getattr(options, name)),
            )
    if not options.decisions and not options.paths:
        raise InvalidInputError("Neither decisions nor paths are wanted", remedy="Give a number of either")
    agrees = [step(options) for step, wanted in ((_decisions, options.decisions), (_paths, options.paths)) if wanted]
    return 0 if all(agrees) else 1


def _decisions(options: argparse.Namespace) -> bool:
    from drilllib.labs.netns.verify.decisions import check_decisions

    flows = min(FLOWS_PER_SET, options.decisions)
    report = check_decisions(options.seed, -(-options.decisions // flows), flows, progress=_progress(options.decisions))
    tell(*_lines(report), "")
    return report.agrees


def _paths(options: argparse.Namespace) -> bool:
    from drilllib.labs.netns.verify.paths import check_paths

    report = check_paths(options.seed, options.paths, first=options.first)
    tell_text(report.text)
    return report.agrees


def _progress(wanted: int) -> Any:
    """Tells how far it is, where somebody is looking."""
    if not sys.stderr.isatty():
        return lambda decisions: None
    return lambda done: complain(f"{done:,} of {wanted:,}", start="\r", end="\n" if done >= wanted else "")


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
