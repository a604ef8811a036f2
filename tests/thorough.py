"""
Checks that take long and repeat others with more cases: `make test` skips them and says so, CI makes them all.

THOROUGH=long gives the fuzzers 200,000 snapshots, as many requests and 8,000 groups, which takes half an hour more.
Some random worlds, too, are tried in their full number only then.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

Case = TypeVar("Case")

LONG = os.environ.get("THOROUGH") == "long"
THOROUGH = LONG or os.environ.get("THOROUGH") == "1"
thorough = pytest.mark.skipif(not THOROUGH, reason="more of the same, which takes long: THOROUGH=1 make test")


def one_in(number: int, cases: Sequence[Case]) -> Sequence[Case]:
    """Every so manieth of the cases; with THOROUGH=1 all."""
    return cases[:: how_many(number, thorough=1)]


def how_many(usual: int, *, thorough: int, long: int | None = None) -> int:
    """How many random cases a test tries: the first of them, with THOROUGH=1 more, or with THOROUGH=long them all."""
    return (long or thorough) if LONG else thorough if THOROUGH else usual
