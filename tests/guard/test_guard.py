"""What the guard writes is there, what it must not write is refused, and whatever goes wrong can be taken back."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from drilllib.core.capture.asks import CloudCall
from drilllib.core.changes.change import keys_of
from drilllib.core.rules.policies import rule_from_policy
from drilllib.errors import DrillError
from drilllib.guard.apply import Guard
from drilllib.guard.errors import ConflictError, WriteRefusedError
from drilllib.guard.journal import Journal
from drilllib.guard.scope import Scope
from tests.guard.guarding import BALANCER, GROUPS, IN, NODE, Killed, Place, rules
from tests.thorough import how_many

WANTED = rules("ACCEPT TCP 203.0.113.0/24 30080", "ACCEPT TCP 10.0.0.0/8 30080", "DROP TCP 10.9.0.0/16 ALL")


def test_rules_are_replaced_and_come_back(tmp_path: Path) -> None:
    place = Place()
    start = place.state()
    with place.guard(tmp_path) as guard:
        guard.replace_rules(NODE, IN, WANTED)
        assert keys_of(guard.rules(NODE, IN)) == keys_of(WANTED)
        assert guard.rollback().is_whole
        assert guard.journal.closed
    assert place.state() == start


def test_notes_that_a_capture_does_not_keep_stay(tmp_path: Path) -> None:
    """A plan from a capture has no notes: rules that stay keep theirs, and another rule is still somebody else's."""
    place = Place()
    noted = [rule_from_policy({**each.policy, "PolicyDescription": f"note {at}"}) for at, each in enumerate(WANTED)]
    with place.guard(tmp_path) as guard:
        guard.replace_rules(NODE, IN, noted)
        guard.replace_rules(NODE, IN, (*WANTED[1:], *rules("ACCEPT TCP 10.8.0.0/16 22")), expected=WANTED)
        left = [each.policy.get("PolicyDescription") for each in guard.rules(NODE, IN)]
        with pytest.raises(ConflictError):
            guard.replace_rules(NODE, IN, WANTED[:1], expected=WANTED)

    assert left == ["note 1", "note 2", ""]


def test_bindings_are_replaced_and_come_back(tmp_path: Path) -> None:
    place = Place()
    start = place.state()
    with place.guard(tmp_path) as guard:
        guard.bind("ins-nodea001", [BALANCER, NODE])
        assert guard.cloud.groups("ins-nodea001") == (BALANCER, NODE)
        guard.bind("ins-nodea001", [NODE, BALANCER])
        guard.bind("ins-nodea001", [BALANCER])
        assert place.state() != start
        assert guard.rollback().is_whole
    assert place.state() == start


def test_a_journal_rolls_back_in_another_process(tmp_path: Path) -> None:
    place = Place()
    start = place.state()
    with place.guard(tmp_path) as guard:
        guard.replace_rules(NODE, IN, WANTED)
        guard.replace_rules(NODE, IN, WANTED[:1])
        path = guard.journal.path
    with place.guard(tmp_path, journal=Journal.open(path)) as second:
        assert second.rollback().is_whole
        calls = len(place.calls)
    assert place.state() == start
    with place.guard(tmp_path, journal=Journal.open(path)) as third:
        assert third.rollback().is_whole
    assert len(place.calls) == calls, "nothing is left to do"


@pytest.mark.parametrize("torn", [b'{"line": "inte', b"\0" * 40, b'{"line": "in' + b"\0" * 40 + b"]}\n"])
def test_a_last_line_that_never_came_to_the_disk_costs_nothing(tmp_path: Path, torn: bytes) -> None:
    """Power was lost in its fsync: nothing that it announces was done, and all before it is taken back."""
    place = Place()
    start = place.state()
    with place.guard(tmp_path) as guard:
        guard.replace_rules(NODE, IN, WANTED)
        path = guard.journal.path
    path.write_bytes(path.read_bytes() + torn)
    with place.guard(tmp_path, journal=Journal.open(path)) as second:
        assert second.rollback().is_whole
    assert place.state() == start
    assert b"\0" not in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(b"\n", b"\n" + torn.rstrip() + b"\n", 1))
    with pytest.raises(DrillError, match="Line 2"):  # in the middle nothing can be torn: somebody has written there
        Journal.open(path)


def test_two_guards_at_once_on_one_group_one_is_refused(tmp_path: Path) -> None:
    place = Place()
    with place.guard(tmp_path) as first, place.guard(tmp_path) as second:
        first.replace_rules(NODE, IN, WANTED)
        with pytest.raises(ConflictError, match=first.journal.id):
            second.replace_rules(NODE, IN, WANTED[:1])
        second.replace_rules(BALANCER, IN, WANTED[:1])


@pytest.mark.parametrize("wide", [("0.0.0.0/0",), ("0.0.0.0/1", "128.0.0.0/1"), ("::/0",)])
def test_nothing_is_opened_to_the_world_unless_it_is_named(tmp_path: Path, wide: tuple[str, ...]) -> None:
    place = Place()
    opened = rules(*(f"ACCEPT TCP {each} 8443" for each in wide))
    with place.guard(tmp_path) as guard, pytest.raises(WriteRefusedError, match="open-to-world"):
        guard.replace_rules(NODE, IN, opened)
    with place.guard(tmp_path, scope=Scope(GROUPS, world=frozenset({NODE}))) as guard:
        guard.replace_rules(NODE, IN, opened)
        assert keys_of(guard.rules(NODE, IN)) == keys_of(opened)


def test_a_group_of_nobodys_plan_and_a_default_group_are_refused(tmp_path: Path) -> None:
    place = Place()
    with place.guard(tmp_path, scope=Scope()) as guard, pytest.raises(WriteRefusedError, match="neither named"):
        guard.replace_rules(NODE, IN, WANTED)
    with place.cloud.state.writing(settled=True) as document:
        document["security_groups"][NODE]["IsDefault"] = True
    with place.guard(tmp_path) as guard, pytest.raises(WriteRefusedError, match="default group"):
        guard.replace_rules(NODE, IN, WANTED)


def test_what_drill_up_made_is_left_to_drill_down(tmp_path: Path) -> None:
    place = Place()
    with place.guard(tmp_path) as guard:
        guard.journal.done(guard.journal.intent("group", name="drill-1a2b3c4d-node"), id="sg-1")
        guard.replace_rules(NODE, IN, WANTED)
        rolled = guard.rollback()
        assert (rolled.is_whole, rolled.others, guard.journal.closed) == (True, 1, "")


def change(guard: Guard) -> None:
    """Two lists and a binding: every kind of call."""
    guard.replace_rules(NODE, IN, WANTED)
    guard.replace_rules(BALANCER, IN, WANTED[:2])
    guard.bind("ins-nodea001", [BALANCER, NODE])
    guard.replace_rules(NODE, IN, WANTED[::-1])


def number_of_calls(folder: Path) -> int:
    place = Place()
    with place.guard(folder) as guard:
        change(guard)
    return len(place.calls)


def test_killed_before_and_after_every_call_one_rollback_brings_all_back(tmp_path: Path) -> None:
    cases = 0
    for number in range(0, number_of_calls(tmp_path / "all"), SHARE - 1 or 1):
        for when in ("before", "after"):
            place = Place()
            start = place.state()

            def strike(at: int, call: CloudCall, number: int = number) -> None:
                if at == number:
                    raise Killed

            setattr(place, when, strike)
            guard = place.guard(tmp_path / f"{number}-{when}")
            with pytest.raises(Killed):
                change(guard)
            guard.close()
            place.before = place.after = lambda at, call: None
            with place.guard(tmp_path, journal=Journal.open(guard.journal.path)) as second:
                assert second.rollback().is_whole
            assert place.state() == start, (number, when)
            cases += 1
    print(f"killed at {cases} points, brought back from all")


FAULTS = ("answer_lost", "throttled", "server_error", "cut", "dropped", "crash_before", "crash_after", "denied", "late")
SHARE = how_many(7, thorough=2, long=1)  # of the calls; every one with THOROUGH


@pytest.mark.parametrize("kind", FAULTS)
def test_one_fault_at_every_call(tmp_path: Path, kind: str) -> None:
    """It finishes, or stops with one clear line where a right is missing; then a rollback is whole."""
    for number in range(FAULTS.index(kind) % SHARE, number_of_calls(tmp_path / "all"), SHARE):
        place = Place()
        start = place.state()

        def strike(at: int, call: CloudCall, number: int = number, place: Place = place) -> None:
            if at == number:
                place.faults.set(kind, call.action, seconds=3.0)

        place.before = strike
        with place.guard(tmp_path / str(number)) as guard:
            with pytest.raises(DrillError, match=r"refused|cannot be read") if kind == "denied" else nullcontext():
                change(guard)
            assert guard.rollback().is_whole
        assert place.state() == start, number


def test_killed_at_every_call_of_a_rollback_the_next_one_brings_all_back(tmp_path: Path) -> None:
    whole = Place()
    with whole.guard(tmp_path / "all") as guard:
        change(guard)
        made = len(whole.calls)
        guard.rollback()
    for number in range(made, len(whole.calls), SHARE):
        place = Place()
        start = place.state()

        def strike(at: int, call: CloudCall, number: int = number) -> None:
            if at == number:
                raise Killed

        guard = place.guard(tmp_path / str(number))
        change(guard)
        place.after = strike
        with pytest.raises(Killed):
            guard.rollback()
        guard.close()
        place.after = lambda at, call: None
        with place.guard(tmp_path, journal=Journal.open(guard.journal.path)) as second:
            assert second.rollback().is_whole
        assert place.state() == start, number
