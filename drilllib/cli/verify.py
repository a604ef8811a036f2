"""`drill verify`: hold the model against real packets on this machine."""

import argparse
from typing import Any

from drilllib.cli.parsers import command
from drilllib.labs.netns.differential_paths import check_paths


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "verify",
        _verify,
        "play random labs with real packets, and hold what the model says against what the kernel did",
        """\
        exit status: 0 they agree; 1 they do not; 2 wrong usage or input.
        example:
          drill verify --lab netns --paths 50""",
    )
    parser.add_argument("--lab", choices=("netns",), default="netns", help="where to play (netns)")
    parser.add_argument("--paths", type=int, default=100, metavar="N", help="how many random whole-path cases (100)")
    parser.add_argument("--seed", type=int, default=1, help="which random cases (1)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the number of the first one (0)")


def _verify(options: argparse.Namespace) -> int:
    report = check_paths(options.seed, options.paths, first=options.first)
    print(report.text)
    return 0 if report.agrees else 1
