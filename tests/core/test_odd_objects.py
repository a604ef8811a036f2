"""Ports of nodes that processes have, labels that count by being there, mutual TLS, and a host with a port."""

import pytest
from builders import ask, blocked_at, lab
from changes import Change, Document, ingress, observed, target_port, together
from changes_cluster import endpoint_slice, service

from drilllib.core.drills.default_lab import NODE_GROUP, VIP
from drilllib.core.facts import FactCode, fact
from drilllib.core.trace.answer import Trace
from drilllib.errors import InvalidInputError

OPEN = ingress(NODE_GROUP, "ACCEPT ALL 0.0.0.0/0 ALL")


# Ports of nodes


def listening(port: int) -> tuple[FactCode, ...]:
    return (fact(FactCode.PORT_OWNER, transport="TCP", port=port, node="node-a"),)


@pytest.mark.parametrize("port", [22, 80, 10250, 29999, 32768])
def test_outside_of_the_nodeport_range_any_process_of_a_node_may_listen(port: int) -> None:
    """sshd, kubelet, an exporter started by systemd: none of them is an object of Kubernetes."""
    case = OPEN, target_port(port)

    assert ask(lab(*case), vip=VIP).gaps == listening(port)
    assert ask(lab(*case, observed("Alive")), vip=VIP).verdict == "reachable"


@pytest.mark.parametrize("port", [30000, 32767])
def test_inside_of_it_only_services_have_ports(port: int) -> None:
    answer = ask(lab(OPEN, target_port(port)), vip=VIP)

    assert blocked_at(answer) == [("node", "NODEPORT_NOT_IN_USE")]


def external(*addresses: str, port: int = 80) -> Change:
    def change(document: Document) -> None:
        service(document)["spec"]["externalIPs"] = list(addresses)
        service(document)["spec"]["ports"][0]["port"] = port

    return together(OPEN, target_port(port), change)


@pytest.mark.parametrize("port", [80, 30100])
def test_a_service_has_the_port_of_a_node_that_is_among_its_external_addresses(port: int) -> None:
    """kube-proxy forwards it; where to is not followed. (The VIP's listener is on 80.)"""
    assert ask(lab(external("10.0.35.11", port=port)), vip=VIP).gaps == listening(port)
    elsewhere = ask(lab(external("10.9.9.9", port=30100)), vip=VIP)
    assert blocked_at(elsewhere) == [("node", "NODEPORT_NOT_IN_USE")]


# Labels


LABELS = ("service.kubernetes.io/headless", "service.kubernetes.io/service-proxy-name")


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("place", [service, endpoint_slice])
@pytest.mark.parametrize("value", ["", "yes"])
def test_what_kube_proxy_leaves_out_by_a_label_is_a_doubt_whatever_its_value(label: str, place, value: str) -> None:
    """Kubernetes writes the label `headless` with the empty value, always."""

    def labelled(document: Document) -> None:
        place(document)["metadata"].setdefault("labels", {})[label] = value

    answer = ask(lab(labelled))
    assert (answer.verdict, answer.gaps[0].code) == ("undetermined", FactCode.FIELD_VALUE)


def test_other_empty_labels_and_values_are_none() -> None:
    def labelled(document: Document) -> None:
        service(document)["metadata"]["labels"] = {"app": "", LABELS[0]: None}
        document["load_balancers"][0]["NfvInfo"] = ""

    assert ask(lab(labelled)).verdict == "reachable"


# Mutual TLS


def peer_authentication(namespace: str, **spec: object) -> Trace:
    def change(document: Document) -> None:
        metadata = {"name": "default", "namespace": namespace}
        document["kubernetes"].append({"kind": "PeerAuthentication", "metadata": metadata, "spec": spec})

    return ask(lab(change))


@pytest.mark.parametrize("spec", [{"mtls": {"mode": "STRICT"}}, {"portLevelMtls": {"80": {"mode": "STRICT"}}}])
@pytest.mark.parametrize("namespace", ["shop", "istio-system"])
def test_a_policy_that_wants_mutual_tls_may_turn_a_client_away(spec: dict[str, object], namespace: str) -> None:
    name = f"PeerAuthentication {namespace}/default"

    assert peer_authentication(namespace, **spec).gaps == (
        fact(FactCode.OBJECT_UNKNOWN, object=name, pod="shop/web-1"),
    )


def test_one_that_permits_plain_text_or_is_anothers_turns_nobody_away() -> None:
    assert peer_authentication("shop", mtls={"mode": "PERMISSIVE"}).verdict == "reachable"
    assert peer_authentication("other", mtls={"mode": "STRICT"}).verdict == "reachable"


@pytest.mark.parametrize(("namespace", "verdict"), [("istio-system", "undetermined"), ("other", "reachable")])
def test_an_authorization_policy_of_the_root_namespace_is_the_whole_meshs(namespace: str, verdict: str) -> None:
    """As one of the pod's own namespace, and unlike one of another."""

    def change(document: Document) -> None:
        metadata = {"name": "closed", "namespace": namespace}
        document["kubernetes"].append({"kind": "AuthorizationPolicy", "metadata": metadata, "spec": {}})

    assert ask(lab(change)).verdict == verdict


# The host


@pytest.mark.parametrize("host", ["www.example.com:80", "shop:"])
def test_a_host_with_a_port_is_refused(host: str) -> None:
    with pytest.raises(InvalidInputError, match=r"Name it without a port"):
        ask(lab(), host=host)


@pytest.mark.parametrize("host", ["192.0.2.10", "2001:db8::1", "::1"])
def test_addresses_are_hosts(host: str) -> None:
    assert ask(lab(), host=host).question.host == host
