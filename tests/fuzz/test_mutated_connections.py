"""Mutated snapshots asked about connections: an answer that can be told and written, or one clear line."""

import json
from collections import Counter
from random import Random

from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.drills.networks import SUPER_NODES, two_workloads
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import DrillError
from drilllib.views.text.connection import connection_text
from tests.fuzz.mutations import mutated
from tests.thorough import how_many

LABS = (
    two_workloads(),
    two_workloads("GlobalRouter"),
    two_workloads(on=SUPER_NODES),
    two_workloads(on=("node-a", "node-a"), mode="tke-direct-eni"),
)
SOURCES = ("pod/shop/web-1", "node/node-a", "203.0.113.10", "10.9.0.9", "10.0.36.11")
DOORS = ("pod/db/mysql-0", "node/node-a", "node/node-b", "svc/db/mysql", "198.51.100.7", "10.0.40.1", "172.16.60.201")
SNAPSHOTS = how_many(150, thorough=1_500, long=20_000)


def what_came_of(number: int) -> str:
    """The verdict about a mutated snapshot, or that it or the question was refused; anything else is raised."""
    random = Random(number)
    document = mutated(random, random.choice(LABS), random.choice(LABS))
    port, protocol = random.choice((3306, 30306, 53, 25)), random.choice((None, "TCP", "UDP"))
    asked = Connection(client=random.choice(SOURCES), door=random.choice(DOORS), port=port, protocol=protocol)
    try:
        answer = trace(Snapshot(document), asked)
    except DrillError:
        return "refused"
    json.dumps(answer.to_dict())
    if isinstance(answer.question, Connection):
        connection_text(answer, answer.question, random.choice(("en", "zh")))
    return str(answer.verdict)


def test_any_mutated_snapshot_is_answered_or_refused_in_words() -> None:
    found = Counter(map(what_came_of, range(SNAPSHOTS)))
    assert {"reachable", "unreachable", "undetermined", "refused"} == set(found)
