"""The engine against the walker."""

from pathlib import Path

import pytest
from walker_comparison import CHUNKS, assert_agreement

from tests.thorough import thorough

FEW = 4  # without THOROUGH


@pytest.mark.parametrize("chunk", [pytest.param(each, marks=() if each < FEW else thorough) for each in range(CHUNKS)])
def test_engine_and_walker_agree_on_two_thousand_random_worlds(chunk: int, tmp_path: Path) -> None:
    """Two programs written apart from one text are unlikely to be wrong in the same way."""
    assert_agreement(chunk, tmp_path)
