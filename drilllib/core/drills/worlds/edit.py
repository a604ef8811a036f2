"""What a named edit is: a mistake that can be made in a scene, where it can be made, and in which ways."""

from collections.abc import Callable
from dataclasses import dataclass

from drilllib.core.drills.worlds.planted import Planted
from drilllib.core.drills.worlds.scene import Scene

Apply = Callable[[Scene, str, str], Planted]


def _one_way(scene: Scene, where: str) -> tuple[str, ...]:
    return ("",)


@dataclass(frozen=True, slots=True)
class Edit:
    """
    One mistake: *apply* makes it in a scene, at a place and in a way, and says what it has planted.

    *places* are those where it can be made (clb, node, pod; an empty one where there is but one), if it *fits* there in
    the scene; *ways* are those that differ from what is right in the scene.
    """

    name: str
    apply: Apply
    places: tuple[str, ...]
    fits: Callable[[Scene, str], bool]
    ways: Callable[[Scene, str], tuple[str, ...]] = _one_way
