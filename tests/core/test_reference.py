"""The engine and the slow reference decide alike, on random rules crowded around the edges where mistakes live."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, ip_address
from random import Random

import pytest
import reference

from drilllib.core.rules import fields, policies, rules
from drilllib.core.snapshot import names as directory
from tests.thorough import how_many

DECISIONS = how_many(9_000, thorough=40_000)
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

# What names stand for: addresses that are bound to groups, and what templates list.
GROUPS = ("sg-a", "sg-b", "sg-c")
OWN_ADDRESSES = {
    4: ("10.0.35.1", "10.0.35.2", "10.0.35.3", "100.64.0.1", "172.16.0.9", "192.168.255.255"),
    6: ("2001:db8::1", "2001:db8::2", "2001:DB8::3"),
}
PRIVATE_EDGES = (
    *("10.0.0.0", "9.255.255.255", "10.255.255.255", "11.0.0.0", "100.63.255.255", "100.64.0.0", "100.127.255.255"),
    *("100.128.0.0", "172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0", "192.167.255.255"),
    *("192.168.0.0", "192.168.255.255", "192.169.0.0", "203.0.113.10"),
)
TEMPLATE_ADDRESSES = (
    *("10.0.35.2", "10.0.35.0/24", "10.0.35.77/31", "10.0.35.2-10.0.35.9", "203.0.113.0-203.0.113.127", "9.0.0.0/8"),
    *("2001:db8::/64", "2001:db8::2-2001:db8::ff", "2001:DB8::3"),
)
TEMPLATE_SERVICES = (
    *("TCP:80", "TCP:80,443", "TCP:1-80", "TCP:8000-8010,22", "TCP:ALL", "UDP:443", "UDP:80-90", "UDP:ALL", "ICMP"),
    *("ICMPV6", "GRE", "ALL"),
)
ADDRESS_TEMPLATES = ({"AddressId": "ipm-a"}, {"AddressId": "ipm-b"}, {"AddressId": "ipm-none", "AddressGroupId": ""})
ADDRESS_GROUPS = tuple({"AddressId": "", "AddressGroupId": name} for name in ("ipmg-a", "ipmg-b", "ipmg-none"))
SERVICE_TEMPLATES = ({"ServiceId": "ppm-a"}, {"ServiceId": "ppm-b"}, {"ServiceId": "ppm-none", "ServiceGroupId": ""})
SERVICE_GROUPS = tuple({"ServiceGroupId": name} for name in ("ppmg-a", "ppmg-b", "ppmg-none"))


@dataclass(frozen=True)
class World:
    """Groups in order, a direction, flows to ask about, and a snapshot that tells what names stand for, or None."""

    groups: list[tuple[str, dict]]
    direction: str
    packets: list[reference.Packet]
    snapshot: dict | None


def random_block(random: Random, version: int) -> str:
    if random.random() < 0.7:
        return random.choice(IPV4_BLOCKS if version == 4 else IPV6_BLOCKS)
    bits = 32 if version == 4 else 128
    address = ip_address(random.getrandbits(bits).to_bytes(bits // 8, "big"))
    return f"{address}/{random.choice((0, 1, 8, 24, 31, 32, bits - 1, bits))}"


def random_peer(random: Random, version: int) -> dict:
    kind = random.random()
    if kind < 0.09:
        return {"SecurityGroupId": random.choice((*GROUPS, *GROUPS, "sg-other"))}
    if kind < 0.14:
        return {"AddressTemplate": random.choice((*ADDRESS_TEMPLATES, *ADDRESS_GROUPS))}
    return {"CidrBlock" if version == 4 else "Ipv6CidrBlock": random_block(random, version)}


def random_service(random: Random, version: int) -> dict:
    if random.random() < 0.07:
        return {"ServiceTemplate": random.choice((*SERVICE_TEMPLATES, *SERVICE_GROUPS))}
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


def random_members(random: Random, count: int) -> Iterator[tuple[list[str], list[str], list[str] | None]]:
    """IPv4 addresses, IPv6 addresses and groups of a few owners; now and then the groups were not read."""
    six = random.sample(OWN_ADDRESSES[6], len(OWN_ADDRESSES[6]))
    for address in random.sample(OWN_ADDRESSES[4], count):
        others = [six.pop()] if six and random.random() < 0.6 else []
        bound = random.sample(GROUPS, random.randint(0, 3)) if random.random() < 0.85 else None
        yield [address], others, bound


def random_template(random: Random, field: str, texts: tuple[str, ...]) -> dict:
    """A template in one of the API's two spellings."""
    chosen = random.sample(texts, random.randint(0, 3))
    extra = {f"{field}ExtraSet": [{field: text} for text in chosen]}
    return random.choice(({f"{field}Set": chosen}, {f"{field}Set": chosen, f"{field}ExtraSet": None}, extra))


def random_snapshot(random: Random) -> dict:
    """Instances, interfaces and templates, in which anything may be missing."""
    owners = list(random_members(random, random.randint(0, 6)))
    cut = random.randint(0, len(owners))
    addresses = {"ipmg-a": ["ipm-a", "ipm-b"], "ipmg-b": ["ipm-b", "ipm-none"][: random.randint(0, 2)]}
    services = {"ppmg-a": ["ppm-a", "ppm-b"], "ppmg-b": ["ppm-b", "ppm-none"][: random.randint(0, 2)]}
    snapshot = {
        "instances": [
            {"InstanceId": f"ins-{number}", "PrivateIpAddresses": four, "IPv6Addresses": six, "SecurityGroupIds": bound}
            for number, (four, six, bound) in enumerate(owners[:cut])
        ],
        "network_interfaces": [
            {
                "NetworkInterfaceId": f"eni-{number}",
                "PrivateIpAddressSet": [{"PrivateIpAddress": address} for address in four],
                "Ipv6AddressSet": [{"Address": address} for address in six],
                "GroupSet": bound,
            }
            for number, (four, six, bound) in enumerate(owners[cut:])
        ],
        "security_groups": {name: {"SecurityGroupPolicySet": {"Ingress": [], "Egress": []}} for name in GROUPS},
        "address_templates": {n: random_template(random, "Address", TEMPLATE_ADDRESSES) for n in ("ipm-a", "ipm-b")},
        "address_template_groups": {name: {"AddressTemplateIdSet": held} for name, held in addresses.items()},
        "service_templates": {n: random_template(random, "Service", TEMPLATE_SERVICES) for n in ("ppm-a", "ppm-b")},
        "service_template_groups": {name: {"ServiceTemplateIdSet": held} for name, held in services.items()},
    }
    if random.random() < 0.1:
        snapshot[random.choice([part for part in snapshot if part != "security_groups"])] = None
    return {"schema": "drilllib/snapshot/1", **snapshot}


def address_near(random: Random, policy: dict) -> reference.Address:
    """The first or last address that a rule's peer names, one beyond, or one between; any for a name."""
    text = policy.get("CidrBlock") or policy.get("Ipv6CidrBlock")
    if policy.get("SecurityGroupId") and random.random() < 0.8:
        return ip_address(random.choice((*OWN_ADDRESSES[4] * 3, *OWN_ADDRESSES[6], *PRIVATE_EDGES)))
    if not text:
        text = (
            random.choice(TEMPLATE_ADDRESSES) if random.random() < 0.7 else random_block(random, random.choice((4, 6)))
        )
    first, last = reference.ends(text)
    low, high = int(first), int(last)
    number = random.choice((low, high, low - 1, high + 1, random.randint(low, high)))
    return ip_address((number % (1 << first.max_prefixlen)).to_bytes(first.max_prefixlen // 8, "big"))


def random_packet(random: Random, groups: list[tuple[str, dict]], direction: str) -> reference.Packet:
    """A flow at the edge of some rule."""
    listed = [policy for _, group in groups for policy in group.get(direction) or []] or [random_policy(random)]
    policy = random.choice(listed)
    peer = address_near(random, policy)
    near = (policy.get("Protocol") or "ALL").upper()
    protocol = near if random.random() < 0.8 else "ALL"
    if protocol == "ALL" or (protocol == "ICMP") is (peer.version == 6):
        protocol = random.choice(("TCP", "TCP", "UDP", "GRE", "ICMP" if peer.version == 4 else "ICMPV6"))
    if protocol not in ("TCP", "UDP"):
        return reference.Packet(protocol, peer, None)
    edges = [int(edge) for edge in (policy.get("Port") or "").replace("-", ",").split(",") if edge.isdigit()]
    port = random.choice(edges or [22, 80, 443, 8000, 8010, 30713]) + random.choice((-1, 0, 0, 0, 1))
    return reference.Packet(protocol, peer, min(max(port, 1), 65535))


def worlds() -> Iterator[World]:
    """The same worlds on every run; in some of them nothing is known of what names stand for."""
    random = Random("drilllib")
    for _ in range(DECISIONS // FLOWS_PER_WORLD):
        groups = [(name, random_group(random)) for name in ("sg-1", "sg-2", "sg-3")[: random.randint(1, 3)]]
        direction = random.choice(("Ingress", "Egress"))
        packets = [random_packet(random, groups, direction) for _ in range(FLOWS_PER_WORLD)]
        yield World(groups, direction, packets, random_snapshot(random) if random.random() < 0.6 else None)


def as_read(snapshot: dict) -> dict:
    """The snapshot that the engine is given; mutants change it."""
    return snapshot


def answers(world: World) -> Iterator[tuple[reference.Packet, reference.Answer, reference.Answer]]:
    """Each flow of a world with the engine's answer and the reference's."""
    known = () if world.snapshot is None else (directory.read_directory(as_read(world.snapshot)),)
    groups = [policies.group_from_policy_set(name, policy_set, *known) for name, policy_set in world.groups]
    for packet in world.packets:
        flow = rules.Flow(protocol=packet.protocol, peer=packet.peer, port=packet.port)
        decision = rules.decide(groups, rules.Direction[world.direction.upper()], flow)
        who = (None, None) if decision.action == "UNDETERMINED" else (decision.group, decision.policy_index)
        answer = reference.Answer(decision.action.value, *who, certain=not decision.unresolved)
        yield packet, answer, reference.decide(world.groups, world.direction, packet, world.snapshot)


Compared = tuple[World, reference.Packet, reference.Answer, reference.Answer]


def compared() -> Iterator[Compared]:
    """Each flow of every world with both answers."""
    return ((world, *both) for world in worlds() for both in answers(world))


def disagreements() -> Iterator[Compared]:
    return (each for each in compared() if each[2] != each[3])


@pytest.fixture(scope="module")
def decided() -> list[Compared]:
    """The same for every test that changes nothing: a list of them all takes seconds."""
    return list(compared())


def test_engine_and_reference_agree_on_tens_of_thousands_of_decisions(decided: list[Compared]) -> None:
    """Two programs written apart from one text are unlikely to be wrong in the same way."""
    assert next((each for each in decided if each[2] != each[3]), None) is None


def test_the_random_worlds_reach_every_kind_of_answer(decided: list[Compared]) -> None:
    """Agreement means little if all flows meet the same end."""
    seen = [answer for *_, answer in decided]

    shares = Counter(answer.action for answer in seen)
    drops = Counter(answer.group is None for answer in seen if answer.action == "DROP")
    known_despite_names = sum(not answer.certain and answer.action != "UNDETERMINED" for answer in seen)
    protocols = Counter((packet.protocol, packet.peer.version) for _, packet, *_ in decided)

    assert len(seen) == DECISIONS
    assert shares["ACCEPT"] >= DECISIONS * 0.25
    assert shares["DROP"] >= DECISIONS * 0.25
    assert shares["UNDETERMINED"] >= DECISIONS * 0.03
    assert min(drops[True], drops[False]) >= DECISIONS * 0.05
    assert known_despite_names >= DECISIONS * 0.01
    assert {answer.group for answer in seen} == {None, "sg-1", "sg-2", "sg-3"}
    assert min(protocols[key] for key in (("UDP", 4), ("UDP", 6), ("ICMP", 4), ("ICMPV6", 6))) >= DECISIONS * 0.01


def test_the_random_worlds_decide_flows_by_every_kind_of_name(decided: list[Compared]) -> None:
    """A rule that names something must decide often, or what the name stands for would not matter."""
    deciding = Counter()
    for world, _, _, answer in decided:
        if world.snapshot is not None and answer.certain and answer.policy_index is not None:
            listed = dict(world.groups)[answer.group][world.direction]
            policy = reference.in_order(listed)[answer.policy_index]
            for field in ("SecurityGroupId", "AddressTemplate", "ServiceTemplate"):
                name = reference.given(policy, field)
                grouped = isinstance(name, dict) and any("Group" in key for key, value in name.items() if value)
                deciding[field, grouped] += name is not None

    kinds = ("AddressTemplate", "ServiceTemplate")
    expected = {("SecurityGroupId", False), *((kind, grouped) for kind in kinds for grouped in (False, True))}
    assert {kind for kind, count in deciding.items() if count >= DECISIONS * 0.001} == expected


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
    real = fields.block_of
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
    "zero blocks stay narrow": (fields, "block_of", zero_blocks_stay_narrow),
    "PolicyIndex is not looked at": (policies, "_in_order", lambda: lambda _group, _name, listed: listed),
    "unread lists are empty": (policies, "_rules", unread_lists_are_empty),
}


def each(texts: list[str] | None, change: Callable[[str], str]) -> list[str] | None:
    return texts if texts is None else [change(text) for text in texts]


def changed_templates(change: Callable[[str], str]) -> Callable[[dict], dict]:
    """The snapshot with each text of each template changed, in both spellings."""

    def changed(template: dict) -> dict:
        found = {}
        for spelling, texts in template.items():
            if spelling.endswith("ExtraSet") and texts is not None:
                found[spelling] = [{field: change(text) for field, text in entry.items()} for entry in texts]
            else:
                found[spelling] = each(texts, change)
        return found

    def snapshot(given: dict) -> dict:
        parts = {name: given[name] or {} for name in ("address_templates", "service_templates")}
        return given | {name: {key: changed(value) for key, value in part.items()} for name, part in parts.items()}

    return snapshot


def changed_owners(change: Callable[[dict], dict]) -> Callable[[dict], dict]:
    """The snapshot with each instance and interface changed."""
    parts = ("instances", "network_interfaces")
    return lambda given: given | {name: [change(owner) for owner in given[name] or []] for name in parts}


def templates_not_read_are_empty(given: dict) -> dict:
    empty = {"address_templates": ("ipm-none", "AddressSet"), "service_templates": ("ppm-none", "ServiceSet")}
    return given | {part: {**(given[part] or {}), name: {field: []}} for part, (name, field) in empty.items()}


def only_the_first_of_a_group(given: dict) -> dict:
    fields = {"address_template_groups": "AddressTemplateIdSet", "service_template_groups": "ServiceTemplateIdSet"}
    return given | {
        part: {name: {field: group[field][:1]} for name, group in (given[part] or {}).items()}
        for part, field in fields.items()
    }


def is_address(text: str) -> bool:
    return "." in text or "::" in text


def an_end_lost(text: str) -> str:
    """``10.0.35.2-10.0.35.9`` and ``TCP:1-80`` without their last."""
    return re.sub(r"(-.*?)(\d+)$", lambda match: f"{match[1]}{int(match[2]) - 1}", text)


SNAPSHOT_MUTANTS = {
    "nothing is known of names": lambda given: {"schema": given["schema"]},
    "interfaces have no members": lambda given: given | {"network_interfaces": []},
    "instances have no members": lambda given: given | {"instances": []},
    "nobody has IPv6 addresses": changed_owners(lambda owner: owner | {"IPv6Addresses": [], "Ipv6AddressSet": []}),
    "groups not read are no groups": changed_owners(
        lambda owner: owner | {key: owner[key] or [] for key in ("SecurityGroupIds", "GroupSet") if key in owner}
    ),
    "only the first group is bound": changed_owners(
        lambda owner: owner | {key: each(owner[key], str)[:1] for key in ("GroupSet",) if owner.get(key)}
    ),
    "a range is its first address": changed_templates(
        lambda text: text.partition("-")[0] if is_address(text) else text
    ),
    "a range loses its end": changed_templates(an_end_lost),
    "a block is its first address": changed_templates(lambda text: text.partition("/")[0]),
    "service templates have no ports": changed_templates(
        lambda text: text if is_address(text) else text.partition(":")[0]
    ),
    "ALL is TCP": changed_templates(lambda text: "TCP:ALL" if text == "ALL" else text),
    "templates not read are empty": templates_not_read_are_empty,
    "only the first of a group of templates": only_the_first_of_a_group,
}


@pytest.mark.parametrize("mutant", SNAPSHOT_MUTANTS.values(), ids=SNAPSHOT_MUTANTS)
def test_a_name_misunderstood_on_purpose_is_caught(
    mutant: Callable[[dict], dict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine is shown a snapshot with one mistake in it, as if it had misread it."""
    monkeypatch.setitem(globals(), "as_read", mutant)

    assert next(disagreements(), None) is not None


@pytest.mark.parametrize(("owner", "name", "mutant"), MUTANTS.values(), ids=MUTANTS)
def test_an_engine_broken_on_purpose_is_caught(
    owner: object, name: str, mutant: Callable[[], Callable], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comparison that never fails proves nothing, so each likely mistake is made once."""
    monkeypatch.setattr(owner, name, mutant())

    assert next(disagreements(), None) is not None
