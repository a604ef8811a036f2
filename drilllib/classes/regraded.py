"""
What this version of drilllib grades otherwise than the one before it; each grade is kept with the version that gave it.

A log does not change, so another grade is the engine's doing: another reading of rules, or another world of a seed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drilllib.classes.judge import Verdict
from drilllib.classes.place import Place
from drilllib.classes.store import Store
from drilllib.core.practice.grade import Grade, grade
from drilllib.errors import DrillError
from drilllib.practice import log
from drilllib.practice.folder import LOG
from drilllib.practice.worlds import Worlds

PARTS = ("localised", "repaired", "restrained")
_COMPARED = ("standing", *PARTS)


@dataclass(frozen=True, slots=True)
class Regraded:
    """A log that was one thing by the version *engine*, and is another *now*."""

    engine: str
    before: Verdict
    now: Verdict

    @property
    def differs(self) -> tuple[str, ...]:
        """What is another now: the standing, or parts of the grade."""
        return tuple(name for name in _COMPARED if getattr(self.before, name) != getattr(self.now, name))

    def to_dict(self) -> dict[str, Any]:
        """What each of these was, and is."""
        values = {name: [getattr(self.before, name), getattr(self.now, name)] for name in self.differs}
        named = {"learner": self.now.learner, "log": self.now.log, "drill": self.now.drill}
        return {**named, "engine": self.engine, **values, "told": self.now.told}


def regraded(store: Store) -> Iterator[Regraded]:
    """Every log that is graded otherwise now, by learner; against the newest other version that has graded it."""
    before = _newest(store)
    for now in store.verdicts():
        engine, was = before.get((now.learner, now.log), ("", now))
        found = Regraded(engine, was, now)
        if found.differs:
            yield found


def _newest(store: Store) -> Mapping[tuple[str, str], tuple[str, Verdict]]:
    found = dict[tuple[str, str], tuple[str, Verdict]]()
    for engine, was in store.earlier():
        key = was.learner, was.log
        if key not in found or _order(engine) > _order(found[key][0]):
            found[key] = engine, was
    return found


def _order(version: str) -> tuple[tuple[int, str], ...]:
    """Versions in their order: 0.10.0 is newer than 0.9.1."""
    return tuple((int(each) if each.isdecimal() else -1, each) for each in version.split("."))


def grade_now(place: Place, verdict: Verdict) -> Grade | None:
    """The grade with its reasons; None where there is none any more."""
    path: Path = place.handed_in / verdict.learner / f"{verdict.log}{LOG}"
    try:
        attempt = log.read(path)
        return grade(attempt, Worlds().yardstick(attempt.header))
    except DrillError:
        return None
