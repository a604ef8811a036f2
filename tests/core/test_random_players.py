"""
Is a grade fair? Random attempts in real sessions, by everything that can be typed, judged once more by witnesses that
know nothing of drilllib (practice_judge.py). Half of the repairs are right in some way that nobody foresaw.
"""

from pathlib import Path

import pytest
from practice_judge import Case, Port, failures, openings
from random_players import Player

from drilllib.practice.library import drill, names
from tests.thorough import how_many

ATTEMPTS = how_many(4, thorough=30, long=240)
EVERY = [(name, level) for name in names() for level in drill(name).levels]


@pytest.mark.parametrize("number", range(ATTEMPTS))
def test_a_grade_is_what_independent_witnesses_say(number: int, tmp_path: Path) -> None:
    name, level = EVERY[number * 31 % len(EVERY)]
    player = Player(name, level, 7000 + number, tmp_path / "log.jsonl")
    grade, is_right = player.played()
    world, meant = player.world, player.world.meant
    final = player.session.snapshot().to_dict()
    player.session.close()
    case = Case(
        *(world.snapshot.to_dict(), world.reference.to_dict(), final),
        Port(meant.service or "", meant.port or 0, meant.protocol or "TCP"),
        world.served,
    )
    failed, opened = failures(case), list(openings(case))
    told = (name, level, 7000 + number, failed, opened, list(map(str, grade.reasons)), player.lines)
    assert grade.localised == is_right, told
    assert grade.repaired == (not failed), told
    assert grade.restrained == (not opened), told
