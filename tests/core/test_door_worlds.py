"""Worlds of practice about connections: proved, graded by facts, told apart by looks, and wrong ones noticed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drilllib.core.connection.follow import trace
from drilllib.core.drills.worlds import door_edits, door_scene
from drilllib.core.drills.worlds.door_bases import DOOR_BASES
from drilllib.core.drills.worlds.make import candidates, make_world
from drilllib.core.drills.worlds.world import Cause, World
from drilllib.core.fix.connections import fix_connection
from drilllib.core.practice.attempt import Attempt, Changed, Finished, Header, Stated
from drilllib.core.practice.grade import Grade, Yardstick, grade
from drilllib.core.practice.hypotheses import CausePlace, place_of
from drilllib.core.practice.looks import Look, LookKind, offered, see
from drilllib.core.practice.proof import prove
from drilllib.core.practice.worth import worth
from drilllib.core.practice.wrongs import WRONGS
from drilllib.core.rules.edits import Change, Edit
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import rules_of, with_changes, with_rules
from drilllib.core.snapshot.patch import difference
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.verdict import Verdict
from drilllib.practice.graded import graded
from drilllib.practice.library import door_names, drill
from drilllib.practice.proving import objections
from drilllib.practice.session import Session
from tests.thorough import how_many

EVERY = [(name, level) for name in door_names() for level in drill(name).levels]


def test_every_base_has_a_drill() -> None:
    assert {base for name in door_names() for base in drill(name).bases} == set(DOOR_BASES)


@pytest.mark.parametrize(("name", "level"), EVERY)
def test_each_world_is_proved_and_its_attempts_are_graded_as_they_have_to_be(name: str, level: int) -> None:
    counts: Counter[str] = Counter()
    for seed in range(how_many(1, thorough=4, long=100)):
        assert list(map(str, objections(drill(name), seed, level, counts))) == [], seed


def test_every_wrong_attempt_is_tried_somewhere() -> None:
    counts: Counter[str] = Counter()
    for seed in range(3):
        for name in ("cluster-ip", "node-port"):
            assert list(objections(drill(name), seed, 3, counts)) == []
    assert {*WRONGS} <= {*counts}


@pytest.mark.parametrize("name", door_names())
def test_looks_tell_apart_what_could_be_wrong(name: str) -> None:
    for seed in range(how_many(1, thorough=5, long=50)):
        worlds = candidates(drill(name), seed, 1 + seed % 3)
        looks = offered(worlds[0].snapshot, worlds[0].question)
        told = [tuple(see(each.snapshot, each.question, look).seen for look in looks) for each in worlds]

        assert len(set(told)) == len(worlds) > 4, seed


def attempt(world: World, left: Snapshot, causes: tuple[Cause, ...] | None = None) -> tuple[Grade, Attempt]:
    header = Header(drill=world.drill, seed=world.seed, level=world.level, engine="", world="", started="")
    patch = difference(world.snapshot.to_dict(), left.to_dict())
    stated = Stated(world.causes if causes is None else causes)
    made = Attempt(header, (stated, *((Changed(2, patch),) if patch else ()), Finished()))
    return grade(made, Yardstick(world)), made


@pytest.mark.parametrize("name", door_names())
def test_what_fix_proposes_passes(name: str) -> None:
    """It knows nothing of the reference; each connection that has to work is mended in turn."""
    for seed in range(how_many(1, thorough=5, long=50)):
        world = make_world(drill(name), seed, 1 + seed % 3)
        now = world.snapshot
        for each in world.connections:
            found = fix_connection(now, each)
            now = found.best.made(now) if found.proposals else now

        told, _ = attempt(world, now)
        assert told.passed, (seed, list(map(str, told.reasons)))


def test_a_repair_that_breaks_another_connection_fails_and_names_it() -> None:
    """The database's list keeps its new rule, and loses what lets the nodes in."""
    world = make_world(drill("node-to-pod"), 1, 1)
    extra = [rule_from_text("ACCEPT TCP 10.0.0.0/8 80")]
    pod = next(name for name, groups in world.reference.bound_groups().items() if name.startswith("eni-") and groups)
    group = (world.reference.bound_groups()[pod] or ())[0]
    wider = {
        which: with_rules(snapshot, group, Direction.INGRESS, [*extra, *rules_of(snapshot, group, Direction.INGRESS)])
        for which, snapshot in (("snapshot", world.snapshot), ("reference", world.reference))
    }
    world = replace(world, **wider)
    mended = with_changes(world.reference, [Change(group, Direction.INGRESS, Edit.DELETE, 0, None, extra[0])])

    told, made = attempt(world, mended)

    assert not told.repaired
    assert any("no longer get through to pod/" in str(each) for each in told.reasons)
    assert worth(made, Yardstick(world)).passed is False


def test_what_is_opened_too_much_is_told_with_a_packet() -> None:
    world = make_world(drill("pod-to-pod"), 2, 1)
    resource = world.causes[0].resource
    group = (world.reference.bound_groups()[resource] or ())[0]
    rule = rule_from_text("ACCEPT TCP 10.0.0.0/8 ALL")
    way = world.causes[0].direction or Direction.INGRESS
    told, made = attempt(world, with_changes(world.reference, [Change(group, way, Edit.INSERT, 0, rule)]))

    assert (told.repaired, told.restrained) == (True, False)
    assert "now accepts TCP" in " ".join(map(str, told.reasons))
    assert not worth(made, Yardstick(world)).restrained


def test_a_fault_that_breaks_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    edit = door_edits.DOOR_EDITS["below-drop"]

    def at_the_bottom(scene: door_scene.DoorScene, gate: door_scene.Gate, way: str) -> object:
        planted, lines = edit.apply(scene, gate, way), scene.lines_at(gate)
        lines.append(lines.pop(next(place for place, each in enumerate(lines) if each.mark == "planted")))
        return planted

    monkeypatch.setattr(door_edits, "DOOR_EDITS", {"below-drop": replace(edit, apply=at_the_bottom)})
    found = {str(each) for seed in range(3) for each in prove(drill("pod-to-pod"), seed, 1)}
    assert "The client gets through, and the targets are as they should be" in found


def test_a_group_that_also_closes_the_way_on_is_a_second_cause_and_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_scene, "_node_forwards", lambda plan: False)
    found = {str(each) for seed in range(12) for each in prove(drill("node-port"), seed, 1)}
    assert any(each.startswith("The engine finds other rules than") for each in found)


def test_a_cluster_ip_is_seen_by_the_pod_and_an_endpoint_behind_its_node() -> None:
    """kube-proxy rewrites on the node: tcpdump in the pod shows what was asked."""
    world = make_world(drill("cluster-ip"), 3, 1)
    question = world.connections[0]
    pod = question.client.removeprefix("pod/")
    node = world.snapshot.kubernetes.pods[pod].node_name
    asked = see(world.reference, question, Look(LookKind.CURL, "client")).seen[0]["address"]

    def packets(host: str) -> Iterator[tuple[str, str, str]]:
        for each in see(world.reference, question, Look(LookKind.CAPTURE, host)).seen[1:]:
            yield each["way"], each["source"].rpartition(":")[0], each["destination"].rpartition(":")[0]

    me, there = (str(world.snapshot.kubernetes.pods[name].addresses[0]) for name in (pod, _endpoint(world)))
    assert list(packets(pod)) == [("Out", me, asked), ("In", asked, me)]
    assert list(packets(str(node))) == [("In", me, asked), ("Out", me, there), ("In", there, me), ("Out", asked, me)]


def _endpoint(world: World) -> str:
    address = {str(hop.address) for path in trace(world.reference, world.connections[0]).paths for hop in path.hops}
    return next(
        name
        for name, pod in world.snapshot.kubernetes.pods.items()
        if str(pod.addresses[0]) in address and name != world.connections[0].client.removeprefix("pod/")
    )


def test_places_of_causes_are_those_of_a_connection() -> None:
    found = {
        place_of(each.causes[0], each) for name in door_names() for each in candidates(drill(name), 0, 1) if each.causes
    }
    assert found == {CausePlace.SOURCE, CausePlace.ENTRY, CausePlace.DOOR}


@pytest.mark.parametrize("name", door_names())
def test_an_attempt_is_played_kept_and_graded_again_from_its_log(name: str, tmp_path: Path) -> None:
    world, path = make_world(drill(name), 5, 1), tmp_path / "log.jsonl"
    with Session.begin(world, path) as session:
        for look in session.offered()[:3]:
            session.look(look)
        session.hint()
    with Session.resume(path) as session:
        session.state(world.causes)
        assert "timed out" in session.probe().transcript
        session.edit(world.reference)
        assert "succeeded" in session.probe().transcript
        assert session.finish().passed

    assert graded(path).passed
    assert trace(world.snapshot, world.question).verdict is Verdict.UNREACHABLE
