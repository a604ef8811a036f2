"""`drill diagnose`: what a client meets, where it stops and why, what to change, and what is not known."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drilllib.cli.arguments import add_listener, add_service
from drilllib.cli.asked import asked
from drilllib.cli.diagnosed import draw, observed, show
from drilllib.cli.live import SUBJECT, add_access
from drilllib.cli.parsers import add_output, command, whole_number
from drilllib.cli.trace import STATUS
from drilllib.core.diagnosis.answer import Diagnosis
from drilllib.core.diagnosis.diagnose import worst_first
from drilllib.core.trace.verdict import Verdict

WATCH_S = 30
EXAMPLES = """\
The first ten lines say it all; what they rest on follows. Nothing is changed anywhere.
examples:
  drill diagnose web -n shop --from 203.0.113.10          read now, with your keys and kubeconfig
  drill diagnose https://www.example.com/ --from 203.0.113.10
  drill diagnose snapshot.json --service shop/web --from 203.0.113.10
  drill diagnose snapshot.json --all --from 203.0.113.10
  drill diagnose -A --from 203.0.113.10                   every LoadBalancer Service of the cluster"""


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    help_text = "say what clients of a Service meet, where it stops, the one change to make, and what is not known"
    parser = command(commands, "diagnose", run, help_text, EXAMPLES)
    subject = f"a snapshot file, - for standard input; or {SUBJECT}"
    parser.add_argument("subject", metavar="SNAPSHOT|SERVICE|URL", nargs="?", help=subject)
    add_arguments(parser)
    add_access(parser)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is asked besides the subject, and how the answer is told; whose keys are used is `add_access`'s."""
    add_service(parser)
    parser.add_argument(
        "--from", dest="clients", metavar="ADDR[,ADDR]", action="append", required=True, help="who asks"
    )
    add_listener(parser)
    parser.add_argument(
        "--all", action="store_true", help="a table of all LoadBalancer Services, of the snapshot or the namespace"
    )
    parser.add_argument(
        *("-A", "--all-namespaces"), action="store_true", help="the same for all namespaces of the cluster"
    )
    parser.add_argument(
        "--observe", action="store_true", help="send one real request from here, and hold it against the prediction"
    )
    parser.add_argument(
        *("-w", "--watch"),
        type=whole_number(2, 86400),
        nargs="?",
        const=WATCH_S,
        metavar="SECONDS",
        help=f"look again every so often ({WATCH_S}), and say what changed, until Ctrl+C",
    )
    parser.add_argument("--svg", metavar="FILE", type=Path, help="also draw the path into FILE")
    parser.add_argument("--html", metavar="FILE", type=Path, help="also write one self-contained page for a ticket")
    add_output(parser, "print the whole answer as JSON, in English (docs/diagnosis.schema.json)")


def run(options: argparse.Namespace) -> int:
    """One diagnosis, or with --watch one after the other."""
    options.all = options.all or options.all_namespaces
    if options.watch:
        from drilllib.cli.watching import watch

        return watch(options)
    found = asked(options)
    compared = observed(found, options)
    draw(found, options)
    show(found, compared, options)
    return status(found.answers)


def status(found: Sequence[Diagnosis]) -> int:
    """As of `drill trace`, of the worst; 3 only where nothing is worse than not known."""
    worst = worst_first(found)[0]
    if worst.verdict is Verdict.REACHABLE and any(each.is_elsewhere for each in found):
        return 1
    return STATUS[worst.verdict]
