"""`drill diagnose --watch`: one look after the other, and what changed between them."""

import argparse
import time

from drilllib.cli.asked import Asked, asked
from drilllib.cli.diagnosed import draw, observed, show
from drilllib.cli.output import complain, tell, tell_json
from drilllib.core.diagnosis.changes import Change, changes
from drilllib.errors import DrillError
from drilllib.views.phrases.language import language, translator
from drilllib.views.text.diagnosed import change_lines


def watch(options: argparse.Namespace) -> int:
    """
    Tell the first screen of a diagnosis, then what is otherwise at each look, until somebody interrupts it.

    A later look that cannot be had is told on one line, and the next is tried; the first one's error ends it.
    """
    found = asked(options)
    draw(found, options)
    show(found, observed(found, options), options)
    while True:
        time.sleep(options.watch)
        found = _again(found, options)
        draw(found, options)


def _again(before: Asked, options: argparse.Namespace) -> Asked:
    try:
        found = asked(options)
    except DrillError as error:
        complain(f"{_now()}  {error.text(translator(options.lang))}")
        return before
    _tell(changes(before.answers, found.answers), options)
    return found


def _tell(found: tuple[Change, ...], options: argparse.Namespace) -> None:
    """A line a change, or as JSON a line for all of a look; nothing where nothing changed."""
    if not found:
        return
    if options.json:
        tell_json({"at": _now(), "changes": [each.to_dict() for each in found]}, indent=None)
    else:
        tell(*(f"{_now()}  {line}" for line in change_lines(found, language(options.lang))), at_once=True)


def _now() -> str:
    return time.strftime("%H:%M:%S")
