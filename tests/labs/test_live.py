"""The live lab keeps the contract of every lab: over the readers of a capture, and over guarded writes."""

from pathlib import Path

import pytest

pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.core.drills.lab import Lab
from drilllib.core.snapshot.snapshot import Snapshot
from tests.labs.contract import LabContract
from tests.labs.live import lab_of


class TestLiveLab(LabContract):
    """A cloud of the snapshot in this process; what would be sent over sockets goes to its handlers."""

    calls_a_change = None  # what is inserted and what goes are calls of their own

    @pytest.fixture(autouse=True)
    def _journals(self, tmp_path: Path) -> None:
        self._folder = tmp_path

    def make_lab(self, snapshot: Snapshot) -> Lab:
        return lab_of(snapshot, self._folder / str(len(list(self._folder.iterdir()))))
