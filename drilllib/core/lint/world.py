"""
Ingress rules that let the whole world in where nobody means to: to everything, to NodePorts, to logins, to databases.

What counts is what a rule really admits. What a rule above takes is not this one's doing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from drilllib.core.lint.findings import LintCode, LintFinding, Severity, Statement
from drilllib.core.lint.lists import Lists, ReadList
from drilllib.core.lint.texts import block_as_written, finding_about, is_zero_prefix
from drilllib.core.rules.addresses import BITS, KIND, WIDE
from drilllib.core.rules.members import Reference, port_text
from drilllib.core.rules.rules import LAST_PORT, PROTOCOLS_WITH_PORTS, Action
from drilllib.core.sets.flowsets import Plane
from drilllib.core.sets.grid import Box
from drilllib.core.sets.overlaps import spans
from drilllib.core.sets.rectangles import RulePosition
from drilllib.core.snapshot.kubernetes import NODE_PORTS
from drilllib.core.trace.codes import HopKind

LARGE_PART = 4  # one in so many NodePorts is a large part of them
ALMOST_ALL = 2  # more than one in so many ports is as good as all of them
ADMIN = {("TCP", 22): "SSH", ("TCP", 3389): "RDP"}
DATABASES = {
    ("TCP", 1433): "SQL Server",
    ("TCP", 1521): "Oracle",
    ("TCP", 2379): "etcd",
    ("TCP", 3306): "MySQL",
    ("TCP", 5432): "PostgreSQL",
    ("TCP", 6379): "Redis",
    ("TCP", 9200): "Elasticsearch",
    ("TCP", 11211): "Memcached",
    ("UDP", 11211): "Memcached",
    ("TCP", 27017): "MongoDB",
}

OpenPorts = Mapping[str, Sequence[tuple[int, int]]]  # ranges of ports by protocol


@dataclass(frozen=True, slots=True)
class GroupUse:
    """
    Where a group's rules lead: the *kinds* of hops it is bound to; None where nobody knows.

    *listeners* are the protocols and ports that its CLBs listen on, None where they were not read.
    """

    kinds: frozenset[HopKind] | None = None
    listeners: frozenset[tuple[str, int]] | None = None

    @property
    def only_clb(self) -> bool:
        """Is it bound to CLBs, and to nothing else?"""
        return self.kinds == frozenset({HopKind.CLB})


ANYWHERE = GroupUse()


def about_world(lists: Lists, reach: Mapping[str, GroupUse]) -> Iterator[LintFinding]:
    """Findings about the ingress lists; *reach* of groups that it does not name is not known."""
    for spot, rule in lists.rules():
        if rule.action is Action.ACCEPT and not is_zero_prefix(rule):
            found = [_admitted(lists, each, spot) for each in lists.having(spot[0])]
            ports = {name: _merged(each.get(name, ()) for each, _ in found) for name in PROTOCOLS_WITH_PORTS}
            widest = next((block for _, block in found if block), "")
            block = block_as_written(rule) if widest and not isinstance(rule.peer, Reference) else widest
            for code, severity, said in _judged(ports, block, reach.get(spot[0], ANYWHERE)):
                yield finding_about(code, severity, lists.direction, spot, rule, *said)


def _admitted(lists: Lists, read: ReadList, spot: RulePosition) -> tuple[OpenPorts, str]:
    """The ports that the rule itself opens to the world in that list, and the widest block it opens them to."""
    ports: dict[str, list[tuple[int, int]]] = {}
    widest = (0, "")
    if spot in read.parts.dead:
        return ports, ""
    for plane in {plane for plane, part in read.parts.by_spot.get(spot, ()) if part.certain}:
        mine = [part.box for where, part in read.parts.by_spot[spot] if where == plane and part.certain]
        if _may_matter(plane, mine):
            for first, last, low, high in read.decided(plane, spot, lists.budget):
                size, start = max(spans(first, last))
                if BITS[plane.family] - size < WIDE[plane.family]:
                    ports.setdefault(plane.protocol, []).append((low, high))
                    widest = max(widest, (size, _block_text(plane.family, start, size)))
    return ports, widest[1]


def _may_matter(plane: Plane, boxes: Sequence[Box]) -> bool:
    """Are the sources many enough, and the ports such that somebody asks?"""
    if plane.protocol not in PROTOCOLS_WITH_PORTS:
        return False
    wide = sum(last - first + 1 for first, last, _, _ in boxes) > 1 << (BITS[plane.family] - WIDE[plane.family])
    ports = {plane.protocol: _merged([[(low, high) for _, _, low, high in boxes]])}
    return wide and any(True for _ in _judged(ports, "", ANYWHERE))


def _block_text(family: int, start: int, size: int) -> str:
    return f"{KIND[family](start)}/{BITS[family] - size}"


def _judged(
    ports: OpenPorts, block: str, reach: GroupUse
) -> Iterator[tuple[LintCode, Severity, tuple[Statement, Statement]]]:
    """What is wrong with those ports being open to the world."""
    if any(_count(each) * ALMOST_ALL > LAST_PORT for each in ports.values()):
        yield _all_open(ports, block, reach)
        return
    node_ports = {name: _within(each, (NODE_PORTS[0], NODE_PORTS[-1])) for name, each in ports.items()}
    many = max((_count(each) for each in node_ports.values()), default=0) * LARGE_PART
    if many >= len(NODE_PORTS) and (reach.kinds is None or reach.kinds & {HopKind.NODE, HopKind.POD}):
        facts = {"ports": _ports_text(node_ports), "block": block}
        said = Statement("WORLD_OPEN_NODEPORTS", facts), Statement("WORLD_OPEN_NODEPORTS.remedy")
        yield LintCode.WORLD_OPEN_NODEPORTS, Severity.WARNING, said
    for code, table in ((LintCode.WORLD_OPEN_ADMIN, ADMIN), (LintCode.WORLD_OPEN_DATABASE, DATABASES)):
        open_ones = [key for key in table if any(low <= key[1] <= high for low, high in ports.get(key[0], ()))]
        yield from _services_open(code, table, open_ones, block, reach)


def _all_open(ports: OpenPorts, block: str, reach: GroupUse) -> tuple[LintCode, Severity, tuple[Statement, Statement]]:
    """On a CLB only the ports of its listeners are really open [CLB-SG]."""
    facts = {"ports": _ports_text(ports), "block": block}
    remedy = Statement("WORLD_OPEN_ALL.remedy")
    if reach.only_clb and reach.listeners is not None:
        facts["listeners"] = tuple(f"{protocol} {port}" for protocol, port in sorted(reach.listeners)) or "-"
        return LintCode.WORLD_OPEN_ALL, Severity.WARNING, (Statement("WORLD_OPEN_ALL.clb", facts), remedy)
    return LintCode.WORLD_OPEN_ALL, Severity.ERROR, (Statement("WORLD_OPEN_ALL", facts), remedy)


def _services_open(
    code: LintCode,
    table: Mapping[tuple[str, int], str],
    open_ones: Sequence[tuple[str, int]],
    block: str,
    reach: GroupUse,
) -> Iterator[tuple[LintCode, Severity, tuple[Statement, Statement]]]:
    """The ports of one table; those that a CLB does not listen on are closed until somebody adds the listener."""
    closed = [key for key in open_ones if reach.only_clb and reach.listeners is not None and key not in reach.listeners]
    really = [key for key in open_ones if key not in closed]
    if open_ones:
        key, severity = (code, Severity.ERROR) if really else ("WORLD_OPEN_PORTS.closed", Severity.INFO)
        names = dict.fromkeys(f"{table[each]} ({each[1]})" for each in really or closed)
        said = Statement(key, {"services": tuple(names), "block": block})
        yield code, severity, (said, Statement(f"{key}.remedy"))


def _merged(several: Iterable[Iterable[tuple[int, int]]]) -> list[tuple[int, int]]:
    """Ranges of ports, those that overlap or touch as one."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(each for ranges in several for each in ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], high)
        else:
            found.append((low, high))
    return found


def _within(ranges: Iterable[tuple[int, int]], limits: tuple[int, int]) -> list[tuple[int, int]]:
    clipped = ((max(low, limits[0]), min(high, limits[1])) for low, high in ranges)
    return [(low, high) for low, high in clipped if low <= high]


def _count(ranges: Iterable[tuple[int, int]]) -> int:
    return sum(high - low + 1 for low, high in ranges)


def _ports_text(ports: OpenPorts) -> tuple[str, ...]:
    """``TCP 30000-32767``, ``UDP ALL``."""
    return tuple(
        f"{protocol} {port_text(None if _count(ranges) == LAST_PORT else ranges)}"
        for protocol, ranges in ports.items()
        if ranges
    )
