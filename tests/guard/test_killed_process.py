"""A real `drill fix --apply` is killed at any of its calls, and one `drill rollback` brings all back."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.cloud.local import LocalCloud
from drilllib.cloud.tencent.api import TencentApi
from drilllib.cloud.tencent.requests import Request, Response
from drilllib.core.drills.faults import open_fault
from tests.guard.guarding import plain_state
from tests.thorough import how_many
from tests.waits import PATIENCE_S

FIX = ["fix", "web", "-n", "shop", "--from", "203.0.113.0/24", "--lang", "en"]
HANDLE = TencentApi.handle
KILLS = 40  # calls since the first that only a guard makes; after its own the Service is read again


def test_a_real_process_is_killed_at_every_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGKILL, before the cloud does it or after; then one rollback by another process: as before, nothing left."""
    killer = _Killer()
    monkeypatch.setattr(TencentApi, "handle", lambda api, request: killer(api, request))
    cases = 0
    for number in range(1, KILLS, how_many(19, thorough=3, long=1)):
        with LocalCloud(open_fault("original-drill").to_dict()) as cloud:
            start = plain_state(cloud.state)
            told = json.loads((cloud.home / "clients.json").read_text(encoding="utf-8"))["drill"]["variables"]
            environment = {**os.environ, **told}
            drill = [sys.executable, "-m", "drilllib"]
            with subprocess.Popen(
                [*drill, *FIX, "--apply", "--yes"], env=environment, stdout=subprocess.DEVNULL
            ) as run:
                killer.aim(run.pid, number)
                run.wait(PATIENCE_S)
            killer.aim(0, 0)
            if run.returncode != -signal.SIGKILL:
                assert run.returncode == 0
                break
            back = subprocess.run([*drill, "rollback", "--lang", "en"], env=environment, capture_output=True, text=True)
            assert back.returncode == 0 or "nothing is left" in back.stderr, back.stderr
            assert plain_state(cloud.state) == start, number
            cases += 1
    assert cases > 1
    print(f"killed at {cases} calls, brought back from all")


class _Killer:
    """Kills a process at one call, counted from the first that a guard makes: by turns before and after it is done."""

    def aim(self, pid: int, number: int) -> None:
        """The next process, and at which call; 0 is none."""
        self._pid, self._number, self._count = pid, number, 0

    def __init__(self) -> None:
        self.aim(0, 0)

    def __call__(self, api: TencentApi, request: Request) -> Response:
        if self._count or request.headers.get("x-tc-action") == "DescribeSecurityGroups":
            self._count += 1
        is_due = self._pid and self._count == self._number
        if is_due and self._number % 2:
            os.kill(self._pid, signal.SIGKILL)
        answer = HANDLE(api, request)
        if is_due:
            os.kill(self._pid, signal.SIGKILL)
        return answer
