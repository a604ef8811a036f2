"""The engine and the slow reference decide alike, on random rules crowded around the edges where mistakes live."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import IPv4Network, ip_address, ip_network
from random import Random

import pytest
import reference

from drilllib.core import policies, rules

DECISIONS = 20_000
FLOWS_PER_WORLD = 5

IPV4_BLOCKS = (
    *("0.0.0.0/0", "0.0.0.0/8", "0.0.0.0/32", "0.0.0.1/8", "128.0.0.0/1", "255.255.255.254/31", "255.255.255.255"),
    *("10.0.0.0/8", "10.0.35.77/24", "10.0.35.0/31", "10.0.35.2/32", "10.0.35.2", "203.0.113.0/24", "203.0.113.200/25"),
)
IPV6_BLOCKS = (
    *(
        "::/0",
        "::/8",
        "::/128",
        "::ffff:0:0/96",
        "2001:db8::/32",
        "2001:DB8::A/64",
        "2001:db8::/127",
        "2001:db8::2/128",
    ),
    *("2001:0db8:0:0::2", "FE80::/10", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
)
PORTS = (
    *("80", "443", "1", "65535", "1-65535", "80-80", "80,443", "443,80", "8000-8010", "1-79,81-65535", "22,80-90,8000"),
    *("80,79-81", "30000-32767", "ALL", "all", "All", "", None),
)
ABSENT = ("", None, {}, {"AddressId": "", "AddressGroupId": ""})
IPV4_PROTOCOLS = ("TCP", "tcp", "Tcp", "TCP", "UDP", "udp", "ICMP", "icmp", "GRE", "gre", "ALL", "all", "All")
IPV6_PROTOCOLS = ("TCP", "tcp", "Tcp", "TCP", "UDP", "udp", "ICMPV6", "ICMPv6", "icmpv6", "GRE", "ALL", "all", "All")

World = tuple[list[tuple[str, dict]], str, list[reference.Packet]]


def random_block(random: Random, version: int) -> str:
    if random.random() < 0.7:
        return random.choice(IPV4_BLOCKS if version == 4 else IPV6_BLOCKS)
    bits = 32 if version == 4 else 128
    address = ip_address(random.getrandbits(bits).to_bytes(bits // 8, "big"))
    return f"{address}/{random.choice((0, 1, 8, 24, 31, 32, bits - 1, bits))}"


def random_peer(random: Random, version: int) -> dict:
    kind = random.random()
    if kind < 0.05:
        return {"SecurityGroupId": random.choice(("sg-a", "sg-b", "sg-other"))}
    if kind < 0.08:
        return {
            "AddressTemplate": random.choice(({"AddressId": "ipm-a"}, {"AddressId": "", "AddressGroupId": "ipmg-a"}))
        }
    return {"CidrBlock" if version == 4 else "Ipv6CidrBlock": random_block(random, version)}


def random_service(random: Random, version: int) -> dict:
    if random.random() < 0.04:
        return {"ServiceTemplate": random.choice(({"ServiceId": "ppm-a"}, {"ServiceGroupId": "ppmg-a"}))}
    protocol = random.choice(IPV4_PROTOCOLS if version == 4 else IPV6_PROTOCOLS)
    ports = PORTS if protocol.upper() in ("TCP", "UDP") else ("ALL", "all", "", None)
    return {"Protocol": protocol, "Port": random.choice(ports)}


def random_policy(random: Random) -> dict:
    version = random.choice((4, 4, 4, 6))
    policy = {"Action": random.choice(("ACCEPT", "ACCEPT", "accept", "DROP", "drop"))}
    policy |= random_peer(random, version) | random_service(random, version)
    for name in ("CidrBlock", "Ipv6CidrBlock", "SecurityGroupId", "AddressTemplate", "ServiceTemplate"):
        if name not in policy and random.random() < 0.2:
            policy[name] = random.choice(ABSENT[:2] if not name.endswith("Template") else ABSENT)
    return policy


def random_list(random: Random) -> list[dict] | None:
    """Rules as listed, numbered from the top, numbered in another order, numbered with gaps and twins, or in part."""
    if random.random() < 0.02:
        return None
    listed = [random_policy(random) for _ in range(random.randrange(8))]
    numbers = {
        "from the top": range(len(listed)),
        "shuffled": random.sample(range(len(listed)), len(listed)),
        "twins": [random.choice((0, 3, 7)) for _ in listed],
        "in part": [random.choice((None, 0, 1)) for _ in listed],
    }.get(random.choice(("from the top", "shuffled", "shuffled", "twins", "in part", "as listed")))
    for policy, number in zip(listed, numbers or (), strict=False):
        policy["PolicyIndex"] = number
    return listed


def random_group(random: Random) -> dict:
    group = {"Version": "1", "Ingress": random_list(random), "Egress": random_list(random)}
    if random.random() < 0.03:
        del group[random.choice(("Ingress", "Egress"))]
    return group


def random_packet(random: Random, groups: list[tuple[str, dict]], direction: str) -> reference.Packet:
    """A flow at the edge of some rule: the first or last address or port, one beyond, or inside."""
    listed = [policy for _, group in groups for policy in group.get(direction) or []] or [random_policy(random)]
    policy = random.choice(listed)
    text = policy.get("CidrBlock") or policy.get("Ipv6CidrBlock") or random_block(random, random.choice((4, 6)))
    block = ip_network(text, strict=False)
    first, last = int(block[0]), int(block[-1])
    number = random.choice((first, last, first - 1, last + 1, random.randint(first, last)))
    peer = ip_address((number % (1 << block.max_prefixlen)).to_bytes(block.max_prefixlen // 8, "big"))
    near = (policy.get("Protocol") or "ALL").upper()
    protocol = near if random.random() < 0.8 else "ALL"
    if protocol == "ALL" or (protocol == "ICMP") is (peer.version == 6):
        protocol = random.choice(("TCP", "TCP", "UDP", "GRE", "ICMP" if peer.version == 4 else "ICMPV6"))
    if protocol not in ("TCP", "UDP"):
        return reference.Packet(protocol, peer, None)
    edges = [int(edge) for edge in (policy.get("Port") or "").replace("-", ",").split(",") if edge.isdigit()]
    port = random.choice(edges or [80, 443, 8000, 30713]) + random.choice((-1, 0, 0, 0, 1))
    return reference.Packet(protocol, peer, min(max(port, 1), 65535))


def worlds() -> Iterator[World]:
    """The same worlds on every run: groups, a direction, and a few flows to ask about."""
    random = Random("drilllib")
    for _ in range(DECISIONS // FLOWS_PER_WORLD):
        groups = [(name, random_group(random)) for name in ("sg-1", "sg-2", "sg-3")[: random.randint(1, 3)]]
        direction = random.choice(("Ingress", "Egress"))
        yield groups, direction, [random_packet(random, groups, direction) for _ in range(FLOWS_PER_WORLD)]


def answers(world: World) -> Iterator[tuple[reference.Packet, reference.Answer, reference.Answer]]:
    """Each flow of a world with the engine's answer and the reference's."""
    listed, direction, packets = world
    groups = [policies.group_from_policy_set(name, policy_set) for name, policy_set in listed]
    for packet in packets:
        flow = rules.Flow(protocol=packet.protocol, peer=packet.peer, port=packet.port)
        decision = rules.decide(groups, rules.Direction[direction.upper()], flow)
        who = (None, None) if decision.action == "UNDETERMINED" else (decision.group, decision.policy_index)
        answer = reference.Answer(decision.action.value, *who, certain=not decision.unresolved)
        yield packet, answer, reference.decide(listed, direction, packet)


def disagreements() -> Iterator[tuple[World, reference.Packet, reference.Answer, reference.Answer]]:
    for world in worlds():
        yield from ((world, *compared) for compared in answers(world) if compared[1] != compared[2])


def test_engine_and_reference_agree_on_twenty_thousand_decisions() -> None:
    """Two programs written apart from one text are unlikely to be wrong in the same way."""
    assert next(disagreements(), None) is None


def test_the_random_worlds_reach_every_kind_of_answer() -> None:
    """Agreement means little if all flows meet the same end."""
    seen = [
        reference.decide(listed, direction, packet) for listed, direction, packets in worlds() for packet in packets
    ]

    shares = Counter(answer.action for answer in seen)
    drops = Counter(answer.group is None for answer in seen if answer.action == "DROP")
    known_despite_names = sum(not answer.certain and answer.action != "UNDETERMINED" for answer in seen)

    assert len(seen) == DECISIONS
    assert shares["ACCEPT"] >= DECISIONS * 0.25
    assert shares["DROP"] >= DECISIONS * 0.25
    assert shares["UNDETERMINED"] >= DECISIONS * 0.03
    assert min(drops[True], drops[False]) >= DECISIONS * 0.05
    assert known_despite_names >= DECISIONS * 0.01
    assert {answer.group for answer in seen} == {None, "sg-1", "sg-2", "sg-3"}


def changed_rows(change: Callable[[tuple], tuple]) -> Callable:
    """The compiling step, with each of its rows changed: first and last peer, first and last port, index, certain."""
    real = rules._rows_of

    def rows_of(*question: object) -> Iterator[tuple]:
        for first, last, rest in real(*question):
            first, last, *rest = change((first, last, *rest))
            yield first, last, tuple(rest)

    return rows_of


def last_match_wins() -> Callable:
    real = rules.SecurityGroup.matching
    return lambda group, direction, flow: reversed(list(real(group, direction, flow)))


def unmatched_flows_pass() -> Callable:
    real = rules._settle
    return lambda doubts, last: real(doubts, last if last.rule else replace(last, action=rules.Action.ACCEPT))


def groups_are_read_backwards() -> Callable:
    real = rules.decide
    return lambda groups, direction, flow: real(groups[::-1], direction, flow)


def only_the_first_group_is_read() -> Callable:
    real = rules.decide
    return lambda groups, direction, flow: real(groups[:1], direction, flow)


def directions_are_swapped() -> Callable:
    return lambda group, direction: group.egress if direction is rules.Direction.INGRESS else group.ingress


def the_index_starts_at_one() -> Callable:
    real = rules.decide

    def decide(*question: object) -> rules.Decision:
        decision = real(*question)
        return decision if decision.rule is None else replace(decision, policy_index=decision.policy_index + 1)

    return decide


def families_are_mixed() -> Callable:
    """An IPv4 block is asked about an IPv6 address, as plain numbers, and the other way round."""
    real = rules._rows_of

    def rows_of(rule: rules.Rule, index: int, protocol: str, family: int, names: object) -> Iterator[tuple]:
        return real(rule, index, protocol, getattr(rule.peer, "version", family), names)

    return rows_of


def unread_lists_are_empty() -> Callable:
    real = policies._rules
    return lambda *question: real(*question) or ()


def zero_blocks_stay_narrow() -> Callable:
    real = policies._block
    return lambda name, text: IPv4Network(text, strict=False) if text.startswith("0.0.0.0/") else real(name, text)


MUTANTS = {
    "last match wins": (rules.SecurityGroup, "matching", last_match_wins),
    "unmatched flows pass": (rules, "_settle", unmatched_flows_pass),
    "doubts are ignored": (rules, "_settle", lambda: lambda _doubts, last: last),
    "groups are read backwards": (rules, "decide", groups_are_read_backwards),
    "only the first group is read": (rules, "decide", only_the_first_group_is_read),
    "directions are swapped": (rules.SecurityGroup, "rules", directions_are_swapped),
    "the index starts at one": (rules, "decide", the_index_starts_at_one),
    "families are mixed": (rules, "_rows_of", families_are_mixed),
    "a range loses its last port": (
        rules,
        "_rows_of",
        lambda: changed_rows(lambda row: (*row[:3], row[3] - 1, *row[4:])),
    ),
    "a range gains a first port": (
        rules,
        "_rows_of",
        lambda: changed_rows(lambda row: (*row[:2], row[2] - 1, *row[3:])),
    ),
    "a block loses its first address": (rules, "_rows_of", lambda: changed_rows(lambda row: (row[0] + 1, *row[1:]))),
    "a block gains a last address": (
        rules,
        "_rows_of",
        lambda: changed_rows(lambda row: (row[0], row[1] + 1, *row[2:])),
    ),
    "named rules always match": (rules, "_rows_of", lambda: changed_rows(lambda row: (*row[:5], True))),
    "zero blocks stay narrow": (policies, "_block", zero_blocks_stay_narrow),
    "PolicyIndex is not looked at": (policies, "_in_order", lambda: lambda _group, _name, listed: listed),
    "unread lists are empty": (policies, "_rules", unread_lists_are_empty),
}


@pytest.mark.parametrize(("owner", "name", "mutant"), MUTANTS.values(), ids=MUTANTS)
def test_an_engine_broken_on_purpose_is_caught(
    owner: object, name: str, mutant: Callable[[], Callable], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comparison that never fails proves nothing, so each likely mistake is made once."""
    monkeypatch.setattr(owner, name, mutant())

    assert next(disagreements(), None) is not None
