"""
Random lists of rules as the vendor writes them, crowded around the edges, and what the engine makes of them.

Everything is drawn from a seed. A case holds plain dictionaries only; `read` hands them to the engine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from drilllib.core.rules.policies import group_from_policy_set
from drilllib.core.rules.rules import Direction, SecurityGroup
from drilllib.core.snapshot.names import read_directory

Policy = dict
RulePosition = tuple[str, int]

BLOCKS = {
    4: (
        *("0.0.0.0/0", "0.0.0.0/8", "0.0.0.0/32", "0.0.0.0", "0.0.0.1/1", "128.0.0.0/1", "255.255.255.255"),
        *("255.255.255.254/31", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.0.0.0/24", "10.0.1.0/24"),
        *("10.0.0.77/24", "10.0.0.0/25", "10.0.0.128/25", "10.0.0.1", "10.0.0.0/31", "10.0.0.2/31", "10.0.0.2"),
        *("9.255.255.255", "11.0.0.0", "203.0.113.0/24"),
    ),
    6: (
        *("::/0", "::/1", "8000::/1", "::", "::1/127", "::ffff:0:0/96", "::ffff:10.0.0.1", "::ffff:10.0.0.0/120"),
        *("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::/32", "2001:DB8::A/64", "2001:db8:0:1::/64"),
        *("2001:db8::", "2001:db8::1", "2001:db8::/127", "2001:db8::2/127", "fe80::/10"),
    ),
}
PORTS = (
    *("1", "65535", "1-65535", "2-65534", "80", "80-80", "80,443", "443,80", "80,79-81", "80,80", "1-80,81-443"),
    *("79", "81", "1-79,81-65535", "8000-8010", "8005-8020", "8011", "ALL", "all", "", None),
)
PROTOCOLS = {
    4: ("TCP", "TCP", "tcp", "UDP", "UDP", "ICMP", "GRE", "ICMPV6", "ALL", "ALL", "all"),
    6: ("TCP", "TCP", "tcp", "UDP", "UDP", "ICMPV6", "icmpv6", "GRE", "ALL", "ALL", "all"),
}
ADDRESSES_IN_TEMPLATES = (
    *("10.0.0.1", "10.0.0.0/24", "10.0.0.77/25", "10.0.0.2-10.0.1.9", "0.0.0.0/0", "255.255.255.254-255.255.255.255"),
    *("2001:db8::/64", "2001:db8::1-2001:db8::ff", "::ffff:10.0.0.1"),
)
SERVICES_IN_TEMPLATES = (
    *("TCP:80", "TCP:80,443", "TCP:1-80", "TCP:79-81", "TCP:ALL", "UDP:65535", "UDP:ALL", "ICMP", "ICMPV6", "GRE"),
    *("ALL",),
)
MEMBERS = {
    "sg-a": ("10.0.0.1", "10.0.0.2", "2001:db8::1"),
    "sg-b": ("10.255.255.255", "192.168.0.1"),
    "sg-none": (),
}
GROUPS = ("sg-1", "sg-2", "sg-3")


@dataclass(frozen=True)
class Case:
    """Groups in their order, the list that is asked about, and what tells what names stand for, or None."""

    groups: list[tuple[str, dict]]
    direction: str  # Ingress or Egress
    snapshot: dict | None = None

    def without(self, spots: set[RulePosition]) -> "Case":
        """The case with the rules at these places deleted; the places of the others move up."""
        kept = []
        for name, lists in self.groups:
            listed = lists.get(self.direction)
            if listed is not None:
                listed = [policy for index, policy in enumerate(listed) if (name, index) not in spots]
                lists = {**lists, self.direction: listed}
            kept.append((name, lists))
        return replace(self, groups=kept)

    def spots(self) -> list[RulePosition]:
        """The places of all rules, from the top."""
        return [(name, index) for name, lists in self.groups for index in range(len(lists.get(self.direction) or ()))]


def read(case: Case) -> tuple[list[SecurityGroup], Direction]:
    """The case as the engine reads it."""
    known = () if case.snapshot is None else (read_directory(case.snapshot),)
    groups = [group_from_policy_set(name, lists, *known) for name, lists in case.groups]
    return groups, Direction[case.direction.upper()]


def one_list(policies: list[Policy], direction: str = "Ingress") -> Case:
    """A case of one group."""
    return Case([("sg-1", {"Ingress": [], "Egress": [], direction: policies})], direction)


def cases(seed: str, count: int, **options: object) -> Iterator[Case]:
    """The same cases on every run."""
    random = Random(seed)
    for _ in range(count):
        yield random_case(random, **options)


def random_case(random: Random, *, longest: int = 8, names: bool = True, unread: bool = True) -> Case:
    """
    One to three groups, of which any may be empty.

    *names*: rules may name groups and templates, known ones and others. *unread*: lists may be missing.
    """
    direction = random.choice(("Ingress", "Egress"))
    snapshot = random_snapshot(random) if names and random.random() < 0.6 else None
    length = random.randint(0, longest) if random.random() < 0.3 else longest
    cuts = sorted(random.randint(0, length) for _ in range(random.randint(0, 2)))
    groups = []
    for name, first, end in zip(GROUPS, [0, *cuts], [*cuts, length], strict=False):
        lists = {each: random_list(random, end - first, names=names) for each in ("Ingress", "Egress")}
        if unread and random.random() < 0.06:
            del lists[direction]
        groups.append((name, lists))
    return Case(groups, direction, snapshot)


def random_list(random: Random, length: int, *, names: bool) -> list[Policy]:
    """Rules in their order, some of them twice."""
    listed = []
    for _ in range(length):
        again = listed and random.random() < 0.08
        listed.append(dict(random.choice(listed)) if again else random_policy(random, names=names))
    return listed


def numbered(random: Random, case: Case) -> Case:
    """The case with every list numbered from the top and then shuffled, so that it means the same."""
    groups = []
    for name, lists in case.groups:
        mixed = {each: [{**p, "PolicyIndex": n} for n, p in enumerate(listed)] for each, listed in lists.items()}
        for listed in mixed.values():
            random.shuffle(listed)
        groups.append((name, mixed))
    return replace(case, groups=groups)


def random_policy(random: Random, *, names: bool) -> Policy:
    family = random.choice((4, 4, 6))
    policy = {"Action": random.choice(("ACCEPT", "ACCEPT", "accept", "DROP", "DROP"))}
    return policy | random_peer(random, family, names=names) | random_service(random, family, names=names)


def random_peer(random: Random, family: int, *, names: bool) -> Policy:
    kind = random.random() if names else 1
    if kind < 0.09:
        return {"SecurityGroupId": random.choice((*MEMBERS, "sg-other"))}
    if kind < 0.17:
        key, names = random.choice(
            (("AddressId", ("ipm-a", "ipm-b", "ipm-c")), ("AddressGroupId", ("ipmg-a", "ipmg-b")))
        )
        return {"AddressTemplate": {key: random.choice(names)}}
    return {"CidrBlock" if family == 4 else "Ipv6CidrBlock": random_block(random, family)}


def random_block(random: Random, family: int) -> str:
    return random.choice(BLOCKS[family])


def random_service(random: Random, family: int, *, names: bool) -> Policy:
    if names and random.random() < 0.08:
        key, names = random.choice(
            (("ServiceId", ("ppm-a", "ppm-b", "ppm-c")), ("ServiceGroupId", ("ppmg-a", "ppmg-b")))
        )
        return {"ServiceTemplate": {key: random.choice(names)}}
    protocol = random.choice(PROTOCOLS[family])
    return {"Protocol": protocol, "Port": random.choice(PORTS if protocol.upper() in ("TCP", "UDP") else ("ALL", ""))}


def random_snapshot(random: Random) -> dict:
    """What some names stand for: ipm-c and ppm-c are never there, any other may be missing too."""
    owners = [
        {
            "PrivateIpAddresses": [address for address in addresses if ":" not in address],
            "IPv6Addresses": [address for address in addresses if ":" in address],
            "SecurityGroupIds": [name],
        }
        for name, addresses in MEMBERS.items()
        if addresses and random.random() < 0.8
    ]
    chosen = {part: random.sample(texts, random.randint(0, 3)) for part, texts in _templates()}
    return {
        "schema": "drilllib/snapshot/1",
        "instances": owners,
        "network_interfaces": [],
        "address_templates": {name: {"AddressSet": chosen[name]} for name in ("ipm-a", "ipm-b")},
        "address_template_groups": {
            "ipmg-a": {"AddressTemplateIdSet": ["ipm-a", "ipm-b"]},
            "ipmg-b": {"AddressTemplateIdSet": ["ipm-b", "ipm-c"]},
        },
        "service_templates": {name: {"ServiceSet": chosen[name]} for name in ("ppm-a", "ppm-b")},
        "service_template_groups": {
            "ppmg-a": {"ServiceTemplateIdSet": ["ppm-a", "ppm-b"]},
            "ppmg-b": {"ServiceTemplateIdSet": ["ppm-b", "ppm-c"]},
        },
    }


def _templates() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((name, ADDRESSES_IN_TEMPLATES) for name in ("ipm-a", "ipm-b"))
    yield from ((name, SERVICES_IN_TEMPLATES) for name in ("ppm-a", "ppm-b"))


def long_list(random: Random, length: int, *, family: int = 4, unknown: float = 0.0) -> list[Policy]:
    """
    One long list of one family with blocks of every length, many ports, and rules that crowd together.

    *unknown* is the share of rules that name a group of which nothing is known.
    """
    bits = 32 if family == 4 else 128
    homes = [random.getrandbits(bits) for _ in range(4)]
    listed = []
    for _ in range(length):
        policy = {"Action": random.choice(("ACCEPT", "DROP"))}
        if random.random() < unknown:
            policy["SecurityGroupId"] = "sg-other"
        elif random.random() < 0.3:
            policy["CidrBlock" if family == 4 else "Ipv6CidrBlock"] = random_block(random, family)
        else:
            policy["CidrBlock" if family == 4 else "Ipv6CidrBlock"] = _block_near(random, random.choice(homes), family)
        protocol = random.choice(("TCP", "TCP", "TCP", "UDP", "ALL", "ICMP" if family == 4 else "ICMPV6"))
        policy["Protocol"] = protocol if "SecurityGroupId" not in policy or protocol != "ICMPV6" else "GRE"
        policy["Port"] = _many_ports(random) if protocol in ("TCP", "UDP") else "ALL"
        listed.append(policy)
    return listed


def scattered_list(random: Random, length: int) -> list[Policy]:
    """TCP rules for few blocks, none of them large, and for a few ports anywhere each."""
    homes = [_block_near(random, random.getrandbits(32), 4, lengths=(9, 16, 24, 32)) for _ in range(20)]
    listed = []
    for _ in range(length):
        firsts = [random.randint(1, 65535) for _ in range(random.randint(1, 3))]
        ports = ",".join(f"{first}-{min(65535, first + random.choice((0, 1, 300)))}" for first in firsts)
        action = random.choice(("ACCEPT", "ACCEPT", "DROP"))
        listed.append({"Action": action, "Protocol": "TCP", "CidrBlock": random.choice(homes), "Port": ports})
    return listed


def _block_near(random: Random, home: int, family: int, lengths: Sequence[int] = ()) -> str:
    """A block around *home* or beside it, written with its host bits."""
    bits = 32 if family == 4 else 128
    length = random.choice(lengths or (1, 4, 8, 9, 16, 20, 23, 24, 25, 30, 31, 32, bits - 1, bits))
    number = home ^ (1 << random.randrange(bits)) if random.random() < 0.5 else home
    if family == 4:
        return f"{'.'.join(str(number >> shift & 255) for shift in (24, 16, 8, 0))}/{length}"
    return f"{':'.join(f'{number >> shift & 65535:x}' for shift in range(112, -1, -16))}/{length}"


def _many_ports(random: Random) -> str:
    """Usually an edge; else up to six parts anywhere, which may overlap."""
    if random.random() < 0.4:
        return random.choice(PORTS) or "ALL"
    parts = []
    for _ in range(random.randint(1, 6)):
        first = random.randint(1, 65535)
        last = min(65535, first + random.choice((0, 1, 10, 1000, 60000)))
        parts.append(f"{first}-{last}" if last > first else str(first))
    return ",".join(parts)
