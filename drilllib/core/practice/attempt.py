"""An attempt at a world as data: who played what, and every action in its order. `drilllib.practice.log` keeps it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.core.drills.worlds.world import Cause
from drilllib.core.practice.looks import Look

SCHEMA = "drilllib/attempt/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """
    What is played: *world* is the digest of what drill, seed and level made, *engine* drilllib's version then. *named*:
    who plays has chosen the drill by its name, which it is no secret for. *learner*: who plays it, in a class.
    """

    drill: str
    seed: int
    level: int
    engine: str
    world: str
    started: str
    named: bool = False
    learner: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The first line of a log."""
        named = {"drill": self.drill, "seed": self.seed, "level": self.level, "engine": self.engine}
        chosen = {"named": True} if self.named else {}
        learner = {"learner": self.learner} if self.learner else {}
        return {"schema": SCHEMA, **named, "world": self.world, "started": self.started, **chosen, **learner}


@dataclass(frozen=True, slots=True)
class Looked:
    """A look was taken, for that price."""

    look: Look
    price: int


@dataclass(frozen=True, slots=True)
class Hinted:
    """A hint was taken: the *rung* of the ladder, from 1."""

    rung: int
    price: int


@dataclass(frozen=True, slots=True)
class Stated:
    """The causes were stated; none of them says that nothing is wrong."""

    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """
    The lab was changed: RFC 6902 operations on the snapshot's document; *number* is that of the action.

    *by_lab*: nobody did it; the lab began so, as one with machines of its own may.
    """

    number: int
    patch: Sequence[Mapping[str, Any]]
    by_lab: bool = False


@dataclass(frozen=True, slots=True)
class Probed:
    """A request was sent to see what has become of it."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who plays was told how everything is set, which looks would have cost: the statement stands from then on."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The attempt is over."""


Action = Looked | Hinted | Stated | Changed | Probed | Told | Finished


@dataclass(frozen=True, slots=True)
class Attempt:
    """A log as it was read."""

    header: Header
    actions: tuple[Action, ...] = ()

    @property
    def finished(self) -> bool:
        """Was it ended by who plays?"""
        return any(isinstance(each, Finished) for each in self.actions)

    @property
    def diagnosing(self) -> tuple[Action, ...]:
        """The actions before the learner's first change, probe or view of the settings: those tell something, too."""
        first = next((place for place, each in enumerate(self.actions) if _ends_the_search(each)), None)
        return self.actions[:first]

    @property
    def statement(self) -> tuple[Cause, ...] | None:
        """What counts: the last statement among `diagnosing`; None where there is none."""
        stated = [each.causes for each in self.diagnosing if isinstance(each, Stated)]
        return stated[-1] if stated else None

    @property
    def statement_stands(self) -> bool:
        """Is it too late for another statement?"""
        return len(self.diagnosing) < len(self.actions)

    def is_known(self, look: Look) -> bool:
        """Was this look taken, and nothing changed since?"""
        changes = [place for place, each in enumerate(self.actions) if isinstance(each, Changed)]
        since = self.actions[changes[-1] + 1 :] if changes else self.actions
        return any(isinstance(each, Looked) and each.look == look for each in since)

    @property
    def hints(self) -> int:
        """How many hints were taken."""
        return sum(isinstance(each, Hinted) for each in self.actions)

    @property
    def spent(self) -> int:
        """What all looks and hints cost."""
        return _price(self.actions)

    @property
    def spent_before(self) -> int:
        """What looks and hints cost before the first change: to look at one's own repair is no part of the search."""
        return _price(self.diagnosing)


def _ends_the_search(action: Action) -> bool:
    return isinstance(action, Probed | Told) or (isinstance(action, Changed) and not action.by_lab)


def _price(actions: Iterable[Action]) -> int:
    return sum(each.price for each in actions if isinstance(each, Looked | Hinted))
