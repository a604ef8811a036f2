"""The worlds of attempts, by drill, seed and level; what is made of one is made once."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from drilllib.core.drills.worlds.drill import Drill
from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.attempt import Header
from drilllib.core.practice.could_be import candidates
from drilllib.core.practice.grade import Yardstick
from drilllib.core.practice.looks import Look
from drilllib.core.practice.plans import best_plan
from drilllib.core.practice.replay import digest
from drilllib.practice import library

KEPT = 512  # things made of worlds; a world takes some hundred KiB


class Worlds:
    """
    Makes worlds of the drills that *drill* finds by name; the latest `KEPT` things are kept.

    Every method raises UnknownNameError where there is no such drill, and InvalidInputError where it has no such level.
    """

    def __init__(self, drill: Callable[[str], Drill] = library.drill) -> None:
        self._drill = drill
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def world(self, header: Header) -> World:
        """The world that *header* names."""
        found: World = self._once("world", header, lambda: make_world(*self._named(header)))
        return found

    def candidates(self, header: Header) -> tuple[World, ...]:
        """All that the world could have been, itself the first."""
        found: tuple[World, ...] = self._once("candidates", header, lambda: candidates(*self._named(header)))
        return found

    def plan(self, header: Header) -> tuple[Look, ...]:
        """The best plan to find out what is wrong with it."""
        found: tuple[Look, ...] = self._once("plan", header, lambda: best_plan(candidates(*self._named(header))))
        return found

    def yardstick(self, header: Header) -> Yardstick:
        """The world as grades are measured by it."""
        found: Yardstick = self._once("yardstick", header, lambda: Yardstick(self.world(header)))
        return found

    def digest(self, header: Header) -> str:
        """The digest of the world as it is made now."""
        found: str = self._once("digest", header, lambda: digest(self.world(header)))
        return found

    def drill(self, name: str) -> Drill:
        """The drill of that name."""
        return self._drill(name)

    def _named(self, header: Header) -> tuple[Drill, int, int]:
        return self._drill(header.drill), header.seed, header.level

    def _once(self, what: str, header: Header, make: Callable[[], Any]) -> Any:
        key = what, header.drill, header.seed, header.level
        if key not in self._kept:
            self._kept[key] = make()
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept[key]


BUILT_IN = Worlds()


def find_world(header: Header) -> World:
    """The world of a built-in drill that *header* names; see `Worlds` for errors."""
    return BUILT_IN.world(header)
