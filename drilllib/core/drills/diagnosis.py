"""
A statement of what is wrong, held against the engine's answer: where a packet was last seen, and what ends it there.

What a learner may state is a few words; the engine alone knows whether they are true of a lab as it is now.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from drilllib.core.rules.rules import Action, Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import HopKind, Reason
from drilllib.core.trace.path import Hop
from drilllib.errors import UnknownNameError, quoted

CLIENT, CLB = "client", "clb"  # hosts of a lab with real packets; nodes and pods have their own names
CAUSES = MappingProxyType(
    {
        "group-1": Reason.CLB_GROUP_DROPPED,
        "group-2": Reason.TARGET_GROUP_DROPPED,
        "group-3": Reason.POD_GROUP_DROPPED,
        "egress": Reason.NODE_EGRESS_DROPPED,
        "local-policy": Reason.NO_LOCAL_ENDPOINT,
        "no-endpoints": Reason.NO_ENDPOINTS,
        "not-listening": Reason.PORT_NOT_LISTENING,
    }
)
_GROUPS = {
    (HopKind.CLB, Direction.INGRESS): Reason.CLB_GROUP_DROPPED,
    (HopKind.NODE, Direction.INGRESS): Reason.TARGET_GROUP_DROPPED,
    (HopKind.NODE, Direction.EGRESS): Reason.NODE_EGRESS_DROPPED,
    (HopKind.POD, Direction.INGRESS): Reason.POD_GROUP_DROPPED,
}
_WORDS = {reason: word for word, reason in CAUSES.items()}


class Place(StrEnum):
    """A stated place, as seen from where the packet was really last seen."""

    RIGHT = "right"
    TOO_NEAR = "too_near"  # it was seen further on
    TOO_FAR = "too_far"  # it never got there


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is true of a statement. *place* is None where none was stated."""

    cause: bool
    place: Place | None

    @property
    def is_right(self) -> bool:
        """Whether all that was stated is true."""
        return self.cause and self.place in (None, Place.RIGHT)


def stops_at(answer: Trace) -> str | None:
    """The word in `CAUSES` for what ends the first path; None where nothing does, or no word fits."""
    return _WORDS.get(answer.paths[0].reason) if answer.paths else None


def causes_of(answer: Trace) -> set[str]:
    """The words in `CAUSES` for everything that blocks, also behind the first."""
    reasons = (_GROUPS.get((each.hop, each.check.direction)) if each.check else each.reason for each in answer.blockers)
    return {_WORDS[reason] for reason in reasons if reason in _WORDS}


def hosts_of(snapshot: Snapshot) -> tuple[str, ...]:
    """Where a capture can be made, in the order in which a packet of the default lab comes by."""
    named = [item["metadata"]["name"] for kind in ("Node", "Pod") for item in snapshot.kubernetes.of_kind(kind)]
    return (CLIENT, CLB, *named)


def last_seen(answer: Trace) -> str:
    """
    The last host at which a capture shows the packet of the first path.

    Groups stand outside of the interfaces: what is dropped on its way in was last seen at the host before, what is
    dropped on its way out at the host that sent it.
    """
    seen = CLIENT
    for path in answer.paths[:1]:
        for hop in path.hops:
            dropped = {check.direction for check in hop.checks if check.action is Action.DROP}
            if Direction.INGRESS in dropped:
                return seen
            seen = _host(hop)
            if dropped or hop.problem is not None:
                return seen
    return seen


def judge(snapshot: Snapshot, answer: Trace, cause: str, seen: str | None = None) -> Judgement:
    """
    Hold the statement that *cause* ends the packet, last *seen* at that host, against the engine's answer.

    Raises:
        UnknownNameError: *cause* is not one of `CAUSES`, or *seen* no host.
    """
    hosts = hosts_of(snapshot)
    _require(cause, tuple(CAUSES))
    if seen is None:
        return Judgement(cause == stops_at(answer), None)
    _require(seen, hosts)
    off = hosts.index(seen) - hosts.index(last_seen(answer))
    place = Place.TOO_FAR if off > 0 else Place.TOO_NEAR if off else Place.RIGHT
    return Judgement(cause == stops_at(answer), place)


def _require(word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise UnknownNameError(
            "Nothing here is called {name}", remedy="Use one of {choices}", name=quoted(word), choices=", ".join(known)
        )


def _host(hop: Hop) -> str:
    return CLB if hop.hop is HopKind.CLB else hop.name.rpartition("/")[2]
