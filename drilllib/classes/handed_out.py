"""What learners start from: a folder each, with the tasks that are set and the key that signs their attempts."""

import json
from collections.abc import Iterable
from pathlib import Path

from drilllib.classes.place import Place
from drilllib.errors import InvalidInputError, Message, UnknownNameError, quoted
from drilllib.machine import private
from drilllib.practice.folder import PRACTICE, START


def hand_out(place: Place, folder: Path, learners: Iterable[str] = ()) -> int:
    """
    Write the starts of these learners, or of all, into LEARNER/practice of *folder*; how many were.

    Attempts that are there already stay, and so does a start that is the same.

    Raises:
        UnknownNameError: There is no such learner.
        InvalidInputError: The folder cannot be written.
    """
    chosen = tuple(learners) or tuple(place.plan.learners)
    for each in chosen:
        _require_learner(place, each)
    for each in chosen:
        try:
            put(start_text(place, each), folder / each / PRACTICE)
        except OSError as error:
            raise InvalidInputError(
                "{path} cannot be written: {reason}",
                remedy="Name a folder that exists and lets you write",
                path=quoted(str(folder / each)),
                reason=error.strerror or error,
            ) from None
    return len(chosen)


def _require_learner(place: Place, name: str) -> None:
    if name not in place.plan.learners:
        raise UnknownNameError(
            "There is no learner {name} in the class",
            remedy=Message("Use an id of the roster"),
            name=quoted(name),
        )


def start_text(place: Place, learner: str) -> str:
    """What stands in a learner's start."""
    return json.dumps(place.secret.start(place.plan, learner).to_dict(), indent=1) + "\n"


def put(text: str, practice: Path) -> None:
    """
    Write a start into a learner's practice folder; one that is the same stays.

    Raises:
        OSError: It cannot be written.
    """
    practice.mkdir(parents=True, exist_ok=True)
    path = practice / START
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        private.replace(path, text)
