"""
Rules tried on every point where an answer can change, from the vendor's dictionaries alone.

The points of an axis are the ends that any rule names, their neighbours, and the ends of the axis. Between two
neighbouring points nothing begins or ends, so that what holds at all points holds everywhere. Whether a rule
matches a point is asked of `reference`; the addresses that it matches are kept as the bits of one number.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address
from itertools import product

import reference
from witness_cases import Case, RulePosition

LAST = {4: (1 << 32) - 1, 6: (1 << 128) - 1}
KIND = {4: IPv4Address, 6: IPv6Address}
PLANES = [("TCP", 4), ("UDP", 4), ("ICMP", 4), ("GRE", 4), ("TCP", 6), ("UDP", 6), ("ICMPV6", 6), ("GRE", 6)]
Where = tuple[str, int, int | None]  # protocol, family and port
UNREAD_ACCEPT, UNREAD_DROP = -1, -2  # the two imagined rules of a list that was not read


@dataclass(frozen=True)
class Line:
    """One rule: at each place the addresses that it matches, and those that it may match, as bits."""

    spot: RulePosition
    accepts: bool
    yes: Mapping[Where, int]
    maybe: Mapping[Where, int]

    def either(self, where: Where) -> int:
        """What it matches or may match."""
        return self.yes[where] | self.maybe[where]


class Points:
    """The points of a case and of the rectangles in *planes*, with the case's rules from the top."""

    def __init__(self, case: Case, *planes: Mapping[tuple[str, int], Iterable[tuple[int, int, int, int]]]) -> None:
        self.case = case
        self.policies = [policy for _, lists in case.groups for policy in lists.get(case.direction) or ()]
        addresses: dict[int, set[int]] = {family: {0, last} for family, last in LAST.items()}
        ports = {1, 65535}
        for family in LAST:
            for address in reference.edges(case.groups, case.direction, case.snapshot or {}, family):
                addresses[family] |= {int(address) - 1, int(address), int(address) + 1}
        for policy in self.policies:
            ports |= {end + step for end in _ports_named(policy, case.snapshot or {}) for step in (-1, 0, 1)}
        for found in planes:
            for (_, family), boxes in found.items():
                for first, last, low, high in boxes:
                    addresses[family] |= {first - 1, first, last, last + 1}
                    ports |= {low - 1, low, high, high + 1}
        self.addresses = {
            family: [KIND[family](number) for number in sorted(numbers) if 0 <= number <= LAST[family]]
            for family, numbers in addresses.items()
        }
        self.ports = sorted(port for port in ports if 1 <= port <= 65535)
        self.everywhere = list(self._everywhere())
        self.whole = {family: (1 << len(found)) - 1 for family, found in self.addresses.items()}

    @cached_property
    def lines(self) -> list[Line]:
        """The rules from the top."""
        return list(self._lines())

    def _everywhere(self) -> Iterator[Where]:
        for protocol, family in PLANES:
            for port in self.ports if protocol in ("TCP", "UDP") else (None,):
                yield protocol, family, port

    def _lines(self) -> Iterator[Line]:
        for name, lists in self.case.groups:
            if self.case.direction not in lists:
                nothing = dict.fromkeys(self.everywhere, 0)
                anything = {where: self.whole[where[1]] for where in self.everywhere}
                yield Line((name, UNREAD_ACCEPT), True, nothing, anything)
                yield Line((name, UNREAD_DROP), False, nothing, anything)
                continue
            for index, policy in enumerate(reference.in_order(lists[self.case.direction] or [])):
                yield self._line((name, index), policy)

    def _line(self, spot: RulePosition, policy: dict) -> Line:
        peers = {family: self._peers(policy, family) for family in LAST}
        yes, maybe = {}, {}
        for protocol, family, port in self.everywhere:
            packet = reference.Packet(protocol, self.addresses[family][0], port)
            service = reference.service_matches(policy, packet, self.case.snapshot)
            certain, possible = peers[family]
            where = protocol, family, port
            yes[where] = certain if service == reference.YES else 0
            maybe[where] = {reference.YES: possible, reference.NO: 0, reference.MAYBE: certain | possible}[service]
        return Line(spot, policy["Action"].upper() == "ACCEPT", yes, maybe)

    def _peers(self, policy: dict, family: int) -> tuple[int, int]:
        """The addresses that the rule's peer stands for, and those that it may stand for."""
        found = [reference.peer_matches(policy, address, self.case.snapshot) for address in self.addresses[family]]
        return tuple(
            sum(1 << place for place, each in enumerate(found) if each == wanted)
            for wanted in (reference.YES, reference.MAYBE)
        )

    def bits_of(self, planes: Mapping[tuple[str, int], Iterable[tuple[int, int, int, int]]]) -> dict[Where, int]:
        """The points within the rectangles of a set of flows; for protocols without ports these lie at port 0."""
        found = dict.fromkeys(self.everywhere, 0)
        for where in self.everywhere:
            protocol, family, port = where
            for first, last, low, high in planes.get((protocol, family), ()):
                if low <= (port or 0) <= high:
                    found[where] |= self._between(family, first, last)
        return found

    def _between(self, family: int, first: int, last: int) -> int:
        return sum(1 << place for place, each in enumerate(self.addresses[family]) if first <= int(each) <= last)

    def accepted(self, without: Iterable[RulePosition] = ()) -> tuple[dict[Where, int], dict[Where, int]]:
        """What is surely accepted at each place, and what possibly is, once some rules are deleted."""
        gone = set(without)
        sure, possible = dict.fromkeys(self.everywhere, 0), dict.fromkeys(self.everywhere, 0)
        for where in self.everywhere:
            for line in reversed(self.lines):
                if line.spot in gone:
                    continue
                if line.accepts:
                    sure[where] |= line.yes[where]
                    possible[where] |= line.either(where)
                else:
                    sure[where] &= ~line.either(where)
                    possible[where] &= ~line.yes[where]
        return sure, possible

    def dead(self) -> set[RulePosition]:
        """The rules that match something and never decide."""
        matching, alive = set(), set()
        for where in self.everywhere:
            covered = 0
            for line in self.lines:
                mine = line.either(where)
                matching |= {line.spot} if mine else set()
                alive |= {line.spot} if mine & ~covered else set()
                covered |= line.yes[where]
        return {spot for spot in matching - alive if spot[1] >= 0}

    def matching_nothing(self) -> set[RulePosition]:
        """The rules that no flow can match."""
        return {line.spot for line in self.lines if not any(line.either(where) for where in self.everywhere)}

    def takers(self, spot: RulePosition) -> list[RulePosition]:
        """Who first surely matches the flows of the rule, of the rules above it, from the top."""
        found = set()
        place = next(number for number, line in enumerate(self.lines) if line.spot == spot)
        for where in self.everywhere:
            left = self.lines[place].either(where)
            for line in self.lines[:place]:
                found |= {line.spot} if left & line.yes[where] else set()
                left &= ~line.yes[where]
        return [line.spot for line in self.lines if line.spot in found]

    def covers(self, spots: Iterable[RulePosition], spot: RulePosition) -> bool:
        """Whether some rules together surely match all that the rule matches or may match."""
        chosen = [line for line in self.lines if line.spot in set(spots)]
        (mine,) = (line for line in self.lines if line.spot == spot)
        for where in self.everywhere:
            left = mine.either(where)
            for line in chosen:
                left &= ~line.yes[where]
            if left:
                return False
        return True

    def worlds(self, without: Iterable[RulePosition] = ()) -> Iterator[dict[Where, int]]:
        """
        What is accepted in every world there could be, each doubtful rule matching all that it may, or none of it.

        Worlds in which a rule matches a part are mixtures of these, point by point.
        """
        gone = set(without)
        doubtful = [line.spot for line in self.lines if any(line.maybe.values())]
        for choice in product((False, True), repeat=len(doubtful)):
            settled = dict(zip(doubtful, choice, strict=True))
            found = dict.fromkeys(self.everywhere, 0)
            for where in self.everywhere:
                for line in reversed(self.lines):
                    if line.spot not in gone:
                        mine = line.either(where) if settled.get(line.spot) else line.yes[where]
                        found[where] = found[where] | mine if line.accepts else found[where] & ~mine
            yield found


def _ports_named(policy: dict, snapshot: dict) -> Iterator[int]:
    texts = [policy.get("Port") or ""]
    if policy.get("ServiceTemplate"):
        for template in (snapshot.get("service_templates") or {}).values():
            texts += template.get("ServiceSet") or ()
    for text in texts:
        yield from map(int, re.findall(r"\d+", text.partition(":")[2] or text))
