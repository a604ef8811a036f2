"""
A world from a drill, a seed and a level: the same on every machine and every Python.

What is drawn for one purpose comes from a stream of its own, named by drill, seed, level and purpose, so that another
drill, or another draw elsewhere, changes no world that there was.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

from drilllib.core.drills.worlds.bases import base_named
from drilllib.core.drills.worlds.document import document_of
from drilllib.core.drills.worlds.door_making import DoorMaking
from drilllib.core.drills.worlds.drawn import changed_to, drawn_faults, require_level
from drilllib.core.drills.worlds.draws import Draws
from drilllib.core.drills.worlds.drill import Drill
from drilllib.core.drills.worlds.edits import Fault, possible
from drilllib.core.drills.worlds.healthy import healthy_scene
from drilllib.core.drills.worlds.noise import add_noise
from drilllib.core.drills.worlds.own import Own
from drilllib.core.drills.worlds.plan import Plan, drawn_plan
from drilllib.core.drills.worlds.tickets import ticket_of, ticket_of_own
from drilllib.core.drills.worlds.world import Cause, World
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question


def make_world(drill: Drill, seed: int, level: int) -> World:
    """
    The world of that drill, seed and level.

    Raises:
        InvalidInputError: The drill is not to be played at that level, or one of its faults fits none of its worlds.
    """
    if drill.own is not None:
        return own_world(drill, drill.own, seed, level)
    made = _making(drill, seed, level)
    world: World = made.world(made.faults)
    return world


def _making(drill: Drill, seed: int, level: int) -> Any:
    """The making of what the drill is about: requests to a Service by its VIP, or connections to another door."""
    return (DoorMaking if drill.is_about_doors else Making)(drill, seed, level)


def own_world(drill: Drill, own: Own, seed: int, level: int) -> World:
    """The world of an outage that is written down, whatever the seed. See `make_world` for the error."""
    require_level(drill, level)
    return World(
        drill=drill.name,
        category=drill.category,
        seed=seed,
        level=level,
        snapshot=own.snapshot,
        reference=own.reference,
        question=own.question,
        meant=own.meant,
        served=own.served,
        causes=own.causes,
        ticket=ticket_of_own(drill, own),
    )


def candidates(drill: Drill, seed: int, level: int) -> tuple[World, ...]:
    """
    The worlds that could have been: the same, with any one fault in the place of those that it has, or none. Of a
    world that is written down see `core.practice.could_be`.

    Of several faults that are one cause there is one, the world's own where it is among them; one that would be stated
    as the world's own is left out. The world itself comes first. See `make_world` for errors.
    """
    made = _making(drill, seed, level)
    own = made.world(made.faults)
    found = {own.causes: own}
    singles = [made.world((fault,)) for fault in (*made.faults, *made.possible())]
    for other in (*singles, made.world(())):
        if not any(_is_stated_as(cause, other) for cause in own.causes):
            found.setdefault(other.causes, other)
    return tuple(found.values())


def _is_stated_as(cause: Cause, other: World) -> bool:
    """Would the other world's one cause be taken for this one, though it is not the same?"""
    return len(other.causes) == 1 and other.causes[0] != cause and cause.names(other.causes[0])


def left_with_one(drill: Drill, seed: int, level: int) -> tuple[World, ...]:
    """
    For each cause of the world, in order, the world in which every other one is mended. See `make_world`, and for one
    that is written down `Own.left_with_one`.
    """
    if drill.own is not None:
        return tuple(own_world(drill, each, seed, level) for each in drill.own.left_with_one())
    made = _making(drill, seed, level)
    return tuple(made.world((fault,)) for fault in made.faults)


class Making:
    """A world in the making: its *scene* before any fault, and the *faults* that are drawn for it."""

    def __init__(self, drill: Drill, seed: int, level: int) -> None:
        require_level(drill, level)
        self._drill, self._seed, self._level = drill, seed, level
        draws = self._draws("plan")
        plan = drawn_plan(base_named(draws.one(drill.bases)), drill.listeners, level, draws)
        self.scene = healthy_scene(plan, self._draws("rules"))
        add_noise(self.scene, self._draws("noise"))
        every = list(self.possible())
        self.faults = drawn_faults(
            drill, level, self._draws("faults"), every, lambda one, other: one.collides(other, self.scene)
        )
        self.reference = Snapshot(document_of(self.scene))
        self._question = _question(drill, plan, self._draws("request"))
        self._ticket = ticket_of(drill, plan, self._question, self._draws("ticket"))

    def possible(self) -> Iterator[Fault]:
        """Every fault that the scene could have."""
        return possible(self.scene)

    def world(self, faults: Iterable[Fault]) -> World:
        """The world with these faults in it."""
        scene, plan, drill = self.scene.copied(), self.scene.plan, self._drill
        planted = [fault.plant(scene) for fault in faults]
        return World(
            drill=drill.name,
            category=drill.category,
            seed=self._seed,
            level=self._level,
            snapshot=changed_to(self.reference, document_of(scene)) if planted else self.reference,
            reference=self.reference,
            question=self._question,
            meant=Question(service=plan.service, port=plan.port, protocol=plan.transport),
            served=plan.served,
            causes=tuple(each.cause(scene) for each in planted),
            ticket=self._ticket,
        )

    def _draws(self, purpose: str) -> Draws:
        return Draws(f"{self._drill.name}/{self._seed}/{self._level}/{purpose}")


def _question(drill: Drill, plan: Plan, draws: Draws) -> Question:
    """What the ticket's client asks."""
    request = draws.one(drill.requests)
    asked = Question(client=plan.client, service=plan.service, port=plan.port, protocol=plan.transport)
    if request == "stranger":
        block = IPv4Network(plan.near[0])
        return replace(asked, client=str(block[1 + draws.below(block.num_addresses - 2)]))
    if request == "other-port":
        return replace(asked, port=draws.one((plan.node_port, plan.port + 8000)))
    if request == "other-protocol":
        return replace(asked, protocol="UDP" if plan.transport == "TCP" else "TCP")
    return asked
