"""
What a study found: gain, transfer, time and price of finding the cause, each with a confidence interval.

Intervals are of 95 %, by the percentile bootstrap over learners: who is there counts with all of their answers or
not at all. Source: Efron, Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13. A gain is what changed
between two tests, and not what did it: that takes a class that did not practise.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from random import Random
from statistics import fmean, median
from typing import Any

from drilllib.classes.study.tried import Tried

SCHEMA = "drilllib/study/1"
FEWEST = 8  # learners, for an interval to be told: of fewer the bootstrap's are too short
DRAWS, SEED = 1000, 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """
    A *measure* before and after, its mean over *learners*, and the mean *change*, with its interval from *low* to
    *high*; None where there are too few.
    """

    measure: str
    learners: int
    before: float
    after: float
    change: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """
    What was found. Of those who *began* the *complete* have finished every item of both tests; nobody else counts.
    *forms*: how form B of the test came out against form A, each before the drills and by other learners.
    """

    began: int
    complete: int
    items: int
    figures: tuple[Figure, ...]
    forms: Figure | None

    def to_dict(self) -> dict[str, Any]:
        """The `drilllib/study/1` document."""
        return {
            "schema": SCHEMA,
            **{name: getattr(self, name) for name in ("began", "complete", "items")},
            "figures": [asdict(each) for each in self.figures],
            "forms": asdict(self.forms) if self.forms else None,
        }


Answers = Sequence[Tried]


def study(attempts: Iterable[Tried]) -> Study:
    """What the attempts at both tests say."""
    by_learner = defaultdict[str, dict[str, list[Tried]]](lambda: {"before": [], "after": []})
    for each in attempts:
        by_learner[each.who][each.part].append(each)
    items = {each.item for parts in by_learner.values() for one in parts.values() for each in one}
    whole = [each for each in by_learner.values() if all({one.item for one in part} == items for part in each.values())]
    found = (_figure(name, whole, of) for name, of in MEASURES.items())
    return Study(
        began=len(by_learner),
        complete=len(whole),
        items=len(items),
        figures=tuple(each for each in found if each),
        forms=_forms([each["before"] for each in whole]),
    )


def _share(held: Callable[[Tried], bool], *, transfer: bool) -> Callable[[Answers], float | None]:
    def share(answers: Answers) -> float | None:
        mine = [held(each) for each in answers if each.transfer is transfer]
        return fmean(mine) if mine else None

    return share


def _seconds(answers: Answers) -> float | None:
    """The median of those whose cause was found; who finds none has no such time."""
    found = [each.seconds for each in answers if each.localised and not each.transfer and each.seconds is not None]
    return float(median(found)) if found else None


def _price(answers: Answers) -> float | None:
    found = [each.price for each in answers if each.localised and not each.transfer and each.price is not None]
    return fmean(found) if found else None


MEASURES: Mapping[str, Callable[[Answers], float | None]] = {
    "passed": _share(lambda each: each.passed, transfer=False),
    "localised": _share(lambda each: each.localised, transfer=False),
    "seconds": _seconds,
    "price": _price,
    "transfer_passed": _share(lambda each: each.passed, transfer=True),
    "transfer_localised": _share(lambda each: each.localised, transfer=True),
}


def _figure(
    name: str, learners: Iterable[Mapping[str, Answers]], of: Callable[[Answers], float | None]
) -> Figure | None:
    """The measure over those who have it before and after; None where nobody has."""
    pairs = [
        (a, b) for each in learners if (a := of(each["before"])) is not None and (b := of(each["after"])) is not None
    ]
    if not pairs:
        return None
    changes = [after - before for before, after in pairs]
    low, high = interval(changes)
    before, after = (fmean(each) for each in zip(*pairs, strict=True))
    return Figure(
        measure=name, learners=len(pairs), before=before, after=after, change=fmean(changes), low=low, high=high
    )


def _forms(before: Iterable[Answers]) -> Figure | None:
    """The share of items passed at first with form A (*before*) and B (*after*), by other learners."""
    shares: dict[str, list[float]] = {"A": [], "B": []}
    for each in before:
        if each and each[0].form in shares:
            shares[each[0].form].append(fmean(one.passed for one in each))
    a, b = shares["A"], shares["B"]
    if not a or not b:
        return None
    low, high = interval(b, a)
    count = len(a) + len(b)
    return Figure(
        measure="forms", learners=count, before=fmean(a), after=fmean(b), change=fmean(b) - fmean(a), low=low, high=high
    )


def interval(values: Sequence[float], against: Sequence[float] = ()) -> tuple[float | None, float | None]:
    """
    Where the mean of the values is with 95 % confidence, or its difference from the mean of others, by drawing learners
    with replacement; nothing of fewer than `FEWEST`. The same each time.
    """
    if len(values) < FEWEST or 0 < len(against) < FEWEST:
        return None, None
    draws = Random(SEED)

    def mean(of: Sequence[float]) -> float:
        return fmean(draws.choices(of, k=len(of))) if of else 0.0

    means = sorted(mean(values) - mean(against) for _ in range(DRAWS))
    return means[DRAWS // 40], means[DRAWS - 1 - DRAWS // 40]
