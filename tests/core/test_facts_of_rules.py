"""Documented facts about rules that no other test pins down."""

from ipaddress import ip_address

import pytest
from builders import ask, blocked_at, fate, lab
from changes import CLIENT_RULE, EVERYTHING, Document, closed, egress, ingress
from changes_cluster import eni_groups, node_groups

from drilllib.core.drills.default_lab import CLB_GROUP, CLIENT, NODE_GROUP, POD_GROUP, SERVICE
from drilllib.core.rules.policies import group_from_policy_set, rule_from_policy
from drilllib.core.rules.rules import PROTOCOLS, PROTOCOLS_WITH_PORTS, Action, Direction, Flow, SecurityGroup, decide
from drilllib.core.trace.answer import Question
from drilllib.labs.simulated import SimulatedLab

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
