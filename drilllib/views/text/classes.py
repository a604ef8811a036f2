"""A class as text: what was handed in, what logs are that do not count, and how far everybody is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drilllib.core.practice.grade import Grade
from drilllib.core.practice.reasons import Part
from drilllib.errors import Message
from drilllib.views.phrases.catalog import said, say
from drilllib.views.text.grade import part_text, told_of

MOST = 20  # logs that are listed
SHOWN = 12  # digits of a digest


def collected_text(new: int, known: int, refused: Sequence[tuple[object, Message]], language: str) -> str:
    """What became of the logs that were handed in."""
    lines = [say(language, "class.collected", new=new, known=known, refused=len(refused))]
    lines += [f"  {path}: {said(problem, language)}" for path, problem in refused[:MOST]]
    return "\n".join([*lines, *_more(len(refused), language)])


def standings_text(new: int, standings: Mapping[str, int], odd: Sequence[Mapping[str, Any]], language: str) -> str:
    """How many logs are what, and each that does not count, for what it is."""
    total = sum(standings.values())
    lines = [say(language, "class.graded", new=new, total=total)]
    lines += [f"{count:8}  {say(language, f'class.is_{name}')}" for name, count in standings.items()]
    if odd:
        lines += ["", *(f"  {_odd(each, language)}" for each in odd[:MOST])]
    return "\n".join([*lines, *_more(len(odd), language)])


def regraded_text(found: Sequence[Mapping[str, Any]], grades: Sequence[Grade | None], language: str) -> str:
    """What is graded otherwise than before, and why it is as it is now; *grades* are those of the first `MOST`."""
    lines = [say(language, "class.regraded", count=len(found))]
    for each, grade in zip(found, grades, strict=False):
        lines += [f"  {line}" for line in _regraded(each, grade, language)]
    return "\n".join([*lines, *_more(len(found), language)])


def _regraded(found: Mapping[str, Any], grade: Grade | None, language: str) -> Iterator[str]:
    """A log: as what it counted and counts, then each part that is another, with its reasons now."""
    values = {"learner": found["learner"], "log": found["log"][:SHOWN], "drill": found["drill"] or "-"}
    if "standing" in found:
        before, now = (say(language, f"class.is_{each}") for each in found["standing"])
        told = f" ({found['told']})" if found["told"] else ""
        yield say(language, "class.regraded_as", **values, engine=found["engine"], before=before, now=now) + told
        return
    for part in (each for each in Part if each in found):
        before, now = (say(language, "grade_holds" if each else "grade_fails") for each in found[part])
        named = f"{part_text(part, language)}: {before}"
        yield say(language, "class.regraded_as", **values, engine=found["engine"], before=named, now=now)
        yield from (f"  {each}" for each in (told_of(grade, part, language) if grade else ()))


def _odd(log: Mapping[str, Any], language: str) -> str:
    """One log: whose folder it came from, what it is, and where."""
    about = {"learner": log["learner"], "log": log["log"][:SHOWN], "drill": log["drill"] or "-"}
    what = say(language, f"class.is_{log['why_not'] or log['standing']}")
    if log["other"]:
        what += say(language, "class.by_other", other=log["other"])
    if log["line"]:
        what += say(language, "class.at_line", line=log["line"])
    if log["told"]:
        what += f" ({log['told']})"
    return say(language, "class.odd", what=what, **about)


def _more(count: int, language: str) -> Iterator[str]:
    if count > MOST:
        yield say(language, "class.more", count=count - MOST)
