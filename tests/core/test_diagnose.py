"""A diagnosis names what worlds know of themselves by construction, and never claims what a missing fact may change."""

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from drilllib.core.diagnosis.answer import Diagnosis
from drilllib.core.diagnosis.diagnose import diagnose, diagnose_services
from drilllib.core.diagnosis.document import diagnoses_document, diagnosis_document
from drilllib.core.diagnosis.unknowns import Result
from drilllib.core.drills.default_lab import default_lab
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import Cause, CauseKind, World
from drilllib.core.practice.proof import REASONS
from drilllib.core.rules.edits import Edit
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import DrillError, InvalidInputError
from drilllib.practice.library import drill, names
from tests.core.forgettings import is_excepted, name_of, places, without
from tests.thorough import how_many

CLIENT = "203.0.113.10"
ASKED = Question(service="shop/web")
WORLDS = [
    (name, level, seed) for name in names() for level in (1, 2) for seed in range(how_many(1, thorough=6, long=40))
]
SCHEMA = Draft202012Validator(json.loads((Path(__file__).parents[2] / "docs/diagnosis.schema.json").read_text()))


def world_of(name: str, seed: int, level: int) -> World:
    played = drill(name)
    return make_world(played, seed, level if level in played.levels else played.levels[0])


@pytest.mark.parametrize(("name", "level", "seed"), WORLDS)
def test_a_diagnosis_names_each_cause_that_was_planted(name: str, level: int, seed: int) -> None:
    """The world knows its cause from how it was made; hop, group and rule have to be these, or the kind's reason."""
    world = world_of(name, seed, level)
    found = diagnose(world.snapshot, world.question, [world.question.client])

    for cause in world.causes:
        assert is_named(found, world.snapshot, cause), cause
    if world.causes and found.verdict is not Verdict.REACHABLE:
        assert found.clients[0].stop is not None
    if world.causes and all(cause.kind is CauseKind.GROUP for cause in world.causes):
        assert found.repair is not None
        assert found.repair.works


def is_named(found: Diagnosis, snapshot: Snapshot, cause: Cause) -> bool:
    answers = [client.answer for client in found.clients]
    probes = [each.blocker for answer in answers for each in answer.health if each.blocker]
    blockers = [*(each for answer in answers for each in answer.blockers), *probes]
    if cause.kind is not CauseKind.GROUP:
        return any(each.reason is REASONS[cause.kind] for each in blockers)
    rules = {(each.check.direction, each.check.group, each.check.policy_index) for each in blockers if each.check}
    return (cause.direction, cause.group if cause.rule is not None else None, cause.rule) in rules


@pytest.mark.parametrize("fault", FAULTS)
def test_the_document_is_as_its_schema_says(fault: str) -> None:
    snapshot = open_fault(fault)
    found = diagnose(snapshot, ASKED, [CLIENT, "198.51.100.9"])

    SCHEMA.validate(json.loads(json.dumps(diagnosis_document(snapshot, found))))
    SCHEMA.validate(json.loads(json.dumps(diagnoses_document(snapshot, diagnose_services(snapshot, [CLIENT])))))


def test_the_schema_refuses_another_document() -> None:
    """A schema that takes anything describes nothing."""
    document = diagnosis_document(snapshot := open_fault("group-2"), diagnose(snapshot, ASKED, [CLIENT]))
    for change in ({"verdict": "fine"}, {"more": 1}, {"clients": []}):
        assert not SCHEMA.is_valid(json.loads(json.dumps({**document, **change})))


def test_what_a_missing_group_could_change_is_what_it_changes() -> None:
    """The witness is a trace with the rules put back, once such that all pass, and once such that none does."""
    document = default_lab()
    for group in ("sg-clb00001", "sg-node0001", "sg-pod00001"):
        half = deepcopy(document)
        half["security_groups"][group]["SecurityGroupPolicySet"].pop("Ingress")
        found = diagnose(Snapshot(half), ASKED, [CLIENT])
        (unknown,) = found.unknown
        assert unknown.decides
        for action, result in (("ACCEPT", unknown.if_passes), ("DROP", unknown.if_stops)):
            filled = deepcopy(document)
            filled["security_groups"][group]["SecurityGroupPolicySet"]["Ingress"] = [rule(action)]
            answer = trace(Snapshot(filled), replace(ASKED, client=CLIENT))
            assert result == Result(answer.verdict, answer.symptoms), (group, action)


def rule(action: str) -> dict[str, Any]:
    return {"PolicyIndex": 0, "Protocol": "ALL", "Port": "ALL", "CidrBlock": "0.0.0.0/0", "Action": action}


def test_what_else_is_missing_stays_open() -> None:
    """With one group's rules known to let pass, those of the two others may still drop."""
    document = default_lab()
    for group in document["security_groups"].values():
        group["SecurityGroupPolicySet"].pop("Ingress")
    found = diagnose(Snapshot(document), ASKED, [CLIENT])

    assert len(found.unknown) == 3
    for each in found.unknown:
        assert each.if_passes is not None
        assert each.if_stops is not None
        assert (each.if_passes.verdict, each.if_stops.verdict) == (Verdict.UNDETERMINED, Verdict.UNREACHABLE)


def test_no_forgotten_fact_makes_a_claim_that_the_whole_snapshot_denies() -> None:
    """Whatever one fact is missing, the truth is what it is said to be if the fact lets pass, or if it stops."""
    documents = [default_lab(), open_fault("original-drill").to_dict(), open_fault("direct-access").to_dict()]
    step = how_many(12, thorough=1)
    for document in documents:
        truth = trace(Snapshot(document), replace(ASKED, client=CLIENT)).verdict
        for place in [each for each in places(document) if not is_excepted(name_of(document, each))][::step]:
            told = claimed(without(document, place))
            assert not told or truth in told or Verdict.UNDETERMINED in told, name_of(document, place)


def claimed(document: dict[str, Any]) -> set[Verdict]:
    """The verdicts that a diagnosis admits, where one missing fact alone decides; empty where more do, or none."""
    try:
        found = diagnose(Snapshot(document), ASKED, [CLIENT])
    except DrillError:
        return set()
    deciding = [each for each in found.unknown if each.decides]
    if len(deciding) != 1 or not (deciding[0].if_passes and deciding[0].if_stops):
        return set()
    return {deciding[0].if_passes.verdict, deciding[0].if_stops.verdict}


def test_an_undetermined_answer_says_what_to_read_next() -> None:
    document = default_lab()
    group = "sg-node0001"
    del document["security_groups"][group]
    snapshot = Snapshot({**document, "region": "ap-x"})
    found = diagnose(snapshot, ASKED, [CLIENT])

    assert found.verdict is Verdict.UNDETERMINED
    assert [str(each.line(snapshot)) for each in found.looks] == [
        f"tccli vpc DescribeSecurityGroupPolicies --region ap-x --SecurityGroupId {group}"
    ]


@pytest.mark.parametrize("part", ["listeners", "load_balancers", "kubernetes", "instances", "network_interfaces"])
def test_a_part_that_was_not_read_leads_to_a_look(part: str) -> None:
    """A namespace reader who was refused everything else still learns what to ask for."""
    document = default_lab()
    del document[part]
    document.pop("complete", None)
    found = diagnose(Snapshot(document), ASKED, [CLIENT])

    assert found.verdict is Verdict.UNDETERMINED
    assert found.looks


def test_who_gets_through_already_needs_no_rule() -> None:
    found = diagnose(open_fault("healthy"), ASKED, [CLIENT, "198.51.100.9"])

    assert [each.answer.verdict for each in found.clients] == [Verdict.REACHABLE, Verdict.UNREACHABLE]
    assert found.repair is not None
    assert {block for each in found.repair.before for block in each.sources} == {"198.51.100.9/32"}


def test_the_repair_is_for_those_who_fail_from_outside() -> None:
    found = diagnose(open_fault("first-steps"), ASKED, [CLIENT, "10.0.36.12", "10.0.35.11"])

    assert found.worst.address == CLIENT
    assert found.repair is not None
    assert found.repair.works
    assert {block for each in found.repair.before for block in each.sources} == {f"{CLIENT}/32"}


@pytest.mark.parametrize("others", [["203.0.113.20"], ["198.51.100.7", "192.0.2.3"]])
def test_several_clients_are_let_in_and_next_to_nobody_else(others: list[str]) -> None:
    """Deleting the DROP of all is one edit and lets 510 others in; a rule for each client is more, and opens less."""
    snapshot = open_fault("group-2")
    found = diagnose(snapshot, ASKED, [CLIENT, *others]).repair
    assert found
    best, *below = found.proposals

    assert found.works
    assert {each.edit for each in best.changes} == {Edit.INSERT}
    assert best.cost[1] == 1 + len(others)  # each at the other node's port, which has the same group
    assert any(each.cost[0] < best.cost[0] and each.cost[1] > 500 for each in below)
    for client in (CLIENT, *others):
        asked = replace(ASKED, client=client)
        assert trace(best.made(snapshot), asked).verdict is Verdict.REACHABLE


def test_a_client_inside_gets_an_answer_and_the_others_a_repair() -> None:
    snapshot = open_fault("group-3")
    found = diagnose(snapshot, ASKED, [CLIENT, "10.0.35.12"])
    alone = diagnose(snapshot, ASKED, ["10.0.35.12"])

    assert [each.answer.question.client for each in found.clients] == [CLIENT, "10.0.35.12"]
    assert found.repair is not None
    assert alone.repair is None
    assert "outside of the cluster" in str(alone.no_repair)


@pytest.mark.parametrize("clients", [[], [f"203.0.113.{number}" for number in range(51)], ["web"], ["127.0.0.1"]])
def test_clients_that_cannot_be_asked_about_are_refused(clients: list[str]) -> None:
    with pytest.raises(InvalidInputError):
        diagnose(open_fault("healthy"), ASKED, clients)
