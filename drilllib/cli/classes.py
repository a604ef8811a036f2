"""`drill class`: make a class, hand out what learners start from, collect attempts, grade them, see how far all are."""

import argparse
from pathlib import Path
from typing import Any

from drilllib.cli.output import tell_text
from drilllib.cli.parsers import command
from drilllib.views.phrases.catalog import LANGUAGES, say
from drilllib.views.phrases.language import language


def add_commands(commands: Any) -> None:
    """Declare the command, its verbs, and what runs them."""
    parser = command(
        commands,
        "class",
        _new,
        "set drills to a class: make it, hand out, hand in, grade, see how far everybody is",
        """\
        docs/classes.md says what stands in a class's file, and what a signature is worth.
        examples:
          drill class example > monday.yaml
          drill class new monday.yaml
          drill class hand-out monday.yaml --out starts
          drill practice --dir starts/alice""",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    command(verbs, "example", _example, "print a class's file, to be changed")
    new = command(verbs, "new", _new, "check a class's file and roster, and make its secret")
    out = command(verbs, "hand-out", _hand_out, "write what each learner starts from, into a folder each")
    for verb in (new, out):
        verb.add_argument("file", metavar="CLASS.yaml", help="the class's file")
        verb.add_argument("--lang", choices=LANGUAGES, help="language of the text (from the locale)")
    out.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where to")
    out.add_argument(
        "--learner", action="append", default=[], metavar="ID", help="this one alone (all; may be repeated)"
    )


def _example(options: argparse.Namespace) -> int:
    from drilllib.classes.plan import EXAMPLE

    tell_text(EXAMPLE.rstrip("\n"))
    return 0


def _new(options: argparse.Namespace) -> int:
    from drilllib.classes.place import made

    place = made(options.file)
    plan = place.plan
    told = {"name": plan.name, "learners": len(plan.learners), "drills": len(plan.items), "folder": place.folder}
    tell_text(say(language(options.lang), "class.made", **told))
    return 0


def _hand_out(options: argparse.Namespace) -> int:
    from drilllib.classes.handed_out import hand_out
    from drilllib.classes.place import place_of

    count = hand_out(place_of(options.file), options.out, options.learner)
    tell_text(say(language(options.lang), "class.handed_out", count=count, folder=options.out))
    return 0
