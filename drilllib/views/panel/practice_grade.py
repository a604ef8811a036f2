"""The four cards of a grade, for the page of practice."""

from drilllib.core.practice.grade import Grade
from drilllib.core.practice.reasons import Part
from drilllib.errors import printable
from drilllib.views.panel.practice_messages import GradeState, PartState
from drilllib.views.phrases.catalog import say
from drilllib.views.text.grade import told_of

NEEDED = (Part.LOCALISED, Part.REPAIRED, Part.RESTRAINED)


def grade_state(grade: Grade | None, language: str, *, again: bool) -> GradeState | None:
    """The parts that have to hold, then what the looks cost, with what to do next; None before the end."""
    if grade is None:
        return None
    held = {Part.LOCALISED: grade.localised, Part.REPAIRED: grade.repaired, Part.RESTRAINED: grade.restrained}
    return {
        "passed": grade.passed,
        "verdict": _verdict(sum(held.values()), len(held), language),
        "parts": [*(_part(grade, part, holds, language) for part, holds in held.items()), _looks(grade, language)],
        "again": again,
    }


def _verdict(count: int, total: int, language: str) -> str:
    if count == total:
        return say(language, "practice_panel.passed")
    return say(language, "practice_panel.not_passed", count=count, total=total)


def _part(grade: Grade, part: Part, holds: bool, language: str) -> PartState:
    return {
        "title": say(language, f"practice_panel.part_{part}"),
        "look": "ok" if holds else "no",
        "word": say(language, "practice_panel.holds" if holds else "practice_panel.fails"),
        "lines": _lines(grade, part, language),
    }


def _looks(grade: Grade, language: str) -> PartState:
    """
    What the looks cost is told, and is no part of passing. It stands beside the best plan only where both found the
    cause for certain: who has guessed has spent less, and who has not passed has not found it.
    """
    if grade.best is None or not grade.passed or grade.looks < grade.best:
        title = say(language, "practice_panel.looks_spent", count=grade.looks)
    else:
        title = say(language, "practice_panel.looks_best", count=grade.looks, best=grade.best)
    told = [*_lines(grade, Part.LOOKS, language), *_lines(grade, Part.NEXT, language)]
    return {"title": title, "look": "plain", "word": "", "lines": [say(language, "practice_panel.looks_told"), *told]}


def _lines(grade: Grade, part: Part, language: str) -> list[str]:
    return [printable(each) for each in told_of(grade, part, language)]
