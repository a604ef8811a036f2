"""What a symptom is said to come from is what it comes from, over thousands of random clusters."""

from collections import defaultdict
from itertools import chain

import pytest
from builders import ask, lab
from changes import Document, second_target, the_listener
from changes_real import policy
from test_inside import POD, ipvs, on_node_b, private
from test_network_policies import ENFORCED, admits, block
from walker_answers import KEPT, first_answers

from drilllib.core.drills.variants import over_udp
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.path import Symptom
from drilllib.core.trace.verdict import CAUSES, suspects

Met = tuple[str, int | None, bool, int | None]  # kind, status, late, the listener's layer


@pytest.fixture(scope="module")
def seen() -> dict[Met, set[Reason]]:
    """The causes met with each symptom, where it had one alone."""
    found: dict[Met, set[Reason]] = defaultdict(set)
    for answer in chain.from_iterable(map(first_answers, range(KEPT))):
        for symptom in answer.symptoms if answer.cause else ():
            found[symptom.kind, symptom.status, bool(symptom.seconds), answer.layer].add(answer.cause)
    for answer in looped():
        for symptom in answer.symptoms:
            layer = answer.listener.layer if answer.listener else None
            found[symptom.kind, symptom.status, bool(symptom.seconds), layer].add(Reason.PACKET_LOOPS_BACK)
    for answer in denied_by_a_policy():  # the worlds do not draw one that is known to be enforced
        for symptom in answer.symptoms:
            layer = answer.listener.layer if answer.listener else None
            found[symptom.kind, symptom.status, bool(symptom.seconds), layer].add(Reason.NETWORK_POLICY_DENIES)
    return found


def denied_by_a_policy() -> list[Trace]:
    """Alone, and at one of two targets."""
    at_one = ENFORCED, second_target, not_probed, admits(block("203.0.113.0/24"))
    alone = ENFORCED, policy()
    return [ask(lab(*alone)), ask(lab(*alone, listener="TCP")), ask(lab(*alone, over_udp)), ask(lab(*at_one))]


def looped() -> list[Trace]:
    """A pod asks a private CLB, and comes back to its own node: alone, and beside another target."""
    own, kinds = (private, ipvs, on_node_b), ({}, {"listener": "TCP"})
    alone = [ask(lab(*own, **kind), client=POD) for kind in kinds]
    return [*alone, ask(lab(*own, over_udp), client=POD), ask(lab(private, ipvs, second_target), client=POD)]


def not_probed(document: Document) -> None:
    the_listener(document)["HealthCheck"]["HealthSwitch"] = 0


def suspected(met: Met) -> set[Reason]:
    kind, status, late, layer = met
    return set(suspects(Symptom(kind=kind, status=status, seconds=4.0 if late else 0.0), layer))


def fails(met: Met) -> bool:
    """A request that succeeds at once has no cause, though others may fail."""
    return met[2] or not (met[1] == 200 or met[0] == "answered")


def test_no_cause_is_ruled_out_that_was_the_cause(seen: dict[Met, set[Reason]]) -> None:
    """A support engineer crosses off what the panel rules out, and never looks there again."""
    assert {
        met: causes - suspected(met) for met, causes in seen.items() if fails(met) and causes - suspected(met)
    } == {}


@pytest.mark.parametrize(
    "met",
    [
        *(("http", 504, True, 7), ("http", 502, False, 7), ("http", 200, True, 7)),
        *(("connect_timeout", None, False, 4), ("connect_timeout", None, False, 7), ("refused", None, False, 4)),
        *(("no_answer", None, False, 4), ("port_unreachable", None, False, 4)),
    ],
    ids=str,
)
def test_every_suspect_was_the_cause_somewhere(seen: dict[Met, set[Reason]], met: Met) -> None:
    """A suspect that never is one wastes a night. Without a listener there is no layer."""
    kind, status, late, _ = met

    assert suspected(met) == seen[met] | (seen[kind, status, late, None] if kind in SILENT else set())


SILENT = ("connect_timeout", "no_answer")


def test_nothing_else_ends_a_path(seen: dict[Met, set[Reason]]) -> None:
    assert set().union(*seen.values()) == {*CAUSES}


def test_a_request_that_succeeds_at_once_has_no_suspects() -> None:
    assert suspects(Symptom(kind="http", status=200, seconds=0.0), 7) == ()
