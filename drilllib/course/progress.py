"""The learner's progress: what is on record beside their notebooks, and what the course has."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

from drilllib.core.quiz.progress import RESET, LessonProgress
from drilllib.core.quiz.progress import progress as of_events
from drilllib.course.copies import find_notebook, notebooks, older_copies
from drilllib.errors import InvalidInputError, quoted
from drilllib.lesson import record
from drilllib.lesson.quizzes import load_quiz, quiz_names
from drilllib.practice.attempts import ALL, forget, practised
from drilllib.practice.folder import COPIES, COURSE, practice_folder
from drilllib.practice.library import names as drill_names
from drilllib.views.panel.static import headless
from drilllib.views.phrases.language import language
from drilllib.views.text.progress import ProgressTable
from drilllib.views.text.scenario_map import ScenarioMap


def progress(*, reset: str | None = None, folder: str | Path | None = None, lang: str | None = None) -> ProgressTable:
    """
    A table of the lessons: what was predicted right, whether the repair was verified, and the quiz; and of practice.

    *reset* is a lesson, such as 05, that begins anew; `practice`, or the name of a drill, whose attempts count no
    more. *folder* has the learner's notebooks, by default the one that this notebook is in. *lang* is zh or en, by
    default the notebook's.

    Raises:
        UnknownNameError: There is no such lesson or drill.
        InvalidInputError: The folder has neither notebooks of the course nor attempts, or cannot be read or written.
    """
    attempts = _attempts(folder)
    of_practice = reset is not None and reset in (ALL, *drill_names())
    if reset is not None and of_practice:
        forget(attempts, reset)
        reset = None
    practice = practised(attempts)
    try:
        place = _folder(folder)
    except InvalidInputError:
        if reset is None and (practice.begun or of_practice):
            return ProgressTable((), language(lang), practice)
        raise
    if reset is not None:
        event = {"lesson": find_notebook(reset), "what": RESET, "key": "", "right": False}
        problem = record.append(place, event)
        if problem:
            raise problem
    return ProgressTable(lessons(place), language(lang), practice)


def scenario_map(*, folder: str | Path | None = None, lang: str | None = None) -> ScenarioMap:
    """
    The eleven scenarios as a table: the lists that each meets, its lessons as links, and how far you are in them.

    *folder* has the learner's notebooks, by default the one that this notebook is in; where it is in none, and where
    nobody is looking, nothing is begun. *lang* is zh or en, by default the notebook's.

    Raises:
        InvalidInputError: The folder has no notebooks of the course, or its record cannot be read.
    """
    place = record.learner_folder() if folder is None else _folder(folder)
    found = () if place is None or headless() else lessons(place)
    return ScenarioMap(language(lang), {each.lesson: each for each in found})


def lessons(folder: Path) -> tuple[LessonProgress, ...]:
    """
    How far the learner is whose notebooks are in *folder*.

    Raises:
        InvalidInputError: The record cannot be read.
    """
    questions = {name: len(load_quiz(name)) for name in quiz_names()}
    found = of_events(record.events(folder), asked=_asked(), questions=questions)
    older = older_copies(folder)
    return tuple(
        replace(each, older=tuple(name.partition("/")[0] for name in older if name.endswith(f"/{each.lesson}.ipynb")))
        for each in found
    )


def _attempts(named: str | Path | None) -> Path:
    """Where the attempts are; where there is no course at its usual place, they are in the user's data directory."""
    folder = None if named is None else Path(named).expanduser()
    if folder is not None and folder == Path(COURSE).expanduser() and not (folder / COPIES).is_file():
        folder = None
    return practice_folder(folder)


def _folder(named: str | Path | None) -> Path:
    if named is not None:
        folder = Path(named).expanduser()
        if not (folder / record.COPIES).is_file():
            raise InvalidInputError(
                "There are no notebooks of the course in {folder}",
                remedy="Open the course with drill course, or name its folder",
                folder=quoted(str(folder)),
            )
        return folder
    found = record.learner_folder()
    if found is None:
        raise InvalidInputError(
            "This notebook is in no folder of the course, so nothing is kept",
            remedy="Open the course with drill course",
        )
    return found


@cache
def _asked() -> dict[str, int]:
    """How many predictions each notebook asks for."""
    return {path.stem: _predictions_in(path) for path in notebooks()}


def _predictions_in(path: Path) -> int:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return sum("".join(cell["source"]).count(".predict(") for cell in cells if cell["cell_type"] == "code")
