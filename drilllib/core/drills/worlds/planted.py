"""A fault in a scene, and the cause that it will be called once the scene is written out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from drilllib.core.drills.worlds.scene import GroupLists, marked
from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.rules.rules import Direction


class Lists(Protocol):
    """What a scene of any kind has: its groups, and which are bound where, in order."""

    @property
    def groups(self) -> Mapping[str, GroupLists]:
        """Every group by its id."""

    @property
    def bound(self) -> Mapping[str, Sequence[str]]:
        """The groups of each CLB, instance and interface."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """
    What an edit has planted. *resources*: where; of a group that drops it is the same cause wherever else it is bound.

    Of a group that drops, *mark* is that of the rule which does it; without one it is the DROP at the end of the lists
    that the interface has, or that nothing in them matches.
    """

    kind: CauseKind
    resources: tuple[str, ...]
    group: str = ""
    direction: Direction | None = None
    mark: str = ""

    def cause(self, scene: Lists) -> Cause:
        """The cause, its rule at the place where the scene has it."""
        first, *others = self.resources
        if self.direction is None:
            return Cause(kind=self.kind, resource=first, alike=tuple(others))
        bound = scene.bound[first]
        group, place = _deciding(scene, bound, self.direction, self.mark) or (self.group, None)
        return Cause(
            kind=self.kind,
            resource=first,
            group=group,
            direction=self.direction,
            rule=place,
            alike=tuple(each for each in scene.bound if each != first and _is_like(scene, first, each, group)),
            beside=tuple(each for each in bound if each != group) if place is None else (),
        )


def _is_like(scene: Lists, first: str, other: str, group: str) -> bool:
    """Is the other of the same kind, CLB, instance or interface, and is that group bound to it?"""
    return first.partition("-")[0] == other.partition("-")[0] and group in scene.bound[other]


def _deciding(scene: Lists, bound: Sequence[str], direction: Direction, mark: str) -> tuple[str, int] | None:
    """The first rule with that mark in the lists of an interface's groups, read in their order."""
    for group in bound:
        places = marked(scene.groups[group].of(direction), mark or "baseline")
        if places:
            return group, places[0]
    return None
