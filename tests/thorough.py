"""Checks that take long and repeat others with more cases: `make test` skips them and says so, CI makes them all."""

import os

import pytest

THOROUGH = os.environ.get("THOROUGH") == "1"
thorough = pytest.mark.skipif(not THOROUGH, reason="more of the same, which takes long: THOROUGH=1 make test")


def how_many(usual: int, *, thorough: int) -> int:
    """How many random cases a test tries: the first of them, or with THOROUGH them all."""
    return thorough if THOROUGH else usual
