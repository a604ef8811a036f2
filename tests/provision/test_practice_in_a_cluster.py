"""
A drill of practice in a cluster, whole: `up`, looks, statement, repair through the guard, grade, `down`.

Over sockets with the vendor's SDK, and with real packets behind it where the machine can.
"""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.cloud.local import LocalCloud
from drilllib.core.drills.default_lab import SERVICE
from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import Cause, World
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.request import trace
from drilllib.errors import LabStateError
from drilllib.labs.live.cast import as_in_a_cluster, names_of_world
from drilllib.labs.live.opening import Naming
from drilllib.labs.live.settings import LiveSettings
from drilllib.labs.netns.results import CommandResult
from drilllib.labs.netns.sandbox import why_not
from drilllib.practice.library import drill, names
from drilllib.provision.prepare import Wish
from drilllib.provision.worlds import LEVEL, PLAYED, require_of_cluster
from tests.labs.live import InProcessCloud
from tests.provision.playing import CLUSTER, SUBNET, Play, consenting
from tests.provision.test_up_parts import reasons
from tests.thorough import how_many, thorough
from tests.waits import PATIENCE_S

KEPT, REFUSED = 3, 2
ELSEWHERE = "203.0.113.77"  # an address that no ticket has
FIRST = {"node-source": 0, "wrong-port": 1}  # seeds that a cluster can play


class Cluster:
    """A cluster with a drill of practice in it, and the learner who asks it from *client*; "" is the ticket's."""

    def __init__(self, cloud: LocalCloud, world: World, client: str = "") -> None:
        self.cloud, self.world, self._client = cloud, world, client
        up = self.run(f"drill up --cluster {CLUSTER} --subnet {SUBNET} {self._named('--drill ')} --yes --lang en")
        assert (up.code, f"drill practice {self._named()} --lab live" in up.out) == (0, True), up.out + up.err

    def _named(self, option: str = "") -> str:
        return f"{option}{self.world.drill} --seed {self.world.seed}"

    def run(self, line: str) -> CommandResult:
        return self.cloud.run(line, timeout_s=PATIENCE_S)

    def practice(self, *lines: str) -> CommandResult:
        """Type these lines."""
        typed = shlex.quote("\n".join([*lines, ""]))
        command = f"DRILL_CLIENT={self._client} drill practice {self._named()} --lab live --dir learner --lang en"
        return self.run(f"printf %s {typed} | {command}")

    def journals(self) -> dict[str, list[str]]:
        """The open journals, by what they are of."""
        told = json.loads(self.run("drill changes --json").out)["journals"]
        return {what: [each["id"] for each in told if each["what"] == what] for what in {each["what"] for each in told}}

    def rules(self) -> dict[str, Any]:
        groups = self.cloud.state.snapshot().groups
        return {
            name: [[rule.text for rule in each.rules(side) or ()] for side in Direction]
            for name, each in groups.items()
        }


def stated(cause: Cause) -> str:
    return f"state group {cause.resource} {cause.group} in {'none' if cause.rule is None else cause.rule}"


def local_cloud(client: str) -> LocalCloud:
    return LocalCloud(consenting(), lab="simulated" if why_not() else "netns", slowness=0.05, client=client)


@thorough
def test_a_drill_of_practice_is_played_whole_in_a_cluster() -> None:
    """Repaired by `drill fix --apply` in between: localised, repaired, restrained; and `down` leaves nothing open."""
    world = make_world(drill("node-source"), FIRST["node-source"], LEVEL)
    with local_cloud(world.question.client) as cloud:
        cluster = Cluster(cloud, world)
        looked = cluster.practice("curl", f"rules {world.causes[0].group}", stated(world.causes[0]), "curl", "quit")
        fixed = cluster.run(f"drill fix web -n shop --from {world.served[0]} --apply --yes --lang en")
        done = cluster.practice("curl", "done")
        (grade,) = json.loads(cluster.run("drill grade learner/practice/*.jsonl --json").out)["attempts"]
        open_before = set(cluster.journals())
        down = cluster.run("drill down --lang en")

        assert (looked.code, "timed out" in looked.out, "Failed to connect" in looked.out) == (KEPT, True, True)
        assert fixed.code == 0, fixed.out + fixed.err
        assert (done.code, "200 OK" in done.out) == (0, True), done.out + done.err
        assert [grade[part] for part in ("localised", "repaired", "restrained", "looks")] == [True, True, True, 3]
        assert open_before == {"up", "fix"}
        assert (down.code, cluster.journals(), cluster.rules()) == (0, {}, {})


@thorough
def test_it_is_played_from_any_address_and_repaired_by_the_lesson_s_own_edits() -> None:
    """Rules are written for who really asks; what is typed is the ticket's. A rollback leads back to what `up` made."""
    world = make_world(drill("wrong-port"), FIRST["wrong-port"], LEVEL)
    cause = world.causes[0]
    rule = next(rule for rule in world.reference.group(cause.group).rules(Direction.INGRESS) or ())
    with local_cloud(ELSEWHERE) as cloud:
        cluster = Cluster(cloud, world, ELSEWHERE)
        before = cluster.rules()
        edit = f"insert {cause.group} {rule.text} at 0"
        done = cluster.practice("curl", stated(cause), "curl", edit, "curl", "done")
        (journal,) = cluster.journals()["practice"]
        back = cluster.run(f"drill rollback {journal} --lang en")

        assert (done.code, "504 Gateway" in done.out, "200 OK" in done.out) == (0, True, True), done.out + done.err
        assert f"drill rollback {journal}" in done.err
        assert (back.code, cluster.rules()) == (0, before), back.out + back.err
        again = cluster.practice("done")

        assert (again.code, "look 0> done" in again.out) == (KEPT, True)  # another attempt, since the first is graded
        assert cluster.run("drill down").code == 0


def test_what_a_cluster_cannot_play_is_refused_in_one_line_with_what_it_can() -> None:
    """Another world, another level, or no name: nothing is read, and no log is kept."""
    with LocalCloud(consenting()) as cloud:
        told = [
            cloud.run(f"drill practice {words} --lab live --dir learner --lang en")
            for words in ("", "node-source", "several-groups --seed 6", "node-source --seed 0 --level 2")
        ]

        assert [(each.code, len(each.err.splitlines())) for each in told] == [(REFUSED, 1)] * 4
        assert ["drill up --drill" in each.err for each in told] == [True, True, False, False]
        assert all(all(name in each.err for name in PLAYED) for each in told[2:])
        assert list(cloud.work.glob("learner/practice/*.jsonl")) == []


@thorough
def test_a_cluster_that_was_made_for_another_drill_is_refused_and_stays() -> None:
    """What differs is named; so is a cluster whose owner has not consented."""
    world = make_world(drill("wrong-port"), FIRST["wrong-port"], LEVEL)
    with LocalCloud(consenting()) as cloud:
        cluster = Cluster(cloud, world)
        before = cluster.rules()
        other = cluster.run(
            f"drill practice node-source --seed {FIRST['node-source']} --lab live --dir learner --lang en"
        )
        cluster.run("kubectl delete configmap drilllib-consent -n kube-system")
        forbidden = cluster.practice("curl")

        assert (other.code, "the listeners: TCP 6379; the cluster has: HTTP 8080" in other.err) == (REFUSED, True)
        assert (forbidden.code, "kubectl create configmap" in forbidden.err) == (REFUSED, True), forbidden.err
        assert cluster.rules() == before
        assert list(cloud.work.glob("learner/practice/*.jsonl")) == []


def playable(name: str, count: int) -> list[World]:
    """The first worlds of a drill that a cluster can play."""
    found = []
    for seed in range(60):
        world = make_world(drill(name), seed, LEVEL)
        try:
            require_of_cluster(world)
        except LabStateError:
            continue
        found.append(world)
        if len(found) == count:
            break
    return found


@pytest.mark.parametrize("name", [PLAYED[0], *(pytest.param(each, marks=thorough) for each in PLAYED[1:])])
@pytest.mark.parametrize("client", ["", ELSEWHERE])
def test_a_cluster_is_shown_as_the_world_it_was_made_for(name: str, client: str, tmp_path: Path) -> None:
    """Whoever asks: every rule is the world's, and the ticket's client fares as there."""
    worlds = playable(name, how_many(1, thorough=2, long=4))
    for world in worlds:
        play = Play()
        play.up(tmp_path / "up", Wish(subnets=(SUBNET,), drill=name, seed=world.seed))
        cloud = InProcessCloud(play.state.snapshot().to_dict(), tmp_path, client=client or world.question.client)
        cloud_session, asked = cloud.session(LiveSettings()), world.question.client
        with cloud_session.open(as_in_a_cluster(world), asked, named_as(world, client)) as lab:
            shown, met = lab.snapshot(), lab.probe(world.question).symptom
        found, wanted = (trace(each, world.question) for each in (shown, world.snapshot))

        assert (found.verdict, reasons(found)) == (wanted.verdict, reasons(wanted)), world.seed
        assert met == found.symptom
        assert rules_of(shown) == rules_of(as_in_a_cluster(world)), world.seed
    assert worlds


def named_as(world: World, client: str) -> Naming:
    return lambda document, said, groups: names_of_world(document, SERVICE, world, client, groups)


def rules_of(snapshot: Snapshot) -> dict[str, Any]:
    return {
        name: [
            [(rule.text, rule.policy.get("PolicyDescription")) for rule in group.rules(side) or ()]
            for side in Direction
        ]
        for name, group in snapshot.groups.items()
    }


def test_only_what_is_listed_is_played() -> None:
    """Every drill that is named to the user can be played, and no other can, at any of some seeds."""
    every = names() if how_many(0, thorough=1) else (*PLAYED, "several-groups", "direct-access")
    assert {name for name in every if playable(name, 1)} == set(PLAYED)
