"""
What a class hands out to a learner, and lies beside the logs: the tasks that are set, and the key that signs attempts.

Where it lies in the folder of the logs, `drill practice` plays its tasks, and every log there is signed.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib.core.practice.attempt import Header
from drilllib.core.practice.schedule import Played
from drilllib.core.snapshot.shapes import Fields, require_shape
from drilllib.errors import InvalidInputError, LabStateError, Message, quoted
from drilllib.practice.folder import START

SCHEMA = "drilllib/start/1"
_TASK: Fields = {"drill": str, "level": int, "seed": int, "test?": str}
_SHAPE: Fields = {
    "class": str,
    "learner": str,
    "key": str,
    "opens?": str,
    "closes?": str,
    "tasks": [_TASK],
}
_AGAIN = Message("Put the file there as it was handed out")


@dataclass(frozen=True, slots=True)
class Task:
    """A world that is set to a learner; *test* is ``before`` or ``after`` where it is one of a study's tests."""

    drill: str
    level: int
    seed: int
    test: str = field(default="", compare=False)

    @property
    def world(self) -> tuple[str, str, int]:
        """Drill, seed as logs' rows have it, and level."""
        return self.drill, str(self.seed), self.level

    def to_dict(self) -> dict[str, Any]:
        """The task as a start has it."""
        test = {"test": self.test} if self.test else {}
        return {"drill": self.drill, "level": self.level, "seed": self.seed, **test}


@dataclass(frozen=True, kw_only=True)
class Start:
    """What one learner of a class starts from; *tasks* in the order in which they are to be played."""

    class_name: str
    learner: str
    key: str
    tasks: tuple[Task, ...]
    opens: str = ""
    closes: str = ""

    @cached_property
    def secret(self) -> bytes:
        """The key that signs the attempts."""
        return bytes.fromhex(self.key)

    def to_dict(self) -> dict[str, Any]:
        """The `drilllib/start/1` document."""
        dates = {name: text for name, text in (("opens", self.opens), ("closes", self.closes)) if text}
        tasks = [each.to_dict() for each in self.tasks]
        told = {"schema": SCHEMA, "class": self.class_name, "learner": self.learner, "key": self.key}
        return {**told, **dates, "tasks": tasks}

    def due(self, played: Collection[Played], drill: str | None = None) -> Task | None:
        """
        The first task, of one *drill* where that is named, that was not played to its end; none of a drill that was
        passed, but in a test, which has to be played as a whole before anything that comes after it. None where nothing
        is left.
        """
        met = {(each.drill, each.seed, each.level) for each in played}
        tasks = {each.world: each for each in self.tasks}
        won = (tasks.get((each.drill, each.seed, each.level)) for each in played if each.passed)
        passed = {each.drill for each in won if each and not each.test}
        left = [each for each in self.tasks if each.world not in met and (each.test or each.drill not in passed)]
        return next((each for each in left if each.test == left[0].test and drill in (None, each.drill)), None)

    def next_task(self, played: Collection[Played], drill: str | None, now: str) -> Task | None:
        """
        The task to play next at the time *now*, of one *drill* where that is named; None where the class sets none.

        Raises:
            LabStateError: The class has not begun, or all that it sets was played.
        """
        if drill is not None and drill not in {each.drill for each in self.tasks}:
            return None
        self.require_open(now)
        found = self.due(played, drill)
        if found is None and drill is not None and self.due(played) is not None:
            raise LabStateError(
                "Something else comes first in the class {name}",
                remedy="Type drill practice without a drill's name",
                name=quoted(self.class_name),
            )
        if found is None:
            raise LabStateError(
                "Nothing is left to play of what the class {name} sets you",
                remedy="Hand in the folder; to practise on, name a drill and a seed",
                name=quoted(self.class_name),
            )
        return found

    def require_open(self, now: str) -> None:
        """Raises LabStateError where the class has not begun at the time *now*, as a log has it."""
        if self.opens and moment(now) < moment(self.opens):
            raise LabStateError(
                "The class {name} opens at {time}",
                remedy="Come back then",
                name=quoted(self.class_name),
                time=self.opens,
            )


def start_beside(folder: Path) -> Start | None:
    """
    The start in a folder of logs; None where there is none.

    Raises:
        InvalidInputError: It cannot be read, or is not as it was handed out.
    """
    path = folder / START
    return read_start(path) if path.is_file() else None


def is_tested(folder: Path, header: Header) -> bool:
    """Is the world in a test that the start in a folder of logs sets?"""
    start = start_beside(folder)
    played = Task(header.drill, header.level, header.seed)
    return start is not None and any(each.test and each == played for each in start.tasks)


def read_start(path: Path) -> Start:
    """The start in a file; see `start_beside` for the error."""
    document = files.read_json(str(path))
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise InvalidInputError("{path} is no start of a class", remedy=_AGAIN, path=quoted(str(path)))
    require_shape(document, _SHAPE, "start")
    try:
        for text in (document.get("opens"), document.get("closes")):
            moment(text or "2000-01-01T00:00:00Z")
        bytes.fromhex(document["key"])
    except ValueError:
        raise InvalidInputError(
            "{path} has a key or a date that is none", remedy=_AGAIN, path=quoted(str(path))
        ) from None
    return Start(
        class_name=document["class"],
        learner=document["learner"],
        key=document["key"],
        tasks=tuple(
            Task(each["drill"], each["level"], each["seed"], each.get("test") or "") for each in document["tasks"]
        ),
        opens=document.get("opens") or "",
        closes=document.get("closes") or "",
    )


def moment(text: str) -> datetime:
    """A time such as 2026-11-30T04:00:00Z. Raises ValueError where it is none, or says no zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found
