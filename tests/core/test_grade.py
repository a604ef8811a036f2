"""The grade goes by facts alone: each wrong attempt of the table fails in the right part, each right one passes."""

from typing import Any

import pytest

from drilllib.core.practice.attempt import (
    Action,
    Attempt,
    Changed,
    Finished,
    Header,
    Stated,
)
from drilllib.core.practice.grade import Grade, Yardstick, grade
from drilllib.core.practice.lines import action_dict, read_action, read_header
from drilllib.core.snapshot.patch import difference
from tests.core.grade_tables import RIGHT, Case
from tests.core.grade_wrongs import WRONG
from tests.core.hand_made_worlds import WORLDS, after


def log_of(case: Case) -> list[dict[str, Any]]:
    """The log of somebody who states and then takes the case's steps, each logged by itself, as plain data."""
    world = WORLDS[case.world]
    stated = [each for each in (case.early, case.stated) if each is not None]
    actions: list[Action] = [Stated(tuple(each)) for each in stated]
    now = world.snapshot
    for step in case.steps:
        changed = after(now, [step])
        actions.append(Changed(len(actions) + 1, difference(now.to_dict(), changed.to_dict())))
        now = changed
    actions += [Stated(case.late)] if case.late is not None else []
    header = Header(drill=world.drill, seed=1, level=1, engine="0", world="", started="")
    told = enumerate([*actions, Finished()], 1)
    return [header.to_dict(), *({"n": number, "at": "", **action_dict(action)} for number, action in told)]


def graded(case: Case) -> Grade:
    header, *actions = log_of(case)
    read = tuple(read_action(each, number) for number, each in enumerate(actions, 1))
    return grade(Attempt(read_header(header), read), Yardstick(WORLDS[case.world]))


def letters(found: Grade) -> str:
    return "L" * found.localised + "R" * found.repaired + "S" * found.restrained


@pytest.mark.parametrize("case", [pytest.param(each, id=f"{each.world}: {each.name}") for each in WRONG])
def test_a_wrong_attempt_fails_in_the_right_part_for_the_right_reason(case: Case) -> None:
    """Doing nothing, everything open, the wrong layer, an innocent blamed: each is told what was wrong with it."""
    found = graded(case)

    assert not found.passed
    said = "\n".join(map(str, found.reasons))
    assert (letters(found), [each for each in case.told if each not in said]) == (case.letters, []), said


@pytest.mark.parametrize("case", [pytest.param(each, id=f"{each.world}: {each.name}") for each in RIGHT])
def test_a_right_attempt_passes_whatever_its_way(case: Case) -> None:
    """A rule moved, a new group, a template, another node: what counts is what gets through."""
    found = graded(case)

    assert letters(found) == case.letters, "\n".join(map(str, found.reasons))
