"""
The lists that lint judges: what one interface reads as one list, ingress or egress.

A group that is bound in several places stands in several lists, and a rule without effect is one that has none in any
of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from drilllib.core.lint.findings import NamedRule
from drilllib.core.rules.rules import Direction, Rule, SecurityGroup
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.flowsets import FlowSet, Plane
from drilllib.core.sets.grid import Box, Budget, painted
from drilllib.core.sets.rectangles import Parts, RulePosition, clip, parts_of


@dataclass(frozen=True, slots=True)
class Binding:
    """Groups in the order in which they are read, and what they are bound to: ids, none for saved groups."""

    groups: tuple[SecurityGroup, ...]
    owners: tuple[str, ...] = ()


class ReadList:
    """One list of one direction: the groups of a binding, and their rules as rectangles."""

    def __init__(self, binding: Binding, direction: Direction) -> None:
        self.groups = binding.groups
        self.owners = binding.owners
        self.direction = direction

    @cached_property
    def parts(self) -> Parts:
        """The rectangles, from the top."""
        return parts_of(self.groups, self.direction)

    @cached_property
    def spots(self) -> frozenset[RulePosition]:
        """Every rule in it."""
        return frozenset((group.group_id, index) for group in self.groups for index in range(self._length(group)))

    @cached_property
    def above_unread(self) -> frozenset[RulePosition]:
        """The rules of groups that stand above one whose list was not read."""
        unread = [place for place, group in enumerate(self.groups) if group.rules(self.direction) is None]
        above = self.groups[: unread[-1]] if unread else ()
        return frozenset((group.group_id, index) for group in above for index in range(self._length(group)))

    @cached_property
    def possible(self) -> FlowSet:
        """Whatever it may accept."""
        return accepted(self.groups, self.direction).possible

    def decided(self, plane: Plane, spot: RulePosition, budget: Budget) -> tuple[Box, ...]:
        """The flows that a rule decides on one plane, as far as it certainly matches: what rules above leave."""
        layers = []
        for where, mine in self.parts.by_spot.get(spot, ()):
            if where == plane and mine.certain:
                layers.append((mine.box, True))
                found = self.parts.meeting(plane, mine.box, self.parts.dead, budget)
                above = (part for part in found if part.certain and part.rank < mine.rank)
                layers += ((clip(part.box, mine.box), False) for part in above)
        return painted(sorted(layers, key=lambda layer: not layer[1]), budget)

    def _length(self, group: SecurityGroup) -> int:
        return len(group.rules(self.direction) or ())


class Lists:
    """
    Every list of one direction.

    A group that no binding names is judged by itself. *budget* is what all questions about them may cost together.
    """

    def __init__(
        self, bindings: Iterable[Binding], groups: Sequence[SecurityGroup], direction: Direction, budget: Budget
    ) -> None:
        self.direction = direction
        self.groups = {group.group_id: group for group in groups}
        self.budget = budget
        bound = [ReadList(binding, direction) for binding in bindings]
        named = {group.group_id for each in bound for group in each.groups}
        self.read = [*bound, *(self.home(name) for name in self.groups if name not in named)]

    def home(self, group_id: str) -> ReadList:
        """The group's own list, without any other group."""
        if group_id not in self._homes:
            self._homes[group_id] = ReadList(Binding((self.groups[group_id],)), self.direction)
        return self._homes[group_id]

    def having(self, group_id: str) -> Sequence[ReadList]:
        """The lists that the group's rules stand in."""
        return self._by_group[group_id]

    def of(self, names: Iterable[str]) -> ReadList | None:
        """The list of what exactly these groups are bound to, in this order; None where that is nothing."""
        wanted = tuple(dict.fromkeys(names))
        return next((each for each in self.read if tuple(group.group_id for group in each.groups) == wanted), None)

    def rule(self, spot: RulePosition) -> Rule:
        """The rule at that place."""
        group_id, index = spot
        return (self.groups[group_id].rules(self.direction) or ())[index]

    def rules(self) -> Iterator[tuple[RulePosition, Rule]]:
        """Every rule of every group, with its place."""
        for name, group in self.groups.items():
            yield from (((name, index), rule) for index, rule in enumerate(group.rules(self.direction) or ()))

    def named(self, spots: Iterable[RulePosition]) -> tuple[NamedRule, ...]:
        """Those rules, ready to be spoken of."""
        return tuple(NamedRule(group, self.direction, index, self.rule((group, index)).text) for group, index in spots)

    @cached_property
    def _homes(self) -> dict[str, ReadList]:
        return {}

    @cached_property
    def _by_group(self) -> Mapping[str, Sequence[ReadList]]:
        found: dict[str, list[ReadList]] = {}
        for each in self.read:
            for group in each.groups:
                found.setdefault(group.group_id, []).append(each)
        return found
