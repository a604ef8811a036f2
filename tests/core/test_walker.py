"""The walker's parts, its independence, and that the random worlds reach every branch."""

import re
from collections import Counter
from pathlib import Path

import pytest
from connection_comparison import OF_CONNECTIONS
from walker_answers import first_answers
from walker_clb import forwarding_rule
from walker_comparison import FEATURES
from walker_requests import DELIVERED, DROPPED, REFUSED, layer4, layer7, sets_in_use

from drilllib.core.trace.codes import Assumption
from tests.thorough import how_many

CHUNKS = range(how_many(1, thorough=3))
FORWARDING = [
    *(("shop.example.com", "/", "exact"), ("SHOP.example.com", "/x", "exact"), ("a.example.com", "/", "suffix")),
    *(("a.b.example.com", "/", "suffix"), ("shop.example.org", "/", "prefix"), ("other.test", "/", "default")),
    *(("shop.example.com", "/a", "="), ("shop.example.com", "/a/b", "longer"), ("shop.example.com", "/c/d", "^~")),
    ("regex.test", "/", "default"),
]


@pytest.mark.parametrize(("host", "path", "name"), FORWARDING)
def test_a_forwarding_rule_is_chosen_by_host_then_path(host: str, path: str, name: str) -> None:
    rules = [
        *({"Domain": "shop.example.com", "Url": "/", "LocationId": "exact"},),
        *({"Domain": "shop.example.com", "Url": "=/a", "LocationId": "="},),
        *({"Domain": "shop.example.com", "Url": "/a/", "LocationId": "longer"},),
        *({"Domain": "shop.example.com", "Url": "^~/c", "LocationId": "^~"},),
        *({"Domain": "shop.example.com", "Url": "/c/d", "LocationId": "plain"},),
        *({"Domain": "*.example.com", "Url": "/", "LocationId": "suffix"},),
        *({"Domain": "shop.*", "Url": "/", "LocationId": "prefix"},),
        *({"Domain": "default.test", "Url": "/", "LocationId": "default", "DefaultServer": True},),
    ]

    assert forwarding_rule({"Rules": rules}, host, path)["LocationId"] == name


def test_a_regular_expression_that_might_win_decides_nothing() -> None:
    rules = [{"Domain": "~^shop", "Url": "/"}, {"Domain": "a.test", "Url": "/", "DefaultServer": True}]
    paths = [{"Domain": "a.test", "Url": url} for url in ("/", "~ ^/b", "=/a", "^~/c")]

    assert forwarding_rule({"Rules": rules}, "shop.test", "/") is None
    assert forwarding_rule({"Rules": rules}, "a.test", "/") is rules[1]
    assert [forwarding_rule({"Rules": paths}, "a.test", path) for path in ("/a", "/c", "/b")] == [*paths[2:], None]


OK, GONE, NO, EITHER = (frozenset(ends) for ends in ({DELIVERED}, {DROPPED}, {REFUSED}, {DELIVERED, DROPPED}))


@pytest.mark.parametrize(
    ("ends", "verdict", "symptoms"),
    [
        ((OK,), "reachable", {(200, 0.0)}),
        ((OK, GONE), "reachable", {(200, 0.0), (200, 4.0)}),
        ((OK, GONE, NO, GONE), "reachable", {(200, 0.0), (200, 8.0)}),
        ((EITHER,), "intermittent", {(200, 0.0), (504, 4.0)}),
        ((EITHER, EITHER), "intermittent", {(200, 0.0), (200, 4.0), (504, 8.0)}),
        ((GONE, GONE), "unreachable", {(504, 8.0)}),
        ((GONE, NO), "unreachable", {(504, 4.0), (502, 4.0)}),
        ((NO,), "unreachable", {(502, 0.0)}),
    ],
)
def test_layer_7_tries_every_order_and_every_end(ends: tuple, verdict: str, symptoms: set) -> None:
    assert layer7(ends) == (verdict, {("http", *symptom) for symptom in symptoms})


def test_layer_4_makes_one_attempt() -> None:
    assert layer4([OK, GONE], "TCP") == ("intermittent", {("http", 200, 0.0), ("connect_timeout", None, None)})


@pytest.mark.parametrize(
    ("health", "sets"),
    [
        (["Alive", "Dead"], [(0,)]),
        (["Close", "Alive"], [(0, 1)]),
        (["Dead", "Dead"], [(0, 1)]),
        (["Dead", "Unknown"], [(0, 1), (1,)]),
        (["Alive", "Unknown"], [(0,), (0, 1)]),
        ([], [()]),
    ],
)
def test_targets_in_use_follow_from_health(health: list[str], sets: list[tuple]) -> None:
    assert sets_in_use(health) == sets


def test_the_witness_imports_nothing_of_the_engine() -> None:
    """What the walker took from the engine it could not testify about."""
    folder = Path(__file__).parent
    witnesses = {"reference.py", *(path.name for path in [*folder.glob("worlds*.py"), *folder.glob("walker*.py")])}
    witnesses -= {"walker_answers.py", "walker_comparison.py", "walker_labs.py", "walker_broken_engine.py"}

    imported = {
        name for name in witnesses if re.search(r"^\s*(from|import) drilllib", (folder / name).read_text(), re.M)
    }

    assert len(witnesses) >= 13
    assert imported == set()


# The share of a sample in which each must occur, or comparing says little about it.
VERDICTS = {"reachable": 0.11, "unreachable": 0.2, "intermittent": 0.02, "undetermined": 0.1}
SYMPTOMS = {
    *(("http", 200), ("http", 502), ("http", 504), ("connect_timeout", None), ("refused", None)),
}
UDP_SYMPTOMS = {("no_answer", None), ("port_unreachable", None), ("answered", None)}
BLOCKERS = {
    *(("clb", "RULE_MATCHED"), ("clb", "NO_RULE_MATCHED"), ("clb", "NO_LISTENER"), ("clb", "NO_TARGETS")),
    *(("node", "RULE_MATCHED"), ("node", "NO_RULE_MATCHED"), ("node", "NODEPORT_NOT_IN_USE")),
    *(("node", "NO_ENDPOINTS"), ("node", "NO_LOCAL_ENDPOINT"), ("node", "INSTANCE_NOT_RUNNING")),
    *(("node", "PORT_NAME_DIFFERS"), ("node", "TARGET_PORT_NAME_UNKNOWN"), ("pod", "INSTANCE_NOT_RUNNING")),
    *(("pod", "RULE_MATCHED"), ("pod", "NO_RULE_MATCHED"), ("pod", "PORT_NOT_LISTENING")),
}
# Only under `--semantics original`, which the walker does not know.
ORIGINAL = {
    *(Assumption.LOCAL_DELIVERY_CROSSES_POD_ENI, Assumption.NODE_ADDRESS_REACHES_POD_AS_CLIENT),
    Assumption.TCP_LISTENER_ANSWERS_504,
}


def test_the_random_worlds_reach_every_branch() -> None:
    """Agreement means little if all questions meet the same end."""
    verdicts, blockers, symptoms, health, assumptions = Counter(), Counter(), Counter(), Counter(), Counter()
    used, hypothetical = Counter(), Counter()
    sample = [answer for chunk in CHUNKS for answer in first_answers(chunk)]
    for answer in sample:
        found = answer.engine
        verdicts[found.verdict] += 1
        blockers.update({(hop, reason) for hop, _, _, _, _, reason, _ in found.blockers})
        hypothetical.update({later for *_, later in found.blockers})
        symptoms.update({(kind, status) for kind, status, _ in found.symptoms})
        health.update(set(found.health))
        assumptions.update(answer.assumptions)
        used.update(answer.used)

    expected_symptoms = SYMPTOMS | (UDP_SYMPTOMS if "udp" in FEATURES else set())
    assert {name for name, share in VERDICTS.items() if verdicts[name] < len(sample) * share} == set()
    assert {name for name in BLOCKERS if blockers[name] < len(sample) * 0.004} == set()
    assert {later for later in (False, True) if hypothetical[later] < len(sample) * 0.05} == set()
    assert {name for name in expected_symptoms if symptoms[name] < len(sample) * 0.01} == set()
    assert {name for name in ("Alive", "Dead", "Unknown", "Close") if health[name] < len(sample) * 0.03} == set()
    elsewhere = ORIGINAL | OF_CONNECTIONS | {Assumption.SUBNET_IS_AROUND_ADDRESS}  # that one is a fix's
    of_traces = set(Assumption) - elsewhere
    assert {code for code in of_traces if assumptions[code] < len(sample) * 0.001} == set()
    assert {name for name in FEATURES if used[name] < len(sample) * 0.008} == set()
