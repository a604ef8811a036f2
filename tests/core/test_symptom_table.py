"""docs/symptoms.md says what a client sees; every cell of its table is asked of the engine."""

from pathlib import Path

import pytest
from builders import ask, lab, said
from changes import (
    EVERYTHING,
    Change,
    closed,
    group_1_closed,
    group_2_closed,
    group_3_closed,
    ingress,
    no_targets,
    probes_from_vip,
    second_target,
    together,
)
from changes_cluster import local_policy, no_endpoints, node_groups, wrong_target_port
from changes_real import state

from drilllib.core.drills.default_lab import CLB_GROUP, POD_GROUP
from drilllib.core.drills.variants import direct_access, over_udp
from drilllib.core.trace.answer import Trace

PAGE = Path(__file__).parents[2] / "docs" / "symptoms.md"
ONE_OF_TWO = together(second_target, node_groups("b", "sg-nodeb001"), closed("sg-nodeb001"))
ROWS: dict[str, tuple[Change, ...]] = {
    "group 1 drops": (group_1_closed,),
    "group 2 drops (node as target)": (group_2_closed,),
    "group 3 drops, pod on another node": (group_3_closed,),
    "the node's machine is switched off": (state("STOPPED"),),
    "group 3 drops, pod as target (direct access)": (direct_access, group_3_closed),
    "Service without a ready endpoint, or none under its port's name": (no_endpoints,),
    "`Local`, and the node has no pod while others have": (local_policy,),
    "nothing listens in the pod": (wrong_target_port, ingress(POD_GROUP, f"ACCEPT {EVERYTHING}")),
    "one target of two blocked": (ONE_OF_TWO,),
    "every target Dead": (second_target, probes_from_vip),
    "no listener on the port": (),
    "listener without targets": (no_targets, ingress(CLB_GROUP, f"ACCEPT {EVERYTHING}")),
}
WORDS = {
    "connect timeout": "connect_timeout",
    "**504**": "504 after 4 s",
    "**504** after about 4 s a target": "504 after 4 s",
    "504": "504 after 4 s",
    "**502**": "502",
    "502": "502",
    "refused": "refused",
    "no answer": "no_answer",
    "port unreachable": "port_unreachable",
    "200, some 4 s late": "200 after 4 s, 200",
    "sometimes a timeout": "connect_timeout, 200",
    "sometimes no answer": "no_answer, answered",
}


def table(heading: str) -> dict[str, list[str]]:
    """The table below a heading, by the first cell of each row."""
    lines = PAGE.read_text(encoding="utf-8").split(heading)[1].splitlines()
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines if line.startswith("| ")]
    return {row[0]: row[1:] for row in rows}


TABLE = {name: cells for name, cells in table("# What a symptom tells").items() if name in ROWS}
PORTS = {"no listener on the port": {"port": 8443}}


def answers(name: str) -> list[Trace]:
    """The row's case behind an HTTP, a TCP and a UDP listener."""
    asked = PORTS.get(name, {})
    protocols = [{}, {}, {"protocol": "UDP"} if asked else {}]
    labs = lab(*ROWS[name]), lab(*ROWS[name], listener="TCP"), lab(*_before_udp(name))
    return [ask(snapshot, **asked, **protocol) for snapshot, protocol in zip(labs, protocols, strict=True)]


def _before_udp(name: str) -> tuple[Change, ...]:
    """Direct access writes rules for TCP, so the protocol is changed after it and before the group is closed."""
    changes = ROWS[name]
    return (changes[0], over_udp, *changes[1:]) if direct_access in changes else (over_udp, *changes)


def test_the_page_has_exactly_the_rows_that_are_asked() -> None:
    assert TABLE.keys() == ROWS.keys()


@pytest.mark.parametrize("name", ROWS)
def test_a_row_of_the_symptom_table_is_what_the_engine_says(name: str) -> None:
    """People decide by this table at night; it must not be written from memory."""
    for cell, answer in zip(TABLE[name][:3], answers(name), strict=True):
        if cell in ("all are used, as if Alive", "the same"):
            assert answer.verdict == "reachable"
        else:
            assert ", ".join(map(said, answer.symptoms)) == WORDS[cell], cell


@pytest.mark.parametrize("name", ROWS)
def test_the_health_in_a_row_is_what_the_engine_predicts(name: str) -> None:
    """Health is what tells two equal symptoms apart."""
    cell = TABLE[name][3]
    over_http, over_tcp, over_udp_ = ([each.predicted for each in answer.health] for answer in answers(name))
    if "Alive" not in cell and "Dead" not in cell:
        return
    first = "Dead" if "Dead" in cell.split("; over UDP")[0] else "Alive"
    assert set(over_http) == set(over_tcp) == {first}
    assert set(over_udp_) == {"Alive" if "over UDP Alive" in cell else first}


def test_the_chinese_table_has_the_same_cells() -> None:
    """Translated by hand, so at least the numbers and states are compared."""
    english, chinese = (list(table(title).values()) for title in ("# What a symptom tells", "# 现象对照"))
    english, chinese = english[: len(ROWS) + 1], chinese[: len(ROWS) + 1]

    for ours, theirs in zip(english, chinese, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            for word in ("504", "502", "200", "Alive", "Dead"):
                assert (word in one) == (word in other), (one, other)
