"""
How much of the vendor's quotas is used, as far as a group, its bindings and its templates tell.

Quotas: product pages 213/15379 (groups), 215/31867 (templates), 214/14733 (CLB). An account's own may differ;
DescribeSecurityGroupLimits tells.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from drilllib.core.rules.members import Members, Reference
from drilllib.core.rules.rules import Direction, Rule, SecurityGroup

RULES_PER_DIRECTION = 100
RULES_OF_A_CLB_GROUP = 512
RULES_EXPANDED = 2000
GROUPS_PER_INTERFACE = 5
REFERENCES_PER_GROUP = 10
MEMBERS_PER_TEMPLATE = 20

NEAR = 80  # per cent of a quota from which on it is worth a word


class Quota(StrEnum):
    """What is counted. Codes are never renamed, only added."""

    QUOTA_CLB_GROUP_RULES = "QUOTA_CLB_GROUP_RULES"
    QUOTA_EXPANDED_RULES = "QUOTA_EXPANDED_RULES"
    QUOTA_GROUPS = "QUOTA_GROUPS"
    QUOTA_REFERENCES = "QUOTA_REFERENCES"
    QUOTA_RULES = "QUOTA_RULES"
    QUOTA_TEMPLATE_MEMBERS = "QUOTA_TEMPLATE_MEMBERS"


@dataclass(frozen=True, slots=True)
class Use:
    """*count* of *quota* is used at *where*: a group, a template, or what groups are bound to."""

    code: Quota
    where: str
    count: int
    quota: int
    direction: Direction | None = None

    @property
    def is_over(self) -> bool:
        """Is it more than the vendor grants by default?"""
        return self.count > self.quota

    @property
    def is_near(self) -> bool:
        """Is little left, or nothing? Not where it is over."""
        return not self.is_over and self.count * 100 >= self.quota * NEAR

    @property
    def facts(self) -> dict[str, object]:
        """The numbers, and the direction where there is one."""
        numbers: dict[str, object] = {"count": self.count, "quota": self.quota}
        return {"direction": self.direction, **numbers} if self.direction else numbers


def uses_of_group(group: SecurityGroup, *, on_clb: bool) -> Iterator[Use]:
    """What its rules use. Lists that were not read count as empty."""
    lists = {direction: group.rules(direction) or () for direction in Direction}
    for direction, rules in lists.items():
        yield Use(Quota.QUOTA_RULES, group.group_id, len(rules), RULES_PER_DIRECTION, direction)
    every = [rule for rules in lists.values() for rule in rules]
    names = {rule.peer.name for rule in every if isinstance(rule.peer, Reference)}
    named = sum(name.rpartition("/")[2].startswith("sg-") for name in names)
    yield Use(Quota.QUOTA_REFERENCES, group.group_id, named, REFERENCES_PER_GROUP)
    code = Quota.QUOTA_CLB_GROUP_RULES if on_clb else Quota.QUOTA_EXPANDED_RULES
    count = sum(_expanded(group, rule) for rule in every)
    yield Use(code, group.group_id, count, RULES_OF_A_CLB_GROUP if on_clb else RULES_EXPANDED)


def use_of_binding(where: str, groups: int) -> Use:
    """So many groups are bound at one place."""
    return Use(Quota.QUOTA_GROUPS, where, groups, GROUPS_PER_INTERFACE)


def use_of_template(name: str, members: int) -> Use:
    """A template holds so many members, a group of templates so many templates [TPL]."""
    return Use(Quota.QUOTA_TEMPLATE_MEMBERS, name, members, MEMBERS_PER_TEMPLATE)


def _expanded(group: SecurityGroup, rule: Rule) -> int:
    """How many rules one with templates stands for, as far as their members are known."""
    peers = 1
    if isinstance(rule.peer, Reference) and rule.peer.kind == "AddressTemplate":
        peers = len(group.names.peers.get(rule.peer.name, Members()).certain)
    services = group.names.services.get(rule.service.name, ()) if rule.service else (None,)
    return max(1, peers) * max(1, len(services))
