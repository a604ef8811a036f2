"""What is practised next: by simulated learners, whose whole way is looked at, and by hand-written records."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from drilllib.core.practice.schedule import NEEDED, Played, Standing, drill_of, level_of, standings, upcoming

CATEGORIES = ("ports", "order", "probes", "udp", "none")
LAST = "udp"
Learner = Callable[[str, int], tuple[bool, int]]


def play(learner: Learner, count: int) -> list[Played]:
    """A learner who always does what comes next; *learner* says whether the nth attempt passes, and its hints."""
    done: list[Played] = []
    for number in range(count):
        standing = upcoming(standings(done, CATEGORIES, LAST))
        assert standing is not None
        passed, hints = learner(standing.category, number)
        done.append(
            Played(
                drill=f"{standing.category}-1",
                category=standing.category,
                seed=str(number),
                level=level_of(standing),
                passed=passed,
                hints=hints,
            )
        )
    return done


def names(done: list[Played]) -> list[str]:
    return [each.category for each in done]


def standing(done: list[Played], category: str) -> Standing:
    return next(each for each in standings(done, CATEGORIES, LAST) if each.category == category)


def test_a_learner_who_is_always_right_masters_each_in_three_and_ends_with_the_transfer_test() -> None:
    done = play(lambda *_: (True, 0), NEEDED * (len(CATEGORIES) - 1) + 1)

    assert names(done[:4]) == ["ports", "order", "probes", "none"]
    assert sorted(names(done[:-1])) == sorted(name for name in CATEGORIES if name != LAST for _ in range(NEEDED))
    assert names(done)[-1] == LAST
    assert all(each.mastered for each in standings(done, CATEGORIES, LAST))
    assert [each.level for each in done if each.category == "order"] == [1, 2, 3]


@pytest.mark.parametrize(
    "learner",
    [
        lambda *_: (True, 0),
        lambda *_: (False, 0),
        lambda category, _: (category != "order", 0),
        lambda _, number: (number % 3 != 0, number % 2),
    ],
    ids=["right", "wrong", "one weakness", "mixed"],
)
def test_no_category_comes_twice_in_a_row(learner: Learner) -> None:
    """Interleaved: to know beforehand what it will be is half the diagnosis."""
    done = names(play(learner, 60))
    assert all(one != next_ for one, next_ in pairwise(done))


def test_what_one_gets_wrong_comes_most_often() -> None:
    done = names(play(lambda category, _: (category != "order", 0), 40))
    assert max(done.count(name) for name in CATEGORIES if name != "order") < done.count("order")
    assert LAST not in done


def test_the_one_kept_for_the_end_waits_for_all_others() -> None:
    done = play(lambda category, number: (category != "none" or number > 20, 0), 60)
    first = names(done).index(LAST)
    before = standings(done[:first], CATEGORIES, LAST)
    assert [each.category for each in before if not each.mastered] == [LAST]


def test_what_is_mastered_comes_again_ever_more_seldom() -> None:
    """Spaced: what was right long ago is asked once more, and what is wrong then is practised anew."""
    done = names(play(lambda *_: (True, 0), 120))
    places = [place for place, name in enumerate(done) if name == "ports"]
    assert len(places) > NEEDED
    assert places[3] - places[2] > places[1] - places[0]
    forgotten = [*play(lambda *_: (True, 0), 20), one("ports", passed=False, seed="late")]
    assert not standing(forgotten, "ports").mastered


def one(category: str, *, passed: bool = True, hints: int = 0, seed: str = "1", level: int = 1) -> Played:
    return Played(drill=category, category=category, seed=seed, level=level, passed=passed, hints=hints)


@pytest.mark.parametrize(
    ("said", "streak"),
    [
        ("", 0),
        ("r", 1),
        ("rrr", 3),
        ("rrw", 0),
        ("wrr", 2),
        ("rhr", 2),  # with a hint: no step on, and none back
        ("hhh", 0),
        ("rwr", 1),
    ],
)
def test_a_row_is_right_without_hints(said: str, streak: int) -> None:
    done = [one("ports", passed=way != "w", hints=way == "h", seed=str(n)) for n, way in enumerate(said)]
    assert standing(done, "ports").streak == streak


def test_of_each_world_the_first_attempt_counts() -> None:
    """The second time one has read the explanation."""
    again = [one("ports", passed=False, seed="7"), one("order"), *[one("ports", seed="7")] * 3]
    assert (standing(again, "ports").streak, standing(again, "ports").tries) == (0, 1)
    assert standing(again, "ports").since == 1
    assert standing([*again, one("ports", seed="7", level=2)], "ports").streak == 1


def test_the_drills_of_a_category_take_turns() -> None:
    done = [one("a"), one("b"), one("a", seed="2")]
    assert [drill_of(names, done) for names in (["a", "b"], ["a", "b", "c"], ["a"])] == ["b", "c", "a"]


def test_where_there_is_nothing_to_practise_nothing_comes() -> None:
    assert upcoming(standings([], [], None)) is None
    assert upcoming(standings([], [LAST], LAST)) is not None
