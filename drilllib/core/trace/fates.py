"""
The verdicts and symptoms over every set of targets that may be in use, without trying them one by one.

Targets whose health is Alive or Close are in use, those that are Unknown may be, and where none is, all are [CLB-HC]. A
verdict depends on the ways of ending that occur among the targets in use, and there are seven at most; a wait besides
on how many of them may stay silent, which can be any number from the least to the most.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product
from math import prod

from drilllib.core.snapshot.semantics import Semantics
from drilllib.core.trace.path import Symptom
from drilllib.core.trace.verdict import MANY, Ends, Verdict, judge, symptoms_of
from drilllib.errors import TooComplexError

IN_USE, DEAD = ("Alive", "Close"), "Dead"
WAITS = MANY - 2  # different waits for one answer that are all listed; of more, the shortest and the longest


MOST = 5000


@dataclass(frozen=True, slots=True)
class Crowd:
    """
    So many targets of one health, attempts at which may end alike.

    *sticks*: each of them ends all attempts of one client alike, and nobody knows how.
    """

    health: str
    ends: Ends
    count: int
    sticks: bool = False

    def settled(self) -> list[list["Crowd"]]:
        """Every way in which that may be: its targets by how each of them ends; of many targets the unequal ways."""
        if not self.sticks or len(self.ends) < 2:
            return [[self]]
        ends = sorted(self.ends)
        return [
            [Crowd(self.health, frozenset({end}), count) for end, count in zip(ends, counts, strict=True) if count]
            for counts in _shares(self.count, len(ends))
        ]


def alone(crowds: Collection[Crowd]) -> list[Crowd]:
    """Each target that may be in use, by itself."""
    states = in_use({each.health for each in crowds})
    return [replace(each, health="Alive", count=1) for each in crowds if each.health in states]


def _shares(count: int, ways: int) -> Iterator[tuple[int, ...]]:
    """So many targets over so many ways; of more than `WAITS` targets only ways that have one, or all of the rest."""
    if ways == 1:
        yield (count,)
        return
    firsts = range(count + 1) if count <= WAITS else sorted({0, 1, count - 1, count})
    yield from ((first, *rest) for first in firsts for rest in _shares(count - first, ways - 1))


def in_use(health: Collection[str]) -> frozenset[str]:
    """The states of targets that may be in use, where those in *health* occur."""
    if any(each in IN_USE for each in health):
        return frozenset(each for each in health if each != DEAD)
    return frozenset(health)


def fates(
    layer: int, transport: str, crowds: Iterable[Crowd], semantics: Semantics
) -> tuple[set[Verdict], set[Symptom]]:
    """
    Every verdict and every symptom, over all sets of targets that may be in use.

    Raises:
        TooComplexError: Targets that end all attempts of a client alike may do so in more than `MOST` ways together.
    """
    verdicts, symptoms = set(), set()
    settled = [crowd.settled() for crowd in crowds]
    if prod(map(len, settled)) > MOST:
        raise TooComplexError(
            "The request has more than {most} paths that differ",
            remedy="Ask about one Service with fewer different targets",
            most=MOST,
        )
    ways = product(*settled)
    for least, most in (each for way in ways for each in _ranges([one for some in way for one in some])):
        verdicts.add(judge(layer, most))
        symptoms |= symptoms_of(layer, transport, least, most, semantics)
    return verdicts, symptoms


def _ranges(crowds: Collection[Crowd]) -> Iterator[tuple[Counter[Ends], Counter[Ends]]]:
    """For each choice of the ways of ending that occur: the least and the most targets of each that may be in use."""
    sure, maybe = _counted(crowds, IN_USE), Counter[Ends]()
    for each in crowds:
        if each.health not in (*IN_USE, DEAD):
            maybe[each.ends] += each.count
    for size in range(len(maybe) + 1):
        for chosen in combinations(sorted(maybe, key=sorted), size):
            least = sure + Counter({ends: 0 if ends in sure else 1 for ends in chosen})
            most = sure + Counter({ends: maybe[ends] for ends in chosen})
            yield (least, most) if most else (_counted(crowds),) * 2


def _counted(crowds: Iterable[Crowd], states: Collection[str] | None = None) -> Counter[Ends]:
    found = Counter[Ends]()
    for each in crowds:
        if states is None or each.health in states:
            found[each.ends] += each.count
    return found


def few(symptoms: set[Symptom]) -> set[Symptom]:
    """*symptoms*, of an answer with more than `WAITS` different waits only the shortest and the longest."""
    by_answer: dict[tuple[str, int | None], list[Symptom]] = {}
    for each in sorted(symptoms, key=lambda each: each.seconds or 0.0):
        by_answer.setdefault((each.kind, each.status), []).append(each)
    return {one for each in by_answer.values() for one in (each if len(each) <= WAITS else (each[0], each[-1]))}
