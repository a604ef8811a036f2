"""
The walker of connections, whose author had not seen the engine: right about the situations, tried by misreadings, and
held against the engine on random worlds.
"""

import json
from collections import Counter
from pathlib import Path

import pytest
import walker_connections_lists as lists
import walker_connections_ways as ways
import walker_pods
from connection_answers import answered, is_right, outcome_of, question_of
from connection_comparison import OF_CONNECTIONS, asked_of_engine, connect, difference, second
from connection_truths import Situation
from test_connection_truths import SITUATIONS
from walker_connections import walk_connection
from walker_packets import PASSED, some_of
from worlds_connections import world

from drilllib.core.trace.codes import Assumption
from tests.thorough import how_many


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
    verdicts, stops, assumptions = Counter(), Counter(), Counter()
    for seed in range(600):
        case = world(seed)
        found = walk_connection(case.document, case.question)
        verdicts[found.verdict] += 1
        stops.update({(blocker[0], blocker[2]) for blocker in found.blockers})
        assumptions.update(asked_of_engine(case.document, case.question).assumptions)

    assert {name for name, share in VERDICTS.items() if verdicts[name] < 600 * share} == set()
    assert {name for name in STOPS if stops[name] < 3} == set()
    rare = {Assumption.GLOBAL_ROUTER_MASQUERADES_OUTSIDE}  # to a public address; the worlds have those of documentation
    assert {name for name in OF_CONNECTIONS - rare if assumptions[name] < 3} == set()


DIFFERED = (
    *(17_232, 21_069),  # a pod that asks its own node's NodePort, itself behind it, and a network ACL around it
    36_232,  # a machine whose Node was not read asks a super node's pod
    46_726,  # a pod that policies may keep in asks a Service without endpoints
    49_779,  # a NodePort under `Local` of a node that is switched off
)
CASES = (*DIFFERED, *range(how_many(150, thorough=1_000, long=50_000)))
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_engine_and_walker_agree_on_connections(part: int, tmp_path: Path) -> None:
    """Several networks, all sources, all doors."""
    for seed in CASES[part::PARTS]:
        case = world(seed)
        if difference(case.document, case.question):
            path = tmp_path / f"connection-{seed}.json"
            path.write_text(json.dumps(case.document, indent=1), encoding="utf-8")
            answers = connect(case.document, case.question), second(case.document, case.question)
            pytest.fail("\n".join(map(str, (path, case.question, *answers))), pytrace=False)


@pytest.mark.parametrize("item", SITUATIONS, ids=lambda item: item.name)
def test_the_engine_gives_the_answer_that_documents_make_right(item: Situation) -> None:
    found = connect(item.document(), question_of(item))

    assert is_right(item, found), (item.why, found)
