"""
Rules without effect: dead ones, which others above leave nothing, and redundant ones, which others below replace.

A rule that takes what a dead rule of the other action was written for is the cause of a fault; it is not called
redundant beside it.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from drilllib.core.lint.findings import LintCode, LintFinding, Severity, Statement
from drilllib.core.lint.lists import Lists, ReadList
from drilllib.core.rules.rules import Action
from drilllib.core.sets.rectangles import RulePosition
from drilllib.core.sets.shadows import Shadow, redundant_rules, shadow_of, succession


@dataclass(frozen=True, slots=True)
class Effect:
    """What has none: *dead* rules, each with what covers it in every list it stands in, and *redundant* ones."""

    dead: Mapping[RulePosition, tuple[Shadow, ...]]
    redundant: frozenset[RulePosition]


def effect_of(lists: Lists) -> Effect:
    """
    The rules without effect in any of *lists*.

    All of them can be deleted together, and from the bottom up also one by one.
    """
    dead = frozenset(spot for spot, _ in lists.rules() if _is_dead(lists, spot))
    shadows = {
        spot: tuple(shadow_of(each.parts, spot, lists.budget) for each in lists.having(spot[0])) for spot in dead
    }
    cancelling = frozenset(
        decider
        for spot, each in shadows.items()
        for shadow in each
        for decider in shadow.deciders
        if lists.rule(decider).action is not lists.rule(spot).action
    )
    return Effect(shadows, _redundant(lists, dead, cancelling))


def _is_dead(lists: Lists, spot: RulePosition) -> bool:
    return all(spot in each.parts.dead for each in lists.having(spot[0]))


def _redundant(
    lists: Lists, dead: frozenset[RulePosition], cancelling: frozenset[RulePosition]
) -> frozenset[RulePosition]:
    """
    The rules that are redundant in every list they stand in, if all of them are deleted.

    Each list takes out what matters there, until none has an objection.
    """
    unsure = {spot for each in lists.read for spot in each.above_unread}
    left = frozenset(spot for spot, _ in lists.rules()) - dead - cancelling - unsure
    shared = any(len(lists.having(name)) > 1 for name in lists.groups)
    while left:
        before = left
        for each in lists.read:
            found = redundant_rules(each.parts, dead, each.spots - left)
            left -= each.spots - set(found)
        if not shared or left == before:
            break
    return left


def about_dead(lists: Lists, effect: Effect) -> Iterator[LintFinding]:
    """One finding for each dead rule, with what covers it in its own group where that suffices."""
    for spot, shadows in effect.dead.items():
        together = [each for each in lists.having(spot[0]) if len(each.groups) > 1]
        home = lists.home(spot[0])
        if together and spot in home.parts.dead:
            shadows, together = (shadow_of(home.parts, spot, lists.budget),), []
        yield _dead(lists, spot, shadows, together)


def _dead(lists: Lists, spot: RulePosition, shadows: Sequence[Shadow], together: Sequence[ReadList]) -> LintFinding:
    """*together* are the lists in which other groups cover it; a group may well repeat what another one says."""
    rule, first = lists.rule(spot), shadows[0]
    actions = frozenset(action for shadow in shadows for action in shadow.actions)
    code = _code(rule.action, actions)
    blamed = first.covered_by
    if code is LintCode.DROP_CANCELLED:
        deciders = (decider for shadow in shadows for decider in shadow.deciders)
        blamed = tuple(dict.fromkeys(each for each in deciders if lists.rule(each).action is Action.ACCEPT))
    owners = tuple(dict.fromkeys(owner for each in together for owner in each.owners))
    facts = {"rules": lists.named(blamed), **({"owners": owners} if owners else {})}
    return LintFinding(
        code=code,
        severity=_severity(code, alone=not together),
        group=spot[0],
        direction=lists.direction,
        policy_index=spot[1],
        rule=rule.text,
        covered_by=first.covered_by,
        evidence=Statement(f"{code}.on" if owners else code, facts),
        remedy=_remedy(lists, code, spot, blamed),
    )


def _remedy(lists: Lists, code: LintCode, spot: RulePosition, blamed: tuple[RulePosition, ...]) -> Statement:
    """A rule cannot be moved above one of another group."""
    elsewhere = any(group != spot[0] for group, _ in blamed)
    if code is LintCode.RULE_SHADOWED:
        return Statement("RULE_SHADOWED.elsewhere" if elsewhere else "delete")
    return Statement("CANCELLED.elsewhere" if elsewhere else "CANCELLED.move", {"rules": lists.named(blamed[:1])})


def _severity(code: LintCode, *, alone: bool) -> Severity:
    if code is not LintCode.RULE_SHADOWED:
        return Severity.ERROR
    return Severity.WARNING if alone else Severity.INFO


def _code(action: Action, deciders: Set[Action]) -> LintCode:
    if action is Action.ACCEPT and deciders == {Action.DROP}:
        return LintCode.ACCEPT_CANCELLED
    return LintCode.DROP_CANCELLED if action is Action.DROP and Action.ACCEPT in deciders else LintCode.RULE_SHADOWED


def about_redundant(lists: Lists, effect: Effect) -> Iterator[LintFinding]:
    """One finding for each redundant rule."""
    dead = frozenset(effect.dead)
    gone = {each: each.parts.dead if each.parts.dead <= dead else dead for each in lists.read}  # an index is there
    for spot in effect.redundant:
        read = lists.having(spot[0])
        found = [succession(each.parts, spot, gone[each], effect.redundant, lists.budget) for each in read]
        conflicting = tuple(dict.fromkeys(rule for each in found for rule in each.conflicting))
        yield _redundant_finding(lists, spot, found[0].successors, conflicting)


def _redundant_finding(
    lists: Lists, spot: RulePosition, successors: tuple[RulePosition, ...], conflicting: tuple[RulePosition, ...]
) -> LintFinding:
    rule = lists.rule(spot)
    variant = f".{rule.action.lower()}" if successors else ".implicit"
    remedy = (
        Statement("RULE_REDUNDANT.rivals", {"rules": lists.named(conflicting)}) if conflicting else Statement("delete")
    )
    return LintFinding(
        code=LintCode.RULE_REDUNDANT,
        severity=Severity.INFO,
        group=spot[0],
        direction=lists.direction,
        policy_index=spot[1],
        rule=rule.text,
        covered_by=successors,
        evidence=Statement(f"RULE_REDUNDANT{variant}", {"rules": lists.named(successors)} if successors else {}),
        remedy=remedy,
    )
