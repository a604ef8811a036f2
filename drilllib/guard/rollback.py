"""
Back to what was there before, from the journal and the cloud alone.

All changes of one list are taken back at once, the latest first, in memory: what is written is one change, from what is
there now. So it may be broken off at any point, and done again: nothing is left to do the second time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from drilllib.core.changes import bindings
from drilllib.core.changes.change import Binding, RuleChange
from drilllib.core.changes.undo import Unclear
from drilllib.core.rules.rules import Rule
from drilllib.errors import DrillError
from drilllib.guard.journal import Journal, utc_now
from drilllib.guard.lines import WHOLE, Intent
from drilllib.guard.locks import Locks
from drilllib.guard.openings import require_binding_closed
from drilllib.guard.restoring import Did, restored, rule_change
from drilllib.guard.schema import TIME
from drilllib.guard.scope import Scope, own_group
from drilllib.guard.settings import Setting, settings_in, value_of
from drilllib.guard.writer import Writer

WRITTEN = ("rules", "binding", "setting")  # kinds of intents that are taken back here
SETTLED_S = 30.0  # after so long whatever was written is to be seen; the vendor names no bound
LOOKS_S = 2.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Back:
    """
    One list, or the groups of one resource, that was taken back: *where* names it. *calls* were made for it; *unclear*
    is what could not be told apart, *error* why it could not be taken back.
    """

    where: str
    calls: int = 0
    unclear: tuple[tuple[Unclear, Rule], ...] = ()
    error: DrillError | None = None


@dataclass(frozen=True, slots=True)
class Rolled:
    """What a rollback did, a part for each list and each resource; *others* were made by `drill up`, and are there."""

    parts: tuple[Back, ...]
    others: int = 0

    @property
    def is_whole(self) -> bool:
        """Is none of its rules and bindings left to take back?"""
        return all(each.error is None for each in self.parts)


def open_intents(journal: Journal, kind: str) -> list[Intent]:
    """What may have been written, in order."""
    return [each for each in journal.intents.values() if each.kind == kind and each.state not in WHOLE]


def others(journal: Journal) -> list[Intent]:
    """What another writer has to take back, such as what `drill up` made."""
    return [each for each in journal.left if each.kind not in WRITTEN]


def _tried(where: str, work: Any) -> Back:
    try:
        calls, unclear = work()
    except DrillError as error:
        return Back(where, error=error)
    return Back(where, calls, unclear)


def _by_place(intents: Sequence[Intent], *names: str) -> list[list[Intent]]:
    """Intents about the same thing together, what was touched last first."""
    found: dict[tuple[Any, ...], list[Intent]] = {}
    for each in intents:
        found.setdefault(tuple(each.fields.get(name) for name in names), []).append(each)
    return sorted(found.values(), key=lambda each: -each[-1].number)


def binding_change(fields: Mapping[str, Any]) -> Binding:
    """A change of bindings from a journal."""
    return Binding(fields["resource"], tuple(fields["before"]), tuple(fields["after"]), fields.get("region", ""))


def _age_s(intent: Intent) -> float:
    """How long ago the last write of it was noted down; 0 where that cannot be told."""
    try:
        at = datetime.strptime(str(_last_note(intent).get("at")), TIME)
    except ValueError:
        return 0.0
    return max((utc_now() - at).total_seconds(), 0.0)


def _last_note(intent: Intent) -> Mapping[str, Any]:
    """What was noted down before the last write: the way back, where one was begun."""
    return intent.walks[-1] if intent.walks else intent.fields


@dataclass(frozen=True, slots=True)
class Rollback:
    """
    Takes back what *journal* says was written. *own* are the intents that this very run judged and wrote; of all others
    a file is the only witness, and nothing by them opens to the world what is not named in *world*.
    """

    writer: Writer
    journal: Journal
    locks: Locks
    world: frozenset[str] = frozenset()
    own: frozenset[int] = frozenset()

    def run(self) -> Rolled:
        """
        Take back whatever was written or may have been; the latest first.

        What cannot be taken back is told, and the rest is done. The journal is closed where nothing is left.
        """
        found = Rolled(tuple(self._backs()), len(others(self.journal)))
        if found.is_whole and not self.journal.closed and not found.others:
            self.journal.close("rolled back")
        return found

    def _backs(self) -> Iterator[Back]:
        """Settings of a Service first, then bindings: a group that is bound to less is changed with less harm."""
        for intents in _by_place(open_intents(self.journal, "setting"), "service", "uid", "name"):
            named = f"{intents[0].fields['service']} {intents[0].fields['name']}"
            yield _tried(named, lambda found=intents: self._set_back(found))
        for intents in _by_place(open_intents(self.journal, "binding"), "resource", "region"):
            yield _tried(str(intents[0].fields["resource"]), lambda found=intents: self._rebound(found))
        for intents in _by_place(open_intents(self.journal, "rules"), "group", "direction", "region"):
            named = f"{intents[0].fields['group']} {intents[0].fields['direction']}"
            yield _tried(named, lambda found=intents: self._restored(found))

    def _restored(self, intents: Sequence[Intent]) -> Did:
        first = rule_change(intents[0].fields)
        self.locks.take(first.group)
        listed = self._looked(
            intents,
            lambda: self.writer.cloud.rules(*first.place, first.region),
            lambda found: found.version != str(_last_note(intents[-1]).get("version", found.version)),
        )
        did = restored(self.writer, self.journal, intents, listed, lambda back: self._require_allowed(intents, back))
        self._undone(intents)
        return did

    def _rebound(self, intents: Sequence[Intent]) -> Did:
        change = bindings.chained([binding_change(each.fields) for each in intents])
        self.locks.take(change.resource)
        cloud, last = self.writer.cloud, binding_change(intents[-1].fields)
        present = self._looked(
            intents,
            lambda: cloud.groups(change.resource, change.region),
            lambda found: bindings.is_bound(last, found),
        )
        back = Binding(change.resource, present, bindings.unbound(change, present), change.region)
        if back.after != present:
            if not self._are_own(intents):
                require_binding_closed(cloud, back, self.writer.names, self.world)
            self.writer.rebind(back)
        self._undone(intents)
        return int(back.after != present), ()

    def _set_back(self, intents: Sequence[Intent]) -> Did:
        """A setting that somebody else has taken away, or a Service that is gone, is left as it is."""
        first, written = intents[0].fields, {str(each.fields["after"]) for each in intents}
        service, name, before = (str(first[each]) for each in ("service", "name", "before"))
        settings = settings_in(self.writer.cloud, str(first["server"]))
        self.locks.take(service)

        def look() -> str:
            item = settings.item(service)
            return value_of(item, name) if item is not None and item["metadata"].get("uid") == first["uid"] else ""

        present = self._looked(intents, look, lambda found: found == intents[-1].fields["after"])
        is_ours = present in written - {before}
        if is_ours:
            settings.own(service)
            settings.write(Setting(service, str(first["uid"]), name, present, before), self.journal.id)
        self._undone(intents)
        return int(is_ours), ()

    def _looked(self, intents: Sequence[Intent], look: Callable[[], T], shows: Callable[[T], bool]) -> T:
        """
        What is there. Where nobody knows whether the last change was made, it may be, and not yet to be seen: it is
        looked for until it shows, or its time is over.
        """
        found, last = look(), intents[-1]
        left_s = SETTLED_S - _age_s(last) if last.state != "done" else 0.0
        while left_s > 0 and not shows(found):
            self.writer.cloud.pause(min(LOOKS_S, left_s))
            left_s -= LOOKS_S
            found = look()
        return found

    def _require_allowed(self, intents: Sequence[Intent], back: RuleChange) -> None:
        """Raises WriteRefusedError where a journal alone allows it not: a default group, an opening to the world."""
        if not self._are_own(intents):
            own_group(self.writer.cloud, back.group, back.region)
            scope = Scope(world=self.world)
            scope.require_closed(back.group, back.direction, back.before, back.after, self.writer.names)

    def _are_own(self, intents: Sequence[Intent]) -> bool:
        return {each.number for each in intents} <= self.own

    def _undone(self, intents: Sequence[Intent]) -> None:
        for each in intents:
            self.journal.undone(each.number)
