"""A world of practice is the same wherever it is made, and its causes are named as they are seen."""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256, sha512

import pytest

from drilllib.core.drills.worlds.draws import Draws
from drilllib.core.drills.worlds.make import candidates, make_world
from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.plain import plain
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.request import trace
from drilllib.errors import UnknownNameError
from drilllib.practice.library import door_names, drill, drills, names

PINNED = [
    ("node-source", 7, 1, "57b20d53a7eddc5d"),
    ("rule-order", 3, 2, "1a9e4d25d0685f34"),
    ("nothing-wrong", 5, 3, "27d4be4542fde564"),
    ("health-probes", 1, 3, "e99d73cd54db1ac6"),
]


def twister(name: str) -> Iterator[float]:
    """
    What `random()` of `Random(name)` gives, written from the algorithm's paper and from Python's documentation alone.

    The seed is the text and its SHA-512 as one number, taken in words of 32 bits, the lowest first; two outputs of
    MT19937 make one float.
    """
    seed, key, state = int.from_bytes(name.encode() + sha512(name.encode()).digest(), "big"), [], [19650218]
    while seed:
        seed, word = divmod(seed, 1 << 32)
        key.append(word)
    for at in range(1, 624):
        state.append((1812433253 * (state[-1] ^ state[-1] >> 30) + at) % (1 << 32))
    at, turn = 1, 0
    for step in range(max(624, len(key)) + 623):
        mixing = step < max(624, len(key))
        mixed = (state[at - 1] ^ state[at - 1] >> 30) * (1664525 if mixing else 1566083941)
        state[at] = ((state[at] ^ mixed) + (key[turn] + turn if mixing else -at)) % (1 << 32)
        turn = (turn + 1) % len(key)
        at += 1
        if at == 624:
            state[0], at = state[623], 1
    state[0] = 1 << 31
    words = tempered(state)
    while True:
        yield ((next(words) >> 5) * 67108864 + (next(words) >> 6)) / 9007199254740992


def tempered(state: list[int]) -> Iterator[int]:
    while True:
        for at in range(624):
            both = state[at] & 1 << 31 | state[(at + 1) % 624] & (1 << 31) - 1
            state[at] = state[(at + 397) % 624] ^ both >> 1 ^ (0x9908B0DF if both & 1 else 0)
        for word in state:
            word ^= word >> 11
            word ^= word << 7 & 0x9D2C5680
            word ^= word << 15 & 0xEFC60000
            yield word ^ word >> 18


def test_draws_are_those_of_the_published_generator() -> None:
    """So that a world does not depend on which Python makes it: nothing but this generator and arithmetic is used."""
    draws, expected = Draws("node-source/7/1/plan"), twister("node-source/7/1/plan")

    assert [draws.below(1000) for _ in range(1000)] == [int(next(expected) * 1000) for _ in range(1000)]
    assert draws.some("abcd", 3) == some("abcd", expected)
    assert draws.chance(0.5) == (next(expected) < 0.5)


def some(letters: str, drawn: Iterator[float]) -> list[str]:
    left = list(letters)
    return [left.pop(int(next(drawn) * size)) for size in (4, 3, 2)]


@pytest.mark.parametrize(("name", "seed", "level", "pinned"), PINNED)
def test_worlds_stay_what_they_were(name: str, seed: int, level: int, pinned: str) -> None:
    """An attempt's log has nothing but drill, seed and level to find its world by."""
    world = make_world(drill(name), seed, level)
    told = [world.snapshot.to_dict(), plain(world.question), list(map(plain, world.causes))]

    assert sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16] == pinned


def test_another_drill_changes_no_world() -> None:
    """Each has streams of its own; one of the same content and another name has other worlds."""
    twin = replace(drill("node-source"), name="twin")
    worlds = [make_world(each, 7, 1).snapshot.to_dict() for each in (drill("node-source"), twin, drill("node-source"))]

    assert worlds[0] == worlds[2] != worlds[1]


def test_the_same_seed_makes_the_same_world() -> None:
    first, again = (make_world(drill("node-source"), 7, 3) for _ in range(2))

    assert first.snapshot.to_dict() == again.snapshot.to_dict()
    assert (first.causes, first.ticket, first.question) == (again.causes, again.ticket, again.question)


def test_the_world_itself_is_among_its_candidates_and_one_has_no_fault() -> None:
    world = make_world(drill("pod-source"), 5, 2)
    others = candidates(drill("pod-source"), 5, 2)

    assert others[0].snapshot.to_dict() == world.snapshot.to_dict()
    assert () in [each.causes for each in others]
    assert len({each.causes for each in others}) == len(others) > 10


@pytest.mark.parametrize("name", names())
def test_a_snapshot_that_shares_with_the_reference_is_what_its_document_says(name: str) -> None:
    """Only what a fault changes is read again, of the world and of all that it could have been."""
    for world in candidates(drill(name), 4, 2)[:8]:
        read = Snapshot(world.snapshot.to_dict())

        assert trace(world.snapshot, world.question) == trace(read, world.question)
        assert world.snapshot.bound_groups() == read.bound_groups()


def test_a_drill_that_is_not_there_is_an_error_with_the_names() -> None:
    with pytest.raises(UnknownNameError, match="node-source"):
        drill("node-sauce")
    assert [each.name for each in drills()] == [*names(), *door_names()]


NODES = Cause(
    kind=CauseKind.GROUP,
    resource="ins-1",
    group="sg-a",
    direction=Direction.INGRESS,
    alike=("ins-2",),
    beside=("sg-b",),
)


@pytest.mark.parametrize(
    ("stated", "right"),
    [
        (NODES, True),
        (replace(NODES, resource="ins-2", alike=(), beside=()), True),
        (replace(NODES, group="sg-b"), True),
        (replace(NODES, group=""), True),
        (replace(NODES, group="sg-c"), False),
        (replace(NODES, resource="ins-3"), False),
        (replace(NODES, rule=0), False),
        (replace(NODES, direction=Direction.EGRESS), False),
        (replace(NODES, kind=CauseKind.STOPPED), False),
    ],
)
def test_a_cause_is_named_at_any_resource_that_it_is_the_same_at(stated: Cause, right: bool) -> None:
    """Where no rule matches, every group of the interface is as much at fault as the others."""
    assert NODES.names(stated) is right


def test_a_rule_that_drops_is_the_fault_of_its_own_group_alone() -> None:
    cause = replace(NODES, rule=3, beside=())

    assert cause.names(replace(cause, alike=()))
    assert not cause.names(replace(cause, group=""))
