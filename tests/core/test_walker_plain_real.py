"""What the walker answers in plain cases of what real answers of the APIs have, and lack; see test_walker_plain.py."""

import pytest
from walker import Walk, walk
from walker_labs import (
    ANY,
    CLIENT,
    CLOSED,
    NODE_A,
    NODE_B,
    POD_ANY,
    POD_CLOSED,
    admit,
    at,
    balancer,
    checked,
    direct,
    lab,
    local,
    on_node,
)
from walker_labs import objects as every
from walker_labs_real import (
    EXACT,
    GOING,
    READY,
    acl,
    agent,
    declared,
    endpoint,
    from_block,
    listens,
    network_policy,
    part,
    rule,
    seen,
    state,
    target,
    unsaid,
    with_fields,
    without,
)

KUBE_PROXY = (local, with_fields("Service", "spec", healthCheckNodePort=32000), checked(CheckPort=32000))

# What is shown: the lab it is shown on; then verdict and predicted health.
PLAIN = {
    "no policy": (lab("TCP", without("Service", "spec", "externalTrafficPolicy")), "undetermined", "Unknown"),
    "no policy, no endpoints": (
        lab("TCP", without("Service", "spec", "externalTrafficPolicy"), endpoint(conditions={"ready": False})),
        *("unreachable", "Dead"),
    ),
    "no weight": (lab("TCP", unsaid("Weight")), "undetermined", "Alive"),
    "no weight, and dropped anyway": (lab("TCP", CLOSED, unsaid("Weight")), "unreachable", "Alive"),
    "no type": (lab("TCP", target(Type=None)), "undetermined", "Unknown"),
    "no keep-alive": (lab("HTTP", listens(KeepaliveEnable=None)), "undetermined", "Alive"),
    "no keep-alive, everybody admitted": (lab("HTTP", ANY, listens(KeepaliveEnable=None)), "reachable", "Alive"),
    "no keep-alive at layer 4": (lab("TCP", listens(KeepaliveEnable=None)), "reachable", "Alive"),
    "no pass-to-target, closed": (
        lab("TCP", CLOSED, balancer(LoadBalancerPassToTarget=None)),
        *("undetermined", "Alive"),
    ),
    "no pass-to-target, open": (lab("TCP", balancer(LoadBalancerPassToTarget=None)), "reachable", "Alive"),
    "no source of probes, VIP admitted": (lab("TCP", ANY, checked(SourceIpType=None)), "reachable", "Alive"),
    "no source of probes, VIP not admitted": (lab("TCP", checked(SourceIpType=None)), "reachable", "Unknown"),
    "no switch of probes, dead": (lab("TCP", POD_CLOSED, checked(HealthSwitch=None)), "unreachable", "Unknown"),
    "no switch of probes, alive": (lab("TCP", checked(HealthSwitch=None)), "reachable", "Alive"),
    "no domain": (lab("HTTP", rule(Domain=None)), "undetermined", None),
    "no path": (lab("HTTP", rule(Url="")), "undetermined", None),
    "a redirection": (lab("HTTP", rule(RewriteTarget={"TargetListenerId": "lbl-2"})), "reachable", None),
    "a redirection that group 1 drops": (
        lab("HTTP", admit("sg-clb00001"), rule(RewriteTarget={"TargetListenerId": "lbl-2"})),
        *("unreachable", None),
    ),
    "a redirection to nowhere": (lab("HTTP", rule(RewriteTarget={"TargetListenerId": None})), "reachable", "Alive"),
    "an old private CLB": (lab("TCP", balancer(Snat=True)), "undetermined", None),
    "a node that is off": (lab("TCP", state("STOPPED")), "unreachable", "Dead"),
    "a node that starts": (lab("TCP", state("STARTING")), "undetermined", "Unknown"),
    "a node whose state is not known": (lab("TCP", state(None)), "reachable", "Alive"),
    "the pod's node is off": (lab("TCP", state("SHUTDOWN", 1)), "unreachable", "Dead"),
    "the pod's node starts": (lab("TCP", state("STARTING", 1)), "undetermined", "Unknown"),
    "UDP, a node that is off answers no ping": (lab("UDP", state("STOPPED")), "unreachable", "Dead"),
    "a network ACL before the node": (lab("TCP", acl("10.0.35.0/24")), "undetermined", "Unknown"),
    "a network ACL before the pod": (lab("TCP", acl("10.0.36.0/24")), "undetermined", "Unknown"),
    "a network ACL before the node, which drops": (lab("TCP", CLOSED, acl("10.0.35.0/24")), "unreachable", "Unknown"),
    "a NodePort of nobody": (lab("TCP", target(Port=30999)), "unreachable", "Dead"),
    "a NodePort of nobody known": (lab("TCP", target(Port=30999), ANY, part(complete=None)), "undetermined", "Unknown"),
    "a port of nobody, Pods not complete": (
        lab("TCP", target(Port=9999), ANY, part(complete={"kubernetes": ["Service"]})),
        *("undetermined", "Unknown"),
    ),
    "a port of nobody known, observed Alive": (
        lab("TCP", target(Port=30999), ANY, part(complete=None), seen("Alive")),
        *("reachable", "Unknown"),
    ),
    "a pod on the node's network listens": (
        lab("TCP", ANY, target(Port=9999), agent(9999, hostIP=NODE_A)),
        "reachable",
        "Alive",
    ),
    "by its own address": (lab("TCP", ANY, target(Port=9999), agent(9999, podIP=NODE_A)), "reachable", "Alive"),
    "it is on another node": (lab("TCP", ANY, target(Port=30998), agent(30998, hostIP=NODE_B)), "unreachable", "Dead"),
    "a host port": (
        lab(
            "TCP",
            ANY,
            target(Port=9999),
            on_node("node-a", "node-a"),
            declared({"containerPort": 80, "hostPort": 9999}),
        ),
        *("undetermined", "Unknown"),
    ),
    "a Service that does not say its NodePort": (
        lab("TCP", ANY, target(Port=30999), with_fields("Service", "spec", ports=[{"port": 80}])),
        *("undetermined", "Unknown"),
    ),
    "such a Service has none": (
        lab("TCP", ANY, target(Port=30999), with_fields("Service", "spec", ports=[{"port": 80}], type="ClusterIP")),
        *("unreachable", "Dead"),
    ),
    "a slice without ports": (
        lab("TCP", lambda d: every(d, "EndpointSlice")[0].pop("ports")),
        "undetermined",
        "Unknown",
    ),
    "a slice whose port has no number": (
        lab("TCP", lambda d: every(d, "EndpointSlice")[0]["ports"][0].pop("port")),
        *("undetermined", "Unknown"),
    ),
    "a slice with ports null": (
        lab("TCP", lambda d: every(d, "EndpointSlice")[0].update(ports=None)),
        *("unreachable", "Dead"),
    ),
    "a slice with endpoints null": (
        lab("TCP", lambda d: every(d, "EndpointSlice")[0].update(endpoints=None)),
        *("unreachable", "Dead"),
    ),
    "a slice whose port has the number null": (
        lab("TCP", lambda d: every(d, "EndpointSlice")[0]["ports"][0].update(port=None)),
        *("unreachable", "Dead"),
    ),
    "an endpoint that is taken down": (lab("TCP", endpoint(conditions=GOING)), "reachable", "Alive"),
    "by an old kube-proxy": (
        lab("TCP", endpoint(conditions=GOING), lambda d: d["cluster"].update(ClusterVersion="1.24.4")),
        *("undetermined", "Unknown"),
    ),
    "by a node newer than its cluster": (
        lab(
            "TCP",
            endpoint(conditions=GOING),
            lambda d: d["cluster"].update(ClusterVersion="1.24.4"),
            with_fields("Node", "status", nodeInfo={"kubeletVersion": "v1.26.1-tke.3"}),
        ),
        *("reachable", "Alive"),
    ),
    "an endpoint that no longer serves": (
        lab("TCP", endpoint(conditions={"ready": False, "serving": False, "terminating": True})),
        *("unreachable", "Dead"),
    ),
    "Local, the node has no name": (
        lab("TCP", local, lambda d: [d["kubernetes"].remove(item) for item in every(d, "Node")]),
        *("undetermined", "Unknown"),
    ),
    "Local, a Pod names the node": (
        lab(
            "TCP",
            local,
            lambda d: [d["kubernetes"].remove(item) for item in every(d, "Node")],
            with_fields("Pod", "status", hostIP=NODE_A),
        ),
        *("reachable", "Alive"),
    ),
    "Local, an endpoint at the node's own address": (
        lab("TCP", local, at(NODE_A), on_node(None, None)),
        *("reachable", "Alive"),
    ),
    "nobody knows where the pod is, all admit": (lab("TCP", on_node(None, None)), "reachable", "Alive"),
    "nobody knows where the pod is, group 3 drops": (
        lab("TCP", on_node(None, None), POD_CLOSED),
        *("undetermined", "Unknown"),
    ),
    "a NetworkPolicy that admits nobody": (lab("TCP", network_policy()), "undetermined", "Unknown"),
    "a NetworkPolicy that admits everybody": (lab("TCP", network_policy({})), "reachable", "Alive"),
    "a NetworkPolicy that admits the node": (
        lab("TCP", network_policy(from_block(NODE_A + "/32"))),
        "reachable",
        "Alive",
    ),
    "a NetworkPolicy with an exception": (
        lab("TCP", network_policy(from_block("10.0.0.0/8", **{"except": ["10.0.35.0/24"]}))),
        *("undetermined", "Unknown"),
    ),
    "a NetworkPolicy about another port": (
        lab("TCP", network_policy({"ports": [{"port": 81}]})),
        *("undetermined", "Unknown"),
    ),
    "a NetworkPolicy about a range of ports": (
        lab("TCP", network_policy({"ports": [{"port": 1, "endPort": 99}]})),
        *("reachable", "Alive"),
    ),
    "a NetworkPolicy about what goes out": (lab("TCP", network_policy(policyTypes=["Egress"])), "reachable", "Alive"),
    "a NetworkPolicy about others": (
        lab("TCP", network_policy(podSelector={"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]})),
        *("reachable", "Alive"),
    ),
    "a port that is not declared": (lab("TCP", declared({"containerPort": 81})), "undetermined", "Unknown"),
    "a port that is not declared, where all are": (
        lab("TCP", declared({"containerPort": 81}), part(**EXACT)),
        *("unreachable", "Dead"),
    ),
    "a port of the other protocol": (
        lab("TCP", declared({"containerPort": 80, "protocol": "UDP"}), with_fields("Pod", "status", conditions=READY)),
        *("undetermined", "Unknown"),
    ),
    "a port that is not declared, observed Alive": (
        lab("TCP", declared({"containerPort": 81}), direct, POD_ANY, seen("Alive")),
        *("reachable", "Unknown"),
    ),
    "a port that a probe asks, of a pod that is ready": (
        lab(
            "TCP",
            declared({"containerPort": 81}, readinessProbe={"grpc": {"port": 80}}),
            with_fields("Pod", "status", conditions=READY),
        ),
        *("reachable", "Alive"),
    ),
    "a port that a probe asks, of a pod that is not ready": (
        lab("TCP", declared({"containerPort": 81}, readinessProbe={"tcpSocket": {"port": 80}})),
        *("undetermined", "Unknown"),
    ),
    "a sidecar's port": (
        lab(
            "TCP",
            declared({"containerPort": 81}),
            with_fields("Pod", "spec", initContainers=[{"restartPolicy": "Always", "ports": [{"containerPort": 80}]}]),
        ),
        *("reachable", "Alive"),
    ),
    "an init container's port": (
        lab(
            "TCP",
            declared({"containerPort": 81}),
            with_fields("Pod", "spec", initContainers=[{"ports": [{"containerPort": 80}]}]),
        ),
        *("undetermined", "Unknown"),
    ),
    "probes over HTTP that want a 200": (lab("TCP", checked(CheckType="HTTP", HttpCode=2)), "reachable", "Alive"),
    "probes over HTTP that want a 404": (lab("HTTP", checked(HttpCode=8)), "reachable", "Unknown"),
    "probes over TCP want no answer": (lab("TCP", checked(HttpCode=8)), "reachable", "Alive"),
    "kube-proxy answers 200": (lab("TCP", *KUBE_PROXY, checked(CheckType="HTTP", HttpCode=2)), "reachable", "Alive"),
    "kube-proxy answers 503": (
        lab("TCP", *KUBE_PROXY, on_node("node-b", "node-b"), checked(CheckType="HTTP", HttpCode=2)),
        *("unreachable", "Dead"),
    ),
    "kube-proxy answers 503, and any is wanted": (
        lab("TCP", *KUBE_PROXY, on_node("node-b", "node-b"), checked(CheckType="TCP")),
        *("unreachable", "Alive"),
    ),
    "kube-proxy answers 503, and nobody knows what is wanted": (
        lab("TCP", *KUBE_PROXY, on_node("node-b", "node-b")),
        *("unreachable", "Unknown"),
    ),
    "kube-proxy behind a closed group": (
        lab("TCP", *KUBE_PROXY, CLOSED, checked(SourceIpType=0, CheckType="TCP")),
        *("unreachable", "Dead"),
    ),
    "observed Dead, predicted Alive": (lab("TCP", seen("Dead")), "undetermined", "Alive"),
    "observed Dead, predicted Dead": (lab("TCP", POD_CLOSED, seen("Dead")), "unreachable", "Dead"),
}


def ask(document: dict, **question: object) -> Walk:
    return walk(document, {"client": CLIENT, "service": "shop/web", "protocol": None, "port": 80, **question})


@pytest.mark.parametrize(("document", "verdict", "health"), PLAIN.values(), ids=PLAIN)
def test_the_walker_answers_plain_cases_of_real_input(document: dict, verdict: str, health: str | None) -> None:
    """A witness must know the simple things for certain."""
    found = ask(document)

    assert (found.verdict, found.health) == (verdict, (health,) if health else ())
