"""
The guard: a write is planned from what was just read, noted down, sent with the Version it was planned for, and seen.

Who finds that somebody else was faster takes back what it had done of the change, and says so.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from drilllib.core.changes.bindings import unbound
from drilllib.core.changes.change import Binding, RuleChange, keys_of, policies_of, same_key
from drilllib.core.changes.steps import Step, steps
from drilllib.core.rules.members import Directory
from drilllib.core.rules.rules import Direction, Rule
from drilllib.errors import DrillError
from drilllib.guard.cloud import Cloud
from drilllib.guard.errors import ConflictError, WriteRefusedError
from drilllib.guard.journal import Journal
from drilllib.guard.locks import Locks
from drilllib.guard.openings import require_binding_closed, require_stacks_closed
from drilllib.guard.restoring import restored
from drilllib.guard.rollback import Rollback, Rolled
from drilllib.guard.scope import Scope
from drilllib.guard.settings import settings_in
from drilllib.guard.writer import Writer, changed

_SURE = (ConflictError, WriteRefusedError)  # the call that met with it was not done


class Guard:
    """
    Writes to rules and bindings of one cloud, noted down in one journal.

    Args:
        cloud: reads and writes.
        journal: open; the guard releases it when it is closed.
        scope: what may be written.
        names: what is known of the groups and templates that rules name.
        locks: a folder for locks; beside the journals where none is given.
    """

    def __init__(
        self, cloud: Cloud, journal: Journal, scope: Scope, *, names: Directory | None = None, locks: Path | None = None
    ) -> None:
        self.cloud, self.journal, self.scope = cloud, journal, scope
        self.writer = Writer(cloud, journal.id, names)
        self.locks = Locks(locks or journal.folder / "locks", journal.id)
        self._allowed: set[tuple[str, str]] = set()
        self._own: set[int] = set()  # the intents of this run, which were judged before they were written

    def rules(self, group: str, direction: Direction, region: str = "") -> tuple[Rule, ...]:
        """The rules of one group as they are now, from the top. Raises DrillError where they cannot be read."""
        return self.cloud.rules(group, direction, region).rules

    def replace_rules(
        self,
        group: str,
        direction: Direction,
        rules: Sequence[Rule],
        *,
        expected: Sequence[Rule] | None = None,
        region: str = "",
    ) -> None:
        """
        Put *rules* in the place of the group's list.

        *expected* is the list that the change was planned for; None takes whatever is there. Where it has no notes at
        all, as a capture has none, those of the rules that stay are kept.

        Raises:
            ConflictError: Somebody else changes the group, or has; of ours nothing is left there.
            WriteRefusedError: It is not allowed; of ours nothing is left there.
            UncertainWriteError: It is not known whether all of it was done.
            UnknownNameError, LabStateError: There is no such group, it cannot be read, or the journal not written.
        """
        direction = Direction(direction)
        self.locks.take(group)
        self._allow(group, region)
        listed = self.cloud.rules(group, direction, region)
        if expected is not None and keys_of(expected) != keys_of(listed.rules):
            rules = _with_notes(group, expected, rules, listed.rules)
        change = RuleChange(group, direction, listed.rules, tuple(rules), region or self.cloud.region())
        self._require_closed(change)
        taken = steps(change, self.writer.names)
        if taken:
            number = self.journal.intent("rules", **rule_fields(change), version=listed.version)
            self._own.add(number)
            self._make(number, change, taken, listed.version)

    def bind(
        self, resource: str, groups: Sequence[str], *, expected: Sequence[str] | None = None, region: str = ""
    ) -> None:
        """Bind exactly these groups, in this order, to a CLB, instance or interface. Raises as `replace_rules`."""
        self.scope.require_resource(resource)
        self.locks.take(resource)
        present = self.cloud.groups(resource, region)
        if expected is not None and tuple(expected) != present:
            raise changed(resource)
        change = Binding(resource, present, tuple(dict.fromkeys(groups)), region or self.cloud.region())
        if change.before == change.after:
            return
        for group in change.after:
            if group not in change.before:
                self._allow(group, region)
        require_binding_closed(self.cloud, change, self.writer.names, self.scope.world)
        number = self.journal.intent("binding", **binding_fields(change))
        self._own.add(number)
        try:
            self.writer.rebind(change)
        except DrillError as error:
            self._take_back_binding(number, change, is_sure=isinstance(error, _SURE))
            raise
        self.journal.done(number)

    def set_service(self, service: str, name: str, value: str) -> None:
        """
        Set the traffic policy or direct access (`schema.SETTINGS`) of the drill's own *service* (`NAMESPACE/NAME`).

        Raises:
            WriteRefusedError: The Service is not the drill's, says nothing of it now, or the cluster does not allow it.
            ConflictError, UncertainWriteError, UnknownNameError, LabStateError: As `replace_rules`.
        """
        settings = settings_in(self.cloud)
        self.locks.take(service)
        change = settings.change_of(service, name, value)
        if change.before == value:
            return
        number = self.journal.intent("setting", server=settings.server, **asdict(change))
        try:
            settings.write(change, self.journal.id)
        except _SURE:
            self.journal.failed(number)
            raise
        self.journal.done(number)

    def rollback(self) -> Rolled:
        """
        Take back whatever the journal says was written or may have been; the latest first.

        What cannot be taken back is told, and the rest is done. The journal is closed where nothing is left.
        """
        return Rollback(self.writer, self.journal, self.locks, self.scope.world, frozenset(self._own)).run()

    def close(self) -> None:
        """Let go of locks and journal; what was written stays. Safe to call twice."""
        self.locks.release()
        self.journal.release()

    def __enter__(self) -> "Guard":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _allow(self, group: str, region: str) -> None:
        """Look once whether a group may be written."""
        if (group, region) not in self._allowed:
            self.scope.require_group(self.cloud, group, region)
            self._allowed.add((group, region))

    def _require_closed(self, change: RuleChange) -> None:
        """Raises WriteRefusedError where the group, or what the plan names with it, is opened to the world."""
        names = self.writer.names
        self.scope.require_closed(change.group, change.direction, change.before, change.after, names)
        if change.group not in self.scope.world:
            require_stacks_closed(self.cloud, change, names, self.scope.resources - self.scope.world)

    def _make(self, number: int, change: RuleChange, taken: Sequence[Step], version: str) -> None:
        try:
            self.writer.walk(taken, version)
        except DrillError as error:
            with suppress(DrillError):
                listed = self.cloud.rules(*change.place, change.region)
                calls, _ = restored(self.writer, self.journal, [self.journal.intents[number]], listed)
                if calls or isinstance(error, _SURE):  # else it may be done, and not yet to be seen
                    self.journal.undone(number)
            raise
        self.journal.done(number)

    def _take_back_binding(self, number: int, change: Binding, *, is_sure: bool) -> None:
        with suppress(DrillError):
            present = self.cloud.groups(change.resource, change.region)
            target = unbound(change, present)
            if target != present:
                self.writer.rebind(Binding(change.resource, present, target, change.region))
            if is_sure:
                self.journal.undone(number)


def _with_notes(
    group: str, expected: Sequence[Rule], rules: Sequence[Rule], listed: Sequence[Rule]
) -> tuple[Rule, ...]:
    """The *rules* with the notes of those that are *listed*, where *expected* is that list but for them."""
    notes = {same_key(each): each for each in listed}
    is_same = [same_key(each) for each in expected] == list(map(same_key, listed))
    if not is_same or any(each.policy.get("PolicyDescription") for each in expected):
        raise changed(group)
    return tuple(each if each.policy.get("PolicyDescription") else notes.get(same_key(each), each) for each in rules)


def rule_fields(change: RuleChange) -> dict[str, Any]:
    """A change of rules as a journal keeps it."""
    named = {"group": change.group, "direction": change.direction, "region": change.region}
    return {**named, "before": policies_of(change.before), "after": policies_of(change.after)}


def binding_fields(change: Binding) -> dict[str, Any]:
    """A change of bindings as a journal keeps it."""
    named = {"resource": change.resource, "region": change.region}
    return {**named, "before": list(change.before), "after": list(change.after)}
