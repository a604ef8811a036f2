"""`drill author`: write a drill, check and prove it, and see what a learner will see."""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

from drilllib.cli import author_from
from drilllib.cli.output import complain, tell_text
from drilllib.cli.parsers import command, whole_number
from drilllib.errors import DrillError, InvalidInputError, quoted
from drilllib.views.phrases.catalog import LANGUAGES, error_text, said, say
from drilllib.views.phrases.language import language

MOST_SEED = 10**12 - 1
TOLD = 5  # failures of one drill that are printed


def add_commands(commands: Any) -> None:
    """Declare the command, its verbs, and what runs them."""
    parser = command(
        commands,
        "author",
        _check,
        "write a drill of your own: begin it, check it, prove it, see it as a learner does",
        """\
        docs/practice.md says what stands in a drill.
        examples:
          drill author new my-drill --out my-drill.yaml
          drill author check my-drill.yaml
          drill author prove my-drill.yaml --seeds 100
          drill author preview my-drill.yaml --seed 7 --solution
          drill author from snapshot.json --service shop/web --client 203.0.113.10 --out ours.yaml""",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    new = command(verbs, "new", _new, "write a drill that is right as it stands, to be changed")
    new.add_argument("name", metavar="NAME", help="small letters, with dashes")
    new.add_argument("--out", type=Path, metavar="FILE", help="where to (standard output)")
    check = command(verbs, "check", _check, "say what is wrong in drills, with file and line")
    prove = command(
        verbs, "prove", _prove, "try many worlds of drills: right attempts have to pass, wrong ones to fail"
    )
    for verb in (check, prove):
        verb.add_argument("files", nargs="+", metavar="FILE", help="a drill, or - for standard input")
    prove.add_argument("--seeds", type=whole_number(1, 10_000), default=100, metavar="N", help="how many (%(default)s)")
    preview = command(verbs, "preview", _preview, "show a world of a drill as a learner meets it")
    preview.add_argument("file", metavar="FILE", help="a drill, or - for standard input")
    preview.add_argument("--seed", type=whole_number(0, MOST_SEED), default=1, metavar="N", help="(%(default)s)")
    preview.add_argument("--level", type=whole_number(1, 3), metavar="N", help="1 to 3 (the drill's first)")
    preview.add_argument("--solution", action="store_true", help="tell what is wrong, too")
    author_from.add_verb(verbs)
    for verb in (new, check, prove, preview):
        verb.add_argument("--lang", choices=LANGUAGES, help="language of the text (from the locale)")


def _new(options: argparse.Namespace) -> int:
    from drilllib.practice.authored import new_text

    text = new_text(options.name)
    if options.out is None:
        tell_text(text.rstrip("\n"))
        return 0
    try:
        with options.out.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InvalidInputError(
            "{path} cannot be written: {reason}",
            remedy="Give --out a new file in a folder that is there",
            path=quoted(str(options.out)),
            reason=error.strerror,
        ) from None
    return 0


def _check(options: argparse.Namespace) -> int:
    from drilllib.practice.authored import read_drill

    spoken, status = language(options.lang), 0
    for name in options.files:
        try:
            tell_text(say(spoken, "author.checked", file=name, drill=read_drill(name).name))
        except DrillError as error:
            status = 2
            complain(f"drill author: {error_text(error, spoken)}")
    return status


def _prove(options: argparse.Namespace) -> int:
    from drilllib.practice.authored import read_drill

    return max(_proved(name, read_drill(name), options) for name in options.files)


def _proved(name: str, drill: Any, options: argparse.Namespace) -> int:
    """Its figures, and the first worlds that are not as they have to be; 1 where there is one."""
    from drilllib.practice.proving import objections

    spoken, counts, failing = language(options.lang), Counter[str](), 0
    seeds = range(options.seeds if drill.own is None else 1)  # an outage that is written down is one world
    for seed in seeds:
        level = drill.levels[seed % len(drill.levels)]
        against = list(objections(drill, seed, level, counts))
        failing += bool(against)
        if against and failing <= TOLD:
            for each in against:
                tell_text(say(spoken, "author.objection", seed=seed, level=level, told=said(each, spoken)))
    for way, count in sorted(counts.items()):
        tell_text(f"{count:6}  {way}")
    if failing:
        tell_text(say(spoken, "author.not_proved", file=name, seeds=len(seeds), failing=failing))
        return 1
    tell_text(say(spoken, "author.proved", file=name, seeds=len(seeds)))
    return 0


def _preview(options: argparse.Namespace) -> int:
    from drilllib.core.drills.worlds.make import make_world
    from drilllib.practice.authored import read_drill
    from drilllib.views.text.author import preview_text

    drill = read_drill(options.file)
    world = make_world(drill, options.seed, options.level or drill.levels[0])
    tell_text(preview_text(world, language(options.lang), solution=options.solution))
    return 0
