"""
How far a class is: everybody, each drill and category, and what is named in the place of what it is.

Difficulty and discrimination are those of classical test theory: the share of first attempts that pass, and the
correlation of passing with how many of the other drills the learner passes at the first attempt (corrected item-total).
Source: Crocker, Algina, Introduction to Classical and Modern Test Theory, 1986, chapter 14.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from statistics import StatisticsError, correlation, median
from typing import Any

from drilllib.classes.judge import OWN
from drilllib.classes.plan import Item, Plan
from drilllib.classes.tally import Counted, WhyNot

SCHEMA = "drilllib/board/1"
FEWEST = 3  # learners, for a correlation to be told


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """A drill that is set. *begun* and *passed* count learners, *looks* is the median of what first attempts cost."""

    drill: str
    level: int
    category: str
    begun: int
    finished: int
    passed: int
    looks: float | None
    hints: int
    difficulty: float | None
    discrimination: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerRow:
    """A learner: drills passed, finished and begun; *late* attempts, and logs that do not count (*odd*)."""

    learner: str
    passed: int
    finished: int
    begun: int
    spent: int
    late: int
    odd: int
    mastered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All of it. *confusions* are (true, stated, count) of first attempts that named something else, the most first."""

    class_name: str
    items: tuple[ItemRow, ...]
    learners: tuple[LearnerRow, ...]
    confusions: tuple[tuple[str, str, int], ...]

    @property
    def categories(self) -> Mapping[str, tuple[int, int]]:
        """By category: how often its drills were passed, and finished, of learners."""
        found = dict[str, tuple[int, int]]()
        for each in self.items:
            passed, finished = found.get(each.category, (0, 0))
            found[each.category] = passed + each.passed, finished + each.finished
        return found

    def to_dict(self) -> dict[str, Any]:
        """The `drilllib/board/1` document; learners by their ids, without names."""
        return {
            "schema": SCHEMA,
            "class": self.class_name,
            "mastered": sum(each.mastered for each in self.learners),
            "items": [asdict(each) for each in self.items],
            "categories": [{"category": name, "passed": a, "finished": b} for name, (a, b) in self.categories.items()],
            "confusions": [{"true": a, "stated": b, "count": count} for a, b, count in self.confusions],
            "learners": [asdict(each) for each in self.learners],
        }


ByItem = Mapping[Item, Sequence[Counted]]


def board(plan: Plan, logs: Iterable[Counted]) -> Board:
    """The board of a class, whose *logs* come by learner."""
    by_learner = {learner: list(theirs) for learner, theirs in groupby(logs, key=lambda each: each.verdict.learner)}
    own = {learner: own_attempts(plan, theirs) for learner, theirs in by_learner.items()}
    firsts = {learner: _firsts(theirs) for learner, theirs in own.items()}
    totals = {learner: sum(each.verdict.passed for each in theirs.values()) for learner, theirs in firsts.items()}
    confused = Counter(
        (each.verdict.true, each.verdict.stated)
        for tried in firsts.values()
        for each in tried.values()
        if not each.verdict.localised and each.verdict.stated
    )
    ordered = sorted(confused.items(), key=lambda each: (-each[1], each[0]))
    return Board(
        class_name=plan.name,
        items=tuple(_item_row(item, own, firsts, totals) for item in plan.items),
        learners=tuple(
            _learner_row(plan, learner, by_learner.get(learner, ()), own.get(learner, {})) for learner in plan.learners
        ),
        confusions=tuple((true, stated, count) for (true, stated), count in ordered),
    )


def own_attempts(plan: Plan, logs: Iterable[Counted]) -> ByItem:
    """A learner's own attempts by what was set, finished or not, in the order in which they ended; no test's."""
    items = {(each.drill, each.level): each for each in plan.items}
    found = defaultdict[Item, list[Counted]](list)
    for each in sorted(filter(_is_own, logs), key=lambda each: each.verdict.ended):
        if plan.is_test(each.verdict.drill, each.verdict.level, each.verdict.seed):
            continue
        item = items.get((each.verdict.drill, each.verdict.level))
        if item is not None:
            found[item].append(each)
    return found


def _firsts(own: ByItem) -> dict[Item, Counted]:
    """A learner's first attempt that counts at each drill."""
    counting = {item: next((each for each in theirs if each.counts), None) for item, theirs in own.items()}
    return {item: each for item, each in counting.items() if each is not None}


def _item_row(
    item: Item,
    by_learner: Mapping[str, ByItem],
    firsts: Mapping[str, Mapping[Item, Counted]],
    totals: Mapping[str, int],
) -> ItemRow:
    tried = {learner: found[item].verdict for learner, found in firsts.items() if item in found}
    rest = [totals[learner] - each.passed for learner, each in tried.items()]
    own = [theirs[item] for theirs in by_learner.values() if item in theirs]
    return ItemRow(
        drill=item.drill,
        level=item.level,
        category=item.category,
        begun=len(own),
        finished=len(tried),
        passed=sum(any(one.counts and one.verdict.passed for one in each) for each in own),
        looks=median(each.spent for each in tried.values()) if tried else None,
        hints=sum(each.hints for each in tried.values()),
        difficulty=_rounded(sum(each.passed for each in tried.values()) / len(tried)) if tried else None,
        discrimination=_correlated([each.passed for each in tried.values()], rest),
    )


def _is_own(log: Counted) -> bool:
    """Is it an attempt of the learner's own, finished or not?"""
    return log.verdict.standing in OWN


def _correlated(passed: Sequence[bool], rest: Sequence[int]) -> float | None:
    """None where there are too few, or all are alike."""
    if len(passed) < FEWEST:
        return None
    try:
        return _rounded(correlation([float(each) for each in passed], [float(each) for each in rest]))
    except StatisticsError:
        return None


def _rounded(number: float) -> float:
    return round(number, 3) + 0.0


def _learner_row(plan: Plan, learner: str, logs: Sequence[Counted], by_item: ByItem) -> LearnerRow:
    return LearnerRow(
        learner=learner,
        passed=sum(any(each.counts and each.verdict.passed for each in theirs) for theirs in by_item.values()),
        finished=sum(any(each.counts for each in theirs) for theirs in by_item.values()),
        begun=len(by_item),
        spent=sum(each.verdict.spent for each in logs if each.counts),
        late=sum(each.late and each.counts for each in logs),
        odd=sum(not _is_own(each) or each.why_not is WhyNot.FORKED for each in logs),
        mastered=sum(any(_masters(plan, each) for each in theirs) for theirs in by_item.values()) >= plan.needed,
    )


def _masters(plan: Plan, log: Counted) -> bool:
    """Does the attempt count towards mastery: passed, in time, with few enough hints?"""
    few = plan.hints is None or log.verdict.hints <= plan.hints
    return log.counts and log.verdict.passed and not log.late and few
