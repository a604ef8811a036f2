"""What a trace is made of: the checks, rewrites and hops that one connection attempt meets, as plain data."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import Any

from drilllib.core.facts import Fact
from drilllib.core.plain import plain
from drilllib.core.rules.rules import Action, Direction
from drilllib.core.trace.codes import Assumption, HopKind, Reason
from drilllib.core.trace.origin import Origin


class PathOutcome(StrEnum):
    """How one connection attempt ends."""

    DELIVERED = "delivered"
    DROPPED = "dropped"
    REFUSED = "refused"
    UNDETERMINED = "undetermined"


ENDS = {
    Reason.NO_ENDPOINTS: PathOutcome.REFUSED,
    Reason.PORT_NAME_DIFFERS: PathOutcome.REFUSED,
    Reason.TARGET_PORT_NAME_UNKNOWN: PathOutcome.REFUSED,
    Reason.NODEPORT_NOT_IN_USE: PathOutcome.REFUSED,
    Reason.PORT_NOT_LISTENING: PathOutcome.REFUSED,
    Reason.NO_LOCAL_ENDPOINT: PathOutcome.DROPPED,
    Reason.INSTANCE_NOT_RUNNING: PathOutcome.DROPPED,
    Reason.PACKET_LOOPS_BACK: PathOutcome.DROPPED,
    Reason.CLUSTER_IP_IS_INTERNAL: PathOutcome.DROPPED,
    Reason.PORT_NOT_DECLARED: PathOutcome.UNDETERMINED,
    Reason.FACT_MISSING: PathOutcome.UNDETERMINED,
    Reason.NO_TARGETS: PathOutcome.DROPPED,
    Reason.REDIRECTED: PathOutcome.DELIVERED,
    Reason.NO_FORWARDING_RULE: PathOutcome.UNDETERMINED,
    Reason.NOT_MODELLED: PathOutcome.UNDETERMINED,
}
_UNLESS_PASSED = {Reason.PORT_NOT_DECLARED: PathOutcome.REFUSED}  # what an unknown does; others drop
_DROPS = {
    (HopKind.CLB, Direction.INGRESS): Reason.CLB_GROUP_DROPPED,
    (HopKind.NODE, Direction.INGRESS): Reason.TARGET_GROUP_DROPPED,
    (HopKind.NODE, Direction.EGRESS): Reason.NODE_EGRESS_DROPPED,
    (HopKind.POD, Direction.INGRESS): Reason.POD_GROUP_DROPPED,
    (HopKind.POD, Direction.EGRESS): Reason.POD_EGRESS_DROPPED,
    (HopKind.OUTSIDE, Direction.INGRESS): Reason.TARGET_GROUP_DROPPED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """
    One interface's groups asked about one packet, or the NetworkPolicies of a pod, which *policies* names.

    *peer* is the far end as this interface sees it: one address, or the block that the CLB draws from.
    *group*, *policy_index* and *rule* name the rule that decided; they are None for the implicit deny.
    """

    direction: Direction
    groups: tuple[str, ...]
    peer: Origin
    protocol: str
    port: int | None  # None for protocols without ports
    action: Action
    reason: Reason
    group: str | None = None
    policy_index: int | None = None
    rule: str | None = None
    gap: Fact | None = None
    assumptions: tuple[Assumption, ...] = ()
    policies: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The check as formats.md fixes it, without what only the whole trace lists."""
        names = ("direction", "peer", "protocol", "port", "action", "reason", "group", "policy_index", "rule", "groups")
        more = ("policies",) if self.policies else ()
        return {**plain(self, *names, *more), "peer": str(self.peer)}


class Nat(StrEnum):
    """What is rewritten: the destination or the source."""

    DNAT = "DNAT"
    SNAT = "SNAT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """An address or port that a hop replaced before sending the packet on. *source* is the new one, of SNAT."""

    kind: Nat
    field: str  # destination or source
    before: str
    after: str
    source: Origin | None = None

    def to_dict(self) -> dict[str, Any]:
        """All fields."""
        return plain(self, "kind", "field", "before", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """
    One place the packet visits. *problem* is a cause other than a security group that ends the attempt here, after
    the checks passed. *doubts* are missing facts, each of which may stop it here. *hypothetical*: the packet had been
    stopped before; this is what it would have met.
    """

    hop: HopKind
    name: str
    address: str
    port: int
    interface: str | None = None
    checks: tuple[Check, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    problem: Reason | None = None
    gap: Fact | None = None
    doubts: tuple[Fact, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    hypothetical: bool = False

    def but(self, **changes: Any) -> "Hop":
        """The hop with other values of some fields: what `dataclasses.replace` gives, in half the time."""
        return Hop(**(dict(zip(_FIELDS, _values(self), strict=True)) | changes))

    @property
    def gaps(self) -> tuple[Fact, ...]:
        """Every fact that is missing here."""
        found = [check.gap for check in self.checks if check.gap]
        return (*((self.gap,) if self.gap else ()), *self.doubts, *found)

    @property
    def all_assumptions(self) -> tuple[Assumption, ...]:
        """What the hop and its checks take for granted."""
        return (*self.assumptions, *[each for check in self.checks for each in check.assumptions])

    @property
    def may_refuse(self) -> bool:
        """Does it end here for want of a fact after which anything may happen, a refusal too?"""
        return self.problem is not None and ENDS[self.problem] is PathOutcome.UNDETERMINED

    def end(
        self, *, unknown_passes: bool | None, refuses: bool = False
    ) -> tuple[PathOutcome, Reason, Check | None] | None:
        """
        How the attempt ends here; None where it goes on.

        *unknown_passes*: what to take an unknown for: True passes, False drops (a port that nobody declares refuses),
        None leaves it undetermined. *refuses*: what passes so but `may_refuse` is refused.
        """
        for check in self.checks:
            if check.action is Action.DROP or (check.action is Action.UNDETERMINED and unknown_passes is False):
                return PathOutcome.DROPPED, _reason_of(self.hop, check), check
            if check.action is Action.UNDETERMINED and unknown_passes is None:
                return PathOutcome.UNDETERMINED, Reason.FACT_MISSING, check
        if self.doubts and not unknown_passes:
            end = PathOutcome.UNDETERMINED if unknown_passes is None else PathOutcome.DROPPED
            return end, Reason.FACT_MISSING, None
        if self.problem is None:
            return None
        outcome = ENDS[self.problem]
        if outcome is not PathOutcome.UNDETERMINED or unknown_passes is None:
            return outcome, self.problem, None
        if refuses:
            return PathOutcome.REFUSED, self.problem, None
        return None if unknown_passes else (_UNLESS_PASSED.get(self.problem, PathOutcome.DROPPED), self.problem, None)

    def to_dict(self) -> dict[str, Any]:
        """The hop as formats.md fixes it."""
        names = ("hop", "name", "address", "port", "interface", "problem", "hypothetical", "checks", "rewrites")
        return plain(self, *names)


_FIELDS = tuple(each.name for each in fields(Hop))
_values = attrgetter(*_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """
    One way a connection attempt can go: one target of the CLB, one endpoint behind it. None: there is none.

    It may stand for *count* ways that no check tells apart, itself included, over so many *targets* and *endpoints*;
    *like* and *like_endpoints* name some of the others.
    """

    target: str | None
    endpoint: str | None
    hops: tuple[Hop, ...]
    count: int = 1
    targets: int = 1
    endpoints: int = 1
    like: tuple[str, ...] = ()
    like_endpoints: tuple[str, ...] = ()

    @property
    def may_refuse(self) -> bool:
        """See `Hop.may_refuse`."""
        return any(hop.may_refuse for hop in self.hops)

    def end(
        self, *, unknown_passes: bool | None = None, behind_clb: bool = False, refuses: bool = False
    ) -> tuple[PathOutcome, Reason]:
        """How the attempt ends, and why, at all hops or at those *behind_clb*; see `Hop.end`."""
        for hop in self.hops[1:] if behind_clb and self.hops[0].hop is HopKind.CLB else self.hops:
            end = hop.end(unknown_passes=unknown_passes, refuses=refuses)
            if end is not None:
                return end[:2]
        return PathOutcome.DELIVERED, Reason.DELIVERED

    @property
    def outcome(self) -> PathOutcome:
        """How the attempt ends. Undetermined only where the unknown matters."""
        best, worst = self.end(unknown_passes=True), self.end(unknown_passes=False)
        return best[0] if best[0] is worst[0] else PathOutcome.UNDETERMINED

    @property
    def reason(self) -> Reason:
        """Why it ends so."""
        best, worst = self.end(unknown_passes=True), self.end(unknown_passes=False)
        is_told = best[0] is worst[0] and best[0] is not PathOutcome.UNDETERMINED
        return best[1] if is_told else self.end()[1]

    def to_dict(self) -> dict[str, Any]:
        """The path as formats.md fixes it; what else it stands for only where that is more than itself."""
        more = ("count", "targets", "endpoints", "like", "like_endpoints") if self.count > 1 else ()
        return plain(self, "target", "endpoint", "outcome", "reason", *more, "hops")


class SymptomKind(StrEnum):
    """
    What a client meets: over TCP one of the first three, over UDP of the next three; of a connection to any other door
    than a listener also `CONNECTED`; the others only in a lab.
    """

    HTTP = "http"
    CONNECT_TIMEOUT = "connect_timeout"
    REFUSED = "refused"
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    PORT_UNREACHABLE = "port_unreachable"
    CONNECTED = "connected"
    RESET = "reset"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """
    What a client meets; *status* is that of HTTP. *seconds* is how long the CLB took to answer, 0 for at once; None
    where the client's own patience ends the attempt. *location* is the URL that a redirect names, as far as known.
    """

    kind: SymptomKind
    status: int | None = None
    seconds: float | None = None
    location: str = ""

    @property
    def works(self) -> bool:
        """Did the request succeed?"""
        return self.kind in (SymptomKind.ANSWERED, SymptomKind.CONNECTED) or (
            self.status is not None and self.status < 400
        )

    def to_dict(self) -> dict[str, Any]:
        """The symptom as formats.md fixes it; where it leads only where it leads somewhere."""
        return plain(self, "kind", "status", "seconds", *(("location",) if self.location else ()))


@lru_cache(maxsize=4096)
def masqueraded(before: Origin, after: Origin) -> Rewrite:
    """SNAT: *after* in the place of *before* as the source."""
    return Rewrite(kind=Nat.SNAT, field="source", before=str(before), after=str(after), source=after)


def marked(hops: Iterable[Hop]) -> tuple[Hop, ...]:
    """The hops, those behind a certain stop marked hypothetical."""
    result: list[Hop] = []
    stopped = False
    for hop in hops:
        result.append(hop.but(hypothetical=True) if stopped else hop)
        stopped = stopped or hop.end(unknown_passes=True) is not None
    return tuple(result)


def _reason_of(hop: HopKind, check: Check) -> Reason:
    """Why a packet ends where that check stops it."""
    return Reason.NETWORK_POLICY_DENIES if check.policies else _DROPS[hop, check.direction]
