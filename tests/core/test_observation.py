"""A real request held against a prediction: what agrees, what would explain a difference, what it tells."""

import pytest
from connection_comparison import OF_CONNECTIONS

from drilllib.core.diagnosis.changes import ChangeKind, changes
from drilllib.core.diagnosis.diagnose import diagnose
from drilllib.core.diagnosis.observation import EXPLAINS, Observation, compare
from drilllib.core.drills.default_lab import default_lab
from drilllib.core.drills.faults import open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.codes import Assumption
from drilllib.core.trace.path import Symptom, SymptomKind

CLIENT = "203.0.113.10"
ASKED = Question(service="shop/web")
TIMEOUT = Symptom(kind=SymptomKind.CONNECT_TIMEOUT)


def http(status: int, seconds: float = 0.0) -> Symptom:
    return Symptom(kind=SymptomKind.HTTP, status=status, seconds=seconds)


def compared(fault: str, seen: Symptom):
    (client,) = diagnose(open_fault(fault), ASKED, [CLIENT]).clients
    return compare(client, Observation(seen, "192.0.2.7"))


@pytest.mark.parametrize(
    ("fault", "seen"),
    [("healthy", http(200)), ("healthy", http(404)), ("group-1", TIMEOUT), ("group-2", http(504, 4.2))],
)
def test_what_was_predicted_agrees(fault: str, seen: Symptom) -> None:
    """Whatever the application itself answers, packets got there and back; times are a machine's."""
    assert compared(fault, seen).agrees


@pytest.mark.parametrize(
    ("fault", "seen", "suspect"),
    [
        ("group-2", http(502), Assumption.DROPPED_AT_LAYER7_IS_504),
        ("group-2", http(200), Assumption.LAYER7_KEEPS_CLIENT_ADDRESS),
        ("group-3", http(200), Assumption.CLUSTER_SNAT_USES_NODE_ADDRESS),
        ("healthy", http(502), Assumption.CONTAINER_PORTS_LISTEN),
        ("healthy", http(504), Assumption.APPLICATION_ANSWERS_200),
        ("pass-to-target", http(504), Assumption.PASS_TO_TARGET_FIRST_HOP_ONLY),
    ],
)
def test_a_difference_names_the_assumption_that_would_explain_it(
    fault: str, seen: Symptom, suspect: Assumption
) -> None:
    found = compared(fault, seen)

    assert not found.agrees
    assert suspect in found.suspects


def test_only_assumptions_of_the_answer_are_suspected() -> None:
    """A connection that never stands is nothing that an application could say."""
    found = compared("healthy", TIMEOUT)

    assert not found.agrees
    assert Assumption.APPLICATION_ANSWERS_200 not in found.suspects
    assert Assumption.CONTAINER_PORTS_LISTEN not in found.suspects
    assert set(found.suspects) <= {*diagnose(open_fault("healthy"), ASKED, [CLIENT]).assumptions}


def test_every_assumption_explains_something_or_is_about_time_alone() -> None:
    assert set(EXPLAINS) == set(Assumption) - OF_CONNECTIONS  # no request is sent and held against those


@pytest.mark.parametrize(("seen", "passes"), [(http(200), True), (TIMEOUT, False)])
def test_a_request_tells_what_was_not_read(seen: Symptom, passes: bool) -> None:
    """One request that gets through says more of unread rules than any look at what was read."""
    document = default_lab()
    del document["security_groups"]["sg-clb00001"]
    (client,) = diagnose(Snapshot(document), ASKED, [CLIENT]).clients

    found = compare(client, Observation(seen, ""))

    assert found.agrees
    assert [(str(each.gap), told) for each, told in found.tells] == [("the ingress rules of sg-clb00001", passes)]


def test_what_changed_is_told_and_nothing_else() -> None:
    before, after = ([diagnose(open_fault(fault), ASKED, [CLIENT])] for fault in ("original-drill", "group-2"))
    repaired = [diagnose(open_fault("healthy"), ASKED, [CLIENT])]

    assert changes(before, before) == ()
    assert [each.kind for each in changes(before, after)] == [ChangeKind.STOP, ChangeKind.HEALTH]
    told = changes(after, repaired)
    assert [(each.kind, each.before, each.after) for each in told] == [
        (ChangeKind.VERDICT, "unreachable", "reachable"),
        (ChangeKind.STOP, "node node-a RULE_MATCHED", "-"),
    ]


def test_a_fact_that_is_known_now_is_told() -> None:
    document = default_lab()
    del document["security_groups"]["sg-clb00001"]
    half, whole = ([diagnose(Snapshot(each), ASKED, [CLIENT])] for each in (document, default_lab()))

    assert ChangeKind.KNOWN in {each.kind for each in changes(half, whole)}
    assert ChangeKind.UNKNOWN in {each.kind for each in changes(whole, half)}
