"""Which world is played where a lab cannot play every one."""

import pytest

from drilllib.core.drills.worlds.world import World
from drilllib.errors import LabStateError
from drilllib.practice import attempts, choosing
from drilllib.practice.choosing import drawn_world, due_world, seeded_world
from drilllib.practice.library import drill

ORDER = drill("rule-order")


def refused(_: World) -> None:
    raise LabStateError("The lab cannot play it", remedy="-")


def only_multiples_of_seven(world: World) -> None:
    if world.seed % 7:
        refused(world)


def test_a_named_seed_is_never_exchanged_and_the_next_that_can_be_played_is_told() -> None:
    assert seeded_world(ORDER, 14, 2, only_multiples_of_seven).seed == 14
    with pytest.raises(LabStateError, match=r"^The lab cannot play it\. Take --seed 14, the next world of rule-order "):
        seeded_world(ORDER, 8, 2, only_multiples_of_seven)


def test_a_seed_is_drawn_until_its_world_can_be_played(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter([3, 5, 20, 21, 28])
    monkeypatch.setattr(attempts, "randbelow", lambda _: next(draws))
    assert drawn_world(ORDER, 1, (), only_multiples_of_seven).seed == 21


def test_a_drill_of_which_nothing_can_be_played_is_refused_after_a_few_worlds() -> None:
    tried: list[World] = []

    def require(world: World) -> None:
        tried.append(world)
        refused(world)

    with pytest.raises(LabStateError, match=rf"None of {choosing.FEW} worlds of rule-order can be played there"):
        drawn_world(ORDER, 1, (), require)
    assert len(tried) == choosing.FEW + 1


def test_what_is_due_is_passed_over_where_the_lab_can_play_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "FEW", 1)
    found = attempts.standings((), attempts.categories(), attempts.TRANSFER)

    def only_udp(world: World) -> None:
        if world.category != "udp":
            refused(world)

    for _ in range(3):
        assert due_world((), found, None, only_udp).category == "udp"
    with pytest.raises(LabStateError, match="The lab cannot play it"):
        due_world((), found, None, refused)
