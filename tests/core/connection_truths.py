"""
Situations of the eleven scenarios, each with the answer that the documents make right; written before any engine of it.

The cluster is that of connection_scenes.py, in which everything is open but what a situation closes. *source* and
*door* are (kind, name): pod and node by name, address and vip by address, service by its ClusterIP; *port* at the door.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from connection_scenes import CLIENT, PUBLIC, listener, node_target, pod_target, scene

Change = Callable[[dict], None]
REACHED, TIMEOUT, REFUSED, LATE_504, UNDETERMINED = "reached", "timeout", "refused", "504", "undetermined"
ALL = "0.0.0.0/0"
DENY = (f"DROP ALL ALL {ALL}",)


@dataclass(frozen=True)
class Situation:
    """
    A connection with its right answer.

    *blocker* is (hop, name, direction, group, rule), the rule None where no rule matched. *honest* says that documents
    leave so much open that "undetermined" is right as well. *rows* of the matrix; none for a case asked by users.
    """

    name: str
    source: tuple[str, str]
    door: tuple[str, str]
    port: int
    outcome: str
    why: str
    network: str = "shared"
    protocol: str = "TCP"
    rules: dict = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    blocker: tuple | None = None
    honest: bool = False
    rows: tuple[int, ...] = ()

    def document(self) -> dict:
        """The snapshot."""
        found = scene(self.network, self.rules)
        for change in self.changes:
            change(found)
        return found


def targets(*found: tuple[str, str], protocol: str = "TCP") -> Change:
    """The listener leads to these: ("node", name), or ("pod", name) by direct access."""

    def change(document: dict) -> None:
        network = "global-router" if document["cluster"]["NetworkType"] == "GR" else "shared"
        made = [node_target(name) if kind == "node" else pod_target(network, name) for kind, name in found]
        document["listeners"]["lb-0"] = [listener(protocol, made)]

    return change


def http(document: dict) -> None:
    """The listener speaks HTTP, with the node behind it."""
    document["listeners"]["lb-0"] = [listener("HTTP", [node_target("node-a")])]


def passes_to_target(document: dict) -> None:
    """The CLB's targets admit what comes through it."""
    document["load_balancers"][0]["LoadBalancerPassToTarget"] = True


def attached_b(document: dict) -> None:
    """The workload of shop/b asks for an interface of the VPC."""
    pods = [item for item in document["kubernetes"] if item["kind"] == "Pod"]
    b = next(item for item in pods if item["metadata"]["name"] == "b")
    b["metadata"]["annotations"] = {"tke.cloud.tencent.com/networks": "tke-route-eni"}


def lines(name: str, direction: str, *rules: str) -> dict:
    """The rules of one direction of a group; the other one stays open."""
    return {name: {direction: rules}}


A, NEAR, B, S, T = (("pod", f"shop/{name}") for name in ("a", "near", "b", "s", "t"))
NODE_A, NODE_B = ("node", "node-a"), ("node", "node-b")
OUTSIDE, VIP = ("address", CLIENT), ("vip", PUBLIC)
DIRECT = targets(B)
GR = "global-router"


def blocked(place: tuple[str, str], direction: str, group: str | None, index: int | None = 0) -> tuple:
    """A blocker at an end of the way."""
    return (*place, direction, group if index is not None else None, index)


CLB = ("clb", "lb-0")

CLB_ROWS = [
    # 1. VPC-CNI, direct.
    Situation("1 open", OUTSIDE, VIP, 80, REACHED, "10 row 1", changes=(DIRECT,), rows=(1,)),
    Situation(
        *("1 CLB", OUTSIDE, VIP, 80, TIMEOUT, "3.3: client and listener port; 3.1"),
        rules=lines("sg-clb", "in", f"DROP TCP 80 {CLIENT}", f"ACCEPT ALL ALL {ALL}"),
        changes=(DIRECT,),
        blocker=blocked(CLB, "ingress", "sg-clb"),
        rows=(1,),
    ),
    Situation(
        *("1 pod", OUTSIDE, VIP, 80, TIMEOUT, "5.3 direct access: client, pod port; layer 4 gives a timeout, 9"),
        rules=lines("sg-pod-b", "in", f"DROP TCP 8080 {CLIENT}", f"ACCEPT ALL ALL {ALL}"),
        changes=(DIRECT,),
        blocker=blocked(B, "ingress", "sg-pod-b"),
        rows=(1,),
    ),
    Situation(
        *("1 node has no say", OUTSIDE, VIP, 80, REACHED, "5.3: node groups not involved"),
        rules=lines("sg-node-b", "in", *DENY) | lines("sg-node-a", "in", *DENY),
        changes=(DIRECT,),
        rows=(1,),
    ),
    # 2. VPC-CNI, by NodePort.
    Situation("2 open", OUTSIDE, VIP, 80, REACHED, "10 row 2", rows=(2,)),
    Situation(
        *("2 node, layer 4", OUTSIDE, VIP, 80, TIMEOUT, "3.1, 9: a TCP listener never answers 504"),
        rules=lines("sg-node-a", "in", f"DROP TCP 30080 {CLIENT}", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(NODE_A, "ingress", "sg-node-a"),
        rows=(2,),
    ),
    Situation(
        *("2 node, layer 7", OUTSIDE, VIP, 80, LATE_504, "3.1, 3.2"),
        rules=lines("sg-node-a", "in", f"DROP TCP 30080 {CLIENT}", f"ACCEPT ALL ALL {ALL}"),
        changes=(http,),
        blocker=blocked(NODE_A, "ingress", "sg-node-a"),
        rows=(2,),
    ),
    Situation(
        *("2 pod sees the node", OUTSIDE, VIP, 80, TIMEOUT, "5.3: first node's address (SNAT), pod port"),
        rules=lines("sg-pod-b", "in", "DROP TCP 8080 10.0.1.1", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(B, "ingress", "sg-pod-b"),
        rows=(2,),
    ),
    Situation(
        *("2 pod does not see the client", OUTSIDE, VIP, 80, REACHED, "9: group 3 must allow the client: CONFLICT"),
        rules=lines("sg-pod-b", "in", f"DROP ALL ALL {CLIENT}", f"ACCEPT ALL ALL {ALL}"),
        rows=(2,),
    ),
    Situation(
        *("2 node's egress", OUTSIDE, VIP, 80, TIMEOUT, "5.3: plus egress of the first node's primary ENI"),
        rules=lines("sg-node-a", "out", "DROP TCP 8080 10.0.2.2", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(NODE_A, "egress", "sg-node-a"),
        rows=(2,),
    ),
    Situation(
        *("2 pod on the target node", OUTSIDE, VIP, 80, REACHED, "5.3: delivered over the veth"),
        rules=lines("sg-pod-b", "in", *DENY),
        changes=(targets(NODE_B),),
        rows=(2,),
    ),
    # 3. Super node, direct.
    Situation(*("3 open", OUTSIDE, VIP, 80, REACHED, "10 row 3"), changes=(targets(S),), rows=(3,)),
    Situation(
        *("3 pod", OUTSIDE, VIP, 80, TIMEOUT, "6: groups apply to the pod's own ENI; timeout on layer 4"),
        rules=lines("sg-super-s", "in", "ACCEPT TCP 8080 10.0.0.0/8"),
        changes=(targets(S),),
        blocker=blocked(S, "ingress", None, None),
        rows=(3,),
    ),
    # 4. GlobalRouter, direct.
    Situation("4 open", OUTSIDE, VIP, 80, REACHED, "10 row 4", GR, changes=(DIRECT,), rows=(4,)),
    Situation(
        *("4 node", OUTSIDE, VIP, 80, TIMEOUT, "7: node group must open the POD port to clients", GR),
        rules=lines("sg-node-b", "in", f"ACCEPT TCP 30080 {ALL}"),
        changes=(DIRECT,),
        blocker=blocked(B, "ingress", None, None),
        rows=(4,),
    ),
    Situation(
        *("4 pod port is enough", OUTSIDE, VIP, 80, REACHED, "7", GR),
        rules=lines("sg-node-b", "in", f"ACCEPT TCP 8080 {CLIENT}"),
        changes=(DIRECT,),
        rows=(4,),
    ),
    # 5. GlobalRouter, by NodePort.
    Situation("5 open", OUTSIDE, VIP, 80, REACHED, "10 row 5", GR, rows=(5,)),
    Situation(
        *("5 node", OUTSIDE, VIP, 80, TIMEOUT, "7; 10: 504 follows the path in UP, not the listener", GR),
        rules=lines("sg-node-a", "in", f"ACCEPT TCP 8080 {ALL}"),
        blocker=blocked(NODE_A, "ingress", None, None),
        rows=(5,),
    ),
    Situation(
        *("5 other node, pod port", OUTSIDE, VIP, 80, TIMEOUT, "7: pod port from other nodes (SNAT)", GR),
        rules=lines("sg-node-b", "in", f"ACCEPT TCP 8080 {CLIENT}"),
        blocker=blocked(B, "ingress", None, None),
        rows=(5,),
    ),
    Situation(
        *("5 the client's pod port is not needed", OUTSIDE, VIP, 80, REACHED, "7, CONFLICT with UP", GR),
        rules=lines("sg-node-a", "in", f"ACCEPT TCP 30080 {CLIENT}")
        | lines("sg-node-b", "in", "ACCEPT TCP 8080 10.0.1.1"),
        rows=(5,),
    ),
    Situation(
        *("5 pod on the target node", OUTSIDE, VIP, 80, REACHED, "5.3, 7: pods have no ENI", GR),
        rules=lines("sg-node-b", "in", f"ACCEPT TCP 30080 {CLIENT}"),
        changes=(targets(NODE_B),),
        rows=(5,),
    ),
    Situation(
        *(
            "5 first node's egress",
            OUTSIDE,
            VIP,
            80,
            TIMEOUT,
            "5.3, 7: the packet leaves the first node for the pod",
            GR,
        ),
        rules=lines("sg-node-a", "out", "DROP TCP 8080 172.17.1.0/24", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(NODE_A, "egress", "sg-node-a"),
        rows=(5,),
    ),
    Situation(
        *("5 the pod's own egress is its node's, and is not asked", OUTSIDE, VIP, 80, REACHED, "1.1: stateful", GR),
        rules=lines("sg-node-b", "out", *DENY),
        rows=(5,),
    ),
    Situation(
        *("4 pass-to-target", OUTSIDE, VIP, 80, REACHED, "3.3: only the CLB group counts", GR),
        rules=lines("sg-node-b", "in", *DENY),
        changes=(DIRECT, passes_to_target),
        rows=(4,),
    ),
    Situation(
        *(
            "4 a pod that asks for an interface",
            OUTSIDE,
            VIP,
            80,
            UNDETERMINED,
            "5.1: mixed; its groups are unread",
            GR,
        ),
        changes=(DIRECT, attached_b),
        rows=(4,),
    ),
    Situation(
        *("5 node, layer 7", OUTSIDE, VIP, 80, LATE_504, "3.1, 7", GR),
        rules=lines("sg-node-a", "in", f"ACCEPT TCP 8080 {ALL}"),
        changes=(http,),
        blocker=blocked(NODE_A, "ingress", None, None),
        rows=(5,),
    ),
]
