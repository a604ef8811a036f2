"""
Every kind of trouble at each call of a guard, over sockets with the vendor's SDK.

It finishes, or stops with one line; whatever was written, one rollback leads back. An answer that is slower than the
client waits is one that never came: the write is done, and nobody has said so.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")

from drilllib.clients import sdk
from drilllib.clients.settings import Settings
from drilllib.cloud.local import LocalCloud
from drilllib.core.capture.asks import Answer, CloudCall
from drilllib.core.drills.default_lab import default_lab
from drilllib.errors import DrillError
from drilllib.guard.apply import Guard
from drilllib.guard.cloud import Cloud
from drilllib.guard.journal import Journal
from drilllib.guard.scope import Scope
from tests.guard.guarding import GROUPS, plain_state
from tests.guard.test_guard import change
from tests.thorough import how_many

WAITS_S, SLOW_S = 0.4, 1.5  # how long the client waits for an answer, and when it comes
FINISHED = ("slow", "throttled", "server_error", "answer_lost", "cut", "dropped")  # what it gets over by itself
SHARE = {"slow": how_many(6, thorough=1)}  # of the calls: every sixth, with THOROUGH every one
OTHERS = how_many(12, thorough=4, long=1)


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(default_lab()) as made:
        yield made


class Wire:
    """The cloud by the SDK; *kind* strikes the call of that *number*, counted from 0."""

    def __init__(self, cloud: LocalCloud, kind: str = "", number: int = -1) -> None:
        told = json.loads((cloud.home / "clients.json").read_text(encoding="utf-8"))["drill"]["variables"]
        self._own, self._faults = Cloud.by_sdk(Settings(), told, cloud.home), cloud.faults
        self._kind, self._number, self.calls = kind, number, list[str]()

    def _sent(self, way: Any, call: CloudCall) -> Answer:
        if len(self.calls) == self._number:
            self._faults.set(self._kind, call.action, seconds=SLOW_S)
        self.calls.append(call.action)
        answer: Answer = way(call)
        return answer

    def guard(self, folder: Path) -> Guard:
        own = self._own
        cloud = Cloud(
            lambda call: self._sent(own.read, call), lambda call: self._sent(own.write, call), region=own.region
        )
        scope = Scope(GROUPS, frozenset({"ins-nodea001", "lb-lab00001"}))
        return Guard(cloud, Journal.create(folder, "test"), scope)


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
    numbers = range(0, len(every), SHARE.get(kind, OTHERS))
    for number in numbers:
        stopped = ""
        with Wire(cloud, kind, number).guard(tmp_path / str(number)) as guard:
            try:
                change(guard)
            except DrillError as error:
                stopped = str(error)
            whole = guard.rollback().is_whole
        cloud.faults.clear()
        where = (kind, number, every[number], stopped)

        assert kind == "page" or bool(stopped) == (kind == "denied"), where
        assert len(stopped.splitlines()) <= 1, where
        assert (whole, plain_state(cloud.state)) == (True, start), where
    print(f"{kind} at {len(numbers)} of {len(every)} calls")  # the number of cases, with pytest -s
