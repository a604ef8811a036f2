"""
From attempts to requests, worked out a second time by playing every request there can be.

The engine reasons with extremes; here nothing is reasoned: every order of targets, every end of every attempt. The
second half does the same for whole labs, from the traffic rules alone, without snapshot, hops or checks.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, permutations, product

import pytest
from builders import ask, lab
from changes import (
    Change,
    egress,
    first_target_gone,
    health_check_off,
    ingress,
    keepalive,
    pass_to_target,
    probes_from_vip,
    second_target,
    weight,
)
from changes_cluster import (
    eni_groups,
    local_policy,
    no_endpoints,
    node_groups,
    pod_on_node_a,
    second_pod,
    wrong_target_port,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_PORT
from drilllib.core.snapshot.semantics import DOCUMENTED, ORIGINAL, Semantics
from drilllib.core.trace.fates import WAITS, Crowd, fates, few
from drilllib.core.trace.path import PathOutcome, Symptom, SymptomKind
from drilllib.core.trace.verdict import judge, symptoms_of, used, worst_first
from tests.thorough import how_many

GOOD, SILENT, REFUSED = PathOutcome.DELIVERED, PathOutcome.DROPPED, PathOutcome.REFUSED
Ends = dict[str, frozenset[PathOutcome]]
Met = tuple[str, float]  # what a client meets, and the seconds the CLB took

# Every request


def one_request(layer: int, attempts: list[PathOutcome]) -> Met:
    """The fate of one request whose attempts, at one target after the other, would end like this."""
    if layer == 4:
        return {GOOD: "200", SILENT: "timeout", REFUSED: "refused"}[attempts[0]], 0.0
    waited = 0.0
    for outcome in attempts:
        if outcome is GOOD:
            return "200", waited
        waited += 4.0 if outcome is SILENT else 0.0
    return ("504" if attempts[-1] is SILENT else "502"), waited


def all_requests(layer: int, ends: Ends) -> set[Met]:
    """Everything that can be met: targets in any order, each attempt with any of its ends."""
    return {
        one_request(layer, list(attempts))
        for order in permutations(ends)
        for attempts in product(*(sorted(ends[name]) for name in order))
    }


def verdict_of(requests: set[Met]) -> str:
    works = {what == "200" for what, _ in requests}
    return "intermittent" if len(works) == 2 else "reachable" if works == {True} else "unreachable"


def sets_in_use(states: dict[str, str]) -> list[frozenset[str]]:
    """Every set that may be in use: each Unknown is either alive or dead, and where all are dead all are used."""
    unknown = [name for name, state in states.items() if state == "Unknown"]
    alive = {name for name, state in states.items() if state in ("Alive", "Close")}
    all_ways = (set(some) for size in range(len(unknown) + 1) for some in combinations(unknown, size))
    return [frozenset(alive | some or states) for some in all_ways]


def named(symptom: Symptom) -> Met:
    kind = {"connect_timeout": "timeout"}.get(symptom.kind, symptom.kind)
    return (str(symptom.status) if symptom.kind == "http" else kind), symptom.seconds or 0.0


def extremes(met: set[Met]) -> dict[str, float]:
    """What can be met, each with the longest time it can take."""
    return {what: max(seconds for each, seconds in met if each == what) for what, _ in met}


def met_over(layer: int, ends: Ends) -> set[Symptom]:
    """The engine's symptoms where just these targets are in use."""
    counts = Counter(ends.values())
    return symptoms_of(layer, "TCP", counts, counts, DOCUMENTED)


some_ends = st.sets(st.sampled_from([GOOD, SILENT, REFUSED]), min_size=1).map(frozenset)
some_targets = st.lists(some_ends, min_size=1, max_size=4).map(lambda ends: dict(zip("abcd", ends, strict=False)))
layers = st.sampled_from([4, 7])
states = st.sampled_from(["Alive", "Dead", "Unknown", "Close"])


@settings(max_examples=how_many(100, thorough=400), deadline=None)
@given(layers, some_targets)
@example(7, {"a": frozenset({GOOD}), "b": frozenset({SILENT})})
@example(4, {"a": frozenset({GOOD}), "b": frozenset({SILENT})})
@example(7, {"a": frozenset({SILENT}), "b": frozenset({REFUSED})})
def test_verdict_and_symptoms_are_those_of_all_requests(layer: int, ends: Ends) -> None:
    """The verdict speaks of requests, so it is checked against requests."""
    requests = all_requests(layer, ends)
    symptoms = set(map(named, met_over(layer, ends)))

    assert judge(layer, ends.values()) == verdict_of(requests)
    assert extremes(symptoms) == extremes(requests)
    assert symptoms <= requests


@settings(max_examples=how_many(100, thorough=400), deadline=None)
@given(layers, some_targets, st.lists(states, min_size=4, max_size=4))
def test_the_fates_are_those_of_every_set_in_use(layer: int, ends: Ends, health: list[str]) -> None:
    """With ten targets of unknown health there are a thousand sets; counts must tell the whole story."""
    known = dict(zip(ends, health, strict=False))
    possible = [{name: ends[name] for name in used} for used in sets_in_use(known)]
    verdicts, symptoms = fates(layer, "TCP", crowds_of(known, ends), DOCUMENTED)

    assert verdicts == {verdict_of(all_requests(layer, each)) for each in possible}
    requests = {request for each in possible for request in all_requests(layer, each)}
    assert extremes(set(map(named, symptoms))) == extremes(requests)
    assert set(map(named, symptoms)) <= requests


def crowds_of(health: dict[str, str], ends: Ends) -> list[Crowd]:
    counts = Counter((health[name], ends[name]) for name in ends)
    return [Crowd(state, each, count) for (state, each), count in counts.items()]


@settings(max_examples=how_many(100, thorough=300), deadline=None)
@given(layers, st.lists(st.tuples(states, some_ends), min_size=1, max_size=9))
def test_counted_fates_are_those_of_each_set(layer: int, targets: list[tuple[str, frozenset[PathOutcome]]]) -> None:
    """Every symptom and every verdict of every set, and no other: waits between the extremes, too."""
    health = {str(number): state for number, (state, _) in enumerate(targets)}
    ends = {str(number): each for number, (_, each) in enumerate(targets)}
    possible = [{name: ends[name] for name in used} for used in sets_in_use(health)]
    verdicts, symptoms = fates(layer, "TCP", crowds_of(health, ends), DOCUMENTED)

    assert verdicts == {judge(layer, each.values()) for each in possible}
    assert symptoms == {symptom for each in possible for symptom in met_over(layer, each)}


def test_the_longest_wait_over_three_hundred_targets_of_unknown_health_is_exact() -> None:
    """All of them may be in use and stay silent; of so many waits the shortest and the longest are told."""
    crowds = [Crowd("Unknown", frozenset({SILENT}), 300), Crowd("Dead", frozenset({GOOD}), 5)]
    verdicts, symptoms = fates(7, "TCP", crowds, DOCUMENTED)

    assert verdicts == {"unreachable", "reachable"}
    told = few(symptoms)
    assert sorted(each.seconds or 0 for each in told if each.status == 504) == [4.0, 1200.0]
    assert sorted(each.seconds or 0 for each in told if each.status == 200) == [0.0, 1200.0]
    early = {each for each in symptoms if 0 < (each.seconds or 0) <= 4.0 * WAITS}
    assert few(early) == early


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        ({"a": "Alive", "b": "Dead"}, {"a"}),
        ({"a": "Dead", "b": "Dead"}, {"a", "b"}),
        ({"a": "Close", "b": "Dead"}, {"a"}),
    ],
)
def test_which_targets_are_in_use(health: dict[str, str], expected: set[str]) -> None:
    """Dead is not used while another lives; all dead is as good as all alive."""
    assert used(health) == expected


def test_the_worst_symptom_comes_first() -> None:
    """A client that waits two minutes is worse off than one refused at once, and both than one served late."""
    timeout, refused = Symptom(kind=SymptomKind.CONNECT_TIMEOUT), Symptom(kind=SymptomKind.REFUSED, seconds=0.0)
    late, at_once = (Symptom(kind=SymptomKind.HTTP, status=200, seconds=seconds) for seconds in (4.0, 0.0))

    assert worst_first({at_once, refused, late, timeout}) == (timeout, refused, late, at_once)


def test_what_silence_means_is_a_switch() -> None:
    """One vendor note says 502 where the others say 504, and the time is adjustable."""
    one = {frozenset({SILENT}): 1}
    symptoms = symptoms_of(7, "TCP", one, one, Semantics(dropped_status=502, connect_timeout_s=60.0))

    assert symptoms == {Symptom(kind=SymptomKind.HTTP, status=502, seconds=60.0)}
    assert {each.status for each in symptoms_of(4, "TCP", one, one, ORIGINAL)} == {504}


# Every lab

# Everybody a group may have to let in. Probes from 100.64.0.0/10 need no rule.
PEERS = {
    "client": "203.0.113.10",
    "node-a": "10.0.35.11",
    "node-b": "10.0.35.12",
    "vip": "192.0.2.10",
    "keep-alive": "100.127.0.0/16",
}


@dataclass(frozen=True)
class World:
    """A lab in a few words; *clb*, *nodes* and *pods* say whom each group lets in, None is no group at all."""

    listener: str = "HTTP"
    clb: bool = True
    nodes: tuple[frozenset[str], ...] = (frozenset({"client"}), frozenset({"client"}))
    egress: tuple[bool, ...] = (True, True)
    pods: tuple[frozenset[str] | None, ...] = (frozenset({"node-a", "node-b"}),) * 2
    pods_on: str = "b"
    registered: str = "a"
    drained: bool = False
    local: bool = False
    passes: bool = False
    keepalive: bool = False
    probes: str = "range"
    listens: bool = True
    hides_client: bool = True
    skips_eni: bool = True


def outcomes(world: World, node: str, source: str) -> set[PathOutcome]:
    """How attempts at one target end, from the node's NodePort on, for a packet with that source."""
    pods = [pod for pod in world.pods_on if pod == node or not world.local]
    if not world.pods_on:
        return {REFUSED}
    if not pods:
        return {SILENT}
    return {outcome_at(world, node, pod, source) for pod in pods}


def outcome_at(world: World, node: str, pod: str, source: str) -> PathOutcome:
    seen = source if world.local or not world.hides_client else f"node-{node}"
    if pod != node and not world.egress["ab".index(node)]:
        return SILENT
    crossed = pod != node or not world.skips_eni
    group = world.pods["ab".index(pod)]
    if crossed and seen != "probe" and group is not None and seen not in group:
        return SILENT
    return GOOD if world.listens else REFUSED


def client_outcomes(world: World, node: str) -> set[PathOutcome]:
    source = "keep-alive" if world.keepalive and world.listener == "HTTP" else "client"
    let_in = world.passes or source in world.nodes["ab".index(node)]
    return outcomes(world, node, source) if let_in else {SILENT}


def health_of(world: World, node: str) -> str:
    if world.probes == "off":
        return "Close"
    source = "probe" if world.probes == "range" else "vip"
    let_in = source == "probe" or world.passes or source in world.nodes["ab".index(node)]
    ends = outcomes(world, node, source) if let_in else {SILENT}
    return "Alive" if ends == {GOOD} else "Unknown" if GOOD in ends else "Dead"


def expected(world: World) -> tuple[set[str], dict[str, float]]:
    """Every verdict that is possible, and everything a client may meet with the longest time it may take."""
    used = world.registered[:1] if world.drained else world.registered
    if not world.clb:
        return {"unreachable"}, {"timeout": 0.0}
    layer = 7 if world.listener == "HTTP" else 4
    ends = {node: frozenset(client_outcomes(world, node)) for node in used}
    choices = sets_in_use({node: health_of(world, node) for node in used})
    requests = [all_requests(layer, {node: ends[node] for node in choice}) for choice in choices]
    return {verdict_of(each) for each in requests}, extremes(set().union(*requests))


def changes(world: World) -> Iterator[Change]:
    """The same world as changes to the default lab."""
    if not world.clb:
        yield ingress(CLB_GROUP)
    if "b" in world.registered:
        yield second_target
    if "a" not in world.registered:
        yield first_target_gone
    if world.drained and len(world.registered) > 1:
        yield weight(1, 0)
    if "b" in world.pods_on and "a" in world.pods_on:
        yield second_pod
    elif "a" in world.pods_on:
        yield pod_on_node_a
    elif not world.pods_on:
        yield no_endpoints
    switches = {
        local_policy: world.local,
        pass_to_target: world.passes,
        keepalive: world.keepalive,
        health_check_off: world.probes == "off",
        probes_from_vip: world.probes == "vip",
        wrong_target_port: not world.listens,
    }
    yield from (change for change, wanted in switches.items() if wanted)
    for place, letter in enumerate("ab"):
        yield from group_changes(world, place, letter)


def group_changes(world: World, place: int, letter: str) -> Iterator[Change]:
    """A group of its own for each node, and one for the pods on it."""
    node, pod = f"sg-node000{letter}", f"sg-pod0000{letter}"
    yield node_groups(letter, node)
    yield ingress(node, *(f"ACCEPT TCP {PEERS[peer]} {NODE_PORT}" for peer in sorted(world.nodes[place])))
    if not world.egress[place]:
        yield egress(node)
    admits = world.pods[place]
    yield eni_groups(*(() if admits is None else (pod,)), node=letter)
    yield ingress(pod, *(f"ACCEPT TCP {PEERS[peer]} {80 if world.listens else 8080}" for peer in sorted(admits or ())))


peers = st.sets(st.sampled_from(sorted(PEERS))).map(frozenset)
usually = st.sampled_from([True, True, True, False])
worlds = st.builds(
    World,
    listener=st.sampled_from(["HTTP", "TCP"]),
    clb=st.sampled_from([True] * 9 + [False]),
    nodes=st.tuples(peers, peers),
    egress=st.tuples(usually, usually),
    pods=st.tuples(st.none() | peers, st.none() | peers),
    pods_on=st.sampled_from(["", "a", "b", "ab", "ab"]),
    registered=st.sampled_from(["a", "b", "ab", "ab"]),
    drained=st.booleans(),
    local=st.booleans(),
    passes=st.booleans(),
    keepalive=st.booleans(),
    probes=st.sampled_from(["range", "vip", "off"]),
    listens=usually,
    hides_client=st.booleans(),
    skips_eni=st.booleans(),
)


@settings(max_examples=how_many(150, thorough=600), deadline=None)
@given(worlds)
@example(World())
def test_whole_labs_fare_as_the_second_account_says(world: World) -> None:
    """Two accounts of the same rules of traffic; a mistake would have to be made in both to stay hidden."""
    semantics = Semantics(cluster_policy_hides_client=world.hides_client, local_delivery_skips_pod_eni=world.skips_eni)
    answer = ask(lab(*changes(world), listener=world.listener, semantics=semantics))
    verdicts, met = expected(world)

    assert [each.predicted for each in answer.health] == [health_of(world, node) for node in world.registered]
    assert answer.verdict == (verdicts.pop() if len(verdicts) == 1 else "undetermined")
    assert extremes({named(symptom) for symptom in answer.symptoms}) == met
