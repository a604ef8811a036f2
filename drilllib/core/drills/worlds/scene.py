"""
A world in the making: its plan, and all that faults and noise change, as a few values beside it.

A scene is made healthy (`healthy_scene`), changed by noise and by faults, and written out as a snapshot once.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from drilllib.core.drills.worlds.plan import Plan
from drilllib.core.rules.rules import Direction

ANYBODY = "0.0.0.0/0"


@dataclass(frozen=True, slots=True)
class Line:
    """
    One rule of a group: *peer* a block, a group (sg-) or a template (ipm-).

    *mark* says what the rule is there for: "allow" lets the Service's clients in, "probe" its health checks, "baseline"
    is the DROP at the end of a list; a fault marks the rule that it puts in.
    """

    action: str
    protocol: str
    peer: str
    port: str
    note: str = ""
    mark: str = ""

    def policy(self, place: int) -> dict[str, Any]:
        """The rule as the vendor writes it."""
        named: dict[str, Any] = {"CidrBlock": self.peer}
        if self.peer.startswith("sg-"):
            named = {"SecurityGroupId": self.peer}
        if self.peer.startswith("ipm-"):
            named = {"AddressTemplate": {"AddressId": self.peer}}
        noted = {"PolicyDescription": self.note} if self.note else {}
        return {
            "PolicyIndex": place,
            "Protocol": self.protocol,
            "Port": self.port,
            **named,
            "Action": self.action,
            **noted,
        }


EVERYTHING = Line("ACCEPT", "ALL", ANYBODY, "ALL")
BASELINE = Line("DROP", "ALL", ANYBODY, "ALL", mark="baseline")


@dataclass(slots=True)
class GroupLists:
    """A group: what it is called, and its two lists."""

    title: str
    ingress: list[Line] = field(default_factory=list)
    egress: list[Line] = field(default_factory=lambda: [EVERYTHING])

    def of(self, direction: Direction) -> list[Line]:
        """One of the lists."""
        return self.ingress if direction is Direction.INGRESS else self.egress


@dataclass(slots=True)
class Scene:
    """
    The changeable part of a world. *bound* has the groups of each CLB, instance and interface, in order.

    *of_pods* are the groups that the add-on is set to bind to pods, none where they inherit the nodes'. *others* are
    Services that have nothing to do with the ticket.
    """

    plan: Plan
    groups: dict[str, GroupLists]
    bound: dict[str, list[str]]
    templates: dict[str, tuple[str, ...]]
    target_port: int
    listener_port: int
    policy: str
    of_pods: tuple[str, ...]
    others: tuple[Plan, ...] = ()
    selected: bool = True
    ready: bool = True
    weight: int = 10
    stopped: frozenset[str] = frozenset()

    def copied(self) -> "Scene":
        """Another scene of the same plan, to change without changing this one."""
        other = copy(self)
        other.groups = {
            name: GroupLists(each.title, list(each.ingress), list(each.egress)) for name, each in self.groups.items()
        }
        other.bound = {name: list(each) for name, each in self.bound.items()}
        other.templates = dict(self.templates)
        return other

    def resources(self, where: str) -> tuple[str, ...]:
        """The interfaces at one place of a request's way: clb, node (those that the CLB sends to) or pod."""
        if where == "clb":
            return (self.plan.balancer,)
        if where == "node":
            return tuple(each.instance for each in self.plan.fronts)
        return tuple(each.interface for each in self.plan.replicas)

    def group_at(self, where: str) -> str:
        """The group that is meant to let the Service's clients in there."""
        plan = self.plan
        return {"clb": plan.clb_group, "node": plan.node_group}.get(where) or (
            plan.node_group if plan.base.inherits else plan.pod_group
        )

    def port_at(self, where: str) -> int:
        """The port that packets of the Service have there, once it is healthy."""
        plan = self.plan
        return {"clb": plan.port, "node": plan.node_port}.get(where, plan.pod_port)

    def peers_at(self, where: str) -> tuple[str, ...]:
        """From where packets of the Service come there: the clients' blocks, or the nodes' subnet."""
        plan = self.plan
        if where == "pod" and not plan.base.direct and not plan.base.local:
            return (plan.node_subnet,)
        return (plan.template,) if plan.base.template == where else plan.served

    def allow_at(self, where: str) -> tuple[Line, ...]:
        """The rules that let the Service's clients in there."""
        notes = {"clb": "clients", "node": "NodePort", "pod": "pods"}
        port = f"{self.plan.pod_port},{self.plan.idle_port}" if where == "pod" else str(self.port_at(where))
        return tuple(
            Line("ACCEPT", self.plan.transport, peer, port, notes[where], f"allow {where}")
            for peer in self.peers_at(where)
        )


def marked(lines: Iterable[Line], mark: str) -> list[int]:
    """The places of the rules that carry that mark."""
    return [place for place, line in enumerate(lines) if line.mark == mark]
