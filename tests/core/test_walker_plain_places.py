"""What the walker answers about where clients, CLBs, targets and pods are; see test_walker_plain.py."""

from collections.abc import Callable

import pytest
from test_walker_plain_real import ask
from walker_labs import (
    ANY,
    CLOSED,
    NODE_A,
    POD_ANY,
    POD_CLOSED,
    admit,
    balancer,
    checked,
    direct,
    lab,
    local,
    on_node,
    policy,
)
from walker_labs import objects as every
from walker_labs_real import EXACT, agent, declared, listens, part, seen, state, target, with_fields

OPEN, FINE, NO = ("undetermined", "Unknown"), ("reachable", "Alive"), ("unreachable", "Dead")
PRIVATE = (balancer(LoadBalancerType="INTERNAL", LoadBalancerVips=["10.0.4.1"]),)
CLB_ANY = admit("sg-clb00001", policy("ACCEPT", "0.0.0.0/0"))
LOST = [{"type": "Ready", "status": "Unknown"}]


def gone(kind: str, number: int = 0) -> Callable[[dict], object]:
    """An object was not read."""
    return lambda document: document["kubernetes"].remove(every(document, kind)[number])


def condition(number: int, *conditions: dict) -> Callable[[dict], object]:
    return lambda document: every(document, "Node")[number]["status"].update(conditions=[*conditions])


def mode(**cluster: object) -> Callable[[dict], object]:
    """How the cluster tells its kind of network and interfaces."""

    def change(document: dict) -> None:
        for name in ("NetworkType", "VpcCniType"):
            del document["cluster"][name]
        document["cluster"].update(cluster)

    return change


def vpcs(clb: str | None, cluster: str | None, node: str | None = None) -> Callable[[dict], object]:
    def change(document: dict) -> None:
        document["load_balancers"][0]["VpcId"] = clb
        document["cluster"]["ClusterNetworkSettings"] = {"VpcId": cluster}
        document["instances"][0]["VirtualPrivateCloud"] = {"VpcId": node}

    return change


def claims(*addresses: str, port: int = 9999) -> Callable[[dict], object]:
    """Another Service claims addresses."""
    spec = {"type": "ClusterIP", "externalIPs": [*addresses], "ports": [{"port": port}]}
    item = {"kind": "Service", "metadata": {"namespace": "other", "name": "claims"}, "spec": spec}
    return lambda document: document["kubernetes"].append(item)


def interface(number: int, **fields: object) -> Callable[[dict], object]:
    """One more interface with the pod's address, and no group."""
    found = {"PrivateIpAddressSet": [{"PrivateIpAddress": "10.0.36.12"}], "GroupSet": [], **fields}
    return lambda document: document["network_interfaces"].append({"NetworkInterfaceId": f"eni-{number}", **found})


def twin(document: dict) -> None:
    """A second CLB has the VIP."""
    document["load_balancers"].append({**document["load_balancers"][0], "LoadBalancerId": "lb-2"})


def health_in(field: str, value: object) -> Callable[[dict], object]:
    """The CLB reports health in another field than `HealthStatusDetail`."""

    def change(document: dict) -> None:
        seen("Alive")(document)
        found = document["target_health"][0]["Listeners"][0]["Rules"][0]["Targets"][0]
        del found["HealthStatusDetail"]
        found[field] = value

    return change


OFF = state("STOPPED")
PLAIN = {
    "a private CLB and a public client": (lab("TCP", *PRIVATE), "undetermined", "Alive"),
    "it has a public VIP": (lab("TCP", *PRIVATE, balancer(LoadBalancerVips=["192.0.2.10"])), *FINE),
    "its groups drop": (lab("TCP", *PRIVATE, admit("sg-clb00001")), "undetermined", "Alive"),
    "it is never delivered": (lab("TCP", *PRIVATE, POD_CLOSED), *NO),
    "shared, in Property": (
        lab("TCP", local, POD_CLOSED, mode(Property='{"NetworkType":"VPC-CNI","VpcCniType":"tke-route-eni"}')),
        *FINE,
    ),
    "nobody knows the mode": (lab("TCP", local, POD_CLOSED, mode()), "undetermined", "Alive"),
    "nobody knows the mode, and all admit": (lab("TCP", local, POD_ANY, mode()), *FINE),
    "nobody knows the mode, elsewhere": (lab("TCP", mode()), *FINE),
    "a target that is no node": (lab("TCP", gone("Node")), *OPEN),
    "it is closed": (lab("TCP", gone("Node"), CLOSED), "unreachable", "Unknown"),
    "it is off": (lab("TCP", gone("Node"), OFF), *NO),
    "it was observed Alive": (lab("TCP", gone("Node"), seen("Alive")), "reachable", "Unknown"),
    "a target that is no node, observed Alive": (lab("TCP", gone("Node"), seen("Alive")), "reachable", "Unknown"),
    "no node was read, observed Alive": (
        lab("TCP", gone("Node"), gone("Node"), part(complete={"kubernetes": ["NetworkPolicy"]}), seen("Alive")),
        *OPEN,
    ),
    "no node was read": (lab("TCP", gone("Node"), gone("Node"), part(complete=None)), *OPEN),
    "a pod is on its network": (lab("TCP", gone("Node"), agent(1, hostIP=NODE_A)), *FINE),
    "a pod names it": (
        lab("TCP", gone("Node"), on_node("node-b", "node-a"), with_fields("Pod", "status", hostIP=NODE_A)),
        *FINE,
    ),
    "a target whose address is not its instance's": (lab("TCP", target(PrivateIpAddresses=["10.0.35.99"])), *OPEN),
    "a node that is lost": (lab("TCP", condition(0, *LOST)), *OPEN),
    "a node without a network": (lab("TCP", condition(0, {"type": "NetworkUnavailable", "status": "True"})), *OPEN),
    "a node that is not ready": (lab("TCP", condition(0, {"type": "Ready", "status": "False"})), *FINE),
    "a lost node, observed Alive": (lab("TCP", condition(0, *LOST), seen("Alive")), "reachable", "Unknown"),
    "the pod's node is lost": (lab("TCP", condition(1, *LOST)), *OPEN),
    "the pod's node is lost, observed Alive": (lab("TCP", condition(1, *LOST), seen("Alive")), "reachable", "Unknown"),
    "the pod's node is gone": (lab("TCP", gone("Node", 1)), *OPEN),
    "the pod's node was not read": (
        lab("TCP", gone("Node", 1), part(complete={"kubernetes": ["NetworkPolicy"]})),
        *FINE,
    ),
    "a port outside of the range": (lab("TCP", ANY, target(Port=9999)), *OPEN),
    "an address that a Service claims": (lab("TCP", ANY, claims(NODE_A, port=30999), target(Port=30999)), *OPEN),
    "another port is claimed": (lab("TCP", ANY, claims(NODE_A, port=30998), target(Port=30999)), *NO),
    "Alive, and the pod's group drops": (lab("TCP", POD_CLOSED, seen("Alive")), "undetermined", "Dead"),
    "Alive, and the pod's own group drops": (lab("TCP", direct, POD_CLOSED, seen("Alive")), "unreachable", "Alive"),
    "Alive in the older spelling": (lab("TCP", OFF, health_in("HealthStatusDetial", "Alive")), "undetermined", "Dead"),
    "Alive by a truth value": (lab("TCP", OFF, health_in("HealthStatus", True)), "undetermined", "Dead"),
    "Dead by a truth value": (lab("TCP", health_in("HealthStatus", False)), "undetermined", "Alive"),
    "not probed, by a truth value": (
        lab("TCP", checked(HealthSwitch=0), health_in("HealthStatus", False)),
        *("reachable", "Close"),
    ),
    "one VPC": (lab("TCP", vpcs("vpc-1", "vpc-1")), *FINE),
    "another VPC": (lab("TCP", vpcs("vpc-2", "vpc-1")), *OPEN),
    "another VPC, and closed": (lab("TCP", vpcs("vpc-2", "vpc-1"), CLOSED), *OPEN),
    "the node's VPC": (lab("TCP", vpcs("vpc-2", "vpc-1", "vpc-2")), *FINE),
    "the pod's VPC": (lab("TCP", direct, POD_ANY, vpcs("vpc-2", "vpc-1")), *OPEN),
    "the CLB tells no VPC": (lab("TCP", vpcs(None, "vpc-1")), *FINE),
    "two interfaces with the pod's address": (lab("TCP", interface(2)), *OPEN),
    "one of them is in another VPC": (
        lab("TCP", POD_CLOSED, vpcs(None, "vpc-1"), interface(2, VpcId="vpc-2")),
        *NO,
    ),
    "two CLBs with the VIP": (lab("TCP", twin), *FINE),
}


@pytest.mark.parametrize(("document", "verdict", "health"), PLAIN.values(), ids=PLAIN)
def test_the_walker_answers_plain_cases_of_places(document: dict, verdict: str, health: str) -> None:
    found = ask(document)

    assert (found.verdict, found.health) == (verdict, (health,))


def test_a_vip_of_two_clbs_is_nobodys() -> None:
    assert ask(lab("TCP", twin), service=None, vip="192.0.2.10").verdict == "undetermined"


def test_a_private_clb_without_an_eip_answers_no_redirection_for_certain() -> None:
    document = lab("HTTP", *PRIVATE, listens())
    document["listeners"]["lb-lab00001"][0]["Rules"][0]["RewriteTarget"] = {"TargetListenerId": "lbl-2"}

    assert ask(document).verdict == "undetermined"


NODES_AND_PODS = {"kubernetes": ["Node", "Pod", "Service", "EndpointSlice"]}


@pytest.mark.parametrize(
    ("client", "changes", "wanted"),
    [
        ("10.0.36.99", (), "unreachable"),
        ("10.0.36.12", (), "reachable"),
        (NODE_A, (), "reachable"),
        ("10.0.36.99", (part(complete=None),), "undetermined"),
        ("10.9.9.9", (part(complete=None),), "unreachable"),
        ("10.9.9.9", (part(complete=None, subnets=None),), "undetermined"),
        ("10.0.36.98", (interface(2, PrivateIpAddressSet=[{"PrivateIpAddress": "10.0.36.98"}]),), "undetermined"),
        (NODE_A, (gone("Node"),), "unreachable"),
        (NODE_A, (gone("Node"), part(complete=None)), "undetermined"),
    ],
)
def test_who_may_be_a_node_or_a_pod_is_not_answered(client: str, changes: tuple, wanted: str) -> None:
    """The CLB's group drops everybody, which is certain of those outside only; a node or pod does not meet it."""
    assert ask(lab("TCP", admit("sg-clb00001"), *changes), client=client).verdict == wanted


def test_a_pod_on_a_machine_that_is_no_node_is_elsewhere() -> None:
    """So its groups are asked for certain."""
    nameless = {"InstanceId": "ins-3", "PrivateIpAddresses": ["10.0.35.13"], "SecurityGroupIds": ["sg-none"]}
    document = lab("TCP", on_node(None, None), declared({"containerPort": 80}), part(**EXACT))
    document["instances"].append(nameless)
    document["security_groups"]["sg-none"] = {"SecurityGroupPolicySet": {"Ingress": [], "Egress": []}}
    every(document, "EndpointSlice")[0]["endpoints"][0]["addresses"] = ["10.0.35.13"]
    every(document, "Pod")[0]["status"]["podIP"] = "10.0.35.13"

    assert ask(document).verdict == "unreachable"
