"""Each finding that only a snapshot can show, with a case that has it and one that nearly has."""

from typing import Any

import pytest
from builders import lab
from changes import (
    BALANCER,
    Change,
    Document,
    balancer,
    clb_groups,
    ingress,
    keepalive,
    pass_to_target,
    targets,
    the_listener,
)
from changes_cluster import node_groups

from drilllib.core.diff import difference_of_snapshots
from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, POD_GROUP
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.lint.findings import LintFinding
from drilllib.core.lint.linter import lint_snapshot
from drilllib.core.rules import edits
from drilllib.core.snapshot.edits import with_changes

WORLD = "ACCEPT TCP 0.0.0.0/0"
ALL = "ACCEPT ALL 0.0.0.0/0 ALL"
GOOD = f"ACCEPT TCP 203.0.113.0/24 {NODE_PORT}"


def linted(*changes: Change, listener: str = "HTTP") -> list[LintFinding]:
    return list(lint_snapshot(lab(*changes, listener=listener)))


def found(*changes: Change, listener: str = "HTTP") -> list[tuple[str, str, int | None]]:
    """Code, group and place of every finding."""
    return [(each.code, each.group, each.policy_index) for each in linted(*changes, listener=listener)]


def codes(*changes: Change) -> list[str]:
    return [each.code for each in linted(*changes)]


# The examples

EXAMPLES = {
    "first-steps": ["EMPTY_GROUP"],
    "original-drill": ["PROBE_RANGE_ON_CLB", "EMPTY_GROUP", "WORLD_OPEN_ADMIN", "RULE_REDUNDANT"],
    "group-1": ["NODEPORT_ON_CLB"],
    "group-2": ["POD_PORT_ON_NODE", "TARGET_PORT_FOR_VIP", "ACCEPT_CANCELLED"],
    "same-node": ["EMPTY_GROUP"],
    "two-groups": ["ACCEPT_CANCELLED", "RULE_SHADOWED"],
    "pass-to-target": ["RULE_REDUNDANT"],
    "history": [
        *("DROP_CANCELLED", "ZERO_PREFIX", "WORLD_OPEN_DATABASE", "ACCEPT_CANCELLED"),
        *("PROBE_RANGE_ON_CLB", "RULE_SHADOWED", "RULE_SHADOWED"),
    ],
}


@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
@pytest.mark.parametrize("fault", FAULTS)
def test_what_lint_says_of_each_example(fault: str, listener: str) -> None:
    """Where the rules themselves are in order, and only not those that a request needs, it says nothing."""
    assert [each.code for each in lint_snapshot(open_fault(fault, listener=listener))] == EXAMPLES.get(fault, [])


# Ports in the wrong place


def test_the_pods_port_on_a_node() -> None:
    (finding,) = linted(ingress(NODE_GROUP, "ACCEPT TCP 203.0.113.0/24 80"))

    assert (finding.code, finding.severity, finding.group) == ("POD_PORT_ON_NODE", "error", NODE_GROUP)
    assert finding.evidence.facts == {"pod_port": 80, "node_port": NODE_PORT, "service": "shop/web", "node": "node-a"}


@pytest.mark.parametrize(
    "lines",
    [
        ("ACCEPT TCP 203.0.113.0/24 80", GOOD),
        (f"ACCEPT TCP 203.0.113.0/24 80,{NODE_PORT}",),
        ("ACCEPT TCP 198.51.100.0/24 80", GOOD),
        ("ACCEPT TCP 203.0.113.0/24 81",),
        ("ACCEPT UDP 203.0.113.0/24 80",),
        ("ACCEPT TCP 10.0.35.0/24 80",),
        ("DROP TCP 203.0.113.0/24 80", "ACCEPT TCP 203.0.113.7 80", GOOD),
        ("ACCEPT TCP sg-somebody 30713", "ACCEPT TCP 203.0.113.0/24 80", GOOD),
    ],
)
def test_the_pods_port_beside_the_nodeport_or_for_others(lines: tuple[str, ...]) -> None:
    assert "POD_PORT_ON_NODE" not in codes(ingress(NODE_GROUP, *lines))


@pytest.mark.parametrize(
    "change",
    [
        pass_to_target,
        keepalive,
        balancer(SnatPro=True),
        balancer(LoadBalancerVips=["2001:db8::10"]),
        lambda document: targets(document).clear(),
        lambda document: document["kubernetes"].clear(),
        lambda document: document["instances"].clear(),
        lambda document: targets(document)[0].update(Type="ENI", PrivateIpAddresses=["10.0.36.12"], Port=80),
    ],
)
def test_where_the_nodes_groups_are_not_asked_about_the_client(change: Change) -> None:
    """Nothing is known to be wrong there."""
    assert codes(ingress(NODE_GROUP, "ACCEPT TCP 203.0.113.0/24 80"), change) == []


def test_the_pods_port_while_the_clb_admits_nobody() -> None:
    """Both faults are told at once."""
    assert codes(ingress(NODE_GROUP, "ACCEPT TCP 203.0.113.0/24 80"), ingress(CLB_GROUP)) == [
        *("POD_PORT_ON_NODE", "EMPTY_GROUP")
    ]


def test_the_pods_port_comes_from_the_service_where_no_endpoint_tells() -> None:
    def without_endpoints(document: Document) -> None:
        document["kubernetes"] = [each for each in document["kubernetes"] if each["kind"] != "EndpointSlice"]

    def named_port(document: Document) -> None:
        document["kubernetes"][0]["spec"]["ports"][0]["targetPort"] = "http"

    closed = ingress(NODE_GROUP, "ACCEPT TCP 203.0.113.0/24 80")
    assert codes(closed, without_endpoints) == ["POD_PORT_ON_NODE"]
    assert codes(closed, without_endpoints, named_port) == []
    assert codes(closed, named_port) == ["POD_PORT_ON_NODE"]


def test_a_private_clbs_clients_are_private() -> None:
    closed, clients = (
        ingress(NODE_GROUP, "ACCEPT TCP 10.0.99.0/24 80"),
        ingress(CLB_GROUP, "ACCEPT TCP 10.0.99.0/24 80"),
    )

    assert codes(closed, clients) == []
    assert codes(closed, clients, balancer(LoadBalancerType="INTERNAL")) == ["POD_PORT_ON_NODE"]


def test_the_nodeport_on_the_clb() -> None:
    (finding,) = linted(ingress(CLB_GROUP, GOOD))

    assert (finding.code, finding.severity, finding.group) == ("NODEPORT_ON_CLB", "error", CLB_GROUP)
    assert finding.evidence.facts == {"node_port": NODE_PORT, "port": 80, "balancer": BALANCER}


@pytest.mark.parametrize(
    ("group", "lines", "twins"),
    [
        (NODE_GROUP, ("ACCEPT TCP 203.0.113.0/24 80", "DROP ALL 0.0.0.0/0 ALL", GOOD), [2]),
        (NODE_GROUP, ("ACCEPT TCP 203.0.113.0/24 80,81", "DROP ALL 0.0.0.0/0 ALL", GOOD), []),
        (NODE_GROUP, ("ACCEPT TCP 203.0.113.0/24 70-90", "DROP ALL 0.0.0.0/0 ALL", GOOD), []),
        (NODE_GROUP, ("ACCEPT TCP 203.0.113.0/25 80", "DROP ALL 0.0.0.0/0 ALL", GOOD), []),
        (CLB_GROUP, (GOOD, "DROP ALL 0.0.0.0/0 ALL", "ACCEPT TCP 203.0.113.0/24 80"), [2]),
    ],
)
def test_the_right_port_is_not_to_be_written_where_the_list_has_that_very_rule(
    group: str, lines: tuple[str, ...], twins: list[int]
) -> None:
    """The API refuses it a second time, so the rule that is there has to move."""
    finding = next(each for each in linted(ingress(group, *lines)) if each.code.endswith(("_ON_NODE", "_ON_CLB")))

    assert (finding.remedy.key == "WRONG_PORT.twin") == bool(twins)
    assert [each.policy_index for each in finding.remedy.facts.get("rules", ())] == twins


def listener_on(port: int) -> Change:
    def change(document: Document) -> None:
        document["listeners"][BALANCER].append({**the_listener(document), "ListenerId": "lbl-2", "Port": port})

    return change


def without_targets(document: Document) -> None:
    del targets(document)[0:]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([ingress(CLB_GROUP, GOOD, "ACCEPT TCP 203.0.113.0/24 80")], []),
        ([ingress(CLB_GROUP, GOOD, "ACCEPT TCP 198.51.100.0/24 80")], ["NODEPORT_ON_CLB"]),
        ([ingress(CLB_GROUP, GOOD), listener_on(NODE_PORT)], []),
        ([ingress(CLB_GROUP, GOOD), without_targets], ["NODEPORT_ON_CLB"]),
        ([ingress(CLB_GROUP, "ACCEPT TCP 203.0.113.0/24 30714")], []),
        ([ingress(CLB_GROUP, f"ACCEPT UDP 203.0.113.0/24 {NODE_PORT}")], []),
        ([ingress(CLB_GROUP, "ACCEPT TCP 203.0.113.0/24 30000-32767")], ["NODEPORT_ON_CLB"]),
        ([ingress(CLB_GROUP, GOOD), lambda document: document.pop("listeners")], []),
    ],
)
def test_the_nodeport_on_the_clb_and_nearly(changes: list[Change], expected: list[str]) -> None:
    assert codes(*changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([ingress(CLB_GROUP, "ACCEPT TCP 100.64.0.0/10 80", WORLD + " 80")], ["PROBE_RANGE_ON_CLB"]),
        ([ingress(CLB_GROUP, "DROP TCP 100.100.0.0/16 80", WORLD + " 80")], ["PROBE_RANGE_ON_CLB"]),
        ([ingress(CLB_GROUP, "ACCEPT TCP 100.0.0.0/9 80", "ACCEPT TCP 203.0.113.0/24 80")], []),
        ([ingress(CLB_GROUP, WORLD + " 80", "ACCEPT TCP 100.64.0.0/10 80")], ["RULE_SHADOWED"]),
        ([ingress(CLB_GROUP, "ACCEPT TCP 100.64.0.0/10 80"), balancer(LoadBalancerType="INTERNAL")], []),
        ([ingress(NODE_GROUP, "ACCEPT TCP 100.64.0.0/10 80", GOOD)], []),
        ([ingress(CLB_GROUP, "ACCEPT TCP 100.64.0.0/10 80"), node_groups("a", CLB_GROUP, NODE_GROUP)], []),
    ],
)
def test_a_rule_for_probes_on_a_clb(changes: list[Change], expected: list[str]) -> None:
    assert codes(*changes) == expected


@pytest.mark.parametrize("fault", FAULTS)
def test_what_changes_nothing_when_it_goes_says_so_and_nothing_else_does(fault: str) -> None:
    """A rule for probes does admit clients from there, so it is not one of these."""
    snapshot = open_fault(fault)
    for each in lint_snapshot(snapshot):
        if each.policy_index is not None and each.remedy.key in ("delete", "PROBE_RANGE_ON_CLB.remedy"):
            old = snapshot.group(each.group).rules(each.direction)[each.policy_index]
            gone = edits.Change(each.group, each.direction, edits.Edit.DELETE, each.policy_index, old=old)
            difference = difference_of_snapshots(snapshot, with_changes(snapshot, [gone]))
            assert bool(difference) == (each.remedy.key != "delete"), each


# Names that stand for nothing


def peer_group(group: str, peer: str) -> Change:
    policy = {"Action": "ACCEPT", "Protocol": "TCP", "Port": "80", "SecurityGroupId": peer, "PolicyIndex": 1}
    return lambda document: document["security_groups"][group]["SecurityGroupPolicySet"]["Ingress"].append(policy)


def template(part: str, name: str, **fields: Any) -> Change:
    return lambda document: document[part].update({name: fields})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([ingress(POD_GROUP, "ACCEPT TCP sg-gone 80")], [("UNKNOWN_GROUP", POD_GROUP, 0)]),
        ([ingress(POD_GROUP, f"ACCEPT TCP {NODE_GROUP} 80")], []),
        ([peer_group(POD_GROUP, "100012345678/sg-gone")], []),  # whose groups no snapshot of ours lists
        ([ingress(POD_GROUP, f"ACCEPT TCP {POD_GROUP} 80")], []),
        ([clb_groups(CLB_GROUP, "sg-gone")], [("UNKNOWN_GROUP", "sg-gone", None)]),
        ([clb_groups("sg-gone"), ingress(POD_GROUP, "ACCEPT TCP sg-gone 80")], [("UNKNOWN_GROUP", "sg-gone", None)]),
        ([lambda document: document.pop("security_groups")], []),
        ([ingress(POD_GROUP, "ACCEPT TCP ipm-gone 80")], [("UNKNOWN_TEMPLATE", POD_GROUP, 0)]),
        ([ingress(POD_GROUP, "ACCEPT TCP ipmg-gone 80")], [("UNKNOWN_TEMPLATE", POD_GROUP, 0)]),
        ([ingress(POD_GROUP, "ACCEPT TCP ipm-gone 80"), lambda document: document.pop("address_templates")], []),
        (
            [
                ingress(POD_GROUP, "ACCEPT TCP ipm-a 80"),
                template("address_templates", "ipm-a", AddressSet=["10.0.0.1"]),
            ],
            [],
        ),
        (
            [ingress(POD_GROUP, "ACCEPT TCP ipm-a 80"), template("address_templates", "ipm-a", AddressSet=[])],
            [("EMPTY_TEMPLATE", POD_GROUP, 0)],
        ),
        (
            [
                ingress(POD_GROUP, "ACCEPT TCP ipmg-a 80"),
                template("address_template_groups", "ipmg-a", AddressTemplateIdSet=["ipm-gone"]),
            ],
            [("UNKNOWN_TEMPLATE", POD_GROUP, 0)],
        ),
        (
            [
                ingress(POD_GROUP, "ACCEPT TCP ipmg-a 80"),
                template("address_templates", "ipm-a", AddressSet=["10.0.0.1"]),
                template("address_template_groups", "ipmg-a", AddressTemplateIdSet=["ipm-a"]),
            ],
            [],
        ),
    ],
)
def test_names_that_are_not_there(changes: list[Change], expected: list[tuple[str, str, int | None]]) -> None:
    """A part that was not read says nothing about what is gone."""
    assert found(*changes) == expected


def test_a_service_template_that_is_gone() -> None:
    def change(document: Document) -> None:
        policy = {"Action": "ACCEPT", "CidrBlock": "203.0.113.0/24", "ServiceTemplate": {"ServiceId": "ppm-gone"}}
        document["security_groups"][POD_GROUP]["SecurityGroupPolicySet"]["Ingress"].append({**policy, "PolicyIndex": 1})

    assert found(change) == [("UNKNOWN_TEMPLATE", POD_GROUP, 1)]
    assert found(change, template("service_templates", "ppm-gone", ServiceSet=["TCP:80"])) == []


def test_the_setting_of_the_add_on_binds_too() -> None:
    def change(document: Document) -> None:
        document["cluster"]["eniipamd"]["securityGroups"] = [POD_GROUP, "sg-gone"]

    assert found(change) == [("UNKNOWN_GROUP", "sg-gone", None)]


# Open to the world, and where that leads


def severity(group: str, line: str, *changes: Change) -> dict[str, str]:
    findings = linted(ingress(group, line), *changes)
    return {each.code: each.severity for each in findings if each.code.startswith("WORLD")}


def test_nodeports_matter_only_where_there_are_some() -> None:
    """What a group of the CLB opens beyond its listeners is closed anyway [CLB-SG]."""
    ports = WORLD + " 30000-32767"

    assert severity(NODE_GROUP, ports) == {"WORLD_OPEN_NODEPORTS": "warning"}
    assert severity(POD_GROUP, ports) == {"WORLD_OPEN_NODEPORTS": "warning"}
    assert severity(CLB_GROUP, ports) == {}
    assert severity(CLB_GROUP, ports, node_groups("a", CLB_GROUP, NODE_GROUP)) == {"WORLD_OPEN_NODEPORTS": "warning"}
    assert severity("sg-unbound", ports) == {}


def some_listeners_only(document: Document) -> None:
    document["partial"] = {"listeners": ["lb-lab00001"]}


def test_a_login_port_that_a_clb_does_not_listen_on_is_closed_for_now() -> None:
    assert severity(CLB_GROUP, WORLD + " 22") == {"WORLD_OPEN_ADMIN": "info"}
    assert severity(CLB_GROUP, WORLD + " 22", listener_on(22)) == {"WORLD_OPEN_ADMIN": "error"}
    assert severity(CLB_GROUP, WORLD + " 22", lambda document: document.pop("listeners")) == {
        "WORLD_OPEN_ADMIN": "error"
    }
    assert severity(CLB_GROUP, WORLD + " 22", some_listeners_only) == {"WORLD_OPEN_ADMIN": "error"}
    assert severity(NODE_GROUP, WORLD + " 22") == {"WORLD_OPEN_ADMIN": "error"}
    assert severity("sg-unbound", WORLD + " 22") == {"WORLD_OPEN_ADMIN": "error"}


def test_everything_on_a_clb_is_its_listeners() -> None:
    assert severity(CLB_GROUP, ALL) == {"WORLD_OPEN_ALL": "warning"}
    assert severity(NODE_GROUP, ALL) == {"WORLD_OPEN_ALL": "error"}
    (finding,) = linted(ingress(CLB_GROUP, ALL))
    assert finding.evidence.facts["listeners"] == ("TCP 80",)


def test_what_an_earlier_group_drops_everywhere_is_not_open() -> None:
    closing, opening = ingress("sg-first", "DROP TCP 0.0.0.0/0 22"), ingress("sg-second", WORLD + " 20-25")
    both = node_groups("a", "sg-first", "sg-second")

    assert "WORLD_OPEN_ADMIN" not in codes(closing, opening, both)
    assert "WORLD_OPEN_ADMIN" in codes(closing, opening, both, node_groups("b", "sg-second"))


# Several groups


def test_a_rule_that_is_dead_on_every_interface_names_them() -> None:
    old = ingress("sg-old", "DROP TCP 0.0.0.0/0 30000-32767")
    both = node_groups("a", "sg-old", NODE_GROUP), node_groups("b", "sg-old", NODE_GROUP)

    finding = next(iter(linted(old, *both)))
    assert (finding.code, finding.group, finding.covered_by) == ("ACCEPT_CANCELLED", NODE_GROUP, (("sg-old", 0),))
    assert finding.evidence.facts["owners"] == ("ins-nodea001", "ins-nodeb001")
    assert "ACCEPT_CANCELLED" not in codes(old, both[0])


def test_a_drop_that_an_earlier_group_undoes() -> None:
    lists = (
        ingress("sg-old", "ACCEPT TCP 203.0.113.9 80"),
        ingress(POD_GROUP, "DROP TCP 203.0.113.9 80", "ACCEPT TCP 10.0.35.0/24 80"),
    )

    def bind(document: Document) -> None:
        document["network_interfaces"][0]["GroupSet"] = ["sg-old", POD_GROUP]
        document["cluster"]["eniipamd"]["securityGroups"] = []

    assert [each.code for each in linted(*lists, bind) if each.severity == "error"] == ["DROP_CANCELLED"]


def test_a_group_that_is_bound_twice_in_one_place_counts_once() -> None:
    assert codes(node_groups("a", NODE_GROUP, NODE_GROUP), node_groups("b", NODE_GROUP, NODE_GROUP)) == []


def test_egress_of_a_clb_is_never_asked() -> None:
    """So groups in front of each other there cover nothing; on a node they do."""
    extra = ingress("sg-extra", "ACCEPT TCP 198.51.100.0/24 8080")

    assert codes(extra, clb_groups("sg-extra", CLB_GROUP)) == []
    assert codes(extra, node_groups("a", "sg-extra", NODE_GROUP), node_groups("b", "sg-extra", NODE_GROUP)) == [
        "RULE_SHADOWED"
    ]


# Quotas


def many(count: int, group: str) -> Change:
    return ingress(group, *(f"ACCEPT TCP 198.51.{place // 128}.{place % 128 * 2} 443" for place in range(count)))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([many(410, CLB_GROUP)], ["QUOTA_RULES", "QUOTA_NEAR"]),
        ([many(520, CLB_GROUP)], ["QUOTA_CLB_GROUP_RULES", "QUOTA_RULES"]),
        ([many(520, POD_GROUP)], ["QUOTA_RULES"]),
        ([node_groups("a", *[f"sg-{n}" for n in range(4)])], ["QUOTA_NEAR"]),
        ([node_groups("a", *[f"sg-{n}" for n in range(6)])], ["QUOTA_GROUPS"]),
    ],
)
def test_quotas_of_a_snapshot(changes: list[Change], expected: list[str]) -> None:
    groups = [ingress(f"sg-{n}") for n in range(6)]

    assert [code for code in codes(*groups, *changes) if code.startswith("QUOTA")] == expected


@pytest.mark.parametrize(("count", "expected"), [(15, []), (16, ["QUOTA_NEAR"]), (21, ["QUOTA_TEMPLATE_MEMBERS"])])
def test_quota_of_a_template(count: int, expected: list[str]) -> None:
    """One that no rule names harms nobody."""
    members = template("address_templates", "ipm-a", AddressSet=[f"10.0.1.{each}" for each in range(count)])

    assert codes(members, ingress(POD_GROUP, "ACCEPT TCP ipm-a 80")) == expected
    assert codes(members) == []
