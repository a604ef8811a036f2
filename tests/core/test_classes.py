"""
Paths in classes, against every path walked by itself (each_path.py), in random worlds and in some made for it.

What is claimed of a class is claimed of each of its members: so every member is walked.
"""

from collections import Counter
from collections.abc import Hashable, Iterator
from ipaddress import ip_network

import pytest
from each_path import EachPath, each_path
from worlds import world
from worlds_crowds import crowded

from drilllib.core.facts import Fact, FactCode
from drilllib.core.fix.needs import Need, needs_of
from drilllib.core.fix.probes import probe_needs
from drilllib.core.fix.widening import Widening
from drilllib.core.sets.accepted import accepted
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.classes import PathClass
from drilllib.core.trace.entry import UnanswerableError
from drilllib.core.trace.path import Path
from drilllib.core.trace.request import trace
from drilllib.core.trace.shape import shape
from drilllib.errors import DrillError
from tests.thorough import how_many, thorough

CASES, CHUNKS = 1200, how_many(12, thorough=6)
FEW = [each if each < 1 else pytest.param(each, marks=thorough) for each in range(CHUNKS)]


def cases(chunk: int) -> Iterator[tuple[int, Snapshot, Question, EachPath]]:
    """Worlds as they are, and crowded ones, where there are paths to walk."""
    for seed in range(chunk * CASES // CHUNKS, (chunk + 1) * CASES // CHUNKS):
        made = world(seed) if seed % 3 == 0 else crowded(world(seed), copies=2 + seed % 7)
        question = Question(**made.question)
        try:
            snapshot = Snapshot(made.document)
            witness = each_path(snapshot, question)
        except (UnanswerableError, DrillError, ValueError):
            continue
        if witness:
            yield seed, snapshot, question, witness


@pytest.mark.parametrize("chunk", FEW)
def test_what_is_said_of_a_class_holds_for_every_member(chunk: int) -> None:
    """The classes are a shorter way to say the same."""
    found = Counter()
    for seed, snapshot, question, witness in cases(chunk):
        answer = trace(snapshot, question)
        assert_same(answer, witness, seed)
        found["paths"] += len(witness.every)
        found["classes"] += len(answer.paths)
    assert found["classes"] < 0.85 * found["paths"]


def assert_same(answer: Trace, witness: EachPath, seed: int) -> None:
    verdict = answer.verdict
    assert {verdict} == witness.verdicts or (verdict == "undetermined" and len(witness.verdicts) > 1), seed
    assert set(answer.symptoms) == witness.symptoms, seed
    assert witness.assumptions <= set(answer.assumptions), seed
    assert expanded(answer) == {place: shape(path.hops) for place, path in walked(witness).items()}, seed
    assert sum(each.count for each in answer.paths) == len(witness.every), seed
    assert health_of_each(answer) == health_of_each(witness), seed
    assert blocked(answer.blockers) == blocked(witness.blockers), seed
    if witness.gaps:  # where no path leaves anything open, what is said of health may
        assert {shape(bare(each)) for each in answer.gaps} == set(map(shape, witness.gaps)), seed


def walked(witness: EachPath) -> dict[Hashable, Path]:
    """The paths by target and the number of the endpoint."""
    return {(name, place): path for name, paths in witness.paths.items() for place, path in enumerate(named(paths))}


def named(paths: tuple[Path, ...]) -> list[Path]:
    return sorted(paths, key=lambda path: (path.endpoint or "", path.hops[-1].address))


def expanded(answer: Trace) -> dict[Hashable, Hashable]:
    """The hops of every path, as its class has them, by target and the number of the endpoint."""
    found: dict[str, list[tuple[str, str, Hashable]]] = {}
    for each in answer.classes:
        for target, endpoint, address in members(answer, each):
            found.setdefault(target, []).append((endpoint, address, shape(each.path.hops)))
    return {
        (name, place): hops
        for name, ways in found.items()
        for place, (_, _, hops) in enumerate(sorted(ways, key=lambda way: way[:2]))
    }


def members(answer: Trace, found: PathClass) -> Iterator[tuple[str, str, str]]:
    for place in found.targets:
        facts = answer.targets[place]
        if not found.pods:
            yield facts.target.name, found.path.endpoint or "", ""
        for endpoint in (found.pods.endpoints[each] for each in found.endpoints) if found.pods else ():
            if (endpoint.node_name == facts.node.node.name) is found.is_here:
                yield facts.target.name, endpoint.name, str(endpoint.address)


def health_of_each(answer: Trace | EachPath) -> Counter:
    """Every target's health, the causes without the names of pods and nodes."""
    return Counter(
        (name, each.predicted, each.observed, each.blocker and (each.blocker.hop, shape(each.blocker.check)))
        for each in answer.health
        for name in (each.target, *each.others)
    )


def blocked(blockers: tuple[Blocker, ...]) -> set[Hashable]:
    return {(each.hop, each.reason, shape(each.check) if each.check else None) for each in blockers}


def bare(gap: Fact) -> Fact:
    """A missing fact without the count of others like it."""
    return dict(gap.values)["fact"] if gap.code is FactCode.AND_MORE else gap


@pytest.mark.parametrize("chunk", FEW)
def test_what_interfaces_need_is_what_each_path_needs(chunk: int) -> None:
    """A repair has to be right for every node and every pod, and not for those alone that stand for the others."""
    for seed, snapshot, question, witness in cases(chunk):
        if not witness.is_of_targets:
            continue  # `fix` asks about nobody inside the cluster
        told, each = (needs(snapshot, question, all_paths=every) for every in (False, True))
        assert told.keys() == each.keys(), seed
        assert all(each[key].must <= told[key].must for key in each), seed
        assert lacking(snapshot, told) == lacking(snapshot, each), seed


Key = tuple[object, ...]


def needs(snapshot: Snapshot, question: Question, *, all_paths: bool) -> dict[Key, Need]:
    """What the paths of requests and of probes need, by interface."""
    answer = trace(snapshot, question, all_paths=all_paths)
    found, _ = needs_of(snapshot, answer, [ip_network(question.client)], Widening(()))
    found += probe_needs(snapshot, answer, Widening(()))
    return {(need.resource, need.groups, need.direction, need.protocol, need.port, need.who): need for need in found}


def lacking(snapshot: Snapshot, found: dict[Key, Need]) -> set[Key]:
    groups = {key: [snapshot.group(name) for name in need.groups] for key, need in found.items()}
    return {key for key, need in found.items() if not need.must <= accepted(groups[key], need.direction).sure}


@pytest.mark.parametrize("chunk", FEW)
def test_all_paths_are_those_that_are_walked_one_by_one(chunk: int) -> None:
    """Asked for every path, the answer is as if there were no classes."""
    for seed, snapshot, question, witness in cases(chunk):
        answer = trace(snapshot, question, all_paths=True)
        assert answer.paths == tuple(witness.every), seed
        assert answer.blockers == witness.blockers, seed
        assert answer.health == witness.health or not all(each.takes_requests for each in answer.health), seed
        assert not witness.gaps or list(answer.gaps) == witness.gaps, seed
        assert set(answer.symptoms) == witness.symptoms, seed
