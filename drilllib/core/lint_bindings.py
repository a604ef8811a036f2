"""What the groups of a snapshot are bound to: CLBs, nodes, pods' interfaces, and how those read them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.core.lint_lists import Binding
from drilllib.core.lint_world import Reach
from drilllib.core.parts import Listener, LoadBalancer, read_listener
from drilllib.core.rules import Direction
from drilllib.core.topology import Snapshot

IPAMD = "eniipamd"  # the add-on that binds the groups of its setting to interfaces of pods [ENI-SG]
_PRIMARY = 1  # EniType of VPC 2017-03-12


@dataclass(frozen=True, slots=True)
class Place:
    """Something that groups are bound to: its id, its kind (clb, node or pod), and the groups in their order."""

    owner: str
    kind: str
    groups: tuple[str, ...]


def places_of(snapshot: Snapshot, document: Mapping[str, Any]) -> list[Place]:
    """Every place of a snapshot, which is also given as its document; places without groups are left out."""
    interfaces = document.get("network_interfaces") or ()
    primary = {each["NetworkInterfaceId"] for each in interfaces if _is_primary(each)}
    kinds = dict.fromkeys(primary | {each.instance_id for each in snapshot.nodes}, "node")
    kinds |= dict.fromkeys((each.balancer_id for each in snapshot.load_balancers), "clb")
    setting = (document.get("cluster") or {}).get("eniipamd") or {}
    listed = setting.get("securityGroups") or () if setting.get("enableSecurityGroups") else ()
    found = [Place(owner, kinds.get(owner, "pod"), groups) for owner, groups in snapshot.bound_groups().items()]
    return [each for each in (*found, Place(IPAMD, "pod", tuple(listed))) if each.groups]


def _is_primary(interface: Mapping[str, Any]) -> bool:
    return interface.get("Primary") is True or interface.get("EniType") == _PRIMARY


def bindings_of(snapshot: Snapshot, places: Iterable[Place], direction: Direction) -> list[Binding]:
    """
    Each list of groups once, with everything that has it. The egress rules of a CLB's groups are never asked [CLB-SG].

    A group that is bound twice at one place is read once there.
    """
    owners: dict[tuple[str, ...], list[str]] = {}
    for place in places:
        if not (place.kind == "clb" and direction is Direction.EGRESS):
            owners.setdefault(tuple(dict.fromkeys(place.groups)), []).append(place.owner)
    return [Binding(tuple(map(snapshot.group, names)), tuple(each)) for names, each in owners.items()]


def reach_of(snapshot: Snapshot, places: Iterable[Place]) -> Mapping[str, Reach]:
    """Where the rules of each group lead."""
    by_group: dict[str, list[Place]] = {name: [] for name in snapshot.groups}
    for place in places:
        for name in place.groups:
            by_group.setdefault(name, []).append(place)
    listeners = {each.balancer_id: listeners_of(snapshot, each) for each in snapshot.load_balancers}
    return {name: _reach(each, listeners) for name, each in by_group.items()}


def _reach(places: Sequence[Place], listeners: Mapping[str, Sequence[Listener] | None]) -> Reach:
    heard = [listeners[place.owner] for place in places if place.kind == "clb"]
    kinds = frozenset(place.kind for place in places)
    if None in heard:
        return Reach(kinds)
    every = (listener for found in heard for listener in found or ())
    return Reach(kinds, frozenset((each.transport or each.protocol, each.port) for each in every))


def listeners_of(snapshot: Snapshot, balancer: LoadBalancer) -> Sequence[Listener] | None:
    """Every listener, at layer 7 once for each forwarding rule; None where they were not read."""
    items = snapshot.listeners(balancer.balancer_id)
    if items is None:
        return None
    return [read_listener(item, rule) for item in items for rule in item.get("Rules") or (None,)]
