"""
Input as real clusters give it, on which an answer was once certain and wrong; each with what is right, and why.

Written from the documents named in docs/codes.md and from public reports, before the engine was changed.
"""

from copy import deepcopy

import pytest
from builders import ask, codes, fate, health, hop, lab
from changes import (
    Change,
    Document,
    balancer,
    group_2_closed,
    group_3_closed,
    ingress,
    observed,
    pass_to_target,
    second_target,
    target_port,
    targets,
    the_listener,
)
from changes_cluster import (
    cluster,
    endpoint_slice,
    local_policy,
    no_endpoints,
    second_pod,
    service,
    wrong_target_port,
)
from changes_real import (
    METRICS,
    TERMINATING,
    UNEQUAL_TARGETS,
    UNREAD,
    acl,
    auto,
    condition,
    container,
    health_check_port,
    host_port,
    keepalive_unread,
    not_complete,
    on_host_network,
    pod_nowhere,
    policy,
    redirecting,
    state,
    sticky_listener,
    sticky_service,
    the_pod,
    version,
    without_node_object,
    zones,
)

from drilllib.core.drills.default_lab import NODE_GROUP, POD_GROUP, VIP
from drilllib.core.drills.variants import direct_access
from drilllib.core.facts import FactCode, fact

OPEN = ingress(POD_GROUP, "ACCEPT TCP 0.0.0.0/0 ALL")


def codes_missing(answer) -> list[FactCode]:
    return [each.code for each in answer.gaps]


# Nodes and instances


@pytest.mark.parametrize("off", ["STOPPED", "SHUTDOWN", "LAUNCH_FAILED", "TERMINATED"])
def test_a_node_that_is_switched_off_answers_nothing(off: str) -> None:
    answer = ask(lab(state(off)))

    assert (fate(answer), health(answer)) == ("unreachable: 504 after 4 s", ["Dead"])
    assert answer.reason == "INSTANCE_NOT_RUNNING"


@pytest.mark.parametrize("between", ["STARTING", "STOPPING", "REBOOTING", "RESCUE_MODE", "PENDING", "TERMINATING"])
def test_what_a_node_between_two_states_does_is_not_known(between: str) -> None:
    answer = ask(lab(state(between)))

    assert answer.verdict == "undetermined"
    assert codes_missing(answer) == [FactCode.FIELD_VALUE]
    assert ask(lab(state(between), group_2_closed)).verdict == "unreachable"


def test_a_pod_on_a_node_that_is_switched_off_answers_nothing() -> None:
    def off(document: Document) -> None:
        document["instances"][1]["InstanceState"] = "STOPPED"

    assert ask(lab(off)).reason == "INSTANCE_NOT_RUNNING"


def test_a_node_object_that_was_not_read_leaves_open_which_pods_are_local() -> None:
    def on_it(document: Document) -> None:
        the_pod(document)["spec"]["nodeName"] = "node-a"
        endpoint_slice(document)["endpoints"][0]["nodeName"] = "node-a"

    def with_host_address(document: Document) -> None:
        the_pod(document)["status"]["hostIP"] = "10.0.35.11"

    assert codes_missing(ask(lab(on_it, local_policy, without_node_object))) == [FactCode.NODE_OF_CLUSTER]
    assert fate(ask(lab(on_it, local_policy, without_node_object, with_host_address))) == "reachable: 200"


def test_a_network_acl_is_a_doubt() -> None:
    answer = ask(lab(acl))
    assert codes_missing(answer) == [FactCode.FIELD_ELSEWHERE]


# The cluster's network


@pytest.mark.parametrize("told", [{"Property": '{"NetworkType": "CiliumOverlay"}'}, {"NetworkType": "CiliumOverlay"}])
def test_the_network_may_stand_in_the_text_of_property(told: Document) -> None:
    def change(document: Document) -> None:
        document["cluster"].pop("NetworkType")
        document["cluster"] |= told

    answer = ask(lab(change))
    assert answer.gaps == (fact(FactCode.POD_NETWORK, network="CiliumOverlay"),)


def test_a_property_that_is_no_json_says_nothing() -> None:
    assert fate(ask(lab(cluster(Property="{")))) == "reachable: 200"


# Forwarding rules


@pytest.mark.parametrize(("wanted", "status"), [({}, 301), ({"RewriteCode": 302}, 302)])
def test_a_rule_that_redirects_answers_by_itself(wanted: Document, status: int) -> None:
    answer = ask(lab(redirecting(**wanted), group_2_closed))

    assert (fate(answer), answer.reason) == (f"reachable: {status}", "REDIRECTED")


def test_an_empty_redirect_is_none() -> None:
    def change(document: Document) -> None:
        the_listener(document)["Rules"][0]["RewriteTarget"] = {"TargetListenerId": None, "TargetLocationId": None}

    assert fate(ask(lab(change))) == "reachable: 200"


# Endpoints


def test_endpoints_that_terminate_serve_where_none_is_ready() -> None:
    """KEP-1669, from Kubernetes 1.26."""
    assert fate(ask(lab(TERMINATING))) == "reachable: 200"
    assert "TERMINATING_ENDPOINTS_SERVE" in codes(ask(lab(TERMINATING)))
    assert "TERMINATING_ENDPOINTS_SERVE" not in codes(ask(lab(TERMINATING, version("1.30.0"))))
    assert codes_missing(ask(lab(TERMINATING, version("1.24.4")))) == [FactCode.TERMINATING]
    assert ask(lab(condition(ready=False, serving=False, terminating=True))).reason == "NO_ENDPOINTS"


def test_a_ready_endpoint_goes_before_one_that_terminates() -> None:
    def first_terminates(document: Document) -> None:
        endpoint_slice(document)["endpoints"][1]["conditions"] = {"ready": False, "serving": True, "terminating": True}

    assert [path.endpoint for path in ask(lab(second_pod, first_terminates)).paths] == ["shop/web-1:80"]


def test_topology_hints_keep_packets_in_the_zone() -> None:
    answer = ask(lab(second_pod, zones, auto, group_3_closed))

    assert fate(answer) == "reachable: 200"
    assert [path.endpoint for path in answer.paths] == ["shop/web-2:80"]


def test_hints_that_do_not_cover_every_endpoint_do_not_count() -> None:
    def one_without(document: Document) -> None:
        del endpoint_slice(document)["endpoints"][0]["hints"]

    assert len(ask(lab(second_pod, zones, one_without, auto)).paths) == 2


def test_hints_that_nobody_asked_for_may_be_followed_or_not() -> None:
    assert codes_missing(ask(lab(second_pod, zones))) == [FactCode.TOPOLOGY_HINTS]


# What listens


def test_a_port_that_is_not_declared_may_be_listened_on() -> None:
    answer = ask(lab(METRICS))

    assert (answer.verdict, answer.reason) == ("undetermined", "PORT_NOT_DECLARED")
    assert answer.gaps == (fact(FactCode.PORT_UNDECLARED, pod="shop/web-1", transport="TCP", port=80),)
    assert {each.status for each in answer.symptoms} == {200, 502}  # the pod's kernel refuses; nobody stays silent


def test_an_alive_target_proves_that_something_listens() -> None:
    answer = ask(lab(METRICS, observed("Alive")))

    assert fate(answer) == "reachable: 200"
    assert "ALIVE_TARGET_LISTENS" in codes(answer)


def test_a_probe_of_a_ready_pod_proves_that_something_listens() -> None:
    probed = container(readinessProbe={"httpGet": {"port": 80, "path": "/"}})

    def ready(document: Document) -> None:
        the_pod(document)["status"]["conditions"] = [{"type": "Ready", "status": "True"}]

    assert fate(ask(lab(METRICS, probed, ready))) == "reachable: 200"
    assert ask(lab(METRICS, probed)).verdict == "undetermined"


def test_a_sidecar_declares_ports_and_another_init_container_does_not() -> None:
    def init(**policy: str) -> Change:
        def change(document: Document) -> None:
            the_pod(document)["spec"]["initContainers"] = [{"name": "web", "ports": [{"containerPort": 80}], **policy}]

        return change

    assert fate(ask(lab(METRICS, init(restartPolicy="Always")))) == "reachable: 200"
    assert ask(lab(METRICS, init())).reason == "PORT_NOT_DECLARED"


def test_a_lab_may_say_that_pods_listen_on_nothing_else() -> None:
    assert ask(lab(wrong_target_port, OPEN)).reason == "PORT_NOT_LISTENING"


# Ports of nodes


def test_a_pod_on_the_nodes_network_answers_at_the_nodes_address() -> None:
    opened = ingress(NODE_GROUP, "ACCEPT TCP 203.0.113.0/24 80")
    answer = ask(lab(on_host_network, opened), vip=VIP)

    assert fate(answer) == "reachable: 200"
    assert hop(answer, "pod").checks == ()
    assert ask(lab(on_host_network), vip=VIP).reason == "TARGET_GROUP_DROPPED"


def test_a_port_that_no_service_here_owns_may_be_anothers() -> None:
    opened = ingress(NODE_GROUP, "ACCEPT TCP 203.0.113.0/24 ALL")

    assert ask(lab(target_port(30999), opened)).reason == "NODEPORT_NOT_IN_USE"
    answer = ask(lab(target_port(30999), opened, not_complete))
    assert answer.gaps == (fact(FactCode.PORT_OWNER, transport="TCP", port=30999, node="node-a"),)


def test_a_host_port_may_be_forwarded() -> None:
    opened = ingress(NODE_GROUP, "ACCEPT TCP 203.0.113.0/24 ALL")
    assert codes_missing(ask(lab(host_port, opened), vip=VIP)) == [FactCode.HOST_PORT]


# NetworkPolicies


FROM_NODES = [{"from": [{"ipBlock": {"cidr": "10.0.35.0/24"}}], "ports": [{"port": 80}]}]


def test_a_network_policy_that_may_stop_the_packet_is_a_doubt() -> None:
    answer = ask(lab(policy(policyTypes=["Ingress"])))

    assert answer.gaps == (fact(FactCode.NETWORK_POLICY, policy="shop/deny", pod="shop/web-1"),)
    assert ask(lab(policy(), group_2_closed)).verdict == "unreachable"


@pytest.mark.parametrize(
    "spec",
    [
        {"ingress": [{}]},
        {"ingress": FROM_NODES},
        {"ingress": [{"ports": [{"port": 70, "endPort": 90}]}]},
        {"policyTypes": ["Egress"]},
        {"podSelector": {"matchLabels": {"app": "other"}}},
        {"podSelector": {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}},
    ],
    ids=str,
)
def test_a_network_policy_that_surely_admits_is_none(spec: Document) -> None:
    assert fate(ask(lab(policy(**spec)))) == "reachable: 200"


@pytest.mark.parametrize(
    "spec",
    [
        {"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.35.0/24", "except": ["10.0.35.11/32"]}}]}]},
        {"ingress": [{"from": [{"podSelector": {}}]}]},
        {"ingress": [{"ports": [{"port": 8080}]}]},
        {"ingress": [{"ports": [{"port": 80, "protocol": "UDP"}]}]},
        {"ingress": [{"ports": [{"port": "http"}]}]},
    ],
    ids=str,
)
def test_a_network_policy_that_may_not_admit_is_a_doubt(spec: Document) -> None:
    assert codes_missing(ask(lab(policy(**spec)))) == [FactCode.NETWORK_POLICY]


# Health checks


@pytest.mark.parametrize(
    ("probe", "states"),
    [
        ({"CheckType": "HTTP", "HttpCode": 2}, ["Dead", "Alive"]),
        ({"CheckType": "HTTP"}, ["Dead", "Alive"]),
        ({"CheckType": "HTTP", "HttpCode": 31}, ["Alive", "Alive"]),
        ({"CheckType": "TCP"}, ["Alive", "Alive"]),
        ({}, ["Unknown", "Alive"]),
    ],
    ids=str,
)
def test_kube_proxy_answers_health_checks_for_its_node(probe: Document, states: list[str]) -> None:
    answer = ask(lab(second_target, health_check_port(**probe)))

    assert health(answer) == states
    if states[0] == "Dead":
        assert fate(answer) == "reachable: 200"


def test_an_http_probe_needs_an_answer_that_it_wants() -> None:
    def wants(code: int) -> Change:
        def change(document: Document) -> None:
            the_listener(document)["HealthCheck"] |= {"CheckType": "HTTP", "HttpCode": code}

        return change

    assert health(ask(lab(wants(2)))) == ["Alive"]
    assert health(ask(lab(wants(4)))) == ["Unknown"]


def test_a_target_that_is_dead_for_no_known_reason_is_a_doubt() -> None:
    """Something is in its way that nobody read; a 200 would be a guess."""
    answer = ask(lab(observed("Dead")))

    assert answer.gaps == (fact(FactCode.DEAD_TARGET, target="ins-nodea001:30713"),)


# One client


def test_one_client_stays_with_one_endpoint() -> None:
    """All or nothing, and nobody can tell which."""
    answer = ask(lab(second_pod, sticky_service, group_3_closed))

    assert fate(answer) == "undetermined: 504 after 4 s, 200"
    assert answer.gaps == (fact(FactCode.ENDPOINT_OF_CLIENT, service="shop/web"),)
    assert fate(ask(lab(second_pod, sticky_service))) == "reachable: 200"


def test_one_client_stays_with_one_target() -> None:
    case = *UNEQUAL_TARGETS, sticky_listener
    answer = ask(lab(*case, listener="TCP"))

    assert fate(answer) == "undetermined: connect_timeout, 200"
    assert codes_missing(answer) == [FactCode.TARGET_OF_CLIENT]
    assert fate(ask(lab(*case))) == "reachable: 200 after 4 s, 200"


# What was not read


def test_what_decides_and_was_not_read_is_named() -> None:
    assert {code: codes_missing(ask(lab(change))) for code, change in UNREAD.items()} == {c: [c] for c in UNREAD}


def test_what_does_not_decide_need_not_be_read() -> None:
    """The packet is stopped, or let in, either way."""
    opened = ingress(NODE_GROUP, "ACCEPT TCP 0.0.0.0/0 30713")

    assert fate(ask(lab(keepalive_unread, opened))) == "reachable: 200"
    assert codes_missing(ask(lab(keepalive_unread))) == [FactCode.KEEPALIVE]
    assert fate(ask(lab(balancer(LoadBalancerPassToTarget=None)))) == "reachable: 200"


def test_a_pod_whose_node_nobody_names_may_be_here_or_there() -> None:
    assert fate(ask(lab(pod_nowhere))) == "reachable: 200"
    assert codes_missing(ask(lab(pod_nowhere, group_3_closed))) == [FactCode.NODE_OF_POD]
    assert codes_missing(ask(lab(pod_nowhere, local_policy))) == [FactCode.NODE_OF_POD]


def test_direct_access_to_a_pod_on_the_nodes_network() -> None:
    """A public report: envoy on its node's network declares its metrics port only, and pass-to-target repairs it."""

    def envoy(document: Document) -> None:
        on_host_network(document)
        the_pod(document)["spec"]["containers"][0]["ports"] = [{"containerPort": 9964, "hostPort": 9964}]
        targets(document)[0] |= {"Type": "ENI", "PrivateIpAddresses": ["10.0.35.11"]}
        endpoint_slice(document)["endpoints"][0] |= {"addresses": ["10.0.35.11"], "nodeName": "node-a"}

    assert ask(lab(direct_access, envoy)).reason == "POD_GROUP_DROPPED"
    assert ask(lab(direct_access, envoy, pass_to_target)).reason == "PORT_NOT_DECLARED"
    assert fate(ask(lab(direct_access, envoy, pass_to_target, observed("Alive")))) == "reachable: 200"


def test_two_pods_on_one_address_are_told_apart_by_their_ports() -> None:
    def another(document: Document) -> None:
        pod = deepcopy(the_pod(document))
        pod["metadata"]["name"] = "agent"
        pod["spec"]["containers"][0]["ports"] = [{"containerPort": 9100}]
        document["kubernetes"].append(pod)

    opened = ingress(NODE_GROUP, "ACCEPT TCP 203.0.113.0/24 80")
    answer = ask(lab(on_host_network, another, opened), vip=VIP)
    assert answer.paths[0].endpoint == "shop/web-1:80"


def test_probes_that_are_answered_contradict_what_would_end_them() -> None:
    """Either the health is old, or something of the cluster was not read."""
    for change in (no_endpoints, state("STOPPED"), wrong_target_port):
        answer = ask(lab(change, OPEN, observed("Alive")))

        assert answer.gaps == (fact(FactCode.ALIVE_TARGET, target="ins-nodea001:30713"),)
        assert ask(lab(change, OPEN, observed("Dead"))).verdict == "unreachable"


def test_a_service_whose_named_clb_was_not_read_is_not_led_to_another() -> None:
    def named(document: Document) -> None:
        service(document)["metadata"]["annotations"]["service.kubernetes.io/loadbalance-id"] = "lb-other001"

    assert codes_missing(ask(lab(named))) == [FactCode.BALANCER_NAMED]
