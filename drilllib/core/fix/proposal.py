"""A proposal: what to change, and what that lets in besides; and the snapshot after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drilllib.core.fix.group_orders import Orders
from drilllib.core.fix.steps import Step
from drilllib.core.reach.clients import ClientClass
from drilllib.core.rules.edits import Change, Edit
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.boxes import blocks_of, boxes
from drilllib.core.sets.flowsets import FlowSet
from drilllib.core.snapshot.edits import with_binding, with_changes
from drilllib.core.snapshot.snapshot import Snapshot

InterfaceSide = tuple[str, Direction]  # a resource's id and a direction


@dataclass(frozen=True, slots=True)
class Admission:
    """Clients whom *targets* newly admit where they come through the CLB's listener, beside those asked for."""

    balancer: str
    listener: str  # as in 80/TCP, or 80/HTTP loc-lab00001
    targets: tuple[str, ...]
    clients: FlowSet
    everyone: bool  # the CLB has no groups, and admits all

    def to_dict(self) -> dict[str, Any]:
        """All fields, the clients as CIDR blocks."""
        named = {"balancer": self.balancer, "listener": self.listener, "targets": list(self.targets)}
        return {**named, "clients": list(blocks_of(self.clients)), "everyone": self.everyone}


@dataclass(frozen=True, slots=True)
class Proposal:
    """
    *steps*, then *changes* of rules, and what both newly accept beside what was asked for, by interface and direction.

    *orders* are the groups in their new order, by resource; *admits* tells whom pass-to-target lets in, *lost* what is
    accepted no longer; *after* how the intended clients fare with it. *only_if* is the port that has to be meant.
    """

    changes: tuple[Change, ...]
    collateral: Mapping[InterfaceSide, FlowSet]
    steps: tuple[Step, ...] = ()
    orders: Orders = field(default_factory=dict)
    admits: tuple[Admission, ...] = ()
    lost: Mapping[InterfaceSide, FlowSet] = field(default_factory=dict)
    only_if: int | None = None
    after: tuple[ClientClass, ...] = field(default=(), compare=False, repr=False)
    start: Snapshot | None = field(default=None, compare=False, repr=False)
    """The snapshot after those steps that are no orders of groups; None where there are none."""

    @property
    def cost(self) -> tuple[int, int, int]:
        """Edits, flows of collateral, and rules that go; the smallest is the best."""
        gone = sum(each.edit is not Edit.INSERT for each in self.changes)
        beside = sum(each.size for each in self.collateral.values())
        beside += sum(each.clients.size * len(each.targets) for each in self.admits)
        return len(self.changes) + len(self.steps), beside, gone

    @property
    def is_of_groups(self) -> bool:
        """Does it change nothing but rules and the order of groups?"""
        return len(self.steps) == len(self.orders)

    def made(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot after it."""
        found = self.start or snapshot
        for resource, groups in self.orders.items():
            found = with_binding(found, resource, groups)
        return with_changes(found, self.changes)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "steps": [each.to_dict() for each in self.steps],
            "changes": [each.to_dict() for each in self.changes],
            "collateral": _boxes(self.collateral),
            "lost": _boxes(self.lost),
            "admits": [each.to_dict() for each in self.admits],
            "only_if_port": self.only_if,
        }


def _boxes(flows: Mapping[InterfaceSide, FlowSet]) -> list[dict[str, Any]]:
    found = ((spot, box) for spot, each in flows.items() for box in boxes(each))
    return [{"interface": name, "direction": direction, **box.to_dict()} for (name, direction), box in found]
