"""Findings about what targets and pods are asked; each with a case that has it, and some that nearly have."""

from ipaddress import ip_address

import pytest
from builders import ask, fate, lab
from changes import (
    BALANCER,
    CLIENT_RULE,
    EVERYTHING,
    Change,
    Document,
    balancer,
    clb_groups,
    egress,
    ingress,
    keepalive,
    pass_to_target,
    probes_from_vip,
    second_target,
    targets,
    the_listener,
    together,
    weight,
)
from changes_cluster import eni_groups, node_groups, objects, service
from walker_comparison import FEATURES
from worlds import world

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, POD_GROUP, VIP
from drilllib.core.drills.variants import direct_access
from drilllib.core.lint.findings import LintFinding
from drilllib.core.lint.linter import lint_snapshot
from drilllib.core.rules.rules import Action, Decision, Direction, Flow, decide
from drilllib.core.snapshot.snapshot import Snapshot
from tests.thorough import how_many

VIP_RULE = f"ACCEPT TCP {VIP} {NODE_PORT}"


def linted(*changes: Change, listener: str = "HTTP") -> list[LintFinding]:
    return list(lint_snapshot(lab(*changes, listener=listener)))


def of(code: str, found: list[LintFinding]) -> list[tuple[str, str, int | None, str]]:
    """Severity, group, place and sentence of the findings with that code."""
    return [(each.severity, each.group, each.policy_index, each.evidence.key) for each in found if each.code == code]


# The NodePort, opened to the VIP alone


def test_a_nodeport_that_is_open_to_the_vip_alone_admits_no_client(listener: str) -> None:
    """Who takes the CLB for a proxy opens the node to its VIP; clients keep their addresses, and stay outside."""
    vip_only = ingress(NODE_GROUP, VIP_RULE)
    (finding,) = linted(vip_only, listener=listener)

    assert (finding.code, finding.severity, finding.policy_index) == ("TARGET_PORT_FOR_VIP", "error", 0)
    assert finding.evidence.facts == {"balancer": BALANCER, "target": "node-a", "port": NODE_PORT}
    assert ask(lab(vip_only, listener=listener)).reason == "TARGET_GROUP_DROPPED"
    assert fate(ask(lab(ingress(NODE_GROUP, CLIENT_RULE), listener=listener))) == "reachable: 200"


@pytest.mark.parametrize("rule", [f"ACCEPT TCP {VIP}/32 ALL", f"ACCEPT TCP {VIP} 30000-32767", f"ACCEPT ALL {VIP} ALL"])
def test_however_wide_its_ports_are(rule: str) -> None:
    assert of("TARGET_PORT_FOR_VIP", linted(ingress(NODE_GROUP, rule))) == [
        ("error", NODE_GROUP, 0, "TARGET_PORT_FOR_VIP")
    ]


def test_beside_rules_for_clients_it_does_nothing_and_may_go() -> None:
    """Health checks of the lab come from 100.64.0.0/10."""
    found = linted(ingress(NODE_GROUP, CLIENT_RULE, VIP_RULE))

    assert of("TARGET_PORT_FOR_VIP", found) == [("info", NODE_GROUP, 1, "TARGET_PORT_FOR_VIP.beside")]


def probes_unread(document: Document) -> None:
    for rule in document["listeners"][BALANCER][0]["Rules"]:
        rule.pop("HealthCheck", None)
    document["listeners"][BALANCER][0]["HealthCheck"].pop("SourceIpType")


@pytest.mark.parametrize("change", [probes_from_vip, probes_unread])
def test_beside_rules_for_clients_it_may_be_what_probes_need(change: Change) -> None:
    assert of("TARGET_PORT_FOR_VIP", linted(ingress(NODE_GROUP, CLIENT_RULE, VIP_RULE), change)) == []


@pytest.mark.parametrize(
    "change",
    [
        pass_to_target,
        keepalive,
        balancer(SnatPro=True),
        balancer(LoadBalancerPassToTarget=None),
        lambda document: the_listener(document).pop("KeepaliveEnable"),
        ingress(NODE_GROUP, "ACCEPT TCP 192.0.2.0/24 30713"),
        ingress(NODE_GROUP, f"ACCEPT TCP {VIP} 30714"),
        ingress(NODE_GROUP, f"DROP TCP {VIP} {NODE_PORT}"),
        lambda document: targets(document).clear(),
        lambda document: document["instances"].clear(),
        weight(0, 0),
    ],
)
def test_where_it_is_not_the_clients_fault_it_is_not_named(change: Change) -> None:
    assert of("TARGET_PORT_FOR_VIP", linted(ingress(NODE_GROUP, VIP_RULE), change)) == []


def test_a_pod_as_target_that_is_open_to_the_vip_alone() -> None:
    found = linted(direct_access, ingress(POD_GROUP, f"ACCEPT TCP {VIP} 80"))

    assert of("TARGET_PORT_FOR_VIP", found) == [("error", POD_GROUP, 0, "TARGET_PORT_FOR_VIP")]


# The NodePort's number in the pod's group


def test_a_nodeport_in_the_pods_group_opens_nothing(listener: str) -> None:
    """The node has put the pod's own port in its place by then."""
    mistaken = ingress(POD_GROUP, f"ACCEPT TCP 10.0.35.0/24 {NODE_PORT}")
    (finding,) = linted(mistaken, listener=listener)

    facts = {"node_port": NODE_PORT, "pod_port": 80, "service": "shop/web", "pod": "shop/web-1"}
    assert (finding.code, finding.severity, finding.group) == ("NODEPORT_ON_POD", "error", POD_GROUP)
    assert finding.evidence.facts == facts
    assert ask(lab(mistaken, listener=listener)).reason == "POD_GROUP_DROPPED"
    assert ask(lab(ingress(POD_GROUP, "ACCEPT TCP 10.0.35.0/24 80"), listener=listener)).verdict == "reachable"


def declares(number: int) -> Change:
    def change(document: Document) -> None:
        next(objects(document, "Pod"))["spec"]["containers"][0]["ports"].append({"containerPort": number})

    return change


@pytest.mark.parametrize(
    "changes",
    [
        (ingress(POD_GROUP, f"ACCEPT TCP 10.0.35.0/24 {NODE_PORT}", "ACCEPT TCP 10.0.35.0/24 80"),),
        (ingress(POD_GROUP, f"ACCEPT TCP 10.0.35.0/24 80,{NODE_PORT}"),),
        (ingress(POD_GROUP, f"ACCEPT UDP 10.0.35.0/24 {NODE_PORT}"),),
        (ingress(POD_GROUP, f"ACCEPT TCP 10.0.35.0/24 {NODE_PORT}"), declares(NODE_PORT)),
        (ingress(POD_GROUP, f"ACCEPT TCP 10.0.35.0/24 {NODE_PORT}"), eni_groups("sg-other")),
        (ingress(NODE_GROUP, CLIENT_RULE), eni_groups(NODE_GROUP)),
        (
            ingress(POD_GROUP, f"ACCEPT TCP 10.0.35.0/24 {NODE_PORT}"),
            lambda document: document["network_interfaces"].clear(),
        ),
        (
            ingress(POD_GROUP, f"ACCEPT TCP 10.0.35.0/24 {NODE_PORT}"),
            lambda document: service(document)["spec"]["ports"][0].pop("nodePort"),
        ),
    ],
)
def test_where_the_number_may_be_meant_it_is_not_named(changes: tuple[Change, ...]) -> None:
    """The pod's port beside it, a process on that number, a group of the nodes too, an interface that was not read."""
    assert of("NODEPORT_ON_POD", linted(*changes)) == []


# A DROP of an earlier group


def denied(*lines: str, nodes: str = "a") -> Change:
    """sg-deny stands before the nodes' own group on these nodes."""
    return together(ingress("sg-deny", *lines), *(node_groups(each, "sg-deny", NODE_GROUP) for each in nodes))


DENY_ALL = f"DROP {EVERYTHING}"


def test_an_earlier_groups_drop_on_the_only_target(listener: str) -> None:
    """The rule lives on another node, so no list is wrong by itself; the one target there is stays closed."""
    closed = denied(DENY_ALL)
    (finding,) = [each for each in linted(closed, listener=listener) if each.severity == "error"]

    assert (finding.code, finding.group, finding.policy_index) == ("ACCEPT_CANCELLED_ON_TARGET", NODE_GROUP, 0)
    assert finding.evidence.key == "ACCEPT_CANCELLED_ON_TARGET"
    assert finding.covered_by == (("sg-deny", 0),)
    assert ask(lab(closed, listener=listener)).reason == "TARGET_GROUP_DROPPED"
    other_order = together(closed, node_groups("a", NODE_GROUP, "sg-deny"))
    assert fate(ask(lab(other_order, listener=listener))) == "reachable: 200"


def test_one_target_of_two_is_a_warning() -> None:
    found = linted(denied(DENY_ALL), second_target)

    assert of("ACCEPT_CANCELLED_ON_TARGET", found) == [("warning", NODE_GROUP, 0, "ACCEPT_CANCELLED_ON_TARGET.one")]


def test_a_target_without_weight_is_none_of_them() -> None:
    found = linted(denied(DENY_ALL), second_target, weight(1, 0))

    assert [each[0] for each in of("ACCEPT_CANCELLED_ON_TARGET", found)] == ["error"]


@pytest.mark.parametrize(
    "changes",
    [
        (denied("DROP TCP 203.0.113.66 30713"),),
        (denied("DROP TCP 0.0.0.0/0 80"),),
        (denied(f"ACCEPT TCP 203.0.113.0/24 {NODE_PORT}", DENY_ALL),),
        (denied(f"ACCEPT TCP 203.0.113.128/25 {NODE_PORT}", DENY_ALL),),
        (denied(DENY_ALL), node_groups("a", NODE_GROUP, "sg-deny")),
        (denied(DENY_ALL), pass_to_target),
        (denied(DENY_ALL, nodes="ab"),),
    ],
)
def test_a_blocklist_and_what_is_told_otherwise_are_not_named(changes: tuple[Change, ...]) -> None:
    """A few clients dropped first is what earlier groups are for; a rule dead everywhere is ACCEPT_CANCELLED."""
    assert of("ACCEPT_CANCELLED_ON_TARGET", linted(*changes)) == []


def test_a_rule_that_is_dead_on_every_node_is_told_as_that() -> None:
    assert "ACCEPT_CANCELLED" in {each.code for each in linted(denied(DENY_ALL, nodes="ab"))}


# Empty groups that are bound


def test_an_empty_group_that_is_bound_alone_lets_nothing_in(listener: str) -> None:
    (finding,) = linted(ingress(CLB_GROUP), listener=listener)

    assert (finding.code, finding.severity, finding.direction) == ("EMPTY_GROUP", "warning", "ingress")
    assert finding.evidence.key == "EMPTY_GROUP.ingress"
    assert finding.evidence.facts == {"owners": (BALANCER,)}
    assert ask(lab(ingress(CLB_GROUP), listener=listener)).reason == "CLB_GROUP_DROPPED"


def test_an_empty_group_lets_nothing_out_of_a_node_and_is_never_asked_on_a_clb() -> None:
    found = linted(egress(NODE_GROUP), egress(CLB_GROUP))

    assert of("EMPTY_GROUP", found) == [("warning", NODE_GROUP, None, "EMPTY_GROUP.egress")]
    assert ask(lab(egress(NODE_GROUP))).reason == "NODE_EGRESS_DROPPED"


def test_an_empty_group_beside_another_does_nothing() -> None:
    found = linted(ingress("sg-empty"), clb_groups("sg-empty", CLB_GROUP))

    assert of("EMPTY_GROUP", found) == [("info", "sg-empty", None, "EMPTY_GROUP.beside")]


def test_several_empty_groups_let_nothing_in() -> None:
    found = linted(ingress("sg-empty"), ingress(CLB_GROUP), clb_groups("sg-empty", CLB_GROUP))

    assert {each[3] for each in of("EMPTY_GROUP", found)} == {"EMPTY_GROUP.ingress"}


@pytest.mark.parametrize(
    "change",
    [
        ingress("sg-unbound"),
        together(ingress(CLB_GROUP), clb_groups()),
        lambda document: document["security_groups"][CLB_GROUP]["SecurityGroupPolicySet"].pop("Ingress"),
    ],
)
def test_a_group_that_is_bound_nowhere_or_was_not_read_is_not_named(change: Change) -> None:
    assert of("EMPTY_GROUP", linted(change)) == []


# Blocks as they are written


@pytest.mark.parametrize("written", ["0.0.0.0/0", "128.0.0.0/1", "64.0.0.0/2"])
def test_a_rule_is_spelled_as_it_is_written(written: str) -> None:
    """What rules above take from it does not change its text: nobody looks for 128.0.0.0/2 in a list."""
    rules = ingress(CLB_GROUP, "DROP TCP 203.0.113.0/24 22", "DROP TCP 100.0.0.0/24 22", f"ACCEPT TCP {written} 22")
    (finding,) = [each for each in linted(rules) if each.code == "WORLD_OPEN_ADMIN"]

    assert finding.evidence.facts["block"] == written


def test_a_template_is_told_by_its_widest_block() -> None:
    def listed(document: Document) -> None:
        document["address_templates"]["ipm-world"] = {"AddressSet": ["0.0.0.0/1", "192.0.2.1"]}

    (finding,) = [
        each for each in linted(listed, ingress(CLB_GROUP, "ACCEPT TCP ipm-world 22")) if "ADMIN" in each.code
    ]

    assert finding.evidence.facts["block"] == "0.0.0.0/1"


# The witness: every such finding of random worlds, asked of `decide` address by address

WORLDS = (*range(how_many(25, thorough=300, long=2500)), 401, 575, 1548, 2947, 3032)  # two of the findings are rare
SAMPLES = [
    *("203.0.113.10", "203.0.113.66", "198.51.100.7", "8.8.8.8", "1.2.3.4", "223.255.255.1"),
    *("10.0.35.11", "10.0.36.12", "10.9.9.9", "100.64.0.1", "172.16.0.1", "192.168.1.1", "192.0.2.10"),
]


def asked(snapshot: Snapshot, groups: tuple[str, ...], protocol: str, address: str, port: int) -> Decision:
    flow = Flow(protocol=protocol, peer=ip_address(address), port=port)
    return decide([snapshot.group(name) for name in groups], Direction.INGRESS, flow)


def by_rule(snapshot: Snapshot, groups: tuple[str, ...], each: LintFinding, protocol: str, port: int) -> set[str]:
    """The samples that the finding's rule certainly lets in where a list is asked about that port."""
    decisions = {text: asked(snapshot, groups, protocol, text, port) for text in samples(snapshot)}
    place = each.group, each.policy_index, Action.ACCEPT
    return {text for text, one in decisions.items() if (one.group, one.policy_index, one.action) == place}


def samples(snapshot: Snapshot) -> list[str]:
    vips = [str(vip) for each in snapshot.load_balancers for vip in each.vips if vip.version == 4]
    return [*SAMPLES, *vips]


def test_what_is_said_of_random_worlds_is_what_decide_says() -> None:
    """No sample contradicts a finding at some place where the group is bound."""
    seen = dict.fromkeys(("TARGET_PORT_FOR_VIP", "NODEPORT_ON_POD", "ACCEPT_CANCELLED_ON_TARGET", "EMPTY_GROUP"), 0)
    for seed in WORLDS:
        snapshot = Snapshot(world(seed, FEATURES).document)
        for each in lint_snapshot(snapshot):
            if each.code in seen and each.direction == "ingress":
                seen[each.code] += 1
                lists = [groups for groups in snapshot.bound_groups().values() if groups and each.group in groups]
                ways = ((groups, protocol) for groups in lists for protocol in ("TCP", "UDP"))
                assert any(holds(snapshot, each, *way) for way in ways), (seed, each)
    assert all(seen.values()), seen


def holds(snapshot: Snapshot, each: LintFinding, groups: tuple[str, ...], protocol: str) -> bool:
    facts = each.evidence.facts
    if each.evidence.key == "EMPTY_GROUP.ingress":
        ports = (22, 80, 30001)
        actions = {asked(snapshot, groups, protocol, text, port).action for text in SAMPLES for port in ports}
        return actions == {Action.DROP}
    if each.code == "EMPTY_GROUP":
        return len(groups) > 1
    if each.code == "ACCEPT_CANCELLED_ON_TARGET":
        (before, _), alone = each.covered_by[0], by_rule(snapshot, (each.group,), each, protocol, facts["port"])
        still = {text for text in alone if asked(snapshot, groups, protocol, text, facts["port"]).group != before}
        return before in groups[: groups.index(each.group)] and (not alone or still < alone)
    if each.code == "TARGET_PORT_FOR_VIP":
        return by_rule(snapshot, groups, each, protocol, facts["port"]).isdisjoint(SAMPLES[:-1])
    opened = by_rule(snapshot, groups, each, protocol, facts["node_port"])
    return all(
        asked(snapshot, groups, protocol, text, facts["pod_port"]).action is not Action.ACCEPT for text in opened
    )
