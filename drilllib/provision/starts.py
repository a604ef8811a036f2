"""How a drill starts: the rules of its three groups, its ports and its listener; of a fault of the course."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from drilllib.core.drills.default_lab import CLB_GROUP, CLIENT_BLOCK, NODE_GROUP, NODE_PORT, NODE_SUBNET, POD_GROUP
from drilllib.core.drills.faults import FAULTS, LISTENERS, open_fault
from drilllib.errors import InvalidInputError, UnknownNameError, either, quoted
from drilllib.guard.marks import ROLES

Lists = dict[str, list[dict[str, Any]]]
GROUP_OF_ROLE = dict(zip(ROLES, (CLB_GROUP, NODE_GROUP, POD_GROUP), strict=True))
DIRECTIONS = ("Ingress", "Egress")
PORT = 80  # of the lab's listener and pod


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the load balancer, the nodes and the pod listen."""

    listener: int = PORT
    node: int = NODE_PORT
    pod: int = PORT


@dataclass(frozen=True, slots=True)
class Start:
    """
    How a drill starts: *name* says it, *lists* are the rules of each role's group, *tickets* what a learner is told, by
    language; *service* and *vip* are the names that a ticket has for the Service and its address, *client* who asks.

    *blocks* says which blocks of the rules stand for the clients, and which for the nodes of the cluster that it is
    played in: IPv4 blocks, to ``clients`` or ``nodes``.
    """

    name: str
    listener: str
    lists: Mapping[str, Lists]
    blocks: Mapping[str, str]
    ports: Ports = Ports()
    tickets: Mapping[str, str] | None = None
    service: str = ""
    vip: str = ""
    client: str = ""

    def ticket(self, language: str, service: str, address: str) -> str:
        """What a learner is told, of the Service that there is now and its address; "" of a fault of the course."""
        text = (self.tickets or {}).get(language, "")
        return text.replace(self.service, service).replace(self.vip, address) if text else ""

    def rules(self, clients: tuple[str, ...], nodes: tuple[str, ...]) -> dict[str, Lists]:
        """The lists with addresses of the place: each rule once for each block that stands for its own."""
        here = {"clients": clients, "nodes": nodes}
        return {
            role: {direction: _placed(rules, self.blocks, here) for direction, rules in lists.items()}
            for role, lists in self.lists.items()
        }


def _placed(
    rules: list[dict[str, Any]], blocks: Mapping[str, str], here: Mapping[str, tuple[str, ...]]
) -> list[dict[str, Any]]:
    found = []
    for rule in rules:
        block = str(rule.get("CidrBlock", ""))
        own = here[blocks[block]] if block in blocks else (block,)
        found += [{**rule, "CidrBlock": each} if block else dict(rule) for each in own]
    return found


@cache
def playable() -> tuple[str, ...]:
    """The faults that are nothing but rules of the three groups, and so can be made in any cluster."""
    return tuple(name for name in FAULTS if _without_rules(name) == _without_rules("healthy"))


def _without_rules(fault: str) -> dict[str, Any]:
    document = open_fault(fault).to_dict()
    for group in GROUP_OF_ROLE.values():
        document["security_groups"][group]["SecurityGroupPolicySet"] = None
    return document


def of_fault(fault: str, listener: str) -> Start:
    """
    The start of a fault of the course.

    Raises:
        UnknownNameError: There is no such fault, or it is more than rules of the three groups.
        InvalidInputError: The listener is none of HTTP and TCP.
    """
    if listener not in LISTENERS:
        raise InvalidInputError(
            "The listener is {listener}",
            remedy="Use {choices}",
            listener=quoted(listener),
            choices=either(LISTENERS),
        )
    if fault not in playable():
        raise UnknownNameError(
            "The fault {name} cannot be made in a cluster of yours" if fault in FAULTS else "There is no fault {name}",
            remedy="Use one of {choices}",
            name=quoted(fault),
            choices=", ".join(playable()),
        )
    groups = open_fault(fault).to_dict()["security_groups"]
    lists = {role: without_places(groups[group]["SecurityGroupPolicySet"]) for role, group in GROUP_OF_ROLE.items()}
    return Start(fault, listener, lists, {CLIENT_BLOCK: "clients", NODE_SUBNET: "nodes"})


def without_places(policies: Mapping[str, Any]) -> Lists:
    """Both lists of a group, without the places in them, which change with the number of rules."""
    return {
        direction: [
            {name: value for name, value in rule.items() if name not in ("PolicyIndex", "ModifyTime")}
            for rule in policies.get(direction) or ()
        ]
        for direction in DIRECTIONS
    }
