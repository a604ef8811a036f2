"""The grade of an attempt's log, whoever asks for it: `drill grade`, mastery, or a session at its end."""

from pathlib import Path

from drilllib.core.practice.attempt import Attempt
from drilllib.core.practice.grade import Grade, grade
from drilllib.core.practice.replay import require_world
from drilllib.errors import DrillError, InvalidInputError, quoted
from drilllib.practice import log
from drilllib.practice.own_drills import worlds_of
from drilllib.practice.worlds import BUILT_IN, Worlds


def graded(path: Path | str, worlds: Worlds | None = None) -> Grade:
    """
    The grade of the attempt in a log, ``-`` for standard input; a drill that is not built in is kept beside it.

    Raises:
        DrillError: It cannot be read, its world is not the same now, or nobody can tell exactly: then it has no grade.
    """
    return read_and_graded(path, worlds)[1]


def read_and_graded(path: Path | str, worlds: Worlds | None = None) -> tuple[Attempt, Grade]:
    """The attempt in a log, and its grade; see `graded` for the error."""
    attempt = log.read(path)
    try:
        return attempt, grade_of(attempt, worlds or worlds_of(Path(path).parent))
    except DrillError as error:
        raise InvalidInputError(
            "{log}: {detail}", remedy=error.remedy_message, log=quoted(str(path)), detail=error.problem_message
        ) from None


def grade_of(attempt: Attempt, worlds: Worlds = BUILT_IN) -> Grade:
    """The grade of an attempt; see `graded` for the error."""
    header = attempt.header
    require_world(header, worlds.digest(header))
    return grade(attempt, worlds.yardstick(header), worlds.plan(header))
