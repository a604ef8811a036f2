"""Grades what comes in while a board is served: soon after each log, in one thread, and never twice at once."""

import logging
from threading import Event, Thread

from drilllib.classes.grader import grade_all
from drilllib.classes.place import Place
from drilllib.errors import DrillError

LOG = logging.getLogger("drilllib.classes")
PATIENCE_S = 1.0  # for a grade that is on its way; whatever is cut off is graded by the next one
AGAIN_S = 5.0  # after which it is tried once more where somebody else was grading, or could not


class Regrade:
    """A grader in the background, between `with` and its end; `wake` tells it that something is new."""

    def __init__(self, place: Place) -> None:
        self._place, self._new, self._ends = place, Event(), False
        self._thread = Thread(target=self._run, daemon=True, name="drilllib-regrade")

    def wake(self) -> None:
        """Something was handed in."""
        self._new.set()

    def __enter__(self) -> "Regrade":
        self._new.set()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends = True
        self._new.set()
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        wait: float | None = None
        while True:
            self._new.wait(wait)
            if self._ends:
                return
            self._new.clear()
            wait = None if self._graded() else AGAIN_S

    def _graded(self) -> bool:
        try:
            grade_all(self._place, workers=1)
        except DrillError as error:
            LOG.warning("%s", error)
            return False
        return True
