"""Stated causes: exactly one statement is right of each hidden fault, the one that was written down by hand."""

import itertools

import pytest

from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.diagnosis import CAUSES, Place, causes_of, hosts_of, judge, last_seen, stops_at
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.drills.hidden import CASES, POOLS, Hidden, open_hidden
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from drilllib.errors import InvalidInputError, UnknownNameError
from tests.thorough import how_many

ALL = [hidden for row in POOLS for hidden in row]
# Written by hand, from what each fault is: cause, and the last host that sees the packet.
TRUE = [
    ("group-2", "clb"),
    ("group-2", "clb"),
    ("group-3", "node-a"),
    ("group-3", "node-a"),
    ("group-1", "client"),
    ("local-policy", "node-a"),
    ("egress", "node-a"),
    ("no-endpoints", "node-a"),
    ("not-listening", "web-1"),
]


def planted(hidden: Hidden, listener: str) -> Snapshot:
    document = open_fault(hidden.fault, listener=listener).to_dict()
    hidden.inject(document)
    return Snapshot(document)


def asked(snapshot: Snapshot) -> Trace:
    return trace(snapshot, Question(client=CLIENT, service=SERVICE, port=80))


@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
@pytest.mark.parametrize(
    ("hidden", "true"), [*zip(ALL, TRUE, strict=True)], ids=[str(number) for number in range(len(ALL))]
)
def test_exactly_one_statement_is_right(hidden: Hidden, true: tuple[str, str], listener: str) -> None:
    snapshot = planted(hidden, listener)
    answer = asked(snapshot)

    statements = itertools.product(CAUSES, hosts_of(snapshot))
    right = [each for each in statements if judge(snapshot, answer, *each).is_right]

    assert right == [true]
    assert [cause for cause in CAUSES if judge(snapshot, answer, cause).is_right] == [true[0]]


def test_a_wrong_place_says_on_which_side_it_is() -> None:
    snapshot = planted(Hidden("group-3"), "HTTP")
    answer = asked(snapshot)
    places = [judge(snapshot, answer, "group-3", host).place for host in ("client", "clb", "node-a", "node-b", "web-1")]

    assert places == [Place.TOO_NEAR, Place.TOO_NEAR, Place.RIGHT, Place.TOO_FAR, Place.TOO_FAR]


def test_nothing_stops_a_delivered_packet() -> None:
    answer = asked(open_fault("healthy"))

    assert stops_at(answer) is None
    assert causes_of(answer) == set()
    assert last_seen(answer) == "web-1"


def test_the_cases_of_a_seed_hide_three_different_causes() -> None:
    """And another seed other ones: over a hundred, every fault turns up in every case."""
    met: dict[int, set[str]] = {case: set() for case in CASES}
    for seed in range(how_many(70, thorough=100)):
        causes = [stops_at(asked(open_hidden(case, seed))) for case in CASES]
        assert len(set(causes)) == len(CASES)
        for case, cause in zip(CASES, causes, strict=True):
            met[case].add(str(cause))

    assert all(causes == {*CAUSES} for causes in met.values())


def test_a_seed_hides_the_same_on_every_machine() -> None:
    """What the stored notebooks show; a change here is a change of them."""
    assert [stops_at(asked(open_hidden(case, 1))) for case in CASES] == ["group-2", "not-listening", "local-policy"]
    assert open_hidden(1, 1).to_dict() == open_hidden(1, 1).to_dict()


def test_the_client_and_the_listener_are_the_lessons_own() -> None:
    snapshot = open_hidden(1, 1, client="198.51.100.7", listener="TCP")
    answer = trace(snapshot, Question(client="198.51.100.7", service=SERVICE, port=80))

    assert answer.listener is not None
    assert (answer.listener.protocol, stops_at(answer)) == ("TCP", "group-2")


@pytest.mark.parametrize("case", [0, 4])
def test_there_are_three_cases(case: int) -> None:
    with pytest.raises(InvalidInputError, match="Use 1, 2 or 3"):
        open_hidden(case, 1)


@pytest.mark.parametrize("stated", [("group-4", None), ("group-2", "node-c")])
def test_a_word_that_is_none_is_said_so(stated: tuple[str, str | None]) -> None:
    snapshot = open_fault("group-2")

    with pytest.raises(UnknownNameError, match="Nothing here is called"):
        judge(snapshot, asked(snapshot), *stated)


def test_every_fault_that_stops_a_request_can_be_stated() -> None:
    stopped = [asked(open_fault(name)) for name in FAULTS if name != "udp"]

    for answer in stopped:
        blocked = answer.verdict == "unreachable"
        assert (stops_at(answer) in CAUSES) is blocked
        assert causes_of(answer) >= {stops_at(answer)} - {None}
    assert causes_of(asked(open_fault("original-drill"))) == {"group-1", "group-2", "group-3"}
