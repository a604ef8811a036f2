"""
Lists of rules that nobody wrote in good faith: each question about them ends, with an answer or with one
TooComplexError, and within a bound of memory.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import drilllib
from tests.thorough import how_many, thorough

# RLIMIT_AS, which bounds the processes, is refused or ignored elsewhere.
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory are Linux's")

ROOT = Path(drilllib.__file__).parents[1]
GIBIBYTE = 1 << 30
MEMORY = 2 * GIBIBYTE  # of the whole process
HANGS = 300  # seconds after which nobody believes in an answer any more
TOO_COMPLEX = "too complex"
LARGE = how_many(40_000, thorough=40_000, long=100_000)
BOTH = ("accepted", "dead and redundant")


def ask(shape: str, count: int, *questions: str) -> dict:
    """What came of the questions, in a process of their own that has no more than the memory."""
    program = [sys.executable, str(Path(__file__).with_name("witness_hostile.py"))]
    done = subprocess.run(
        [*program, str(MEMORY), shape, str(count), *questions],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-600:]
    return json.loads(done.stdout)["answers"]


@pytest.mark.parametrize(
    ("shape", "count", "questions"),
    [
        pytest.param("same_ports", 100_000, ("accepted",), marks=thorough),
        pytest.param("all_protocols", 100_000, ("accepted",), marks=thorough),
        pytest.param("wide_ports", 20_000, ("accepted",), marks=thorough),
        pytest.param("combs", 60_000, BOTH, marks=thorough),
        ("combs", 6_000, ("accepted",)),
    ],
)
def test_what_is_too_much_is_refused(shape: str, count: int, questions: tuple[str, ...]) -> None:
    assert ask(shape, count, *questions) == dict.fromkeys(questions, TOO_COMPLEX)


@pytest.mark.parametrize(
    ("shape", "count", "questions"),
    [
        ("scattered", how_many(5_000, thorough=10_000, long=30_000), BOTH),
        pytest.param("scattered", LARGE, BOTH, marks=thorough),
        pytest.param("same_ports", 20_000, BOTH, marks=thorough),
        pytest.param("ipv6", 10_000, BOTH, marks=thorough),
        ("crossing", how_many(800, thorough=1_800), BOTH),
        ("nested", 2_000, BOTH),
        pytest.param("comma_lists", LARGE // 2, BOTH, marks=thorough),
        ("in_pieces", 2_000, ("cancelled",)),
        ("shut", 1_000, ("cancelled",)),
        pytest.param("closed", 2_000, ("cancelled",), marks=thorough),
    ],
)
def test_what_is_much_is_answered(shape: str, count: int, questions: tuple[str, ...]) -> None:
    assert all(isinstance(found, int) for found in ask(shape, count, *questions).values())


def test_an_answer_of_too_many_parts_is_refused() -> None:
    """1,250 gaps between ports, in each of them 1,250 addresses."""
    assert ask("combs", 2_500, "accepted") == {"accepted": TOO_COMPLEX}


def test_answers_of_large_lists_are_the_known_ones() -> None:
    """Shapes whose answers can be counted by hand."""
    assert ask("nested", 500, *BOTH) == {"accepted": 499, "dead and redundant": 1}
    assert ask("crossing", 200, "accepted") == {"accepted": 100 * 101 // 2}
    assert ask("shut", 500, "cancelled") == {"cancelled": 500}
    assert ask("in_pieces", 500, "cancelled") == {"cancelled": 1}


@thorough
def test_the_shadow_below_many_rules_is_bounded() -> None:
    assert ask("closed", how_many(10_000, thorough=10_000, long=30_000), "cancelled")


def test_many_dead_rules_are_bounded() -> None:
    assert ask("shut", how_many(10_000, thorough=20_000, long=50_000), "cancelled")


def test_boxes_of_ragged_ranges_are_bounded() -> None:
    assert ask("ragged", how_many(4_000, thorough=10_000, long=20_000), "boxes") == {"boxes": TOO_COMPLEX}


@pytest.mark.parametrize(
    ("shape", "count"),
    [
        ("ragged", how_many(220, thorough=900, long=1_500)),
        pytest.param("combs", how_many(400, thorough=400, long=600), marks=thorough),
        pytest.param("scattered", how_many(30_000, thorough=30_000, long=50_000), marks=thorough),
    ],
)
def test_terms_of_very_many_boxes_are_bounded(shape: str, count: int) -> None:
    """They are told as boxes then."""
    found = ask(shape, count, "boxes", "cover")

    assert found["cover"] == found["boxes"] > 10_000
