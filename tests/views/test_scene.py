"""What is drawn and played follows from the trace: cards, arrows, lanes, steps. Expected words are written by hand."""

import pytest

from drilllib.core.drills.default_lab import CLIENT, SERVICE, default_lab
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from drilllib.views.phrases.catalog import LANGUAGES
from drilllib.views.picture.cards import texts_of
from drilllib.views.picture.parts import Card, Scene
from drilllib.views.picture.scene import scene
from drilllib.views.text.trace import trace_text


def answer(name: str, **question: object) -> Trace:
    return trace(open_fault(name), Question(client=CLIENT, service=SERVICE, port=80, **question))


def drawn(name: str) -> Scene:
    return scene(answer(name), "en")


def card(found: Scene, kind: str) -> Card:
    return next(each for each in found.cards if each.kind == kind)


def named(name: str) -> Snapshot:
    """Fault group-2 with that name for its CLB."""
    document = open_fault("group-2").to_dict()
    document["load_balancers"][0]["LoadBalancerId"] = name
    document["listeners"] = {name: document["listeners"]["lb-lab00001"]}
    for each in document["kubernetes"]:
        if each["kind"] == "Service":
            each["metadata"] = {**each["metadata"], "annotations": {"service.kubernetes.io/loadbalance-id": name}}
    return Snapshot(document)


def many_targets(count: int) -> Trace:
    """A lab with that many targets, whose groups let nobody in at the NodePort."""
    document = open_fault("group-2").to_dict()
    rule, node_a = document["listeners"]["lb-lab00001"][0]["Rules"][0], document["instances"][0]
    own = [
        {"InstanceId": f"ins-{number}", "PrivateIpAddresses": [f"10.0.40.{number}"]} for number in range(1, count + 1)
    ]
    document["instances"] += [{**node_a, **each, "SecurityGroupIds": ["sg-clb00001"]} for each in own]
    rule["Targets"] = [{**rule["Targets"][0], **each} for each in own]
    return trace(Snapshot(document), Question(client=CLIENT, service=SERVICE, port=80), all_paths=True)


def two_targets() -> Trace:
    """Node-a lets the request in; a second node, to which the CLB's probes get, does not."""
    document = open_fault("healthy").to_dict()
    rule, node = document["listeners"]["lb-lab00001"][0]["Rules"][0], document["instances"][0]
    other = {"InstanceId": "ins-second", "PrivateIpAddresses": ["10.0.35.99"]}
    document["security_groups"]["sg-second"] = open_fault("group-2").to_dict()["security_groups"]["sg-node0001"]
    document["instances"].append({**node, **other, "SecurityGroupIds": ["sg-second"]})
    status = {"addresses": [{"type": "InternalIP", "address": "10.0.35.99"}]}
    document["kubernetes"].append({"kind": "Node", "metadata": {"name": "node-z"}, "status": status})
    rule["Targets"].insert(0, {**rule["Targets"][0], **other})
    return trace(Snapshot(document), Question(client=CLIENT, service=SERVICE, port=80))


def test_a_card_says_its_name_what_it_sees_and_the_verdict() -> None:
    node = card(drawn("group-2"), "node")

    assert [each for each in texts_of(node) if each] == [
        *("NodePort node-a", "10.0.35.11:30713", "Alive"),
        *("security group 2 sees", "203.0.113.10 → :30713", "DROP", "sg-node0001[2]", "ALL 0.0.0.0/0 ALL"),
        "stopped here",
    ]
    assert (node.state, node.gate.number, node.gate.look) == ("stopped", "2", "no")


def test_egress_that_lets_all_out_is_not_drawn_and_is_told_in_the_details() -> None:
    node = card(drawn("healthy"), "node")

    assert [each.packet for each in node.asked] == ["203.0.113.10 → :30713"]
    assert any("egress" in line for line in node.details)


def test_egress_that_drops_takes_the_verdicts_place() -> None:
    document = open_fault("healthy").to_dict()
    document["security_groups"]["sg-node0001"]["SecurityGroupPolicySet"]["Egress"] = []
    node = card(scene(trace(Snapshot(document), Question(client=CLIENT, service=SERVICE, port=80)), "en"), "node")

    assert [(each.title, each.packet, each.why) for each in node.asked] == [
        ("security group 2 sees, on the way out", "→ 10.0.36.12:80", "no rule matched")
    ]
    assert (node.state, node.gate.look) == ("stopped", "no")


def test_a_cause_that_is_no_group_is_said_with_its_code() -> None:
    node = card(drawn("local-policy"), "node")

    assert (node.cause.text, node.cause.look) == ("NO_LOCAL_ENDPOINT", "no")
    assert "this node has no endpoint" in node.cause.more
    assert node.gate.look == "ok"  # the group had let it in


def test_arrows_have_the_addresses_and_say_which_are_new() -> None:
    first, second, third = drawn("healthy").arrows

    assert (first.source, first.destination, first.new) == (CLIENT, "192.0.2.10:80", ())
    assert (second.source, second.destination, second.new) == (CLIENT, "10.0.35.11:30713", ("destination",))
    assert (third.source, third.destination, third.new) == ("10.0.35.11", "10.0.36.12:80", ("source", "destination"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FAULTS)
def test_the_details_are_the_texts_lines(name: str, language: str) -> None:
    """What a card leaves out can be read below it, in the words of the text."""
    found = answer(name)
    text = trace_text(found, language, whole=True)

    for each in scene(found, language).cards:
        assert all(line.strip() in text for line in each.details)


def test_a_node_that_treats_its_endpoints_differently_tells_of_both() -> None:
    """Only the way to the pod on the other node meets the node's egress."""
    document = default_lab()
    document["kubernetes"][-1]["endpoints"].append({"addresses": ["10.0.36.11"], "nodeName": "node-a"})
    found = scene(trace(Snapshot(document), Question(client=CLIENT, service=SERVICE)), "en")

    assert [each.kind for each in found.cards].count("node") == 1
    assert any("egress TCP to 10.0.36.12" in line for line in card(found, "node").details)
    assert [lane.title for lane in found.lanes] == ["1 of 2 paths"] * 2


def test_broken_lanes_come_last_and_are_played() -> None:
    found = scene(two_targets(), "en")

    assert [(lane.title, lane.outcome.look) for lane in found.lanes] == [
        ("1 of 2 targets", "ok"),
        ("1 of 2 targets", "no"),
    ]
    assert [lane.cards[:2] for lane in found.lanes] == [("client", "clb-lb-lab00001")] * 2
    assert found.played == 1
    assert found.lanes[1].steps[-1].says == "The CLB sends the request on to another target."


def test_of_many_paths_the_failing_ones_are_drawn_and_four_are_open() -> None:
    found = scene(many_targets(30), "en", most=8)

    assert (len(found.lanes), found.left_out) == (8, 22)
    assert [lane.folded for lane in found.lanes] == [True] * 4 + [False] * 4


STEPS = {
    "healthy": [
        *[("client", "goes"), ("clb", "goes"), ("clb", "goes"), ("node", "goes"), ("node", "goes"), ("pod", "goes")],
        *[("pod", "goes"), ("client", "answers")],
    ],
    "group-1": [("client", "goes"), ("clb", "dropped"), ("client", "waits")],
    "group-2": [
        *[("client", "goes"), ("clb", "goes"), ("clb", "goes"), ("node", "dropped")],
        *[("clb", "waits"), ("client", "answers")],
    ],
    "local-policy": [
        *[("client", "goes"), ("clb", "goes"), ("clb", "goes"), ("node", "goes"), ("node", "dropped")],
        *[("clb", "waits"), ("client", "answers")],
    ],
}


@pytest.mark.parametrize("name", STEPS)
def test_the_steps_are_those_of_the_packet(name: str) -> None:
    """By hand: it leaves, each gate, each rewrite, the stop; a 504 starts at the CLB, a 200 at the pod."""
    found = drawn(name)
    kinds = {each.key: each.kind for each in found.cards}

    assert [(kinds[step.card], step.look) for step in found.lanes[found.played].steps] == STEPS[name]


def test_a_step_says_what_it_changed_and_what_comes_back() -> None:
    steps = drawn("group-2").lanes[0].steps

    rewritten, stopped, *_, last = steps[2:]
    assert (rewritten.before, rewritten.source, rewritten.destination) == (
        *((CLIENT, "192.0.2.10:80"),),
        *(CLIENT, "10.0.35.11:30713"),
    )
    assert (stopped.gate, "sg-node0001" in stopped.because, "sg-node0001" in stopped.says) == (True, True, False)
    assert last.answer == "504"


def test_nothing_is_played_that_the_trace_does_not_know() -> None:
    document = open_fault("group-2").to_dict()
    del document["security_groups"]["sg-node0001"]
    found = scene(trace(Snapshot(document), Question(client=CLIENT, service=SERVICE)), "en")

    assert [step.look for step in found.lanes[0].steps][-2:] == ["unknown", "unknown"]
    assert found.note.missing[0] == "the ingress rules of sg-node0001"
    assert found.note.either_way == "Depending on that: delivered or dropped."


def test_without_a_path_the_client_is_told_why() -> None:
    found = scene(trace(open_fault("group-2"), Question(client=CLIENT, vip="192.0.2.10", port=81)), "en")

    assert [each.kind for each in found.cards] == ["client"]
    assert found.cards[0].cause.text == "NO_LISTENER"
