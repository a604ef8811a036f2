"""What a rule's text alone tells, and what can be counted: blocks that mean more than they say, empty names, quotas."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_interface
from itertools import pairwise

from drilllib.core.lint.findings import LintCode, LintFinding, Severity, Statement
from drilllib.core.lint.lists import Lists
from drilllib.core.rules.members import Reference
from drilllib.core.rules.quotas import Quota, Use
from drilllib.core.rules.rules import Action, Direction, Rule, SecurityGroup
from drilllib.core.sets.rectangles import RulePosition


def about_texts(lists: Lists) -> Iterator[LintFinding]:
    """Blocks, and rules that match nothing."""
    for spot, rule in lists.rules():
        yield from _about_block(lists.direction, spot, rule)
        if not any(spot in each.parts.by_spot for each in lists.having(spot[0])):
            yield _about_nothing(lists, spot, rule)


def finding_about(
    code: LintCode,
    severity: Severity,
    direction: Direction,
    spot: RulePosition,
    rule: Rule,
    evidence: Statement,
    remedy: Statement,
) -> LintFinding:
    """A finding about one rule."""
    return LintFinding(
        code=code,
        severity=severity,
        group=spot[0],
        direction=direction,
        policy_index=spot[1],
        rule=rule.text,
        evidence=evidence,
        remedy=remedy,
    )


def is_zero_prefix(rule: Rule) -> bool:
    """Is its block written as 0.0.0.0 with a length that is not 0? It means every address [API-VPC]."""
    text = "" if isinstance(rule.peer, Reference) else block_as_written(rule)
    return text.startswith("0.0.0.0/") and text.partition("/")[2].strip("0") != ""


def block_as_written(rule: Rule) -> str:
    """The text of its block; only for a rule that has one."""
    return str(rule.policy.get("CidrBlock") or rule.policy.get("Ipv6CidrBlock")).strip()


def _about_block(direction: Direction, spot: RulePosition, rule: Rule) -> Iterator[LintFinding]:
    if isinstance(rule.peer, Reference):
        return
    text = block_as_written(rule)
    if is_zero_prefix(rule):
        severity = Severity.ERROR if rule.action is Action.ACCEPT else Severity.WARNING
        said = Statement("ZERO_PREFIX", {"text": text}), Statement("ZERO_PREFIX.remedy")
        yield finding_about(LintCode.ZERO_PREFIX, severity, direction, spot, rule, *said)
    elif "/" in text and ip_interface(text).ip != rule.peer.network_address:
        facts = {"text": text, "block": str(rule.peer), "address": str(ip_interface(text).ip)}
        said = Statement("HOST_BITS", facts), Statement("HOST_BITS.remedy", facts)
        yield finding_about(LintCode.HOST_BITS, Severity.INFO, direction, spot, rule, *said)


def _about_nothing(lists: Lists, spot: RulePosition, rule: Rule) -> LintFinding:
    """A rule without any flow: a name in it stands for nothing, or its parts have nothing in common."""
    empty = next((each for each in rule.references if _is_empty(lists.groups[spot[0]], each)), None)
    code, key = LintCode.RULE_MATCHES_NOTHING, "RULE_MATCHES_NOTHING"
    if empty is not None and empty.kind != "SecurityGroupId":
        code = LintCode.EMPTY_TEMPLATE
    facts: dict[str, object] = {"name": empty.name} if empty else {"protocol": rule.protocol}
    if empty is None and not isinstance(rule.peer, Reference) and rule.service is None:
        key, facts["family"] = "RULE_MATCHES_NOTHING.family", rule.peer.version
    evidence = Statement("EMPTY_TEMPLATE" if empty else key, facts)
    remedy = Statement("EMPTY_TEMPLATE.remedy" if empty else "RULE_MATCHES_NOTHING.remedy", facts)
    return finding_about(code, Severity.WARNING, lists.direction, spot, rule, evidence, remedy)


def _is_empty(group: SecurityGroup, reference: Reference) -> bool:
    """Is it known what that name stands for, and is it nothing?"""
    names = group.names
    if reference.kind == "ServiceTemplate":
        return names.services.get(reference.name) == ()
    members = names.peers.get(reference.name)
    return members is not None and not members.certain and not members.possible


def about_indices(group: SecurityGroup) -> Iterator[LintFinding]:
    """Rules with the PolicyIndex of the one before: which of them is read first, only the order in the file tells."""
    for direction in Direction:
        rules = group.rules(direction) or ()
        indices = [rule.policy.get("PolicyIndex") for rule in rules]
        if None not in indices:
            for place, (index, before) in enumerate(pairwise(indices), start=1):
                if index == before:
                    said = Statement("POLICY_INDEX_REPEATS.index", {"index": index}), Statement("renumber")
                    spot, code = (group.group_id, place), LintCode.POLICY_INDEX_REPEATS
                    yield finding_about(code, Severity.WARNING, direction, spot, rules[place], *said)


def about_quotas(uses: Iterable[Use], group_id: str) -> Iterator[LintFinding]:
    """Quotas that are used up or nearly so, with the group to name. A place without a name is one interface."""
    for use in uses:
        if use.is_near or use.is_over:
            yield LintFinding(
                code=LintCode(use.code) if use.is_over else LintCode.QUOTA_NEAR,
                severity=Severity.WARNING if use.is_over else Severity.INFO,
                group=group_id,
                direction=use.direction,
                evidence=Statement(use.code if use.where else f"{use.code}.one", {"where": use.where, **use.facts}),
                remedy=Statement("QUOTA_GROUPS.remedy" if use.code is Quota.QUOTA_GROUPS else "QUOTA.remedy"),
            )
