"""
What a list between two others opens and cuts that neither of them does.

A group's list may be read before another group's: what no rule of it matches may then be accepted or dropped further
down. So every list is judged twice, once with an accept for everything below it, once with the deny that ends all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from drilllib.core.rules.members import Directory
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction, Rule, SecurityGroup
from drilllib.core.sets.accepted import Accepted, accepted

_ALL = tuple(rule_from_text(f"ACCEPT ALL {block}") for block in ("0.0.0.0/0", "::/0"))
_BELOW = SecurityGroup("sg-below", _ALL, _ALL)


@dataclass(frozen=True, slots=True, order=True)
class Harm:
    """How many flows are *opened* that neither list lets in, and *cut* that both do; the lesser is the better."""

    opened: int = 0
    cut: int = 0

    def __add__(self, other: "Harm") -> "Harm":
        return Harm(self.opened + other.opened, self.cut + other.cut)


class Between:
    """
    Judges the lists on the way from *before* to *after*, of one direction.

    *names* is what is known of the groups and templates that rules name. Raises TooComplexError.
    """

    def __init__(
        self, before: Sequence[Rule], after: Sequence[Rule], direction: Direction, names: Directory | None = None
    ) -> None:
        self._direction, self._names = direction, names or Directory()
        self._ends = tuple(zip(self._accepted(before), self._accepted(after), strict=True))

    def harm(self, rules: Sequence[Rule]) -> Harm:
        """What *rules* open and cut."""
        found = Harm()
        for (old, new), mine in zip(self._ends, self._accepted(rules), strict=True):
            opened = mine.possible - (old.possible | new.possible)
            cut = (old.sure & new.sure) - mine.sure
            found += Harm(opened.size, cut.size)
        return found

    def _accepted(self, rules: Sequence[Rule]) -> tuple[Accepted, Accepted]:
        group = SecurityGroup("sg-between", tuple(rules), tuple(rules), self._names)
        return accepted([group], self._direction), accepted([group, _BELOW], self._direction)
