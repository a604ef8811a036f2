"""What commands that write to a real cloud have in common: where journals lie, whose time is up, what came back."""

import argparse
import os
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path

from drilllib.cli.journals import folder, tell_unread
from drilllib.cli.live import settings_of
from drilllib.cli.output import complain, tell
from drilllib.errors import DrillError
from drilllib.guard.apply import Guard
from drilllib.guard.cloud import Cloud
from drilllib.guard.journal import Journal, utc_now
from drilllib.guard.journals import Listing, listing
from drilllib.guard.rollback import Back, Rolled
from drilllib.guard.scope import Scope
from drilllib.views.phrases.catalog import error_text, say


def cloud_of(options: argparse.Namespace) -> Cloud:
    """The cloud by the user's keys, to be written to. Raises DrillError where there are none."""
    return Cloud.by_sdk(settings_of(options), os.environ, Path.home())


def taken_back(path: Path, cloud: Cloud, world: Collection[str] = ()) -> tuple[str, Rolled]:
    """Roll back one journal; *world* may be opened to everybody by it. Raises DrillError where it cannot be used."""
    with Guard(cloud, Journal.open(path), Scope(world=frozenset(world)), locks=folder() / "locks") as guard:
        return guard.journal.id, guard.rollback()


def tell_back(name: str, rolled: Rolled, language: str, say_it: Callable[[str], None] = tell) -> None:
    """What a rollback did, and what could not be told apart; by `complain` where it is not what was asked for."""
    for each in rolled.parts:
        say_it(f"  {_line(each, language)}")
        for code, rule in each.unclear:
            say_it(f"    [{code}] {say(language, f'rollback_{code}', rule=rule.text)}")
    if rolled.others:
        say_it(say(language, "rollback.others", count=rolled.others))
    else:
        say_it(say(language, "rollback.whole" if rolled.is_whole else "rollback.partly", journal=name))


def _line(back: Back, language: str) -> str:
    if back.error is not None:
        return say(language, "rollback.failed", where=back.where, why=error_text(back.error, language))
    if not back.calls:
        return say(language, "rollback.nothing", where=back.where)
    return say(language, "rollback.done", where=back.where, count=back.calls)


def close_what_is_due(options: argparse.Namespace, language: str, *, now: datetime | None = None) -> bool:
    """
    Take back the openings whose time is up, and say so; what cannot be taken back, or read, is told, and the command
    goes on.

    Returns:
        Whether anything could not: then the exit status says so, too.

    Raises:
        DrillError: There are no keys to do so with, or the folder of the journals cannot be read.
    """
    found = listing(folder())
    tell_unread(options, found, language)
    return close_those_due(found, options, language, lambda: cloud_of(options), now) or bool(found.unread)


def close_those_due(
    found: Listing, options: argparse.Namespace, language: str, cloud: Callable[[], Cloud], now: datetime | None = None
) -> bool:
    """The same for journals that were *found*, by a *cloud* that is opened where one is due."""
    is_told = False
    for each in found.due(now or utc_now()):
        complain(say(language, "changes.due", journal=each.id, until=str(each.head["until"])))
        is_told |= not _closed(each.path, cloud(), options, language)
    return is_told


def _closed(path: Path, cloud: Cloud, options: argparse.Namespace, language: str) -> bool:
    """Take back one opening; whether all of it is back."""
    try:
        name, rolled = taken_back(path, cloud)
    except DrillError as error:
        complain(f"drill {options.command}: {error_text(error, language)}")
        return False
    tell_back(name, rolled, language, complain)
    return rolled.is_whole
