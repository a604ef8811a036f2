"""`drill class study`: what a class's two tests say, events without names, the text that asks for consent."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drilllib import files
from drilllib.cli.class_board import every_log
from drilllib.cli.output import tell_json, tell_text
from drilllib.cli.parsers import command
from drilllib.errors import InvalidInputError, quoted
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.language import language

if TYPE_CHECKING:  # what a class is made of is loaded when one is used
    from drilllib.classes.place import Place


def add_command(verbs: Any) -> argparse.ArgumentParser:
    """Declare the verb, what it takes, and what runs it."""
    parser = command(
        verbs,
        "study",
        _study,
        "tell what a class's tests before and after the drills say, with confidence intervals",
        """\
        docs/classes.md says how a study is made; lesson 12 reads what --events has written.
        examples:
          drill class study monday.yaml --consent --lang zh > consent.md
          drill class study monday.yaml --forms
          drill class study monday.yaml
          drill class study monday.yaml --events events.jsonl""",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--consent", action="store_true", help="print the text that asks for consent, to be completed")
    what.add_argument("--forms", action="store_true", help="print the test's items, and what both forms are alike in")
    what.add_argument("--events", type=Path, metavar="FILE", help="write every event, without names, a line each")
    what.add_argument("--json", action="store_true", help="print what was found as JSON (drilllib/study/1)")
    return parser


def _study(options: argparse.Namespace) -> int:
    from drilllib.classes.place import place_of
    from drilllib.classes.study.consent import consent_text

    spoken = language(options.lang)
    if options.consent:
        from drilllib.classes.plan import read_plan

        tell_text(consent_text(read_plan(options.file), spoken).rstrip("\n"))
        return 0
    place = place_of(options.file)
    if options.events:
        return _events(place, options.events, spoken)
    _require_test(place, options.file)
    if options.forms:
        return _forms(place, spoken)
    return _figures(place, spoken, json=options.json)


def _require_test(place: "Place", name: str) -> None:
    if not place.plan.test:
        raise InvalidInputError(
            "The class of {file} has no test",
            remedy="Add one to the file (drill class example --study), and make the class with drill class new",
            file=quoted(name),
        )


def _events(place: "Place", path: Path, spoken: str) -> int:
    from drilllib.classes.study.events import events, events_text

    files.write_atomically(path, events_text(events(place, every_log(place))), private=True)
    tell_text(say(spoken, "study.written", file=path))
    return 0


def _forms(place: "Place", spoken: str) -> int:
    from drilllib.classes.study.kept import FORMS, read_items
    from drilllib.views.text.study import forms_text

    tell_text(forms_text(read_items(place.folder / FORMS), spoken))
    return 0


def _figures(place: "Place", spoken: str, *, json: bool) -> int:
    from drilllib.classes.study.events import events
    from drilllib.classes.study.figures import study
    from drilllib.classes.study.tried import tried
    from drilllib.views.text.study import study_text

    found = study(tried(events(place, every_log(place)))).to_dict()
    if json:
        tell_json(found)
    else:
        tell_text(study_text(found, spoken))
    return 0
