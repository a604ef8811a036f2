"""
Decisions by the million, with numpy: the answers of `rules.decide` for arrays of peers and ports.

The rules' edges cut addresses and ports into cells in which every flow fares alike. A table with a number for each
cell is painted once, from the bottom rule to the top one; a flow is then two look-ups of cells and one in the table.

For whole flow logs: nothing else in drilllib uses it, or needs numpy. Without numpy it can be imported, and
`BulkDecider` raises MissingToolError.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from operator import index
from typing import NamedTuple

from drilllib.core.rules.addresses import KIND, Address
from drilllib.core.rules.rules import (
    LAST_PORT,
    PROTOCOLS_WITH_PORTS,
    Action,
    Direction,
    SecurityGroup,
    require_protocol,
)
from drilllib.core.sets.flowsets import LAST_ADDRESS, Plane
from drilllib.core.sets.grid import Box, Budget
from drilllib.errors import InvalidInputError, MissingToolError, quoted

try:
    import numpy as np
except ImportError:
    np = None

CELLS = 1 << 26  # of one table, at most: 128 MB, or 256 MB where there are more than some 32,000 rules
PAINTED = 1 << 34  # cells painted for one table, at most: two or three seconds
CHUNK = 1 << 16  # flows looked up together, so that what lies between stays in the processor's cache
ACTIONS = tuple(Action)

_LOW = (1 << 64) - 1  # the lower half of an IPv6 address


class BulkDecision(NamedTuple):
    """How a flow is decided, and where; each field means what it means in `rules.Decision`."""

    action: Action
    group: str | None = None
    policy_index: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """One answer for each flow, in their order: *places* has its number in *decisions*, as uint16 or uint32."""

    places: "np.ndarray"
    decisions: tuple[BulkDecision, ...]

    @property
    def actions(self) -> "np.ndarray":
        """For each flow the number of its action in `ACTIONS`, as uint8."""
        return np.array([ACTIONS.index(each.action) for each in self.decisions], np.uint8)[self.places]

    def __getitem__(self, flow: int) -> BulkDecision:
        return self.decisions[int(self.places[flow])]


class BulkDecider:
    """
    Groups, prepared to decide many flows of one direction, protocol and address family, 4 or 6.

    Raises:
        MissingToolError: numpy is not installed.
        InvalidInputError: The direction, protocol or family is unknown.
        TooComplexError: The rules' edges make more than `CELLS` cells, or painting would cost more than `PAINTED`.
    """

    def __init__(self, groups: Sequence[SecurityGroup], direction: Direction, protocol: str, family: int = 4) -> None:
        if np is None:
            raise MissingToolError("numpy is not installed", remedy="pip install numpy, or ask decide flow by flow")
        require_protocol(protocol)
        if family not in KIND:
            raise InvalidInputError("The address family is {family}", remedy="Use 4 or 6", family=quoted(family))
        self._plane = Plane(protocol, family)
        layers = list(_layers(groups, Direction(direction), self._plane))
        edges = _edges([layer.box[:2] for layer in layers])
        rows = _edges([layer.box[2:] for layer in layers])
        self._decisions = tuple(dict.fromkeys(layer.decision for layer in layers))
        self._table = _painted(layers, self._decisions, rows, edges).ravel()
        self._cells = (_Short if family == 4 else _Long)(edges)
        self._starts = (np.searchsorted(rows, np.arange(LAST_PORT + 1), "right") - 1) * len(edges)

    def decide(self, peers: Iterable[Address | int], ports: Iterable[int] | int | None) -> Answers:
        """
        The answers to flows, each a far end and a destination port; one port may stand for all of them.

        *peers* are addresses or numbers: for IPv4 best an array of uint32, for IPv6 one of uint64 with two columns,
        the upper and the lower half. *ports* are 1 to 65535, best uint16, and None for protocols without ports.

        Raises:
            InvalidInputError: A peer or a port is none, or there are not as many of them.
        """
        ends = _peers(peers, self._plane.family)
        numbers = _ports(ports, self._plane.protocol, len(ends))
        places = np.empty(len(ends), self._table.dtype)
        for start in range(0, len(ends), CHUNK):
            part = slice(start, start + CHUNK)
            places[part] = self._table[self._cells.of(ends[part]) + self._starts[numbers[part]]]
        return Answers(places, self._decisions)


class _Layer(NamedTuple):
    """One rectangle of one rule, or a list that was not read over everything; *action* is the rule's own."""

    box: Box
    action: Action
    decision: BulkDecision
    certain: bool


def _layers(groups: Sequence[SecurityGroup], direction: Direction, plane: Plane) -> Iterator[_Layer]:
    """All there is to paint, the implicit deny first and the topmost rule last."""
    whole = (0, LAST_ADDRESS[plane.family], 0, LAST_PORT)
    yield _Layer(whole, Action.DROP, BulkDecision(Action.DROP), True)
    for group in reversed(groups):
        rules, unknown = group.rules(direction), Action.UNDETERMINED
        if rules is None:
            yield _Layer(whole, unknown, BulkDecision(unknown, group.group_id), False)
            continue
        for first, last, (low, high, place, certain) in reversed(group.rows(direction, *plane)):
            action = rules[place].action
            decision = BulkDecision(action if certain else unknown, group.group_id, place)
            yield _Layer((first, last, low, high), action, decision, certain)


def _edges(ranges: Sequence[tuple[int, int]]) -> list[int]:
    """Where the cells begin that *ranges* cut, the first of which is the whole."""
    return sorted({first for first, _ in ranges} | {last + 1 for _, last in ranges if last < ranges[0][1]})


def _painted(
    layers: Sequence[_Layer], decisions: Sequence[BulkDecision], rows: list[int], columns: list[int]
) -> "np.ndarray":
    """
    The table: for each cell of ports and addresses the number of its decision.

    While it is painted, numbers are doubled, and the last bit says whether the topmost certain rule so far accepts.
    """
    Budget(CELLS).spend(len(rows) * len(columns))
    table = np.zeros((len(rows), len(columns)), np.uint16 if len(decisions) < 1 << 15 else np.uint32)
    numbers = {decision: number * 2 for number, decision in enumerate(decisions)}
    budget = Budget(PAINTED)
    for layer in layers:
        first, last, low, high = layer.box
        top, bottom = bisect_left(rows, low), bisect_left(rows, high + 1)
        left, right = bisect_left(columns, first), bisect_left(columns, last + 1)
        budget.spend((bottom - top) * (right - left) * (1 if layer.certain else 16))  # doubts take that much longer
        _paint(table[top:bottom, left:right], layer, numbers[layer.decision])
    table >>= 1
    return table


def _paint(cells: "np.ndarray", layer: _Layer, number: int) -> None:
    """A certain rule decides; a doubtful one or an unread list is named where it may change what is done."""
    if layer.certain:
        cells[...] = number + (layer.action is Action.ACCEPT)
        return
    accepts = cells & 1
    alike = {Action.DROP: 0, Action.ACCEPT: 1}.get(layer.action)
    np.copyto(cells, accepts + number, where=True if alike is None else accepts != alike)


class _Short:
    """The cells of IPv4 addresses: a table over their upper 16 bits, one over the next 8, a search for what is left."""

    def __init__(self, edges: list[int]) -> None:
        self._edges = np.array(edges, np.uint32)
        wide = np.arange(1 << 16, dtype=np.uint32) << 16
        first, last = self._search(wide), self._search(wide | 0xFFFF)
        mixed = np.flatnonzero(first != last)
        self._wide = first
        self._wide[mixed] = -1 - np.arange(len(mixed))
        narrow = wide[mixed][:, None] | np.arange(1 << 8, dtype=np.uint32) << 8
        first, last = self._search(narrow), self._search(narrow | 0xFF)
        self._narrow = np.where(first == last, first, -1).ravel()

    def of(self, peers: "np.ndarray") -> "np.ndarray":
        found = self._wide[peers >> 16]
        mixed = np.flatnonzero(found < 0)
        found[mixed] = self._narrow[(-1 - found[mixed]) * 256 + (peers[mixed] >> 8 & 0xFF)]
        mixed = mixed[found[mixed] < 0]
        found[mixed] = self._search(peers[mixed])
        return found

    def _search(self, peers: "np.ndarray") -> "np.ndarray":
        return np.searchsorted(self._edges, peers, "right") - 1


class _Long:
    """The cells of IPv6 addresses: each half becomes a rank among the edges' halves, and both together one number."""

    def __init__(self, edges: list[int]) -> None:
        pairs = np.array([(edge >> 64, edge & _LOW) for edge in edges], np.uint64)
        self._upper, self._lower = np.unique(pairs[:, 0]), np.unique(pairs[:, 1])
        self._edges = self._ranks(pairs)

    def of(self, peers: "np.ndarray") -> "np.ndarray":
        return np.searchsorted(self._edges, self._ranks(peers), "right") - 1

    def _ranks(self, peers: "np.ndarray") -> "np.ndarray":
        upper = sum(np.searchsorted(self._upper, peers[:, 0], side) for side in ("left", "right"))  # odd: equal to one
        return upper * (len(self._lower) + 1) + np.searchsorted(self._lower, peers[:, 1], "right")


def _peers(given: Iterable[Address | int], family: int) -> "np.ndarray":
    """The peers as an array: uint32 for IPv4, two columns of uint64 for IPv6."""
    columns, kind, wanted = ((), np.uint32, "uint32") if family == 4 else ((2,), np.uint64, "uint64 in two columns")
    if isinstance(given, np.ndarray) and given.dtype != object:
        if given.ndim and given.shape[1:] == columns and _fits(given, 0, np.iinfo(kind).max):
            return given.astype(kind, copy=False)
    elif isinstance(given, Iterable):
        numbers = [_number(each, family) for each in given]
        halves = numbers if family == 4 else [(each >> 64, each & _LOW) for each in numbers]
        return np.array(halves, kind).reshape(-1, *columns)
    found = f"{given.dtype} of the shape {given.shape}" if isinstance(given, np.ndarray) else quoted(given)
    raise InvalidInputError(
        "The peers are {found}",
        remedy="Give IPv{family} addresses, or an array of {wanted}",
        found=found,
        family=family,
        wanted=wanted,
    )


def _number(peer: Address | int, family: int) -> int:
    with suppress(TypeError):
        number = int(peer) if isinstance(peer, KIND[family]) else index(peer)  # type: ignore[arg-type]  # no index: TypeError
        if 0 <= number <= LAST_ADDRESS[family]:
            return number
    raise InvalidInputError(
        "A peer is {peer}", remedy="Give IPv{family} addresses, or numbers of them", peer=quoted(peer), family=family
    )


def _ports(given: Iterable[int] | int | None, protocol: str, count: int) -> "np.ndarray":
    """A port for each of *count* flows, 0 where the protocol has none."""
    if protocol not in PROTOCOLS_WITH_PORTS:
        if given is not None:
            raise InvalidInputError(
                "{protocol} has no ports, and ports were given", remedy="Give None as the ports", protocol=protocol
            )
        return np.broadcast_to(np.uint16(0), count)
    ports = np.array(None)
    with suppress(ValueError):  # lists of different lengths
        ports = np.asarray(given)
    if ports.size and not _fits(ports, 1, LAST_PORT):
        raise InvalidInputError(
            "The {protocol} ports are {given}",
            remedy="Give numbers from 1 to 65535",
            protocol=protocol,
            given=quoted(given),
        )
    if ports.shape not in ((), (count,)):
        raise InvalidInputError(
            "There are {count} peers, and ports of the shape {shape}",
            remedy="Give one port for each peer, or one for all",
            count=f"{count:,}",
            shape=ports.shape,
        )
    return np.broadcast_to(ports.astype(np.uint16, copy=False), count)


def _fits(given: "np.ndarray", low: int, high: int) -> bool:
    """Are these whole numbers from *low* to *high*?"""
    return given.dtype.kind in "iu" and (not given.size or (given.min() >= low and given.max() <= high))
