"""What lint finds: a code, how bad it is, the rule it is about, and the facts it rests on; views make sentences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from drilllib.core.rules.quotas import Quota
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.rectangles import RulePosition


class Severity(StrEnum):
    """ERROR: the rule does not do what it says, or opens what nobody opens on purpose. INFO: nothing has to be done."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class LintCode(StrEnum):
    """What was found. Codes are never renamed, only added."""

    ACCEPT_CANCELLED = "ACCEPT_CANCELLED"
    ACCEPT_CANCELLED_ON_TARGET = "ACCEPT_CANCELLED_ON_TARGET"
    DROP_CANCELLED = "DROP_CANCELLED"
    RULE_SHADOWED = "RULE_SHADOWED"
    RULE_REDUNDANT = "RULE_REDUNDANT"
    RULE_MATCHES_NOTHING = "RULE_MATCHES_NOTHING"
    EMPTY_TEMPLATE = "EMPTY_TEMPLATE"
    EMPTY_GROUP = "EMPTY_GROUP"
    UNKNOWN_GROUP = "UNKNOWN_GROUP"
    UNKNOWN_TEMPLATE = "UNKNOWN_TEMPLATE"
    ZERO_PREFIX = "ZERO_PREFIX"
    HOST_BITS = "HOST_BITS"
    WORLD_OPEN_ALL = "WORLD_OPEN_ALL"
    WORLD_OPEN_NODEPORTS = "WORLD_OPEN_NODEPORTS"
    WORLD_OPEN_ADMIN = "WORLD_OPEN_ADMIN"
    WORLD_OPEN_DATABASE = "WORLD_OPEN_DATABASE"
    POD_PORT_ON_NODE = "POD_PORT_ON_NODE"
    NODEPORT_ON_CLB = "NODEPORT_ON_CLB"
    NODEPORT_ON_POD = "NODEPORT_ON_POD"
    TARGET_PORT_FOR_VIP = "TARGET_PORT_FOR_VIP"
    PROBE_RANGE_ON_CLB = "PROBE_RANGE_ON_CLB"
    POLICY_INDEX_REPEATS = "POLICY_INDEX_REPEATS"
    QUOTA_NEAR = "QUOTA_NEAR"
    QUOTA_CLB_GROUP_RULES = Quota.QUOTA_CLB_GROUP_RULES
    QUOTA_EXPANDED_RULES = Quota.QUOTA_EXPANDED_RULES
    QUOTA_GROUPS = Quota.QUOTA_GROUPS
    QUOTA_REFERENCES = Quota.QUOTA_REFERENCES
    QUOTA_RULES = Quota.QUOTA_RULES
    QUOTA_TEMPLATE_MEMBERS = Quota.QUOTA_TEMPLATE_MEMBERS


@dataclass(frozen=True, slots=True)
class NamedRule:
    """A rule that a statement speaks of."""

    group: str
    direction: Direction
    policy_index: int
    text: str

    def to_dict(self) -> dict[str, Any]:
        """All fields."""
        return {
            "group": self.group,
            "direction": self.direction,
            "policy_index": self.policy_index,
            "rule": self.text,
        }


@dataclass(frozen=True, slots=True)
class Statement:
    """
    Something that is said: *key* names the sentence, *facts* fill it.

    A fact is a text, a number, a tuple of texts or a tuple of `NamedRule`.
    """

    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The key as ``says``, and every fact."""
        return {"says": self.key, **{name: _plain(value) for name, value in self.facts.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """
    One finding.

    *direction* and *policy_index* are None where it is about the whole group; *rule* is the rule's text then, too.
    *policy_index* counts from 0 at the top of the list. *covered_by* names the rules that make this one ineffective.
    """

    code: LintCode
    severity: Severity
    group: str
    direction: Direction | None = None
    policy_index: int | None = None
    rule: str | None = None
    covered_by: tuple[RulePosition, ...] = ()
    evidence: Statement
    remedy: Statement

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain data, evidence and remedy as facts; the command writes sentences in their place."""
        return {
            "code": self.code,
            "severity": self.severity,
            "group": self.group,
            "direction": self.direction,
            "policy_index": self.policy_index,
            "covered_by": [{"group": group, "policy_index": index} for group, index in self.covered_by],
            "evidence": self.evidence.to_dict(),
            "remedy": self.remedy.to_dict(),
        }


def in_order(found: Iterable[LintFinding], groups: Iterable[str]) -> tuple[LintFinding, ...]:
    """The worst first; those that are as bad in the order of *groups*, ingress before egress, and from the top."""
    places = {name: place for place, name in enumerate(groups)}
    severities, directions, codes = list(Severity), list(Direction), list(LintCode)

    def key(each: LintFinding) -> tuple[int, ...]:
        direction = -1 if each.direction is None else directions.index(each.direction)
        index = -1 if each.policy_index is None else each.policy_index
        place = places.get(each.group, len(places))
        return severities.index(each.severity), place, direction, index, codes.index(each.code)

    return tuple(sorted(found, key=key))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [each.to_dict() if isinstance(each, NamedRule) else each for each in value]
    return value
