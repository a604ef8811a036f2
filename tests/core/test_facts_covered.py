"""Documented facts that no other test pins down; docs/facts.md lists every fact with its test."""

from ipaddress import ip_address

import pytest
from builders import (
    EVERYTHING,
    LISTENERS,
    SERVICE,
    Change,
    Document,
    ask,
    blocked_at,
    clb_groups,
    closed,
    egress,
    eni_groups,
    eni_unread,
    fate,
    group_2_closed,
    group_3_closed,
    health,
    hop,
    ingress,
    lab,
    local_policy,
    node_groups,
    pod_on_node_a,
    probes_from_vip,
    second_host,
    second_pod,
    second_target,
    service,
    targets,
    the_listener,
    together,
)

from drilllib.core.answers import Question
from drilllib.core.default_lab import CLB_GROUP, CLIENT, NODE_GROUP, NODE_PORT, POD_GROUP
from drilllib.core.drills import FAULTS, open_fault
from drilllib.core.policies import group_from_policy_set, rule_from_policy
from drilllib.core.rules import PROTOCOLS, PROTOCOLS_WITH_PORTS, Action, Direction, Flow, SecurityGroup, decide
from drilllib.core.semantics import Semantics
from drilllib.core.variants import direct_access
from drilllib.errors import InvalidInputError
from drilllib.labs.simulated import SimulatedLab

CLIENT_RULE = f"ACCEPT TCP 203.0.113.0/24 {NODE_PORT}"
GROUPS_ANNOTATION = "service.cloud.tencent.com/security-groups"


@pytest.fixture(params=LISTENERS)
def listener(request: pytest.FixtureRequest) -> str:
    return request.param


# Fields of a rule


def admits(policy: dict, protocol: str = "TCP", peer: str = "203.0.113.10", port: int = 80) -> bool:
    """Does a group with that one rule let the flow in?"""
    group = SecurityGroup("sg-1", (rule_from_policy({"Action": "ACCEPT", "CidrBlock": "0.0.0.0/0", **policy}),), ())
    flow = Flow(protocol=protocol, peer=ip_address(peer), port=port if protocol in PROTOCOLS_WITH_PORTS else None)
    return decide([group], Direction.INGRESS, flow).action is Action.ACCEPT


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(("TCP", ["TCP"]), ("tcp", ["TCP"]), ("Udp", ["UDP"]), ("ICMP", ["ICMP"]), ("icmp", ["ICMP"])),
        *(("ICMPv6", ["ICMPV6"]), ("ICMPV6", ["ICMPV6"]), ("gre", ["GRE"]), ("GRE", ["GRE"])),
        *(("ALL", list(PROTOCOLS)), ("All", list(PROTOCOLS))),
    ],
)
def test_a_protocol_is_meant_in_any_letter_case(written: str, meant: list[str]) -> None:
    """The vendor's own examples spell one protocol in three ways, and leave GRE out of one list."""
    assert [protocol for protocol in PROTOCOLS if admits({"Protocol": written}, protocol)] == meant


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("80", [80], [79, 81]),
        ("80,443", [80, 443], [79, 81, 442, 444]),
        ("8000-8010", [8000, 8005, 8010], [7999, 8011]),
        ("22,8000-8010", [22, 8000, 8010], [23, 7999, 8011]),
        *((everything, [1, 80, 65535], []) for everything in ("ALL", "all", "", None)),
    ],
)
def test_ports_are_one_a_list_a_range_or_all(text: str | None, inside: list[int], outside: list[int]) -> None:
    """One text of the vendor knows no lists; the console and the provider write them."""
    for protocol in PROTOCOLS_WITH_PORTS:
        rule = {"Protocol": protocol, "Port": text}

        assert [port for port in inside + outside if admits(rule, protocol, port=port)] == inside


@pytest.mark.parametrize("port", ["ALL", "all", "", None])
@pytest.mark.parametrize("protocol", ["ICMP", "GRE", "ALL"])
def test_without_ports_the_port_is_absent_or_all(protocol: str, port: str | None) -> None:
    """The vendor's texts ask for one, for the other, and show a third: all are read alike."""
    assert admits({"Protocol": protocol, "Port": port}, "TCP" if protocol == "ALL" else protocol)


@pytest.mark.parametrize(
    ("block", "inside", "outside"),
    [
        ("203.0.113.10", ["203.0.113.10"], ["203.0.113.9", "203.0.113.11"]),
        ("203.0.113.10/32", ["203.0.113.10"], ["203.0.113.9", "203.0.113.11"]),
        ("203.0.113.77/24", ["203.0.113.0", "203.0.113.255"], ["203.0.112.255", "203.0.114.0"]),
        ("0.0.0.0/8", ["0.1.2.3", "203.0.113.10"], []),
        ("0.0.0.0", ["0.0.0.0"], ["203.0.113.10"]),
    ],
)
def test_a_peer_is_an_address_or_a_block(block: str, inside: list[str], outside: list[str]) -> None:
    """A block that begins at 0.0.0.0 opens everything, however narrow it looks."""
    rule = {"Protocol": "TCP", "Port": "80", "CidrBlock": block}

    assert [peer for peer in inside + outside if admits(rule, peer=peer)] == inside


@pytest.mark.parametrize(
    ("field", "block", "inside", "outside"),
    [
        ("Ipv6CidrBlock", "::/0", ["2001:db8::1", "::1"], ["203.0.113.10"]),
        ("Ipv6CidrBlock", "2001:DB8::/32", ["2001:db8::", "2001:db8:ffff::1"], ["2001:db7:ffff::1", "2001:db9::"]),
        ("Ipv6CidrBlock", "2001:db8::1", ["2001:db8::1"], ["2001:db8::", "2001:db8::2"]),
        ("CidrBlock", "0.0.0.0/0", ["203.0.113.10"], ["2001:db8::1", "::1", "::cb00:710a"]),
    ],
)
def test_a_rule_of_one_family_says_nothing_of_the_other(
    field: str, block: str, inside: list[str], outside: list[str]
) -> None:
    """As plain numbers the families overlap: ::cb00:710a is 203.0.113.10."""
    rule = {"Protocol": "TCP", "Port": "80", "CidrBlock": "", field: block}

    assert [peer for peer in inside + outside if admits(rule, peer=peer)] == inside


def test_priority_is_kept_and_not_looked_at() -> None:
    """How it relates to PolicyIndex is not documented; only PolicyIndex is used."""
    accept = {"Action": "ACCEPT", "Protocol": "ALL", "CidrBlock": "0.0.0.0/0", "PolicyIndex": 0, "Priority": 9}
    drop = {**accept, "Action": "DROP", "PolicyIndex": 1, "Priority": 1}
    group = group_from_policy_set("sg-1", {"Ingress": [drop, accept], "Egress": []})
    decision = decide([group], Direction.INGRESS, Flow(protocol="TCP", peer=ip_address(CLIENT), port=80))

    assert (decision.action, decision.policy_index) == (Action.ACCEPT, 0)
    assert [rule.policy["Priority"] for rule in group.ingress] == [9, 1]


def test_each_direction_counts_its_own_places() -> None:
    """PolicyIndex 0 exists twice, and the two have nothing to do with each other."""
    one = {"Protocol": "ALL", "CidrBlock": "0.0.0.0/0", "PolicyIndex": 0}
    policy_set = {"Ingress": [{**one, "Action": "ACCEPT"}], "Egress": [{**one, "Action": "DROP"}]}
    group = group_from_policy_set("sg-1", policy_set)
    flow = Flow(protocol="TCP", peer=ip_address(CLIENT), port=80)
    found = {direction: decide([group], direction, flow) for direction in Direction}

    assert {direction: (each.action, each.policy_index) for direction, each in found.items()} == {
        Direction.INGRESS: (Action.ACCEPT, 0),
        Direction.EGRESS: (Action.DROP, 0),
    }


def test_an_empty_group_lets_nothing_in_and_nothing_out(listener: str) -> None:
    """That is how the API creates one: the node hears nobody, and does not reach the pod either."""
    answer = ask(lab(closed(NODE_GROUP), egress(NODE_GROUP), listener=listener))

    assert [(each.check.direction, each.reason) for each in answer.blockers] == [
        ("ingress", "NO_RULE_MATCHED"),
        ("egress", "NO_RULE_MATCHED"),
    ]


# Groups as peers


def test_members_of_one_group_need_a_rule_like_anybody_else(listener: str) -> None:
    """An old page still says that they reach each other; node-a and the pod's interface share a group here."""
    shared = eni_groups(NODE_GROUP)
    named = ingress(NODE_GROUP, CLIENT_RULE, f"ACCEPT TCP {NODE_GROUP} 80")

    assert blocked_at(ask(lab(shared, listener=listener))) == [("pod", "NO_RULE_MATCHED")]
    assert fate(ask(lab(shared, named, listener=listener))) == "reachable: 200"


def test_whoever_joins_a_group_is_a_member_at_once() -> None:
    """Membership is not copied into the rule."""
    question = Question(client=CLIENT, service=SERVICE)
    with SimulatedLab(lab(ingress("sg-extra001"), ingress(POD_GROUP, "ACCEPT TCP sg-extra001 80"))) as played:
        before = played.probe(question).symptom.status
        played.bind_groups("ins-nodea001", [NODE_GROUP, "sg-extra001"])
        after = played.probe(question).symptom.status

    assert (before, after) == (504, 200)


def test_the_rules_of_a_group_that_is_named_have_no_say(listener: str) -> None:
    """A group as peer means who is bound to it, not what it admits."""
    named = (node_groups("a", NODE_GROUP, "sg-extra001"), ingress(POD_GROUP, "ACCEPT TCP sg-extra001 80"))

    for lines in ((), (f"DROP {EVERYTHING}",), (f"ACCEPT {EVERYTHING}",)):
        assert fate(ask(lab(ingress("sg-extra001", *lines), *named, listener=listener))) == "reachable: 200"


# Quotas of templates


@pytest.mark.parametrize(
    ("part", "field", "entry", "named"),
    [
        ("address_templates", "AddressSet", "10.1.0.{}", {"AddressTemplate": {"AddressId": "many"}}),
        ("address_template_groups", "AddressTemplateIdSet", "ipm-{}", {"AddressTemplate": {"AddressGroupId": "many"}}),
        ("service_templates", "ServiceSet", "TCP:{}", {"ServiceTemplate": {"ServiceId": "many"}}),
        ("service_template_groups", "ServiceTemplateIdSet", "ppm-{}", {"ServiceTemplate": {"ServiceGroupId": "many"}}),
    ],
)
@pytest.mark.parametrize(("count", "expected"), [(20, []), (21, ["QUOTA_TEMPLATE_MEMBERS"])])
def test_every_kind_of_template_holds_20(
    part: str, field: str, entry: str, named: dict, count: int, expected: list[str]
) -> None:
    """Members of a template, and templates of a group of them; more is a finding and no error."""
    other_half = {"Protocol": "TCP"} if "AddressTemplate" in named else {"CidrBlock": "0.0.0.0/0"}

    def change(document: Document) -> None:
        document[part]["many"] = {field: [entry.format(place + 1) for place in range(count)]}
        rules = document["security_groups"][CLB_GROUP]["SecurityGroupPolicySet"]["Ingress"]
        rules.append({"Action": "DROP", "PolicyIndex": 1, **named, **other_half})

    assert [each.code for each in ask(lab(change)).findings] == expected


# Layer 4 and layer 7


@pytest.mark.parametrize("fault", FAULTS)
def test_a_tcp_listener_never_answers_in_http(fault: str) -> None:
    """It passes packets on; only the application can say anything, and that is the 200."""
    answer = ask(open_fault(fault, listener="TCP"))

    assert {each.status for each in answer.symptoms} <= {None, 200}


@pytest.mark.parametrize(
    ("seconds", "allowed"), [(3.9, False), (4, True), (120, True), (120.1, False)], ids=lambda each: str(each)
)
def test_the_connect_timeout_is_4_to_120_seconds(seconds: float, allowed: bool) -> None:
    """The vendor's limits; another value would be a promise that no CLB keeps."""
    document = {"connect_timeout_s": seconds}
    if allowed:
        assert Semantics.from_dict(document).connect_timeout_s == seconds
    else:
        with pytest.raises(InvalidInputError, match="4 to 120"):
            Semantics.from_dict(document)


# The CLB


@pytest.mark.parametrize("switch", [False, None])
def test_pass_to_target_is_off_unless_it_is_on(listener: str, switch: bool | None) -> None:
    """The default on IPv4: both groups have to admit the client."""

    def change(document: Document) -> None:
        document["load_balancers"][0]["LoadBalancerPassToTarget"] = switch

    assert ask(lab(change, group_2_closed, listener=listener)).reason == "TARGET_GROUP_DROPPED"
    assert fate(ask(lab(change, clb_groups(), listener=listener))) == "reachable: 200"


def test_the_answers_of_a_pod_need_no_egress_rule_under_direct_access(listener: str) -> None:
    """Groups are stateful: what was let in may answer."""
    assert fate(ask(lab(direct_access, egress(POD_GROUP), listener=listener))) == "reachable: 200"


@pytest.mark.parametrize(("source", "state"), [(1, "Alive"), (0, "Dead")])
def test_health_proves_nothing_about_clients(listener: str, source: int, state: str) -> None:
    """Nobody passes the node's group; whether the target is called healthy hangs on the probes' source alone."""
    probes = (probes_from_vip,) if source == 0 else ()
    answer = ask(lab(group_2_closed, *probes, listener=listener))

    assert (answer.verdict, health(answer)) == ("unreachable", [state])


def test_all_targets_of_another_forwarding_rule_may_live() -> None:
    """Where all are dead all are used: that is counted for each forwarding rule by itself."""

    def other_rule(document: Document) -> None:
        second_target(document)
        second_host("other.example.com", targets(document)[1])(document)
        the_listener(document)["Rules"][0]["HealthCheck"] = {"HealthSwitch": 1, "SourceIpType": 0}
        the_listener(document)["Rules"][1]["HealthCheck"] = {"HealthSwitch": 1, "SourceIpType": 1}

    ours, theirs = ask(lab(other_rule)), ask(lab(other_rule), host="other.example.com")

    assert (health(ours), fate(ours)) == (["Dead", "Dead"], "reachable: 200")
    assert (health(theirs), fate(theirs)) == (["Alive"], "reachable: 200")


def test_of_several_nodes_one_closed_group_stops_some_requests_only() -> None:
    """A drill that closes one node of a larger cluster shows little, unless that node is the only target."""
    node_b_closed = together(node_groups("b", "sg-nodeb001"), closed("sg-nodeb001"))

    assert ask(lab(node_b_closed, second_target, listener="TCP")).verdict == "intermittent"
    assert ask(lab(node_b_closed, second_target, lambda document: targets(document).pop(0))).verdict == "unreachable"


@pytest.mark.parametrize("ports", ["30000-32768", "30000-32767"])
def test_a_rule_for_the_nodeport_range_may_end_at_either_number(listener: str, ports: str) -> None:
    """The vendor's texts say 32768, Kubernetes 32767; rules with both exist."""
    opened = ingress(NODE_GROUP, f"ACCEPT TCP 0.0.0.0/0 {ports}")

    assert fate(ask(lab(opened, listener=listener))) == "reachable: 200"


def test_groups_bound_by_hand_are_no_finding_where_nothing_is_annotated(listener: str) -> None:
    """Without the annotation the controller is taken to leave the CLB's groups alone."""

    def not_annotated(document: Document) -> None:
        del service(document)["metadata"]["annotations"][GROUPS_ANNOTATION]

    by_hand = (clb_groups("sg-hand0001"), ingress("sg-hand0001", f"ACCEPT {EVERYTHING}"))
    answer = ask(lab(*by_hand, not_annotated, listener=listener))

    assert (fate(answer), answer.findings) == ("reachable: 200", ())


# Interfaces of pods


def shared_interface(document: Document) -> None:
    """web-1 and web-2 run on node-b, and both addresses sit on its one secondary interface."""
    second_pod(document)
    interface, spare = document["network_interfaces"]
    interface["PrivateIpAddressSet"] += spare["PrivateIpAddressSet"]
    document["network_interfaces"].remove(spare)
    for item in document["kubernetes"]:
        if item["kind"] == "Pod":
            item["spec"]["nodeName"] = "node-b"
        for endpoint in item.get("endpoints", ()):
            endpoint["nodeName"] = "node-b"


def test_pods_of_one_node_share_their_interfaces_groups(listener: str) -> None:
    """In the shared mode a group cannot tell two pods of a node apart."""
    answer = ask(lab(shared_interface, group_3_closed, listener=listener))
    met = [(hop(answer, "pod", path).name, hop(answer, "pod", path).interface) for path in (0, 1)]

    assert met == [("shop/web-1", "eni-podsb001"), ("shop/web-2", "eni-podsb001")]
    assert [path.reason for path in answer.paths] == ["POD_GROUP_DROPPED"] * 2


def test_pods_of_two_nodes_have_interfaces_and_groups_of_their_own() -> None:
    """Per node, not per cluster: a group on one node's interface says nothing of another's."""
    apart = together(second_pod, eni_groups(POD_GROUP, node="b"), eni_groups("sg-pods00a", node="a"))
    answer = ask(lab(apart, ingress("sg-pods00a"), direct_access, both_pods))

    assert [hop(answer, "pod", path).checks[0].groups for path in (0, 1)] == [(POD_GROUP,), ("sg-pods00a",)]
    assert [path.outcome for path in answer.paths] == ["delivered", "dropped"]


def both_pods(document: Document) -> None:
    targets(document).append({**targets(document)[0], "PrivateIpAddresses": ["10.0.36.11"]})


@pytest.mark.parametrize("setting", [{}, {"enableSecurityGroups": None}, {"enableSecurityGroups": False}])
def test_the_add_on_binds_no_group_unless_it_is_told_to(listener: str, setting: dict) -> None:
    """Off by default, so pods are reachable whatever the lists that nobody bound say."""

    def change(document: Document) -> None:
        eni_unread()(document)
        document["cluster"]["eniipamd"] = {**setting, "securityGroups": [POD_GROUP]}

    answer = ask(lab(change, group_3_closed, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert hop(answer, "pod").checks[0].groups == ()


@pytest.mark.parametrize(
    "unread", [eni_unread(listed=()), eni_unread(listed=("sg-first01", POD_GROUP))], ids=["inherited", "listed"]
)
def test_the_order_of_a_pod_interfaces_groups_is_the_settings(listener: str, unread: Change) -> None:
    """Inherited or listed, the first group is asked first: a DROP in it stands above everything."""
    drop_first = ingress("sg-first01", f"DROP {EVERYTHING}")
    answer = ask(lab(drop_first, node_groups("b", "sg-first01", POD_GROUP), unread, listener=listener))

    assert answer.blockers[0].check.groups == ("sg-first01", POD_GROUP)
    assert answer.blockers[0].check.group == "sg-first01"


def test_an_instance_without_groups_is_open_too(listener: str) -> None:
    """Inferred from interfaces of pods, and listed there as here."""
    answer = ask(lab(node_groups("a"), group_2_closed, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert "NO_GROUP_ADMITS_ALL" in answer.assumptions


def test_under_local_nothing_is_forwarded_to_another_node(listener: str) -> None:
    """So no interface of a pod is ever crossed on the way in, and no node's egress list is asked."""
    answer = ask(lab(local_policy, second_target, second_pod, egress(NODE_GROUP), group_3_closed, listener=listener))
    ways = [(path.target, path.endpoint) for path in answer.paths]

    assert ways == [
        (f"ins-nodea001:{NODE_PORT}", "shop/web-2:80"),
        (f"ins-nodeb001:{NODE_PORT}", "shop/web-1:80"),
    ]
    assert fate(answer) == "reachable: 200"


def test_the_target_is_asked_even_where_the_pod_is_its_own(listener: str) -> None:
    """Past group 3 does not mean past group 2: the NodePort stands behind the node's primary interface."""
    answer = ask(lab(pod_on_node_a, group_2_closed, listener=listener))

    assert blocked_at(answer) == [("node", "NO_RULE_MATCHED")]
