"""
Security-group rules, and how an ordered list of groups decides.

Behaviour, from the vendor's security group overview (product pages 213/12452, 215/38750):
the first matching rule decides, whether it accepts or drops; what no rule matches is dropped;
a group has one ordered list for each direction; several groups on one interface are read in
their order as one long list, with one implicit deny at its very end (inferred: `GROUPS_ARE_ONE_LIST`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from drilllib.core.facts import Fact, FactCode, fact, rules_of
from drilllib.core.rules.addresses import EVERYONE, Address, Block
from drilllib.core.rules.members import EVERY_PORT, Directory, PortRanges, Reference, range_of
from drilllib.errors import InvalidInputError, quoted

LAST_PORT = 65535
PROTOCOLS_WITH_PORTS = ("TCP", "UDP")
PROTOCOLS = ("TCP", "UDP", "ICMP", "ICMPV6", "GRE")


class Action(StrEnum):
    """What is done with a flow. UNDETERMINED: it depends on something that was not given."""

    ACCEPT = "ACCEPT"
    DROP = "DROP"
    UNDETERMINED = "UNDETERMINED"


class Direction(StrEnum):
    """Seen from the bound resource: ingress is traffic towards it, egress away from it."""

    INGRESS = "ingress"
    EGRESS = "egress"

    @classmethod
    def _missing_(cls, value: object) -> None:
        """Raises InvalidInputError: a direction is often typed by hand."""
        raise InvalidInputError("The direction is {value}", remedy="Use ingress or egress", value=quoted(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    One line of a security group.

    *peer* is the far end: the source for ingress, the destination for egress.
    *ports* are destination ports as (first, last) pairs, both ends included, 1 to 65535; None is every port.
    *policy* is the vendor's object, untouched, so that writing a rule back loses nothing. *unknown* names fields of it
    that are not known: such a rule may match anything or nothing.

    API: SecurityGroupPolicy, VPC 2017-03-12. Made by `policies.rule_from_policy`.
    """

    action: Action
    protocol: str  # one of PROTOCOLS, or ALL
    peer: Block | Reference
    ports: tuple[tuple[int, int], ...] | None
    service: Reference | None = None  # a service template, standing for protocol and ports
    policy: Mapping[str, Any] = field(hash=False)
    text: str
    unknown: tuple[str, ...] = ()

    @property
    def references(self) -> tuple[Reference, ...]:
        """The names whose members have to be known to say what this rule matches."""
        return tuple(each for each in (self.peer, self.service) if isinstance(each, Reference))


def require_protocol(name: str, *also: str) -> None:
    """Raises InvalidInputError where *name* is no protocol, nor one of *also*."""
    known = (*PROTOCOLS, *also)
    if name not in known:
        raise InvalidInputError(
            "The protocol of a flow is {name}",
            remedy="Use one of {choices}",
            name=quoted(name),
            choices=", ".join(known),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """
    The opening packet of one conversation, as one interface sees it.

    *peer* is the far end's address; *port* the destination port, 1 to 65535, None for ICMP, ICMPV6 and GRE.

    Raises:
        InvalidInputError: The protocol is unknown, or it and the port do not go together.
    """

    protocol: str
    peer: Address
    port: int | None = None

    def __post_init__(self) -> None:
        if self.protocol not in PROTOCOLS:  # asked here first, because flows are made by the million
            require_protocol(self.protocol)
        if self.protocol in PROTOCOLS_WITH_PORTS:
            _require_port(self.protocol, self.port)
        elif self.port is not None:
            raise InvalidInputError(
                "{protocol} has no ports, and the flow has port {port}",
                remedy="Leave the port out",
                protocol=self.protocol,
                port=quoted(self.port),
            )


def _require_port(protocol: str, port: object) -> None:
    if port is None:
        raise InvalidInputError(
            "The {protocol} flow has no port", remedy="Give one port from 1 to 65535", protocol=protocol
        )
    if not isinstance(port, int) or isinstance(port, bool) or not 1 <= port <= LAST_PORT:
        raise InvalidInputError(
            "The port of a {protocol} flow is {port}",
            remedy="Give one port from 1 to 65535",
            protocol=protocol,
            port=quoted(port),
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """
    How a list of groups decides one flow, with its evidence.

    *group* and *policy_index* name the rule that decided, counted from 0 at the top of its group; both are None where
    no rule matched and the implicit deny applied. *unresolved* names rules above it that might have matched
    and whose members are not known. For UNDETERMINED, *group* and *policy_index* name the first of those.
    """

    action: Action
    direction: Direction
    group: str | None = None
    policy_index: int | None = None
    rule: Rule | None = None
    unresolved: tuple[Fact, ...] = ()


# A compiled rule: first and last peer; first and last port, place in the list, is its match certain.
_Row = tuple[int, int, tuple[int, int, int, bool]]


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """
    A group: an id and two ordered lists. A list that is None was not read, which is not the same as empty.

    *names* is what is known of the groups and templates that the rules name.

    API: SecurityGroupPolicySet.
    """

    group_id: str
    ingress: tuple[Rule, ...] | None
    egress: tuple[Rule, ...] | None
    names: Directory = field(default_factory=Directory)
    _compiled: dict[tuple[Direction, str, int], tuple[_Row, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def references(self) -> tuple[Reference, ...]:
        """Every name in its rules, as often as it stands there."""
        return tuple(name for way in Direction for rule in self.rules(way) or () for name in rule.references)

    def rules(self, direction: Direction) -> tuple[Rule, ...] | None:
        """The list of one direction, or None where it was not read."""
        return self.ingress if direction == Direction.INGRESS else self.egress

    def matching(self, direction: Direction, flow: Flow) -> Iterator[tuple[int, bool]]:
        """Places of the rules that match *flow*, from the top, each with whether the match is certain."""
        peer, port = int(flow.peer), flow.port or 0
        for first, last, rest in self.rows(direction, flow.protocol, flow.peer.version):
            if first <= peer <= last:
                low, high, index, certain = rest
                if low <= port <= high:
                    yield index, certain

    def rows(self, direction: Direction, protocol: str, family: int) -> tuple[_Row, ...]:
        """The list as plain numbers, for flows of one protocol and address family (4 or 6), from the top."""
        key = (direction, protocol, family)
        if key not in self._compiled:
            rules = self.rules(direction) or ()
            self._compiled[key] = tuple(
                row for index, rule in enumerate(rules) for row in _rows_of(rule, index, protocol, family, self.names)
            )
        return self._compiled[key]


def _rows_of(rule: Rule, index: int, protocol: str, family: int, names: Directory) -> Iterator[_Row]:
    """*rule* as plain numbers, for flows of one protocol and address family; nothing where it cannot match those."""
    if rule.unknown:
        _, first, last = range_of(EVERYONE[family])
        yield first, last, (*EVERY_PORT[0], index, False)
        return
    if rule.protocol not in ("ALL", protocol) or getattr(rule.peer, "version", family) != family:
        return  # told here first, because lists are read for every protocol and family
    ports, settled = _ports_of(rule, protocol, names)
    members = names.members_of(rule.peer)
    for ranges, certain in ((members.certain, settled), (members.possible, False)):
        for version, first, last in ranges:
            if version == family:
                for low, high in ports:
                    yield first, last, (low, high, index, certain)


def _ports_of(rule: Rule, protocol: str, names: Directory) -> tuple[PortRanges, bool]:
    """The ports a rule means for a protocol, none where it means none, and whether that is certain."""
    if rule.service is None:
        return (rule.ports or EVERY_PORT if rule.protocol in ("ALL", protocol) else ()), True
    return names.ports_of(rule.service, protocol)


def decide(groups: Sequence[SecurityGroup], direction: Direction, flow: Flow) -> Decision:
    """
    Read the groups' lists in order from the top; the first match decides.

    Rules that only name their peer or service (a group, a template) may or may not match. Where the answer
    is the same either way it is given; else it is UNDETERMINED. The same holds for lists that were not read.
    No group at all drops everything; that a CLB without groups admits everything is known to `trace`.
    Behaviour: the vendor's pages named at the top of this module. `Flow` refuses what no packet can be.
    """
    doubts: list[Decision] = []
    for group in groups:
        rules = group.rules(direction)
        if rules is None:
            doubts.append(Decision(Action.UNDETERMINED, direction, group.group_id, None, None))
            continue
        for index, certain in group.matching(direction, flow):
            decision = Decision(rules[index].action, direction, group.group_id, index, rules[index])
            if certain:
                return _settle(doubts, decision)
            doubts.append(decision)
    return _settle(doubts, Decision(Action.DROP, direction))


def decide_any(
    groups: Sequence[SecurityGroup],
    direction: Direction,
    protocol: str,
    blocks: Sequence[Block],
    port: int | None,
    unknown: Fact | None = None,
) -> Decision:
    """
    The same, for a peer that may be any address of *blocks*: UNDETERMINED where those fare differently.

    *unknown* names the fact that would tell which address it is, where there is one.
    The answer can change only where some rule's range begins or has just ended, so those addresses stand for all.
    """
    points = [point for block in blocks for point in _telling_addresses(groups, direction, block)]
    answers = [decide(groups, direction, Flow(protocol=protocol, peer=point, port=port)) for point in points]
    if len({answer.action for answer in answers}) == 1:
        return answers[0]
    odd = next(answer for answer in answers if answer.action is not answers[0].action)
    unresolved = (unknown or fact(FactCode.ONE_OF_BLOCKS, blocks=", ".join(map(str, blocks))),)
    return Decision(Action.UNDETERMINED, direction, odd.group, odd.policy_index, odd.rule, unresolved)


def _telling_addresses(groups: Sequence[SecurityGroup], direction: Direction, block: Block) -> Iterator[Address]:
    """The first address of *block*, and every one in it where some rule's range begins or has just ended."""
    low, high = int(block.network_address), int(block.broadcast_address)
    meant = (group.names.members_of(rule.peer) for group in groups for rule in group.rules(direction) or ())
    ranges = [each for members in meant for each in (*members.certain, *members.possible)]
    edges = {first for _, first, _ in ranges} | {last + 1 for _, _, last in ranges}
    kind = type(block.network_address)
    return (kind(point) for point in sorted({low} | {edge for edge in edges if low < edge <= high}))


def _unknown(doubt: Decision) -> Fact:
    """The fact that would settle a doubt, and where it is asked for."""
    if doubt.rule is None:
        return rules_of(doubt.group, doubt.direction)
    rule = f"{doubt.group} {doubt.direction}[{doubt.policy_index}]"
    if doubt.rule.unknown:
        return fact(FactCode.FIELD_UNKNOWN, field=", ".join(doubt.rule.unknown), object=rule)
    name, *service = (reference.name for reference in doubt.rule.references)
    if service:
        return fact(FactCode.MEMBERS_OF_BOTH, name=name, service=service[0], rule=rule)
    return fact(FactCode.MEMBERS, name=name, rule=rule)


def _settle(doubts: list[Decision], last: Decision) -> Decision:
    """The answer when any of *doubts* may have decided before *last* did."""
    if not doubts:
        return last
    names = tuple(dict.fromkeys(_unknown(doubt) for doubt in doubts))
    if all(doubt.action is last.action for doubt in doubts):
        return Decision(last.action, last.direction, last.group, last.policy_index, last.rule, names)
    first = next(doubt for doubt in doubts if doubt.action is not last.action)
    return Decision(Action.UNDETERMINED, last.direction, first.group, first.policy_index, first.rule, names)
