"""Where this user's journals of changes lie, and what commands say of them besides their own answer."""

import argparse
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from drilllib.cli.output import complain
from drilllib.errors import DrillError
from drilllib.guard.journal import default_folder, utc_now
from drilllib.guard.journals import Entry, Listing, listing
from drilllib.guard.schema import DRILL_UP
from drilllib.provision import records
from drilllib.views.phrases.catalog import error_text, say


def folder() -> Path:
    """Where this user's journals lie."""
    return default_folder(os.environ, Path.home())


def open_of(subject: str, but: str) -> list[str]:
    """The ids of other journals than *but* by which something of the same *subject* is open, the oldest first."""
    open_ones = [each for each in listing(folder()).entries if each.is_open and each.id != but]
    return [each.id for each in open_ones if each.head["what"] != DRILL_UP and each.head.get("subject") == subject]


def tell_unread(options: argparse.Namespace, found: Listing, language: str) -> None:
    """Name each file among the journals that cannot be used, and why; on standard error."""
    for each in found.unread:
        complain(f"drill {options.command}: {error_text(each.error, language)}")


def remind(language: str) -> None:
    """Name the drills that should be gone by now, and the openings whose time is up, as far as journals here know."""
    for each in records.overdue(folder(), datetime.now(UTC)):
        complain(say(language, "ls.overdue", drill=each.drill))
    with suppress(DrillError):
        remind_of_openings(listing(folder()), language)


def remind_of_openings(found: Listing, language: str) -> None:
    """Name the openings whose time is up: they stay open until a command that writes takes them back."""
    for each in found.due(utc_now()):
        complain(opening_text(each, language))


def opening_text(entry: Entry, language: str) -> str:
    """That the time of an opening is up, and which command closes it."""
    return say(language, "changes.still_open", journal=entry.id, until=str(entry.head["until"]))
