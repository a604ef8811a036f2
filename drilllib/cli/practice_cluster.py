"""An attempt in a cluster of the user's: `drill practice DRILL --seed N --lab live`, where `drill up --drill` was."""

import os
from pathlib import Path

from drilllib.core.drills.worlds.world import World
from drilllib.errors import InvalidInputError, LabStateError, quoted
from drilllib.guard.journal import SUFFIX, default_folder
from drilllib.guard.journals import listing, read
from drilllib.guard.schema import PRACTICE
from drilllib.labs.live.cast import as_in_a_cluster, names_of_world
from drilllib.labs.live.lab import LiveLab
from drilllib.labs.live.opening import Session
from drilllib.labs.live.settings import settings_of
from drilllib.lesson.labs import take_back_what_is_due


def require_named(drill: str | None, seed: int | None) -> None:
    """Raises InvalidInputError where it is not said which world stands in the cluster."""
    if drill is None or seed is None:
        raise InvalidInputError(
            "A cluster plays the world that it was made for",
            remedy="Name both: drill up --drill DRILL --seed N, then drill practice DRILL --seed N --lab live",
        )


def opened(path: Path, world: World, *, begins: bool) -> LiveLab:
    """
    The cluster as the *world* begins, which is written by the guard where it is not so; or, of an attempt that goes on,
    as it is now. *path* is the attempt's log, by which its journal is found again.

    Raises:
        NotPlayableError: The cluster was made for another drill.
        LabStateError: The attempt was begun elsewhere, or what it wrote was taken back.
        DrillError: The cluster cannot be read or written, or nobody has consented to drills in it.
    """
    home, environment = Path.home(), os.environ
    goes_on = "" if begins else _journal(path, default_folder(environment, home))
    take_back_what_is_due()
    session = Session.of(settings_of(environment), environment, home, what=PRACTICE, subject=path.stem)
    return session.open(
        as_in_a_cluster(world),
        world.question.client,
        lambda document, said, groups: names_of_world(document, said.service, world, said.client, groups),
        goes_on=goes_on,
    )


def stands(journal: str) -> bool:
    """Is anything left in the cluster of what that journal noted down?"""
    noted = read(default_folder(os.environ, Path.home()) / f"{journal}{SUFFIX}")
    return noted.is_open and bool(noted.left)


def _journal(path: Path, folder: Path) -> str:
    """The file name of the journal of an attempt that was begun in a cluster."""
    every = [each for each in listing(folder).entries if each.head["what"] == PRACTICE]
    found = [each for each in every if each.head.get("subject") == path.stem and not each.closed]
    if not found:
        raise LabStateError(
            "The attempt {log} has no open journal of changes: it was begun elsewhere, or taken back",
            remedy="Begin another with --new",
            log=quoted(path.stem),
        )
    return found[-1].path.name
