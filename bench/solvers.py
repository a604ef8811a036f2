"""
The rules of a group as dd and z3 know them, and the same two questions asked of both: dead rules, and differences.

A flow is 50 bits: 32 of an IPv4 address, 16 of a port, 2 of a protocol (TCP, UDP, ICMP, GRE). TCP and UDP have ports 1
to 65535, the others port 0. A block fixes its leading bits, which suits both; a range of ports is two comparisons.
"""

from collections.abc import Sequence
from functools import reduce
from ipaddress import IPv4Address
from operator import or_

import z3
from dd.cudd import BDD, Function

from drilllib.core.rules.rules import LAST_PORT, PROTOCOLS_WITH_PORTS, Action, Flow, Rule
from drilllib.core.sets.flowsets import FlowSet

PROTOCOLS = ("TCP", "UDP", "ICMP", "GRE")
ADDRESS, PORT = [f"a{bit}" for bit in range(32)], [f"p{bit}" for bit in range(16)]


class Diagrams:
    """Binary decision diagrams in CUDD. To make the manager takes milliseconds, and comes before the clock starts."""

    def __init__(self) -> None:
        self.bdd = BDD()
        self.bdd.declare(*ADDRESS, *PORT, "tcp or icmp", "ported")
        self.bdd.configure(reordering=False)
        self._services: dict[tuple[str, object], Function] = {}

    def dead(self, rules: Sequence[Rule]) -> set[int]:
        """Places of the rules that lie within those above."""
        covered, found = self.bdd.false, set()
        for place, rule in enumerate(rules):
            matched = self._matched(rule)
            if matched <= covered:
                found.add(place)
            covered |= matched
        return found

    def accepted(self, rules: Sequence[Rule]) -> Function:
        """What the rules let through."""
        found = self.bdd.false
        for rule in reversed(rules):
            matched = self._matched(rule)
            found = found | matched if rule.action is Action.ACCEPT else found & ~matched
        return found

    def count(self, flows: Function) -> int:
        """How many flows that are."""
        return int(self.bdd.count(flows, len(ADDRESS) + len(PORT) + 2))

    def _matched(self, rule: Rule) -> Function:
        bits = f"{int(rule.peer.network_address):032b}"[: rule.peer.prefixlen]
        block = self.bdd.cube({name: bit == "1" for name, bit in zip(ADDRESS, bits, strict=False)})
        key = rule.protocol, rule.ports
        if key not in self._services:
            protocols = PROTOCOLS if rule.protocol == "ALL" else (rule.protocol,)
            self._services[key] = reduce(or_, (self._service(each, rule.ports) for each in protocols))
        return block & self._services[key]

    def _service(self, protocol: str, ports: Sequence[tuple[int, int]] | None) -> Function:
        ported = protocol in PROTOCOLS_WITH_PORTS
        ranges = (ports or ((1, LAST_PORT),)) if ported else ((0, 0),)
        which = self.bdd.cube({"ported": ported, "tcp or icmp": protocol in ("TCP", "ICMP")})
        return which & reduce(or_, (self._from(low) & self._to(high) for low, high in ranges))

    def _from(self, port: int) -> Function:
        found = self.bdd.true
        for name, bit in zip(reversed(PORT), reversed(f"{port:016b}"), strict=True):
            found = self.bdd.var(name) & found if bit == "1" else self.bdd.var(name) | found
        return found

    def _to(self, port: int) -> Function:
        return ~self._from(port + 1) if port < LAST_PORT else self.bdd.true


_PEER, _PORT, _PROTOCOL = z3.BitVec("peer", 32), z3.BitVec("port", 16), z3.BitVec("protocol", 2)
_PORTED = z3.ULE(_PROTOCOL, 1)
_FLOW = z3.If(_PORTED, _PORT != 0, _PORT == 0)


def dead_by_z3(rules: Sequence[Rule]) -> set[int]:
    """Places of the rules whose every flow matches one above, asked of one solver that learns as it goes."""
    solver, found = z3.SolverFor("QF_BV"), set()
    solver.add(_FLOW)
    for place, rule in enumerate(rules):
        matched = _matched(rule)
        solver.push()
        solver.add(matched)
        if solver.check() == z3.unsat:
            found.add(place)
        solver.pop()
        solver.add(z3.Not(matched))
    return found


def difference_by_z3(one: Sequence[Rule], other: Sequence[Rule]) -> tuple[z3.Solver, Flow | None]:
    """One flow that the two treat differently, None where there is none, and the solver to ask for more."""
    solver = z3.SolverFor("QF_BV")
    solver.add(_FLOW, z3.Xor(_accepts(one), _accepts(other)))
    if solver.check() == z3.unsat:
        return solver, None
    model = solver.model()
    peer, port, number = (model.eval(each, model_completion=True).as_long() for each in (_PEER, _PORT, _PROTOCOL))
    return solver, Flow(protocol=PROTOCOLS[number], peer=IPv4Address(peer), port=port or None)


def no_flow_beside(solver: z3.Solver, *known: FlowSet) -> bool:
    """Is every flow that *solver* still has in one of the *known* sets? Only their IPv4 counts."""
    parts = [(plane, box) for flows in known for plane, boxes in flows.planes.items() for box in boxes]
    solver.add(*(z3.Not(_inside(plane.protocol, *box)) for plane, box in parts if plane.family == 4))
    return solver.check() == z3.unsat


def _accepts(rules: Sequence[Rule]) -> z3.BoolRef:
    found = z3.BoolVal(False)
    for rule in reversed(rules):
        found = z3.If(_matched(rule), z3.BoolVal(rule.action is Action.ACCEPT), found)
    return found


def _matched(rule: Rule) -> z3.BoolRef:
    length, conditions = rule.peer.prefixlen, [z3.BoolVal(True)]
    if length:
        upper = int(rule.peer.network_address) >> (32 - length)
        conditions.append(z3.Extract(31, 32 - length, _PEER) == upper)
    if rule.protocol != "ALL":
        conditions.append(PROTOCOLS.index(rule.protocol) == _PROTOCOL)
    if rule.ports:
        conditions.append(z3.Or([z3.And(z3.UGE(_PORT, low), z3.ULE(_PORT, high)) for low, high in rule.ports]))
    return z3.And(conditions)


def _inside(protocol: str, first: int, last: int, low: int, high: int) -> z3.BoolRef:
    ends = z3.UGE(_PEER, first), z3.ULE(_PEER, last), z3.UGE(_PORT, low), z3.ULE(_PORT, high)
    return z3.And(PROTOCOLS.index(protocol) == _PROTOCOL, *ends)
