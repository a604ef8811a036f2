"""A rule list being edited: rules in order, each in the group or put aside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from drilllib.core.rules.rules import Rule


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule in the group (*on*) or put aside. *key* identifies it wherever it moves."""

    key: int
    rule: Rule
    on: bool


@dataclass(frozen=True, slots=True)
class RuleList:
    """The rules of one group and direction from the top. Immutable: every change returns a new list."""

    entries: tuple[Entry, ...] = ()
    next_key: int = 0

    @classmethod
    def of(cls, rules: Iterable[Rule], offered: Iterable[Rule] = ()) -> "RuleList":
        """The group's *rules*, and above them, put aside, the *offered* rules that it lacks."""
        present = tuple(rules)
        texts = {rule.text for rule in present}
        aside = [rule for rule in offered if rule.text not in texts]
        entries = [Entry(key, rule, on=key >= len(aside)) for key, rule in enumerate([*aside, *present])]
        return cls(tuple(entries), len(entries))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in the group."""
        return tuple(entry.rule for entry in self.entries if entry.on)

    def place_of(self, key: int) -> int | None:
        """The position of an entry, from 0; None if it is gone."""
        return next((place for place, entry in enumerate(self.entries) if entry.key == key), None)

    def switch(self, key: int, on: bool) -> "RuleList":
        """Put a rule into the group at its position, or aside. Unknown keys change nothing, here and below."""
        changed = (replace(entry, on=on) if entry.key == key else entry for entry in self.entries)
        return replace(self, entries=tuple(changed))

    def add(self, rule: Rule, *, last: bool = False) -> "RuleList":
        """Add a rule at the top, where it decides before all others, or as the *last*."""
        added = (Entry(self.next_key, rule, True),)
        return RuleList((*self.entries, *added) if last else (*added, *self.entries), self.next_key + 1)

    def delete(self, key: int) -> "RuleList":
        """Remove an entry."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.key != key))

    def move(self, key: int, by: int) -> "RuleList":
        """Move an entry down by *by* positions, or up if negative, at most to the end of the list."""
        place = self.place_of(key)
        if place is None:
            return self
        entries = list(self.entries)
        entry = entries.pop(place)
        entries.insert(min(max(place + by, 0), len(entries)), entry)
        return replace(self, entries=tuple(entries))

    def synced(self, rules: Sequence[Rule]) -> "RuleList":
        """The list after the group was changed elsewhere to *rules*; rules still put aside stay near their position."""
        if [rule.text for rule in self.rules] == [rule.text for rule in rules]:
            return self
        entries: list[Entry] = []
        kept, key = list(self.entries), self.next_key
        for rule in rules:
            same = [at for at, entry in enumerate(kept) if entry.rule.text == rule.text]
            place = next((at for at in same if kept[at].on), same[0] if same else None)
            if place is None:
                entries.append(Entry(key, rule, True))
                key += 1
                continue
            entries += [*(entry for entry in kept[:place] if not entry.on), replace(kept[place], rule=rule, on=True)]
            kept = kept[place + 1 :]
        return RuleList((*entries, *(entry for entry in kept if not entry.on)), key)
