"""Expectations: read strictly, verified exactly, and what fails comes with a case that really does."""

from copy import deepcopy
from ipaddress import ip_address, ip_network
from itertools import product
from random import Random
from typing import Any

import pytest

from drilllib.core.check.expectations import SCHEMA, read_expectations
from drilllib.core.check.outcomes import Outcome, verify
from drilllib.core.check.status import Status
from drilllib.core.drills.default_lab import default_lab, policy
from drilllib.core.facts import rules_of
from drilllib.core.rules.rules import Action, Direction, Flow, decide
from drilllib.core.sets.accepted import accepted
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import DrillError, InvalidInputError, UnknownNameError
from tests.core.worlds import world
from tests.thorough import how_many

SHOP = {"service": "shop/web"}
NODE = {"interface": "ins-nodea001", "protocol": "TCP", "ports": "30713"}
CLIENTS = "203.0.113.0/24"


def document(*items: dict[str, Any]) -> dict[str, Any]:
    return {"schema": SCHEMA, "expectations": list(items)}


def outcome(snapshot: dict[str, Any] | Snapshot, **item: Any) -> Outcome:
    """The outcome of one expectation: ``allow={...}``."""
    found = snapshot if isinstance(snapshot, Snapshot) else Snapshot(snapshot)
    return verify(found, read_expectations(document(item)))[0]


def status(snapshot: dict[str, Any], **item: Any) -> str:
    return str(outcome(snapshot, **item).status)


@pytest.mark.parametrize(
    ("kind", "blocks", "excepted", "expected"),
    [
        ("allow", [CLIENTS], [], "holds"),
        ("allow", ["203.0.112.0/23"], [], "fails"),
        ("allow", ["203.0.112.0/23"], ["203.0.112.0/24"], "holds"),
        ("forbid", ["0.0.0.0/0"], [], "fails"),
        ("forbid", ["0.0.0.0/0"], [CLIENTS], "holds"),
        ("forbid", ["0.0.0.0/0"], ["203.0.113.0/25"], "fails"),
        ("forbid", ["198.51.100.0/24"], [], "holds"),
        ("forbid", ["0.0.0.0/0", "::/0"], [CLIENTS], "holds"),
    ],
)
def test_a_service_is_open_to_whom_it_is_open(kind: str, blocks: list, excepted: list, expected: str) -> None:
    assert status(default_lab(), **{kind: {**SHOP, "port": 80, "from": blocks, "except": excepted}}) == expected


@pytest.mark.parametrize(
    ("kind", "blocks", "ports", "expected"),
    [
        ("allow", [CLIENTS], "30713", "holds"),
        ("allow", [CLIENTS], "30713,30714", "fails"),
        ("forbid", [CLIENTS], "1-30712,30714-65535", "holds"),
        ("forbid", ["0.0.0.0/0"], 30713, "fails"),
        ("forbid", ["::/0"], "ALL", "holds"),
    ],
)
def test_an_interface_and_its_group_say_the_same(kind: str, blocks: list, ports: Any, expected: str) -> None:
    asked = {"protocol": "TCP", "ports": ports, "from": blocks}
    for subject in ({"interface": "ins-nodea001"}, {"group": "sg-node0001"}):
        assert status(default_lab(), **{kind: {**subject, **asked}}) == expected


def test_the_direction_picks_the_list() -> None:
    asked = {**NODE, "from": ["198.51.100.0/24"]}
    assert status(default_lab(), forbid=asked) == "holds"
    assert status(default_lab(), forbid={**asked, "direction": "egress"}) == "fails"


def test_what_some_requests_meet_is_neither_allowed_nor_forbidden() -> None:
    """One blocked target of two at layer 4: an outage for some is no permission, and no prohibition either."""
    lab = default_lab(listener="TCP")
    lab["listeners"]["lb-lab00001"][0]["Targets"].append(
        {"Type": "CVM", "InstanceId": "ins-nodeb001", "PrivateIpAddresses": ["10.0.35.12"], "Port": 30713, "Weight": 10}
    )
    lab["instances"][1]["SecurityGroupIds"] = ["sg-shut"]
    lab["security_groups"]["sg-shut"] = {"SecurityGroupPolicySet": {"Ingress": [], "Egress": []}}
    asked = {**SHOP, "from": ["203.0.113.10"]}
    assert trace(Snapshot(lab), Question(client="203.0.113.10", service="shop/web")).verdict == "intermittent"
    assert status(lab, allow=asked) == status(lab, forbid=asked) == "fails"


def test_every_port_of_the_service_counts_where_none_is_named() -> None:
    lab = default_lab()
    service = next(item for item in lab["kubernetes"] if item["kind"] == "Service")
    service["spec"]["ports"].append({"port": 8080, "protocol": "TCP", "nodePort": 30800})
    asked = {**SHOP, "from": [CLIENTS]}
    assert status(lab, allow={**asked, "port": 80}) == "holds"
    assert status(lab, allow=asked) == "fails"
    assert [case.trace.question.port for case in outcome(lab, allow=asked).cases] == [8080]


@pytest.mark.parametrize("kind", ["allow", "forbid"])
def test_what_nobody_read_is_neither_held_nor_failed(kind: str) -> None:
    lab = default_lab()
    del lab["security_groups"]["sg-node0001"]
    for asked in (SHOP, NODE):
        assert status(lab, **{kind: {**asked, "from": ["203.0.113.10"]}}) == "undetermined"
    case = outcome(lab, **{kind: {**SHOP, "from": ["203.0.113.10"]}}).cases[0]
    assert case.trace.gaps == tuple(rules_of("sg-node0001", each) for each in ("ingress", "egress"))


def test_what_surely_fails_is_told_before_what_may() -> None:
    lab = default_lab()
    del lab["security_groups"]["sg-node0001"]
    found = outcome(lab, allow={**SHOP, "from": ["0.0.0.0/0"]})
    assert [case.status for case in found.cases] == [Status.FAILS, Status.UNDETERMINED]
    assert found.status is Status.FAILS


@pytest.mark.parametrize(
    ("bound", "kind", "action"),
    [([], "forbid", Action.ACCEPT), (None, "forbid", Action.UNDETERMINED), (["sg-pod00001"], "allow", Action.DROP)],
)
def test_the_case_says_what_happens_at_any_binding(bound: Any, kind: str, action: Action) -> None:
    """No group admits everything; the implicit deny of an empty list would be the opposite of the truth."""
    lab = default_lab()
    lab["instances"][0]["SecurityGroupIds"] = bound
    (case,) = outcome(lab, **{kind: {**NODE, "from": [CLIENTS]}}).cases
    assert case.decision.action is action


def test_another_services_port_is_not_the_service() -> None:
    """Clients get an answer there, from somebody else."""
    lab = default_lab()
    other = deepcopy(next(item for item in lab["kubernetes"] if item["kind"] == "Service"))
    other["metadata"]["name"] = "other"
    other["spec"]["ports"][0] |= {"port": 81, "nodePort": 30999}
    lab["kubernetes"].append(other)
    assert status(lab, allow={"service": "shop/other", "port": 80, "from": [CLIENTS]}) == "fails"


def test_cases_of_random_snapshots_are_what_trace_says() -> None:
    seen: dict[str, int] = {}
    for seed in range(how_many(40, thorough=150)):
        made = world(seed)
        snapshot = Snapshot(made.document)
        for name, kind in product(snapshot.service_names(), ("allow", "forbid")):
            block = Random(seed).choice(("0.0.0.0/0", "203.0.113.0/24", "10.0.3.0/24", "203.0.113.10"))
            try:
                found = outcome(snapshot, **{kind: {"service": name, "from": [block]}})
            except DrillError:
                continue
            seen[found.status] = seen.get(found.status, 0) + 1
            for case in found.cases:
                assert ip_address(case.trace.question.client) in ip_network(block)
                against = {"allow": ("unreachable", "intermittent"), "forbid": ("reachable", "intermittent")}[kind]
                wrong = ("undetermined",) if case.status is Status.UNDETERMINED else against
                another = any(each.code == "LISTENER_OF_ANOTHER_SERVICE" for each in case.trace.findings)
                assert case.trace.verdict in wrong or (kind == "allow" and another), f"seed {seed}"
    assert min(seen[each] for each in ("holds", "fails", "undetermined")) > how_many(2, thorough=5)


def test_random_flows_agree_with_the_verdict_on_their_block() -> None:
    """Where an expectation holds no single flow speaks against it; where it fails its example does."""
    held = failed = 0
    for seed in range(120):
        random = Random(seed)
        snapshot = Snapshot(world(seed).document)
        for name in snapshot.groups:
            block = random.choice(("10.0.0.0/8", "203.0.113.0/24", "10.0.1.1", "100.64.0.0/10"))
            kind, port = random.choice(("allow", "forbid")), random.choice((80, 8080, 30080))
            asked = {"group": name, "protocol": "TCP", "ports": port, "from": [block]}
            found = outcome(snapshot, **{kind: asked})
            wrong = Action.DROP if kind == "allow" else Action.ACCEPT
            network = ip_network(block)
            flows = [
                Flow(protocol="TCP", peer=network[random.randrange(network.num_addresses)], port=port) for _ in range(8)
            ]
            actions = {decide([snapshot.group(name)], Direction.INGRESS, flow).action for flow in flows}
            if found.status is Status.HOLDS:
                assert actions == {Action.ACCEPT if kind == "allow" else Action.DROP}
                held += 1
            elif found.status is Status.FAILS:
                case = found.cases[0]
                assert case.decision.action is wrong
                assert case.flow in case.flows
                assert accepted([snapshot.group(name)], Direction.INGRESS).of(case.flow) is wrong
                failed += 1
    assert held > 50
    assert failed > 50


def wrong(item: Any) -> str:
    """The message about a document with that expectation in the second place."""
    good = {"allow": {**SHOP, "from": [CLIENTS]}}
    with pytest.raises(InvalidInputError) as caught:
        read_expectations(document(good, item))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("allow", "Expectation 2 is 'allow'. Write one of allow or forbid, with a service, an interface, a"),
        ({}, "Expectation 2 is {}. Write one of"),
        ({"allow": {**SHOP, "from": [CLIENTS]}, "forbid": {}}, "Write one of allow or forbid"),
        ({"allow": []}, "Expectation 2: allow is []. Write its keys and values."),
        ({"allow": {**SHOP, "from": [CLIENTS]}, "nmae": "x"}, "has the key 'nmae'. Use name, allow."),
        ({"allow": {**SHOP, "from": [CLIENTS]}, "name": 7}, "Expectation 2: name is 7. Write a text."),
        ({"name": "web", "allow": {**SHOP, "form": [CLIENTS]}}, "Expectation 2 ('web'): allow has the key 'form'. Use"),
        ({"allow": SHOP}, "Expectation 2: allow has no from. Write from: and its value."),
        ({"allow": {**SHOP, "from": CLIENTS}}, "from is '203.0.113.0/24'. Write a list of blocks."),
        ({"allow": {**SHOP, "from": []}}, "Expectation 2: from is empty."),
        ({"allow": {**SHOP, "from": ["203.0.113.7/24"]}}, "which is inside 203.0.113.0/24. Write 203.0.113.0/24."),
        ({"allow": {**SHOP, "from": ["203.0.113.0/255.255.255.0"]}}, "Write an address or a block"),
        ({"allow": {**SHOP, "from": [7]}}, "Expectation 2: from has 7. Write an address or a block"),
        ({"allow": {**SHOP, "from": [CLIENTS], "except": ["x"]}}, "Expectation 2: except has 'x'."),
        ({"allow": {**SHOP, "from": [CLIENTS], "port": "80"}}, "port is '80'. Write a whole number."),
        ({"allow": {**SHOP, "from": [CLIENTS], "port": True}}, "port is True. Write a whole number."),
        ({"allow": {**SHOP, "from": [CLIENTS], "port": 0}}, "port is 0. Give one port from 1 to 65535."),
        ({"allow": {**SHOP, "from": [CLIENTS], "path": "x"}}, "path is 'x'. Begin it with /."),
        ({"allow": {**SHOP, "from": [CLIENTS], "direction": "ingress"}}, "has the key 'direction'. Use service, port,"),
        ({"allow": {**SHOP, "group": "sg-x", "from": [CLIENTS]}}, "Expectation 2: allow is {"),
        ({"allow": {"group": "sg-x", "from": [CLIENTS]}}, "allow has no protocol."),
        ({"allow": {"group": "sg-x", "protocol": "TCP", "from": [CLIENTS]}}, "names TCP and no ports. Write ports:"),
        (
            {"allow": {"group": "s", "protocol": "TCP", "ports": "99-1", "from": [CLIENTS]}},
            "Write the lower port first",
        ),
        (
            {"allow": {"group": "s", "protocol": "IP", "ports": "1", "from": [CLIENTS]}},
            "Expectation 2: Protocol is 'IP'",
        ),
        (
            {"allow": {"group": "s", "protocol": "ICMP", "ports": "1", "from": [CLIENTS]}},
            "Protocol ICMP has the Port '1'",
        ),
        ({"allow": {**NODE, "direction": "in", "from": [CLIENTS]}}, "The direction is 'in'. Use ingress or egress."),
        ({"allow": {**NODE, "from": [CLIENTS], "except": ["0.0.0.0/0"]}}, "is about no flow at all."),
        ({"allow": {"group": "s", "protocol": "ICMP", "from": ["::/0"]}}, "is about no flow at all."),
    ],
)
def test_what_is_not_understood_is_refused(item: Any, message: str) -> None:
    """A misspelt condition that is dropped makes a check that always holds."""
    assert message in wrong(item)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([], r"The schema of the expectations is \[\]"),
        ({"schema": "drilllib/expectations/2", "expectations": []}, "Write schema: drilllib/expectations/1"),
        ({"schema": SCHEMA}, "The document has no expectations"),
        ({"schema": SCHEMA, "expectations": []}, "The document has no expectation"),
        ({"schema": SCHEMA, "expectations": [], "extra": 1}, "The document has the key 'extra'"),
    ],
)
def test_a_document_of_another_kind_is_refused(found: Any, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        read_expectations(found)


@pytest.mark.parametrize(
    ("item", "error", "message"),
    [
        ({**SHOP, "from": ["127.0.0.0/8"]}, InvalidInputError, "from has '127.0.0.0/8', where no client is"),
        ({**SHOP, "from": ["10.0.36.12"]}, InvalidInputError, "from has '10.0.36.12/32', where no client is"),
        ({**SHOP, "from": [CLIENTS], "except": ["0.0.0.0/0"]}, InvalidInputError, "except leaves no client of from"),
        ({**SHOP, "from": ["::/0"]}, InvalidInputError, "192.0.2.10 is IPv4. Leave the IPv6 blocks out of from."),
        ({"service": "shop/x", "from": [CLIENTS]}, UnknownNameError, "has no Service 'shop/x'"),
        ({**NODE, "interface": "x", "from": [CLIENTS]}, UnknownNameError, "no CLB, instance or interface 'x'"),
        (
            {"group": "sg-x", "protocol": "ALL", "from": [CLIENTS]},
            UnknownNameError,
            "has no security group 'sg-x'. It has sg-clb00001, sg-node0001, sg-pod00001.",
        ),
    ],
)
def test_what_the_snapshot_does_not_have_names_the_expectation(item: dict, error: type, message: str) -> None:
    with pytest.raises(error) as caught:
        outcome(default_lab(), name="mine", allow=item)
    assert str(caught.value).startswith("Expectation 1 ('mine'): ")
    assert message in str(caught.value)


def test_every_protocol_can_be_expected() -> None:
    lab = default_lab()
    rules = lab["security_groups"]["sg-node0001"]["SecurityGroupPolicySet"]["Ingress"]
    rules.append({**policy("ACCEPT", "ICMPV6", "", "ALL"), "Ipv6CidrBlock": "2001:db8::/32"})
    rules.append(policy("ACCEPT", "GRE", "10.0.0.0/8", "ALL"))
    for protocol, block in (("ICMPV6", "2001:db8::/48"), ("gre", "10.0.0.0/24")):
        asked = {"group": "sg-node0001", "protocol": protocol, "from": [block]}
        assert status(lab, allow=asked) == "holds"
        assert status(lab, forbid=asked) == "fails"
