"""
Random groups, and random flows that meet their rules where an error would show: at the edges.

Everything comes from one `random.Random`, so a seed tells it all. Rules and the members of names are written as people
write them, and read by the project's own readers. Who the members of a group are is always certain, so every flow can
be decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from random import Random

from drilllib.core.rules.addresses import BITS, Address
from drilllib.core.rules.members import Directory, Members, Range, Reference, range_of
from drilllib.core.rules.policies import members_from_text, rule_from_policy, rule_from_text
from drilllib.core.rules.rules import LAST_PORT, PROTOCOLS_WITH_PORTS, Direction, Flow, Rule, SecurityGroup
from drilllib.core.snapshot.names import read_directory
from drilllib.labs.netns.verify.frames import forwarded

AT_EDGES = 0.7  # of the flows
PROTOCOL_OF_RULE = {"TCP": 9, "UDP": 8, "ICMP": 4, "ICMPV6": 4, "GRE": 4, "ALL": 3}
PROTOCOL_OF_FLOW = {"TCP": 8, "UDP": 7, "ICMP": 3, "ICMPV6": 3, "GRE": 4}
KNOWN_PLACES = ("0.0.0.0", "10.0.0.0", "100.64.0.0", "192.168.255.255", "203.0.113.10", "::", "2001:db8::", "fd00::1")
KNOWN_PORTS = (1, 22, 80, 443, 30713, LAST_PORT)
PEER_NAMES = ("ipm-a", "ipm-b", "ipmg-a", "sg-peers", "sg-others", "sg-nobody")
SERVICE_NAMES = {"ppm-a": "ServiceId", "ppm-b": "ServiceId", "ppmg-a": "ServiceGroupId"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """Groups in their order on one interface, the members of what their rules name, and flows to ask about."""

    groups: tuple[SecurityGroup, ...]
    members: Mapping[str, Sequence[str]]
    questions: tuple[tuple[Direction, Flow], ...]


def draw(seed: object, number: int, flows: int) -> Drawn:
    """The set of groups with that number, of all that *seed* stands for, and as many flows."""
    random = Random(f"{seed}/{number}")
    rules = _Rules(random)
    members = rules.members()
    names = _directory(members)
    groups = tuple(rules.group(f"sg-{letter}", names) for letter in "abc"[: random.randint(1, 3)])
    asked = _Flows(random, groups, rules)
    return Drawn(groups, members, tuple(asked.question() for _ in range(flows)))


def _directory(members: Mapping[str, Sequence[str]]) -> Directory:
    """What the names stand for; a group that is not listed has no members."""
    document = {
        "address_templates": {name: {"AddressSet": members[name]} for name in ("ipm-a", "ipm-b")},
        "address_template_groups": {"ipmg-a": {"AddressTemplateIdSet": ["ipm-a", "ipm-b"]}},
        "service_templates": {name: {"ServiceSet": members[name]} for name in ("ppm-a", "ppm-b")},
        "service_template_groups": {"ppmg-a": {"ServiceTemplateIdSet": ["ppm-a", "ppm-b"]}},
    }
    known = read_directory(document)
    groups = dict(members_from_text(f"{name}={','.join(members[name])}") for name in ("sg-peers", "sg-others"))
    return replace(known, peers={**known.peers, **groups}, other_groups=Members())


class _Rules:
    """Rules near a few addresses and ports, which are drawn first, so that they overlap and meet."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.places = [ip_address(random.choice(KNOWN_PLACES)) for _ in range(2)]
        self.places += [_address(random.getrandbits(BITS[family]), family) for family in (4, 4, 6, 6)]
        self.ports = [random.choice((*KNOWN_PORTS, random.randint(1, LAST_PORT))) for _ in range(4)]

    def members(self) -> dict[str, list[str]]:
        """The texts of the members of every name, often overlapping, sometimes none."""
        peers = {name: [self._member() for _ in range(self._random.randint(0, 4))] for name in ("ipm-a", "ipm-b")}
        bound = {
            name: [str(self.near()) for _ in range(self._random.randint(0, 3))] for name in ("sg-peers", "sg-others")
        }
        services = {name: [self._service() for _ in range(self._random.randint(1, 4))] for name in ("ppm-a", "ppm-b")}
        return {**peers, **bound, **services}

    def group(self, group_id: str, names: Directory) -> SecurityGroup:
        return SecurityGroup(group_id, self._list(), self._list(), names)

    def near(self) -> Address:
        """An address at a few steps from a place, or with a few last bits of its own."""
        place = self._random.choice(self.places)
        bits = self._random.choice((0, 1, 2, 8, BITS[place.version] // 2))
        return _address(int(place) ^ self._random.getrandbits(bits) if bits else int(place), place.version)

    def _list(self) -> tuple[Rule, ...]:
        longest = 100 if self._random.random() < 0.03 else 12
        return tuple(self._rule() for _ in range(self._random.randint(0, longest)))

    def _rule(self) -> Rule:
        action, peer = self._random.choice(("ACCEPT", "DROP")), self._peer()
        if self._random.random() < 0.1:
            name = self._random.choice(tuple(SERVICE_NAMES))
            policy = dict(rule_from_text(f"{action} ALL {peer} ALL").policy, Protocol="", Port="")
            return rule_from_policy({**policy, "ServiceTemplate": {SERVICE_NAMES[name]: name}})
        protocol = _weighted(self._random, PROTOCOL_OF_RULE)
        protocol = "ICMPV6" if protocol == "ICMP" and ":" in peer else protocol
        ports = self._ports_text() if protocol in PROTOCOLS_WITH_PORTS else "ALL"
        return rule_from_text(f"{action} {protocol} {peer} {ports}")

    def _peer(self) -> str:
        if self._random.random() < 0.3:
            return self._random.choice(PEER_NAMES)
        return self._block()

    def _block(self) -> str:
        if self._random.random() < 0.04:
            return f"0.0.0.0/{self._random.randint(0, 32)}"  # which in a rule means every address
        place = self.near()
        length = self._random.choice((0, 8, 16, 24, BITS[place.version], self._random.randint(0, BITS[place.version])))
        return str(place) if length == BITS[place.version] else f"{place}/{length}"

    def _member(self) -> str:
        if self._random.random() < 0.6:
            return self._block()
        first, last = sorted((int(one := self.near()), int(one) ^ self._random.getrandbits(6)))
        return f"{_address(first, one.version)}-{_address(last, one.version)}"

    def _service(self) -> str:
        protocol = _weighted(self._random, PROTOCOL_OF_RULE)
        return f"{protocol}:{self._ports_text()}" if protocol in PROTOCOLS_WITH_PORTS else protocol

    def _ports_text(self) -> str:
        """ALL, or up to three ports and ranges, some of them overlapping or adjacent."""
        if self._random.random() < 0.15:
            return "ALL"
        return ",".join(self._range_text() for _ in range(self._random.choice((1, 1, 2, 3))))

    def _range_text(self) -> str:
        first = self._port()
        if self._random.random() < 0.5:
            return str(first)
        return f"{first}-{min(LAST_PORT, first + self._random.choice((0, 1, 5, 1000, LAST_PORT)))}"

    def _port(self) -> int:
        return _port(self._random.choice(self.ports) + self._random.randint(-3, 3))


class _Flows:
    """Flows, most of them made of what a rule says: the first or last it matches, or the next that it does not."""

    def __init__(self, random: Random, groups: Sequence[SecurityGroup], rules: _Rules) -> None:
        self._random, self._rules = random, rules
        self._lists = {
            each: [(rule, group.names) for group in groups for rule in group.rules(each) or ()] for each in Direction
        }

    def question(self) -> tuple[Direction, Flow]:
        """A direction and a flow that routing lets through to the rules."""
        direction = self._random.choice(tuple(Direction))
        while True:
            at_edge = self._lists[direction] and self._random.random() < AT_EDGES
            flow = self._at_edge(*self._random.choice(self._lists[direction])) if at_edge else self._anywhere()
            if forwarded(flow.peer):
                return direction, flow

    def _anywhere(self) -> Flow:
        peer = self._rules.near()
        if self._random.random() < 0.3:
            peer = _address(self._random.getrandbits(BITS[peer.version]), peer.version)
        return _flow(_weighted(self._random, PROTOCOL_OF_FLOW), peer, self._random.randint(1, LAST_PORT))

    def _at_edge(self, rule: Rule, names: Directory) -> Flow:
        peers = _peers(rule, names)
        peer = self._beside(*self._random.choice(peers)) if peers else self._rules.near()
        protocol, ports = self._random.choice(_services(rule, names))
        if protocol == "ALL":
            protocol = _weighted(self._random, PROTOCOL_OF_FLOW)
        first, last = self._random.choice(ports or ((1, LAST_PORT),))
        return _flow(protocol, peer, self._random.choice((first - 1, first, first, last, last, last + 1)))

    def _beside(self, family: int, first: int, last: int) -> Address:
        inside = self._random.randint(first, last)
        return _address(self._random.choice((first - 1, first, first, inside, last, last, last + 1)), family)


def _flow(protocol: str, peer: Address, port: int) -> Flow:
    return Flow(protocol=protocol, peer=peer, port=_port(port) if protocol in PROTOCOLS_WITH_PORTS else None)


def _peers(rule: Rule, names: Directory) -> Sequence[Range]:
    if not isinstance(rule.peer, Reference):
        return (range_of(rule.peer),)
    return names.peers.get(rule.peer.name, Members()).certain


def _services(rule: Rule, names: Directory) -> Sequence[tuple[str, Sequence[tuple[int, int]] | None]]:
    return [(rule.protocol, rule.ports)] if rule.service is None else names.services[rule.service.name]


def _weighted(random: Random, weights: Mapping[str, int]) -> str:
    return random.choices(tuple(weights), tuple(weights.values()))[0]


def _address(number: int, family: int) -> Address:
    """The address with that number; beyond the last, the first."""
    number %= 1 << BITS[family]
    return ip_address(number.to_bytes(BITS[family] // 8, "big"))


def _port(number: int) -> int:
    return min(max(number, 1), LAST_PORT)
