"""The engine against the walker."""

from pathlib import Path

import pytest
from walker_answers import KEPT, answers, first_answers
from walker_comparison import CHUNKS, assert_agreement

from tests.thorough import how_many, thorough


@pytest.mark.parametrize("chunk", range(KEPT))
def test_engine_and_walker_agree_on_the_first_random_worlds(chunk: int, tmp_path: Path) -> None:
    """Two programs written apart from one text are unlikely to be wrong in the same way."""
    assert_agreement(first_answers(chunk), tmp_path)


@thorough
@pytest.mark.parametrize("chunk", range(KEPT, how_many(3, thorough=6, long=CHUNKS)))
def test_they_agree_on_all_the_others_too(chunk: int, tmp_path: Path) -> None:
    """Twelve thousand with the ones above; fifty thousand in the long run."""
    assert_agreement(answers(chunk), tmp_path)
