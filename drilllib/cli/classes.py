"""`drill class`: make a class, hand out what learners start from, collect attempts, grade them, see how far all are."""

import argparse
from collections import Counter
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drilllib import files
from drilllib._version import __version__
from drilllib.cli import class_board, class_export, class_serve, class_study
from drilllib.cli.class_board import every_log
from drilllib.cli.output import tell_json, tell_text
from drilllib.cli.parsers import command, whole_number
from drilllib.errors import InvalidInputError
from drilllib.views.phrases.catalog import LANGUAGES, say
from drilllib.views.phrases.language import language

if TYPE_CHECKING:  # what a class is made of is loaded when one is used
    from drilllib.classes.grader import Engine
    from drilllib.classes.tally import Counted

GRADES = "drilllib/class-grades/1"


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
          drill practice --dir starts/alice
          drill class hand-in monday.yaml starts
          drill class grade monday.yaml --csv grades.csv
          drill class board monday.yaml --serve
          drill class serve monday.yaml
          drill class export monday.yaml --as csv""",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    example = command(verbs, "example", _example, "print a class's file, to be changed; it is open from today on")
    example.add_argument("--study", action="store_true", help="with a test before the drills and after them")
    new = command(verbs, "new", _new, "check a class's file and roster, and make its secret")
    out = command(verbs, "hand-out", _hand_out, "write what each learner starts from, into a folder each")
    handed = command(verbs, "hand-in", _hand_in, "take what learners hand in, from folders or files")
    grade = command(verbs, "grade", _grade, "grade what was handed in and has no grade yet")
    board = class_board.add_command(verbs)
    export, serve = class_export.add_command(verbs), class_serve.add_command(verbs)
    study = class_study.add_command(verbs)
    for verb in (new, out, handed, grade, board, export, serve, study):
        verb.add_argument("file", metavar="CLASS.yaml", help="the class's file")
        verb.add_argument("--lang", choices=LANGUAGES, help="language of the text (from the locale)")
    out.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where to")
    out.add_argument(
        "--learner", action="append", default=[], metavar="ID", help="this one alone (all; may be repeated)"
    )
    handed.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a learner's folder, one of many, or a log")
    grade.add_argument("--csv", type=Path, metavar="FILE", help="write all grades there, a row a log")
    grade.add_argument("--parquet", type=Path, metavar="FILE", help="the same as Parquet, by pyarrow")
    grade.add_argument("--json", action="store_true", help="print them as JSON (drilllib/class-grades/1)")
    grade.add_argument("--workers", type=whole_number(1, 256), metavar="N", help="processes (one a core)")
    grade.add_argument(
        "--engine", choices=("pool", "dask"), help="what grades: processes of this machine (pool), or Dask"
    )
    grade.add_argument("--scheduler", metavar="ADDRESS", help="the Dask scheduler whose workers grade (workers here)")


def _example(options: argparse.Namespace) -> int:
    from drilllib.classes.plan import example

    tell_text(example(datetime.now(timezone(timedelta(hours=8))).date(), study=options.study).rstrip("\n"))
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


def _hand_in(options: argparse.Namespace) -> int:
    from drilllib.classes.handed_in import collect
    from drilllib.classes.place import place_of
    from drilllib.views.text.classes import collected_text

    found = collect(place_of(options.file), options.paths)
    tell_text(collected_text(found.new, found.known, found.refused, language(options.lang)))
    return 1 if found.refused else 0


def _grade(options: argparse.Namespace) -> int:
    from drilllib.classes.grader import grade_all
    from drilllib.classes.place import place_of
    from drilllib.classes.regraded import grade_now, regraded
    from drilllib.classes.store import Store
    from drilllib.classes.tally import csv_text
    from drilllib.views.text.classes import MOST, regraded_text, standings_text

    place, spoken = place_of(options.file), language(options.lang)
    new = grade_all(place, engine=_engine(options), workers=options.workers)
    logs = list(every_log(place))
    if options.csv is not None:
        files.write_atomically(options.csv, csv_text(logs))
    if options.parquet is not None:
        from drilllib.classes.parquet import write_parquet

        write_parquet(options.parquet, logs)
    told = [_told(each) for each in logs]
    odd = [each for each in told if not each["counts"] and each["standing"] != "unfinished"]
    with Store(place.grades) as store:
        others = list(regraded(store))
    changed = [each.to_dict() for each in others]
    if options.json:
        tell_json({"schema": GRADES, "logs": told, "regraded": changed})
        return 1 if odd else 0
    standings = Counter(each["why_not"] or each["standing"] for each in told)
    tell_text(standings_text(new.total(), dict(standings.most_common()), odd, spoken))
    if others:
        tell_text("\n" + regraded_text(changed, [grade_now(place, each.now) for each in others[:MOST]], spoken))
    return 1 if odd else 0


def _engine(options: argparse.Namespace) -> "Engine | None":
    """What grades; None for processes of this machine."""
    if options.scheduler and options.engine == "pool":
        raise InvalidInputError(
            "{option} is of no use to the pool", remedy="Use --engine dask, or leave it out", option="--scheduler"
        )
    if options.engine != "dask" and not options.scheduler:
        return None
    from drilllib.classes.dask_engine import judged

    return partial(judged, scheduler=options.scheduler or "", workers=options.workers)


def _told(log: "Counted") -> dict[str, Any]:
    own = {"counts": log.counts, "why_not": log.why_not, "late": log.late}
    verdict = {name: value for name, value in asdict(log.verdict).items() if name != "macs"}
    return {**verdict, **own, "engine": __version__}
