"""
The calls that lead from one list of rules to another.

CreateSecurityGroupPolicies inserts rules before one place, DeleteSecurityGroupPolicies takes out rules by their places;
both take the Version that was read and refuse where the group has another by then [API-VPC]. Never
ModifySecurityGroupPolicies: with Version "0" it clears the group, and no mismatch is documented for it.

Where no rule moves, the new ones are inserted from the top down, each above the old ones that it stands for, and then
all old ones go in one call. A flow that a new rule matches then fares as in the end, every other as before: no list on
the way lets in or keeps out what neither end does. A rule that moves has to go before it comes again, because the API
refuses it twice, and a full list takes no more before something goes; of the orders that are
tried for that the one is taken that opens least, then cuts least, by exact sets.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from drilllib.core.capture.asks import CloudCall
from drilllib.core.capture.calls import VPC
from drilllib.core.changes.alignment import Slot, alignments, moved
from drilllib.core.changes.between import Between, Harm
from drilllib.core.changes.change import Key, RuleChange, policies_of, same_key
from drilllib.core.rules.members import Directory
from drilllib.core.rules.quotas import RULES_PER_DIRECTION
from drilllib.core.rules.rules import Direction, Rule
from drilllib.errors import TooComplexError

Unit = tuple[int, ...]  # places in the slots: of rules that come together, or that go together


@dataclass(frozen=True, slots=True)
class Step:
    """
    One call: *rules* come before the place *places* names, or, without any, those at *places* go. *before* and *after*
    are the whole list.
    """

    group: str
    direction: Direction
    rules: tuple[Rule, ...]
    places: tuple[int, ...]
    before: tuple[Rule, ...]
    after: tuple[Rule, ...]
    region: str = ""

    def call(self, version: str) -> CloudCall:
        """The call that carries *version*, as it was read together with the list *before*."""
        if self.rules:
            name, sent = "CreateSecurityGroupPolicies", [{**each, **self._index} for each in policies_of(self.rules)]
        else:
            name, sent = "DeleteSecurityGroupPolicies", [{"PolicyIndex": each} for each in self.places]
        policy_set = {"Version": version, self.direction.capitalize(): sent}
        return CloudCall.of(*VPC, name, self.region, SecurityGroupId=self.group, SecurityGroupPolicySet=policy_set)

    @property
    def _index(self) -> dict[str, Any]:
        """A rule without an index goes to the bottom [API-VPC]."""
        return {} if self.places[0] == len(self.before) else {"PolicyIndex": self.places[0]}


def steps(change: RuleChange, names: Directory | None = None, keep: Collection[Key] = ()) -> tuple[Step, ...]:
    """
    The calls, in their order; none where nothing has to change.

    *names* is what is known of the groups and templates that rules name; *keep* are rules that no call takes out, if
    both lists have them in one order.
    """
    made = ways(change, keep)
    if len(made) == 1:
        return made[0]
    return min(made, key=lambda each: (_is_crowded(change, each), _harm(change, each, names), len(each)))


def ways(change: RuleChange, keep: Collection[Key] = ()) -> list[tuple[Step, ...]]:
    """All the orders of calls of which `steps` takes one."""
    found = [(slots, order) for slots in alignments(change.before, change.after, keep) for order in _orders(slots)]
    return [tuple(_made(change, slots, order)) for slots, order in found]


def _is_crowded(change: RuleChange, taken: Iterable[Step]) -> bool:
    """Does a list on the way hold more rules than a group may have by default, and than either end has?"""
    most = max(RULES_PER_DIRECTION, len(change.before), len(change.after))
    return any(len(each.after) > most for each in taken)


def harm(change: RuleChange, taken: Iterable[Step], names: Directory | None = None) -> Harm:
    """What the lists on the way open and cut that neither end does. Raises TooComplexError."""
    judge = Between(change.before, change.after, change.direction, names)
    return sum((judge.harm(each.after) for each in taken), Harm())


def _harm(change: RuleChange, taken: Sequence[Step], names: Directory | None) -> Harm:
    try:
        return harm(change, taken, names)
    except TooComplexError:
        return Harm()  # then the fewest calls


def _orders(slots: Sequence[Slot]) -> Iterator[tuple[Unit, ...]]:
    """
    Orders worth trying: one where nothing moves and there is room for old and new rules at once. Else what moves goes
    first, or last before it comes, together or one by one from either end, and what only goes does so last, or with
    what moves.
    """
    twice = moved(slots)
    comes, goes = _places(slots, twice, new=True, moves=False), _places(slots, twice, new=False, moves=False)
    if not twice:
        yield tuple(filter(None, (*_runs(slots, comes), goes)))
        if sum(each.old for each in slots) + len(comes) > RULES_PER_DIRECTION:
            yield tuple(filter(None, (goes, *_runs(slots, comes))))
        return
    back, away = _places(slots, twice, new=True, moves=True), _places(slots, twice, new=False, moves=True)
    every, gone = tuple(sorted(comes + back)), tuple(sorted(goes + away))
    yield tuple(filter(None, (*_runs(slots, comes), gone, *_runs(slots, back))))
    yield tuple(filter(None, (away, *_runs(slots, every), goes)))
    yield tuple(filter(None, (gone, *_runs(slots, every))))
    for order in (away, away[::-1]):
        one_by_one = [unit for each in order for unit in ((each,), _twin(slots, back, each))]
        yield tuple(filter(None, (*_runs(slots, comes), *one_by_one, goes)))
        yield tuple(filter(None, (*_runs(slots, comes), goes, *one_by_one)))


def _places(slots: Sequence[Slot], twice: Iterable[object], *, new: bool, moves: bool) -> Unit:
    found = (place for place, each in enumerate(slots) if not each.stays and each.new is new)
    return tuple(place for place in found if (same_key(slots[place].rule) in twice) is moves)


def _twin(slots: Sequence[Slot], back: Unit, place: int) -> Unit:
    """The same rule where it comes."""
    wanted = same_key(slots[place].rule)
    return tuple(each for each in back if same_key(slots[each].rule) == wanted)


def _runs(slots: Sequence[Slot], places: Unit) -> Iterator[Unit]:
    """The rules that come, from the top: those between the same two that stay come in one call."""
    for _, run in groupby(places, key=lambda place: slots[place].gap):
        yield tuple(run)


def _made(change: RuleChange, slots: Sequence[Slot], order: Iterable[Unit]) -> Iterator[Step]:
    """The calls of one order."""
    there = {place for place, each in enumerate(slots) if each.old}
    for unit in order:
        for part in list(_parts(slots, there, unit)):
            before, comes = sorted(there), slots[part[0]].new
            there ^= set(part)
            at = (sum(each < part[0] for each in before),) if comes else tuple(before.index(each) for each in part)
            old, new = (tuple(slots[each].rule for each in found) for found in (before, sorted(there)))
            rules = tuple(slots[each].rule for each in part) if comes else ()
            yield Step(change.group, change.direction, rules, at, old, new, change.region)


def _parts(slots: Sequence[Slot], there: set[int], unit: Unit) -> Iterator[Unit]:
    """Rules that come in one call stand next to each other: what is there already divides them."""
    if not slots[unit[0]].new:
        yield unit
        return
    for _, run in groupby(unit, key=lambda place: sum(each < place for each in there)):
        yield tuple(run)
