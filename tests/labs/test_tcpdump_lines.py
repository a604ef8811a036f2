"""What stands in a capture of one request: its own handshakes and refusals, and no other's."""

from drilllib.labs.netns.network.tcpdump import packets_of

CLIENT, NODE = "203.0.113.10.23001", "10.0.35.11.30713"


def line(direction: str, source: str, target: str, flags: str, family: str = "IP") -> str:
    return f"eth0  {direction}  {family} {source} > {target}: Flags [{flags}], seq 1, win 0, length 0"


def test_a_handshake_and_its_refusal_stand_once_each() -> None:
    printed = "\n".join(
        [line("Out", CLIENT, NODE, "S"), line("Out", CLIENT, NODE, "S"), line("In", NODE, CLIENT, "R.")]
    )
    assert packets_of(printed) == [
        f"eth0 Out IP {CLIENT} > {NODE}: Flags [S]",
        f"eth0 In IP {NODE} > {CLIENT}: Flags [R.]",
    ]


def test_the_late_end_of_an_earlier_request_is_left_out() -> None:
    """As a busy machine once captured it: the client's kernel answers a segment to a socket that is closed."""
    earlier = "203.0.113.10.22999"
    printed = [line("Out", CLIENT, NODE, "S"), line("Out", earlier, NODE, "R"), line("In", NODE, CLIENT, "R.")]
    assert [each for each in packets_of("\n".join(printed)) if earlier in each] == []
    assert len(packets_of("\n".join(printed))) == 2


def test_the_same_holds_over_ipv6() -> None:
    client, node = "2001:db8::10.23001", "2001:db8:35::11.30713"
    opened = [line("Out", client, node, "S", "IP6"), line("In", node, client, "R.", "IP6")]
    assert len(packets_of("\n".join(opened))) == 2
    assert packets_of(opened[1]) == []


def test_what_is_no_tcp_stays() -> None:
    """An ICMP error belongs to a conversation that it names only inside."""
    printed = f"eth0  In  IP 10.0.35.11 > 203.0.113.10: ICMP {NODE} udp port unreachable, length 60"
    assert len(packets_of(printed)) == 1
