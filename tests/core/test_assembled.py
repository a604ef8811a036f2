"""Answers of APIs joined into a snapshot: the engine answers as of the whole objects, and nothing else is kept."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from answers_of import answers_of
from full_objects import full
from worlds import world

from drilllib.core.capture.asks import Answer, Wanted
from drilllib.core.capture.join import assembled
from drilllib.core.capture.naming import named
from drilllib.core.capture.recognise import recognised
from drilllib.core.diagnosis.unknowns import alone
from drilllib.core.drills import faults
from drilllib.core.drills.default_lab import default_lab
from drilllib.core.facts import FactCode
from drilllib.core.snapshot.anonymous.anonymous import anonymous
from drilllib.core.snapshot.anonymous.texts import network_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from tests.thorough import how_many

# One Service of a namespace `edge` in the shapes of the vendor's own examples of tccli and of kubectl, with addresses
# for documentation, by somebody who joined them by hand; the objects' times, sizes and prices are left out here.
BY_HAND = Path(__file__).parent / "by_hand"
SECRET = "example-secret-value"  # in the environment of both pods
UNREAD_POLICIES = FactCode.UNREAD_POLICIES  # no file by hand has a list of them
WORLDS = range(how_many(40, thorough=300, long=2000))


def with_policies_read(snapshot: Snapshot) -> Snapshot:
    """Known to be all that the namespace has."""
    return Snapshot({**snapshot.to_dict(), "complete": {"kubernetes": ["edge/NetworkPolicy"]}})


def saved(folder: Path) -> list[Answer]:
    """What is recognised in every file of a folder."""
    return [
        answer
        for path in sorted(folder.iterdir())
        for answer in recognised(yaml.safe_load(path.read_text(encoding="utf-8")), path.name)
    ]


def asked(snapshot: Snapshot, question: Question) -> dict[str, Any]:
    return trace(snapshot, question).to_dict()


@pytest.mark.parametrize("chunk", range(2))
def test_random_worlds_are_answered_as_by_their_whole_objects(chunk: int) -> None:
    """Joined from answers, with only what is kept, the engine says of a world what it says of the world itself."""
    for seed in WORLDS[chunk::2]:
        case = world(seed)
        case.document.pop("partial", None)  # here everything is read
        _as_a_cluster_is_told(case.document.get("cluster") or {})
        question = Question(**case.question)
        joined = assembled(answers_of(case.document), Wanted(region=case.document.get("region") or ""))
        found = {**joined.document, "semantics": case.document.get("semantics")}

        assert asked(Snapshot(found), question) == asked(Snapshot(case.document), question), seed


def _as_a_cluster_is_told(cluster: dict[str, Any]) -> None:
    """No call tells that nothing enforces policies; an id is always told; a Property that is no JSON goes."""
    cluster.pop("networkpolicy", None)
    if cluster:
        cluster.setdefault("ClusterId", "cls-lab00001")
    if cluster.get("Property"):
        cluster["Property"] = network_of(cluster["Property"])


@pytest.mark.parametrize("name", faults.FAULTS)
def test_every_fault_of_the_course_is_answered_as_by_its_whole_objects(name: str) -> None:
    snapshot = faults.open_fault(name, listener="TCP" if "tcp" in name else "HTTP")
    question = Question(client="203.0.113.10", service="shop/web")
    joined = assembled(answers_of(snapshot.to_dict()), Wanted())

    assert asked(Snapshot(joined.document), question) == asked(snapshot, question)


def test_of_objects_with_every_field_only_what_is_read_is_kept() -> None:
    document = default_lab()
    full(document)
    joined = assembled(answers_of(document), Wanted())
    question = Question(client="203.0.113.10", service="shop/web")

    assert asked(Snapshot(joined.document), question) == asked(Snapshot(document), question)
    assert joined.withheld["Pod.spec.containers.env"] > 0
    assert joined.withheld["Service.metadata.annotations.*"] > 0
    assert len(json.dumps(joined.document)) * 2 < len(json.dumps(document))


def test_one_service_by_hand_needs_no_transformation() -> None:
    """Sixteen files as tccli and kubectl wrote them, against twelve steps and ten errors by hand."""
    joined = assembled(named(saved(BY_HAND)), Wanted())
    snapshot = Snapshot(joined.document)
    answer = trace(snapshot, Question(client="203.0.113.10", service="edge/gateway"))

    assert (answer.verdict, [alone(each).code for each in answer.gaps]) == (Verdict.UNDETERMINED, [UNREAD_POLICIES])
    assert (
        trace(with_policies_read(snapshot), Question(client="203.0.113.10", service="edge/gateway")).verdict
        is Verdict.REACHABLE
    )
    kinds = (
        "Cluster Addon LoadBalancer Instance NetworkInterface SecurityGroup Listener ListenerHealth EndpointSlice Node"
    )
    assert {each.kind: each.count for each in joined.understood} == dict(
        zip([*kinds.split(), "Pod", "Service"], (1, 1, 1, 3, 6, 4, 1, 1, 1, 3, 2, 1), strict=True)
    )
    assert not joined.conflicts
    assert snapshot.region == "ap-guangzhou"


def test_a_rule_by_hand_that_is_taken_away_stops_the_client() -> None:
    """The answer comes from the files: without the rule of the nodes' group there is none to let the client in."""
    answers = saved(BY_HAND)
    for each in answers:
        if each.source.endswith("sg-node0001.json"):
            each.pages[0]["SecurityGroupPolicySet"]["Ingress"].clear()
    answer = trace(
        Snapshot(assembled(named(answers), Wanted()).document), Question(client="203.0.113.10", service="edge/gateway")
    )

    assert answer.verdict is Verdict.UNREACHABLE
    assert {each.hop for each in answer.blockers} == {"node"}


def test_values_of_an_add_on_in_another_shape_are_not_read_and_said() -> None:
    joined = assembled(named(saved(BY_HAND)), Wanted())

    assert "eniipamd" not in joined.document["cluster"]
    assert [each.what for each in joined.gaps] == ["cluster.eniipamd"]


def test_a_secret_in_the_files_is_in_nothing_that_is_made_of_them() -> None:
    answers = saved(BY_HAND)
    assert SECRET in str(answers)

    assert SECRET not in str(assembled(named(answers), Wanted()))


def test_what_was_assembled_can_be_given_away() -> None:
    """Under other names the engine says the same."""
    snapshot = Snapshot(assembled(named(saved(BY_HAND)), Wanted()).document)
    found = anonymous(snapshot, addresses=["203.0.113.10"])
    names = found.replaced
    there = Question(client=names.get("203.0.113.10", "203.0.113.10"), service=f"{names['edge']}/{names['gateway']}")

    assert [alone(each).code for each in trace(found.snapshot, there).gaps] == [UNREAD_POLICIES]
    assert not {"edge", "gateway", "lb-f1e2d3c4", "192.0.2.30"} & set(json.dumps(found.snapshot.to_dict()).split('"'))
