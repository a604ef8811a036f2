"""Sets of flows are exact: they are held against plain sets of cells, cut at the edges where something may fail."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network, summarize_address_range
from itertools import pairwise
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from witness_cases import long_list, one_list, read

from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction, Flow, SecurityGroup
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.boxes import FlowBox, blocks, boxes
from drilllib.core.sets.flowsets import (
    EMPTY,
    LAST_ADDRESS,
    PLANES,
    FlowSet,
    everything,
    flows_in,
    flows_of,
    painted_set,
)
from drilllib.errors import InvalidInputError
from tests.thorough import how_many

# Where the cells of an axis begin, and behind the last.
ADDRESSES = {
    4: (0, 1, 2, 0x0A000000, 0x0A000001, 0x0A000100, 0x0B000000, 1 << 31, (1 << 32) - 2, (1 << 32) - 1, 1 << 32),
    6: (0, 1, 0xFFFF00000000, 0xFFFF0A000001, 0xFFFF0A000002, 1 << 48, 1 << 96, 1 << 127, (1 << 128) - 1, 1 << 128),
}
PORTS = (1, 2, 79, 80, 81, 443, 8000, 65535, 65536)
NO_PORTS = (0, 1)
KIND = {4: IPv4Address, 6: IPv6Address}
Cell = tuple[tuple[str, int], int, int]  # plane, cell of the address, cell of the port


class Pair(NamedTuple):
    """The engine's set, and the cells that it should cover."""

    flows: FlowSet
    cells: frozenset[Cell]


def ports_in(plane: tuple[str, int]) -> tuple[int, ...]:
    return PORTS if plane[0] in ("TCP", "UDP") else NO_PORTS


def rectangle(plane: tuple[str, int], cells: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """First and last address, first and last port, of the cells from and to."""
    left, right, top, bottom = cells
    addresses, ports = ADDRESSES[plane[1]], ports_in(plane)
    return addresses[left], addresses[right + 1] - 1, ports[top], ports[bottom + 1] - 1


@st.composite
def layers(draw: st.DrawFn) -> tuple[tuple[str, int], tuple[int, int, int, int], bool]:
    """A rectangle of cells on one plane, to be covered or to be cleared."""
    plane = draw(st.sampled_from(PLANES[:3] + PLANES[4:5]))

    def span(cuts: tuple[int, ...]) -> list[int]:
        return sorted(draw(st.tuples(*[st.integers(0, len(cuts) - 2)] * 2)))

    return plane, (*span(ADDRESSES[plane.family]), *span(ports_in(plane))), draw(st.sampled_from((True, True, False)))


def painted(drawn: Iterable[tuple[tuple[str, int], tuple[int, int, int, int], bool]]) -> Pair:
    by_plane, cells = {}, set()
    for plane, (left, right, top, bottom), covering in drawn:
        by_plane.setdefault(plane, []).append((rectangle(plane, (left, right, top, bottom)), covering))
        mine = {(plane, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)}
        cells = cells | mine if covering else cells - mine
    return Pair(painted_set(by_plane), frozenset(cells))


def cell_by_cell(cells: Iterable[Cell], random: Random) -> FlowSet:
    """The same set made in another way: the union of its cells in any order."""
    found = EMPTY
    cells = list(cells)
    random.shuffle(cells)
    for plane, x, y in cells:
        first, last, low, high = rectangle(plane, (x, x, y, y))
        found |= painted_set({plane: [((first, last, low, high), True)]})
    return found


sets = st.lists(layers(), max_size=6).map(painted)
UNIVERSE = painted(
    (plane, (0, len(ADDRESSES[plane.family]) - 2, 0, len(ports_in(plane)) - 2), True) for plane in PLANES
)


def cell_size(cell: Cell) -> int:
    plane, x, y = cell
    first, last, low, high = rectangle(plane, (x, x, y, y))
    return (last - first + 1) * (high - low + 1)


def flows_at(cell: Cell) -> list[Flow]:
    """The flows at the four corners of a cell."""
    plane, x, y = cell
    first, last, low, high = rectangle(plane, (x, x, y, y))
    return [
        Flow(protocol=plane[0], peer=KIND[plane[1]](address), port=port or None)
        for address in (first, last)
        for port in (low, high)
    ]


# The form


def test_everything_is_every_cell() -> None:
    assert UNIVERSE.flows == everything()


@given(sets, sets)
def test_sets_are_equal_when_their_points_are(one: Pair, other: Pair) -> None:
    assert (one.flows == other.flows) is (one.cells == other.cells)


@given(sets, st.randoms(use_true_random=False))
def test_the_form_does_not_tell_how_a_set_was_made(pair: Pair, random: Random) -> None:
    again = cell_by_cell(pair.cells, random)

    assert again == pair.flows
    assert list(again.planes) == list(pair.flows.planes)
    assert hash(again) == hash(pair.flows)


@given(sets)
def test_rectangles_are_disjoint_and_in_order(pair: Pair) -> None:
    """By ports, then by addresses; bands of ports with the same addresses are one, and so are ranges that touch."""
    assert bool(pair.flows) is bool(pair.cells)
    for found in pair.flows.planes.values():
        assert found
        bands = {}
        for first, last, low, high in found:
            assert first <= last
            bands.setdefault((low, high), []).append((first, last))
        assert list(bands) == sorted(bands)
        for ((low, high), ranges), ((next_low, _), next_ranges) in pairwise(bands.items()):
            assert low <= high < next_low
            assert high + 1 < next_low or ranges != next_ranges
        for ranges in bands.values():
            assert all(last + 1 < first for (_, last), (first, _) in pairwise(ranges))


@given(sets)
def test_size_counts_flows(pair: Pair) -> None:
    assert pair.flows.size == sum(map(cell_size, pair.cells))


@given(sets)
def test_membership_of_every_cell(pair: Pair) -> None:
    for cell in UNIVERSE.cells:
        assert all((flow in pair.flows) is (cell in pair.cells) for flow in flows_at(cell))


def test_what_is_no_flow_is_in_no_set() -> None:
    assert "TCP" not in everything()
    assert None not in everything()
    assert Flow(protocol="ICMP", peer=IPv6Address("::1")) not in everything()
    assert Flow(protocol="ICMPV6", peer=IPv4Address("10.0.0.1")) not in everything()


def test_sizes_of_named_sets() -> None:
    assert EMPTY.size == 0
    assert flows_of([IPv4Network("10.0.0.1")], "TCP", (80, 80)).size == 1
    assert flows_of([IPv4Network("10.0.0.0/24")], "ICMP").size == 256
    assert flows_of([IPv4Network("10.0.0.0/24")]).size == 256 * (65535 + 65535 + 1 + 1)
    assert everything((4,)).size == (65535 * 2 + 2) << 32
    assert everything().size == ((65535 * 2 + 2) << 32) + ((65535 * 2 + 2) << 128)


# The arithmetic


@given(sets, sets)
def test_operators_do_what_they_do_to_cells(one: Pair, other: Pair) -> None:
    random = Random(0)
    assert one.flows | other.flows == cell_by_cell(one.cells | other.cells, random)
    assert one.flows & other.flows == cell_by_cell(one.cells & other.cells, random)
    assert one.flows - other.flows == cell_by_cell(one.cells - other.cells, random)
    assert (one.flows <= other.flows) is (one.cells <= other.cells)


@given(sets, sets, sets)
def test_laws_of_union_and_intersection(one: Pair, two: Pair, three: Pair) -> None:
    a, b, c = one.flows, two.flows, three.flows
    assert a | b == b | a
    assert a & b == b & a
    assert (a | b) | c == a | (b | c)
    assert (a & b) & c == a & (b & c)
    assert a & (b | c) == (a & b) | (a & c)
    assert a | (b & c) == (a | b) & (a | c)
    assert a | (a & b) == a & (a | b) == a


@given(sets, sets)
def test_laws_of_difference_and_complement(one: Pair, two: Pair) -> None:
    a, b, whole = one.flows, two.flows, everything()
    assert whole - (a | b) == (whole - a) & (whole - b)
    assert whole - (a & b) == (whole - a) | (whole - b)
    assert whole - (whole - a) == a
    assert a - b == a & (whole - b)
    assert (a - b) | (a & b) == a
    assert not (a - b) & b
    assert (a | b).size == a.size + b.size - (a & b).size


@given(sets)
def test_laws_of_nothing_and_everything(pair: Pair) -> None:
    a, whole = pair.flows, everything()
    assert a | EMPTY == EMPTY | a == a - EMPTY == a | a == a & a == a
    assert a & EMPTY == EMPTY & a == EMPTY - a == a - a == a - whole == EMPTY
    assert a | whole == whole | a == whole
    assert a & whole == whole & a == a
    assert EMPTY <= a <= a <= whole


@given(sets, sets)
def test_inclusion_is_an_order(one: Pair, two: Pair) -> None:
    a, b = one.flows, two.flows
    assert (a <= b) is (a | b == b) is (a & b == a)
    assert (a <= b and b <= a) is (a == b)


# What is taken out of a set


@given(sets, st.sampled_from(("TCP", "UDP", "ICMP", "ICMPV6", "GRE")), st.sampled_from((None, *PORTS[:-1], 442)))
def test_only_keeps_a_protocol_and_a_port(pair: Pair, protocol: str, port: int | None) -> None:
    ports = None if port is None else (port, port)
    ranges = [(family, 0, LAST_ADDRESS[family]) for family in (4, 6)]

    assert pair.flows.only(protocol, port) == pair.flows & flows_in(ranges, protocol, ports)


@given(sets)
def test_addresses_are_far_ends_as_disjoint_ranges(pair: Pair) -> None:
    for family, cuts in ADDRESSES.items():
        found = pair.flows.addresses(family)
        met = {x for (_, of), x, _ in pair.cells if of == family}
        inside = {x for x, start in enumerate(cuts[:-1]) if any(first <= start <= last for first, last in found)}
        assert inside == met
        assert sum(last - first + 1 for first, last in found) == sum(cuts[x + 1] - cuts[x] for x in met)
        assert all(last + 1 < first for (_, last), (first, _) in pairwise(found))


# How a set is made


def test_flows_of_a_block() -> None:
    found = flows_of([IPv4Network("10.0.0.0/24"), IPv6Network("::/127")], "TCP", (80, 81))

    assert found.planes == {
        ("TCP", 4): ((0x0A000000, 0x0A0000FF, 80, 81),),
        ("TCP", 6): ((0, 1, 80, 81),),
    }


def test_flows_of_all_protocols_to_some_ports_have_ports() -> None:
    """A protocol without ports has no flow to port 80."""
    assert set(flows_of([IPv4Network("0.0.0.0/0")], "ALL", (80, 80)).planes) == {("TCP", 4), ("UDP", 4)}


def test_flows_of_blocks_that_overlap_count_once() -> None:
    nested = [ip_network(text) for text in ("10.0.0.0/9", "10.128.0.0/9", "10.1.0.0/16", "10.0.0.0/8")]

    assert flows_of(nested, "GRE") == flows_of(nested[-1:], "GRE")


def test_flows_of_no_block_are_none() -> None:
    assert flows_of([]) == EMPTY
    assert not flows_of([])


def test_flows_of_a_protocol_in_the_other_family_are_none() -> None:
    assert not flows_of([IPv6Network("::/0")], "ICMP")
    assert not flows_of([IPv4Network("0.0.0.0/0")], "ICMPV6")


def test_a_protocol_that_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        flows_of([IPv4Network("0.0.0.0/0")], "SCTP")


def test_everything_of_one_family() -> None:
    assert everything((4,)) | everything((6,)) == everything()
    assert not everything((4,)) & everything((6,))
    assert everything(()) == EMPTY


# Boxes for people


def as_flows(box: FlowBox) -> FlowSet:
    """A box read back from what it shows."""
    ports = None
    if box.port_text != "ALL":
        low, _, high = box.port_text.partition("-")
        ports = int(low), int(high or low)
    return flows_of([ip_network(box.block)], box.protocol, ports)


def assert_true(flows: FlowSet) -> None:
    """Its boxes are whole blocks, do not overlap, make up the set, and each has an example of its own."""
    rebuilt, size = EMPTY, 0
    for box in boxes(flows):
        mine = as_flows(box)  # ip_network refuses host bits
        assert ip_network(box.block).num_addresses == box.last - box.first + 1
        assert box.example in mine
        assert box.example in flows
        rebuilt, size = rebuilt | mine, size + mine.size
    assert rebuilt == flows
    assert size == flows.size


@given(sets)
def test_boxes_make_up_the_set(pair: Pair) -> None:
    assert_true(pair.flows)


@given(sets, st.randoms(use_true_random=False))
def test_boxes_do_not_tell_how_a_set_was_made(pair: Pair, random: Random) -> None:
    assert boxes(cell_by_cell(pair.cells, random)) == boxes(pair.flows)


@pytest.mark.parametrize("family", [4, 6])
def test_boxes_of_long_lists_make_up_what_they_accept(family: int) -> None:
    random = Random(f"boxes {family}")
    for _ in range(how_many(8, thorough=20)):
        policies = long_list(random, 25, family=family)
        assert_true(accepted(*read(one_list(policies))).sure)


@given(sets)
def test_boxes_are_listed_family_by_family(pair: Pair) -> None:
    families = [box.family for box in boxes(pair.flows)]

    assert families == sorted(families)


def shown(flows: FlowSet) -> list[str]:
    return [f"{box.protocol} {box.block} {box.port_text}" for box in boxes(flows)]


def of_rules(*lines: str) -> FlowSet:
    return accepted([SecurityGroup("sg-1", tuple(map(rule_from_text, lines)), ())], Direction.INGRESS).sure


def test_everything_is_two_boxes() -> None:
    assert shown(everything()) == ["ALL 0.0.0.0/0 ALL", "ALL ::/0 ALL"]
    assert shown(EMPTY) == []


@pytest.mark.parametrize(
    "box",
    [
        *("TCP 203.0.113.0/24 80", "TCP 10.0.0.1/32 1", "UDP 0.0.0.0/0 65535", "TCP 255.255.255.255/32 ALL"),
        *(
            "TCP 128.0.0.0/1 8000-8010",
            "ICMP 10.0.0.0/8 ALL",
            "GRE 0.0.0.0/0 ALL",
            "ALL 10.0.0.0/8 ALL",
            "ALL ::/0 ALL",
        ),
        *("ALL 0.0.0.0/0 ALL", "ICMPV6 2001:db8::/32 ALL", "TCP ::ffff:10.0.0.1/128 443", "UDP ffff::/16 2-65535"),
    ],
)
def test_one_rule_comes_back_as_one_box(box: str) -> None:
    flows = of_rules(f"ACCEPT {box}")
    (found,) = boxes(flows)

    assert as_flows(found) == flows
    assert found.protocol == box.split()[0]
    assert ip_network(found.block) == ip_network(box.split()[1])
    assert found.port_text == box.split()[2]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["ACCEPT TCP 10.0.0.0/24 80,443"], ["TCP 10.0.0.0/24 80", "TCP 10.0.0.0/24 443"]),
        (["ACCEPT TCP 10.0.0.0/24 80,81"], ["TCP 10.0.0.0/24 80-81"]),
        (["ACCEPT TCP 10.0.0.0/9 80", "ACCEPT TCP 10.128.0.0/9 80"], ["TCP 10.0.0.0/8 80"]),
        (["ACCEPT TCP 10.0.0.0/8 80", "ACCEPT TCP 10.1.2.0/24 80"], ["TCP 10.0.0.0/8 80"]),
        (["DROP TCP 128.0.0.0/1 80", "ACCEPT TCP 0.0.0.0/0 80"], ["TCP 0.0.0.0/1 80"]),
        (["ACCEPT TCP 0.0.0.0/0 1-79", "ACCEPT TCP 0.0.0.0/0 80-65535"], ["TCP 0.0.0.0/0 ALL"]),
    ],
)
def test_rules_that_belong_together_are_one_box(lines: list[str], expected: list[str]) -> None:
    assert shown(of_rules(*lines)) == expected


@pytest.mark.parametrize(
    ("lines", "fewest"),
    [
        # Ports first: below, at and above port 80.
        (["ACCEPT TCP 10.0.0.0/24 ALL", "ACCEPT TCP 0.0.0.0/0 80"], 3),
        # Addresses first: one half with all ports, and the other with one.
        (["ACCEPT TCP 192.0.0.0/2 ALL", "ACCEPT TCP 128.0.0.0/1 80"], 2),
        # Everything but one address: a block of every length from 1 to 32.
        (["DROP TCP 10.0.0.1 ALL", "ACCEPT TCP 0.0.0.0/0 ALL"], 32),
        # Said once for all protocols, and once more for the one that has more.
        (["ACCEPT ALL 128.0.0.0/1 ALL", "ACCEPT TCP 0.0.0.0/0 80"], 2),
        # Said for each protocol, because what they share would have to be cut into 24 blocks.
        (["DROP TCP 10.0.0.0/24 ALL", "ACCEPT ALL 0.0.0.0/0 ALL"], 27),
    ],
)
def test_boxes_are_few(lines: list[str], fewest: int) -> None:
    assert len(boxes(of_rules(*lines))) == fewest


@given(sets)
def test_boxes_are_no_more_than_the_rectangles_as_blocks(pair: Pair) -> None:
    """The plainest cut: each rectangle of each plane in its blocks."""
    plain = sum(
        len(list(blocks(first, last))) for plane, found in pair.flows.planes.items() for first, last, _, _ in found
    )

    assert len(boxes(pair.flows)) <= plain


@given(st.sampled_from((4, 6)), st.data())
def test_blocks_are_the_fewest_that_make_up_a_range(family: int, data: st.DataObject) -> None:
    """As many as Python's own summary of the range."""
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, LAST_ADDRESS[family])] * 2)))
    assert_blocks(family, first, last)


@pytest.mark.parametrize("family", [4, 6])
def test_blocks_at_the_edges(family: int) -> None:
    edges = [*range(6), *(LAST_ADDRESS[family] - step for step in range(6)), (LAST_ADDRESS[family] + 1) // 2]
    for first in edges:
        for last in edges:
            if first <= last:
                assert_blocks(family, first, last)


def assert_blocks(family: int, first: int, last: int) -> None:
    expected = summarize_address_range(KIND[family](first), KIND[family](last))
    assert list(blocks(first, last)) == [(int(block[0]), int(block[-1])) for block in expected]


def test_a_box_as_a_dictionary() -> None:
    (box,) = boxes(of_rules("ACCEPT TCP 203.0.113.0/24 8000-8010"))

    packet = {"protocol": "TCP", "source": "203.0.113.1", "port": 8000}
    assert box.to_dict() == {"protocol": "TCP", "source": "203.0.113.0/24", "ports": "8000-8010", "example": packet}


@pytest.mark.parametrize(
    ("line", "protocol", "peer", "port"),
    [
        ("ACCEPT ALL 10.0.0.0/8 ALL", "TCP", "10.0.0.1", 1),
        ("ACCEPT TCP 10.0.0.0/31 80-90", "TCP", "10.0.0.0", 80),
        ("ACCEPT UDP 10.0.0.7 53", "UDP", "10.0.0.7", 53),
        ("ACCEPT ICMP 10.0.0.0/30", "ICMP", "10.0.0.1", None),
        ("ACCEPT ALL ::/0 ALL", "TCP", "::1", 1),
    ],
)
def test_an_example_is_a_hosts_packet(line: str, protocol: str, peer: str, port: int | None) -> None:
    """Not the block's network address, where the block has one."""
    (box,) = boxes(of_rules(line))

    assert (box.example.protocol, str(box.example.peer), box.example.port) == (protocol, peer, port)
