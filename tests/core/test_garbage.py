"""Rules that cannot be read are refused in one line that shows the value; nothing else ever escapes."""

from collections.abc import Callable
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drilllib.core.rules.policies import group_from_policy_set, numbered, rule_from_policy, rule_from_text
from drilllib.core.rules.rules import Direction, Flow, decide
from drilllib.errors import DrillError

GOOD = {"Action": "ACCEPT", "Protocol": "TCP", "Port": "80", "CidrBlock": "203.0.113.0/24"}
IPV6 = {"CidrBlock": None}

BAD_BLOCKS = (
    *("203.0.113.0/33", "203.0.113.300", "203.0.113", "203.0.113.0/", "/24", "203.0.113.0/-1", "203.0.113.0/24/24"),
    *(
        "10.0.0.0/255.0.0.0",
        "10.0.0.0/0.255.255.255",
        "10.0.0.1-10.0.0.9",
        "10.0.0.1,10.0.0.2",
        "0.0.0.0/99",
        "0.0.0.0/x",
    ),
    *("010.0.0.1", "10.0.0.0/８", "１０.0.0.0/8", "2001:db8::/32", "example.com", "167772160", "MY_PUBLIC_IP", "ALL"),
)
BAD_IPV6_BLOCKS = (
    *("2001:db8::/129", "2001:db8::/-1", "2001:db8:::1", "1::2::3", "2001:db8::/ffff::", "2001:db8::g"),
    *("fe80::1%eth0", "fe80::%1/64", "10.0.0.0/8", "0.0.0.0/0", "[2001:db8::1]", "２001:db8::1"),
)
BAD_PORTS = (
    *("0", "65536", "70000", "99999999999999999999", "0-80", "80-65536", "8010-8000", "80,8010-8000", "80,0"),
    *("-", "80-", "-80", "80--90", "80-90-100", ",", "80,", "80,,443", "80;443", "80 443", "80:90", "8000~8010"),
    *("http", "8O", "+80", "80.0", "8_0", "1e3", "0x50", "８０", "٨٠", "²", "80\n443"),
)
NOT_TEXT = (True, False, 80.5, 0, ["80"], [])

CASES = [
    *[({"CidrBlock": block}, block) for block in BAD_BLOCKS],
    *[({**IPV6, "Ipv6CidrBlock": block}, block) for block in BAD_IPV6_BLOCKS],
    *[({"Port": port}, port) for port in BAD_PORTS],
    *[({"Protocol": name}, name) for name in ("HTTP", "6", "22", "TCP,UDP", "TCP:80", "ICMPV4", "ＴＣＰ", "ıcmp", "*")],
    *[({"Protocol": name}, "80") for name in ("ICMP", "ICMPV6", "GRE", "ALL")],
    *[({"Action": name}, name) for name in ("ALLOW", "REJECT", "UNDETERMINED", "ACCEPT DROP")],
    *[({"Action": nothing}, "Action") for nothing in (None, "")],
    *[({name: value}, repr(value)) for name in ("Action", "Protocol", "Port", "CidrBlock") for value in NOT_TEXT],
    *[({**IPV6, name: value}, repr(value)) for name in ("Ipv6CidrBlock", "SecurityGroupId") for value in NOT_TEXT],
    *[({**IPV6, "AddressTemplate": value}, repr(value)) for value in (True, 1.5, "ipm-a", ["ipm-a"], [])],
    *[({**IPV6, "AddressTemplate": {"AddressId": value}}, repr(value)) for value in NOT_TEXT],
    *[({"Protocol": None, "Port": None, "ServiceTemplate": value}, repr(value)) for value in (True, 1.5, "ppm-a", [])],
    ({**IPV6, "Ipv6CidrBlock": "2001:db8::/32", "Protocol": "icmp", "Port": ""}, "2001:db8::/32"),
    ({"Ipv6CidrBlock": "2001:db8::/32"}, "CidrBlock and Ipv6CidrBlock"),
    ({"SecurityGroupId": "sg-a"}, "CidrBlock and SecurityGroupId"),
    ({"AddressTemplate": {"AddressGroupId": "ipmg-a"}}, "CidrBlock and AddressTemplate"),
    ({**IPV6, "SecurityGroupId": "sg-a", "AddressTemplate": {"AddressId": "ipm-a"}}, "SecurityGroupId"),
    ({**IPV6, "SecurityGroupId": "", "AddressTemplate": {}}, "no peer"),
    ({**IPV6, "AddressTemplate": {"AddressId": "", "AddressGroupId": None}}, "no peer"),
    ({**IPV6, "AddressTemplate": {"AddressId": "ipm-a", "AddressGroupId": "ipmg-a"}}, "ipmg-a"),
    ({"ServiceTemplate": {"ServiceId": "ppm-a"}}, "ppm-a"),
    ({"Port": None, "ServiceTemplate": {"ServiceId": "ppm-a"}}, "ppm-a"),
    ({"Protocol": None, "ServiceTemplate": {"ServiceId": "ppm-a"}}, "ppm-a"),
    ({"Protocol": "", "Port": "", "ServiceTemplate": {"ServiceId": "ppm-a", "ServiceGroupId": "ppmg-a"}}, "ppmg-a"),
    ({"ServiceTemplate": {"ServiceId": "ppm\n\x1b[2J\ud800"}}, "ppm\n\x1b[2J\ud800"),
    ({**IPV6, "AddressTemplate": {"AddressId": "ipm\n", "AddressGroupId": "ipmg\ud800"}}, "ipmg\ud800"),
    ({"Port": None, "Protocol": None, "ServiceTemplate": {}}, "Protocol"),
]


def refusal(read: Callable[..., object], *what: object) -> str:
    """The message with which *what* is refused, checked to be one line that any terminal can show."""
    with pytest.raises(DrillError) as caught:
        read(*what)
    message = str(caught.value)
    assert message.isprintable()  # no line break, no control character, no half of a surrogate pair
    return message


def as_shown(value: str) -> str:
    """Unprintable characters are escaped in messages."""
    return value if value.isprintable() else ascii(value)[1:-1]


@pytest.mark.parametrize(("change", "offence"), CASES, ids=lambda value: ascii(value))
def test_a_malformed_rule_is_refused_with_the_value_that_is_wrong(change: dict, offence: str) -> None:
    """A learner mends a rule only if the message points at the very thing typed."""
    assert as_shown(offence) in refusal(rule_from_policy, {**GOOD, **change})


@pytest.mark.parametrize("index", [-1, "0", "", True, False, 1.0, [], {}], ids=repr)
def test_a_policy_index_that_is_no_place_is_refused(index: object) -> None:
    """Guessing an order would guess the answer."""
    assert repr(index) in refusal(group_from_policy_set, "sg-1", {"Ingress": [{**GOOD, "PolicyIndex": index}]})


@pytest.mark.parametrize(
    "rule", [None, True, 5, "ACCEPT TCP 0.0.0.0/0 80", [], [GOOD]], ids=lambda rule: ascii(rule)[:20]
)
def test_a_rule_that_is_no_object_is_refused(rule: object) -> None:
    """Copying from a document often leaves text where an object belongs."""
    assert ascii(rule)[:20] in refusal(rule_from_policy, rule)


@pytest.mark.parametrize("listed", [True, False, 0, 5, "", "ACCEPT", {}, {"Ingress": []}], ids=repr)
def test_a_list_that_is_no_list_is_refused(listed: object) -> None:
    """Only null stands for an empty list."""
    assert repr(listed) in refusal(group_from_policy_set, "sg-1", {"Ingress": listed, "Egress": []})


@pytest.mark.parametrize("policy_set", [None, True, 5, "", "Ingress", [], [GOOD]], ids=lambda value: ascii(value)[:20])
def test_a_set_that_is_no_object_is_refused(policy_set: object) -> None:
    """The commonest slip is to save the list without the object around it."""
    assert ascii(policy_set)[:20] in refusal(group_from_policy_set, "sg-1", policy_set)


def test_a_bad_rule_in_a_group_is_named_by_group_direction_and_place() -> None:
    """A hundred rules are too many to search by hand."""
    message = refusal(group_from_policy_set, "sg-1", {"Ingress": [], "Egress": [GOOD, {**GOOD, "Port": "0"}]})

    assert all(word in message for word in ("sg-1", "egress[1]", "'0'"))


@pytest.mark.parametrize(
    "text", ["", " ", "ACCEPT", "ACCEPT TCP", "ACCEPT TCP 10.0.0.1 80 443", "80 TCP 10.0.0.1 ACCEPT"]
)
def test_a_line_that_is_no_rule_is_refused(text: str) -> None:
    """Typed rules get the same care as stored ones."""
    assert (text.split() or ["''"])[0] in refusal(rule_from_text, text.strip())


@pytest.mark.parametrize("field", [*GOOD, "AddressTemplate", "ServiceTemplate", "PolicyIndex"])
def test_endless_nesting_and_endless_numbers_are_refused_like_anything_else(field: str) -> None:
    """Python itself refuses to print both, and that must not be what the user sees."""
    nest: list = []
    for _ in range(100_000):
        nest = [nest]

    refusal(group_from_policy_set, "sg-1", {"Ingress": [{**GOOD, field: nest}]})
    refusal(group_from_policy_set, "sg-1", {"Ingress": [{**GOOD, field: -(10**5000)}]})


any_character = (st.integers(0, 0x7F) | st.integers(0, 0x10FFFF)).map(chr)  # halves of surrogate pairs too
any_text = st.lists(any_character, max_size=12).map("".join) | st.sampled_from(
    [
        "0.0.0.0/",
        "::",
        "80-",
        "80\n443",
        "\ud800",
        "sg-a\nsg-b",
        "ppm\x1b[2J",
        "\u2028",
        "tcp",
        "ALL",
        "10.0.0.0/8",
        "drop",
    ]
)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)
template_like = st.dictionaries(
    st.sampled_from(["AddressId", "AddressGroupId", "ServiceId", "ServiceGroupId"]), any_text | any_json, min_size=1
)
FIELDS = [*GOOD, "Ipv6CidrBlock", "SecurityGroupId", "AddressTemplate", "ServiceTemplate", "PolicyIndex", "Priority"]
spoilt_rules = st.builds(
    lambda change, missing: {name: value for name, value in (GOOD | change).items() if name not in missing},
    st.dictionaries(st.sampled_from(FIELDS), any_json | template_like, max_size=3),
    st.sets(st.sampled_from(list(GOOD)), max_size=2),
)
spoilt_lists = st.lists(st.just(GOOD) | spoilt_rules | any_json, max_size=3) | any_json
spoilt_sets = st.dictionaries(st.sampled_from(["Version", "Ingress", "Egress"]), spoilt_lists) | any_json


FLOW = Flow(protocol="TCP", peer=ip_address("203.0.113.10"), port=80)


def test_a_group_id_cannot_break_the_message() -> None:
    """Group ids come from file names and snapshots, so they are as untrusted as the rules."""
    for group_id in ("sg-1\nsg-2", "sg\x1b[2J", "\ud800"):
        refusal(group_from_policy_set, group_id, None)
        refusal(group_from_policy_set, group_id, {})
        refusal(group_from_policy_set, group_id, {"Ingress": 5})
        refusal(group_from_policy_set, group_id, {"Ingress": [None]})
        refusal(group_from_policy_set, group_id, {"Ingress": [{**GOOD, "PolicyIndex": -1}]})


def refused(read: Callable[[], object]) -> bool:
    """Whether *read* refuses; any other exception, and any message beyond one printable line, fails the test."""
    try:
        read()
    except DrillError as error:
        message = str(error)
    else:
        return False
    assert message.isprintable()
    return True


@given(spoilt_sets)
def test_any_json_is_read_or_refused(policy_set: object) -> None:
    """Whatever a file holds, the user sees a verdict or one printable line, never a traceback."""
    if refused(lambda: group_from_policy_set("sg-1", policy_set)):
        return
    group = group_from_policy_set("sg-1", policy_set)
    for direction in Direction:
        decide([group], direction, FLOW)
        numbered(group.rules(direction) or ())


@given(spoilt_rules)
def test_any_json_in_a_field_is_read_or_refused(policy: dict) -> None:
    """One wrong field in an otherwise good rule reaches the checks that come last."""
    if not refused(lambda: rule_from_policy(policy)):
        assert rule_from_policy(policy).policy is policy


@given(any_text | st.lists(any_text, min_size=3, max_size=4).map(" ".join))
def test_any_line_is_read_or_refused(text: str) -> None:
    """Typed rules come from people, and people paste anything."""
    refused(lambda: rule_from_text(text))
