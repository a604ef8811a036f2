"""Repairs between two workloads that learners make and that are wrong, each with what has to be shown against it."""

from dataclasses import dataclass

from drilllib.core.drills.scenario import MYSQL_GROUP, NODE_A_GROUP, NODE_B_GROUP, WEB_GROUP
from drilllib.core.rules.rules import Direction

IN, OUT = Direction.INGRESS, Direction.EGRESS
OPEN, BELOW = "ACCEPT ALL 0.0.0.0/0 ALL", 99
Edit = tuple[str, Direction, str, int]


@dataclass(frozen=True)
class Wrong:
    """A wrong repair: rules put in, the first *aspect* that must not hold, and what is told *against* it."""

    scenario: str
    name: str
    edits: tuple[Edit, ...]
    aspect: str
    against: str


def put(group: str, line: str, direction: Direction = IN, place: int = 0) -> Edit:
    """One rule at a place of a list; `BELOW` is the bottom."""
    return group, direction, line, place


POD_A, POD_B = "TCP web-1 10.0.36.11 → 198.51.100.7", "TCP 198.51.100.7 → mysql-0 10.0.36.12"
NODE_A, NODE_B = "TCP 198.51.100.7 → node-a 10.0.35.11", "TCP 198.51.100.7 → node-b 10.0.35.12"
A_TO_B, TO_SERVICE = "pod/shop/web-1 → pod/db/mysql-0:3306", "pod/shop/web-1 → svc/db/mysql:3306"
NODE_TO_B, TO_NODEPORT = "node/node-a → pod/db/mysql-0:3306", "10.1.0.5 → node/node-a:30306"
PODS, NODES, ROUTED = "10.0.36.0/24", "10.0.35.0/24", "172.17.0.0/16"


def _pod_to_pod() -> list[Wrong]:
    name, right = "pod-to-pod", put(MYSQL_GROUP, f"ACCEPT TCP {PODS} 3306")
    served = ("served", A_TO_B)
    return [
        Wrong(name, "nothing done", (), *served),
        Wrong(name, "everything open", (put(MYSQL_GROUP, OPEN),), "ingress", f"{POD_B}:22"),
        Wrong(name, "every source", (put(MYSQL_GROUP, "ACCEPT TCP 0.0.0.0/0 3306"),), "ingress", f"{POD_B}:3306"),
        Wrong(
            name,
            "every port",
            (put(MYSQL_GROUP, f"ACCEPT TCP {PODS} ALL"),),
            "ingress",
            "TCP 10.0.36.11 → mysql-0 10.0.36.12:22",
        ),
        Wrong(name, "the NodePort", (put(MYSQL_GROUP, f"ACCEPT TCP {PODS} 30306"),), *served),
        Wrong(name, "the node that asks", (put(MYSQL_GROUP, "ACCEPT TCP 10.0.35.11 3306"),), *served),
        Wrong(name, "the ClusterIP", (put(MYSQL_GROUP, "ACCEPT TCP 172.16.60.201 3306"),), *served),
        Wrong(name, "over UDP", (put(MYSQL_GROUP, f"ACCEPT UDP {PODS} 3306"),), *served),
        Wrong(name, "the node's group", (put(NODE_B_GROUP, f"ACCEPT TCP {PODS} 3306"),), *served),
        Wrong(name, "the asking pod's group", (put(WEB_GROUP, f"ACCEPT TCP {PODS} 3306"),), *served),
        Wrong(name, "the other direction", (put(MYSQL_GROUP, f"ACCEPT TCP {PODS} 3306", OUT),), *served),
        Wrong(name, "right, and SSH", (right, put(NODE_B_GROUP, "ACCEPT TCP 0.0.0.0/0 22")), "ingress", f"{NODE_B}:22"),
        Wrong(
            name,
            "nodes shut out",
            (right, put(MYSQL_GROUP, f"DROP TCP {NODES} 3306")),
            "kept",
            "TCP 10.0.35.11 → mysql-0 10.0.36.12:3306",
        ),
    ]


def _pod_egress() -> list[Wrong]:
    name, right, served = "pod-egress", put(WEB_GROUP, f"ACCEPT TCP {PODS} 3306", OUT), ("served", TO_SERVICE)
    return [
        Wrong(name, "nothing done", (), *served),
        Wrong(name, "everything out", (put(WEB_GROUP, OPEN, OUT),), "egress", f"{POD_A}:22"),
        Wrong(name, "to everywhere", (put(WEB_GROUP, "ACCEPT TCP 0.0.0.0/0 3306", OUT),), "egress", f"{POD_A}:3306"),
        Wrong(name, "the ClusterIP on top", (put(WEB_GROUP, "ACCEPT TCP 172.16.60.201 ALL", OUT),), *served),
        Wrong(name, "below the DROP", (put(WEB_GROUP, f"ACCEPT TCP {PODS} 3306", OUT, BELOW),), *served),
        Wrong(name, "another port", (put(WEB_GROUP, f"ACCEPT TCP {PODS} 30306", OUT),), *served),
        Wrong(name, "the other direction", (put(WEB_GROUP, f"ACCEPT TCP {PODS} 3306"),), *served),
        Wrong(name, "the node's egress", (put(NODE_A_GROUP, f"ACCEPT TCP {PODS} 3306", OUT),), *served),
        Wrong(name, "the database's ingress", (put(MYSQL_GROUP, OPEN),), *served),
        Wrong(
            name, "right, and 443 shut", (right, put(WEB_GROUP, "DROP TCP 0.0.0.0/0 443", OUT)), "kept", f"{POD_A}:443"
        ),
    ]


def _nodeport() -> list[Wrong]:
    name, served = "nodeport", ("served", TO_NODEPORT)
    node, pod = put(NODE_A_GROUP, "ACCEPT TCP 10.1.0.0/24 30306"), put(MYSQL_GROUP, f"ACCEPT TCP {NODES} 3306")
    return [
        Wrong(name, "the node alone", (node,), *served),
        Wrong(name, "the pod alone", (pod,), *served),
        Wrong(name, "everything open", (put(NODE_A_GROUP, OPEN), put(MYSQL_GROUP, OPEN)), "ingress", f"{NODE_A}:22"),
        Wrong(
            name,
            "the range of NodePorts",
            (put(NODE_A_GROUP, "ACCEPT TCP 10.1.0.0/24 30000-32767"), pod),
            "ingress",
            "TCP 10.1.0.1 → node-a 10.0.35.11:30000",
        ),
        Wrong(name, "below the DROP", (put(NODE_A_GROUP, "ACCEPT TCP 10.1.0.0/24 30306", IN, BELOW), pod), *served),
        Wrong(name, "the wrong node", (put(NODE_B_GROUP, "ACCEPT TCP 10.1.0.0/24 30306"), pod), *served),
        Wrong(name, "the client at the pod", (node, put(MYSQL_GROUP, "ACCEPT TCP 10.1.0.5 3306")), *served),
        Wrong(name, "the NodePort at the pod", (node, put(MYSQL_GROUP, f"ACCEPT TCP {NODES} 30306")), *served),
        Wrong(name, "the way out", (put(NODE_A_GROUP, "ACCEPT TCP 10.1.0.0/24 30306", OUT), pod), *served),
    ]


def _node_to_pod() -> list[Wrong]:
    name, served = "node-to-pod", ("served", NODE_TO_B)
    out, into = put(NODE_A_GROUP, f"ACCEPT TCP {PODS} 3306", OUT), put(MYSQL_GROUP, f"ACCEPT TCP {NODES} 3306")
    return [
        Wrong(name, "the way out alone", (out,), *served),
        Wrong(name, "the way in alone", (into,), *served),
        Wrong(name, "everything open", (out, put(MYSQL_GROUP, OPEN)), "ingress", f"{POD_B}:22"),
        Wrong(
            name,
            "every port of nodes",
            (out, put(MYSQL_GROUP, f"ACCEPT TCP {NODES} ALL")),
            "ingress",
            "TCP 10.0.35.11 → mysql-0 10.0.36.12:22",
        ),
        Wrong(name, "the node's ingress", (put(NODE_A_GROUP, f"ACCEPT TCP {PODS} 3306"), into), *served),
        Wrong(name, "the wrong node's egress", (put(NODE_B_GROUP, f"ACCEPT TCP {PODS} 3306", OUT), into), *served),
        Wrong(name, "below the DROP", (put(NODE_A_GROUP, f"ACCEPT TCP {PODS} 3306", OUT, BELOW), into), *served),
        Wrong(name, "another port", (put(NODE_A_GROUP, f"ACCEPT TCP {PODS} 80", OUT), into), *served),
        Wrong(
            name,
            "pods shut out",
            (out, into, put(MYSQL_GROUP, f"DROP TCP {PODS} 3306")),
            "kept",
            "TCP 10.0.36.1 → mysql-0 10.0.36.12:3306",
        ),
    ]


def _super_node() -> list[Wrong]:
    name, served, of_node = "super-node", ("served", A_TO_B), ("served", NODE_TO_B)
    pods, nodes = put(MYSQL_GROUP, f"ACCEPT TCP {PODS} 3306"), put(MYSQL_GROUP, f"ACCEPT TCP {NODES} 3306")
    return [
        Wrong(name, "nothing done", (), *served),
        Wrong(name, "pods alone", (pods,), *of_node),
        Wrong(name, "nodes alone", (nodes,), *served),
        Wrong(name, "everything open", (put(MYSQL_GROUP, OPEN),), "ingress", f"{POD_B}:22"),
        Wrong(
            name,
            "the whole VPC",
            (put(MYSQL_GROUP, "ACCEPT TCP 10.0.0.0/16 3306"),),
            "ingress",
            "TCP 10.0.128.1 → mysql-0 10.0.36.12:3306",
        ),
        Wrong(name, "a node's group", (put(NODE_B_GROUP, f"ACCEPT TCP {PODS} 3306"), nodes), *served),
        Wrong(name, "the other direction", (put(MYSQL_GROUP, f"ACCEPT TCP {PODS} 3306", OUT), nodes), *served),
        Wrong(name, "another port", (put(MYSQL_GROUP, f"ACCEPT TCP {PODS} 30306"), nodes), *served),
    ]


def _global_router() -> list[Wrong]:
    name, served = "global-router", ("served", A_TO_B)
    return [
        Wrong(name, "nothing done", (), *served),
        Wrong(name, "everything open", (put(NODE_B_GROUP, OPEN),), "ingress", f"{NODE_B}:22"),
        Wrong(
            name,
            "every port",
            (put(NODE_B_GROUP, f"ACCEPT TCP {ROUTED} ALL"),),
            "ingress",
            "TCP 172.17.0.11 → node-b 10.0.35.12:22",
        ),
        Wrong(name, "node B, as published", (put(NODE_B_GROUP, "ACCEPT TCP 10.0.35.12 ALL"),), *served),
        Wrong(name, "node A", (put(NODE_B_GROUP, "ACCEPT TCP 10.0.35.11 3306"),), *served),
        Wrong(name, "a group of pod B's", (put(MYSQL_GROUP, f"ACCEPT TCP {ROUTED} 3306"),), *served),
        Wrong(name, "a group of pod A's", (put(WEB_GROUP, OPEN, OUT),), *served),
        Wrong(name, "node A's group", (put(NODE_A_GROUP, f"ACCEPT TCP {ROUTED} 3306"),), *served),
        Wrong(name, "below the DROP", (put(NODE_B_GROUP, f"ACCEPT TCP {ROUTED} 3306", IN, BELOW),), *served),
        Wrong(name, "the other direction", (put(NODE_B_GROUP, f"ACCEPT TCP {ROUTED} 3306", OUT),), *served),
    ]


def _global_router_node() -> list[Wrong]:
    name, served = "global-router-node", ("served", NODE_TO_B)
    out, into = put(NODE_A_GROUP, f"ACCEPT TCP {ROUTED} 3306", OUT), put(NODE_B_GROUP, f"ACCEPT TCP {NODES} 3306")
    return [
        Wrong(name, "the way out alone", (out,), *served),
        Wrong(name, "the way in alone", (into,), *served),
        Wrong(
            name,
            "everything out",
            (put(NODE_A_GROUP, OPEN, OUT), into),
            "egress",
            "TCP node-a 10.0.35.11 → 198.51.100.7:22",
        ),
        Wrong(name, "everything in", (out, put(NODE_B_GROUP, OPEN)), "ingress", f"{NODE_B}:22"),
        Wrong(
            name,
            "the VPC in",
            (out, put(NODE_B_GROUP, "ACCEPT TCP 10.0.0.0/8 3306")),
            "ingress",
            "TCP 10.128.0.1 → node-b 10.0.35.12:3306",
        ),
        Wrong(name, "the wrong way round", (put(NODE_A_GROUP, f"ACCEPT TCP {ROUTED} 3306"), into), *served),
        Wrong(name, "below the DROP", (put(NODE_A_GROUP, f"ACCEPT TCP {ROUTED} 3306", OUT, BELOW), into), *served),
        Wrong(name, "pod B's group", (out, put(MYSQL_GROUP, f"ACCEPT TCP {NODES} 3306")), *served),
    ]


WRONG = [
    *_pod_to_pod(),
    *_pod_egress(),
    *_nodeport(),
    *_node_to_pod(),
    *_super_node(),
    *_global_router(),
    *_global_router_node(),
]
