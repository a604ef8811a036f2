"""Looks show what a person would see, and no more: no verdict, no cause, no rule that decided."""

import pytest

from drilllib.core.drills.default_lab import CLB_GROUP, CLIENT, SERVICE
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.practice.looks import PRICES, Evidence, Look, LookKind, offered, see
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import InvalidInputError, UnknownNameError
from tests.core.test_diagnosis import ALL, TRUE, planted

QUESTION = Question(client=CLIENT, service=SERVICE, port=80)
ON_THE_WAY = ("clb", "node-a", "node-b", "shop/web-1")


def at(snapshot: Snapshot, kind: LookKind, place: str = "") -> Evidence:
    return see(snapshot, QUESTION, Look(kind, place))


def lines(evidence: Evidence, about: str) -> list[dict[str, str]]:
    return [dict(each.cells) for each in evidence.seen if each.about == about]


def packets(snapshot: Snapshot, host: str) -> list[str]:
    """The packets seen at a host as one writes them: ``In 10.0.35.11:51234 > 10.0.36.12:80 S again``."""
    found = lines(at(snapshot, LookKind.CAPTURE, host), "packet")
    return [
        f"{each['way']} {each['source']} > {each['destination']} {each['flags']}" + " again" * bool(each["repeated"])
        for each in found
    ]


def quiet(snapshot: Snapshot) -> Snapshot:
    """Without health checks, whose packets are seen beside the client's."""
    listeners = {
        name: [{**each, "HealthCheck": {"HealthSwitch": 0}} for each in listed]
        for name, listed in (snapshot.part("listeners") or {}).items()
    }
    return snapshot.with_parts(listeners=listeners)


@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
@pytest.mark.parametrize("number", range(len(ALL)))
def test_captures_end_at_the_host_that_was_written_down_by_hand(number: int, listener: str) -> None:
    snapshot = quiet(planted(ALL[number], listener))
    seen = [host for host in ON_THE_WAY if any(" S" in f"{each} " for each in packets(snapshot, host))]
    last = ("client", "clb", "node-a", "node-b", "web-1").index(TRUE[number][1])

    assert seen == [*ON_THE_WAY[:last]]


def test_at_layer_7_the_clb_answers_the_client_and_asks_the_node_itself() -> None:
    assert packets(quiet(open_fault("group-2")), "clb") == [
        "In 203.0.113.10:51234 > 192.0.2.10:80 S",
        "Out 192.0.2.10:80 > 203.0.113.10:51234 S.",
        "Out 203.0.113.10:51234 > 10.0.35.11:30713 S again",
    ]


def test_at_layer_4_a_dropped_syn_is_repeated_wherever_it_is_seen() -> None:
    snapshot = quiet(open_fault("group-3", listener="TCP"))

    assert packets(snapshot, "clb") == [
        "In 203.0.113.10:51234 > 192.0.2.10:80 S again",
        "Out 203.0.113.10:51234 > 10.0.35.11:30713 S again",
    ]
    assert packets(snapshot, "node-a") == [
        "In 203.0.113.10:51234 > 10.0.35.11:30713 S again",
        "Out 10.0.35.11:51234 > 10.0.36.12:80 S again",
    ]
    assert packets(snapshot, "node-b") == packets(snapshot, "shop/web-1") == []


def test_an_answer_is_seen_on_its_way_back() -> None:
    assert packets(quiet(open_fault("healthy", listener="TCP")), "node-a") == [
        "In 203.0.113.10:51234 > 10.0.35.11:30713 S",
        "Out 10.0.35.11:51234 > 10.0.36.12:80 S",
        "In 10.0.36.12:80 > 10.0.35.11:51234 S.",
        "Out 10.0.35.11:30713 > 203.0.113.10:51234 S.",
    ]


def test_a_refusal_is_seen_as_a_reset() -> None:
    """The node's own where there is no endpoint, the pod's where it does not listen."""
    refusing = [quiet(planted(each, "TCP")) for each, true in zip(ALL, TRUE, strict=True) if true[0].startswith("no")]

    assert packets(refusing[0], "node-a")[1:] == ["Out 10.0.35.11:30713 > 203.0.113.10:51234 R."]
    assert packets(refusing[1], "shop/web-1")[1:] == ["Out 10.0.36.12:80 > 10.0.35.11:51234 R."]


def test_health_checks_are_seen_beside_the_client() -> None:
    """They come from 100.64.0.0/10, which every group admits, so they get to the node that drops the client."""
    snapshot = open_fault("group-2")

    assert packets(snapshot, "node-a") == [
        "In 100.64.0.1:51234 > 10.0.35.11:30713 S",
        "Out 10.0.35.11:51234 > 10.0.36.12:80 S",
        "In 10.0.36.12:80 > 10.0.35.11:51234 S.",
        "Out 10.0.35.11:30713 > 100.64.0.1:51234 S.",
    ]
    assert packets(quiet(snapshot), "node-a") == []


def test_the_console_lists_listeners_targets_and_health() -> None:
    evidence = at(open_fault("group-3"), LookKind.HEALTH)

    assert [(each["protocol"], each["port"]) for each in lines(evidence, "listener")] == [("HTTP", "80")]
    assert [(each["name"], each["weight"], each["health"]) for each in lines(evidence, "target")] == [
        ("ins-nodea001:30713", "10", "Dead")
    ]


def test_groups_are_listed_in_their_order() -> None:
    evidence = at(open_fault("two-groups"), LookKind.GROUPS, "ins-nodea001")

    assert [each["id"] for each in lines(evidence, "group")] == ["sg-old00001", "sg-node0001"]


def test_rules_are_listed_from_the_top_in_both_directions() -> None:
    evidence = at(open_fault("original-drill"), LookKind.RULES, CLB_GROUP)

    assert [(each["direction"], each["place"], each["peer"], each["port"]) for each in lines(evidence, "rule")] == [
        ("ingress", "0", "0.0.0.0/0", "22"),
        ("ingress", "1", "100.64.0.0/10", "80"),
        ("egress", "0", "0.0.0.0/0", "ALL"),
    ]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
def test_every_look_that_is_offered_can_be_taken(fault: str, listener: str) -> None:
    snapshot = open_fault(fault, listener=listener)

    looks = offered(snapshot, QUESTION)

    assert {each.kind for each in looks} == set(LookKind)
    for look in looks:
        assert see(snapshot, QUESTION, look).seen
        assert look.price == PRICES[look.kind]


def test_a_curl_from_elsewhere_meets_what_that_address_meets() -> None:
    snapshot = open_fault("healthy", listener="TCP")
    kinds = [lines(at(snapshot, LookKind.CURL, place), "answer")[0]["kind"] for place in ("client", "198.51.100.7")]

    assert kinds == ["http", "connect_timeout"]


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (Look(LookKind.RULES, "sg-none"), "There is no security group 'sg-none'"),
        (Look(LookKind.GROUPS, "ins-none"), "Nothing here has the id 'ins-none'"),
        (Look(LookKind.CAPTURE, "node-z"), "Nothing here is called 'node-z'"),
        (Look(LookKind.KUBECTL, "secrets"), "kubectl get 'secrets' is no look here"),
        (Look(LookKind.CURL, "here"), "The client is 'here'"),
    ],
)
def test_a_place_that_is_not_there_is_one_clear_error(look: Look, said: str) -> None:
    with pytest.raises((UnknownNameError, InvalidInputError), match=said):
        see(open_fault("healthy"), QUESTION, look)


def test_what_the_snapshot_does_not_tell_is_no_evidence() -> None:
    unread = open_fault("healthy").with_parts(listeners={})

    for kind, place in ((LookKind.CURL, "client"), (LookKind.HEALTH, ""), (LookKind.CAPTURE, "clb")):
        with pytest.raises(InvalidInputError, match="cannot be told: listeners of lb-lab00001 is not known"):
            at(unread, kind, place)


@pytest.mark.parametrize(("status", "shown"), [("True", "Ready"), ("False", "NotReady"), ("Unknown", "NotReady")])
def test_a_node_is_ready_as_kubectl_prints_it(status: str, shown: str) -> None:
    """Of a machine that is switched off the API server has not heard: Ready is Unknown, and kubectl says NotReady."""
    document = open_fault("healthy").to_dict()
    for item in document["kubernetes"]:
        if item["kind"] == "Node":
            item["status"]["conditions"] = [{"type": "Ready", "status": status}]
    snapshot = Snapshot(document)
    rows = see(snapshot, QUESTION, Look(LookKind.KUBECTL, "nodes")).seen
    assert {each["status"] for each in rows} == {shown}
