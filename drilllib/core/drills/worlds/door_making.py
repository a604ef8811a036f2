"""A world about a connection between a source and a door, from a drill, a seed and a level."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from drilllib.core.connection.question import Connection
from drilllib.core.drills.worlds.door_bases import DOOR_BASES
from drilllib.core.drills.worlds.door_document import door_document_of
from drilllib.core.drills.worlds.door_edits import DoorFault, door_faults
from drilllib.core.drills.worlds.door_plan import drawn_door_plan
from drilllib.core.drills.worlds.door_scene import add_door_noise, healthy_door_scene
from drilllib.core.drills.worlds.drawn import changed_to, drawn_faults, require_level
from drilllib.core.drills.worlds.draws import Draws
from drilllib.core.drills.worlds.drill import Drill
from drilllib.core.drills.worlds.tickets import ticket_of_door
from drilllib.core.drills.worlds.world import World
from drilllib.core.snapshot.snapshot import Snapshot


class DoorMaking:
    """A world in the making: its *scene* before any fault, and the *faults* that are drawn for it."""

    def __init__(self, drill: Drill, seed: int, level: int) -> None:
        require_level(drill, level)
        self._drill, self._seed, self._level = drill, seed, level
        draws = self._draws("plan")
        plan = drawn_door_plan(DOOR_BASES[draws.one(drill.bases)], level, draws)
        self.scene = healthy_door_scene(plan, self._draws("rules"))
        add_door_noise(self.scene, self._draws("noise"))
        every = list(self.possible())
        self.faults = drawn_faults(
            drill, level, self._draws("faults"), every, lambda one, other: one.collides(other, self.scene)
        )
        self.reference = Snapshot(door_document_of(self.scene))
        self._question = Connection(client=plan.sources[0], door=plan.door, port=plan.door_port, protocol="TCP")
        self._ticket = ticket_of_door(drill, plan, self._draws("ticket"))

    def possible(self) -> Iterator[DoorFault]:
        """Every fault that the scene could have."""
        return door_faults(self.scene)

    def world(self, faults: Iterable[DoorFault]) -> World:
        """The world with these faults in it."""
        scene, drill = self.scene.copied(), self._drill
        planted = [fault.plant(scene) for fault in faults]
        return World(
            drill=drill.name,
            category=drill.category,
            seed=self._seed,
            level=self._level,
            snapshot=changed_to(self.reference, door_document_of(scene)) if planted else self.reference,
            reference=self.reference,
            question=self._question,
            meant=replace(self._question, client=""),
            served=scene.plan.sources,
            causes=tuple(each.cause(scene) for each in planted),
            ticket=self._ticket,
        )

    def _draws(self, purpose: str) -> Draws:
        return Draws(f"{self._drill.name}/{self._seed}/{self._level}/{purpose}")
