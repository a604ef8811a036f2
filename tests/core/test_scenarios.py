"""Scenarios between two workloads: what is wrong in each, right repairs that pass, wrong ones that do not."""

from pathlib import Path

import pytest

from drilllib.core.check.connections import ConnectionCheck, check_connections, connection_of
from drilllib.core.connection.follow import trace
from drilllib.core.drills.scenario import Scenario
from drilllib.core.drills.scenarios import SCENARIOS, scenario
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.snapshot.edits import rules_of, with_binding, with_rules
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import UnknownNameError
from tests.core.scenario_wrongs import WRONG, Edit, Wrong, put
from tests.core.scenario_wrongs_clb import WRONG_BEHIND_CLB

ALL = pytest.mark.parametrize("each", SCENARIOS.values(), ids=SCENARIOS)
BLOCKERS = {  # the lists that stop it, in the order met: what each row of the matrix says
    "pod-to-pod": [("pod", "db/mysql-0", "ingress", "10.0.36.11", 3306)],
    "pod-egress": [("pod", "shop/web-1", "egress", "10.0.36.12", 3306)],
    "nodeport": [
        ("node", "node-a", "ingress", "10.1.0.5", 30306),
        ("pod", "db/mysql-0", "ingress", "10.0.35.11", 3306),
    ],
    "node-to-pod": [
        ("node", "node-a", "egress", "10.0.36.12", 3306),
        ("pod", "db/mysql-0", "ingress", "10.0.35.11", 3306),
    ],
    "super-node": [("pod", "db/mysql-0", "ingress", "10.0.36.11", 3306)],
    "global-router": [("pod", "db/mysql-0", "ingress", "172.17.0.11", 3306)],
    "global-router-node": [
        ("node", "node-a", "egress", "172.17.1.12", 3306),
        ("pod", "db/mysql-0", "ingress", "10.0.35.11", 3306),
    ],
    "private-clb": [("pod", "db/mysql-0", "ingress", "10.0.35.11, 10.0.36.11, 10.0.36.4", 3306)],
    "global-router-direct": [("pod", "shop/web-1", "ingress", "203.0.113.10", 8080)],
    "global-router-clb": [("pod", "shop/web-1", "ingress", "10.0.35.11", 8080)],
    "super-node-direct": [("pod", "shop/web-1", "ingress", "203.0.113.10", 8080)],
}
BY_A_PROXY = {"global-router-clb": 504}  # an HTTP listener answers; everywhere else the packet is gone


def edited(snapshot: Snapshot, *edits: Edit) -> Snapshot:
    for group, direction, line, place in edits:
        rules = list(rules_of(snapshot, group, direction))
        rules.insert(place, rule_from_text(line))
        snapshot = with_rules(snapshot, group, direction, rules)
    return snapshot


def repaired(one: Scenario) -> Snapshot:
    return edited(one.open(), *(put(each.group, each.rule, each.direction, each.place) for each in one.reference))


def told(check: ConnectionCheck) -> list[tuple[str, str]]:
    """Each aspect that does not hold, with what speaks against it."""
    failing = [each for each in check.answers if not each.holds]
    return [(each.aspect, str(each.fails or (each.against and each.against.text))) for each in failing]


@ALL
def test_the_planted_lists_stop_it_and_nothing_else(each: Scenario) -> None:
    """Symptom and blockers of the matrix: at these lists, asked about these addresses."""
    answer = trace(each.open(), connection_of(each.ends))
    met = [(b.hop, b.name, b.check.direction, str(b.check.peer), b.check.port) for b in answer.blockers if b.check]

    assert answer.verdict is Verdict.UNREACHABLE
    assert [symptom.status or symptom.kind for symptom in answer.symptoms] == [
        BY_A_PROXY.get(each.name, "connect_timeout")
    ]
    assert met == BLOCKERS[each.name]


@ALL
def test_the_reference_repair_passes(each: Scenario) -> None:
    assert told(check_connections(repaired(each), each)) == []


@ALL
def test_each_step_of_the_reference_is_needed(each: Scenario) -> None:
    """A step more than needed would be a rule too many in somebody's account."""
    steps = [put(one.group, one.rule, one.direction, one.place) for one in each.reference]
    for left_out in steps:
        rest = [one for one in steps if one is not left_out]
        assert not check_connections(edited(each.open(), *rest), each).passed


@pytest.mark.parametrize("wrong", [*WRONG, *WRONG_BEHIND_CLB], ids=lambda wrong: f"{wrong.scenario}: {wrong.name}")
def test_a_wrong_repair_fails_with_what_shows_it(wrong: Wrong) -> None:
    found = check_connections(edited(scenario(wrong.scenario).open(), *wrong.edits), scenario(wrong.scenario))

    assert not found.passed
    assert told(found)[0] == (wrong.aspect, wrong.against)


@ALL
def test_an_interface_without_groups_passes_nowhere(each: Scenario) -> None:
    """With no group bound everything gets in: the connection works, and so does everybody else's."""
    for resource in [place.resource for place in each.may]:
        assert not check_connections(with_binding(repaired(each), resource, []), each).passed


def test_the_narrowest_repair_passes_too() -> None:
    """The ticket lets the learner choose: the pod's own address, or the block of pods."""
    one = scenario("pod-to-pod")
    assert check_connections(edited(one.open(), put("sg-mysql001", "ACCEPT TCP 10.0.36.11 3306")), one).passed


def test_an_unknown_scenario_is_told_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="pod-to-pod"):
        scenario("pod-to-moon")


@ALL
def test_the_page_of_scenarios_has_each_as_it_is(each: Scenario) -> None:
    """What a reader chooses by."""
    page = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    asks = f"`{each.ends.source}` to `{each.ends.door}:{each.ends.port}`"
    assert f"| `{each.name}` | {each.rows} | {each.level} | {asks} | {each.cause} |" in page.splitlines()
