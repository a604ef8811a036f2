"""Expectations between workloads: read strictly, and held against what each connection really meets."""

from fnmatch import fnmatchcase
from random import Random
from typing import Any

import pytest
from connection_scenes import group, scene
from worlds_connections import world

from drilllib.core.check.doors import DoorCase
from drilllib.core.check.expectations import SCHEMA, read_expectations
from drilllib.core.check.outcomes import Outcome, verify
from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.reach.doors import sources_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import DrillError, InvalidInputError
from tests.thorough import how_many

B = {"to": "pod/shop/b", "port": 8080}
FROM_A = group(("ACCEPT TCP 8080 10.0.2.1",))  # shop/a alone


def outcome(snapshot: Snapshot, **item: Any) -> Outcome:
    document = {"schema": SCHEMA, "expectations": [item]}
    return verify(snapshot, read_expectations(document))[0]


def guarded() -> Snapshot:
    """shop/b lets in shop/a, and whatever is on its node."""
    document = scene()
    document["security_groups"]["sg-pod-b"] = FROM_A
    return Snapshot(document)


@pytest.mark.parametrize(
    ("kind", "sources", "excepted", "expected"),
    [
        ("allow", ["pod/shop/a"], [], "holds"),
        ("allow", ["pod/shop/*"], [], "fails"),
        ("allow", ["pod/shop/*"], ["pod/shop/near", "pod/shop/[st]"], "holds"),
        ("forbid", ["pod/shop/*"], ["pod/shop/a"], "holds"),
        ("forbid", ["pod/*/*"], ["pod/shop/a"], "fails"),  # kube-system/dns is on its node
        ("forbid", ["node/*"], ["node/node-b"], "holds"),
        ("forbid", ["node/*", "203.0.113.0/24"], ["node/node-b"], "holds"),
        ("forbid", ["0.0.0.0/0"], [], "holds"),
        ("allow", ["10.0.9.0/24"], [], "fails"),
    ],
)
def test_who_may_ask_a_pod(kind: str, sources: list, excepted: list, expected: str) -> None:
    found = outcome(guarded(), **{kind: {**B, "from": sources, "except": excepted}})

    assert str(found.status) == expected


def test_what_fails_names_all_and_what_happens_to_one() -> None:
    found = outcome(guarded(), allow={**B, "from": ["pod/shop/*"]}).to_dict()

    (case,) = found["counterexamples"]
    assert (found["to"], case["status"]) == ("pod/shop/b", "fails")
    assert case["sources"] == ["pod/shop/near", "pod/shop/s", "pod/shop/t"]
    assert case["example"]["client"] == "pod/shop/near"
    assert case["example"]["verdict"] == "unreachable"
    assert case["example"]["blocker"]["name"] == "shop/b"


def test_a_service_is_asked_by_its_only_port_and_several_pods_by_a_pattern() -> None:
    assert str(outcome(guarded(), allow={"to": "svc/shop/web", "from": ["pod/shop/a"]}).status) == "holds"
    found = outcome(guarded(), forbid={"to": "pod/shop/*", "port": 8080, "from": ["pod/shop/near"]})

    doors = {case.trace.question.door for case in found.cases if isinstance(case, DoorCase)}
    assert "pod/shop/b" not in doors
    assert "pod/shop/a" in doors


def test_what_is_not_known_neither_holds_nor_fails() -> None:
    document = scene()
    document["security_groups"].pop("sg-pod-b")
    found = outcome(Snapshot(document), allow={**B, "from": ["pod/shop/a"]})

    assert str(found.status) == "undetermined"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({**B, "from": ["pod/shop/nobody-*"]}, "pod/shop/nobody-*"),
        ({**B, "from": ["pod/shop/a"], "except": ["pod/shop/*"]}, "nobody"),
        ({**B, "from": []}, "from is empty"),
        ({**B, "from": ["shop/a"]}, "shop/a"),
        ({"to": "pod/shop/b", "from": ["pod/shop/a"]}, "No port"),
        ({"to": "pod/shop/c", "port": 80, "from": ["pod/shop/a"]}, "shop/c"),
        ({"to": "node/none-*", "port": 80, "from": ["pod/shop/a"]}, "node/none-*"),
        ({**B, "port": 0, "from": ["pod/shop/a"]}, "port is 0"),
        ({**B, "protocol": "ICMP", "from": ["pod/shop/a"]}, "ICMP"),
        ({**B, "ports": "80", "from": ["pod/shop/a"]}, "ports"),
        ({"to": "198.51.100.7", "port": 80, "from": ["203.0.113.0/24"]}, "198.51.100.7"),
    ],
)
def test_what_means_nothing_is_an_error_that_names_it(body: dict, words: str) -> None:
    with pytest.raises(DrillError, match="Expectation 1") as error:
        outcome(guarded(), allow=body)
    assert words in str(error.value)


def test_a_name_is_no_block_elsewhere() -> None:
    with pytest.raises(InvalidInputError, match="pod/shop/a"):
        outcome(guarded(), allow={"service": "shop/web", "from": ["pod/shop/a"]})


def test_expectations_agree_with_single_questions() -> None:
    """Random clusters: both kinds, some sources; every counterexample is one, and who is not named is none."""
    met = set()
    for seed in range(how_many(60, thorough=200, long=2_000)):
        case, random = world(seed), Random(seed)
        snapshot, asked = Snapshot(case.document), case.question
        names = [name for name in sources_of(snapshot) if name != asked["door"]]
        kind, pattern = random.choice(("allow", "forbid")), random.choice(("*", "pod/*", "node/*"))
        if not any(fnmatchcase(name, pattern) for name in names):
            continue
        about = {"to": asked["door"], "port": asked["port"], "protocol": asked["protocol"]}
        if "/" not in pattern:
            pattern = "pod/*" if any(name.startswith("pod/") for name in names) else "node/*"
        try:
            found = outcome(snapshot, **{kind: {**about, "from": [pattern]}})
        except DrillError:
            continue  # such as a port beside a VIP that it does not listen on
        against = {name: str(each.status) for each in found.cases for name in each.sources}
        for name in (each for each in names if fnmatchcase(each, pattern)):
            single = Connection(client=name, door=asked["door"], port=asked["port"], protocol=asked["protocol"])
            verdict = str(trace(snapshot, single).verdict)
            wrong = verdict != ("reachable" if kind == "allow" else "unreachable")
            expected = None if not wrong else "undetermined" if verdict == "undetermined" else "fails"
            assert against.get(name) == expected, (seed, name, kind)
            met.add((kind, expected))

    assert {(kind, each) for kind in ("allow", "forbid") for each in (None, "fails", "undetermined")} <= met
