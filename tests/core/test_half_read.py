"""Snapshots that hold half of something: absent is not empty, and what is known all the same is used."""

import pytest
from builders import ask, blocked_at, fate, health, lab
from changes import (
    Change,
    Document,
    group_1_closed,
    group_3_closed,
    ingress,
    observed,
    probes_from_vip,
    targets,
    the_listener,
)
from changes_cluster import (
    endpoint_slice,
    eni_unread,
    group_unread,
    local_policy,
    no_endpoint_slice,
    no_endpoints,
    objects,
    pod_on_node_a,
    unread,
    wrong_target_port,
)

from drilllib.core.drills.default_lab import NODE_GROUP, NODE_PORT, POD_GROUP
from drilllib.core.drills.variants import direct_access, over_udp
from drilllib.core.facts import FactCode, fact

# The listener's targets


@pytest.mark.parametrize("lose", [lambda holder: holder.pop("Targets"), lambda holder: holder.update(Targets=None)])
def test_targets_that_nobody_put_in_are_not_known(listener: str, lose: Change) -> None:
    """An answer of DescribeListeners alone looks like this; `no targets` would be a lie about a healthy Service."""

    def unmerged(document: Document) -> None:
        holder = the_listener(document)
        lose(holder["Rules"][0] if holder.get("Rules") else holder)

    answer = ask(lab(unmerged, listener=listener))

    assert (answer.verdict, answer.reason) == ("undetermined", "FACT_MISSING")
    assert answer.gaps == (fact(FactCode.TARGETS, listener="lbl-lab00001"),)
    assert fate(ask(lab(unmerged, group_1_closed, listener=listener))) == "unreachable: connect_timeout"


# Names in rules


def test_members_of_a_group_whose_own_rules_were_not_read_are_known(listener: str) -> None:
    """Who is bound to a group does not hang on what it admits."""

    def bound(document: Document) -> None:
        document["network_interfaces"][0]["GroupSet"].append("sg-x")
        egress = document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]["Egress"]
        egress.insert(0, {"Action": "DROP", "Protocol": "ALL", "Port": "ALL", "SecurityGroupId": "sg-x"})

    assert blocked_at(ask(lab(bound, listener=listener))) == [("node", "RULE_MATCHED")]


TEMPLATES = {
    "addresses": ("address_templates", "ipm-a", f"DROP TCP ipm-a {NODE_PORT}", "AddressSet"),
    "group of addresses": ("address_template_groups", "ipmg-a", f"DROP TCP ipmg-a {NODE_PORT}", "AddressTemplateIdSet"),
}


@pytest.mark.parametrize(("part", "name", "line", "field"), TEMPLATES.values(), ids=TEMPLATES)
def test_a_template_without_its_members_may_mean_anybody(part: str, name: str, line: str, field: str) -> None:
    """One whose list is empty means nobody."""
    rules = ingress(NODE_GROUP, line, f"ACCEPT TCP 0.0.0.0/0 {NODE_PORT}")

    def without_members(document: Document) -> None:
        document[part] = {name: {"AddressTemplateId": name}}

    def empty(document: Document) -> None:
        document[part] = {name: {field: []}}

    assert ask(lab(rules, without_members)).verdict == "undetermined"
    assert ask(lab(rules, empty)).verdict == "reachable"


# Health


@pytest.mark.parametrize("change", [no_endpoints, wrong_target_port], ids=["no endpoints", "port not listening"])
def test_a_target_that_fails_either_way_is_dead(listener: str, change: Change) -> None:
    """The probe may be dropped at the unread group, else it is refused behind it."""
    unsure = (probes_from_vip, group_unread(NODE_GROUP), change)

    assert health(ask(lab(*unsure, listener=listener))) == ["Dead"]


def test_a_udp_target_that_refuses_is_dead_whatever_becomes_of_the_ping() -> None:
    """A group that was not read at all may also drop the packet, and over UDP silence is no refusal."""
    ping_unsure = ingress(NODE_GROUP, f"ACCEPT UDP 0.0.0.0/0 {NODE_PORT}", "ACCEPT ICMP ipm-unread ALL")

    assert health(ask(lab(over_udp, probes_from_vip, ping_unsure))) == ["Unknown"]
    assert health(ask(lab(over_udp, probes_from_vip, ping_unsure, no_endpoints))) == ["Dead"]
    assert health(ask(lab(over_udp, probes_from_vip, group_unread(NODE_GROUP), no_endpoints))) == ["Unknown"]


@pytest.mark.parametrize("change", [no_endpoint_slice, unread("kubernetes")], ids=["no slice", "no Kubernetes"])
def test_a_udp_target_of_which_nobody_knows_what_is_behind_it_may_refuse(change: Change) -> None:
    """Silence is health over UDP; a refusal is not, and that is possible here."""

    def by_address(document: Document) -> None:
        document["load_balancers"][0]["LoadBalancerVips"] = ["198.51.100.10"]

    answer = ask(lab(over_udp, by_address, change), service=None, vip="198.51.100.10", port=80, protocol="UDP")

    assert health(answer) == ["Unknown"]


def test_health_under_a_targets_address_is_found_beside_another_rules_under_its_instance() -> None:
    """DescribeTargetHealth names a target by its instance, by its address, or both, rule by rule."""

    def by_address(document: Document) -> None:
        target = targets(document)[0]
        entry = {"IP": target["PrivateIpAddresses"][0], "Port": target["Port"], "HealthStatusDetail": "Dead"}
        listed = document["target_health"][0]["Listeners"][0]["Rules"]
        listed[:] = [{"LocationId": "loc-lab00001", "Targets": [entry]}, *listed]

    answer = ask(lab(observed("Alive", location="loc-other"), by_address))

    assert [each.observed for each in answer.health] == ["Dead"]


def test_an_ipv6_vip_probes_an_ipv4_target_from_an_address_that_nobody_knows() -> None:
    """Or from the CLB's own IPv4 VIP, where it has one. Under Local an interface of its own sees the source."""

    def mixed(document: Document) -> None:
        document["cluster"]["VpcCniType"] = "tke-direct-eni"
        document["load_balancers"][0] |= {"LoadBalancerVips": [], "AddressIPv6": "2001:db8::10"}

    only_the_vip = ingress(POD_GROUP, "ACCEPT TCP 198.51.100.10 80")
    case = (local_policy, pod_on_node_a, probes_from_vip, mixed, only_the_vip)

    def dual(document: Document) -> None:
        document["load_balancers"][0]["LoadBalancerVips"] = ["198.51.100.10"]

    asked = {"service": None, "vip": "2001:db8::10", "client": "2001:db8:1::1", "port": 80}
    assert health(ask(lab(*case, listener="TCP"), **asked)) == ["Unknown"]
    assert health(ask(lab(*case, dual, listener="TCP"), **asked)) == ["Alive"]


# The cluster


@pytest.mark.parametrize("client", ["10.0.35.12", "10.0.36.12"], ids=["a node's", "a pod's"])
def test_a_client_of_the_cluster_is_known_by_its_kubernetes_object(client: str) -> None:
    """Whether its instance or interface was read makes no difference to where it is."""

    def cloud_unread(document: Document) -> None:
        del document["instances"][1], document["network_interfaces"]

    assert "KUBE_PROXY_ANSWERS_FOR_VIP" in ask(lab(cloud_unread), client=client).assumptions


def test_an_endpoint_without_a_node_is_where_its_pod_is(listener: str) -> None:
    """On node-a, and so past the closed group of its interface."""

    def unnamed(document: Document) -> None:
        del endpoint_slice(document)["endpoints"][0]["nodeName"]

    assert fate(ask(lab(pod_on_node_a, unnamed, group_3_closed, listener=listener))) == "reachable: 200"
    assert ask(lab(unnamed, group_3_closed, listener=listener)).reason == "POD_GROUP_DROPPED"


def test_a_group_policy_may_select_a_pod_that_was_not_read(listener: str) -> None:
    """Its labels would tell."""

    def policy(document: Document) -> None:
        selector = {"podSelector": {"matchLabels": {"app": "other"}}}
        metadata = {"name": "other", "namespace": "shop"}
        document["kubernetes"].append({"kind": "SecurityGroupPolicy", "metadata": metadata, "spec": selector})

    def pod_unread(document: Document) -> None:
        document["kubernetes"].remove(next(objects(document, "Pod")))

    read = ask(lab(policy, eni_unread(), listener=listener))
    assert read.gaps == (fact(FactCode.GROUPS_OF_INTERFACE, pod="shop/web-1"),)
    answer = ask(lab(policy, eni_unread(), pod_unread, listener=listener))
    assert answer.gaps == (fact(FactCode.GROUP_POLICY_APPLIES, policy="shop/other", pod="shop/web-1"),)


def test_the_groups_of_an_address_without_a_pod_are_asked(listener: str) -> None:
    """A target may stay registered longer than its pod lives; closed groups drop what is sent there."""

    def gone(document: Document) -> None:
        document["kubernetes"] = [each for each in document["kubernetes"] if each["kind"] in ("Service", "Node")]

    assert ask(lab(direct_access, gone, listener=listener)).gaps == (fact(FactCode.POD_AT, address="10.0.36.12"),)
    assert blocked_at(ask(lab(direct_access, gone, group_3_closed, listener=listener))) == [("pod", "NO_RULE_MATCHED")]
    unsure = ask(lab(direct_access, gone, group_3_closed, unread("network_interfaces"), listener=listener))
    assert (unsure.verdict, unsure.blockers) == ("undetermined", ())
