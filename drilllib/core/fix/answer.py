"""The answer of `drill fix`, as data."""

from dataclasses import dataclass

from drilllib.core.facts import Fact
from drilllib.core.fix.causes import Cause
from drilllib.core.fix.group_orders import Orders
from drilllib.core.fix.needs import Need
from drilllib.core.fix.proposal import Proposal
from drilllib.core.fix.situation import worst
from drilllib.core.fix.stops import Stop
from drilllib.core.reach.clients import ClientClass
from drilllib.core.rules.edits import Change
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.codes import Assumption
from drilllib.core.trace.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Fix:
    """
    The answer: *proposals*, the best first, none where nothing has to change or nothing can be done with groups.

    *before* and *after* say how the intended clients fare, in classes; *needs* what each interface lacked. Where there
    are proposals, *stops* and *blockers* say what stands in the clients' way: as sets of flows, and as a trace does.
    """

    question: Question
    needs: tuple[Need, ...]
    proposals: tuple[Proposal, ...]
    before: tuple[ClientClass, ...]
    after: tuple[ClientClass, ...]
    assumptions: tuple[Assumption, ...]
    gaps: tuple[Fact, ...] = ()
    """Facts without which no change can be proposed."""
    stops: tuple[Stop, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    too_wide: tuple[Orders, ...] = ()
    """Orders of groups that would let the clients in as well, and everybody else."""
    causes: tuple[Cause, ...] = ()
    """What besides groups keeps requests from succeeding now, and what to look at."""
    causes_left: tuple[Cause, ...] = ()
    """The same after the first proposal, or without one."""

    @property
    def best(self) -> Proposal:
        """The first proposal, an empty one where there is none."""
        return self.proposals[0] if self.proposals else Proposal((), {})

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes of rules of the best proposal, whose steps come before them."""
        return self.best.changes

    @property
    def works(self) -> bool:
        """Does every intended request succeed after the first proposal, or without one?"""
        return all(each.trace.verdict is Verdict.REACHABLE for each in self.after)

    @property
    def left(self) -> tuple[Trace, ...]:
        """Traces of intended clients that still fail, or of which that is not known."""
        return tuple(each.trace for each in self.after if each.trace.verdict is not Verdict.REACHABLE)

    @property
    def verdict(self) -> Verdict:
        """How the worst of the intended clients fares in the end."""
        return worst(self.after)
