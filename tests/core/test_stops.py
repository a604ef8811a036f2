"""What stops intended clients is told rule by rule, and none hides behind another."""

from ipaddress import ip_address, ip_network
from random import Random

import pytest
from fix_cases import case_of, snapshot_of
from fix_labs import random_lab

from drilllib.core.fix.proposals import fix
from drilllib.core.fix.stops import blockers_of, overridden, stops_of, what_is_asked
from drilllib.core.rules.rules import Action, Flow, decide
from drilllib.core.sets.boxes import boxes
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from tests.thorough import how_many

ASKED = Question(service="shop/web")
LABS = how_many(24, thorough=50, long=80)


@pytest.mark.parametrize("chunk", range(2))
def test_every_flow_of_a_stop_is_dropped_by_its_rule(chunk: int) -> None:
    """And what no stop holds is accepted, or nobody knows."""
    met = 0
    for seed in range(chunk, LABS, 2):
        document, clients = random_lab(Random(seed))
        snapshot = Snapshot(document)
        answer = fix(snapshot, ASKED, [ip_network(each) for each in clients])
        stops = stops_of(snapshot, answer.needs)
        for need in answer.needs:
            mine = [each for each in stops if what_is_asked(each.need) == what_is_asked(need)]
            for box in boxes(need.meant):
                for number in (box.first, box.last, (box.first + box.last) // 2):
                    flow = Flow(protocol=need.protocol, peer=ip_address(number), port=need.port)
                    made = decide([snapshot.group(name) for name in need.groups], need.direction, flow)
                    told = [(each.group, each.index) for each in mine if flow in each.flows]
                    if made.action is Action.DROP:
                        assert told == [(made.group or "", made.policy_index or 0)], seed
                        met += 1
                    elif made.action is Action.ACCEPT:
                        assert not told, seed
    assert met > LABS


def test_every_stop_of_clients_is_named_by_one_of_the_blockers() -> None:
    met = 0
    for seed in range(LABS):
        case, answer = case_of(seed)
        snapshot = snapshot_of(case)
        stops = stops_of(snapshot, answer.needs)
        checks = [each.check for each in blockers_of(snapshot, stops, answer.before)]
        named = {(each.group, each.direction, each.policy_index) for each in checks if each.group}
        wanted = [each for each in stops if each.need.who == "clients" and each.rule]
        assert {each.spot for each in wanted} <= named, seed
        met += len(wanted)
    assert met > LABS / 4


def test_a_rule_that_goes_is_not_overridden() -> None:
    """Nor is the default deny, which names nobody."""
    met = 0
    for seed in range(LABS):
        _, answer = case_of(seed)
        for proposal in answer.proposals:
            gone = {(each.group, each.direction, each.place) for each in proposal.changes if each.old}
            for each in overridden(answer.stops, proposal.changes):
                assert each.spot not in gone
                assert not each.rule.text.startswith("DROP ALL 0.0.0.0/0")
                met += 1
    assert met > LABS / 8
