"""
Clients that are nodes or pods of the cluster, on the default lab: node-a is the target, the pod web-1 is on node-b.

What they should meet is what the vendor's page on CLB loopback (457/42976) says they do, and kube-proxy's source.
"""

from collections.abc import Iterator

import pytest
from builders import ask, blocked_at, codes, fate, hop, lab
from changes import (
    EVERYTHING,
    Change,
    Document,
    balancer,
    closed,
    egress,
    ingress,
    keepalive,
    probe,
    second_target,
    together,
)
from changes_cluster import cluster, local_policy, objects, second_pod, service
from changes_real import acl, state, sticky_service
from inside_sentences import annotated, calico, policies, spec

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, POD_GROUP
from drilllib.core.trace.answer import Trace

NODE_A, NODE_B, POD = "10.0.35.11", "10.0.35.12", "10.0.36.12"
VIP = "10.0.40.9"
everything_open = together(*(ingress(group, f"ACCEPT {EVERYTHING}") for group in (CLB_GROUP, NODE_GROUP, POD_GROUP)))
ipvs = cluster(KubeProxyMode="ipvs")


def private(document: Document) -> None:
    """The CLB is a private one, and all groups are open."""
    document["load_balancers"][0] |= {"LoadBalancerType": "INTERNAL", "LoadBalancerVips": [VIP]}
    service(document)["status"] = {"loadBalancer": {"ingress": [{"ip": VIP}]}}
    for rule in document["listeners"]["lb-lab00001"][0].get("Rules") or []:
        rule["Domain"] = VIP
    everything_open(document)


def of_an_ingress(document: Document) -> None:
    """The VIP is in no Service's status."""
    service(document)["status"] = {"loadBalancer": {"ingress": []}}


def primary_known(document: Document) -> None:
    """The interface that carries web-1 has an address of its own, too."""
    entries = document["network_interfaces"][0]["PrivateIpAddressSet"]
    entries.insert(0, {"PrivateIpAddress": "10.0.36.2", "Primary": True})


def ingress_entry(**fields: object) -> Change:
    def change(document: Document) -> None:
        service(document)["status"]["loadBalancer"]["ingress"][0] |= fields

    return change


def another_service(document: Document) -> None:
    other = {**service(document), "metadata": {"name": "other", "namespace": "shop"}}
    document["kubernetes"].append(other)


def direct(document: Document) -> None:
    """The CLB sends to pods: to web-1, and to one on node-a."""
    second_pod(document)
    for holder in document["listeners"]["lb-lab00001"]:
        for each in holder.get("Rules") or [holder]:
            found = objects(document, "EndpointSlice")
            addresses = [each["addresses"][0] for piece in found for each in piece["endpoints"]]
            each["Targets"] = [
                {"Type": "ENI", "PrivateIpAddresses": [address], "Port": 80, "Weight": 10} for address in addresses
            ]


def two_pods_at_its_address(document: Document) -> None:
    (pod,) = objects(document, "Pod")
    document["kubernetes"].append({**pod, "metadata": {**pod["metadata"], "name": "web-0"}})


def nodeless(document: Document) -> None:
    for endpoint in (each for piece in objects(document, "EndpointSlice") for each in piece["endpoints"]):
        endpoint.pop("nodeName", None)
    next(objects(document, "Pod"))["spec"].pop("nodeName")


def gap(answer: Trace) -> str:
    assert answer.verdict == "undetermined", fate(answer)
    return answer.gaps[0].code.name


# kube-proxy answers on the client's own node: mode iptables.


@pytest.mark.parametrize("client", [NODE_A, NODE_B, POD])
def test_in_the_mode_iptables_the_clb_is_not_asked(client: str, listener: str) -> None:
    """Its own group lets none of them in, nor does the target's."""
    shut = together(closed(CLB_GROUP, NODE_GROUP), egress(NODE_GROUP, f"ACCEPT {EVERYTHING}"))
    answer = ask(lab(shut, listener=listener), client=client)

    assert fate(answer) == "reachable: 200"
    assert [each.hop for each in answer.paths[0].hops] == ["node", "pod"]
    assert "KUBE_PROXY_ANSWERS_FOR_VIP" in codes(answer)
    assert not answer.health


def test_a_pod_elsewhere_sees_the_clients_node() -> None:
    only_b = ingress(POD_GROUP, f"ACCEPT TCP {NODE_B} 80")

    assert fate(ask(lab(), client=NODE_A)) == "reachable: 200"
    assert blocked_at(ask(lab(only_b), client=NODE_A)) == [("pod", "NO_RULE_MATCHED")]
    assert fate(ask(lab(only_b), client=NODE_B)) == "reachable: 200"  # over its veth, past group 3


def test_the_node_of_the_client_has_to_let_it_out() -> None:
    answer = ask(lab(egress(NODE_GROUP)), client=NODE_A)

    assert (answer.verdict, answer.reason) == ("unreachable", "NODE_EGRESS_DROPPED")
    assert fate(answer) == "unreachable: connect_timeout"


def test_a_pods_packets_may_leave_by_its_own_interface(listener: str) -> None:
    """web-1 asks, and may be sent to web-2 on node-a: from which address is known where the interface's own is."""

    def asked(*changes: Change) -> Trace:
        return ask(lab(second_pod, *changes, listener=listener), client=POD)

    both, nodes_only = (ingress(POD_GROUP, f"ACCEPT TCP {blocks} 80") for blocks in ("10.0.32.0/20", "10.0.35.0/24"))
    assert gap(asked(both)) == "SOURCE_OF_POD"
    assert fate(asked(both, primary_known)) == "reachable: 200"
    assert gap(asked(nodes_only, primary_known)) == "SOURCE_OF_POD"
    assert gap(asked(both, primary_known, egress(POD_GROUP))) == "SOURCE_OF_POD"
    assert gap(asked(both, primary_known, egress(NODE_GROUP))) == "SOURCE_OF_POD"
    shut = asked(both, primary_known, egress(POD_GROUP), egress(NODE_GROUP))
    assert (fate(shut), blocked_at(shut)) == ("intermittent: connect_timeout, 200", [("node", "NO_RULE_MATCHED")])


def test_a_node_is_sent_anywhere_even_under_local() -> None:
    """kube-proxy treats what its host sends as if it were Cluster; what a pod sends depends on its settings."""
    assert fate(ask(lab(local_policy), client=NODE_A)) == "reachable: 200"
    assert gap(ask(lab(local_policy), client=POD)) == "POD_UNDER_LOCAL"


def test_a_node_without_contact_or_behind_a_network_acl_is_a_doubt() -> None:
    assert gap(ask(lab(acl), client=NODE_A)) == "FIELD_ELSEWHERE"
    assert gap(ask(lab(state("STOPPED")), client=NODE_A)) == "CLIENT_IS_OFF"


def test_one_client_stays_with_one_endpoint() -> None:
    one_shut = (second_pod, ingress(POD_GROUP), sticky_service)

    assert gap(ask(lab(*one_shut), client=NODE_A)) == "ENDPOINT_OF_CLIENT"


def test_where_probes_come_from_does_not_matter_to_it() -> None:
    """The pods' groups were once asked about the CLB's probes, too, where `SourceIpType` was not read."""
    shut = (second_pod, ingress(POD_GROUP), probe(SourceIpType=None))

    assert fate(ask(lab(*shut), client=NODE_A)) == fate(ask(lab(*shut[:2]), client=NODE_A))
    assert blocked_at(ask(lab(*shut), client=NODE_A)) == [("pod", "NO_RULE_MATCHED")]


def test_many_endpoints_alike_are_one_path() -> None:
    answer = ask(lab(second_pod, everything_open), client=NODE_A)

    assert sum(path.count for path in answer.paths) == 2


# By way of a private CLB: mode ipvs, or an Ingress.


@pytest.mark.parametrize("changes", [(private, ipvs), (private, of_an_ingress), (private, of_an_ingress, ipvs)])
def test_at_layer_7_a_pod_waits_four_seconds_for_its_own_node(changes: tuple[Change, ...]) -> None:
    """A few seconds late, for the CLB goes on to the next target; with one target only it is cut off."""
    looping = ask(lab(second_target, *changes), client=POD)
    alone = ask(lab(*changes, on_node_b), client=POD)

    assert fate(looping) == "reachable: 200 after 4 s, 200"
    assert blocked_at(looping) == [("node", "PACKET_LOOPS_BACK")]
    assert fate(alone) == "unreachable: 504 after 4 s"
    assert "LOOPED_PACKETS_ARE_DROPPED" in codes(alone)


def on_node_b(document: Document) -> None:
    """node-b, where web-1 runs, is the only target."""
    second_target(document)
    for holder in document["listeners"]["lb-lab00001"]:
        for each in holder.get("Rules") or [holder]:
            del each["Targets"][0]


def test_at_layer_4_it_is_now_and_then_or_not_at_all() -> None:
    """In the mode ipvs alone: in the mode iptables kube-proxy answers."""
    both = ask(lab(private, ipvs, second_target, listener="TCP"), client=POD)
    assert fate(both) == "intermittent: connect_timeout, 200"
    assert fate(ask(lab(private, ipvs, on_node_b, listener="TCP"), client=POD)) == "unreachable: connect_timeout"
    assert fate(ask(lab(private, second_target, listener="TCP"), client=POD)) == "reachable: 200"


def test_a_clb_sends_nothing_to_the_client_itself(listener: str) -> None:
    """There is another target; where there is none nobody says what becomes of the request."""
    assert fate(ask(lab(private, ipvs, second_target, listener=listener), client=NODE_A)) == "reachable: 200"
    assert gap(ask(lab(private, ipvs, listener=listener), client=NODE_A)) == "TARGET_IS_CLIENT"


def test_what_hides_the_clients_address_keeps_it_from_looping() -> None:
    """Keep-alive is what the vendor recommends against it."""
    assert fate(ask(lab(private, ipvs, second_target, keepalive), client=POD)) == "reachable: 200"
    snat_pro = balancer(SnatPro=True, SnatIps=[{"Ip": "10.0.40.20"}])
    assert fate(ask(lab(private, ipvs, second_target, snat_pro), client=POD)) == "reachable: 200"


def test_a_pod_that_is_a_target_may_be_looped_to_by_its_neighbours() -> None:
    """The vendor says that it may; web-1 itself is sent nothing."""
    answer = ask(lab(private, ipvs, direct, listener="TCP"), client=POD)
    neighbour = ask(lab(private, ipvs, direct, listener="TCP"), client=NODE_A)

    assert fate(answer) == "reachable: 200"
    assert gap(neighbour) == "TARGET_MAY_LOOP"


def test_the_groups_of_clb_and_target_see_the_client(listener: str) -> None:
    opened = together(private, ipvs, second_target)
    shut = ask(lab(opened, ingress(CLB_GROUP, "ACCEPT TCP 203.0.113.0/24 80"), listener=listener), client=NODE_A)
    target = ask(lab(opened, ingress(NODE_GROUP, f"ACCEPT TCP {NODE_B} 1-65535"), listener="TCP"), client=NODE_A)

    assert (shut.verdict, shut.reason) == ("unreachable", "CLB_GROUP_DROPPED")
    assert hop(target, "node", 1).checks[0].peer.address is not None
    assert ("node", "NO_RULE_MATCHED") in blocked_at(target)


def test_what_the_client_may_not_send_is_a_doubt(listener: str) -> None:
    shut = lab(private, ipvs, second_target, egress(NODE_GROUP), listener=listener)
    assert gap(ask(shut, client=NODE_A)) == "CLIENT_EGRESS"


def test_health_is_as_anybody_sees_it() -> None:
    """Probes do not loop."""
    assert [each.predicted for each in ask(lab(private, ipvs, second_target), client=POD).health] == ["Alive", "Alive"]


# What cannot be told.

UNKNOWN = {
    "KUBE_PROXY_MODE": (cluster(KubeProxyMode=None), NODE_A),
    "KUBE_PROXY_VIPS": (another_service, NODE_A),
    "KUBE_PROXY_ANSWERS": (ingress_entry(ipMode="Proxy"), NODE_A),
    "SOURCE_AT_VIP": (ipvs, NODE_A),
    "POD_PAST_KUBE_PROXY": (cluster(VpcCniType="tke-direct-eni"), POD),
    "CLIENT_OF_SEVERAL": (two_pods_at_its_address, POD),
    "NODE_OF_POD": (nodeless, POD),
    "SOURCE_RANGES": (spec(loadBalancerSourceRanges=["203.0.113.0/24"]), NODE_A),
    "EGRESS_POLICY": (policies(None, policyTypes=["Egress"]), POD),
    "EGRESS_OBJECT": (calico, POD),
}


def unknown_ways() -> Iterator[Trace]:
    """Answers that name what is not known."""
    yield from (ask(lab(change), client=client) for change, client in UNKNOWN.values())
    yield ask(lab(local_policy), client=POD)
    yield ask(lab(second_pod), client=POD)
    yield ask(lab(no_node_port), client=NODE_A)


def no_node_port(document: Document) -> None:
    service(document)["spec"]["ports"][0].pop("nodePort")


@pytest.mark.parametrize("code", UNKNOWN)
def test_what_is_not_known_of_the_way_is_named(code: str, listener: str) -> None:
    change, client = UNKNOWN[code]

    assert gap(ask(lab(change, listener=listener), client=client)) == code


def test_in_the_mode_ipvs_a_vip_may_be_bound_to_the_node() -> None:
    assert gap(ask(lab(private, ipvs, annotated("true")), client=NODE_A)) == "KUBE_PROXY_ANSWERS"


def test_tls_that_the_clb_would_have_ended_and_ports_that_it_lacks() -> None:
    def https(document: Document) -> None:
        document["listeners"]["lb-lab00001"][0]["Protocol"] = "HTTPS"

    assert gap(ask(lab(https), client=NODE_A)) == "TLS_OF_SERVICE"
    assert gap(ask(lab(no_node_port), client=NODE_A)) == "CLIENT_IN_CLUSTER"
    assert gap(ask(lab(), client=NODE_A, port=81)) == "CLIENT_PORT"


def test_probes_do_not_decide_what_kube_proxy_does() -> None:
    """All targets Dead, and it is reachable as before."""
    assert fate(ask(lab(probe(SourceIpType=0)), client=NODE_A)) == "reachable: 200"
