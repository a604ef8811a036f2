"""An ACCEPT marked as cancelled admits nothing, and one that a single DROP covers is marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drilllib.core.rules.addresses import parse_address
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction, Flow, SecurityGroup, decide
from drilllib.core.sets.shadows import cancelled

PEERS = ("0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "::/0", "2001:db8::/32", "sg-other")
PORTS = ("ALL", "80", "80-443", "443,8080")


def group(*lines: str, name: str = "sg-1") -> SecurityGroup:
    return SecurityGroup(name, tuple(map(rule_from_text, lines)), ())


@pytest.mark.parametrize(
    ("above", "below", "is_cancelled"),
    [
        ("DROP ALL 0.0.0.0/0 ALL", "ACCEPT TCP 203.0.113.0/24 80", True),
        ("DROP TCP 203.0.113.0/24 80", "ACCEPT TCP 203.0.113.0/24 80", True),
        ("DROP TCP 203.0.113.0/25 80", "ACCEPT TCP 203.0.113.0/24 80", False),
        ("DROP UDP 0.0.0.0/0 ALL", "ACCEPT TCP 203.0.113.0/24 80", False),
        ("DROP TCP 0.0.0.0/0 80", "ACCEPT TCP 203.0.113.0/24 80-81", False),
        ("DROP ALL 0.0.0.0/0 ALL", "ACCEPT TCP 2001:db8::/32 80", False),
        ("DROP ALL sg-other ALL", "ACCEPT TCP 10.0.0.1 80", False),
        ("DROP ALL 0.0.0.0/0 ALL", "ACCEPT TCP sg-other 80", False),
        ("DROP TCP 0.0.0.0/0 80,443", "ACCEPT TCP 10.0.0.0/8 443", True),
        ("DROP TCP 0.0.0.0/0 80,443", "ACCEPT TCP 10.0.0.0/8 80,443", True),
    ],
)
def test_a_drop_cancels_what_lies_within_it(above: str, below: str, is_cancelled: bool) -> None:
    found = cancelled([group(above, below)], Direction.INGRESS)

    assert found == ({("sg-1", 1): ("sg-1", 0)} if is_cancelled else {})
    assert cancelled([group(below, above)], Direction.INGRESS) == {}


def test_drops_that_only_together_cover_an_accept_cancel_it() -> None:
    lower, upper = "DROP TCP 64.0.0.0/3 80", "DROP TCP 96.0.0.0/3 1-80"
    accept = "ACCEPT TCP 64.0.0.0/2 80"

    assert cancelled([group(upper, lower, accept)], Direction.INGRESS) == {("sg-1", 2): ("sg-1", 0)}
    assert cancelled([group(lower, accept)], Direction.INGRESS) == {}
    assert cancelled([group(upper, accept, lower)], Direction.INGRESS) == {}


def test_an_accept_that_accepts_and_drops_above_share_is_not_cancelled() -> None:
    """What it would admit is partly admitted already, so no DROP alone is to blame."""
    rules = group("DROP TCP 10.0.0.0/9 80", "ACCEPT TCP 10.128.0.0/9 80", "ACCEPT TCP 10.0.0.0/8 80")

    assert cancelled([rules], Direction.INGRESS) == {}


def test_groups_on_one_interface_are_one_list() -> None:
    """The classic: an old group stands before the right one."""
    old, new = group("DROP TCP 0.0.0.0/0 30000-32767", name="sg-old"), group("ACCEPT TCP 203.0.113.0/24 30080")

    assert cancelled([old, new], Direction.INGRESS) == {("sg-1", 0): ("sg-old", 0)}
    assert cancelled([new, old], Direction.INGRESS) == {}


def line(action: str, protocol: str, peer: str, ports: str) -> str:
    return f"{action} {protocol} {peer} {'ALL' if protocol == 'ALL' else ports}"


actions, protocols = st.sampled_from(("ACCEPT", "DROP")), st.sampled_from(("TCP", "UDP", "ALL"))
lines = st.builds(line, actions, protocols, st.sampled_from(PEERS), st.sampled_from(PORTS))
flows = st.builds(
    Flow,
    protocol=st.sampled_from(("TCP", "UDP")),
    peer=st.sampled_from(("10.1.2.3", "10.1.2.4", "10.9.9.9", "192.0.2.1", "2001:db8::1")).map(
        lambda text: parse_address(text, "The peer")
    ),
    port=st.sampled_from((22, 80, 81, 443, 8080)),
)


@given(st.lists(lines, min_size=1, max_size=6), st.lists(flows, max_size=30))
def test_a_cancelled_rule_never_decides(listed: list[str], asked: list[Flow]) -> None:
    groups = [group(*listed)]
    marked = cancelled(groups, Direction.INGRESS)

    deciders = {decide(groups, Direction.INGRESS, flow).policy_index for flow in asked}
    assert not deciders & {index for (_, index) in marked}
