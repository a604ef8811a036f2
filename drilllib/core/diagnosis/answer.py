"""A diagnosis: what clients of one port meet, where and why, what to change, what is taken for granted or not known."""

from collections.abc import Iterator
from dataclasses import dataclass

from drilllib.core.diagnosis.next_looks import Look
from drilllib.core.diagnosis.unknowns import Unknown
from drilllib.core.facts import Fact
from drilllib.core.fix.answer import Fix
from drilllib.core.fix.causes import Cause
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.codes import Assumption
from drilllib.core.trace.findings import Finding, FindingCode
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import DrillError

WORST_FIRST = (Verdict.UNREACHABLE, Verdict.INTERMITTENT, Verdict.UNDETERMINED, Verdict.REACHABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One client's answer, and the missing facts in it with what each could change, those that decide first."""

    answer: Trace
    unknown: tuple[Unknown, ...] = ()

    @property
    def address(self) -> str:
        """Who asks."""
        return self.answer.question.client

    @property
    def stop(self) -> Blocker | None:
        """The first thing that a request meets that stops it; None where none is certain."""
        return next((each for each in self.answer.blockers if not each.hypothetical), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """
    *question* has no client; *clients* are in the order asked, one at least.

    *repair* lets them all through, or says what keeps them from it besides groups; *no_repair* says why there is none
    for some or for all, and where it is for all, *repair* is None. *looks* are the reads that are worth most, the best
    first. *unread* is what whoever made the snapshot wrote down as not read (its `gaps`): pairs of what and why.
    *other_vips* are addresses of the Service at another load balancer, about which nothing is said.
    *odd_type* is the type of a Service that names a load balancer and is not of type LoadBalancer.
    """

    question: Question
    clients: tuple[Client, ...]
    repair: Fix | None = None
    no_repair: DrillError | None = None
    looks: tuple[Look, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    other_vips: tuple[str, ...] = ()
    odd_type: str = ""

    @property
    def worst(self) -> Client:
        """The client who fares worst, the first of several."""
        return min(self.clients, key=lambda each: WORST_FIRST.index(each.answer.verdict))

    @property
    def verdict(self) -> Verdict:
        """How that one fares."""
        return self.worst.answer.verdict

    @property
    def unknown(self) -> tuple[Unknown, ...]:
        """The missing facts of all clients, each once, those that decide first."""
        found = {str(each.gap): each for client in self.clients for each in client.unknown}
        return tuple(sorted(found.values(), key=lambda each: not each.decides))

    @property
    def open_after(self) -> tuple[Fact, ...]:
        """The missing facts on which it hangs whether the proposed change is enough, each once."""
        repair = self.repair
        if repair is None or not repair.proposals or repair.verdict is not Verdict.UNDETERMINED:
            return ()
        open_ones = (each for each in repair.left if each.verdict is Verdict.UNDETERMINED)
        return tuple(dict.fromkeys(gap for each in open_ones for gap in each.gaps))

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What the answers take for granted, by code."""
        return tuple(sorted({one for each in self.clients for one in each.answer.assumptions}))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What else is worth knowing, each once."""
        found = {str(one): one for each in self.clients for one in each.answer.findings}
        return tuple(found.values())

    @property
    def is_elsewhere(self) -> bool:
        """Do requests get to another Service than the one that was named? Then it is not reached."""
        return any(each.code is FindingCode.LISTENER_OF_ANOTHER_SERVICE for each in self.findings)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What is wrong besides groups, and what to look at."""
        return self.repair.causes if self.repair else ()

    def followed(self) -> Iterator[Client]:
        """A client of each different answer, the worst first: what is told of it is true of the others."""
        seen = set()
        for each in sorted(self.clients, key=lambda each: WORST_FIRST.index(each.answer.verdict)):
            key = each.answer.verdict, each.answer.reason, str(each.answer.symptoms), str(each.stop and each.stop.name)
            if key not in seen:
                seen.add(key)
                yield each
