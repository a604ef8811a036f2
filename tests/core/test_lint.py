"""Each finding about saved groups, with a case that has it and one that nearly has."""

import pytest

from drilllib.core.lint.findings import LintFinding
from drilllib.core.lint.linter import lint_groups
from drilllib.core.rules.members import Directory, Members
from drilllib.core.rules.policies import group_from_policy_set, rule_from_text
from drilllib.core.rules.rules import SecurityGroup
from drilllib.errors import InvalidInputError

NAMES = Directory(
    peers={
        "ipm-none": Members(),
        "ipm-two": Members(certain=((4, 8 << 24, (9 << 24) - 1), (4, 9 << 24, (10 << 24) - 1))),
        "ipm-apart": Members(certain=((4, 8 << 24, (9 << 24) - 1), (4, 20 << 24, (21 << 24) - 1))),
        "ipm-low": Members(certain=((4, 0, (1 << 31) - 1),)),
        "ipm-office": Members(certain=((4, 8 << 24, (9 << 24) - 1),)),
        "sg-none": Members(),
    },
    services={"ppm-none": (), "ppm-ping6": (("ICMPV6", None),), "ppm-ssh": (("TCP", ((22, 22),)),)},
)


def group(*lines: str, egress: tuple[str, ...] = (), name: str = "sg-1") -> SecurityGroup:
    """A group of rules as text; a service template may stand for protocol and port: ``ACCEPT ppm-a ::/0``."""
    return SecurityGroup(name, *(tuple(map(_rule, each)) for each in (lines, egress)), NAMES)


def _rule(line: str):
    action, what, peer, *_ = line.split()
    if not what.startswith("ppm-"):
        return rule_from_text(line)
    policy = {
        "Action": action,
        "ServiceTemplate": {"ServiceId": what},
        "Ipv6CidrBlock" if ":" in peer else "CidrBlock": peer,
    }
    return group_from_policy_set("sg", {"Ingress": [policy]}).ingress[0]


def linted(*lines: str) -> list[LintFinding]:
    return list(lint_groups([group(*lines)]))


def found(*lines: str) -> list[tuple[str, int | None]]:
    """Code and place of every finding."""
    return [(each.code, each.policy_index) for each in linted(*lines)]


def severities(*lines: str) -> dict[str, str]:
    return {each.code: each.severity for each in linted(*lines)}


# Rules that do nothing


def test_an_accept_below_the_drop_that_takes_it() -> None:
    (finding,) = linted("DROP TCP 0.0.0.0/0 80", "ACCEPT TCP 10.0.0.0/8 80", "ACCEPT TCP 10.0.0.0/8 81")

    assert (finding.code, finding.severity, finding.policy_index) == ("ACCEPT_CANCELLED", "error", 1)
    assert finding.covered_by == (("sg-1", 0),)
    assert found("DROP TCP 0.0.0.0/0 80", "ACCEPT TCP 10.0.0.0/8 80-81") == []


def test_drops_that_cancel_an_accept_only_together_are_all_named() -> None:
    lines = "DROP TCP 10.0.0.0/25 80", "DROP TCP 10.0.0.128/25 80", "ACCEPT TCP 10.0.0.0/24 80"

    assert [each.covered_by for each in linted(*lines)] == [(("sg-1", 0), ("sg-1", 1))]


def test_a_drop_below_an_accept_that_admits_what_it_should_block() -> None:
    lines = "ACCEPT TCP 10.0.0.0/7 80", "DROP TCP 10.0.0.9 80", "ACCEPT TCP 10.0.0.0/8 81"

    assert found(*lines) == [("DROP_CANCELLED", 1)]
    assert severities(*lines) == {"DROP_CANCELLED": "error"}
    assert found("ACCEPT TCP 10.0.0.8 80", "DROP TCP 10.0.0.8/31 80", "ACCEPT TCP 10.0.0.0/8 80") == []


def test_a_drop_whose_block_has_a_hole_is_blamed_on_the_hole() -> None:
    """The DROP above covers it, and is not why an address gets in."""
    (finding,) = linted(
        "ACCEPT TCP 10.0.0.1 80", "DROP TCP 10.0.0.0/8 80", "DROP TCP 10.0.0.0/24 80", "ACCEPT TCP 10.0.0.0/7 80"
    )

    assert (finding.code, finding.policy_index, finding.covered_by) == ("DROP_CANCELLED", 2, (("sg-1", 1),))
    assert [each.policy_index for each in finding.evidence.facts["rules"]] == [0]


@pytest.mark.parametrize(
    "lines",
    [
        ("ACCEPT TCP 10.0.0.0/7 80", "ACCEPT TCP 10.0.0.9 80"),
        ("DROP TCP 10.0.0.0/8 80", "DROP TCP 10.0.0.9 80", "ACCEPT TCP 10.0.0.0/7 80"),
        ("DROP TCP 10.0.0.0/9 80", "ACCEPT TCP 10.128.0.0/9 80", "ACCEPT TCP 10.0.0.0/8 80"),
    ],
)
def test_other_dead_rules_are_shadowed(lines: tuple[str, ...]) -> None:
    """Nobody is shut out or let in by them; they mislead whoever reads."""
    codes = [code for code, _ in found(*lines)]

    assert codes == ["RULE_SHADOWED"]
    assert severities(*lines)["RULE_SHADOWED"] == "warning"


def test_a_redundant_accept_names_what_replaces_it() -> None:
    (finding,) = linted(
        "ACCEPT TCP 10.0.0.9 80", "DROP UDP 10.0.0.0/8 53", "ACCEPT TCP 10.0.0.0/8 80", "ACCEPT UDP 10.0.0.0/7 53"
    )

    assert (finding.code, finding.severity, finding.policy_index) == ("RULE_REDUNDANT", "info", 0)
    assert (finding.covered_by, finding.evidence.key) == ((("sg-1", 2),), "RULE_REDUNDANT.accept")
    assert found("ACCEPT TCP 10.0.0.9 80", "DROP TCP 10.0.0.8/31 80", "ACCEPT TCP 10.0.0.0/8 80") == []


def test_a_last_drop_all_only_repeats_the_implicit_deny() -> None:
    (finding,) = linted("ACCEPT TCP 10.0.0.9 80", "DROP ALL 0.0.0.0/0 ALL")

    assert (finding.code, finding.policy_index, finding.evidence.key) == (
        "RULE_REDUNDANT",
        1,
        "RULE_REDUNDANT.implicit",
    )
    assert (finding.remedy.key, finding.covered_by) == ("delete", ())


def test_a_drop_that_another_below_repeats_is_not_called_implicit() -> None:
    (finding,) = linted("DROP TCP 10.0.0.9 80", "DROP TCP 10.0.0.0/24 80", "ACCEPT TCP 10.0.0.0/8 80")

    assert (finding.policy_index, finding.evidence.key) == (0, "RULE_REDUNDANT.drop")


def test_a_redundant_rule_that_another_must_precede_says_so() -> None:
    """Deleted alone, the first rule would leave its flows to the second."""
    findings = linted("ACCEPT TCP 10.0.0.1 80", "DROP TCP 10.0.0.0/31 80", "ACCEPT TCP 10.0.0.1 ALL")

    assert [(each.policy_index, each.remedy.key) for each in findings] == [(0, "RULE_REDUNDANT.rivals"), (1, "delete")]
    assert [each.policy_index for each in findings[0].remedy.facts["rules"]] == [1]


def test_what_cancels_a_rule_is_not_called_redundant_too() -> None:
    """Delete the DROP, it changes nothing: that would be true, and the worst advice there is beside the error."""
    assert found("DROP ALL 0.0.0.0/0 ALL", "ACCEPT TCP 10.0.0.0/8 80") == [("ACCEPT_CANCELLED", 1)]
    assert found("ACCEPT TCP 10.0.0.1 80", "DROP TCP 10.0.0.1 80", "ACCEPT TCP 10.0.0.0/8 80") == [
        ("DROP_CANCELLED", 1)
    ]


def test_a_dead_rule_is_not_redundant_too() -> None:
    assert found("ACCEPT TCP 10.0.0.0/8 80", "ACCEPT TCP 10.0.0.9 80", "ACCEPT TCP 10.0.0.8/31 80") == [
        ("RULE_SHADOWED", 1),
        ("RULE_SHADOWED", 2),
    ]


def test_an_unknown_member_covers_nothing() -> None:
    """Whether the group's members are all of 10/8, nobody knows."""
    assert found("DROP ALL sg-other ALL", "ACCEPT TCP 10.0.0.0/8 80") == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("ACCEPT ICMPV6 10.0.0.0/8", "RULE_MATCHES_NOTHING"),
        ("ACCEPT ICMP 10.0.0.0/8", None),
        ("ACCEPT ppm-ping6 10.0.0.0/8", "RULE_MATCHES_NOTHING"),
        ("ACCEPT ppm-ping6 2001:db8::/64", None),
        ("ACCEPT ALL sg-none ALL", "RULE_MATCHES_NOTHING"),
        ("ACCEPT ALL sg-other ALL", None),
        ("ACCEPT TCP ipm-none 80", "EMPTY_TEMPLATE"),
        ("ACCEPT TCP ipm-office 80", None),
        ("ACCEPT TCP ipm-unknown 80", None),
        ("ACCEPT ppm-none 10.0.0.0/8", "EMPTY_TEMPLATE"),
    ],
)
def test_a_rule_that_no_packet_matches(line: str, code: str | None) -> None:
    assert found(line) == ([(code, 0)] if code else [])
    assert set(severities(line).values()) <= {"warning"}


# Blocks that mean more than they say


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("0.0.0.0/8", ["ZERO_PREFIX"]),
        ("0.0.0.0/32", ["ZERO_PREFIX"]),
        ("0.0.0.0/0", ["WORLD_OPEN_ADMIN"]),
        ("0.0.0.0/00", ["WORLD_OPEN_ADMIN"]),
        ("0.0.0.0", []),
        ("10.0.0.5/24", ["HOST_BITS"]),
        ("10.0.0.0/24", []),
        ("10.0.0.5", []),
        ("2001:db8::5/64", ["HOST_BITS"]),
        ("2001:db8::/64", []),
    ],
)
def test_what_a_block_says_and_means(block: str, expected: list[str]) -> None:
    """0.0.0.0 with any length means every address; the error says so, and nothing is said twice."""
    assert [code for code, _ in found(f"ACCEPT TCP {block} 22")] == expected


def test_a_zero_prefix_is_worse_where_it_admits() -> None:
    assert severities("ACCEPT TCP 0.0.0.0/8 80") == {"ZERO_PREFIX": "error"}
    assert severities("DROP TCP 0.0.0.0/8 80", "ACCEPT TCP 10.0.0.0/8 81")["ZERO_PREFIX"] == "warning"


def test_a_zero_prefix_is_told_even_where_the_rule_is_dead() -> None:
    """Whoever moves it up as the other finding says opens everything."""
    assert set(found("DROP ALL 0.0.0.0/0 ALL", "ACCEPT TCP 0.0.0.0/8 80")) == {
        ("ACCEPT_CANCELLED", 1),
        ("ZERO_PREFIX", 1),
    }


# Open to the world


@pytest.mark.parametrize(
    ("line", "code", "severity"),
    [
        ("ACCEPT ALL 0.0.0.0/0 ALL", "WORLD_OPEN_ALL", "error"),
        ("ACCEPT TCP ::/0 ALL", "WORLD_OPEN_ALL", "error"),
        ("ACCEPT UDP 128.0.0.0/1 1-40000", "WORLD_OPEN_ALL", "error"),
        ("ACCEPT TCP 0.0.0.0/0 1-30000", "WORLD_OPEN_ADMIN", "error"),
        ("ACCEPT TCP 0.0.0.0/0 30000-32767", "WORLD_OPEN_NODEPORTS", "warning"),
        ("ACCEPT UDP 0.0.0.0/0 30000-30700", "WORLD_OPEN_NODEPORTS", "warning"),
        ("ACCEPT TCP 0.0.0.0/0 30000-30600", None, ""),
        ("ACCEPT TCP 0.0.0.0/0 30713", None, ""),
        ("ACCEPT TCP 0.0.0.0/0 22", "WORLD_OPEN_ADMIN", "error"),
        ("ACCEPT TCP 8.0.0.0/7 22", "WORLD_OPEN_ADMIN", "error"),
        ("ACCEPT TCP 10.0.0.0/8 22", None, ""),
        ("ACCEPT TCP 2000::/15 3389", "WORLD_OPEN_ADMIN", "error"),
        ("ACCEPT TCP 2000::/16 3389", None, ""),
        ("ACCEPT UDP 0.0.0.0/0 22", None, ""),
        ("ACCEPT TCP 0.0.0.0/0 21,23", None, ""),
        ("ACCEPT TCP 0.0.0.0/0 3306,443", "WORLD_OPEN_DATABASE", "error"),
        ("ACCEPT UDP 0.0.0.0/0 11211", "WORLD_OPEN_DATABASE", "error"),
        ("ACCEPT UDP 0.0.0.0/0 3306", None, ""),
        ("ACCEPT ppm-ssh 0.0.0.0/0", "WORLD_OPEN_ADMIN", "error"),
        ("ACCEPT TCP ipm-two 22", "WORLD_OPEN_ADMIN", "error"),
        ("ACCEPT TCP ipm-office 22", None, ""),
        ("ACCEPT TCP ipm-apart 22", None, ""),
        ("ACCEPT TCP sg-other 22", None, ""),
        ("ACCEPT ICMP 0.0.0.0/0", None, ""),
        ("ACCEPT TCP 0.0.0.0/0 80,443", None, ""),
        ("DROP ALL 0.0.0.0/0 ALL", "RULE_REDUNDANT", "info"),
    ],
)
def test_open_to_the_world(line: str, code: str | None, severity: str) -> None:
    first = severities(line)

    assert (next(iter(first), None), next(iter(first.values()), "")) == (code, severity)


@pytest.mark.parametrize("port", [1433, 1521, 2379, 3306, 5432, 6379, 9200, 11211, 27017])
def test_every_database_port_of_the_table(port: int) -> None:
    assert found(f"ACCEPT TCP 0.0.0.0/0 {port}") == [("WORLD_OPEN_DATABASE", 0)]


def test_what_a_drop_above_hides_is_not_open() -> None:
    """The usual way to write an exception."""
    hidden = "DROP TCP 0.0.0.0/0 22", "ACCEPT TCP 0.0.0.0/0 20-25"

    assert found(*hidden) == []
    assert found("DROP TCP 10.0.0.0/8 22", hidden[1]) == [("WORLD_OPEN_ADMIN", 1)]
    assert found("DROP TCP ipm-low 22", "DROP TCP 128.0.0.0/1 22", hidden[1]) == []
    assert found("DROP TCP sg-other 22", hidden[1]) == [("WORLD_OPEN_ADMIN", 1)]


def test_two_halves_are_the_world_and_each_is_named() -> None:
    halves = found("ACCEPT TCP ipm-low 22", "ACCEPT TCP 128.0.0.0/1 22")

    assert halves == [("WORLD_OPEN_ADMIN", 0), ("WORLD_OPEN_ADMIN", 1)]


def test_the_rule_that_decides_is_named_and_not_those_below() -> None:
    assert found("ACCEPT ALL 0.0.0.0/0 ALL", "ACCEPT TCP 0.0.0.0/0 22") == [("WORLD_OPEN_ALL", 0), ("RULE_SHADOWED", 1)]


def test_one_rule_may_open_several_kinds() -> None:
    assert set(found("ACCEPT TCP 0.0.0.0/0 22,3306,30000-32767")) == {
        ("WORLD_OPEN_NODEPORTS", 0),
        ("WORLD_OPEN_ADMIN", 0),
        ("WORLD_OPEN_DATABASE", 0),
    }


def test_only_ingress_is_opened_to_the_world() -> None:
    assert lint_groups([group(egress=("ACCEPT ALL 0.0.0.0/0 ALL",))]) == ()


# Counting


def hosts(count: int) -> tuple[str, ...]:
    return tuple(f"ACCEPT TCP 10.0.{each // 128}.{each % 128 * 2} 80" for each in range(count))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (hosts(79), []),
        (hosts(80), ["QUOTA_NEAR"]),
        (hosts(100), ["QUOTA_NEAR"]),
        (hosts(101), ["QUOTA_RULES"]),
        ([f"DROP TCP sg-{each} 80" for each in range(7)], []),
        ([f"ACCEPT TCP sg-{each} 80" for each in range(8)], ["QUOTA_NEAR"]),
        ([f"ACCEPT TCP sg-{each} 80" for each in range(11)], ["QUOTA_REFERENCES"]),
    ],
)
def test_quotas_that_are_used_up_or_nearly_so(lines: list[str], expected: list[str]) -> None:
    assert [code for code, _ in found(*lines) if code.startswith("QUOTA")] == expected


def test_severity_of_quotas() -> None:
    assert (severities(*hosts(80)), severities(*hosts(101))) == ({"QUOTA_NEAR": "info"}, {"QUOTA_RULES": "warning"})


@pytest.mark.parametrize(("indices", "expected"), [((0, 1), []), ((3, 3), [1]), ((3, None), []), ((0, 7), [])])
def test_an_index_that_repeats(indices: tuple[int | None, ...], expected: list[int]) -> None:
    policies = [
        {"Action": "ACCEPT", "Protocol": "TCP", "Port": str(80 + place), "CidrBlock": "10.0.0.0/8"}
        | ({} if index is None else {"PolicyIndex": index})
        for place, index in enumerate(indices)
    ]
    findings = lint_groups([group_from_policy_set("sg-1", {"Ingress": policies})])

    assert [each.policy_index for each in findings if each.code == "POLICY_INDEX_REPEATS"] == expected


# Several groups


def test_groups_given_together_are_one_list() -> None:
    """The classic: an old group stands before the right one."""
    old, new = group("DROP TCP 0.0.0.0/0 30000-32767", name="sg-old"), group("ACCEPT TCP 10.0.0.0/8 30080")

    (finding,) = lint_groups([old, new])
    assert (finding.code, finding.group, finding.covered_by) == ("ACCEPT_CANCELLED", "sg-1", (("sg-old", 0),))
    assert finding.remedy.key == "CANCELLED.elsewhere"
    assert [each.code for each in lint_groups([new, old])] == ["RULE_REDUNDANT"]


def test_repeating_another_group_is_no_warning() -> None:
    """Every group lets everything out; bound together, all but the first repeat it."""
    two = [group(egress=("ACCEPT ALL 0.0.0.0/0 ALL",), name=name) for name in ("sg-a", "sg-b")]

    assert [(each.code, each.severity, each.group) for each in lint_groups(two)] == [("RULE_SHADOWED", "info", "sg-b")]


def test_what_its_own_group_covers_is_blamed_on_that() -> None:
    first, second = (
        group("DROP TCP 10.0.0.0/8 80", name="sg-0"),
        group("DROP ALL 0.0.0.0/0 ALL", "ACCEPT TCP 10.0.0.1 80"),
    )

    assert [each.covered_by for each in lint_groups([first, second]) if each.severity == "error"] == [(("sg-1", 0),)]


def test_a_closing_drop_before_another_group_is_not_redundant() -> None:
    closing, other = group("DROP ALL 0.0.0.0/0 ALL"), SecurityGroup("sg-2", None, None)

    assert [each.code for each in lint_groups([closing])] == ["RULE_REDUNDANT"]
    assert lint_groups([closing, other]) == ()
    assert [each.code for each in lint_groups([other, closing])] == ["RULE_REDUNDANT"]


def test_the_same_group_twice_is_one_clear_error() -> None:
    with pytest.raises(InvalidInputError, match="Two groups are called 'sg-1'"):
        lint_groups([group(), group()])


def test_more_groups_than_an_interface_may_have() -> None:
    codes = [[each.code for each in lint_groups([group(name=f"sg-{n}") for n in range(count)])] for count in (3, 4, 6)]

    assert codes == [[], ["QUOTA_NEAR"], ["QUOTA_GROUPS"]]


# Order and form


def test_the_worst_comes_first_then_the_order_of_reading() -> None:
    first = group(
        "DROP ALL 0.0.0.0/0 ALL",
        "ACCEPT TCP 10.0.0.9/8 80",
        egress=("DROP ALL 0.0.0.0/0 ALL", "ACCEPT TCP 10.0.0.1 80"),
    )

    places = [(each.severity, each.direction, each.policy_index) for each in lint_groups([first])]
    assert places == [("error", "ingress", 1), ("error", "egress", 1), ("info", "ingress", 1)]


def test_a_finding_as_data_has_exactly_the_promised_fields() -> None:
    data = [each.to_dict() for each in linted(*hosts(101), "DROP TCP 10.0.0.0/8 81", "ACCEPT TCP 10.0.0.1 81")]

    fields = ["code", "severity", "group", "direction", "policy_index", "covered_by", "evidence", "remedy"]
    assert all(list(each) == fields for each in data)
    assert data[0]["covered_by"] == [{"group": "sg-1", "policy_index": 101}]
    assert data[0]["evidence"]["rules"] == [
        {"group": "sg-1", "direction": "ingress", "policy_index": 101, "rule": "DROP TCP 10.0.0.0/8 81"}
    ]
    assert (data[1]["code"], data[1]["direction"], data[1]["policy_index"]) == ("QUOTA_RULES", "ingress", None)
