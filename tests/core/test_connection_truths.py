"""The situations of connection_truths.py: whole, and answered alike by what knows some of them."""

from collections import Counter

import pytest
from connection_truths import CLB_ROWS, LATE_504, REACHED, TIMEOUT, UNDETERMINED, Situation
from connection_truths_doors import DOORS
from connection_truths_inside import INSIDE_ROWS
from connection_truths_odd import ODD
from connection_truths_own import OWN
from walker import walk

from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace

SITUATIONS = [*CLB_ROWS, *INSIDE_ROWS, *DOORS, *ODD, *OWN]
BY_VIP = [
    item for item in SITUATIONS if item.door[0] == "vip" and item.source[0] == "address" and item.network == "shared"
]
MET = {("http", 200): REACHED, ("http", 504): LATE_504, ("connect_timeout", None): TIMEOUT}


def test_every_row_of_the_matrix_is_met_open_and_closed() -> None:
    met = {(row, item.outcome) for item in SITUATIONS for row in item.rows}

    assert {(row, outcome) for row in range(1, 12) for outcome in (REACHED, TIMEOUT)} <= met
    assert len(SITUATIONS) >= 100
    assert [name for name, times in Counter(item.name for item in SITUATIONS).items() if times > 1] == []


@pytest.mark.parametrize("item", SITUATIONS, ids=lambda item: item.name)
def test_a_situation_is_a_snapshot_and_names_what_stops_it(item: Situation) -> None:
    document = item.document()
    Snapshot(document)

    assert (item.blocker is None) == (item.outcome in (REACHED, UNDETERMINED)) or item.honest
    assert all(name in document["security_groups"] for name in item.rules)
    assert item.why


@pytest.mark.parametrize("item", BY_VIP, ids=lambda item: item.name)
def test_engine_and_first_walker_know_the_ways_by_a_public_clb(item: Situation) -> None:
    """Rows 1 to 3: what was asked before is answered as before."""
    question = {"client": item.source[1], "vip": item.door[1], "port": item.port}
    answer, second = trace(Snapshot(item.document()), Question(**question)), walk(item.document(), question)

    assert {MET[(each.kind, each.status)] for each in answer.symptoms} == {item.outcome}
    assert {MET[each[:2]] for each in second.symptoms} == {item.outcome}
