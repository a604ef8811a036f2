"""All named edits, and the faults that a scene could have: an edit at a place in a way."""

from collections.abc import Iterator
from dataclasses import dataclass

from drilllib.core.drills.worlds.group_edits import GROUP_EDITS
from drilllib.core.drills.worlds.object_edits import OBJECT_EDITS
from drilllib.core.drills.worlds.planted import Planted
from drilllib.core.drills.worlds.scene import Scene

EDITS = {each.name: each for each in (*GROUP_EDITS, *OBJECT_EDITS)}


@dataclass(frozen=True, slots=True)
class Fault:
    """One edit, where it is made and in which way."""

    edit: str
    where: str = ""
    way: str = ""

    def plant(self, scene: Scene) -> Planted:
        """Make the mistake in the scene."""
        return EDITS[self.edit].apply(scene, self.where, self.way)

    def collides(self, other: "Fault", scene: Scene) -> bool:
        """Would the two be made at one place, or in one group's rules?"""
        if not (self.where and other.where):
            return self.where == other.where
        return scene.group_at(self.where) == scene.group_at(other.where)


def possible(scene: Scene) -> Iterator[Fault]:
    """Every fault that the scene could have."""
    for edit in EDITS.values():
        for where in edit.places:
            if edit.fits(scene, where):
                yield from (Fault(edit.name, where, way) for way in edit.ways(scene, where))
