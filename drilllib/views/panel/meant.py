"""The lab as it is meant to be, beside the one that a learner works on: its rules, and who gets past its CLB."""

from collections.abc import Callable, Collection, Mapping, Sequence

from drilllib.core.overview import Overview
from drilllib.core.reach.bypass import past_clb
from drilllib.core.reach.clients import Reach
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError
from drilllib.views.panel.lab_report import Past
from drilllib.views.panel.worktop import ALTERED


class Meant:
    """*snapshot* is None where nobody has said what is meant. *ask* is the engine."""

    def __init__(
        self, snapshot: Snapshot | None, ask: Callable[[Snapshot, Question, Collection[str]], Overview]
    ) -> None:
        self._snapshot, self._ask = snapshot, ask
        self._known: tuple[list[object], Past] | None = None

    def rules(self, groups: Collection[str]) -> Mapping[str, Sequence[Rule]]:
        """The ingress rules that each of *groups* is meant to have."""
        if self._snapshot is None:
            return {}
        known = [each for each in groups if each in self._snapshot.groups]
        return {each: self._snapshot.group(each).rules(Direction.INGRESS) or () for each in known}

    def past(self, now: Snapshot, question: Question) -> Past:
        """Who is meant to get past the CLB, under the listener and the policy of the lab as it is *now*."""
        if self._snapshot is None:
            return ()
        parts = [now.part(name) for name in ALTERED]
        if self._known is None or any(a is not b for a, b in zip(self._known[0], parts, strict=True)):
            meant = self._snapshot.with_parts(**dict(zip(ALTERED, parts, strict=True)))
            self._known = (parts, past_of(meant, self._ask(meant, question, ()).reached))
        return self._known[1]


def past_of(snapshot: Snapshot, reached: Sequence[Reach]) -> Past:
    """Who reaches nodes and pods past the CLB; None where that is too much to tell."""
    try:
        return tuple(place for each in reached for place in past_clb(snapshot, each))
    except DrillError:
        return None
