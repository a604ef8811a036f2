"""
Sets of IPv4 flows as decision diagrams over the bits of protocol, address and port.

Two of them are the same set if and only if they are the same diagram, so that comparing one is a proof. Rules are
read from the vendor's dictionaries, an address block as the first bits of its text.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

try:
    from dd.cudd import BDD
except ImportError:  # there are wheels of it for some machines only
    from dd.autoref import BDD

FAST = BDD.__module__ == "dd.cudd"  # ten times as fast as the other

PROTOCOLS = ("TCP", "UDP", "ICMP", "GRE")
ADDRESS = [f"a{bit}" for bit in range(31, -1, -1)]  # from the highest
PORT = [f"p{bit}" for bit in range(15, -1, -1)]
Policy = Mapping[str, str]


class Diagrams:
    """Builds and compares sets of IPv4 flows."""

    def __init__(self) -> None:
        self.bdd = BDD()
        if FAST:
            self.bdd.configure(reordering=False)
        self.bdd.declare("t1", "t0", *ADDRESS, *PORT)
        self.nothing, self.all = self.bdd.false, self.bdd.true
        self.protocols = {
            name: self.bdd.cube({"t1": number > 1, "t0": number % 2 == 1}) for number, name in enumerate(PROTOCOLS)
        }
        self.has_ports = self.protocols["TCP"] | self.protocols["UDP"]
        self.flows = ~self.has_ports | ~self.bdd.cube(dict.fromkeys(PORT, False))  # there is no port 0

    def rule(self, policy: Policy) -> object:
        """What a rule matches; one that names a group matches any private address, perhaps."""
        peer = self.private if policy.get("SecurityGroupId") else self.block(policy.get("CidrBlock"))
        return peer & self.protocol(policy["Protocol"].upper()) & self.ports(policy.get("Port") or "ALL") & self.flows

    @property
    def private(self) -> object:
        """The addresses that a member of a group can have [SG-ADD]."""
        found = self.nothing
        for text in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"):
            found |= self.block(text)
        return found

    def block(self, text: str | None) -> object:
        """The addresses of ``10.0.0.77/24``: all whose first 24 bits are those. No text: an IPv6 block, so none."""
        if text is None:
            return self.nothing
        address, slash, length = text.partition("/")
        bits = "".join(f"{int(number):08b}" for number in address.split("."))
        kept = 0 if address == "0.0.0.0" and slash else int(length or 32)
        return self.bdd.cube({name: bit == "1" for name, bit in list(zip(ADDRESS, bits, strict=True))[:kept]})

    def protocol(self, name: str) -> object:
        return self.all if name == "ALL" else self.protocols.get(name, self.nothing)

    def ports(self, text: str) -> object:
        """``80``, ``80,443``, ``8000-8010``, a mixture, or ``ALL``."""
        found = self.all if text.upper() == "ALL" else self.nothing
        for first, last in re.findall(r"(\d+)(?:-(\d+))?", text):
            found |= self.between(PORT, int(first), int(last or first))
        return found

    def between(self, names: Sequence[str], first: int, last: int) -> object:
        """The numbers from *first* to *last* in the bits *names*, the highest first."""
        at_least, at_most = self.all, self.all
        for shift, name in enumerate(reversed(names)):
            bit = self.bdd.var(name)
            at_least = bit & at_least if first >> shift & 1 else bit | at_least
            at_most = ~bit | at_most if last >> shift & 1 else ~bit & at_most
        return at_least & at_most

    def box(self, protocol: str, first: int, last: int, low: int, high: int) -> object:
        """A rectangle of a set of flows; for a protocol without ports it lies at port 0 and means all of them."""
        ports = self.between(PORT, low, high) if protocol in ("TCP", "UDP") else self.all
        assert protocol in ("TCP", "UDP") or (low, high) == (0, 0)
        return self.protocols[protocol] & self.between(ADDRESS, first, last) & ports

    def flow_set(self, planes: Mapping[tuple[str, int], Iterable[tuple[int, int, int, int]]]) -> object:
        """The IPv4 flows of a set."""
        found = self.nothing
        for (protocol, family), boxes in planes.items():
            for box in boxes if family == 4 else ():
                found |= self.box(protocol, *box)
        return found

    def accepted(self, policies: Sequence[Policy]) -> tuple[object, object]:
        """What a list surely accepts, and what it possibly does, read from the bottom."""
        sure = possible = self.nothing
        for policy in reversed(policies):
            mine, doubtful = self.rule(policy), "SecurityGroupId" in policy
            if policy["Action"].upper() == "ACCEPT":
                sure, possible = sure if doubtful else sure | mine, possible | mine
            else:
                sure, possible = sure & ~mine, possible if doubtful else possible & ~mine
        return sure, possible

    def dead(self, policies: Sequence[Policy]) -> set[int]:
        """The places of the rules that match something of which the rules above leave nothing."""
        covered, found = self.nothing, set()
        for place, policy in enumerate(policies):
            mine = self.rule(policy)
            if mine != self.nothing and mine & ~covered == self.nothing:
                found.add(place)
            covered = covered if "SecurityGroupId" in policy else covered | mine
        return found

    def covers(self, rules: Sequence[object], covering: Iterable[int], place: int) -> bool:
        """Whether some rules together leave nothing of another."""
        left = rules[place]
        for each in covering:
            left &= ~rules[each]
        return left == self.nothing

    def redundant(self, policies: Sequence[Policy], dead: set[int]) -> list[int]:
        """Every rule from the bottom deleted in turn, and left out for good where the list accepts the same."""
        kept = [place for place in range(len(policies)) if place not in dead]
        whole = self.accepted([policies[place] for place in kept])
        found = []
        for place in reversed(kept[:]):
            others = [each for each in kept if each != place]
            if self.rule(policies[place]) != self.nothing and self.accepted([policies[n] for n in others]) == whole:
                kept = others
                found.append(place)
        return found[::-1]
