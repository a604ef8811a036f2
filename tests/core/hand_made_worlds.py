"""Worlds of practice made by hand from the course's faults, whose causes and reference repairs are plain to see."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

from drilllib.core.drills import variants
from drilllib.core.drills.default_lab import SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.worlds.world import Cause, CauseKind, World
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from tests.core.repair_tables import BLOCK, CLB, CLIENT, NODE, OLD, POD, Edit, edited, put

Document = dict[str, Any]
Step = Edit | Callable[[Document], None]  # as in `repair_tables`, or what changes a document in place
STRANGER = "198.51.100.7"
TICKET = {
    "en": {"title": "Orders fail", "text": "The shop does not answer."},
    "zh": {"title": "下单失败", "text": "商城没有响应。"},
}
AT_CLB, ON_NODE_A, ON_NODE_B, AT_POD = "lb-lab00001", "ins-nodea001", "ins-nodeb001", "eni-podsb001"


def group(resource: str, name: str, rule: int | None, direction: str = "ingress", *alike: str) -> Cause:
    way = Direction(direction)
    return Cause(kind=CauseKind.GROUP, resource=resource, group=name, direction=way, rule=rule, alike=alike)


def thing(kind: CauseKind, resource: str = f"Service/{SERVICE}") -> Cause:
    return Cause(kind=kind, resource=resource)


def after(snapshot: Snapshot, steps: Sequence[Step]) -> Snapshot:
    """The snapshot after the steps."""
    for each in steps:
        if callable(each):
            document = snapshot.to_dict()
            each(document)
            snapshot = Snapshot(document)
        else:
            snapshot = edited(snapshot, each)
    return snapshot


def world_of(
    fault: str,
    causes: Sequence[Cause],
    reference: Sequence[Step],
    *,
    planted: Sequence[Step] = (),
    served: str = BLOCK,
    client: str = CLIENT,
    listener: str = "HTTP",
) -> World:
    """The default lab with a fault of the course, and what is *planted* on top of it."""
    start = after(open_fault(fault, listener=listener), planted)
    return World(
        drill=f"hand-{fault}",
        category=fault,
        seed=1,
        level=1,
        snapshot=start,
        reference=after(start, reference),
        question=Question(client=client, service=SERVICE, port=80),
        meant=Question(service=SERVICE, port=80),
        served=(served,),
        causes=tuple(causes),
        ticket=TICKET,
    )


def listener(document: Document) -> Document:
    found: Document = document["listeners"]["lb-lab00001"][0]
    return found


def of_kind(document: Document, kind: str) -> Document:
    found: Document = next(item for item in document["kubernetes"] if item["kind"] == kind)
    return found


def targets(document: Document) -> list[Document]:
    """Of the listener, or of its rule at layer 7."""
    found = listener(document)
    listed: list[Document] = (found["Rules"] or [found])[0]["Targets"]
    return listed


def both_targets(document: Document) -> None:
    """Node B beside node A."""
    beside = {"InstanceId": ON_NODE_B, "PrivateIpAddresses": ["10.0.35.12"]}
    targets(document).append({**targets(document)[0], **beside})


def dead_target(document: Document) -> None:
    """One target more, at a port of node A that nothing uses."""
    targets(document).append({**targets(document)[0], "Port": 30999})


def empty_group(document: Document) -> None:
    """Node B gets a group that lets nobody in."""
    variants.add_group(document, "sg-new00001")
    document["instances"][1]["SecurityGroupIds"] = ["sg-new00001"]


def moved_listener(document: Document) -> None:
    """The CLB listens on 81."""
    listener(document)["Port"] = 81


def listener_back(document: Document) -> None:
    listener(document)["Port"] = 80


def weight(number: int) -> Step:
    def change(document: Document) -> None:
        listener(document)["Rules"][0]["Targets"][0]["Weight"] = number

    return change


def state(word: str, node: int = 0) -> Step:
    def change(document: Document) -> None:
        document["instances"][node]["InstanceState"] = word

    return change


def unselected(document: Document) -> None:
    """The Service asks for a label that no pod has."""
    of_kind(document, "Service")["spec"]["selector"] = {"app": "webb"}
    of_kind(document, "EndpointSlice")["endpoints"] = []


def selected(document: Document) -> None:
    of_kind(document, "Service")["spec"]["selector"] = {"app": "web"}
    pod = {"kind": "Pod", "name": "web-1", "namespace": "shop"}
    ready = {"addresses": ["10.0.36.12"], "conditions": {"ready": True}, "nodeName": "node-b", "targetRef": pod}
    of_kind(document, "EndpointSlice")["endpoints"] = [ready]


def seen_dead(document: Document) -> None:
    """The CLB has observed its target Dead."""
    seen = {"TargetId": ON_NODE_A, "IP": "10.0.35.11", "Port": 30713, "HealthStatusDetail": "Dead"}
    rule = {"LocationId": "loc-lab00001", "Targets": [seen]}
    health = {"ListenerId": "lbl-lab00001", "Rules": [rule]}
    document["target_health"] = [{"LoadBalancerId": AT_CLB, "Listeners": [health]}]


def passing(on: bool) -> Step:
    """Pass-to-target on or off."""

    def change(document: Document) -> None:
        document["load_balancers"][0]["LoadBalancerPassToTarget"] = on

    return change


def more_ports(document: Document) -> None:
    """The Service has 443, too, which works, and 8443, at which nobody listens."""
    named = {"http": (80, 30713), "https": (443, 30443), "more": (8443, 30444)}
    common = {"protocol": "TCP", "targetPort": 80}
    ports = [{**common, "name": name, "port": port, "nodePort": node} for name, (port, node) in named.items()]
    of_kind(document, "Service")["spec"]["ports"] = ports
    of_kind(document, "EndpointSlice")["ports"] = [{"name": name, "port": 80, "protocol": "TCP"} for name in named]
    first = listener(document)
    rule = {**first["Rules"][0], "LocationId": "loc-https001", "Targets": [{**targets(document)[0], "Port": 30443}]}
    also = {**first, "ListenerId": "lbl-https001", "Port": 443, "Rules": [rule]}
    document["listeners"][AT_CLB].append(also)


def neighbour(document: Document) -> None:
    """Another Service on the same CLB and nodes, on port 8080, whose own rules let the clients in."""
    service, endpoints = (copy.deepcopy(of_kind(document, kind)) for kind in ("Service", "EndpointSlice"))
    service["metadata"]["name"], service["spec"]["ports"][0] = (
        "other",
        {
            "port": 8080,
            "protocol": "TCP",
            "targetPort": 80,
            "nodePort": 30555,
        },
    )
    endpoints["metadata"] |= {"name": "other-1", "labels": {"kubernetes.io/service-name": "other"}}
    document["kubernetes"] += [service, endpoints]
    first = listener(document)
    rule = {**first["Rules"][0], "LocationId": "loc-other0001", "Targets": [{**targets(document)[0], "Port": 30555}]}
    document["listeners"][AT_CLB].append({**first, "ListenerId": "lbl-other0001", "Port": 8080, "Rules": [rule]})


def drained(document: Document) -> None:
    """The neighbour's target gets no requests."""
    document["listeners"][AT_CLB][1]["Rules"][0]["Targets"][0]["Weight"] = 0


def members(*addresses: str) -> Step:
    """The template that a rule of the node's group names has these."""

    def change(document: Document) -> None:
        document["address_templates"]["ipm-clients1"] = {"AddressSet": list(addresses)}

    return change


def by_template(document: Document) -> None:
    """The node's group lets in whom the template names, and nobody else."""
    rule = {"Protocol": "TCP", "Port": "30713", "AddressTemplate": {"AddressId": "ipm-clients1"}, "Action": "ACCEPT"}
    variants.set_ingress(document, NODE, rule)


def private(document: Document) -> None:
    document["load_balancers"][0]["LoadBalancerType"] = "INTERNAL"


def ready(document: Document) -> None:
    of_kind(document, "EndpointSlice")["endpoints"][0]["conditions"] = {"ready": True}


def right_port(document: Document) -> None:
    """The Service sends to 8080, where the pod listens."""
    of_kind(document, "Service")["spec"]["ports"][0]["targetPort"] = 8080
    of_kind(document, "EndpointSlice")["ports"][0]["port"] = 8080


def cluster_policy(document: Document) -> None:
    of_kind(document, "Service")["spec"]["externalTrafficPolicy"] = "Cluster"


def open_egress(document: Document) -> None:
    rules = document["security_groups"][NODE]["SecurityGroupPolicySet"]["Egress"]
    document["security_groups"][NODE]["SecurityGroupPolicySet"]["Egress"] = [{**rules[-1], "PolicyIndex": 0}]


IN_AT_CLB, IN_AT_NODE = put(CLB, f"ACCEPT TCP {BLOCK} 80"), put(NODE, f"ACCEPT TCP {BLOCK} 30713")
IN_AT_POD = put(POD, "ACCEPT TCP 10.0.35.0/24 80")
POD_8080 = put(POD, "ACCEPT TCP 10.0.35.0/24 8080")

PARTNER = "198.51.100.0/24"
NO_CLB = ("only", CLB)
AT_443, CLIENTS_443 = put(NODE, f"ACCEPT TCP {BLOCK} 30443"), f"ACCEPT TCP {BLOCK} 443"
ON_10_9 = put(NODE, "ACCEPT TCP 10.9.0.0/24 30713")

CLB_CAUSE = group(AT_CLB, CLB, None)
NODE_CAUSE = group(ON_NODE_A, NODE, 2)
POD_CAUSE = group(AT_POD, POD, None)
OLD_CAUSE = group(ON_NODE_A, OLD, 0, "ingress", ON_NODE_B)
EGRESS_CAUSE = group(ON_NODE_A, NODE, 0, "egress", ON_NODE_B)
NODE_OF_DRILL = group(ON_NODE_A, NODE, 0)

WORLDS: dict[str, World] = {
    "clb": world_of("first-steps", [CLB_CAUSE], [IN_AT_CLB]),
    "node": world_of("group-2", [NODE_CAUSE], [IN_AT_NODE]),
    "pod": world_of("group-3", [POD_CAUSE], [IN_AT_POD]),
    "three": world_of("original-drill", [CLB_CAUSE, NODE_OF_DRILL, POD_CAUSE], [IN_AT_CLB, IN_AT_NODE, IN_AT_POD]),
    "healthy": world_of("healthy", [], []),
    "nothing": world_of("healthy", [], [], client=STRANGER),
    "two groups": world_of("two-groups", [OLD_CAUSE], [("bind", ON_NODE_A, NODE), ("bind", ON_NODE_B, NODE)]),
    "egress": world_of("healthy", [EGRESS_CAUSE], [open_egress], planted=[variants.closed_egress]),
    "local": world_of("local-policy", [thing(CauseKind.LOCAL_POLICY)], [cluster_policy]),
    "direct": world_of("direct-group-3", [POD_CAUSE], [put(POD, f"ACCEPT TCP {BLOCK} 80")]),
    "selector": world_of("healthy", [thing(CauseKind.SELECTOR)], [selected], planted=[unselected]),
    "not ready": world_of("healthy", [thing(CauseKind.NOT_READY)], [ready], planted=[variants.not_ready]),
    "target port": world_of(
        "healthy", [thing(CauseKind.TARGET_PORT)], [right_port, POD_8080], planted=[variants.other_port]
    ),
    "listener": world_of("healthy", [thing(CauseKind.LISTENER, AT_CLB)], [listener_back], planted=[moved_listener]),
    "weight": world_of("healthy", [thing(CauseKind.WEIGHT, "lbl-lab00001")], [weight(10)], planted=[weight(0)]),
    "layer 4": world_of("first-steps", [CLB_CAUSE], [IN_AT_CLB], listener="TCP"),
    "late": world_of("first-steps", [CLB_CAUSE], [IN_AT_CLB], planted=[both_targets, empty_group]),
    "half dead": world_of("first-steps", [CLB_CAUSE], [IN_AT_CLB], planted=[dead_target]),
    "seen dead": world_of("healthy", [thing(CauseKind.NOT_READY)], [ready], planted=[variants.not_ready, seen_dead]),
    "unasked": world_of("pass-to-target", [NODE_OF_DRILL], [passing(True)], planted=[passing(False)]),
    "was unasked": world_of("pass-to-target", [CLB_CAUSE], [IN_AT_CLB, passing(False), IN_AT_NODE], planted=[NO_CLB]),
    "ports": world_of("first-steps", [CLB_CAUSE], [IN_AT_CLB], planted=[more_ports, AT_443, put(CLB, CLIENTS_443)]),
    "both ports": world_of(
        "first-steps", [CLB_CAUSE], [IN_AT_CLB, put(CLB, CLIENTS_443)], planted=[more_ports, AT_443]
    ),
    "neighbour": world_of(
        "first-steps",
        [CLB_CAUSE],
        [IN_AT_CLB],
        planted=[neighbour, put(CLB, f"ACCEPT TCP {BLOCK} 8080"), put(NODE, f"ACCEPT TCP {BLOCK} 30555")],
    ),
    "member": world_of(
        "healthy", [group(ON_NODE_A, NODE, None)], [members(BLOCK)], planted=[by_template, members("192.0.2.77")]
    ),
    "stale": world_of(
        "healthy",
        [group(ON_NODE_A, NODE, None)],
        [("only", CLB, f"ACCEPT TCP {BLOCK} 80"), ("only", NODE, f"ACCEPT TCP {BLOCK} 30713")],
        planted=[put(CLB, f"ACCEPT TCP {PARTNER} 80"), ("only", NODE, f"ACCEPT TCP {PARTNER} 30713")],
    ),
    "private": world_of(
        "first-steps",
        [CLB_CAUSE],
        [put(CLB, "ACCEPT TCP 10.9.0.0/24 80")],
        planted=[private, ON_10_9],
        served="10.9.0.0/24",
        client="10.9.0.10",
    ),
    "stopped": world_of(
        "healthy", [thing(CauseKind.STOPPED, ON_NODE_A)], [state("RUNNING")], planted=[state("STOPPED")]
    ),
}


def node_world() -> World:
    """The node's group drops the client: group 2."""
    return WORLDS["node"]
