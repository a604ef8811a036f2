"""Which of a learner's attempts count: of each world the first finished, of one attempt the state that came last."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from drilllib._version import __version__
from drilllib.classes.judge import OWN, SHORT, Standing, Verdict
from drilllib.classes.plan import Plan
from drilllib.practice.start import moment

COLUMNS = (
    *("learner", "log", "standing", "counts", "why_not", "late", "drill", "level", "seed", "started", "ended"),
    *("localised", "repaired", "restrained", "passed", "spent", "hints", "stated", "true", "line", "other", "engine"),
)


class WhyNot(StrEnum):
    """Why an attempt of the learner's own does not count, though it is as it was written."""

    AGAIN = "again"  # at a world whose right repair had been told
    EARLIER = "earlier"  # another log goes on where this one ends
    FORKED = "forked"  # one attempt that went on in two ways: it was taken back to an earlier state


@dataclass(frozen=True, slots=True)
class Counted:
    """A log, whether it counts, and whether it was finished after the class had closed."""

    verdict: Verdict
    why_not: WhyNot | None = None
    late: bool = False

    @property
    def counts(self) -> bool:
        """Is it a graded attempt that counts?"""
        return self.verdict.standing is Standing.GRADED and self.why_not is None

    def values(self) -> dict[str, str | int]:
        """What each of `COLUMNS` is; *engine* is the version of drilllib that judged."""
        own: dict[str, str | int] = {
            "counts": self.counts,
            "why_not": str(self.why_not or ""),
            "late": self.late,
            "engine": __version__,
        }
        return {name: own[name] if name in own else getattr(self.verdict, name) for name in COLUMNS}

    def row(self) -> list[str]:
        """The values as text; yes is 1, and no 0."""
        return [str(int(each)) if isinstance(each, bool) else str(each) for each in self.values().values()]


def counted(plan: Plan, verdicts: Iterable[Verdict]) -> Iterator[Counted]:
    """All logs of those who are in the class now, which come by learner, with what counts."""
    closes = moment(plan.closes) if plan.closes else None
    present = (each for each in verdicts if each.learner in plan.learners)
    for _, theirs in groupby(present, key=lambda each: each.learner):
        every = list(theirs)
        reasons = _reasons(every)
        yield from (Counted(each, reasons.get(each.log), _is_late(each, closes)) for each in every)


def _reasons(verdicts: Sequence[Verdict]) -> dict[str, WhyNot]:
    """Why logs of one learner do not count, by their digests."""
    own = [each for each in verdicts if each.standing in OWN]
    found = dict[str, WhyNot]()
    for each in own:
        alike = [one for one in own if one.macs[:SHORT] == each.macs[:SHORT] and one.log != each.log]
        if any(not (one.macs.startswith(each.macs) or each.macs.startswith(one.macs)) for one in alike):
            found[each.log] = WhyNot.FORKED
        elif any(_goes_on(one, each) for one in alike):
            found[each.log] = WhyNot.EARLIER
    met = set[tuple[str, int, str]]()
    for each in sorted(own, key=lambda one: (one.ended, one.log)):
        if each.standing is Standing.GRADED and each.log not in found:
            world = each.drill, each.level, each.seed
            if world in met:
                found[each.log] = WhyNot.AGAIN
            met.add(world)
    return found


def _goes_on(one: Verdict, other: Verdict) -> bool:
    """Does the first have all of the second, and more? Of two that are alike but for how they end, the first digest."""
    if one.macs == other.macs:
        return (one.standing is Standing.CUT_OFF, one.log) < (other.standing is Standing.CUT_OFF, other.log)
    return one.macs.startswith(other.macs)


def _is_late(verdict: Verdict, closes: datetime | None) -> bool:
    try:
        return closes is not None and bool(verdict.ended) and moment(verdict.ended) > closes
    except ValueError:  # a time that is none
        return True


def csv_text(logs: Iterable[Counted]) -> str:
    """All of it as CSV, a row a log, without names of learners."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(each.row() for each in logs)
    return text.getvalue()
