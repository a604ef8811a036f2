"""
Whatever becomes of any single call of `drill up` or `drill down`: one more `drill down`, and the cloud is as it was.

The calls are counted on a run without faults; then each of them in turn is killed, lost, refused, limited or late.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from drilllib.errors import DrillError
from tests.provision.playing import KilledError, Play
from tests.thorough import how_many, thorough

# By what happens to the call itself; and by faults of the local cloud.
FATES = ("killed", "killed after", "lost", "dropped", "killed and late")
FAULTS = ("throttled", "denied", "server_error", "page", "cut", "answer_lost", "late", "slow")
OF_THE_CLOUD = ("page", "cut", "answer_lost", "late", "killed and late")  # the local Kubernetes API has none of these
LOOK = re.compile(r"GET /api(s|/v1|s/[^/]+/[^/]+|/v1/namespaces/[^/]+/\w+|s/[^/]+/[^/]+/namespaces/[^/]+/\w+)")
DISCOVERY = re.compile(r"GET /(api(/v1)?|apis(/[^/]+/[^/]+)?|version)")  # which no fault of the local cloud strikes
LATE_S = 5.0  # less than `clients.WAITS_S` together
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
ALWAYS = ("killed after", "killed and late", "lost", "late")  # the others with THOROUGH
MORE = tuple(each for each in (*FATES, *FAULTS) if each not in ALWAYS)


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


def can_strike(fate: str, name: str) -> bool:
    """Can *fate* become of the request of that name?"""
    if fate in OF_THE_CLOUD and " /" in name:
        return False
    return fate not in FAULTS or not DISCOVERY.fullmatch(name)


def calls(work: Callable[[Play, Path], None], fate: str) -> list[int]:
    """
    The numbers of the requests of *work* that *fate* can strike, on a drill that is up where *work* is to remove it.

    Of the reads that look whether a namespace is empty, which are alike, a few; with THOROUGH every fifth.
    """
    play = Play()
    with folder() as place:
        if work is removed:
            play.up(place)
        before = len(play.asked)
        work(play, place)
    asked = enumerate(play.asked, start=1)
    every = [(number, name) for number, name in asked if number > before and can_strike(fate, name)]
    alike = [number for number, name in every if LOOK.fullmatch(name)]
    return [number for number, _ in every if number not in alike or number in alike[:: how_many(9, thorough=5, long=1)]]


def made(play: Play, place: Path) -> None:
    play.up(place)


def removed(play: Play, place: Path) -> None:
    play.down(place)


def struck(play: Play, number: int, fate: str) -> None:
    """Let *fate* strike the request of that number."""

    def hook(at: int, name: str) -> str:
        if at != number:
            return ""
        if fate == "killed and late" and " /" not in name:
            play.faults.set("late", "*", times=1, seconds=LATE_S)
        if fate in FATES:
            return "killed after" if fate == "killed and late" else fate
        action = "kubernetes *" if " /" in name else "*"
        play.faults.set(fate, action, times=1, seconds=LATE_S if fate in ("late", "slow") else 0.0)
        return ""

    play.hook = hook


def outcome(work: Callable[[Play, Path], None], number: int, fate: str) -> str:
    """What was wrong after *fate* had struck a request and `drill down` had been called once more; "" is nothing."""
    play = Play()
    before = play.looks()
    with folder() as place:
        if work is removed:
            play.up(place)
        struck(play, number, fate)
        with suppress(DrillError, KilledError):
            work(play, place)
        play.hook = lambda number, name: ""
        missed = play.faults.listed()
        play.faults.clear()
        report = play.down(place)
    name = play.asked[number - 1]
    if missed:
        return f"{fate} at {number} {name}: did not strike"
    if report.left:
        return f"{fate} at {number} {name}: left {report.left}"
    return "" if play.looks() == before and not play.marked() else f"{fate} at {number} {name}: not as before"


@pytest.mark.parametrize("work", [made, removed], ids=["up", "down"])
@pytest.mark.parametrize(
    "fate", [each if each in ALWAYS else pytest.param(each, marks=thorough) for each in (*FATES, *FAULTS)]
)
def test_one_more_down_and_nothing_is_left(work: Callable[[Play, Path], None], fate: str) -> None:
    """At every single call; nothing but an error made on purpose comes out of it."""
    found = [outcome(work, number, fate) for number in calls(work, fate)]
    print(f"{len(found)} calls, {fate}")  # the number of cases, with pytest -s

    assert [each for each in found if each] == []


def counted(play: Play) -> list[tuple[str, int]]:
    """How many things of each kind have the mark of a drill."""
    return sorted(Counter(str(each.kind) for each in play.marked()).items())


@pytest.mark.parametrize("is_late", [False, True], ids=["", "and lists are late"])
def test_a_lost_answer_makes_nothing_twice(*, is_late: bool) -> None:
    """What was made is found again by mark and name, also where lists show it only after a while."""
    plain = Play()
    with folder() as place:
        plain.up(place)
    usual, found = counted(plain), []
    creations = [number for number, name in enumerate(plain.asked, start=1) if name.startswith(("Create", "POST /api"))]
    for number in creations:
        play = Play()
        struck(play, number, "lost")
        if is_late:
            play.faults.set("late", plain.asked[number - 1], times=1, seconds=LATE_S)
        with folder() as place:
            play.up(place)
        found += [] if counted(play) == usual else [f"{number} {plain.asked[number - 1]}"]

    assert len(creations) >= 7
    assert found == []
