"""Decisions in bulk are those of `decide`, for every list, flow and spelling of flows."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network
from random import Random

import numpy as np
import pytest

from drilllib import bulk
from drilllib.bulk import ACTIONS, BulkDecider, BulkDecision
from drilllib.core.rules.members import UNKNOWN, Directory, Members, range_of
from drilllib.core.rules.policies import group_from_policy_set, rule_from_text
from drilllib.core.rules.rules import PROTOCOLS, PROTOCOLS_WITH_PORTS, Action, Direction, Flow, SecurityGroup, decide
from drilllib.core.sets.flowsets import LAST_ADDRESS
from drilllib.errors import InvalidInputError, TooComplexError
from tests.thorough import how_many

KIND = {4: IPv4Address, 6: IPv6Address}
BLOCKS = (
    *("0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/23", "10.1.2.128/25", "10.1.2.3/32"),
    *("255.255.255.255/32", "255.255.0.0/16", "0.0.0.0/32", "128.0.0.0/1", "10.1.3.0/24", "203.0.113.8/30"),
    *("::/0", "8000::/1", "2001:db8::/32", "2001:db8::/64", "2001:db8::8000:0:0:0/65", "2001:db8::1/128"),
    *("2001:db8:0:1::/64", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", "::/128", "2001:db8::fffe/127"),
)
PORTS = ("ALL", "1", "65535", "80", "80,443", "1-1023", "443-65535", "8000-8010", "1,3,5", "2-4")
NAMES = ("sg-a", "sg-unknown", "ipm-a", "ipm-unknown")
SERVICES = ("ppm-a", "ppm-b", "ppm-unknown")
A_GROUP = SecurityGroup("sg-1", (rule_from_text("ACCEPT ALL 10.0.0.0/8 ALL"),), ())


def policy(random: Random) -> dict:
    """Any rule: a block, a group or a template as the peer; protocol and ports, or a service template."""
    peer = random.choice(BLOCKS) if random.random() < 0.8 else random.choice(NAMES)
    protocol = random.choice((*PROTOCOLS, "ALL", "TCP"))
    protocol = "ICMPV6" if protocol == "ICMP" and ":" in peer else protocol
    ports = random.choice(PORTS) if protocol in PROTOCOLS_WITH_PORTS else "ALL"
    found = dict(rule_from_text(f"{random.choice(('ACCEPT', 'DROP'))} {protocol} {peer} {ports}").policy)
    if random.random() < 0.15:
        found.update(Protocol="", Port="", ServiceTemplate={"ServiceId": random.choice(SERVICES)})
    return found


def directory(random: Random) -> Directory:
    """What is known of the names: ranges that are no blocks, some of them only possible."""
    members = [
        (4, 10 << 24, (10 << 24) + 5),
        (4, 1, (10 << 24) + 77),
        (6, 5, 7 << 64 | 9),
        range_of(ip_network("::/1")),
    ]
    some = {
        name: Members(tuple(random.sample(members, 2)), tuple(random.sample(members, random.randint(0, 2))))
        for name in ("sg-a", "ipm-a")
    }
    services = {"ppm-a": (("TCP", ((80, 90), (85, 100))), ("ICMP", None)), "ppm-b": (("ALL", None),)}
    return Directory(some, random.choice((UNKNOWN, Members())), services)


def groups_of(random: Random) -> list[SecurityGroup]:
    """One to three groups of up to nine rules; at times the list that is asked was not read."""
    made = []
    for number in range(random.randint(1, 3)):
        listed = {"Ingress": [policy(random) for _ in range(random.randint(0, 9))], "Egress": []}
        if random.random() < 0.1:
            del listed["Ingress"]
        made.append(group_from_policy_set(f"sg-{number}", listed, directory(random)))
    return made


def peer_near(random: Random, family: int, edges: set[int]) -> int:
    """An address at an edge, or its upper half near that of one and its lower half near that of another."""
    if family == 6 and random.random() < 0.5:
        upper, lower = {edge >> 64 for edge in edges}, {edge % (1 << 64) for edge in edges}
        return near(random, upper, 0, (1 << 64) - 1) << 64 | near(random, lower, 0, (1 << 64) - 1)
    return near(random, edges, 0, LAST_ADDRESS[family])


def near(random: Random, edges: set[int], low: int, high: int) -> int:
    """A number at an edge, beside it, or anywhere."""
    if random.random() < 0.1:
        return random.randint(low, high)
    return min(max(random.choice(sorted(edges)) + random.choice((-1, 0, 0, 1)), low), high)


def flows_of(random: Random, groups: list[SecurityGroup], protocol: str, family: int) -> Iterator[Flow]:
    """Flows at the rules' edges."""
    rows = [row for group in groups for row in group.rows(Direction.INGRESS, protocol, family)]
    ends = {0, LAST_ADDRESS[family]} | {end for first, last, _ in rows for end in (first, last)}
    ports = {1, 65535} | {port for _, _, (low, high, *_) in rows for port in (low, high)}
    for _ in range(40):
        port = near(random, ports, 1, 65535) if protocol in PROTOCOLS_WITH_PORTS else None
        yield Flow(protocol=protocol, peer=KIND[family](peer_near(random, family, ends)), port=port)


def expected(groups: list[SecurityGroup], flow: Flow) -> BulkDecision:
    decision = decide(groups, Direction.INGRESS, flow)
    return BulkDecision(decision.action, decision.group, decision.policy_index)


@pytest.mark.parametrize("seed", range(8))
def test_every_answer_is_that_of_decide(seed: int) -> None:
    """Action and rule, of all protocols in both families, with names nobody knows and lists nobody read."""
    seen: Counter[Action] = Counter()
    for number in range(how_many(40, thorough=400)):
        random = Random(f"{seed} {number}")
        groups, protocol, family = groups_of(random), random.choice(PROTOCOLS), random.choice((4, 6))
        flows = list(flows_of(random, groups, protocol, family))
        ports = [flow.port for flow in flows] if protocol in PROTOCOLS_WITH_PORTS else None
        decider = BulkDecider(groups, Direction.INGRESS, protocol, family)
        answers = decider.decide([flow.peer for flow in flows], ports)
        wanted = [expected(groups, flow) for flow in flows]
        assert [answers[place] for place in range(len(flows))] == wanted, f"seed {seed} {number}"
        assert [ACTIONS[action] for action in answers.actions] == [each.action for each in wanted]
        seen.update(each.action for each in wanted)
    assert min(seen[action] for action in ACTIONS) > sum(seen.values()) // 20


def test_egress_asks_the_other_list() -> None:
    group = group_from_policy_set("sg-1", {"Ingress": [], "Egress": [rule_from_text("ACCEPT ALL ::/0").policy]})

    for direction, action in ((Direction.INGRESS, Action.DROP), (Direction.EGRESS, Action.ACCEPT)):
        assert BulkDecider([group], direction, "GRE", 6).decide([1], None)[0].action is action


def test_no_groups_drop_everything() -> None:
    """As `decide` reads them; that an interface without a group is open is the caller's knowledge."""
    assert BulkDecider([], Direction.INGRESS, "TCP").decide([0], 80)[0] == BulkDecision(Action.DROP)


@pytest.mark.parametrize("family", [4, 6])
def test_many_flows_at_once_are_decided_like_few(family: int) -> None:
    """Long arrays are looked up in parts, and addresses in tables of two steps."""
    random = Random(family)
    groups = [group_from_policy_set("sg-1", {"Ingress": [policy(random) for _ in range(60)], "Egress": []})]
    flows = [flow for _ in range(2_000) for flow in flows_of(random, groups, "TCP", family)]
    answers = BulkDecider(groups, Direction.INGRESS, "TCP", family).decide(
        [flow.peer for flow in flows], [flow.port for flow in flows]
    )

    assert len(flows) > bulk.CHUNK
    for place in random.sample(range(len(flows)), 3_000):
        assert answers[place] == expected(groups, flows[place])


@pytest.mark.parametrize("kind", [np.uint32, np.int64, np.uint64, object])
def test_ipv4_peers_may_be_numbers_of_any_width(kind: type) -> None:
    decider = BulkDecider([A_GROUP], Direction.INGRESS, "UDP")
    peers = np.array([10 << 24, 11 << 24], kind)

    for ports in (53, [53, 53], np.array([53, 53], np.uint16), np.array([53, 53]), (53, 53)):
        assert list(decider.decide(peers, ports).actions) == [ACTIONS.index(Action.ACCEPT), ACTIONS.index(Action.DROP)]


def test_ipv6_peers_may_be_halves_addresses_or_numbers() -> None:
    rules = (rule_from_text("ACCEPT ALL 2001:db8::/127"),)
    decider = BulkDecider([SecurityGroup("sg-1", rules, ())], Direction.INGRESS, "ICMPV6", 6)
    numbers = [int(IPv6Address("2001:db8::")) + more for more in (-1, 0, 1, 2)]
    halves = np.array([(number >> 64, number & 0xFFFF_FFFF_FFFF_FFFF) for number in numbers], np.uint64)

    for peers in (halves, numbers, [IPv6Address(number) for number in numbers]):
        assert [decider.decide(peers, None)[place].policy_index for place in range(4)] == [None, 0, 0, None]


@pytest.mark.parametrize("protocol", ["TCP", "ICMP"])
@pytest.mark.parametrize("family", [4, 6])
def test_no_flows_have_no_answers(protocol: str, family: int) -> None:
    ports = [] if protocol == "TCP" else None

    assert BulkDecider([A_GROUP], Direction.INGRESS, protocol, family).decide([], ports).places.shape == (0,)


@pytest.mark.parametrize(
    ("protocol", "family", "peers", "ports"),
    [
        *(("TCP", 4, peers, 80) for peers in (["10.0.0.1"], [1.5], [-1], [1 << 32], [IPv6Address(1)], [None], 5, None)),
        *(("TCP", 4, peers, 80) for peers in (np.array([1.0]), np.array([-1]), np.array([1 << 32]), np.array(1))),
        *(("TCP", 4, peers, 80) for peers in (np.array([True]), np.array([[1]]), np.array(["10.0.0.1"]))),
        *(("TCP", 6, peers, 80) for peers in ([1 << 128], [IPv4Address(1)], np.array([1]), np.array([[1, 2, 3]]))),
        *(("TCP", 4, [1, 2], ports) for ports in (None, 0, 65536, -1, "80", 80.0, True, [80], [80, 0], [80, 65536])),
        *(
            ("UDP", 4, [1, 2], ports)
            for ports in ([80, None], [[80], [80]], [[80], [80, 81]], np.array([80, 81.0]), [])
        ),
        *((protocol, 4, [1], ports) for protocol in ("ICMP", "GRE") for ports in (0, 80, [80])),
    ],
)
def test_flows_that_are_none_get_one_clear_error(protocol: str, family: int, peers: object, ports: object) -> None:
    """A number out of range would otherwise be cut to another one, and be answered."""
    decider = BulkDecider([A_GROUP], Direction.INGRESS, protocol, family)

    with pytest.raises(InvalidInputError) as caught:
        decider.decide(peers, ports)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("direction", "protocol", "family"),
    [("up", "TCP", 4), ("ingress", "ALL", 4), ("ingress", "tcp", 4), ("ingress", "TCP", 5)],
)
def test_what_cannot_be_asked_is_named(direction: str, protocol: str, family: int) -> None:
    with pytest.raises(InvalidInputError):
        BulkDecider([A_GROUP], direction, protocol, family)


def test_rules_that_cross_too_often_are_refused() -> None:
    """Five thousand blocks across five thousand ports would make a table of a hundred million cells."""
    blocks = [rule_from_text(f"ACCEPT TCP 10.{n // 128}.{n % 128 * 2}.0/24 ALL") for n in range(5_000)]
    ports = [rule_from_text(f"DROP TCP 0.0.0.0/0 {n * 2 + 1}") for n in range(5_000)]

    with pytest.raises(TooComplexError):
        BulkDecider([SecurityGroup("sg-1", (*blocks, *ports), ())], Direction.INGRESS, "TCP")


def test_rules_that_cost_too_much_to_paint_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PAINTED", 5)

    with pytest.raises(TooComplexError):
        BulkDecider([A_GROUP] * 6, Direction.INGRESS, "TCP")


def test_more_rules_than_small_numbers_keep_their_places() -> None:
    """Above 32,767 decisions the table needs wider numbers."""
    one = rule_from_text("DROP TCP 10.0.0.0/8 80")
    rules = (*(one,) * 40_000, rule_from_text("ACCEPT TCP 0.0.0.0/0 80"))
    answers = BulkDecider([SecurityGroup("sg-1", rules, ())], Direction.INGRESS, "TCP").decide([10 << 24, 0], 80)

    assert [answers[place].policy_index for place in (0, 1)] == [0, 40_000]


def test_without_numpy_the_module_says_what_to_do() -> None:
    """The import is blocked as it fails where numpy is not installed; the rest of drilllib works as ever."""
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "from drilllib import bulk\n"
        "from drilllib.errors import MissingToolError\n"
        "try: bulk.BulkDecider([], 'ingress', 'TCP')\n"
        "except MissingToolError as error: print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "numpy is not installed. pip install numpy" in run.stdout
