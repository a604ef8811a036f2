"""What the walker answers in plain cases of NetworkPolicies that an add-on enforces; see test_walker_plain.py."""

from collections.abc import Callable

import pytest
from test_walker_plain_real import ask
from walker_labs import (
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
    unread_pod,
)
from walker_labs import objects as every
from walker_labs_real import EXACT, declared, from_block, network_policy, part, state, with_fields

ALL = ("Service", "Node", "EndpointSlice", "Pod", "Namespace", "NetworkPolicy")
FROM_CLIENT, FROM_NODE = from_block("203.0.113.0/24"), from_block(NODE_A + "/32")


def enforcing(
    *rules: dict, enforced: bool | None = True, complete: tuple[str, ...] = ALL, **spec: object
) -> Callable[[dict], object]:
    """One policy about the pod; an add-on enforces what is there, and all of it is here."""

    def change(document: dict) -> None:
        network_policy(*rules, **spec)(document)
        document["cluster"]["networkpolicy"] = {"enforced": enforced}
        document["complete"] = {"kubernetes": [*complete]}

    return change


def without_policies(document: dict) -> None:
    """The policy is not there."""
    document["kubernetes"].remove(every(document, "NetworkPolicy")[0])


def peer(**fields: object) -> dict:
    return {"from": [fields]}


def on_port(port: object, **fields: object) -> dict:
    return {"ports": [{"port": port, **fields}]}


def namespace(**labels: str) -> Callable[[dict], object]:
    return lambda document: document["kubernetes"].append(
        {"kind": "Namespace", "metadata": {"name": "shop", "labels": labels}}
    )


PASSES, DROPS, OPEN = ("reachable", "Alive"), ("unreachable", "Dead"), ("undetermined", "Unknown")
DIRECT = (direct, POD_ANY)
CLB_ANY = admit("sg-clb00001", policy("ACCEPT", "0.0.0.0/0"))

PLAIN = {
    "nobody is let in": (lab("TCP", enforcing()), *DROPS),
    "at layer 7": (lab("HTTP", enforcing()), *DROPS),
    "nothing enforces it": (lab("TCP", enforcing(enforced=False)), *PASSES),
    "nobody knows whether anything does": (lab("TCP", enforcing(enforced=None)), *OPEN),
    "everybody is let in": (lab("TCP", enforcing({})), *PASSES),
    "the node is let in": (lab("TCP", enforcing(FROM_NODE)), *PASSES),
    "the client is let in, whom the pod does not see": (lab("TCP", enforcing(FROM_CLIENT)), *DROPS),
    "the client is let in to its target": (lab("TCP", *DIRECT, enforcing(FROM_CLIENT)), "reachable", "Dead"),
    "the node is not let in to the target": (lab("TCP", *DIRECT, enforcing(FROM_NODE)), "unreachable", "Dead"),
    "another port": (lab("TCP", enforcing(on_port(81))), *DROPS),
    "another protocol": (lab("TCP", enforcing(on_port(80, protocol="UDP"))), *DROPS),
    "a range of ports": (lab("TCP", enforcing(on_port(70, endPort=90))), *PASSES),
    "the port's name": (
        lab("TCP", declared({"containerPort": 80, "name": "web"}), enforcing(on_port("web"))),
        *PASSES,
    ),
    "another port's name": (
        lab("TCP", declared({"containerPort": 80}, {"containerPort": 81, "name": "web"}), enforcing(on_port("web"))),
        *DROPS,
    ),
    "pods are let in, and a node is none": (lab("TCP", enforcing(peer(podSelector={}))), *DROPS),
    "pods are let in, and a public client is none": (
        lab("TCP", *DIRECT, enforcing(peer(namespaceSelector={}))),
        *DROPS,
    ),
    "a peer that says nothing": (lab("TCP", enforcing(peer())), *OPEN),
    "it selects others": (lab("TCP", enforcing(podSelector={"matchLabels": {"app": "other"}})), *PASSES),
    "it may select by what nobody knows": (
        lab("TCP", enforcing(podSelector={"matchExpressions": [{"key": "app", "operator": "Near"}]})),
        *OPEN,
    ),
    "it has no selector": (lab("TCP", enforcing(podSelector=None)), *OPEN),
    "it has no selector, and lets in everybody": (lab("TCP", enforcing({}, podSelector=None)), *PASSES),
    "it is about what goes out": (lab("TCP", enforcing(policyTypes=["Egress"])), *PASSES),
    "one of two lets in": (lab("TCP", enforcing(), network_policy({})), *PASSES),
    "the other one may let in": (lab("TCP", enforcing(), network_policy({}, podSelector=None)), *OPEN),
    "others may be there": (lab("TCP", enforcing(complete=("Pod",))), *OPEN),
    "others may be there, and the client is let in": (lab("TCP", enforcing({}, complete=("Pod",))), *PASSES),
    "those of the namespace are here": (lab("TCP", enforcing(complete=("shop/NetworkPolicy",))), *DROPS),
    "none is here, and others may be": (
        lab("TCP", enforcing(complete=()), without_policies),
        *OPEN,
    ),
    "none is here, and whether others may be hold is not known": (
        lab("TCP", enforcing(enforced=None, complete=()), without_policies),
        *OPEN,
    ),
    "none is here, and whether any would hold is not known": (
        lab("TCP", enforcing(enforced=None), without_policies),
        *PASSES,
    ),
    "whether any holds is not known, and one lets in": (lab("TCP", enforcing({}, enforced=None, complete=())), *PASSES),
    "none is here": (
        lab("TCP", enforcing(), without_policies),
        *PASSES,
    ),
    "a node rewrites for its own pod": (lab("TCP", on_node("node-a", "node-a"), enforcing(FROM_NODE)), *OPEN),
    "its own pod lets in the client": (
        lab("TCP", on_node("node-a", "node-a"), enforcing(FROM_CLIENT)),
        *("reachable", "Unknown"),
    ),
    "its own pod lets in nobody": (lab("TCP", on_node("node-a", "node-a"), enforcing()), *OPEN),
    "Local, its own pod lets in nobody": (lab("TCP", local, enforcing()), *DROPS),
    "the pod is somewhere": (lab("TCP", on_node(None, None), enforcing(FROM_NODE)), *OPEN),
    "the pod is somewhere, and lets in both": (
        lab("TCP", on_node(None, None), enforcing(FROM_NODE, FROM_CLIENT, from_block("100.64.0.0/10"))),
        *PASSES,
    ),
    "the Pod was not read": (lab("TCP", unread_pod, enforcing()), *OPEN),
    "a pod on a super node": (lab("TCP", on_node("eklet-1", "eklet-1"), enforcing()), *OPEN),
    "a pod on a node's network": (lab("TCP", with_fields("Pod", "spec", hostNetwork=True), enforcing()), *OPEN),
    "UDP, a ping is not surely let in": (
        lab("UDP", *DIRECT, enforcing(on_port(80, protocol="UDP"))),
        "reachable",
        "Unknown",
    ),
    "UDP, a ping is": (lab("UDP", *DIRECT, enforcing({})), "reachable", "Alive"),
    "a probe from 100.64.0.0/10": (
        lab("TCP", *DIRECT, enforcing(FROM_CLIENT, from_block("100.64.0.0/10"))),
        *PASSES,
    ),
    "a probe from nobody knows where": (
        lab("TCP", *DIRECT, checked(SourceIpType=None), enforcing(FROM_CLIENT, from_block("100.64.0.0/10"))),
        *("reachable", "Unknown"),
    ),
}


@pytest.mark.parametrize(("document", "verdict", "health"), PLAIN.values(), ids=PLAIN)
def test_the_walker_answers_plain_cases_of_policies(document: dict, verdict: str, health: str) -> None:
    found = ask(document)

    assert (found.verdict, found.health) == (verdict, (health,))


def reasons(document: dict) -> set[tuple]:
    """Each cause with whether something stops the request before."""
    return {(hop, reason, later) for hop, _, _, _, _, reason, later in ask(document).blockers}


def test_policies_come_after_the_groups_and_before_what_listens() -> None:
    unheard = (declared({"containerPort": 81}), part(**EXACT))
    first = ("pod", "NO_RULE_MATCHED", False)
    denied, refused = ("pod", "NETWORK_POLICY_DENIES"), ("pod", "PORT_NOT_LISTENING")

    assert reasons(lab("TCP", enforcing(), *unheard)) == {(*denied, False), (*refused, True)}
    assert reasons(lab("TCP", enforcing(), POD_CLOSED, *unheard)) == {first, (*denied, True), (*refused, True)}
    assert reasons(lab("TCP", enforcing(), state("STOPPED", 1))) == {("pod", "INSTANCE_NOT_RUNNING", False)}


@pytest.mark.parametrize(
    ("labels", "pods", "verdict"),
    [
        ({"team": "a"}, ALL, "unreachable"),
        ({"team": "a"}, ("Namespace", "NetworkPolicy"), "undetermined"),
        ({"team": "b"}, ("Namespace", "NetworkPolicy"), "undetermined"),
    ],
)
def test_a_private_source_may_be_a_pod_that_was_not_read(labels: dict, pods: tuple, verdict: str) -> None:
    """Whatever its namespace is called, for nobody knows which one it is in."""
    chosen = enforcing(peer(namespaceSelector={"matchLabels": {"team": "a"}}), complete=pods)
    private = balancer(LoadBalancerVips=["10.0.40.9"])
    document = lab("TCP", *DIRECT, CLB_ANY, namespace(**labels), chosen, private)

    assert ask(document, client="10.200.0.9").verdict == verdict
