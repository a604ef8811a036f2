"""What an answer shows, under the documented semantics and under those of the original drill."""

import json

import pytest
from builders import ask, codes, fate, hop, lab
from changes import group_2_closed, keepalive, second_vip
from changes_cluster import pod_on_node_a

from drilllib.core.drills.default_lab import CLIENT, VIP
from drilllib.core.drills.faults import open_fault
from drilllib.core.snapshot.semantics import ORIGINAL
from drilllib.errors import InvalidInputError, UnknownNameError

# The original semantics


def test_the_original_answers_504_on_a_tcp_listener() -> None:
    """The original drill's text as written, on the manifest as written."""
    for name in ("group-2", "group-3"):
        assert fate(ask(open_fault(name, listener="TCP", semantics="original"))) == "unreachable: 504 after 4 s"
    assert fate(ask(open_fault("group-1", listener="TCP", semantics="original"))) == "unreachable: connect_timeout"


def test_in_the_original_group_3_sees_the_client(listener: str) -> None:
    """The original asks for a rule for the client, whichever node the pod is on."""
    for place in ((), (pod_on_node_a,)):
        answer = ask(lab(*place, listener=listener, semantics=ORIGINAL))

        assert fate(answer) == "reachable: 200"
        assert str(hop(answer, "pod").checks[0].peer) == CLIENT


def test_the_original_says_which_liberties_it_takes() -> None:
    """The course has to be able to say where the original differs from the documents."""
    answer = ask(open_fault("group-3", listener="TCP", semantics="original"))

    assert {"TCP_LISTENER_ANSWERS_504", "NODE_ADDRESS_REACHES_POD_AS_CLIENT"} <= codes(answer)


# What an answer shows


def test_the_addresses_are_rewritten_as_the_format_says(listener: str) -> None:
    """DNAT at the CLB; DNAT and SNAT at the node: most repairs go wrong over one of these three."""
    answer = ask(open_fault("group-2", listener=listener)).to_dict()
    clb, node, pod = answer["paths"][0]["hops"]

    assert [clb["rewrites"], node["rewrites"], pod["rewrites"]] == [
        [{"kind": "DNAT", "field": "destination", "before": "192.0.2.10:80", "after": "10.0.35.11:30713"}],
        [
            {"kind": "DNAT", "field": "destination", "before": "10.0.35.11:30713", "after": "10.0.36.12:80"},
            {"kind": "SNAT", "field": "source", "before": "203.0.113.10", "after": "10.0.35.11"},
        ],
        [],
    ]


def test_a_keepalive_listener_rewrites_the_source_too() -> None:
    """The client's address ends at the CLB."""
    rewrites = hop(ask(lab(keepalive)), "clb").to_dict()["rewrites"]

    assert rewrites[1:] == [
        {"kind": "SNAT", "field": "source", "before": "203.0.113.10", "after": "100.127.0.0/16"},
    ]


# The answer that the format shows, except for its assumptions.
SHOWN = json.loads("""
{"schema": "drilllib/trace/1",
 "question": {"client": "203.0.113.10", "service": "shop/web", "port": 80, "protocol": "TCP", "scheme": "http",
              "host": "192.0.2.10", "path": "/"},
 "verdict": "unreachable", "reason": "TARGET_GROUP_DROPPED",
 "symptom": {"kind": "http", "status": 504, "seconds": 4.0},
 "paths": [{"target": "ins-nodea001:30713", "endpoint": "shop/web-1:80", "outcome": "dropped",
   "hops": [
    {"hop": "clb", "name": "lb-lab00001", "address": "192.0.2.10", "port": 80,
     "checks": [{"direction": "ingress", "groups": ["sg-clb00001"], "peer": "203.0.113.10", "protocol": "TCP",
                 "port": 80, "action": "ACCEPT", "group": "sg-clb00001", "policy_index": 0,
                 "rule": "ACCEPT TCP 203.0.113.0/24 80"}],
     "rewrites": [{"kind": "DNAT", "field": "destination", "before": "192.0.2.10:80", "after": "10.0.35.11:30713"}]},
    {"hop": "node", "name": "node-a", "address": "10.0.35.11", "port": 30713, "interface": "primary",
     "checks": [{"direction": "ingress", "groups": ["sg-node0001"], "peer": "203.0.113.10", "protocol": "TCP",
                 "port": 30713, "action": "DROP", "group": null, "policy_index": null, "rule": null}],
     "rewrites": [{"kind": "DNAT", "field": "destination", "before": "10.0.35.11:30713", "after": "10.0.36.12:80"},
                  {"kind": "SNAT", "field": "source", "before": "203.0.113.10", "after": "10.0.35.11"}],
     "hypothetical": false},
    {"hop": "pod", "name": "shop/web-1", "address": "10.0.36.12", "port": 80, "interface": "eni-podsb001",
     "checks": [{"direction": "ingress", "groups": ["sg-pod00001"], "peer": "10.0.35.11", "port": 80,
                 "action": "ACCEPT"}],
     "hypothetical": true}]}],
 "blockers": [{"hop": "node", "name": "node-a", "interface": "primary", "direction": "ingress", "group": null,
               "policy_index": null, "reason": "NO_RULE_MATCHED", "hypothetical": false}],
 "health": [{"target": "ins-nodea001:30713", "predicted": "Alive", "observed": null}],
 "gaps": []}
""")


def difference(shown: object, actual: object, where: str = "answer") -> list[str]:
    """Where *actual* lacks a key of *shown* or has another value; a list may go on, as the node's checks do."""
    if isinstance(shown, dict) and isinstance(actual, dict):
        missing = [f"{where} has no {key}" for key in shown if key not in actual]
        both = (key for key in shown if key in actual)
        return missing + [line for key in both for line in difference(shown[key], actual[key], f"{where}.{key}")]
    if isinstance(shown, list) and shown and isinstance(actual, list) and len(actual) >= len(shown):
        pairs = zip(shown, actual, strict=False)
        return [line for at, pair in enumerate(pairs) for line in difference(*pair, f"{where}[{at}]")]
    return [] if shown == actual else [f"{where} is {actual!r}, not {shown!r}"]


def test_the_answer_has_the_shape_the_format_shows() -> None:
    """`drill trace --json` is read by other programs: names and places are fixed."""
    answer = json.loads(json.dumps(ask(lab(group_2_closed)).to_dict()))

    assert difference(SHOWN, answer) == []
    assert {"assumptions", "symptoms"} <= answer.keys()
    assert "LAYER7_KEEPS_CLIENT_ADDRESS" in answer["assumptions"]


def test_a_layer_4_answer_does_not_speak_of_layer_7() -> None:
    """An assumption that was not used is noise."""
    assert not [code for code in codes(ask(lab(listener="TCP"))) if "LAYER7" in code]


def test_the_vip_may_be_asked_for_instead_of_the_service(listener: str) -> None:
    """The engineer may know only the address that fails."""
    snapshot = open_fault("group-2", listener=listener)
    by_name, by_vip = ask(snapshot).to_dict(), ask(snapshot, vip=VIP, port=80).to_dict()

    assert by_vip.pop("question") != by_name.pop("question")
    assert by_vip == by_name


def test_the_vip_asked_for_is_the_vip_answered() -> None:
    """A CLB may have several addresses, and the default host is the one asked for."""
    answer = ask(lab(second_vip, listener="TCP"), vip="192.0.2.11")

    assert (answer.question.vip, answer.question.host) == ("192.0.2.11", "192.0.2.11")
    assert hop(answer, "clb").address == "192.0.2.11"


@pytest.mark.parametrize(
    ("question", "error", "named"),
    [
        ({"client": "203.0.113"}, InvalidInputError, "'203.0.113'"),
        ({"client": "fe80::1%eth0"}, InvalidInputError, "fe80::1%eth0"),
        ({"client": "2001:db8::1"}, InvalidInputError, "2001:db8::1"),
        ({"vip": "192.0.2"}, UnknownNameError, "'192.0.2'"),
        ({"vip": "192.0.2.99"}, UnknownNameError, "192.0.2.10"),
        ({"service": "shop/cart"}, UnknownNameError, "shop/web"),
        ({"service": "web"}, UnknownNameError, "default/web"),
        ({"service": None}, InvalidInputError, "neither"),
        ({"port": 0}, InvalidInputError, "0"),
        ({"port": 65536}, InvalidInputError, "65536"),
        ({"port": True}, InvalidInputError, "True"),
        ({"protocol": "SCTP"}, InvalidInputError, "SCTP"),
    ],
)
def test_a_question_that_cannot_be_asked_names_what_is_wrong(question: dict, error: type, named: str) -> None:
    """One line, with the value and the way out."""
    with pytest.raises(error) as caught:
        ask(lab(), **question)

    assert named in str(caught.value)
    assert "\n" not in str(caught.value)
