"""`drill class board`: how far the class is, as text, JSON or a page, written or served."""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from drilllib import files
from drilllib.cli.output import finish, tell_json, tell_text
from drilllib.cli.parsers import command, whole_number
from drilllib.cli.trace import require_own
from drilllib.errors import InvalidInputError
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
    board.add_argument("--serve", action="store_true", help="serve it on 127.0.0.1, live, until Ctrl+C")
    board.add_argument("--port", type=whole_number(0, 65535, "port"), metavar="N", help="where (a free one)")
    board.add_argument("--accept-hand-in", action="store_true", help="with --serve: take logs by POST /hand-in, grade")
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

    _require_serve(options)
    place, spoken = place_of(options.file), language(options.lang)
    if options.serve:
        return _serve(place, options, spoken)
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


def _require_serve(options: argparse.Namespace) -> None:
    """Raises InvalidInputError where an option says how to serve, and nothing is served."""
    for name, given in (("--port", options.port is not None), ("--accept-hand-in", options.accept_hand_in)):
        if given and not options.serve:
            raise InvalidInputError("{name} is for a board that is served", remedy="Give --serve too", name=name)


def _serve(place: "Place", options: argparse.Namespace, spoken: str) -> int:
    from drilllib.classes.board_server import HAND_IN, BoardServer
    from drilllib.classes.drop_box import DropBox
    from drilllib.classes.regrade import Regrade

    with ExitStack() as stack:
        grader = stack.enter_context(Regrade(place)) if options.accept_hand_in else None
        box, taken = (DropBox(place), grader.wake) if grader else (None, None)
        try:
            server = stack.enter_context(BoardServer(place, spoken, port=options.port or 0, box=box, taken=taken))
        except OSError as error:
            raise InvalidInputError(
                "Port {port} cannot be used: {reason}",
                remedy="Name another --port, or none",
                port=options.port,
                reason=error.strerror or error,
            ) from None
        tell_text(say(spoken, "board.served", url=server.url))
        if grader:
            tell_text(say(spoken, "board.accepts", url=f"http://127.0.0.1:{server.port}{HAND_IN}"))
        finish()
        with suppress(KeyboardInterrupt):
            Event().wait()
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
