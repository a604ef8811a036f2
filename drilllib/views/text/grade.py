"""A grade as text: passed or not, then each part with its reasons, the best plan, and what next."""

from collections.abc import Iterator
from itertools import count

from drilllib.core.facts import Fact, fact
from drilllib.core.practice.attempt import Header
from drilllib.core.practice.grade import Grade
from drilllib.core.practice.reasons import STEPS, GradeCode, Part
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import fact_text
from drilllib.views.text.columns import columns, padded
from drilllib.views.text.looks import look_text
from drilllib.views.text.mastery import category_text

_HAVE_TO_HOLD = (Part.LOCALISED, Part.REPAIRED, Part.RESTRAINED)
_MARGIN = "  "


def grade_text(grade: Grade, language: str) -> str:
    """The whole grade."""
    return terminal_text(list(_lines(grade, language)))


def graded_text(name: str, header: Header, grade: Grade, language: str) -> str:
    """The grade of one of several logs, under its name."""
    played = {"drill": header.drill, "seed": header.seed, "level": header.level}
    return terminal_text([say(language, "grade_of_log", log=name, **played), *_lines(grade, language)])


def _lines(grade: Grade, language: str) -> Iterator[str]:
    yield say(language, "grade_passed" if grade.passed else "grade_not_passed")
    width = max(columns(part_text(part, language)) for part in Part) + 2
    for part in Part:
        told = told_of(grade, part, language)
        told += [plan_text(grade, language)] if part is Part.LOOKS and grade.plan else []
        mark = _mark(grade, part, language)
        first, *others = [*([mark] if mark else []), *told]
        yield _MARGIN + padded(part_text(part, language), width) + first
        yield from (f"{_MARGIN}{' ' * width}{each}" for each in others)


def told_of(grade: Grade, part: Part, language: str) -> list[str]:
    """The reasons of a part; the steps of a repair are numbered."""
    number, told = count(1), []
    for each in grade.of(part):
        step = f"  {next(number)}. " if each.code in STEPS else ""
        told.append(step + fact_text(_named(each, language), language))
    return told


def _named(reason: Fact, language: str) -> Fact:
    """A category by its name."""
    if reason.code != GradeCode.PRACTISE:
        return reason
    return fact(GradeCode.PRACTISE, category=category_text(str(dict(reason.values)["category"]), language))


def part_text(part: Part, language: str) -> str:
    """What a part is called."""
    return say(language, f"grade_part_{part}")


def _mark(grade: Grade, part: Part, language: str) -> str:
    if part not in _HAVE_TO_HOLD:
        return ""
    return say(language, "grade_holds" if getattr(grade, part) else "grade_fails")


def plan_text(grade: Grade, language: str) -> str:
    """The looks of the best plan, in their order."""
    return say(
        language,
        "grade_plan",
        looks=say(language, "grade_plan_then").join(look_text(each, language) for each in grade.plan),
    )
