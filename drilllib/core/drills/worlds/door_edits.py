"""Faults at the lists between two workloads: the named edits of a request's way, at the gates of a connection."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from drilllib.core.drills.worlds.door_scene import DoorScene, Gate
from drilllib.core.drills.worlds.planted import Planted
from drilllib.core.drills.worlds.scene import ANYBODY, Line
from drilllib.core.drills.worlds.world import CauseKind

Apply = Callable[[DoorScene, Gate, str], Planted]


@dataclass(frozen=True, slots=True)
class DoorFault:
    """One edit, the gate where it is made, and in which way."""

    edit: str
    where: str = ""
    way: str = ""

    def plant(self, scene: DoorScene) -> Planted:
        """Make the mistake in the scene."""
        return DOOR_EDITS[self.edit].apply(scene, scene.gate(self.where), self.way)

    def collides(self, other: "DoorFault", scene: DoorScene) -> bool:
        """Would the two be made at one gate? No two gates have a list between them."""
        return self.where == other.where


@dataclass(frozen=True, slots=True)
class DoorEdit:
    """One mistake: what *apply* does, and the *ways* that differ from what is right at a gate."""

    apply: Apply
    ways: Callable[[Gate], tuple[str, ...]]


def door_faults(scene: DoorScene) -> Iterator[DoorFault]:
    """Every fault that the scene could have."""
    for name, edit in DOOR_EDITS.items():
        for gate in scene.gates:
            yield from (DoorFault(name, gate.where, way) for way in edit.ways(gate))


def _dropped(gate: Gate, mark: str = "") -> Planted:
    return Planted(
        kind=CauseKind.GROUP, resources=gate.resources, group=gate.group, direction=gate.direction, mark=mark
    )


def _changed(scene: DoorScene, gate: Gate, change: Callable[[Line], Line]) -> Planted:
    """The rules that admit the connection, changed."""
    lines = scene.lines_at(gate)
    lines[:] = [replace(change(line), mark="") if line.mark == f"allow {gate.where}" else line for line in lines]
    return _dropped(gate)


def _wrong_source(scene: DoorScene, gate: Gate, way: str) -> Planted:
    """The rule is for somebody else: for the nodes where pods have addresses of their own, for a ClusterIP."""
    return _changed(scene, gate, lambda line: replace(line, peer=gate.peers[way]))


def _wrong_port(scene: DoorScene, gate: Gate, way: str) -> Planted:
    """The rule is for a port that packets do not have here."""
    return _changed(scene, gate, lambda line: replace(line, port=str(gate.ports[way])))


def _wrong_protocol(scene: DoorScene, gate: Gate, way: str) -> Planted:
    """The rule is for UDP."""
    return _changed(scene, gate, lambda line: replace(line, protocol="UDP"))


def _missing_rule(scene: DoorScene, gate: Gate, way: str) -> Planted:
    """Nobody has written the rule."""
    lines = scene.lines_at(gate)
    lines[:] = [line for line in lines if line.mark != f"allow {gate.where}"]
    return _dropped(gate)


def _below_drop(scene: DoorScene, gate: Gate, way: str) -> Planted:
    """The right rule stands below one that drops."""
    shapes = {
        "all": ("ALL", ANYBODY, "ALL"),
        "port": ("TCP", ANYBODY, str(gate.port)),
        "block": ("ALL", gate.peer, "ALL"),
    }
    lines = scene.lines_at(gate)
    place = next(place for place, line in enumerate(lines) if line.mark == f"allow {gate.where}")
    lines.insert(place, Line("DROP", *shapes[way], "", "planted"))
    return _dropped(gate, "planted")


def _earlier_group(scene: DoorScene, gate: Gate, way: str) -> Planted:
    """An old group that closes everything is bound before the right one."""
    for resource in gate.resources:
        scene.bound[resource].insert(0, scene.plan.spare_group)
    return _dropped(gate, "planted")


def _one_way(gate: Gate) -> tuple[str, ...]:
    return ("",)


DOOR_EDITS = {
    "wrong-source": DoorEdit(_wrong_source, lambda gate: tuple(gate.peers)),
    "wrong-port": DoorEdit(_wrong_port, lambda gate: tuple(gate.ports)),
    "wrong-protocol": DoorEdit(_wrong_protocol, _one_way),
    "missing-rule": DoorEdit(_missing_rule, _one_way),
    "below-drop": DoorEdit(_below_drop, lambda gate: ("all", "port", "block")),
    "earlier-group": DoorEdit(_earlier_group, _one_way),
}
