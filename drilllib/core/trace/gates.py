"""The groups of one interface, asked about one packet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypedDict, TypeVar

from drilllib.core.facts import Fact, several
from drilllib.core.rules.addresses import PROBE_RANGE, Address
from drilllib.core.rules.members import Reference, is_public
from drilllib.core.rules.rules import (
    PROTOCOLS_WITH_PORTS,
    Action,
    Decision,
    Direction,
    Flow,
    SecurityGroup,
    decide,
    decide_any,
)
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.origin import Origin
from drilllib.core.trace.path import Check

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Gate:
    """An interface: its groups in order, and the fact that is missing where they are None."""

    groups: tuple[str, ...] | None
    gap: Fact | None


class Asked(NamedTuple):
    """One question to a gate."""

    gate: Gate
    direction: Direction
    peer: Origin
    protocol: str
    port: int


class _Packet(TypedDict):
    """What a check says of the packet."""

    direction: Direction
    peer: Origin
    protocol: str
    port: int | None


PROBE_ORIGIN = Origin((PROBE_RANGE,))


class Gatekeeper:
    """Asks the groups of a snapshot; gates that share their groups share the answers, whoever asks."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._checks: dict[tuple[object, ...], Check] = snapshot.memo.once("checks", dict)
        self._found: dict[tuple[int, ...], tuple[Any, Any, list[Asked]]] = snapshot.memo.once("found by asking", dict)
        self._log: list[Asked] = []

    def ask(self, gate: Gate, direction: Direction, peer: Origin, protocol: str, port: int) -> Check:
        """The answer about packets from or to *peer*. For protocols without ports *port* is left out of it."""
        number = port if protocol in PROTOCOLS_WITH_PORTS else None
        self._log.append(Asked(gate, direction, peer, protocol, port))
        key = gate.groups or gate, direction, peer, protocol, number
        if key not in self._checks:
            check = self._asked(gate, direction, peer, protocol, number)
            self._checks[key] = self._probe_admitted(check) if peer is PROBE_ORIGIN else check
        return self._checks[key]

    def asked(self) -> list[Asked]:
        """What was asked since the last call."""
        log, self._log = self._log, []
        return log

    def once(self, about: tuple[object, ...], make: Callable[[], _T]) -> _T:
        """What *make* finds by asking, found once *about* these very things; what it asked is noted every time."""
        key = tuple(map(id, about))
        if key not in self._found:
            before = len(self._log)
            found = make()
            self._found[key] = about, found, self._log[before:]
            return found
        known: _T
        _, known, asked = self._found[key]
        self._log += asked
        return known

    def _probe_admitted(self, check: Check) -> Check:
        """Probes from 100.64.0.0/10 need no rule [CLB-HCIP]; whether an explicit DROP stops them is not documented."""
        explicit = check.action is Action.DROP and check.group is not None
        beats = (Assumption.PROBE_RANGE_BEATS_EXPLICIT_DROP,) if explicit else ()
        return waived(check, Reason.PROBE_RANGE, *beats)

    def _asked(self, gate: Gate, direction: Direction, peer: Origin, protocol: str, port: int | None) -> Check:
        packet: _Packet = {"direction": direction, "peer": peer, "protocol": protocol, "port": port}
        if gate.groups is None:
            action, reason = Action.UNDETERMINED, Reason.FACT_MISSING
            return Check(**packet, groups=(), action=action, reason=reason, gap=gate.gap)
        if not gate.groups:
            taken = (Assumption.NO_GROUP_ADMITS_ALL,)
            return Check(**packet, groups=(), action=Action.ACCEPT, reason=Reason.NO_GROUP, assumptions=taken)
        known = [self._snapshot.group(name) for name in gate.groups]
        assumptions = assumed_of(known, direction, peer.address)
        check = _decided(packet, gate.groups, assumptions, _decision(known, direction, peer, protocol, port))
        doubts = self._snapshot.doubts.of_groups(gate.groups)
        if check.action is Action.UNDETERMINED:
            doubts += self._snapshot.doubts.of_templates(gate.groups, direction)
        return _not_understood(check, doubts) if doubts else check


def _decision(
    groups: Sequence[SecurityGroup], direction: Direction, peer: Origin, protocol: str, port: int | None
) -> Decision:
    if peer.address is not None:
        return decide(groups, direction, Flow(protocol=protocol, peer=peer.address, port=port))
    return decide_any(groups, direction, protocol, peer.blocks, port, peer.unknown)


def _decided(
    packet: _Packet, groups: tuple[str, ...], assumptions: tuple[Assumption, ...], decision: Decision
) -> Check:
    """A check of *groups* with what their lists say."""
    unknown = decision.action is Action.UNDETERMINED
    matched = Reason.NO_RULE_MATCHED if decision.group is None else Reason.RULE_MATCHED
    return Check(
        **packet,
        groups=groups,
        action=decision.action,
        reason=Reason.FACT_MISSING if unknown else matched,
        group=decision.group,
        policy_index=decision.policy_index,
        rule=decision.rule.text if decision.rule else None,
        gap=several(decision.unresolved) if unknown else None,
        assumptions=assumptions,
    )


def _not_understood(check: Check, doubts: Sequence[Fact]) -> Check:
    """A check by rules that carry what nobody here knows: they may say the opposite."""
    return replace(
        check,
        action=Action.UNDETERMINED,
        reason=Reason.FACT_MISSING,
        group=None,
        policy_index=None,
        rule=None,
        gap=several((*((check.gap,) if check.gap else ()), *doubts)),
    )


def assumed_of(groups: Sequence[SecurityGroup], direction: Direction, peer: Address | None) -> tuple[Assumption, ...]:
    """What reading these groups' lists takes for granted about *peer*, None where that may be one of several."""
    found = [Assumption.GROUPS_ARE_ONE_LIST] if len(groups) > 1 else []
    if peer is not None and is_public(peer):
        rules = (rule for group in groups for rule in group.rules(direction) or ())
        if any(isinstance(rule.peer, Reference) and rule.peer.kind == "SecurityGroupId" for rule in rules):
            found.append(Assumption.PUBLIC_ADDRESS_IS_NO_MEMBER)
    return tuple(found)


def waived(check: Check, reason: Reason, *assumptions: Assumption) -> Check:
    """A check that is not made: the packet passes whatever the groups say."""
    return replace(
        check,
        action=Action.ACCEPT,
        reason=reason,
        assumptions=assumptions,
        group=None,
        policy_index=None,
        rule=None,
        gap=None,
    )


def doubted(check: Check, gap: Fact) -> Check:
    """A check of which nobody knows whether it is made: that matters only where it would not admit the packet."""
    if check.action is Action.ACCEPT:
        return check
    return replace(check, action=Action.UNDETERMINED, reason=Reason.FACT_MISSING, gap=gap)
