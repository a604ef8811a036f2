"""
Every kind of trouble at each call of a guard, over sockets with the vendor's SDK.

It finishes, or stops with one line; whatever was written, one rollback leads back. An answer that is slower than the
client waits is one that never came: the write is done, and nobody has said so.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")

from drilllib.clients import sdk
from drilllib.clients.failures import FIRST_WAIT_S
from drilllib.clients.parallel import Pace
from drilllib.clients.settings import Settings
from drilllib.cloud.local import LocalCloud
from drilllib.core.capture.asks import Answer, CloudCall
from drilllib.core.drills.default_lab import default_lab
from drilllib.errors import DrillError
from drilllib.guard.apply import Guard
from drilllib.guard.cloud import Cloud
from drilllib.guard.journal import Journal
from drilllib.guard.scope import Scope
from tests.guard.guarding import BALANCER, GROUPS, IN, NODE, plain_state
from tests.guard.test_guard import WANTED
from tests.thorough import how_many

WAITS_S = 0.4  # how long the client waits for an answer
AFTER_S = {"slow": 1.5, "late": 0.3}  # when it comes; how long everybody still reads what was before a write
FINISHED = (
    "slow",
    "late",
    "throttled",
    "server_error",
    "answer_lost",
    "cut",
    "dropped",
)  # it gets over these by itself
HASTE = 0.1  # of each pause of the guard and of the client, so that every call can have its turn
SHARE = how_many(13, thorough=3, long=1)  # of the calls: every ninth, with THOROUGH every one


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(default_lab()) as made:
        yield made


class Wire:
    """The cloud by the SDK; *kind* strikes the call of that *number*, counted from 0."""

    def __init__(self, cloud: LocalCloud, kind: str = "", number: int = -1) -> None:
        told = json.loads((cloud.home / "clients.json").read_text(encoding="utf-8"))["drill"]["variables"]
        self._own, self._faults = Cloud.by_sdk(Settings(), told, cloud.home), cloud.faults
        reader: Any = self._own.read
        reader._pace = Pace(reader._pace._until, most=10**6)
        reader._backoff = replace(reader._backoff, first_wait_s=FIRST_WAIT_S * HASTE)
        self._kind, self._number, self.calls = kind, number, list[str]()

    def _sent(self, way: Any, call: CloudCall) -> Answer:
        if len(self.calls) == self._number:
            self._faults.set(self._kind, call.action, seconds=AFTER_S.get(self._kind, 0.0))
        self.calls.append(call.action)
        answer: Answer = way(call)
        return answer

    def guard(self, folder: Path) -> Guard:
        own = self._own
        cloud = Cloud(
            lambda call: self._sent(own.read, call),
            lambda call: self._sent(own.write, call),
            pause=lambda seconds: time.sleep(seconds * HASTE),
            region=own.region,
        )
        scope = Scope(GROUPS, frozenset({"ins-nodea001", "lb-lab00001"}))
        return Guard(cloud, Journal.create(folder, "test"), scope)


def change(guard: Guard) -> None:
    """Two lists and a binding: every kind of call. No rule changes places, which takes the guard long to plan."""
    guard.replace_rules(NODE, IN, WANTED)
    guard.replace_rules(BALANCER, IN, WANTED[:2])
    guard.bind("ins-nodea001", [BALANCER, NODE])
    guard.replace_rules(NODE, IN, WANTED[1:])


def calls(cloud: LocalCloud, folder: Path) -> list[str]:
    """The calls of a change, all of which go well."""
    wire = Wire(cloud)
    with wire.guard(folder) as guard:
        change(guard)
        told = list(wire.calls)
        guard.rollback()
    return told


@pytest.mark.parametrize("kind", [*FINISHED, "denied", "page"])
def test_it_finishes_or_stops_in_one_line_and_all_can_be_taken_back(
    cloud: LocalCloud, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a right is missing it stops; the state is that of before after one rollback, at whichever call it was."""
    start, every = plain_state(cloud.state), calls(cloud, tmp_path / "all")
    monkeypatch.setattr(sdk, "REQUEST_LIMITS_S", (5, WAITS_S))
    numbers = [at for at, name in enumerate(every) if kind != "late" or not name.startswith("Describe")][::SHARE]
    for number in numbers:
        stopped = ""
        with Wire(cloud, kind, number).guard(tmp_path / str(number)) as guard:
            try:
                change(guard)
            except DrillError as error:
                stopped = str(error)
            whole = guard.rollback().is_whole
        missed = cloud.faults.listed()
        cloud.faults.clear()
        where = (kind, number, every[number], stopped)

        assert missed == [], where
        assert kind == "page" or bool(stopped) == (kind == "denied"), where
        assert len(stopped.splitlines()) <= 1, where
        assert (whole, plain_state(cloud.state)) == (True, start), where
    print(f"{kind} at {len(numbers)} of {len(every)} calls")  # the number of cases, with pytest -s
