"""A session: every step on the disk before it is told of, in order only, and resumed as it was left."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drilllib.core.drills.worlds.world import Cause, World
from drilllib.core.practice.attempt import Header
from drilllib.core.practice.looks import HINT_PRICES, Look, LookKind
from drilllib.core.practice.plans import best_plan
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.errors import InvalidInputError, LabStateError, UnknownNameError
from drilllib.practice.session import Session, Stage
from drilllib.practice.worlds import Worlds
from tests.core.hand_made_worlds import NODE_CAUSE, WORLDS, node_world
from tests.core.repair_tables import BLOCK, NODE

RULE = rule_from_text(f"ACCEPT TCP {BLOCK} 30713")


class OneWorld(Worlds):
    """Whatever is asked for, it is the world made by hand, which could have been healthy, too."""

    def world(self, header: Header) -> World:
        return node_world()

    def candidates(self, header: Header) -> tuple[World, ...]:
        return node_world(), WORLDS["healthy"]

    def plan(self, header: Header) -> tuple[Look, ...]:
        return best_plan(self.candidates(header))


HERE = OneWorld()


def clock() -> str:
    return "2026-11-30T04:00:00Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "attempt.jsonl"


def begun(path: Path) -> Session:
    return Session.begin(node_world(), path, worlds=HERE, clock=clock)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def repair(session: Session) -> None:
    rules = session.snapshot().group(NODE).rules(Direction.INGRESS) or ()
    session.replace_rules(NODE, Direction.INGRESS, (RULE, *rules))


def test_an_attempt_goes_from_the_ticket_to_a_grade(path: Path) -> None:
    """The whole way: stated, repaired, graded; each stage is told."""
    with begun(path) as session:
        stages = [session.stage]
        session.state([NODE_CAUSE])
        stages.append(session.stage)
        repair(session)
        stages.append(session.stage)
        works = session.probe().symptom.works
        grade = session.finish()
        stages.append(session.stage)

    assert stages == [Stage.LOOK, Stage.STATED, Stage.REPAIR, Stage.GRADED]
    assert works
    assert grade.passed
    assert session.grade == grade


def test_the_log_is_lines_of_json_numbered_and_timed(path: Path) -> None:
    """The format is drilllib/attempt/1: others read it, too."""
    with begun(path) as session:
        session.state([NODE_CAUSE])
        repair(session)
        session.finish()

    head, *actions = lines(path)
    assert head["schema"] == "drilllib/attempt/1"
    assert (head["drill"], head["seed"], head["level"], head["started"]) == ("hand-group-2", 1, 1, clock())
    assert len(head["world"]) == 64
    assert [(each["n"], each["at"], each["action"]) for each in actions] == [
        (1, clock(), "state"),
        (2, clock(), "change"),
        (3, clock(), "finish"),
    ]
    stated = {"kind": "group", "resource": "ins-nodea001", "group": NODE, "direction": "ingress", "rule": 2}
    assert [each.items() >= stated.items() for each in actions[0]["causes"]] == [True]
    assert {each["op"] for each in actions[1]["patch"]} <= {"add", "remove", "replace"}


def test_a_repair_waits_for_the_statement(path: Path) -> None:
    """To state the cause after the repair has shown it would be no diagnosis."""
    with begun(path) as session:
        for step in (repair, Session.probe):
            with pytest.raises(LabStateError, match="No cause is stated yet"):
                step(session)
        session.state([])
        repair(session)
        with pytest.raises(LabStateError, match="The repair has begun"):
            session.state([NODE_CAUSE])

    assert [each["action"] for each in lines(path)[1:]] == ["state", "change"]


def test_a_new_statement_replaces_the_old_until_something_is_changed(path: Path) -> None:
    """Whoever thinks again before touching anything has found it."""
    with begun(path) as session:
        session.state([])
        session.state([NODE_CAUSE])
        repair(session)

        assert session.statement == (NODE_CAUSE,)
        assert session.finish().localised


def test_a_free_probe_is_no_look_before_another_statement(path: Path) -> None:
    """To state anything, send the request for nothing and state again would be a look that costs nothing."""
    with begun(path) as session:
        session.state([])
        session.probe()

        assert session.stage is Stage.REPAIR
        with pytest.raises(LabStateError, match="you were told more, for nothing"):
            session.state([NODE_CAUSE])
        assert session.statement == ()


@pytest.mark.parametrize(
    "slip",
    [
        replace(NODE_CAUSE, group="sg-pod00001"),
        replace(NODE_CAUSE, rule=99),
        replace(NODE_CAUSE, rule=-1),
    ],
)
def test_a_slip_of_the_pen_is_told_before_it_is_kept(path: Path, slip: Cause) -> None:
    """A place behind the end of the list, or a group that is not bound there, can be no cause."""
    with begun(path) as session:
        with pytest.raises(UnknownNameError):
            session.state([slip])
        assert session.stage is Stage.LOOK
    assert len(lines(path)) == 1


def test_nothing_happens_after_the_end(path: Path) -> None:
    """A grade is of what is in the log."""
    with begun(path) as session:
        session.finish()
        for step in (repair, Session.probe, Session.finish, Session.changed, lambda each: each.state([])):
            with pytest.raises(LabStateError, match="This attempt is over"):
                step(session)


def test_a_resumed_attempt_goes_on_where_it_was(path: Path) -> None:
    """A kernel that died has cost nothing."""
    with begun(path) as session:
        session.state([NODE_CAUSE])
        repair(session)
        left = session.snapshot().to_dict()

    with Session.resume(path, worlds=HERE, clock=clock) as again:
        assert again.stage is Stage.REPAIR
        assert again.statement == (NODE_CAUSE,)
        assert again.snapshot().to_dict() == left
        assert again.finish().passed
    with Session.resume(path, worlds=HERE) as over:
        assert over.stage is Stage.GRADED
        assert over.grade is not None
        assert over.grade.passed


def test_what_was_cut_off_is_taken_out_before_the_attempt_goes_on(path: Path) -> None:
    """Nobody was told of a line that has no end."""
    with begun(path) as session:
        session.state([NODE_CAUSE])
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"n": 2, "at": "2026-11')

    with Session.resume(path, worlds=HERE, clock=clock) as again:
        assert path.read_bytes() == whole
        again.state([])
    assert [each["n"] for each in lines(path)[1:]] == [1, 2]


def test_a_whole_last_line_without_its_end_counts_and_gets_one(path: Path) -> None:
    """Editors take the last newline away."""
    with begun(path) as session:
        session.state([NODE_CAUSE])
    path.write_bytes(path.read_bytes().rstrip(b"\n"))

    with Session.resume(path, worlds=HERE, clock=clock) as again:
        assert again.statement == (NODE_CAUSE,)
        again.state([])
    assert [each["n"] for each in lines(path)[1:]] == [1, 2]


def test_looks_are_logged_with_their_price_and_seen_again_after_a_resume(path: Path) -> None:
    """A panel that is opened anew shows what was seen; a place that is not there costs nothing."""
    taken = Look(LookKind.CURL, "client"), Look(LookKind.RULES, NODE)
    with begun(path) as session:
        assert set(taken) <= set(session.offered())
        seen = tuple(map(session.look, taken))
        with pytest.raises(UnknownNameError):
            session.look(Look(LookKind.RULES, "sg-nowhere"))
        session.state([NODE_CAUSE])
        repair(session)
        after = session.look(taken[0])

        assert session.spent == 4
        assert after != seen[0]
    told = [(each["kind"], each["place"], each["price"]) for each in lines(path)[1:] if each["action"] == "look"]
    assert told == [("curl", "client", 1), ("rules", NODE, 2), ("curl", "client", 1)]
    with Session.resume(path, worlds=HERE) as again:
        assert again.evidence == (*seen, after)
        assert again.finish().looks == 3


def test_hints_are_paid_in_their_order_and_told_again_after_a_resume(path: Path) -> None:
    """Each rung's price is known before; one that has nothing to tell is free; a hint goes by what was seen before."""
    with begun(path) as session:
        prices = [session.next_hint]
        told = [session.hint()]
        session.look(Look(LookKind.CURL, "client"))
        prices.append(session.next_hint)
        told += [session.hint(), session.hint()]

        assert session.next_hint is None
        with pytest.raises(LabStateError, match="There is no further hint"):
            session.hint()
        assert session.spent == HINT_PRICES[0] + 1 + HINT_PRICES[2]  # the second had nothing to tell after that look
    assert prices == list(HINT_PRICES[:2])
    assert [each.rung for each in told] == [1, 2, 3]
    with Session.resume(path, worlds=HERE) as again:
        assert again.hints == tuple(told)
        again.state([NODE_CAUSE])
        repair(again)
        with pytest.raises(LabStateError, match="The repair has begun"):
            again.hint()


def test_a_log_is_begun_once(path: Path) -> None:
    """An attempt is never lost to another; an empty file was reserved for one."""
    path.touch()
    begun(path).close()
    before = path.read_bytes()

    with pytest.raises(InvalidInputError, match="has an attempt in it already"):
        begun(path)
    assert path.read_bytes() == before


def test_two_who_play_one_attempt_are_told(path: Path) -> None:
    """Two kernels on one notebook: the log of neither is spoilt."""
    with begun(path) as one, Session.resume(path, worlds=HERE) as other:
        other.state([NODE_CAUSE])
        with pytest.raises(InvalidInputError, match="was written to by somebody else"):
            one.state([])
    assert len(lines(path)) == 2


def test_another_world_than_was_played_is_refused(path: Path) -> None:
    """A newer engine may make another world of the same seed: its grade would be of something else."""
    begun(path).close()
    text = path.read_text()
    digest = json.loads(text)["world"]
    path.write_text(text.replace(digest, digest[::-1]))

    with pytest.raises(InvalidInputError, match=r"was made with drilllib .*: its world is not the same now"):
        Session.resume(path, worlds=HERE)


def test_a_change_that_changes_nothing_is_not_kept(path: Path) -> None:
    """The repair begins with the first change that is one."""
    with begun(path) as session:
        session.state([NODE_CAUSE])
        session.edit(session.snapshot())

        assert session.stage is Stage.STATED
    assert len(lines(path)) == 2


def test_who_has_been_told_the_settings_states_nothing_else_also_after_a_restart(path: Path) -> None:
    """To state anything, read how everything is set, and state again would be a look for nothing."""
    with begun(path) as session:
        with pytest.raises(LabStateError, match="No cause is stated yet"):
            session.settings()
        session.state([])
        assert {each.kind for each in session.settings()} >= {"policy", "listener", "state"}
        session.settings()
    with Session.resume(path, worlds=HERE, clock=clock) as session:
        assert session.stage is Stage.REPAIR
        with pytest.raises(LabStateError, match="you were told more, for nothing"):
            session.state([NODE_CAUSE])
        repair(session)
        assert not session.finish().localised

    assert [each["action"] for each in lines(path)[1:]] == ["state", "settings", "change", "finish"]
