"""
What one log that was handed in is worth: the learner's own, as it was written, at a world that was set, and passed?

Whatever is wrong with a log, the answer is a `Verdict`, and never an error: the class goes on.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any

from drilllib.classes.handed_in import LARGEST, HandedIn
from drilllib.classes.labels import labelled
from drilllib.classes.plan import Plan
from drilllib.classes.secret import Secret
from drilllib.core.practice.attempt import Attempt
from drilllib.core.practice.replay import require_world
from drilllib.core.practice.signed import first_broken, parted
from drilllib.core.practice.worth import worth
from drilllib.errors import DrillError
from drilllib.practice.log import attempt_in
from drilllib.practice.start import Task
from drilllib.practice.worlds import Worlds

SHORT = 8  # hexadecimal digits of each line's MAC that are kept, to tell which logs begin alike


class Standing(StrEnum):
    """What a log is. Those that are graded or unfinished are the learner's own attempts; the others do not count."""

    GRADED = "graded"
    UNFINISHED = "unfinished"
    UNGRADED = "ungraded"  # the engine cannot tell, or its world is another one now
    CUT_OFF = "cut_off"  # in the middle of its last line
    UNSIGNED = "unsigned"
    FORGED = "forged"  # signed with a key that is nobody's in the class
    COPIED = "copied"  # signed with another learner's key
    EDITED = "edited"
    MISSING = "missing"  # lines are left out in the middle
    REORDERED = "reordered"
    REPEATED = "repeated"
    NO_LOG = "no_log"
    NOT_SET = "not_set"  # a world that is not the learner's task
    DAMAGED = "damaged"  # otherwise than when it was handed in


OWN = (Standing.GRADED, Standing.UNFINISHED, Standing.CUT_OFF)  # attempts of the learner's own, whether they count


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    One log as it was judged. *line* is where it is not as it was signed, from 1; *other* whose it is; *told* an error's
    text. *stated* and *true* are causes by kind and place. *macs* has `SHORT` digits a line.
    """

    learner: str
    log: str
    standing: Standing
    line: int = 0
    other: str = ""
    told: str = ""
    drill: str = ""
    level: int = 0
    seed: str = ""
    started: str = ""
    ended: str = ""
    localised: bool = False
    repaired: bool = False
    restrained: bool = False
    passed: bool = False
    spent: int = 0
    hints: int = 0
    stated: str = ""
    true: str = ""
    macs: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """A finished attempt of the learner's own at a world that is set, as it was signed: only its grade is not known."""

    learner: str
    log: str
    told: Mapping[str, Any]
    attempt: Attempt

    def graded(self, worlds: Worlds) -> Verdict:
        """What it is worth. No key is needed for that, so that it can be found anywhere."""
        try:
            found = {**self.told, **_worth(self.attempt, worlds)}
        except Exception as error:
            found = _failed(error)
        return Verdict(learner=self.learner, log=self.log, **found)


def _failed(error: Exception) -> dict[str, Any]:
    """A bug of ours, or no memory: of one log, not of the class."""
    return {"standing": Standing.UNGRADED, "told": f"{type(error).__name__}: {error}"}


class Judge:
    """Judges the logs of a class."""

    def __init__(self, plan: Plan, secret: Secret) -> None:
        self._plan, self._secret, self._worlds = plan, secret, Worlds()
        self._set: dict[str, frozenset[Task]] = {}  # what is set to a learner

    def judged(self, log: HandedIn) -> Verdict:
        """What that log is worth."""
        found = self.examined(log)
        return found if isinstance(found, Verdict) else found.graded(self._worlds)

    def examined(self, log: HandedIn) -> Verdict | Examined:
        """What that log is, but for its grade."""
        try:
            found = self._examined(log)
        except Exception as error:
            found = _failed(error)
        return found if isinstance(found, Examined) else Verdict(learner=log.learner, log=log.digest, **found)

    def _examined(self, log: HandedIn) -> dict[str, Any] | Examined:
        with log.path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if sha256(data).hexdigest() != log.digest:
            return {"standing": Standing.DAMAGED}
        lines = data.splitlines(keepends=True)
        is_cut = not lines[-1].endswith(b"\n") and not parted(lines[-1])[1]
        whole = lines[:-1] if is_cut else lines
        broken = self._broken(log.learner, whole)
        if broken:
            return broken
        try:
            attempt = attempt_in(b"".join(whole), log.path.name)
        except DrillError as error:
            return {"standing": Standing.NO_LOG, "told": str(error)}
        told, header = _told(attempt, whole), attempt.header
        if Task(header.drill, header.level, header.seed) not in self._tasks_of(log.learner):
            return {**told, "standing": Standing.NOT_SET}
        if not attempt.finished:
            cut = {"standing": Standing.CUT_OFF, "line": len(lines)} if is_cut else {"standing": Standing.UNFINISHED}
            return {**told, **cut}
        return Examined(log.learner, log.digest, told, attempt)

    def _tasks_of(self, learner: str) -> frozenset[Task]:
        if learner not in self._set:
            self._set[learner] = frozenset(self._secret.tasks(self._plan, learner))
        return self._set[learner]

    def _broken(self, learner: str, lines: Sequence[bytes]) -> dict[str, Any]:
        """Where the lines are not as they were signed with the learner's key; nothing where they are."""
        place = first_broken(bytes.fromhex(self._secret.key(learner)), lines)
        if lines and place is None:
            return {}
        if not place:
            return self._of_another(learner, lines)
        return {"standing": _how(lines, place), "line": place + 1}

    def _of_another(self, learner: str, lines: Sequence[bytes]) -> dict[str, Any]:
        """Its first line is not signed with the learner's key: with whose, if anybody's?"""
        text, mac = parted(lines[0]) if lines else (b"", "")
        try:
            header = attempt_in(text, "log").header
        except DrillError as error:
            return {"standing": Standing.NO_LOG, "told": str(error)}
        told = {"drill": header.drill, "level": header.level, "seed": str(header.seed)}
        for other in dict.fromkeys(
            (header.learner, *self._owners.get(Task(header.drill, header.level, header.seed), ()))
        ):
            known = other in self._plan.learners and other != learner
            if known and mac and first_broken(bytes.fromhex(self._secret.key(other)), lines[:1]) is None:
                return {"standing": Standing.COPIED, "other": other, **told}
        if header.learner == learner and mac:
            return {"standing": Standing.EDITED, "line": 1, **told}
        return {"standing": Standing.FORGED if mac else Standing.UNSIGNED, "line": 1, **told}

    @cached_property
    def _owners(self) -> dict[Task, list[str]]:
        """Whose each world is."""
        found: dict[Task, list[str]] = {}
        for learner in self._plan.learners:
            for task in self._secret.tasks(self._plan, learner):
                found.setdefault(task, []).append(learner)
        return found


def _worth(attempt: Attempt, worlds: Worlds) -> dict[str, Any]:
    header = attempt.header
    try:
        require_world(header, worlds.digest(header))
        found = worth(attempt, worlds.yardstick(header))
    except DrillError as error:
        return {"standing": Standing.UNGRADED, "told": str(error)}
    parts = {name: getattr(found, name) for name in ("localised", "repaired", "restrained", "passed")}
    true = labelled(worlds.world(header).causes)
    stated = true if found.localised else labelled(attempt.statement)
    return {"standing": Standing.GRADED, **parts, "stated": stated, "true": true}


def _how(lines: Sequence[bytes], place: int) -> Standing:
    """What was done to the lines, of which the one at *place*, from 0, is the first that is not as it was signed."""
    macs = [parted(line)[1] for line in lines]
    numbers = [_number(line) for line in lines]
    if macs[place] and macs[place] in macs[:place]:
        return Standing.REPEATED
    if not macs[place] or numbers[place] == place:
        return Standing.EDITED
    after = Counter(numbers[place:])
    return Standing.REORDERED if after[place] else Standing.MISSING


def _number(line: bytes) -> int:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return -1
    number = found.get("n") if isinstance(found, dict) else None
    return number if isinstance(number, int) else -1


def _told(attempt: Attempt, lines: Sequence[bytes]) -> dict[str, Any]:
    """What the log says, whether it counts or not."""
    header, last = attempt.header, json.loads(lines[-1])
    return {
        "drill": header.drill,
        "level": header.level,
        "seed": str(header.seed),
        "started": header.started,
        "ended": str(last.get("at") or ""),
        "spent": attempt.spent_before,
        "hints": attempt.hints,
        "macs": "".join(parted(line)[1][:SHORT] for line in lines),
    }
