"""
Faults between two workloads, with no load balancer on the way: the rows of the playbook's matrix below the fifth.

Each has a name that somebody would search for, one connection that has to work, and what may be open once it does:
what was open before, and *may* on top of it. `core.check.connections` holds a snapshot against that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from drilllib.core.drills.intents import RulePut
from drilllib.core.drills.networks import CLUSTER_IP, GROUPS, MYSQL, NODE_PORT, PORT, SUPER_NODES, WEB, two_workloads
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.cluster import GLOBAL_ROUTER
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import UnknownNameError, quoted

Document = dict[str, Any]
INGRESS, EGRESS = Direction.INGRESS, Direction.EGRESS
WEB_GROUP, MYSQL_GROUP, NODE_A_GROUP, NODE_B_GROUP = (GROUPS[each] for each in (WEB, MYSQL, "node-a", "node-b"))
OFFICE = "10.1.0.5"  # of a network that a dedicated line joins to the VPC
DROP_ALL = "DROP ALL 0.0.0.0/0 ALL"


class Ends(NamedTuple):
    """One connection: who asks, which door, which port."""

    source: str
    door: str
    port: int = PORT

    def __str__(self) -> str:
        return f"{self.source} → {self.door}:{self.port}"


class Place(NamedTuple):
    """A list of an interface: *resource* is its id."""

    resource: str
    direction: Direction = INGRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """
    A planted fault between two workloads.

    *rows* are those of the playbook's matrix (docs/scenarios.md), *level* 1 to 3 is how much there is to find, *cause*
    what is wrong. *ends* is the connection that fails, *also* are others that have to work. *may* is what each list may
    let through more than it does now, *keep* what of that it must not lose; *reference* is one repair that is right.
    *network* and *lists* make the snapshot: the arguments of `two_workloads`, and lists other than its healthy ones.
    """

    name: str
    rows: str
    level: int
    cause: str
    ends: Ends
    also: tuple[Ends, ...] = ()
    may: Mapping[Place, tuple[str, ...]]
    reference: tuple[RulePut, ...]
    network: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[tuple[str, Direction], tuple[str, ...]]
    keep: Mapping[Place, tuple[str, ...]] = field(default_factory=dict)

    @property
    def served(self) -> tuple[Ends, ...]:
        """Every connection that has to work."""
        return (self.ends, *self.also)

    @property
    def summary(self) -> str:
        """One line for a list."""
        return f"between workloads: {self.cause}"

    def open(self) -> Snapshot:
        """The scenario with its fault, as a new snapshot."""
        document = two_workloads(**self.network)
        for (group, direction), lines in self.lists.items():
            _put(document, group, direction, lines)
        return Snapshot(document)


def scenario(name: str) -> Scenario:
    """
    The scenario of that name.

    Raises:
        UnknownNameError: There is none.
    """
    if name not in SCENARIOS:
        raise UnknownNameError(
            "There is no scenario {name}",
            remedy="Use one of {choices}",
            name=quoted(name),
            choices=", ".join(SCENARIOS),
        )
    return SCENARIOS[name]


def _put(document: Document, group: str, direction: Direction, lines: Sequence[str]) -> None:
    policies = [{**rule_from_text(line).policy, "PolicyIndex": place} for place, line in enumerate(lines)]
    document["security_groups"][group]["SecurityGroupPolicySet"][direction.value.capitalize()] = policies


_NODES, _PODS, _ROUTED = "10.0.35.0/24", "10.0.36.0/24", "172.17.0.0/16"
_AT_MYSQL = Place("eni-mysql001")
_FROM_WEB = Place("eni-web101", EGRESS)
_AT_NODE_A, _AT_NODE_B, _FROM_NODE_A = Place("ins-nodea001"), Place("ins-nodeb001"), Place("ins-nodea001", EGRESS)
_TO_MYSQL = f"pod/{MYSQL}"

SCENARIOS: Mapping[str, Scenario] = {
    each.name: each
    for each in (
        Scenario(
            name="pod-to-pod",
            rows="6",
            level=1,
            cause="the pod's group admits the nodes, and the pod that asks has an address of its own",
            ends=Ends(f"pod/{WEB}", _TO_MYSQL),
            lists={
                (MYSQL_GROUP, INGRESS): (f"ACCEPT TCP {_NODES} {PORT}", f"ACCEPT TCP {_PODS} 80"),
                (NODE_B_GROUP, INGRESS): (),
            },
            may={_AT_MYSQL: (f"ACCEPT TCP {_PODS} {PORT}",)},
            keep={_AT_MYSQL: (f"ACCEPT TCP {_NODES} {PORT}",)},
            reference=(RulePut(MYSQL_GROUP, f"ACCEPT TCP {_PODS} {PORT}"),),
        ),
        Scenario(
            name="pod-egress",
            rows="6",
            level=2,
            cause="the egress list admits the ClusterIP, and kube-proxy has written the pod's address by then",
            ends=Ends(f"pod/{WEB}", "svc/db/mysql"),
            lists={
                (WEB_GROUP, EGRESS): ("ACCEPT TCP 0.0.0.0/0 443", f"ACCEPT TCP {CLUSTER_IP} {PORT}", DROP_ALL),
                (MYSQL_GROUP, INGRESS): (f"ACCEPT TCP {_PODS} {PORT}",),
                (NODE_B_GROUP, INGRESS): (),
            },
            may={_FROM_WEB: (f"ACCEPT TCP {_PODS} {PORT}",)},
            keep={_FROM_WEB: ("ACCEPT TCP 0.0.0.0/0 443",), _AT_MYSQL: (f"ACCEPT TCP {_PODS} {PORT}",)},
            reference=(RulePut(WEB_GROUP, f"ACCEPT TCP {_PODS} {PORT}", direction=EGRESS),),
        ),
        Scenario(
            name="nodeport",
            rows="2, 5",
            level=2,
            cause="the node admits the pod's port, and the pod the client, whom it does not see",
            ends=Ends(OFFICE, "node/node-a", NODE_PORT),
            lists={
                (NODE_A_GROUP, INGRESS): (f"ACCEPT TCP 10.1.0.0/24 {PORT}", DROP_ALL),
                (MYSQL_GROUP, INGRESS): (f"ACCEPT TCP 10.1.0.0/24 {PORT}", f"ACCEPT TCP {_PODS} {PORT}"),
                (NODE_B_GROUP, INGRESS): (),
            },
            may={
                _AT_NODE_A: (f"ACCEPT TCP 10.1.0.0/24 {NODE_PORT}",),
                _AT_MYSQL: (f"ACCEPT TCP {_NODES} {PORT}",),
            },
            keep={_AT_MYSQL: (f"ACCEPT TCP {_PODS} {PORT}",)},
            reference=(
                RulePut(NODE_A_GROUP, f"ACCEPT TCP 10.1.0.0/24 {NODE_PORT}"),
                RulePut(MYSQL_GROUP, f"ACCEPT TCP {_NODES} {PORT}"),
            ),
        ),
        Scenario(
            name="node-to-pod",
            rows="7",
            level=2,
            cause="the node's group lets nothing out to the database, and the pod's group nothing in from nodes",
            ends=Ends("node/node-a", _TO_MYSQL),
            lists={
                (NODE_A_GROUP, EGRESS): (f"DROP TCP {_PODS} {PORT}", "ACCEPT ALL 0.0.0.0/0 ALL"),
                (MYSQL_GROUP, INGRESS): (f"ACCEPT TCP {_PODS} {PORT}",),
                (NODE_B_GROUP, INGRESS): (),
            },
            may={_FROM_NODE_A: (f"ACCEPT TCP {_PODS} {PORT}",), _AT_MYSQL: (f"ACCEPT TCP {_NODES} {PORT}",)},
            keep={_AT_MYSQL: (f"ACCEPT TCP {_PODS} {PORT}",), _FROM_NODE_A: ("ACCEPT TCP 0.0.0.0/0 443",)},
            reference=(
                RulePut(NODE_A_GROUP, f"ACCEPT TCP {_PODS} {PORT}", direction=EGRESS),
                RulePut(MYSQL_GROUP, f"ACCEPT TCP {_NODES} {PORT}"),
            ),
        ),
        Scenario(
            name="super-node",
            rows="10, 11",
            level=2,
            cause="the pod's group admits the super nodes' addresses, and pods ask from their own",
            ends=Ends(f"pod/{WEB}", _TO_MYSQL),
            also=(Ends("node/node-a", _TO_MYSQL),),
            network={"on": SUPER_NODES},
            lists={
                (MYSQL_GROUP, INGRESS): (f"ACCEPT TCP 10.0.37.0/24 {PORT}",),
                (NODE_B_GROUP, INGRESS): (),
            },
            may={_AT_MYSQL: (f"ACCEPT TCP {_PODS} {PORT}", f"ACCEPT TCP {_NODES} {PORT}")},
            reference=(
                RulePut(MYSQL_GROUP, f"ACCEPT TCP {_PODS} {PORT}"),
                RulePut(MYSQL_GROUP, f"ACCEPT TCP {_NODES} {PORT}"),
            ),
        ),
        Scenario(
            name="global-router",
            rows="8",
            level=2,
            cause="the node's group admits the VPC, and pods ask from the container network",
            ends=Ends(f"pod/{WEB}", _TO_MYSQL),
            network={"network": GLOBAL_ROUTER},
            lists={(NODE_B_GROUP, INGRESS): (f"ACCEPT TCP 10.0.0.0/16 {PORT}", DROP_ALL)},
            may={_AT_NODE_B: (f"ACCEPT TCP {_ROUTED} {PORT}",)},
            keep={_AT_NODE_B: (f"ACCEPT TCP 10.0.0.0/16 {PORT}",)},
            reference=(RulePut(NODE_B_GROUP, f"ACCEPT TCP {_ROUTED} {PORT}"),),
        ),
        Scenario(
            name="global-router-node",
            rows="9",
            level=3,
            cause="the node's group lets nothing out to the container network, and the other node's admits pods alone",
            ends=Ends("node/node-a", _TO_MYSQL),
            network={"network": GLOBAL_ROUTER},
            lists={
                (NODE_A_GROUP, EGRESS): ("ACCEPT ALL 10.0.0.0/16 ALL", DROP_ALL),
                (NODE_B_GROUP, INGRESS): (f"ACCEPT TCP {_ROUTED} {PORT}", DROP_ALL),
            },
            may={_FROM_NODE_A: (f"ACCEPT TCP {_ROUTED} {PORT}",), _AT_NODE_B: (f"ACCEPT TCP {_NODES} {PORT}",)},
            keep={_FROM_NODE_A: ("ACCEPT ALL 10.0.0.0/16 ALL",), _AT_NODE_B: (f"ACCEPT TCP {_ROUTED} {PORT}",)},
            reference=(
                RulePut(NODE_A_GROUP, f"ACCEPT TCP {_ROUTED} {PORT}", direction=EGRESS),
                RulePut(NODE_B_GROUP, f"ACCEPT TCP {_NODES} {PORT}"),
            ),
        ),
    )
}
