"""The real-packet lab satisfies the same contract as every other lab, with the real curl."""

import pytest
from contract import LabContract

from drilllib.core.drills.lab import Lab
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.labs.netns.lab import NetnsLab
from drilllib.labs.netns.sandbox import why_not

SLOWNESS = 0.05
pytestmark = pytest.mark.skipif(why_not() is not None, reason=f"no real packets here: {why_not()}")


class TestNetnsLab(LabContract):
    """Each test has a lab of its own."""

    opens_connections = True

    def make_lab(self, snapshot: Snapshot) -> Lab:
        return NetnsLab(snapshot, slowness=SLOWNESS)
