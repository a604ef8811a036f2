"""The walker of connections: right about the situations, apart from the engine, and tried by misreadings."""

from collections import Counter

import pytest
import walker_connections_lists as lists
import walker_connections_ways as ways
import walker_network
import walker_pods
from connection_answers import answered, is_right, outcome_of
from connection_truths import Situation
from test_connection_truths import SITUATIONS
from walker_connections import walk_connection
from walker_packets import PASSED, some_of
from worlds_connections import world


@pytest.fixture(autouse=True)
def routes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows 4 and 5 are followed, too: GlobalRouter behind a CLB."""
    monkeypatch.setattr(walker_network, "ROUTES_BEHIND_CLBS", True)


@pytest.mark.parametrize("item", SITUATIONS, ids=lambda item: item.name)
def test_the_walker_gives_the_answer_that_documents_make_right(item: Situation) -> None:
    found = answered(item)

    assert is_right(item, found), (item.why, outcome_of(found), found.blockers)


# What somebody might have read instead: (module, name, what stands there).
NODE_A_SEEN = some_of(["10.0.1.1"])
MISREADINGS = {
    "every packet leaves its machine": (ways, "relation", lambda asked, pod: lists.ELSEWHERE),
    "no packet leaves its machine": (ways, "relation", lambda asked, pod: lists.SAME),
    "egress lists have no say": (ways, "leaving", lambda asked, peer, port: []),
    "ingress lists have no say": (ways, "interface_check", lambda document, pod, packet: PASSED),
    "a network ACL filters nothing": (ways, "around_source", lambda asked: []),
    "pods of routes have no groups": (walker_pods, "is_routed", lambda document, pod: False),
    "a pod comes from its node": (
        lists.Connection,
        "packet",
        lambda self, port: lists.Packet(NODE_A_SEEN, self.protocol, port),
    ),
    "interfaces are shared by everybody": (lists, "has_own_interface", lambda document, pod: False),
    "super nodes are machines": (lists, "is_super", lambda name: False),
}


@pytest.mark.parametrize("name", MISREADINGS)
def test_a_misreading_makes_some_situation_wrong(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*MISREADINGS[name])

    assert [item.name for item in SITUATIONS if not is_right(item, answered(item))]


VERDICTS = {"reachable": 0.1, "unreachable": 0.15, "intermittent": 0.003, "undetermined": 0.3}
STOPS = {
    *(("node", "egress"), ("node", "ingress"), ("node", None), ("pod", "egress"), ("pod", "ingress"), ("pod", None)),
    *(("outside", "ingress"), ("outside", None)),
}


def test_the_random_worlds_meet_every_end() -> None:
    """Agreement means little if all questions meet the same one."""
    verdicts, stops = Counter(), Counter()
    for seed in range(600):
        case = world(seed)
        found = walk_connection(case.document, case.question)
        verdicts[found.verdict] += 1
        stops.update({(blocker[0], blocker[2]) for blocker in found.blockers})

    assert {name for name, share in VERDICTS.items() if verdicts[name] < 600 * share} == set()
    assert {name for name in STOPS if stops[name] < 3} == set()
