"""A slice of what groups accept is the same as that part of the whole."""

from itertools import product
from random import Random

import pytest

from drilllib.core.rules.rules import PROTOCOLS_WITH_PORTS, Direction
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.flowsets import PLANES, FlowSet, Plane
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import DrillError
from tests.core.worlds import world

PORTS = (1, 22, 80, 8080, 30713, 65535)


def part(flows: FlowSet, plane: Plane, port: int | None) -> FlowSet:
    kept = {each: boxes for each, boxes in flows.planes.items() if each == plane}
    return FlowSet(kept).only(plane.protocol, port)


@pytest.mark.parametrize("seed", range(0, 120, 3))
def test_a_slice_says_what_the_whole_says_there(seed: int) -> None:
    """Over groups with doubtful rules, with unread lists, and several on one interface."""
    try:
        snapshot = Snapshot(world(seed).document)
    except DrillError:
        return
    groups, draw = list(snapshot.groups.values()), Random(seed)
    for direction, plane in product(Direction, PLANES):
        some = draw.sample(groups, min(len(groups), 2))
        port = draw.choice(PORTS) if plane.protocol in PROTOCOLS_WITH_PORTS else None
        whole, found = accepted(some, direction), accepted(some, direction, (plane,), port)

        # Ranges, because boxes of the whole that differ in their other ports are cut apart.
        for told, wanted in ((found.sure, whole.sure), (found.possible, whole.possible)):
            assert told.addresses(plane.family) == part(wanted, plane, port).addresses(plane.family)
            assert set(told.planes) <= {plane}
