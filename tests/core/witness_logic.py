"""Rules and sets of flows as formulas over one flow of bit-vectors, for z3."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_network

import z3

PROTOCOLS = {4: ("TCP", "UDP", "ICMP", "GRE"), 6: ("TCP", "UDP", "ICMPV6", "GRE")}
WITH_PORTS = ("TCP", "UDP")
Policy = Mapping[str, str]


class Formulas:
    """One flow of one address family, and what can be said of it."""

    def __init__(self, family: int) -> None:
        self.family = family
        self.bits = 32 if family == 4 else 128
        self.address = z3.BitVec("address", self.bits)
        self.port = z3.BitVec("port", 16)
        self.number = z3.BitVec("protocol", 2)
        ported = z3.Or(*(self.protocol(name) for name in WITH_PORTS))
        self.flow = z3.If(ported, self.port != 0, self.port == 0)

    def protocol(self, name: str) -> z3.BoolRef:
        if name == "ALL":
            return z3.BoolVal(True)
        names = PROTOCOLS[self.family]
        return self.number == names.index(name) if name in names else z3.BoolVal(False)

    def matches(self, policy: Policy) -> z3.BoolRef:
        """Whether a rule with a block matches the flow: the bits under the block's mask are the block's."""
        return z3.And(self._block(policy), self.protocol(policy["Protocol"].upper()), self._ports(policy.get("Port")))

    def _block(self, policy: Policy) -> z3.BoolRef:
        text = policy.get("CidrBlock" if self.family == 4 else "Ipv6CidrBlock")
        if text is None:
            return z3.BoolVal(False)
        if text.startswith("0.0.0.0/"):
            return z3.BoolVal(True)
        block = ip_network(text, strict=False)
        return self.address & int(block.netmask) == int(block.network_address)

    def _ports(self, text: str | None) -> z3.BoolRef:
        if text is None or text.upper() in ("", "ALL"):
            return z3.BoolVal(True)
        parts = [[int(end) for end in part.split("-")] for part in text.split(",")]
        return z3.Or(*(z3.And(z3.ULE(part[0], self.port), z3.ULE(self.port, part[-1])) for part in parts))

    def accepts(self, policies: Sequence[Policy], matches: Sequence[z3.BoolRef]) -> z3.BoolRef:
        """Whether a list accepts the flow: the first rule of those that match decides."""
        answer = z3.BoolVal(False)
        for policy, match in reversed(list(zip(policies, matches, strict=True))):
            answer = z3.If(match, z3.BoolVal(policy["Action"].upper() == "ACCEPT"), answer)
        return answer

    def within(self, planes: Mapping[tuple[str, int], Iterable[tuple[int, int, int, int]]]) -> z3.BoolRef:
        """Whether the flow is in a set."""
        return z3.Or(z3.BoolVal(False), *self._rectangles(planes))

    def _rectangles(
        self, planes: Mapping[tuple[str, int], Iterable[tuple[int, int, int, int]]]
    ) -> Iterator[z3.BoolRef]:
        for (protocol, family), boxes in planes.items():
            for first, last, low, high in boxes if family == self.family else ():
                yield z3.And(
                    self.protocol(protocol),
                    *(z3.ULE(first, self.address), z3.ULE(self.address, last)),
                    *(z3.ULE(low, self.port), z3.ULE(self.port, high)),
                )

    def never(self, formula: z3.BoolRef) -> bool:
        """Whether no flow at all makes it true."""
        solver = z3.Solver()
        solver.add(self.flow, formula)
        return solver.check() == z3.unsat

    def same(self, one: z3.BoolRef, other: z3.BoolRef) -> bool:
        """Whether two formulas agree on every flow."""
        return self.never(z3.Xor(one, other))
