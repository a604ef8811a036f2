"""Faster, and not a byte another: random attempts have the grades that were recorded before, and a class the same."""

import pytest
from recorded_attempts import COUNT, attempt, recorded, told

from drilllib.core.practice.grade import Yardstick, grade
from drilllib.core.practice.worth import worth
from tests.thorough import how_many

SHARE = how_many(24, thorough=75, long=COUNT)
NUMBERS = range(0, COUNT, COUNT // SHARE)
GROUPS = 10


@pytest.mark.parametrize("first", range(GROUPS))
def test_an_attempt_has_the_grade_that_was_recorded(first: int) -> None:
    known = recorded()
    assert len(known) == COUNT
    wrong = [number for number in NUMBERS[first::GROUPS] if told(number) != known[number]]
    assert not wrong


@pytest.mark.parametrize("first", range(GROUPS))
def test_what_a_class_is_judged_by_is_that_grade(first: int) -> None:
    """`worth` finds the parts of `grade`; each by itself, so that neither has what the other found."""
    for number in NUMBERS[first::GROUPS]:
        tried, world = attempt(number)
        quick = worth(tried, Yardstick(world))
        tried, world = attempt(number)
        whole = grade(tried, Yardstick(world))
        parts = whole.localised, whole.repaired, whole.restrained
        assert (quick.localised, quick.repaired, quick.restrained) == parts, number
        assert quick.passed == whole.passed
