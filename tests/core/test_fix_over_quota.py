"""Of two groups on an interface, the one that has room gets the rule; a quota that was over before is no news."""

from changes import Change, Document, ingress
from changes_cluster import node_groups
from fix_changes import lab, repaired, rules

from drilllib.core.drills.default_lab import NODE_GROUP
from drilllib.core.fix.over_quota import over_quota
from drilllib.core.rules.edits import Change as Edited
from drilllib.core.rules.edits import Edit
from drilllib.core.rules.rules import Direction

SECOND = "sg-second01"


def many(group: str, count: int, *lines: str) -> Change:
    return ingress(group, *(f"ACCEPT TCP 198.51.100.{index % 250}/32 {index + 1}" for index in range(count)), *lines)


def two_groups(first: int, second: int) -> tuple[Change, ...]:
    return (
        many(NODE_GROUP, first),
        many(SECOND, second),
        node_groups("a", NODE_GROUP, SECOND),
        node_groups("b", NODE_GROUP, SECOND),
    )


def places(first: int, second: int) -> list[str]:
    """The groups that rules are proposed for, the best first."""
    answer = repaired(*two_groups(first, second))
    assert answer.works
    return [{each.split(":")[0] for each in rules(one)} for one in answer.proposals]


def test_the_rule_goes_into_the_group_that_has_room() -> None:
    assert places(100, 3)[0] == {SECOND}
    assert places(3, 100)[0] == {NODE_GROUP}


def test_with_no_room_anywhere_it_is_still_told() -> None:
    assert places(100, 100)


def test_an_old_excess_of_another_kind_is_not_the_changes() -> None:
    """120 egress rules were there; an ingress rule is put in."""

    def crowded(document: Document) -> None:
        lists = document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]
        lists["Egress"] = lists["Egress"] * 120

    snapshot = lab(crowded)
    rule = snapshot.group(NODE_GROUP).ingress[0]
    put_in = Edited(NODE_GROUP, Direction.INGRESS, Edit.INSERT, 0, rule)
    taken_out = Edited(NODE_GROUP, Direction.EGRESS, Edit.DELETE, 0, old=rule)
    assert over_quota(snapshot, [put_in]) == ()
    assert over_quota(snapshot, [taken_out]) == ()
    more = Edited(NODE_GROUP, Direction.EGRESS, Edit.INSERT, 0, rule)
    assert [(each.code, each.count) for each in over_quota(snapshot, [more])] == [("QUOTA_RULES", 121)]
