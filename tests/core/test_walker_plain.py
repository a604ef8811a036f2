"""What the walker answers where the answer is plain: a witness must know the simple things for certain."""

import pytest
from walker import Walk, walk
from walker_labs import (
    ANY,
    CLIENT,
    CLOSED,
    KEEP_ALIVE,
    NODE,
    NODE_A,
    NODE_B,
    POD,
    POD_ANY,
    POD_CLOSED,
    SNAT,
    admit,
    at,
    balancer,
    bare_template,
    checked,
    direct,
    lab,
    listener,
    local,
    mode,
    no_endpoints,
    no_kubernetes,
    on_node,
    policy,
    selected,
    six,
    stale,
    trunk,
    unread_interfaces,
    unread_pod,
    unread_targets,
)


def ask(document: dict, **question: object) -> Walk:
    return walk(document, {"client": CLIENT, "service": "shop/web", "protocol": None, **question})


# What is shown, the lab it is shown on, what else is asked; then verdict and predicted health.
PLAIN = {
    "the healthy lab": (lab(), {}, "reachable", "Alive"),
    "group 1 drops": (lab("HTTP", admit("sg-clb00001")), {}, "unreachable", "Alive"),
    "group 2 drops, probes come from 100.64": (lab("HTTP", CLOSED), {}, "unreachable", "Alive"),
    "group 2 drops, probes come from the VIP": (lab("TCP", CLOSED, checked(SourceIpType=0)), {}, "unreachable", "Dead"),
    "group 3 drops": (lab("HTTP", POD_CLOSED), {}, "unreachable", "Dead"),
    "pass-to-target waives group 2": (
        lab("HTTP", CLOSED, balancer(LoadBalancerPassToTarget=True)),
        {},
        "reachable",
        "Alive",
    ),
    "pass-to-target does not waive group 3": (
        lab("HTTP", POD_CLOSED, balancer(LoadBalancerPassToTarget=True)),
        {},
        "unreachable",
        "Dead",
    ),
    "no endpoints": (lab("TCP", no_endpoints), {}, "unreachable", "Dead"),
    "keep-alive is admitted": (
        lab("HTTP", KEEP_ALIVE, lambda document: listener(document).update(KeepaliveEnable=1)),
        {},
        "reachable",
        "Alive",
    ),
    "keep-alive means nothing at layer 4": (
        lab("TCP", KEEP_ALIVE, lambda document: listener(document).update(KeepaliveEnable=1)),
        {},
        "unreachable",
        "Alive",
    ),
    "SnatPro, all its addresses admitted": (
        lab("HTTP", SNAT, admit(NODE, policy("ACCEPT", "10.0.5.0/30"))),
        {},
        "reachable",
        "Alive",
    ),
    "SnatPro, one of two admitted": (
        lab("HTTP", SNAT, admit(NODE, policy("ACCEPT", "10.0.5.1"))),
        {},
        "undetermined",
        "Alive",
    ),
    "SnatPro, client admitted": (lab("HTTP", SNAT), {}, "unreachable", "Alive"),
    "SnatPro without addresses": (lab("HTTP", balancer(SnatPro=True)), {}, "undetermined", "Alive"),
    "SnatPro without addresses, all admitted": (lab("HTTP", ANY, balancer(SnatPro=True)), {}, "reachable", "Alive"),
    "a private CLB asked through an EIP": (
        lab("HTTP", admit("sg-clb00001"), balancer(LoadBalancerType="INTERNAL")),
        {},
        "undetermined",
        "Alive",
    ),
    "a private CLB asked from inside": (
        lab("HTTP", admit("sg-clb00001"), balancer(LoadBalancerType="INTERNAL")),
        {"client": "10.9.9.9"},
        "unreachable",
        "Alive",
    ),
    "NAT64 passes group 2": (lab("TCP", six, CLOSED), {"client": "2001:db8::1"}, "reachable", "Alive"),
    "a pod as target is asked for the client": (lab("TCP", direct), {}, "unreachable", "Alive"),
    "a pod as target that admits the client": (lab("TCP", direct, POD_ANY), {}, "reachable", "Alive"),
    "a pod as target needs no node": (
        lab("TCP", direct, POD_ANY, CLOSED, lambda document: document.update(instances=[])),
        {},
        "reachable",
        "Alive",
    ),
    "a pod as target with pass-to-target": (
        lab("TCP", direct, balancer(LoadBalancerPassToTarget=True)),
        {},
        "reachable",
        "Alive",
    ),
    "Local, shared interface": (lab("TCP", local, POD_CLOSED), {}, "reachable", "Alive"),
    "Local, exclusive interface that drops": (
        lab("TCP", local, POD_CLOSED, mode("tke-direct-eni")),
        {},
        "undetermined",
        "Alive",
    ),
    "Local, exclusive interface that drops, probes from the VIP": (
        lab("TCP", local, ANY, POD_CLOSED, mode("tke-direct-eni"), checked(SourceIpType=0)),
        {},
        "undetermined",
        "Unknown",
    ),
    "Local, exclusive interface that admits": (
        lab("TCP", local, POD_ANY, mode("tke-direct-eni")),
        {},
        "reachable",
        "Alive",
    ),
    "Local, trunk that drops": (lab("TCP", local, POD_CLOSED, trunk), {}, "undetermined", "Alive"),
    "Local, trunk that admits clients but not the VIP": (
        lab("TCP", local, ANY, admit(POD, policy("ACCEPT", "203.0.113.0/24")), trunk, checked(SourceIpType=0)),
        {},
        "reachable",
        "Unknown",
    ),
    "a policy selects the pod, interface read": (lab("TCP", selected), {}, "reachable", "Alive"),
    "a policy selects the pod, interface not read": (
        lab("TCP", selected, unread_interfaces),
        {},
        "undetermined",
        "Unknown",
    ),
    "a policy may select a pod that was not read": (
        lab("TCP", selected, unread_interfaces, unread_pod),
        {},
        "undetermined",
        "Unknown",
    ),
    "a pod on a super node, interface not read": (
        lab("TCP", on_node("eklet-1", None), unread_interfaces),
        {},
        "undetermined",
        "Unknown",
    ),
    "a pod on a super node, interface read": (lab("TCP", on_node("eklet-1", None)), {}, "reachable", "Alive"),
    "Local, the Pod alone names the node": (lab("TCP", local, on_node(None, "node-a")), {}, "reachable", "Alive"),
    "Local, the EndpointSlice goes before the Pod": (
        lab("TCP", local, on_node("node-b", "node-a")),
        {},
        "unreachable",
        "Dead",
    ),
    "Local, nothing names the node": (lab("TCP", local, on_node(None, None)), {}, "undetermined", "Unknown"),
    "a pod on another node's own network": (lab("TCP", at(NODE_B), ANY, POD_CLOSED), {}, "reachable", "Alive"),
    "a pod on another node's own network, which drops": (lab("TCP", at(NODE_B), POD_ANY), {}, "unreachable", "Dead"),
    "a pod on its node's own network is not exclusive": (
        lab("TCP", local, at(NODE_A), mode("tke-direct-eni")),
        {},
        "reachable",
        "Alive",
    ),
    "targets not read": (lab("HTTP", unread_targets), {}, "undetermined", None),
    "targets not read, group 1 drops": (
        lab("HTTP", unread_targets, admit("sg-clb00001")),
        {},
        "unreachable",
        None,
    ),
    "a pod as target that nobody knows": (lab("TCP", stale, POD_ANY), {}, "undetermined", "Unknown"),
    "a pod as target that nobody knows, its interface drops": (lab("TCP", stale), {}, "unreachable", "Unknown"),
    "a pod as target, Kubernetes not read": (
        lab("TCP", direct, POD_ANY, no_kubernetes),
        {"service": None, "vip": "192.0.2.10", "port": 80},
        "undetermined",
        "Unknown",
    ),
    "a template without its members": (lab("TCP", bare_template), {}, "undetermined", "Alive"),
    "interface not read": (lab("TCP", unread_interfaces), {}, "undetermined", "Unknown"),
    "UDP": (lab("UDP"), {}, "reachable", "Alive"),
    "UDP, group 2 drops": (lab("UDP", CLOSED), {}, "unreachable", "Alive"),
    "UDP, probes from the VIP, ping not admitted": (lab("UDP", checked(SourceIpType=0)), {}, "reachable", "Dead"),
    "UDP, probes from the VIP, only ping admitted": (
        lab("UDP", checked(SourceIpType=0), admit(NODE, policy("ACCEPT", "192.0.2.10", "ICMP"))),
        {},
        "unreachable",
        "Alive",
    ),
    "UDP, no endpoints": (lab("UDP", no_endpoints), {}, "unreachable", "Dead"),
    "UDP, group 3 drops": (lab("UDP", POD_CLOSED), {}, "unreachable", "Alive"),
    "UDP on IPv6 needs the ping only": (
        lab("UDP", six, no_endpoints),
        {"client": "2001:db8::1"},
        "unreachable",
        "Alive",
    ),
    "CheckPort that nobody uses": (lab("TCP", checked(CheckPort=30999)), {}, "reachable", "Dead"),
    "a client in the cluster": (lab(), {"client": "10.0.36.12"}, "reachable", None),
    "a client in the cluster, interface not read": (
        lab("TCP", unread_interfaces),
        {"client": "10.0.36.12"},
        "reachable",
        None,
    ),
    "a client on a node, instance not read": (
        lab("TCP", lambda document: document.update(instances=None)),
        {"client": NODE_A},
        "undetermined",
        None,
    ),
    "a network that is not modelled": (
        lab("HTTP", lambda document: document["cluster"].update(NetworkType="CiliumOverlay")),
        {},
        "undetermined",
        None,
    ),
}


@pytest.mark.parametrize(("document", "question", "verdict", "health"), PLAIN.values(), ids=PLAIN)
def test_the_walker_answers_plain_cases(document: dict, question: dict, verdict: str, health: str | None) -> None:
    """A witness must know the simple things for certain."""
    found = ask(document, **question)

    assert (found.verdict, found.health) == (verdict, (health,) if health else ())


def test_a_check_behind_a_certain_stop_is_hypothetical() -> None:
    found = ask(lab("TCP", admit("sg-clb00001"), CLOSED, POD_CLOSED))

    assert {(hop, hypothetical) for hop, *_, hypothetical in found.blockers} == {
        ("clb", False),
        ("node", True),
        ("pod", True),
    }
    assert found.symptoms == {("connect_timeout", None, None)}
