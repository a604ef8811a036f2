"""Connections between workloads: what a real connect meets is what the engine says, in every network and scenario."""

import random
from collections.abc import Iterator

import pytest
from real import SLOWNESS, needs_real_packets

from drilllib.core.check.connections import connection_of
from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.drills.networks import GROUPS, NODE_PORT, PORT, SUPER_NODES, two_workloads
from drilllib.core.drills.scenario import OFFICE, Scenario
from drilllib.core.drills.scenarios import SCENARIOS
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import rules_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import LabStateError
from drilllib.labs.netns.lab import NetnsLab
from drilllib.lesson.scenario import ScenarioLesson
from tests.thorough import how_many, one_in

pytestmark = needs_real_packets

PLAYED = [each for each in SCENARIOS.values() if each.ends.door.startswith(("pod/", "node/"))]
WORLDS = {
    "shared": {},
    "shared, one node": {"on": ("node-a", "node-a")},
    "exclusive": {"mode": "tke-direct-eni"},
    "exclusive, one node": {"mode": "tke-direct-eni", "on": ("node-a", "node-a")},
    "super nodes": {"on": SUPER_NODES},
    "GlobalRouter": {"network": "GlobalRouter"},
}
SOURCES = ("pod/shop/web-1", "node/node-a", "node/node-b", OFFICE)
DOORS = (("pod/db/mysql-0", PORT), ("pod/db/mysql-0", 22), ("node/node-b", NODE_PORT), ("node/node-a", NODE_PORT))
PEERS = ("10.0.36.11", "10.0.36.0/24", "10.0.35.11", "10.0.35.0/24", "172.17.0.0/16", "10.1.0.0/24", "0.0.0.0/0")
PORTS = (str(PORT), str(NODE_PORT), "ALL")


def a_list(draw: random.Random) -> list[str]:
    """Up to three rules about what the lab has, and at times everything at the bottom, or the implicit deny."""
    rules = [
        f"{draw.choice(('ACCEPT', 'ACCEPT', 'DROP'))} TCP {draw.choice(PEERS)} {draw.choice(PORTS)}"
        for _ in range(draw.randrange(4))
    ]
    return [*rules, *draw.choice(([], ["ACCEPT ALL 0.0.0.0/0 ALL"]))]


def put(lab: NetnsLab, group: str, direction: Direction, lines: list[str]) -> None:
    lab.replace_rules(group, direction, [rule_from_text(line) for line in lines])


@pytest.fixture(params=PLAYED, ids=lambda each: each.name)
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return request.param


@pytest.fixture
def lab(scenario: Scenario) -> Iterator[NetnsLab]:
    with NetnsLab(scenario.open(), client=OFFICE, slowness=SLOWNESS) as opened:
        yield opened


def test_a_scenario_is_played_from_its_timeout_to_its_connection(lab: NetnsLab, scenario: Scenario) -> None:
    """Each step of the reference alone changes nothing; the last one lets it through."""
    asked = connection_of(scenario.ends)
    seen = [lab.probe(asked).symptom.kind]
    for step in scenario.reference:
        rules = list(rules_of(lab.snapshot(), step.group, step.direction))
        rules.insert(step.place, rule_from_text(step.rule))
        lab.replace_rules(step.group, step.direction, rules)
        seen.append(lab.probe(asked).symptom.kind)
        assert seen[-1] in {each.kind for each in trace(lab.snapshot(), asked).symptoms}

    assert (seen[0], seen[-1]) == ("connect_timeout", "connected")
    assert all(lab.probe(connection_of(each)).symptom.kind == "connected" for each in scenario.served)


@pytest.mark.parametrize("scenario", one_in(3, PLAYED), ids=lambda each: each.name)
def test_a_lesson_says_the_same_with_real_packets(scenario: Scenario, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    """The words are those of nc or mysql in both; what decides is the kernel here, the engine there."""
    monkeypatch.setenv("DRILL_SLOWNESS", str(SLOWNESS))
    real, simulated = (ScenarioLesson(scenario.name, lab=lab, solve=True) for lab in ("netns", "simulated"))
    assert isinstance(real.lab, NetnsLab)
    for step in scenario.reference:
        assert real.connect(tool="mysql").text == simulated.connect(tool="mysql").text
        for lesson in (real, simulated):
            lesson.insert(step.group, "ACCEPT ...", direction=step.direction)

    assert real.connect().text == simulated.connect().text
    assert real.connect().text.endswith("succeeded!")
    assert real.verify().passed
    real.close()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("world", WORLDS)
def test_kernel_and_engine_agree_on_random_lists(world: str) -> None:
    """Whatever stands in the lists of both ends, and whoever asks; what is undetermined is left aside."""
    draw, compared = random.Random(f"connections {world}"), 0
    with NetnsLab(Snapshot(two_workloads(**WORLDS[world])), client=OFFICE, slowness=SLOWNESS) as lab:
        for _ in range(how_many(2, thorough=12, long=300)):
            for group in GROUPS.values():
                for direction in Direction:
                    put(lab, group, direction, a_list(draw))
            source, (door, port) = draw.choice(SOURCES), draw.choice(DOORS)
            asked = Connection(client=source, door=door, port=port)
            said = trace(lab.snapshot(), asked)
            if said.verdict is Verdict.UNDETERMINED:
                continue
            try:
                met = lab.probe(asked).symptom
            except LabStateError:
                continue  # a port of the node that asks
            compared += 1
            assert met in said.symptoms, (world, asked, said.reason)
    assert compared


@pytest.mark.parametrize(
    ("source", "door", "port"),
    [
        ("pod/shop/web-1", "svc/db/mysql", PORT),
        ("pod/shop/web-1", "198.51.100.7", 443),
        ("node/node-b", "node/node-b", NODE_PORT),
        ("pod/shop/web-1", "node/node-a", NODE_PORT),
        ("10.9.9.9", "pod/db/mysql-0", PORT),
    ],
)
def test_what_the_lab_has_no_likeness_of_is_refused(source: str, door: str, port: int) -> None:
    with (
        NetnsLab(Snapshot(two_workloads()), client=OFFICE, slowness=SLOWNESS) as lab,
        pytest.raises(LabStateError, match="does not play"),
    ):
        lab.probe(Connection(client=source, door=door, port=port))
