"""Every built-in drill is proved by the engine, and what is not as a world says of itself is noticed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from drilllib.core.drills.worlds import make
from drilllib.core.drills.worlds.edits import EDITS
from drilllib.core.drills.worlds.make import candidates
from drilllib.core.drills.worlds.planted import Planted
from drilllib.core.drills.worlds.scene import EVERYTHING, Scene
from drilllib.core.drills.worlds.world import CauseKind, World
from drilllib.core.practice import proof
from drilllib.core.practice.looks import offered, see
from drilllib.core.practice.proof import prove
from drilllib.core.rules.rules import Direction
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.practice.library import drill, names
from tests.thorough import how_many

SEEDS = how_many(1, thorough=50, long=100)
ISSUE = {  # the categories that practice is to have, by the drills' own word
    *(
        "group-1",
        "group-2",
        "group-3",
        "order",
        "several-groups",
        "inherited-groups",
        "port",
        "egress",
        "direct-access",
    ),
    *("local-policy", "pass-to-target", "udp", "probes", "templates", "references", "endpoints", "target-port"),
    *("listener", "weight", "stopped-node", "no-fault", "bindings", "local-delivery"),
}
EVERY = [(each, level) for each in names() for level in drill(each).levels]
Apply = Callable[[Scene, str, str], Planted]


def test_there_are_drills_over_all_categories() -> None:
    assert {drill(each).category for each in names()} == ISSUE
    worlds = [make.make_world(drill(each), seed, 1) for each in names() for seed in range(12)]
    assert {cause.kind for world in worlds for cause in world.causes} == set(CauseKind)


@pytest.mark.parametrize(("name", "level"), EVERY)
def test_each_world_is_proved(name: str, level: int) -> None:
    """The symptom shows, each cause is needed, the reference mends all, and the engine finds the causes by itself."""
    for seed in range(SEEDS):
        assert list(map(str, prove(drill(name), seed, level))) == [], seed


@pytest.mark.parametrize("name", names())
def test_looks_tell_apart_what_could_be_wrong(name: str) -> None:
    """Two causes that nobody can tell apart would make a grade a matter of luck."""
    for seed in range(how_many(1, thorough=10)):
        worlds = candidates(played := drill(name), seed, played.levels[seed % len(played.levels)])
        looks = offered(worlds[0].snapshot, worlds[0].question)
        told = [tuple(see(each.snapshot, each.question, look).seen for look in looks) for each in worlds]

        assert len(set(told)) == len(worlds), seed
        assert Verdict.UNDETERMINED not in {trace(each.snapshot, each.question).verdict for each in worlds}, seed


def proved(name: str, level: int = 1) -> list[str]:
    return sorted({str(each) for seed in range(6) for each in prove(drill(name), seed, level)})


def changed(monkeypatch: pytest.MonkeyPatch, edit: str, change: Callable[[Apply], Apply]) -> None:
    """Let *edit* do something else than it did."""
    monkeypatch.setitem(EDITS, edit, replace(EDITS[edit], apply=change(EDITS[edit].apply)))


def test_a_fault_that_breaks_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the rule that drops is put in below the right ones."""

    def at_the_bottom(apply: Apply) -> Apply:
        def below(scene: Scene, where: str, way: str) -> Planted:
            planted, lines = apply(scene, where, way), scene.groups[scene.group_at(where)].ingress
            lines.append(lines.pop(next(place for place, each in enumerate(lines) if each.mark == "planted")))
            return planted

        return below

    changed(monkeypatch, "below-drop", at_the_bottom)

    found = proved("rule-order")
    assert "The client gets through, and the targets are as they should be" in found
    assert any(each.endswith("alone nothing is broken") for each in found)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda planted: replace(planted, mark="baseline"),
        lambda planted: replace(planted, resources=("ins-00000000",)),
        lambda planted: replace(planted, direction=Direction.EGRESS),
    ],
)
def test_a_cause_at_another_place_than_the_engines_is_noticed(
    monkeypatch: pytest.MonkeyPatch, wrong: Callable[[Planted], Planted]
) -> None:
    def elsewhere(apply: Apply) -> Apply:
        def planted(scene: Scene, where: str, way: str) -> Planted:
            found = wrong(apply(scene, where, way))
            scene.bound.setdefault(found.resources[0], scene.bound[scene.resources(where)[0]])
            return found

        return planted

    changed(monkeypatch, "below-drop", elsewhere)

    assert any("other rules than" in each for each in proved("rule-order", level=2))


def test_a_cause_that_is_called_otherwise_than_what_it_does_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def renamed(apply: Apply) -> Apply:
        return lambda scene, where, way: replace(apply(scene, where, way), kind=CauseKind.STOPPED)

    changed(monkeypatch, "target-port", renamed)

    assert any("another reason" in each for each in proved("target-port"))


def test_a_cluster_that_does_not_work_without_the_fault_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def blocked(scene: Scene, draws: object) -> None:
        scene.groups[scene.plan.clb_group].ingress.clear()

    monkeypatch.setattr(make, "add_noise", blocked)

    assert "After the reference repair not all who are served get through" in proved("stopped-nodes")


def test_a_target_that_stays_sick_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def unprobed(scene: Scene, draws: object) -> None:
        for group in scene.groups.values():
            group.ingress[:] = [each for each in group.ingress if each.mark != "probe"]

    monkeypatch.setattr(make, "add_noise", unprobed)

    assert "After the reference repair a target is not Alive" in proved("health-probes")


def test_noise_that_lets_the_client_in_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_to_all(scene: Scene, draws: object) -> None:
        for group in scene.groups.values():
            group.ingress.insert(0, EVERYTHING)

    monkeypatch.setattr(make, "add_noise", open_to_all)

    assert proved("node-source") != []
    assert proved("nothing-wrong") != []


def test_a_world_that_says_that_nothing_is_wrong_has_nothing_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(world: Callable[..., World]) -> Callable[..., World]:
        return lambda *given: replace(world(*given), causes=())

    monkeypatch.setattr(make.Making, "world", silent(make.Making.world))
    monkeypatch.setattr(proof, "left_with_one", lambda *given: ())

    assert "Nothing is said to be wrong, and those who are served do not get through" in proved("stopped-nodes")
