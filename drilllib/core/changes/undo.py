"""
Back to what was there, where somebody else may have changed the list meanwhile.

A three-way merge over whole rules: what we took out comes back, what we put in goes, and everything that neither list
of ours has, or that somebody else took out, stays as they left it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from drilllib.core.changes.alignment import alignments
from drilllib.core.changes.between import Between, Harm
from drilllib.core.changes.change import Key, RuleChange, key_of, keys_of, same_key
from drilllib.core.changes.steps import ways
from drilllib.core.rules.rules import Rule

Rules = Mapping[Key, Rule]


class Unclear(StrEnum):
    """What cannot be told apart. Codes are never renamed, only added."""

    GONE = "GONE"  # a rule that we put in is not there any more: somebody has taken it out, or changed it
    BACK = "BACK"  # a rule that we took out is there: somebody has put it back
    ORDER = "ORDER"  # rules stand in another order than we left them in
    RETURNED = "RETURNED"  # a rule that had to move is not there, not by our calls alone: it comes back
    PLACE = "PLACE"  # a foreign rule may have been meant to stand on the other side of one that comes back


@dataclass(frozen=True, slots=True)
class Undone:
    """The list to go back to, and what of it is *unclear*: each code with the rule that it is about."""

    rules: tuple[Rule, ...]
    unclear: tuple[tuple[Unclear, Rule], ...] = ()


def undone(change: RuleChange, present: Sequence[Rule], *, finished: bool = True) -> Undone:
    """
    The list *present* without *change*.

    *finished* says that all its calls were made. Where that is not known, the list may be one on the way, and a rule
    that had to move and is not there comes back.
    """
    put = set(keys_of(change.after)) - set(keys_of(change.before))
    taken = set(keys_of(change.before)) - set(keys_of(change.after))
    on_the_way = () if finished else (change,)
    return _merged(change, present, put, taken, on_the_way, ())


def resumed(walks: Sequence[RuleChange], changes: Sequence[RuleChange], present: Sequence[Rule]) -> Undone:
    """
    Where the last of *walks* was to lead, with what others have done to the list *present* since it began.

    Each walk took back *changes*, or was to; how far it came, nobody knows. So whatever a change or a walk may have
    taken out comes back, whatever a change may have put in goes, and what none of them ever touched is left alone.
    """
    last, own = walks[-1], own_keys(changes)
    put, taken = set[Key](), set[Key]()
    for each in changes:
        old, new = set(keys_of(each.before)), set(keys_of(each.after))
        put, taken = put | (new - old), taken | (old - new)
    for each in walks:
        taken |= set(keys_of(each.after)) - set(keys_of(each.before))
    return _merged(replace(last, before=last.after, after=last.before), present, put, taken, (*changes, *walks), own)


def own_keys(changes: Sequence[RuleChange]) -> frozenset[Key]:
    """The rules that *changes* know; all others that a list has meanwhile are somebody else's."""
    return frozenset(key for each in changes for key in (*keys_of(each.before), *keys_of(each.after)))


def strangers(rules: Sequence[Rule], own: Collection[Key]) -> frozenset[Key]:
    """Those that nobody but their owner may take out, not even for a moment."""
    return frozenset(keys_of(rules)) - frozenset(own) if own else frozenset()


def _merged(
    change: RuleChange,
    present: Sequence[Rule],
    put: Collection[Key],
    taken: Collection[Key],
    walks: Sequence[RuleChange],
    own: Collection[Key],
) -> Undone:
    """
    The list before *change* with what others did: *put* and *taken* are what ours put in and took out. *walks* may have
    been broken off; they leave alone what is not in *own*.
    """
    before, after, now = ({key_of(each): each for each in one} for one in (change.before, change.after, present))
    foreign = [key for key in now if key not in before and key not in put]
    replaced = {same_key(now[each]) for each in foreign}
    moving = {key for each in walks for key in _moving(each, own)}
    lost = {key for key in before if key not in now and key not in taken and key not in moving}
    base = [key for key, rule in before.items() if key not in lost and same_key(rule) not in replaced]
    mine = [each for each in now if each not in foreign]
    returned = [key for key in base if walks and key not in now and key not in taken]
    is_mixed = _is_mixed(list(now), list(before), list(after))
    if (is_mixed or returned) and _is_on_a_way(mine, walks, lost, own):
        is_mixed, returned = False, []
    ordered = _in_their_order(base, list(now)) if is_mixed else base
    unmoved = [key for key in now if key in foreign or (own and key not in own)]
    rules = tuple((now | before)[each] for each in _with_foreign(ordered, foreign, unmoved, list(now)))
    met = list(_met(before, after, now)) if not walks else [(Unclear.RETURNED, before[each]) for each in returned]
    met += [(Unclear.ORDER, next(iter(now.values())))] if is_mixed else []
    back = {*taken, *moving} & set(before)
    return Undone(rules, (*met, *_places(change, rules, set(foreign), back)))


def _moving(change: RuleChange, own: Collection[Key]) -> set[Key]:
    """Rules of both lists that may have to go before they come again."""
    found = alignments(change.before, change.after, strangers(change.before, own))
    return {key_of(slot.rule) for slots in found for slot in slots if not slot.stays}


def _is_on_a_way(mine: list[Key], walks: Sequence[RuleChange], lost: Collection[Key], own: Collection[Key]) -> bool:
    """Is it what some call of ours may have left, apart from what others took out?"""
    for each in walks:
        for way in ways(each, strangers(each.before, own)):
            lists = (each.before, *(step.after for step in way))
            if any(mine == [key for key in keys_of(one) if key not in lost] for one in lists):
                return True
    return False


def _is_mixed(now: Sequence[Key], before: Sequence[Key], after: Sequence[Key]) -> bool:
    """Does some pair stand in an order that neither list of ours has?"""
    old, new = ({each: place for place, each in enumerate(one)} for one in (before, after))
    common = [each for each in now if each in old and each in new]
    return any(old[a] > old[b] and new[a] > new[b] for place, a in enumerate(common) for b in common[place + 1 :])


def _in_their_order(base: Sequence[Key], now: Sequence[Key]) -> list[Key]:
    """Rules in the order that somebody gave them; what is not there behind its neighbour from above."""
    found = [each for each in now if each in base]
    for place, each in enumerate(base):
        if each not in found:
            found.insert(found.index(base[place - 1]) + 1 if place else 0, each)
    return found


def _with_foreign(
    ordered: Sequence[Key], foreign: Collection[Key], unmoved: Sequence[Key], now: Sequence[Key]
) -> list[Key]:
    """
    Each foreign rule right below what stands above it now, of all that stays. None of *unmoved*, which has them too,
    changes its place with another of it.
    """
    found, last = list(ordered), -1
    for place, each in enumerate(unmoved):
        if each in foreign:
            above = [one for one in now[: now.index(each)] if one in found]
            last = max(last, found.index(above[-1]) if above else -1) + 1
            last = min([last, *(found.index(one) for one in unmoved[place + 1 :] if one in found)])
            found.insert(last, each)
        elif each in found:
            last = found.index(each)
    return found


def _met(before: Rules, after: Rules, now: Rules) -> Iterator[tuple[Unclear, Rule]]:
    """What others did with rules of ours."""
    yield from ((Unclear.GONE, rule) for key, rule in after.items() if key not in before and key not in now)
    yield from ((Unclear.BACK, rule) for key, rule in before.items() if key not in after and key in now)


def _places(
    change: RuleChange, rules: Sequence[Rule], foreign: set[Key], back: set[Key]
) -> Iterator[tuple[Unclear, Rule]]:
    """Foreign rules next to rules that come *back*, where it matters which of the two is above."""
    for place, (upper, lower) in enumerate(pairwise(rules)):
        keys = {key_of(upper), key_of(lower)}
        if keys & foreign and keys & back:
            swapped = (*rules[:place], lower, upper, *rules[place + 2 :])
            if Between(rules, rules, change.direction).harm(swapped) != Harm():
                yield Unclear.PLACE, upper if key_of(upper) in foreign else lower


def chained(changes: Sequence[RuleChange]) -> tuple[RuleChange, ...]:
    """Changes of one list, in the order they were made, as few: one continues another that ended where it begins."""
    found: list[RuleChange] = []
    for each in changes:
        if found and keys_of(found[-1].after) == keys_of(each.before):
            found[-1] = replace(found[-1], after=each.after)
        else:
            found.append(each)
    return tuple(found)
