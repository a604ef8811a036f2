"""Every way from the CLB to a pod besides the default lab's own: one case each, and what is not known about it."""

import pytest
from builders import (
    CLIENT,
    EVERYTHING,
    LISTENERS,
    Change,
    Document,
    ask,
    blocked_at,
    clb_groups,
    closed,
    endpoint_slice,
    eni_groups,
    eni_unread,
    fate,
    group_1_closed,
    group_2_closed,
    group_3_closed,
    health,
    hop,
    ingress,
    keepalive,
    lab,
    local_policy,
    node_groups,
    objects,
    observed,
    pass_to_target,
    pod_on_node_a,
    probes_from_vip,
    said,
    second_host,
    second_pod,
    second_target,
    service,
    targets,
    the_listener,
    together,
    unread,
    wrong_target_port,
)

from drilllib.core.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, POD_GROUP, VIP
from drilllib.core.semantics import ORIGINAL
from drilllib.core.variants import IPV6_CLIENT, direct_access, over_ipv6, over_udp
from drilllib.errors import DrillError, InvalidInputError, UnknownNameError

SILENT = {"HTTP": "504 after 4 s", "TCP": "connect_timeout"}
BALANCER = "lb-lab00001"


@pytest.fixture(params=LISTENERS)
def listener(request: pytest.FixtureRequest) -> str:
    return request.param


def balancer(**fields: object) -> Change:
    return lambda document: document["load_balancers"][0].update(fields)


def probe(**fields: object) -> Change:
    return lambda document: the_listener(document)["HealthCheck"].update(fields)


def cluster(**fields: object) -> Change:
    return lambda document: document["cluster"].update(fields)


# Direct access


def test_under_direct_access_groups_1_and_3_decide(listener: str) -> None:
    """The node is not on the way, so its group has no say, open or closed."""
    answer = ask(lab(direct_access, group_2_closed, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert [each.hop for each in answer.paths[0].hops] == ["clb", "pod"]
    assert [each.target for each in answer.health] == ["10.0.36.12:80"]


def test_under_direct_access_group_3_sees_the_client(listener: str) -> None:
    """A rule for the nodes, right before the switch, locks everybody out after it."""
    answer = ask(lab(direct_access, ingress(POD_GROUP, "ACCEPT TCP 10.0.35.0/24 80"), listener=listener))

    assert fate(answer) == f"unreachable: {SILENT[listener]}"
    assert (answer.reason, hop(answer, "pod").checks[0].peer) == ("POD_GROUP_DROPPED", CLIENT)


def test_under_direct_access_a_closed_group_3_leaves_the_target_alive(listener: str) -> None:
    """The probe needs no rule at the target, and now the pod is the target: Dead no longer points at group 3."""
    assert health(ask(lab(direct_access, group_3_closed, listener=listener))) == ["Alive"]


def test_pass_to_target_covers_a_pod_that_is_the_target(listener: str) -> None:
    """Inferred from the wording of the switch, and listed."""
    answer = ask(lab(direct_access, pass_to_target, group_3_closed, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert "PASS_TO_TARGET_COVERS_PODS" in answer.assumptions


def test_probes_from_the_vip_need_a_rule_at_the_pod(listener: str) -> None:
    """The same as at a node."""
    without = ask(lab(direct_access, probes_from_vip, listener=listener))
    rules = ingress(POD_GROUP, "ACCEPT TCP 203.0.113.0/24 80", f"ACCEPT TCP {VIP} 80")

    assert (fate(without), health(without)) == ("reachable: 200", ["Dead"])
    assert health(ask(lab(direct_access, probes_from_vip, rules, listener=listener))) == ["Alive"]


def test_a_keepalive_listener_hides_the_client_from_the_pod() -> None:
    """100.127.0.0/16 is what group 3 has to admit then."""
    opened = ingress(POD_GROUP, "ACCEPT TCP 100.127.0.0/16 80")

    assert fate(ask(lab(direct_access, keepalive))) == "unreachable: 504 after 4 s"
    assert fate(ask(lab(direct_access, keepalive, opened))) == "reachable: 200"


def test_a_pod_target_that_does_not_listen_refuses(listener: str) -> None:
    def wrong_port(document: Document) -> None:
        targets(document)[0]["Port"] = 8080

    opened = ingress(POD_GROUP, "ACCEPT TCP 203.0.113.0/24 8080")
    answer = ask(lab(direct_access, wrong_port, opened, listener=listener))

    assert (answer.reason, health(answer)) == ("PORT_NOT_LISTENING", ["Dead"])


def test_a_pod_target_that_no_pod_has_is_not_guessed_at(listener: str) -> None:
    """It may be gone, or in a namespace that was not read."""

    def elsewhere(document: Document) -> None:
        targets(document)[0]["PrivateIpAddresses"] = ["10.0.36.99"]

    answer = ask(lab(direct_access, elsewhere, listener=listener))

    assert answer.verdict == "undetermined"
    assert answer.gaps == ("which pod has the address 10.0.36.99",)


def test_a_pod_target_is_followed_without_kubernetes_objects(listener: str) -> None:
    """Interface and groups are the cloud's; only the pod's name is not."""
    answer = ask(lab(direct_access, unread("kubernetes"), listener=listener), vip=VIP)

    assert fate(answer) == "reachable: 200"
    assert hop(answer, "pod").name == "10.0.36.12"


def test_a_pod_target_without_address_is_refused_in_one_line() -> None:
    with pytest.raises(InvalidInputError, match="has no address"):
        ask(lab(direct_access, lambda document: targets(document)[0].pop("PrivateIpAddresses")))


def test_pods_and_nodes_may_be_targets_of_one_listener(listener: str) -> None:
    """So it is while a Service is switched over; the two need different rules."""

    def node_too(document: Document) -> None:
        node = {"Type": "CVM", "InstanceId": "ins-nodea001", "PrivateIpAddresses": ["10.0.35.11"], "Port": NODE_PORT}
        targets(document).append(node)

    answer = ask(lab(direct_access, node_too, listener=listener))

    assert [path.outcome for path in answer.paths] == ["delivered", "dropped"]
    assert health(answer) == ["Alive", "Dead"]


def test_two_pods_on_one_interface_are_two_targets(listener: str) -> None:
    """Pods share interfaces and ports, so only the address tells them apart."""

    def both(document: Document) -> None:
        second_pod(document)
        direct_access(document)
        targets(document).append({**targets(document)[0], "PrivateIpAddresses": ["10.0.36.11"]})

    answer = ask(lab(both, observed("Alive", "Dead"), listener=listener))

    assert [each.target for each in answer.health] == ["10.0.36.12:80", "10.0.36.11:80"]
    assert [each.observed for each in answer.health] == ["Alive", "Dead"]


@pytest.mark.parametrize(
    ("annotation", "default", "registered", "expected"),
    [
        ("false", "true", "CVM", []),
        ("true", "true", "ENI", []),
        (None, "true", "ENI", []),
        (None, "false", "CVM", []),
        (None, "true", "CVM", ["ACCESS_MODE_DIFFERS"]),
        ("false", "true", "ENI", ["ACCESS_MODE_DIFFERS"]),
        (None, None, "CVM", []),
    ],
)
def test_settings_that_disagree_with_the_targets_are_reported(
    annotation: str | None, default: str | None, registered: str, expected: list[str]
) -> None:
    """New clusters default to direct access: the non-direct drill turns into the direct one without a word."""

    def change(document: Document) -> None:
        if registered == "ENI":
            direct_access(document)
        annotations = service(document)["metadata"]["annotations"]
        annotations["service.cloud.tencent.com/direct-access"] = annotation
        document["cluster"]["controller_config"] = default and {"EnableDefaultDirectAccess": default}

    answer = ask(lab(change))

    assert [each.code for each in answer.findings] == expected
    assert fate(answer) == "reachable: 200"


# UDP


def test_a_udp_service_is_answered_in_udps_own_words() -> None:
    """There is no handshake: silence is all a client sees of a drop, and an ICMP error of a refusal."""
    opened = ingress(POD_GROUP, "ACCEPT UDP 10.0.35.0/24 8080")

    assert fate(ask(lab(over_udp))) == "reachable: answered"
    for group in (CLB_GROUP, NODE_GROUP, POD_GROUP):
        assert fate(ask(lab(over_udp, closed(group)))) == "unreachable: no_answer"
    assert fate(ask(lab(over_udp, wrong_target_port, opened))) == "unreachable: port_unreachable"


def test_a_rule_for_tcp_admits_no_udp() -> None:
    assert (
        fate(ask(lab(over_udp, ingress(NODE_GROUP, f"ACCEPT TCP 0.0.0.0/0 {NODE_PORT}")))) == "unreachable: no_answer"
    )


def test_one_blocked_target_of_two_is_intermittent_over_udp() -> None:
    two = together(second_target, node_groups("b", "sg-nodeb001"), closed("sg-nodeb001"))

    assert fate(ask(lab(two, over_udp))) == "intermittent: no_answer, answered"


def test_a_udp_target_is_alive_while_it_pings_and_refuses_nothing() -> None:
    """Silence counts as health: a UDP probe that a group drops at the pod changes nothing."""
    assert health(ask(lab(over_udp, group_3_closed))) == ["Alive"]
    assert health(ask(lab(over_udp, wrong_target_port, ingress(POD_GROUP, f"ACCEPT {EVERYTHING}")))) == ["Dead"]


@pytest.mark.parametrize(
    ("line", "state"),
    [
        (f"ACCEPT UDP {VIP} {NODE_PORT}", "Dead"),
        (f"ACCEPT ICMP {VIP} ALL", "Alive"),
        (f"ACCEPT ALL {VIP} ALL", "Alive"),
    ],
)
def test_a_udp_probe_from_the_vip_needs_icmp(line: str, state: str) -> None:
    """The vendor's page says so; a rule for the port alone keeps the target Dead."""
    answer = ask(lab(over_udp, probes_from_vip, ingress(NODE_GROUP, line)))

    assert health(answer) == [state]
    assert state == "Alive" or answer.health[0].blocker.check.protocol == "ICMP"


def test_the_protocol_follows_from_the_listener() -> None:
    """Nobody should have to say UDP where nothing else listens."""
    assert ask(lab(over_udp)).question.protocol == "UDP"


def test_tcp_and_udp_on_one_port_are_two_listeners() -> None:
    """TCP is meant where nothing is said; both can be asked for."""

    def both(document: Document) -> None:
        tcp = dict(the_listener(document))
        over_udp(document)
        document["listeners"][BALANCER].append({**tcp, "ListenerId": "lbl-lab00002"})

    assert ask(lab(both), port=80).listener.protocol == "HTTP"
    assert ask(lab(both), port=80, protocol="UDP").listener.protocol == "UDP"


# IPv6


def over_6(*changes: Change, listener: str = "HTTP"):
    return ask(lab(over_ipv6, *changes, listener=listener), client=IPV6_CLIENT)


def test_over_ipv6_targets_admit_the_clbs_traffic_always(listener: str) -> None:
    """Pass-to-target cannot be switched off there, whatever the field says; group 2 is not asked."""
    answer = over_6(group_2_closed_to_clients, balancer(LoadBalancerPassToTarget=False), listener=listener)

    assert fate(answer) == "reachable: 200"
    assert hop(answer, "node").checks[0].reason == "PASS_TO_TARGET"


def group_2_closed_to_clients(document: Document) -> None:
    document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]["Ingress"] = []


def test_over_ipv6_group_3_sees_the_nodes_ipv6_address(listener: str) -> None:
    answer = over_6(listener=listener)

    assert hop(answer, "pod").checks[0].peer == "2001:db8:35::11"
    assert fate(over_6(group_3_closed, listener=listener)) == f"unreachable: {SILENT[listener]}"


def test_over_ipv6_rules_for_ipv4_match_nothing(listener: str) -> None:
    answer = over_6(ingress(CLB_GROUP, f"ACCEPT {EVERYTHING}"), listener=listener)

    assert fate(answer) == "unreachable: connect_timeout"


def ipv4_target(document: Document) -> None:
    targets(document)[0]["PrivateIpAddresses"] = ["10.0.35.11"]
    slice_ = next(objects(document, "EndpointSlice"))
    slice_["endpoints"][0]["addresses"] = ["10.0.36.12"]


def test_an_ipv4_target_of_an_ipv6_vip_sees_an_address_nobody_can_know(listener: str) -> None:
    """NAT64 puts an IPv4 address in the client's place; under Cluster the node hides even that."""
    opened = ingress(POD_GROUP, "ACCEPT TCP 10.0.35.0/24 80")
    answer = over_6(ipv4_target, opened, listener=listener)

    assert fate(answer) == "reachable: 200"
    assert [each.after for each in hop(answer, "clb").rewrites] == [f"10.0.35.11:{NODE_PORT}", "0.0.0.0/0"]


def test_a_nodes_missing_ipv6_address_is_a_gap(listener: str) -> None:
    def no_address(document: Document) -> None:
        document["instances"][0].pop("IPv6Addresses")
        targets(document)[0]["InstanceId"] = "ins-nodea001"

    answer = over_6(no_address, listener=listener)

    assert answer.verdict == "undetermined"
    assert answer.gaps == ("the IPv6 address of node-a",)


def test_endpoints_of_the_other_family_do_not_count(listener: str) -> None:
    """kube-proxy keeps the families apart: an IPv4 packet never reaches an IPv6 endpoint."""

    def only_ipv6(document: Document) -> None:
        next(objects(document, "EndpointSlice"))["endpoints"][0]["addresses"] = ["2001:db8:36::12"]

    assert ask(lab(only_ipv6, listener=listener)).reason == "NO_ENDPOINTS"


def test_an_ipv6_target_of_an_ipv4_vip_is_not_modelled(listener: str) -> None:
    def change(document: Document) -> None:
        targets(document)[0]["PrivateIpAddresses"] = ["2001:db8:35::11"]

    assert ask(lab(change, listener=listener)).reason == "NOT_MODELLED"


def test_of_two_vips_the_one_of_the_clients_family_is_asked(listener: str) -> None:
    """A dual-stack CLB has one of each."""
    both = balancer(LoadBalancerVips=[VIP], AddressIPv6="2001:db8::10")

    assert ask(lab(both, listener=listener)).question.vip == VIP
    assert ask(lab(both, listener=listener), client=IPV6_CLIENT).question.vip == "2001:db8::10"


def test_a_udp_probe_of_an_ipv6_vip_is_a_ping_only() -> None:
    """The vendor's page: UDP listeners on IPv6 know no port check."""
    refuses = over_6(over_udp, wrong_target_port)

    assert health(refuses) == ["Alive"]


# Who the target sees


@pytest.mark.parametrize(
    ("peers", "verdict"),
    [("10.0.40.0/24", "reachable"), ("10.0.40.5", "undetermined"), (CLIENT, "unreachable")],
)
def test_with_snatpro_targets_see_the_clbs_own_addresses(listener: str, peers: str, verdict: str) -> None:
    """A rule for the client admits nobody; one of two addresses is no answer either way."""
    snat = balancer(SnatPro=True, SnatIps=[{"Ip": "10.0.40.5"}, {"Ip": "10.0.40.6"}])
    answer = ask(lab(snat, ingress(NODE_GROUP, f"ACCEPT TCP {peers} {NODE_PORT}"), listener=listener))

    assert answer.verdict == verdict
    assert hop(answer, "node").checks[0].peer == "10.0.40.5, 10.0.40.6"
    assert "SNATPRO_HIDES_CLIENT" in answer.assumptions


def test_unread_snat_addresses_are_a_gap(listener: str) -> None:
    answer = ask(lab(balancer(SnatPro=True), listener=listener))

    assert answer.verdict == "undetermined"
    assert answer.gaps == (f"SnatIps of {BALANCER}",)


def test_unread_snat_addresses_do_not_matter_to_a_group_that_admits_all(listener: str) -> None:
    opened = ingress(NODE_GROUP, f"ACCEPT TCP 0.0.0.0/0 {NODE_PORT}")

    assert ask(lab(balancer(SnatPro=True), opened, listener=listener)).verdict == "reachable"


# Which CLB, which listener, which forwarding rule


def existing(document: Document) -> None:
    """The Service uses a CLB that somebody else made."""
    metadata = service(document)["metadata"]
    metadata["annotations"] = {"service.kubernetes.io/tke-existed-lbid": BALANCER}
    service(document)["status"] = {}


def test_a_service_on_an_existing_clb_finds_it(listener: str) -> None:
    assert fate(ask(lab(existing, listener=listener))) == "reachable: 200"


def domain_name(document: Document) -> None:
    """The CLB has a name and no fixed address."""
    balancer(LoadBalancerVips=[], LoadBalancerDomain="lb-lab00001.clb.example.com")(document)
    item = service(document)
    item["metadata"]["annotations"].pop("service.kubernetes.io/loadbalance-id")
    item["status"] = {"loadBalancer": {"ingress": [{"hostname": "lb-lab00001.clb.example.com"}]}}
    for rule in the_listener(document)["Rules"] or ():
        rule["Domain"] = "lb-lab00001.clb.example.com"


def test_a_clb_with_a_domain_name_is_asked_by_it(listener: str) -> None:
    """There is no VIP to name; groups see the client and the listener's port all the same."""
    answer = ask(lab(domain_name, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert answer.question.vip == "lb-lab00001.clb.example.com"
    assert fate(ask(lab(domain_name, listener=listener), vip="lb-lab00001.clb.example.com")) == "reachable: 200"
    assert fate(ask(lab(domain_name, group_1_closed, listener=listener))) == "unreachable: connect_timeout"


def test_probes_from_a_vip_that_is_not_known_may_come_from_anywhere() -> None:
    """The domain name's address changes, so what the node's group makes of it is not known."""
    assert health(ask(lab(domain_name, probes_from_vip))) == ["Unknown"]
    assert health(ask(lab(domain_name, probes_from_vip, ingress(NODE_GROUP, f"ACCEPT {EVERYTHING}")))) == ["Alive"]


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(UnknownNameError, match=r"lb-lab00001\.clb\.example\.com"):
        ask(lab(domain_name), vip="other.example.com")


def second_service(document: Document) -> None:
    """shop/admin shares the CLB: listener 8443 leads to its NodePort."""
    admin = {**service(document), "metadata": {"name": "admin", "namespace": "shop", "annotations": {}}}
    port = {**admin["spec"]["ports"][0], "port": 8443, "nodePort": 30999}
    document["kubernetes"].append({**admin, "spec": {**admin["spec"], "ports": [port]}})
    web = the_listener(document)
    target = {**targets(document)[0], "Port": 30999}
    item = {**web, "ListenerId": "lbl-lab00002", "Protocol": "TCP", "Port": 8443, "Rules": None, "Targets": [target]}
    document["listeners"][BALANCER].append(item)


def test_a_service_on_a_shared_clb_is_asked_on_its_own_port() -> None:
    """The other Service's listener on the same CLB is not in question."""
    assert ask(lab(second_service)).question.port == 80
    assert ask(lab(second_service), service="shop/admin").question.port == 8443


def test_a_vip_with_two_listeners_needs_a_port() -> None:
    with pytest.raises(InvalidInputError, match=r"80/HTTP, 8443/TCP"):
        ask(lab(second_service), vip=VIP)


def test_a_port_that_leads_to_another_service_is_reported() -> None:
    """The path is followed as it is; that it is another Service's is worth knowing."""
    answer = ask(lab(second_service), port=8443)

    assert [each.code for each in answer.findings] == ["LISTENER_OF_ANOTHER_SERVICE"]
    assert answer.findings[0].facts["owner"] == "shop/admin"


def test_services_that_disagree_on_the_clbs_groups_are_reported() -> None:
    """The vendor calls the outcome undefined; what is bound now is what counts."""

    def disagree(document: Document) -> None:
        second_service(document)
        document["kubernetes"][-1]["metadata"]["annotations"]["service.cloud.tencent.com/security-groups"] = "sg-x"

    answer = ask(lab(disagree))

    assert [each.code for each in answer.findings] == ["SERVICES_DISAGREE_ON_GROUPS"]
    assert fate(answer) == "reachable: 200"


def test_groups_that_are_bound_against_the_annotation_are_reported() -> None:
    """Bound by hand, they hold until the controller syncs."""
    answer = ask(lab(clb_groups("sg-hand0001"), ingress("sg-hand0001", f"ACCEPT {EVERYTHING}")))

    assert [(each.code, each.facts) for each in answer.findings] == [
        ("GROUP_ANNOTATION_DIFFERS", {"wanted": CLB_GROUP, "bound": "sg-hand0001"})
    ]


@pytest.mark.parametrize(
    ("domains", "host", "reason"),
    [
        (["www.example.com"], "www.example.com", "DELIVERED"),
        (["*.example.com"], "www.example.com", "DELIVERED"),
        (["www.example.*"], "www.example.com", "DELIVERED"),
        (["*.example.com"], "example.com", "NO_FORWARDING_RULE"),
        (["~^www\\d+\\.example\\.com$"], "www1.example.com", "NOT_MODELLED"),
        (["*.example.com", "*.com"], "www.example.com", "NOT_MODELLED"),
        (["*.example.com", "www.example.*"], "www.example.com", "DELIVERED"),
    ],
)
def test_hosts_match_exactly_then_by_suffix_then_by_prefix(domains: list[str], host: str, reason: str) -> None:
    """What the vendor leaves open, regular expressions and two wildcards of one kind, is not decided."""

    def named(document: Document) -> None:
        rule = the_listener(document)["Rules"][0]
        the_listener(document)["Rules"] = [
            {**rule, "LocationId": f"loc-{place}", "Domain": each} for place, each in enumerate(domains)
        ]

    assert ask(lab(named), host=host).reason == reason


def test_the_exact_host_goes_before_the_wildcard() -> None:
    def wildcard(document: Document) -> None:
        second_host("*.example.com")(document)
        second_host("www.example.com", *targets(document))(document)

    assert ask(lab(wildcard), host="www.example.com").reason == "DELIVERED"
    assert ask(lab(wildcard), host="api.example.com").reason == "NO_TARGETS"


def test_a_host_without_rule_goes_to_the_default_domain() -> None:
    """Documented: every listener has one default domain, and it takes what no other host does."""

    def default(document: Document) -> None:
        the_listener(document)["Rules"][0]["DefaultServer"] = True

    assert ask(lab(default), host="anything.example.com").reason == "DELIVERED"


def test_one_rule_may_have_several_hosts() -> None:
    def several(document: Document) -> None:
        the_listener(document)["Rules"][0].update(Domain="", Domains=["a.example.com", "b.example.com"])

    assert ask(lab(several), host="b.example.com").reason == "DELIVERED"


@pytest.mark.parametrize(
    ("urls", "path", "taken"),
    [
        (["/", "/cart"], "/cart/1", "/cart"),
        (["/", "/cart"], "/car", "/"),
        (["/cart", "=/cart"], "/cart", "=/cart"),
        (["/cart", "=/cart"], "/cart/1", "/cart"),
        (["/cart/long", "^~/cart"], "/cart/long/1", "^~/cart"),
        (["/", "~*\\.(gif|jpg)$"], "/logo.gif", None),
        (["=/logo.gif", "~*\\.(gif|jpg)$"], "/logo.gif", "=/logo.gif"),
        (["/cart"], "/other", None),
    ],
)
def test_paths_match_exactly_then_the_longest(urls: list[str], path: str, taken: str | None) -> None:
    """A path decides which targets, and so which groups, have a say."""

    def pathed(document: Document) -> None:
        rule = the_listener(document)["Rules"][0]
        the_listener(document)["Rules"] = [
            {**rule, "LocationId": url, "Url": url, "Targets": rule["Targets"] if url == taken else []} for url in urls
        ]

    untaken = "NOT_MODELLED" if any(url.startswith("~") for url in urls) else "NO_FORWARDING_RULE"
    assert ask(lab(pathed), path=path).reason == ("DELIVERED" if taken else untaken)


def test_a_path_without_rule_lists_the_paths_there_are() -> None:
    """The host was right; the path is what has to be mended."""

    def pathed(document: Document) -> None:
        the_listener(document)["Rules"][0]["Url"] = "/api"

    assert f"{VIP}/api" in ask(lab(pathed)).gaps[0]


def test_https_is_layer_7() -> None:
    """The same signature; only the scheme differs."""

    def https(document: Document) -> None:
        the_listener(document)["Protocol"] = "HTTPS"

    answer = ask(lab(https, group_2_closed))

    assert fate(answer) == "unreachable: 504 after 4 s"
    assert answer.question.scheme == "https"


@pytest.mark.parametrize("protocol", ["TCP_SSL", "QUIC", "GRPC"])
def test_a_listener_of_another_kind_is_said_not_to_be_modelled(protocol: str) -> None:
    def other(document: Document) -> None:
        the_listener(document)["Protocol"] = protocol

    answer = ask(lab(other, ingress(CLB_GROUP, f"ACCEPT {EVERYTHING}"), listener="TCP"), port=80)

    assert answer.reason == "NOT_MODELLED"
    assert answer.gaps == (f"how a {protocol} listener behaves",)


def test_a_classic_clb_is_said_not_to_be_modelled(listener: str) -> None:
    assert ask(lab(balancer(Forward=0), listener=listener)).reason == "NOT_MODELLED"


def private(document: Document) -> None:
    balancer(LoadBalancerType="INTERNAL", LoadBalancerVips=["10.0.40.10"])(document)
    service(document)["status"]["loadBalancer"]["ingress"] = [{"ip": "10.0.40.10"}]
    for rule in the_listener(document)["Rules"] or ():
        rule["Domain"] = "10.0.40.10"


def test_a_private_clb_answers_private_clients_as_any_other(listener: str) -> None:
    opened = (
        ingress(CLB_GROUP, "ACCEPT TCP 10.9.0.0/16 80"),
        ingress(NODE_GROUP, f"ACCEPT TCP 10.9.0.0/16 {NODE_PORT}"),
    )

    assert fate(ask(lab(private, *opened, listener=listener), client="10.9.9.9")) == "reachable: 200"
    assert (
        fate(ask(lab(private, group_1_closed, listener=listener), client="10.9.9.9")) == "unreachable: connect_timeout"
    )


def test_whether_a_private_clbs_groups_hold_for_its_eip_is_not_known(listener: str) -> None:
    """They do on newer instances only; where they admit the client it makes no difference."""
    assert fate(ask(lab(private, listener=listener))) == "reachable: 200"
    answer = ask(lab(private, group_1_closed, listener=listener))

    assert answer.verdict == "undetermined"
    assert "EIP" in answer.gaps[0]


# Interfaces


def exclusive(document: Document) -> None:
    cluster(VpcCniType="tke-direct-eni")(document)


def trunk(document: Document) -> None:
    document["network_interfaces"][0]["EniType"] = 2


def group_policy(document: Document) -> None:
    selector = {"podSelector": {"matchLabels": {"app": "web"}}}
    metadata = {"name": "web", "namespace": "shop"}
    document["kubernetes"].append({"kind": "SecurityGroupPolicy", "metadata": metadata, "spec": selector})


OWN_INTERFACE = {"exclusive": exclusive, "trunk": trunk, "SecurityGroupPolicy": group_policy}


@pytest.mark.parametrize("change", OWN_INTERFACE.values(), ids=OWN_INTERFACE)
def test_another_node_reaches_such_a_pod_through_its_groups(listener: str, change: Change) -> None:
    """From outside the pod's node all interfaces are alike."""
    assert fate(ask(lab(change, listener=listener))) == "reachable: 200"
    assert blocked_at(ask(lab(change, group_3_closed, listener=listener))) == [("pod", "NO_RULE_MATCHED")]


@pytest.mark.parametrize("change", OWN_INTERFACE.values(), ids=OWN_INTERFACE)
def test_whether_its_own_node_crosses_such_an_interface_is_not_known(listener: str, change: Change) -> None:
    """Nobody documents it; where the groups admit the node it makes no difference."""
    assert fate(ask(lab(pod_on_node_a, change, listener=listener))) == "reachable: 200"
    answer = ask(lab(pod_on_node_a, change, group_3_closed, listener=listener))

    assert answer.verdict == "undetermined"
    assert answer.gaps == ("whether shop/web-1 is reached through its interface from its own node",)


def test_the_add_on_does_not_tell_the_groups_of_a_pod_on_a_super_node(listener: str) -> None:
    """They come from an annotation or the node pool; an interface that was read counts there as anywhere."""

    def on_a_super_node(document: Document) -> None:
        next(objects(document, "Pod"))["spec"]["nodeName"] = "eklet-subnet-a-1"
        endpoint_slice(document)["endpoints"][0]["nodeName"] = "eklet-subnet-a-1"

    answer = ask(lab(on_a_super_node, eni_unread(), listener=listener))

    assert fate(ask(lab(on_a_super_node, listener=listener))) == "reachable: 200"
    assert answer.verdict == "undetermined"
    assert answer.gaps == ("groups of shop/web-1 on the super node eklet-subnet-a-1",)


def test_the_original_crosses_every_interface(listener: str) -> None:
    """Its text says so, so there is nothing to be unsure of."""
    answer = ask(lab(pod_on_node_a, exclusive, group_3_closed, listener=listener, semantics=ORIGINAL))

    assert answer.verdict == "unreachable"


def test_a_mode_that_nobody_knows_is_not_modelled(listener: str) -> None:
    assert ask(lab(cluster(VpcCniType="tke-new-eni"), listener=listener)).reason == "NOT_MODELLED"


def test_a_group_policy_that_may_be_newer_than_its_pod_is_a_gap(listener: str) -> None:
    """It affects pods created after it; where the interface was not read nobody can tell."""
    answer = ask(lab(group_policy, eni_unread(), listener=listener))

    assert answer.verdict == "undetermined"
    assert "whether SecurityGroupPolicy shop/web applies to shop/web-1" in answer.gaps


@pytest.mark.parametrize("labels", [{"app": "api"}, {"app": "web", "tier": "front"}])
def test_a_group_policy_for_other_pods_does_not_matter(listener: str, labels: dict) -> None:
    def other(document: Document) -> None:
        group_policy(document)
        document["kubernetes"][-1]["spec"]["podSelector"]["matchLabels"] = labels

    assert fate(ask(lab(other, eni_unread(), listener=listener))) == "reachable: 200"


def test_a_group_policy_of_another_namespace_does_not_matter(listener: str) -> None:
    def other(document: Document) -> None:
        group_policy(document)
        document["kubernetes"][-1]["metadata"]["namespace"] = "staging"

    assert fate(ask(lab(other, eni_unread(), listener=listener))) == "reachable: 200"


def on_host_network(document: Document) -> None:
    """The pod has its node's address, so it stands behind the node's primary interface."""
    next(objects(document, "EndpointSlice"))["endpoints"][0]["addresses"] = ["10.0.35.12"]


def test_a_pod_on_the_host_network_is_behind_its_nodes_groups(listener: str) -> None:
    """Group 3 is not on its way; group 2 of its own node is, and asked about another packet."""
    closed_to_nodes = ask(lab(on_host_network, group_3_closed, listener=listener))
    opened = ingress(NODE_GROUP, f"ACCEPT TCP 203.0.113.0/24 {NODE_PORT}", "ACCEPT TCP 10.0.35.0/24 80")

    assert blocked_at(closed_to_nodes) == [("pod", "NO_RULE_MATCHED")]
    assert hop(closed_to_nodes, "pod").checks[0].groups == (NODE_GROUP,)
    assert fate(ask(lab(on_host_network, group_3_closed, opened, listener=listener))) == "reachable: 200"


def test_under_local_the_answer_of_the_pod_is_assumed_to_pass(listener: str) -> None:
    """It leaves through the pod's interface, whose groups saw only this half of the flow."""
    local = together(local_policy, pod_on_node_a)

    assert "REPLY_OF_LOCAL_POD_PASSES" in ask(lab(local, listener=listener)).assumptions
    assert "REPLY_OF_LOCAL_POD_PASSES" not in ask(lab(local, eni_groups(), listener=listener)).assumptions
    assert "REPLY_OF_LOCAL_POD_PASSES" not in ask(lab(pod_on_node_a, listener=listener)).assumptions


# Nodes


def node_a(**changes: object) -> Change:
    def change(document: Document) -> None:
        next(objects(document, "Node")).update(changes)

    return change


def test_a_cordoned_node_is_a_target_like_any_other(listener: str) -> None:
    """Cordoning keeps new pods away, not traffic."""
    assert fate(ask(lab(node_a(spec={"unschedulable": True}), listener=listener))) == "reachable: 200"


def test_a_registered_node_that_is_not_ready_is_assumed_to_forward(listener: str) -> None:
    """The controller takes it out; as long as it stands in the list, the answer says what it took for granted."""

    def not_ready(document: Document) -> None:
        next(objects(document, "Node"))["status"]["conditions"] = [{"type": "Ready", "status": "Unknown"}]

    answer = ask(lab(not_ready, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert "NOT_READY_NODE_FORWARDS" in answer.assumptions
    assert "NOT_READY_NODE_FORWARDS" not in ask(lab(listener=listener)).assumptions


# Probes


def test_a_probe_may_ask_another_port(listener: str) -> None:
    """The probe of a port that no Service owns is refused, whatever clients meet."""
    answer = ask(lab(probe(CheckPort=30999), listener=listener))

    assert (fate(answer), health(answer)) == ("reachable: 200", ["Dead"])
    assert answer.health[0].blocker.reason == "NODEPORT_NOT_IN_USE"
    assert health(ask(lab(probe(CheckPort=-1), listener=listener))) == ["Alive"]


def test_a_target_is_found_by_its_address_where_the_id_differs(listener: str) -> None:
    def by_address(document: Document) -> None:
        observed("Dead")(document)
        for rule in document["target_health"][0]["Listeners"][0]["Rules"]:
            rule["Targets"][0]["TargetId"] = None

    assert ask(lab(by_address, listener=listener)).health[0].observed == "Dead"


# What is worth knowing


def test_a_service_whose_port_has_no_listener_is_a_diagnosis(listener: str) -> None:
    """Not a wrong question: it is why nobody gets through, and the answer says where the CLB does listen."""

    def moved(document: Document) -> None:
        the_listener(document)["Port"] = 8080

    answer = ask(lab(moved, listener=listener))

    assert (answer.reason, answer.question.port) == ("NO_LISTENER", 80)
    assert [(each.code, each.facts["listeners"]) for each in answer.findings] == [("LISTENERS", f"8080/{listener}")]


def test_a_clb_without_any_listener_is_a_diagnosis_too(listener: str) -> None:
    answer = ask(lab(lambda document: document["listeners"][BALANCER].clear(), listener=listener))

    assert (answer.reason, answer.question.port) == ("NO_LISTENER", 80)


@pytest.mark.parametrize(("state", "expected"), [("Alive", []), ("Dead", ["HEALTH_DIFFERS"]), ("Unknown", [])])
def test_health_that_the_rules_do_not_explain_is_reported(listener: str, state: str, expected: list[str]) -> None:
    """The best hint there is that the cause lies outside of the groups."""
    answer = ask(lab(observed(state), listener=listener))

    assert [each.code for each in answer.findings] == expected


def indexed(*indices: int) -> Change:
    def change(document: Document) -> None:
        ingress(NODE_GROUP, f"DROP {EVERYTHING}", f"ACCEPT TCP 203.0.113.0/24 {NODE_PORT}")(document)
        listed = document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]["Ingress"]
        for policy, index in zip(listed, indices, strict=True):
            policy["PolicyIndex"] = index

    return change


def test_rules_in_another_order_than_their_index_are_reported() -> None:
    """Whoever moves a rule in a saved file expects that to count."""
    answer = ask(lab(indexed(1, 0)))

    assert [each.code for each in answer.findings] == ["POLICY_INDEX_REORDERS"]
    assert answer.verdict == "reachable"
    assert [each.code for each in ask(lab(indexed(0, 7))).findings] == []


def test_an_index_that_repeats_is_reported() -> None:
    answer = ask(lab(indexed(3, 3)))

    assert [(each.code, each.facts["index"]) for each in answer.findings] == [("POLICY_INDEX_REPEATS", 3)]
    assert answer.verdict == "unreachable"


def test_dead_targets_beside_a_live_one_are_idle(listener: str) -> None:
    """A blocked path that no request takes must not look like a fault."""
    answer = ask(lab(second_target, group_3_closed, listener=listener))

    assert answer.idle_targets == {f"ins-nodea001:{NODE_PORT}"}
    assert ask(lab(second_target, probes_from_vip, listener=listener)).idle_targets == frozenset()


# Quotas


def many(count: int, group: str = CLB_GROUP) -> Change:
    return ingress(group, *(f"ACCEPT TCP 198.51.100.{place % 256} {place + 1}" for place in range(count)))


def found(answer) -> list[tuple[str, str]]:
    return [(each.code, each.where) for each in answer.findings]


def test_too_many_rules_are_a_finding_and_no_error(listener: str) -> None:
    """The account's own quota may be higher; the verdict stands either way."""
    answer = ask(lab(many(101), listener=listener))

    assert found(answer) == [("QUOTA_RULES", CLB_GROUP)]
    assert answer.verdict == "unreachable"
    assert found(ask(lab(many(100), listener=listener))) == []


def test_a_group_of_the_clb_may_have_512_rules_in_all(listener: str) -> None:
    """Both directions and expanded templates count."""

    def expanded(members: int) -> Change:
        def change(document: Document) -> None:
            names = [f"ipm-{place}" for place in range(26)]
            for name in names:
                document["address_templates"][name] = {"AddressSet": [f"10.1.0.{each}" for each in range(members)]}
            ingress(CLB_GROUP, *(f"ACCEPT TCP {name} 80" for name in names))(document)

        return change

    assert found(ask(lab(expanded(20), listener=listener))) == [("QUOTA_CLB_GROUP_RULES", CLB_GROUP)]
    assert found(ask(lab(expanded(19), listener=listener))) == []


def test_other_groups_may_have_2000_expanded_rules(listener: str) -> None:
    def change(document: Document) -> None:
        names = [f"ipm-{place}" for place in range(100)]
        for name in names:
            document["address_templates"][name] = {"AddressSet": [f"10.1.0.{each}" for each in range(20)]}
        ingress(NODE_GROUP, *(f"ACCEPT TCP {name} 80" for name in names))(document)

    assert found(ask(lab(change, listener=listener))) == [("QUOTA_EXPANDED_RULES", NODE_GROUP)]


def test_a_template_may_have_20_members(listener: str) -> None:
    def change(document: Document) -> None:
        document["address_templates"]["ipm-a"] = {"AddressSet": [f"10.1.0.{each}" for each in range(21)]}
        ingress(CLB_GROUP, "ACCEPT TCP ipm-a 80", "ACCEPT TCP 203.0.113.0/24 80")(document)

    assert found(ask(lab(change, listener=listener))) == [("QUOTA_TEMPLATE_MEMBERS", "ipm-a")]


def test_a_group_may_name_10_others(listener: str) -> None:
    def named(count: int) -> Change:
        return ingress(CLB_GROUP, *(f"DROP TCP sg-{place} 80" for place in range(count)))

    assert found(ask(lab(named(11), listener=listener))) == [("QUOTA_REFERENCES", CLB_GROUP)]
    assert found(ask(lab(named(10), listener=listener))) == []


def test_an_interface_may_have_5_groups(listener: str) -> None:
    names = [f"sg-{place}" for place in range(6)]
    answer = ask(lab(node_groups("a", *names), *(ingress(name) for name in names), listener=listener))

    assert found(answer) == [("QUOTA_GROUPS", "node-a")]


# Reading


@pytest.mark.parametrize(
    "change",
    [
        balancer(SnatIps=["10.0.40.5"]),
        balancer(LoadBalancerDomain=7),
        balancer(Forward="0"),
        cluster(controller_config={"EnableDefaultDirectAccess": True}),
        lambda document: document["instances"][0].update(IPv6Addresses=["10.0.0.300"]),
        lambda document: the_listener(document)["Rules"][0].update(DefaultServer="yes"),
        lambda document: document["network_interfaces"][0].update(EniType="2"),
    ],
)
def test_a_field_of_the_wrong_type_is_one_clear_error(change: Change) -> None:
    with pytest.raises(DrillError, match="snapshot"):
        lab(change)


def test_an_empty_ipv6_address_means_none() -> None:
    """The API returns an empty text for a CLB without one."""
    assert fate(ask(lab(balancer(AddressIPv6="")))) == "reachable: 200"
    assert said(ask(lab(balancer(AddressIPv6=""))).symptom) == "200"
