"""The pages of a class's board where it is served: what was graded is read again, so that they are as it is now."""

import time
from collections.abc import Callable, Sequence
from threading import Lock

from drilllib.classes.attempts import played
from drilllib.classes.place import Place
from drilllib.classes.progress import page_document
from drilllib.classes.store import Store
from drilllib.classes.tally import Counted, counted
from drilllib.practice.worlds import Worlds
from drilllib.views.html.board import Shown, board_html
from drilllib.views.html.learner import learner_html
from drilllib.views.panel.assets import script

LEAST_S = 1.0  # between two readings of the grades
SHARE = 10  # readings, and pages made of them, take at most one part in so many of the time


class BoardPages:
    """Makes them; any number of threads may ask. *clock* tells seconds."""

    def __init__(self, place: Place, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._place, self._clock, self._lock = place, clock, Lock()
        self._logs: Sequence[Counted] = ()
        self._until = float("-inf")
        self._made: dict[tuple[object, ...], str] = {}
        self._worlds, self._script = Worlds(), script("board.js")

    def board(self, language: str, first: int = 0) -> str:
        """The board's page, its learners from *first* on."""
        with self._lock:
            logs = self._read()
            return self._once(("board", language, first), lambda: self._board(logs, language, first))

    def learner(self, learner: str, language: str) -> str | None:
        """A learner's attempts, step by step; None where there is no such learner."""
        if learner not in self._place.plan.learners:
            return None
        with self._lock:
            theirs = [each for each in self._read() if each.verdict.learner == learner]
            return self._once((learner, language), lambda: self._learner(learner, theirs, language))

    def _board(self, logs: Sequence[Counted], language: str, first: int) -> str:
        document = page_document(self._place.plan, logs)
        return board_html(Shown(document=document, language=language, script=self._script, first=first))

    def _learner(self, learner: str, logs: Sequence[Counted], language: str) -> str:
        attempts = list(played(self._place, logs, language, self._worlds))
        return learner_html(learner, attempts, language, self._script)

    def _read(self) -> Sequence[Counted]:
        """
        What was graded, as it was a moment ago at most; pages made of something else are forgotten.

        Raises:
            InvalidInputError: The grades cannot be read.
        """
        begun = self._clock()
        if begun >= self._until:
            with Store(self._place.grades) as store:
                logs = list(counted(self._place.plan, store.verdicts()))
            if logs != self._logs:
                self._logs = logs
                self._made.clear()
            self._until = self._clock() + max(LEAST_S, SHARE * (self._clock() - begun))
        return self._logs

    def _once(self, key: tuple[object, ...], make: Callable[[], str]) -> str:
        if key not in self._made:
            begun = self._clock()
            self._made[key] = make()
            self._until += SHARE * (self._clock() - begun)
        return self._made[key]
