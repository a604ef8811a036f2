"""The law of forgetting for connections: a fact taken out may leave an answer undetermined, never turn it around."""

from typing import Any

import pytest
from forgettings import is_excepted, name_of, places, without

from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.drills.networks import GROUPS, NODE_PORT, PORT, SUPER_NODES, two_workloads
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import DrillError
from tests.thorough import how_many

Document = dict[str, Any]
WORLDS: dict[str, Document] = {
    "shared": {},
    "exclusive": {"mode": "tke-direct-eni"},
    "GlobalRouter": {"network": "GlobalRouter"},
    "super": {"on": SUPER_NODES},
    "one node": {"on": ("node-a", "node-a")},
    "one node, exclusive": {"on": ("node-a", "node-a"), "mode": "tke-direct-eni"},
    "one node, GlobalRouter": {"on": ("node-a", "node-a"), "network": "GlobalRouter"},
}
SOURCES = ("pod/shop/web-1", "node/node-a", "10.9.0.9")
DOORS = (("pod/db/mysql-0", PORT), ("node/node-a", NODE_PORT), ("node/node-b", NODE_PORT), ("svc/db/mysql", PORT))
CLOSED = (None, *GROUPS.values())
# Kubernetes writes Cluster where nobody asked for another policy.
DEFAULTS = ("kubernetes.[Service].spec.internalTrafficPolicy",)
CASES = [(world, source, door) for world in WORLDS for source in SOURCES for door in DOORS]


def made(name: str, closed: str | None) -> Document:
    """A world, in which one group lets nothing out and nothing in."""
    document = two_workloads(**WORLDS[name])
    if closed:
        document["security_groups"][closed]["SecurityGroupPolicySet"] |= {"Ingress": [], "Egress": []}
    return document


def verdict(document: Document, source: str, door: str, port: int) -> str:
    """An error is no answer: it says what to add."""
    try:
        return trace(Snapshot(document), Connection(client=source, door=door, port=port)).verdict
    except DrillError:
        return Verdict.UNDETERMINED


@pytest.mark.parametrize(("world", "source", "door"), CASES[:: how_many(16, thorough=8, long=1)])
def test_no_fact_is_forgotten_into_another_answer_of_a_connection(
    world: str, source: str, door: tuple[str, int]
) -> None:
    broken = set()
    for closed in CLOSED:
        document = made(world, closed)
        before = verdict(document, source, *door)
        for place in places(document) if before is not Verdict.UNDETERMINED else ():
            name = name_of(document, place)
            if is_excepted(name) or name in DEFAULTS:
                continue
            after = verdict(without(document, place), source, *door)
            if after not in (before, Verdict.UNDETERMINED):
                broken.add((closed, name, str(before), str(after)))
    assert broken == set()
