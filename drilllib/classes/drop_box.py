"""
A box that learners' logs are sent to: what is taken is signed with the key of somebody in the class, line by line.

Only whole logs are taken; each is on the disk before the sender hears so. What a log is worth is not judged here.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock

from drilllib.classes.handed_in import LARGEST, keep
from drilllib.classes.place import Place
from drilllib.core.practice.signed import first_broken, parted
from drilllib.errors import DrillError, Message
from drilllib.practice.log import attempt_in

MOST_LOGS = 1000  # of a learner; an attempt that is sent after every action has some fifty


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told: an HTTP *status*, 200 or 201 where the log is kept, and a sentence."""

    status: int
    told: Message


class DropBox:
    """Takes logs for a class; any number of threads may use it."""

    def __init__(self, place: Place) -> None:
        self._place, self._lock = place, Lock()

    def take(self, data: bytes) -> Answer:
        """Keep a log, or say why it is not kept."""
        if not data.strip() or len(data) > LARGEST:
            return Answer(413 if data.strip() else 400, Message("Send one log of an attempt, as it was written"))
        lines = data.splitlines(keepends=True)
        if not lines[-1].endswith(b"\n") and not parted(lines[-1])[1]:
            return Answer(422, Message("The log ends in the middle of a line: send it once more"))
        learner = self._signer(lines)
        if not learner:
            return Answer(403, Message("The log is not signed by the start of anybody in this class"))
        broken = first_broken(self._key(learner), lines)
        if broken is not None:
            return Answer(422, Message("Line {line} is not as it was signed", line=broken + 1))
        return self._kept(learner, data)

    def _signer(self, lines: list[bytes]) -> str:
        """The learner that the first line names, where it is signed with that learner's key."""
        try:
            learner = attempt_in(lines[0], "log").header.learner
        except DrillError:
            return ""
        known = learner in self._place.plan.learners
        return learner if known and first_broken(self._key(learner), lines[:1]) is None else ""

    def _key(self, learner: str) -> bytes:
        return bytes.fromhex(self._place.secret.key(learner))

    def _kept(self, learner: str, data: bytes) -> Answer:
        with self._lock:
            if self._count(learner) >= MOST_LOGS:
                return Answer(429, Message("{most} logs of yours are here already: ask who teaches", most=MOST_LOGS))
            try:
                is_new = keep(self._place, learner, data, safe=True)
            except DrillError:
                return Answer(507, Message("The log cannot be kept now: send it once more later"))
        return Answer(201, Message("Taken")) if is_new else Answer(200, Message("It was handed in before"))

    def _count(self, learner: str) -> int:
        with suppress(OSError):
            return len(os.listdir(self._place.handed_in / learner))
        return 0
