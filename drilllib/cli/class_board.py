"""`drill class board`: how far the class is, as text, JSON or a page."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drilllib import files
from drilllib.cli.output import tell_json, tell_text
from drilllib.cli.parsers import command
from drilllib.cli.trace import require_own
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.language import language

if TYPE_CHECKING:  # what a class is made of is loaded when one is used
    from drilllib.classes.place import Place
    from drilllib.classes.tally import Counted

MOST_ATTEMPTS = 500  # that stand in a file; each has some three KiB


def add_command(verbs: Any) -> argparse.ArgumentParser:
    """Declare the verb, what it takes, and what runs it."""
    board = command(verbs, "board", _board, "show how far the class is, by what was graded")
    board.add_argument("--json", action="store_true", help="print it as JSON (drilllib/board/1)")
    board.add_argument("--html", metavar="FILE", help="write it as a page of its own, with the attempts' steps")
    return board


def every_log(place: "Place") -> Iterator["Counted"]:
    """Every log that was judged, with what counts."""
    from drilllib.classes.store import Store
    from drilllib.classes.tally import counted

    with Store(place.grades) as store:
        yield from counted(place.plan, store.verdicts())


def _board(options: argparse.Namespace) -> int:
    from drilllib.classes.board import board
    from drilllib.classes.place import place_of
    from drilllib.views.text.board import board_text

    place, spoken = place_of(options.file), language(options.lang)
    logs = list(every_log(place))
    if options.html:
        require_own(Path(options.html), ("<!doctype html>",))
        files.write_atomically(Path(options.html), _page(place, logs, spoken))
        tell_text(say(spoken, "board.written", file=options.html))
        return 0
    found = board(place.plan, logs).to_dict()
    if options.json:
        tell_json(found)
    else:
        tell_text(board_text(found, spoken))
    return 0


def _page(place: "Place", logs: list["Counted"], spoken: str) -> str:
    from drilllib.classes.attempts import played
    from drilllib.classes.judge import OWN
    from drilllib.classes.progress import page_document
    from drilllib.views.html.board import Shown, board_html

    own = [each for each in logs if each.verdict.standing in OWN]
    return board_html(
        Shown(
            document=page_document(place.plan, logs),
            language=spoken,
            attempts=list(played(place, own[:MOST_ATTEMPTS], spoken)),
            left=max(0, len(own) - MOST_ATTEMPTS),
        )
    )
