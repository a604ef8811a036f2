"""A snapshot keeps what it was given, refuses what it cannot read in one line, and never fails in any other way."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from builders import LISTENERS, ask, fate, lab
from changes import Document, group_2_closed, observed, second_target, targets, the_listener
from changes_cluster import endpoint_slice, second_pod, service
from hypothesis import example, given, settings
from hypothesis import strategies as st

from drilllib.core.drills.default_lab import CLB_GROUP, CLIENT, NODE_GROUP, SERVICE, VIP, default_lab, policy
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.semantics import DOCUMENTED, ORIGINAL, Semantics
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import DrillError, InvalidInputError, InvalidRuleError, UnknownNameError
from drilllib.labs.simulated import SimulatedLab
from tests.thorough import how_many

# Reading and writing


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("semantics", [DOCUMENTED, ORIGINAL], ids=lambda each: each.profile)
def test_reading_and_writing_is_the_identity(listener: str, semantics: Semantics) -> None:
    """A capture that went through us must still be the vendor's answer."""
    document = default_lab(listener=listener, semantics=semantics)

    assert Snapshot(document).to_dict() == document
    assert json.loads(json.dumps(Snapshot(document).to_dict())) == document


def test_fields_we_do_not_read_are_kept() -> None:
    """Vendor objects have dozens of fields; whoever saved them may need them."""
    document = default_lab()
    document["captured_by"] = {"tool": "tccli", "at": [1, None, 2.5]}
    for item in (document["load_balancers"][0], the_listener(document), targets(document)[0], service(document)):
        item["Unread"] = {"deep": [{"x": None}]}
    document["security_groups"][CLB_GROUP]["SecurityGroupPolicySet"]["Ingress"][0]["ModifyTime"] = "2025-07-22 12:41:43"

    assert Snapshot(document).to_dict() == document


def test_blocks_keep_the_text_they_were_given() -> None:
    """0.0.0.0/8 matches everything and is still written back as 0.0.0.0/8."""
    document = default_lab()
    odd = {**policy("accept", "tcp", "0.0.0.0/8", "80"), "AddressTemplate": {}, "Ipv6CidrBlock": ""}
    document["security_groups"][CLB_GROUP]["SecurityGroupPolicySet"]["Ingress"] = [odd]
    snapshot = Snapshot(document)

    assert snapshot.to_dict() == document
    assert ask(snapshot, client="198.51.100.7").paths[0].hops[0].checks[0].action == "ACCEPT"


def test_the_callers_document_is_its_own() -> None:
    """A snapshot is one moment: what happens to the document afterwards is another."""
    document = default_lab()
    snapshot = Snapshot(document)
    before = deepcopy(document)
    group_2_closed(document)
    document["security_groups"][CLB_GROUP]["SecurityGroupPolicySet"]["Ingress"][0]["CidrBlock"] = "192.0.2.0/24"

    assert snapshot.to_dict() == before
    assert fate(ask(snapshot)) == "reachable: 200"
    assert snapshot.groups[CLB_GROUP].ingress[0].policy["CidrBlock"] == "203.0.113.0/24"


def test_what_to_dict_returns_is_the_callers() -> None:
    """Editing a copy is how a what-if starts."""
    snapshot = lab()
    snapshot.to_dict()["security_groups"].clear()

    assert fate(ask(snapshot)) == "reachable: 200"


def test_other_semantics_make_another_snapshot() -> None:
    """Documented and original answers are shown side by side, of one moment."""
    snapshot = open_fault("group-2", listener="TCP")

    assert fate(ask(snapshot.with_semantics(ORIGINAL))) == "unreachable: 504 after 4 s"
    assert fate(ask(snapshot)) == "unreachable: connect_timeout"


def test_an_absent_part_is_not_an_empty_one() -> None:
    """Absent means not known; without any object but those that make the machines nodes, nothing uses the NodePort."""
    absent, empty = default_lab(), default_lab()
    del absent["kubernetes"]
    empty["kubernetes"] = [each for each in empty["kubernetes"] if each["kind"] == "Node"]

    assert ask(Snapshot(absent), vip=VIP).verdict == "undetermined"
    assert ask(Snapshot(empty), vip=VIP).reason == "NODEPORT_NOT_IN_USE"


def test_a_list_of_rules_that_is_absent_was_not_read() -> None:
    """An empty group drops everything; a group that was not read may do anything."""
    document = default_lab()
    del document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]["Ingress"]

    assert ask(Snapshot(document)).verdict == "undetermined"


def test_rules_are_ordered_by_their_policy_index() -> None:
    """The API does not promise the order of its list, but numbers every rule."""
    document = default_lab()
    accept = {**policy("ACCEPT", "TCP", "203.0.113.0/24", "80"), "PolicyIndex": 0}
    drop = {**policy("DROP", "ALL", "0.0.0.0/0", "ALL"), "PolicyIndex": 1}
    document["security_groups"][CLB_GROUP]["SecurityGroupPolicySet"]["Ingress"] = [drop, accept]

    assert fate(ask(Snapshot(document))) == "reachable: 200"


def test_the_service_finds_its_clb_by_status_where_the_annotation_is_absent() -> None:
    """A Service on a CLB that the controller made carries the address in its status."""
    document = default_lab()
    service(document)["metadata"]["annotations"].clear()

    assert fate(ask(Snapshot(document))) == "reachable: 200"


def test_an_endpoint_that_is_not_ready_gets_nothing() -> None:
    """kube-proxy leaves it out, and the last one gone means refusal."""
    document = default_lab(listener="TCP")
    endpoint_slice(document)["endpoints"][0]["conditions"]["ready"] = False

    assert fate(ask(Snapshot(document))) == "unreachable: refused"


# What is refused


def at(*path: Any, value: Any = ...) -> Callable[[Document], None]:
    """Put *value* at a place of the document; without one, take the place away."""

    def change(document: Document) -> None:
        for step in path[:-1]:
            document = document[step]
        if value is ...:
            del document[path[-1]]
        else:
            document[path[-1]] = value

    return change


LISTENER = ("listeners", "lb-lab00001", 0)
REFUSED = {
    "wrong schema": (at("schema", value="drilllib/snapshot/2"), "drilllib/snapshot/2"),
    "no schema": (at("schema"), "schema"),
    "listener port as text": (at(*LISTENER, "Port", value="80"), "lb-lab00001'[0].Port"),
    "listener port as true": (at(*LISTENER, "Port", value=True), "Port"),
    "listener without protocol": (at(*LISTENER, "Protocol"), "Protocol"),
    "listeners as a list": (at("listeners", value=[]), "snapshot.listeners"),
    "target port as text": (at(*LISTENER, "Rules", 0, "Targets", 0, "Port", value="30713"), "Targets[0].Port"),
    "VIP that is no address": (at("load_balancers", 0, "LoadBalancerVips", 0, value="192.0.2.300"), "192.0.2.300"),
    "VIP as a number": (at("load_balancers", 0, "LoadBalancerVips", 0, value=3221225994), "LoadBalancerVips[0]"),
    "VIP with a zone": (at("load_balancers", 0, "LoadBalancerVips", 0, value="fe80::1%eth0"), "fe80::1%eth0"),
    "groups as a text": (at("instances", 0, "SecurityGroupIds", value="sg-node0001"), "SecurityGroupIds"),
    "endpoint address": (at("kubernetes", 4, "endpoints", 0, "addresses", 0, value="pod"), "kubernetes[4]"),
    "Service without spec": (at("kubernetes", 0, "spec"), "kubernetes[0]"),
    "object without kind": (at("kubernetes", 3, "kind"), "kubernetes[3]"),
    "unknown switch": (at("semantics", "drop_means_reject", value=True), "drop_means_reject"),
    "switch of the wrong type": (at("semantics", "dropped_status", value="502"), "dropped_status"),
    "switch as a number": (at("semantics", "tcp_listener_answers_504", value=1), "tcp_listener_answers_504"),
    "unknown profile": (at("semantics", "profile", value="seed"), "seed"),
    "group as a list": (at("security_groups", CLB_GROUP, value=[]), CLB_GROUP),
    "line breaks in a name": (at("semantics", "a\nb", value=1), "a\\nb"),
}


@pytest.mark.parametrize(("change", "named"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_by_its_place(change: Callable[[Document], None], named: str) -> None:
    """One line that names the place is worth more than a traceback three calls later."""
    document = default_lab()
    change(document)

    with pytest.raises(InvalidInputError) as caught:
        Snapshot(document)

    assert named in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_rule_that_cannot_be_read_is_refused_by_its_place() -> None:
    """Group, direction and index: that is where the console shows it."""
    document = default_lab()
    document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]["Ingress"][0]["Port"] = "80-"

    with pytest.raises(InvalidRuleError, match=rf"{NODE_GROUP} ingress\[0\]"):
        Snapshot(document)


@pytest.mark.parametrize("value", [None, [], "snapshot", 1, {}])
def test_what_is_no_snapshot_at_all_is_refused(value: Any) -> None:
    """Somebody will pass the wrong file."""
    with pytest.raises(InvalidInputError, match="schema"):
        Snapshot(value)


def test_an_unknown_service_lists_the_known_ones() -> None:
    """The remedy is usually a namespace."""
    with pytest.raises(UnknownNameError, match="shop/web"):
        lab().service("web")


# Anything at all, anywhere


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path to a value inside *node*."""
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from places(value, (*path, key))


FULL = {}
for kind in LISTENERS:
    FULL[kind] = default_lab(listener=kind)
    for enrich in (second_target, second_pod, observed("Alive", "Dead")):
        enrich(FULL[kind])
PLACES = [(kind, path) for kind in LISTENERS for path in places(FULL[kind])]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["", "80", "ALL", "HTTP", "TCP", "UDP", "Local", "2001:db8::1", "10.0.35.12", "100.64.0.0/10"]),
    st.sampled_from(["sg-clb00001", "lb-lab00001", "ins-nodeb001", "Alive", "Dead", "Service", "a\nb\x1b[2J\ud800"]),
    st.sampled_from([30713, 80, 65536, 10**30, -1]),
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def replaced(kind: str, path: tuple[Any, ...], value: Any) -> Document:
    document = deepcopy(FULL[kind])
    at(*path, value=value)(document)
    return document


def only_drill_errors(use: Callable[[], object]) -> None:
    """Whatever *use* does, it ends well or with one printable line."""
    message = ""
    try:
        use()
    except DrillError as error:
        message = str(error)
    assert message.isprintable()


@settings(max_examples=how_many(60, thorough=500, long=1500), deadline=None)
@given(st.sampled_from(PLACES), json_values)
@example(("HTTP", ("semantics", "profile")), [])
@example(("TCP", ("listeners", "lb-lab00001", 0, "Port")), -1)
@example(("HTTP", ("kubernetes", 0, "metadata", "name")), "web\n\x1b[2J")
def test_a_snapshot_with_anything_anywhere_is_answered_or_refused(place: tuple, value: Any) -> None:
    """Snapshots come from other people's tools: no traceback may ever reach a learner."""
    document = replaced(*place, value)

    def use() -> None:
        snapshot = Snapshot(document)
        trace(snapshot, Question(client=CLIENT, service=SERVICE)).to_dict()
        trace(snapshot, Question(client=CLIENT, vip=VIP, port=80)).to_dict()

    only_drill_errors(use)


@settings(max_examples=how_many(60, thorough=500, long=1500), deadline=None)
@given(st.sampled_from(PLACES), json_values)
@example(("HTTP", ("semantics",)), {"dropped_status": 503})
@example(("HTTP", ("security_groups", CLB_GROUP, "SecurityGroupPolicySet", "Version")), "one")
@example(("HTTP", ("security_groups", CLB_GROUP)), {})
@example(("HTTP", ("security_groups", CLB_GROUP, "SecurityGroupPolicySet")), None)
@example(("HTTP", ("load_balancers", 0, "SecureGroups", 0)), "sg\n\x1b[2J")
def test_a_lab_with_anything_anywhere_works_or_refuses(place: tuple, value: Any) -> None:
    """The same for what a learner does in a lab opened on such a snapshot."""
    document = replaced(*place, value)

    question = Question(client=CLIENT, service=SERVICE)

    def play(lab: SimulatedLab) -> None:
        steps = (
            lambda: lab.probe(question),
            lambda: lab.replace_rules(CLB_GROUP, Direction.INGRESS, lab.rules(CLB_GROUP, Direction.INGRESS)),
            lambda: lab.bind_groups("ins-nodea001", [NODE_GROUP]),
            lambda: lab.bind_groups("lb-lab00001", []),
            lambda: lab.replace_rules(NODE_GROUP, Direction.INGRESS, ()),
            lambda: lab.probe(question),
        )
        for step in steps:
            only_drill_errors(step)

    only_drill_errors(lambda: play(SimulatedLab(Snapshot(document))))


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_a_snapshot_that_survives_json(name: str) -> None:
    """Snapshots are files."""
    document = open_fault(name).to_dict()

    assert Snapshot(json.loads(json.dumps(document))).to_dict() == document
