"""What a set is told in: terms that may overlap, exactly the set between them, as wide as can be and none too many."""

from ipaddress import ip_network
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from witness_cases import BLOCKS, PORTS, PROTOCOLS, Policy, long_list, one_list, read
from witness_hostile import Shapes

from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import LAST_PORT, Direction, SecurityGroup
from drilllib.core.sets import cover as module
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.boxes import FlowBox, boxes
from drilllib.core.sets.cover import cover
from drilllib.core.sets.flowsets import EMPTY, FlowSet, everything, flows_of
from tests.thorough import how_many, thorough


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """A rule at the edges, more often one that accepts."""
    family = draw(st.sampled_from((4, 4, 6)))
    protocol = draw(st.sampled_from(PROTOCOLS[family]))
    ports = PORTS if protocol.upper() in ("TCP", "UDP") else ("ALL",)
    return {
        "Action": draw(st.sampled_from(("ACCEPT", "ACCEPT", "DROP"))),
        "Protocol": protocol,
        "Port": draw(st.sampled_from(ports)),
        "CidrBlock" if family == 4 else "Ipv6CidrBlock": draw(st.sampled_from(BLOCKS[family])),
    }


def of_list(listed: list[Policy]) -> FlowSet:
    return accepted(*read(one_list(listed))).sure


def of_rules(*lines: str) -> FlowSet:
    return accepted([SecurityGroup("sg-1", tuple(map(rule_from_text, lines)), ())], Direction.INGRESS).sure


sets = st.lists(policies(), max_size=9).map(of_list)


def shown(flows: FlowSet) -> list[str]:
    return [f"{term.protocol} {term.block} {term.port_text}" for term in cover(flows)]


def as_flows(protocol: str, block: str, ports: str) -> FlowSet:
    """A term read back from what it shows."""
    low, _, high = ports.partition("-")
    return flows_of([ip_network(block)], protocol, None if ports == "ALL" else (int(low), int(high or low)))


def read_back(term: FlowBox) -> FlowSet:
    return as_flows(term.protocol, term.block, term.port_text)


def wider(term: FlowBox) -> list[FlowSet]:
    """The term widened by the least there is: to the block around it, by one port at either end, to all protocols."""
    protocol, block, ports = term.protocol, ip_network(term.block), term.port_text
    found = [as_flows(protocol, str(block.supernet()), ports)] if block.prefixlen else []
    if ports == "ALL":
        return found if protocol == "ALL" else [*found, flows_of([block])]
    low, high = term.ports
    steps = [(low - 1, high)] * (low > 1) + [(low, high + 1)] * (high < LAST_PORT)
    return [*found, *(flows_of([block], protocol, each) for each in steps)]


def union(terms: list[FlowSet]) -> FlowSet:
    found = EMPTY
    for each in terms:
        found |= each
    return found


def assert_lawful(flows: FlowSet) -> None:
    terms = cover(flows)
    told = [read_back(term) for term in terms]
    assert union(told) == flows
    assert len(terms) <= len(boxes(flows))
    for place, term in enumerate(terms):
        assert not any(each <= flows for each in wider(term)), f"{term} can be widened"
        assert not told[place] <= union(told[:place] + told[place + 1 :]), f"{term} is covered by the others"


@given(sets)
def test_terms_are_the_set_and_wide_and_needed(flows: FlowSet) -> None:
    """Exactly the set, in whole blocks; none can be widened, none left out, and there are no more than boxes."""
    assert_lawful(flows)


@pytest.mark.parametrize("family", [4, 6])
def test_terms_of_long_lists_are_too(family: int) -> None:
    random = Random(f"cover {family}")
    for _ in range(how_many(3, thorough=8)):
        assert_lawful(of_list(long_list(random, 10, family=family)))


@given(st.lists(policies().map(lambda each: each | {"Action": "ACCEPT"}), max_size=6), st.randoms())
def test_terms_do_not_tell_how_a_set_was_made(listed: list[Policy], random: Random) -> None:
    flows = of_list(listed)
    random.shuffle(listed)

    assert cover(of_list(listed)) == cover(flows)


@given(sets)
def test_terms_are_listed_by_family_and_protocol(flows: FlowSet) -> None:
    """ALL, then one protocol after the other, each by its ports and far ends."""
    order = ("ALL", "TCP", "UDP", "ICMP", "ICMPV6", "GRE")
    places = [
        (term.family, order.index(term.protocol), term.ports or (0, 0), ip_network(term.block).network_address)
        for term in cover(flows)
    ]

    assert places == sorted(places)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], []),
        (["ACCEPT ALL 10.0.0.0/8 ALL", "ACCEPT TCP 0.0.0.0/0 80"], ["ALL 10.0.0.0/8 ALL", "TCP 0.0.0.0/0 80"]),
        (
            ["ACCEPT TCP 10.0.0.0/8 1-1000", "ACCEPT TCP 10.1.0.0/16 500-2000", "ACCEPT TCP 0.0.0.0/0 80"],
            ["TCP 10.0.0.0/8 1-1000", "TCP 10.1.0.0/16 1-2000", "TCP 0.0.0.0/0 80"],
        ),
        # A hole in the ports leaves a term at either side of it.
        (
            ["DROP TCP 10.0.0.0/24 22", "ACCEPT TCP 10.0.0.0/23 ALL"],
            ["TCP 10.0.1.0/24 ALL", "TCP 10.0.0.0/23 1-21", "TCP 10.0.0.0/23 23-65535"],
        ),
        # 10.0.0.0/8 80 is a box, and cannot be widened; the two halves cover it together.
        (
            ["ACCEPT TCP 10.0.0.0/9 1-80", "ACCEPT TCP 10.128.0.0/9 80-200", "ACCEPT TCP 0.0.0.0/0 443"],
            ["TCP 10.0.0.0/9 1-80", "TCP 10.128.0.0/9 80-200", "TCP 0.0.0.0/0 443"],
        ),
        # All four protocols of IPv4 are ALL, and so are all four of IPv6; three are not.
        ([f"ACCEPT {each} 10.0.0.0/8 ALL" for each in ("TCP", "UDP", "ICMP", "GRE")], ["ALL 10.0.0.0/8 ALL"]),
        ([f"ACCEPT {each} 2001:db8::/32 ALL" for each in ("TCP", "UDP", "ICMPV6", "GRE")], ["ALL 2001:db8::/32 ALL"]),
        (
            ["ACCEPT GRE ::/0", "ACCEPT ICMPV6 ::/0", "ACCEPT TCP ::/0 ALL"],
            ["TCP ::/0 ALL", "ICMPV6 ::/0 ALL", "GRE ::/0 ALL"],
        ),
        (["ACCEPT ALL 10.0.0.0/8", "ACCEPT ICMP 0.0.0.0/0"], ["ALL 10.0.0.0/8 ALL", "ICMP 0.0.0.0/0 ALL"]),
    ],
)
def test_terms_are_what_a_person_would_write(lines: list[str], expected: list[str]) -> None:
    assert shown(of_rules(*lines)) == expected


def test_everything_is_two_terms() -> None:
    assert shown(everything()) == ["ALL 0.0.0.0/0 ALL", "ALL ::/0 ALL"]


def test_a_hundred_rules_that_cross_are_a_hundred_terms() -> None:
    """Fifty addresses with all ports, fifty ports for everybody: 2,550 boxes."""
    flows = of_list(Shapes().combs(100))

    assert len(cover(flows)) == 100 < len(boxes(flows))


def test_beyond_the_bound_the_boxes_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Still the set, only in more words."""
    flows = of_list(Shapes().combs(20))
    monkeypatch.setattr(module, "EFFORT", 0)

    assert cover(flows) == boxes(flows)


LARGER = [
    pytest.param(shape, count, marks=thorough)
    for shape, count in (("crossing", 150), ("ragged", 100), ("crossing", 300), ("ragged", 200))
]


@pytest.mark.parametrize(("shape", "count"), [("combs", how_many(300, thorough=400)), *LARGER])
def test_what_is_too_much_is_told_in_boxes(shape: str, count: int) -> None:
    flows = of_list(getattr(Shapes(), shape)(count))

    assert cover(flows) == boxes(flows)
