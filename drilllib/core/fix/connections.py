"""
What lets one source open a connection to a door: the smallest change of groups, on either end.

Every list that the connection meets is asked for, the source's egress as well as the door's ingress, each for the
addresses of today. Every proposal is traced before it is given, and one that does less than the first is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.facts import Fact
from drilllib.core.fix.needs import Need, is_asked
from drilllib.core.fix.proposal import Proposal
from drilllib.core.fix.search import smallest
from drilllib.core.fix.situation import WORST_FIRST, gaps_of, lacking_of
from drilllib.core.fix.stops import Stop, stops_of
from drilllib.core.rules.members import range_of
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.flowsets import flows_in
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.path import Check, Hop
from drilllib.core.trace.verdict import Verdict


@dataclass(frozen=True, slots=True)
class ConnectionFix:
    """
    The answer: *proposals*, the best first; none where nothing has to change, or nothing can be done with groups.

    *before* and *after* are traces, *after* that of the first proposal, or *before* without one. *needs* is what each
    interface lacks, *stops* the rules in the way, *gaps* the facts without which no change can be proposed.
    """

    question: Connection
    before: Trace
    after: Trace
    needs: tuple[Need, ...]
    proposals: tuple[Proposal, ...]
    stops: tuple[Stop, ...] = ()
    gaps: tuple[Fact, ...] = ()

    @property
    def best(self) -> Proposal:
        """The first proposal, an empty one where there is none."""
        return self.proposals[0] if self.proposals else Proposal((), {})

    @property
    def works(self) -> bool:
        """Does the connection surely succeed in the end?"""
        return self.after.verdict is Verdict.REACHABLE


def fix_connection(snapshot: Snapshot, question: Connection) -> ConnectionFix:
    """
    Let *question*'s source open a connection to its door.

    Raises:
        InvalidInputError, UnknownNameError: As `trace`.
        TooComplexError: Thousands of paths differ, or the rules overlap in too many ways for an exact answer.
    """
    before = trace(snapshot, question, all_paths=True)
    needs = tuple(dict.fromkeys(_needs(snapshot, before)))
    lacking = tuple(lacking_of(snapshot.groups, needs))
    gaps = gaps_of(snapshot, lacking)
    tried = smallest(snapshot, needs, lacking) if lacking and not gaps else ()
    traced = [(each, trace(each.made(snapshot), question, all_paths=True)) for each in tried]
    best = max((WORST_FIRST.index(answer.verdict) for _, answer in traced), default=0)
    good = [
        (each, answer)
        for each, answer in traced
        if WORST_FIRST.index(answer.verdict) == best and _does_something(before, answer)
    ]
    return ConnectionFix(
        question=before.question if isinstance(before.question, Connection) else question,
        before=before,
        after=good[0][1] if good else before,
        needs=lacking,
        proposals=tuple(each for each, _ in good),
        stops=stops_of(snapshot, lacking) if good else (),
        gaps=gaps,
    )


def _does_something(before: Trace, after: Trace) -> bool:
    """Is a change surely needed: does another verdict follow, or did groups surely stop the connection?"""
    stopped = any(each.check and each.check.groups for each in before.blockers)
    return before.verdict is not Verdict.REACHABLE and (stopped or after.verdict is not before.verdict)


def _needs(snapshot: Snapshot, answer: Trace) -> Iterator[Need]:
    """What each list that groups decide has to let pass."""
    for hop in (hop for path in answer.paths for hop in path.hops):
        for check in filter(is_asked, hop.checks):
            yield _need(interface_of(snapshot, hop), check)


def _need(resource: str, check: Check) -> Need:
    ports = None if check.port is None else (check.port, check.port)
    flows = flows_in(map(range_of, check.peer.blocks), check.protocol, ports)
    who = "unknown" if check.peer.is_anyone else "door" if check.direction is Direction.EGRESS else "source"
    return Need(resource, check.groups, check.direction, check.protocol, check.port, who, flows, flows)


def interface_of(snapshot: Snapshot, hop: Hop) -> str:
    """The id of the interface whose groups a hop asks, of a node its instance's; where that was not read, a name."""
    if hop.hop is HopKind.NODE:
        return _machine(snapshot, hop.name) or hop.name
    if hop.hop is HopKind.POD and hop.interface == "primary":
        pod = snapshot.kubernetes.pods.get(hop.name)
        return _machine(snapshot, pod.node_name if pod else "") or hop.name
    if hop.hop is HopKind.CLB or hop.interface in (None, "primary", "secondary"):
        return hop.name
    return hop.interface


def _machine(snapshot: Snapshot, name: str) -> str:
    """The instance of a node, by its name or its own id; empty where it was not read."""
    if snapshot.node_of_instance(name) is not None:
        return name
    return snapshot.interfaces.node_called(name).instance_id if name else ""
