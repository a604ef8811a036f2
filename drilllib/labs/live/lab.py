"""The live lab: the Lab protocol over a capture of a real cluster, guarded writes, and real requests."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from drilllib.core.connection.question import Connection
from drilllib.core.drills.lab import Observation
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot import edits
from drilllib.core.snapshot.bindings import bindings
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import LabStateError, Message, quoted
from drilllib.guard.errors import OpenToWorldError
from drilllib.labs.live.names import Names, Words
from drilllib.labs.live.reading import Reading
from drilllib.labs.live.settings import by_parameter

List = tuple[str, Direction]
CLOSED = Message("This lab is closed")
Probe = Callable[[Question], Observation]


class Writer(Protocol):
    """Who writes: `guard.apply.Guard`. *expected* is what the change was planned for; another state is a conflict."""

    def replace_rules(
        self, group: str, direction: Direction, rules: Sequence[Rule], *, expected: Sequence[Rule] | None = None
    ) -> None:
        """Put *rules* in the place of a list."""

    def bind(self, resource: str, groups: Sequence[str], *, expected: Sequence[str] | None = None) -> None:
        """Bind exactly these groups."""

    def close(self) -> None:
        """Let go of locks and journal."""


class LiveLab:
    """
    A lab that is a real cluster, shown under the lesson's *names*; several threads may use it.

    *guard* writes and *probe* sends one request, both under the cluster's own names. *client* is the address that asks,
    by the lesson's; *journal* is what `drill rollback` calls what is written, *groups* the real group of each part.
    What a list or a binding was when it was last shown is what a change of it is planned for: where somebody else was
    there meanwhile, nothing is written and a ConflictError says so.
    """

    def __init__(
        self,
        reading: Reading,
        guard: Writer,
        names: Names,
        probe: Probe,
        *,
        client: str,
        journal: str = "",
        groups: Words | None = None,
    ) -> None:
        self._reading, self._guard, self._names, self._probe = reading, guard, names, probe
        self._client, self.journal, self.groups = client, journal, groups or {}
        self._closed: Message | None = None
        self._shown: Snapshot | None = None
        self._lock = threading.RLock()

    def snapshot(self) -> Snapshot:
        """
        The cluster as it is now, under the lesson's names.

        Raises:
            LabStateError: It cannot be read, or a rule would mean other packets under these names.
        """
        with self._lock:
            self._require_open()
            document = self._reading.document()
            self._names.require_same_meaning(
                rule
                for group in Snapshot(document).groups.values()
                for direction in Direction
                for rule in group.rules(direction) or ()
            )
            self._shown = Snapshot(self._names.shown_document(document))
            return self._shown

    def rules(self, group_id: str, direction: Direction) -> tuple[Rule, ...]:
        """The rules of one group, from the top."""
        return edits.rules_of(self.snapshot(), group_id, direction)

    def replace_rules(self, group_id: str, direction: Direction, rules: Sequence[Rule]) -> None:
        """
        Put *rules* in the place of the group's list, by a guarded write.

        Raises:
            ConflictError: Somebody else has changed the list since it was shown.
            WriteRefusedError: The guard or the cloud does not allow it.
        """
        with self._lock:
            self._require_open()
            shown = edits.rules_of(self._shown or self.snapshot(), group_id, direction)
            real, expected = (self._names.real_rules(listed, shown) for listed in (rules, shown))
            with self._written():
                group = self._names.real(group_id)
                self._guard.replace_rules(group, Direction(direction), real, expected=expected)

    def bind_groups(self, resource_id: str, group_ids: Sequence[str]) -> None:
        """Bind exactly these groups, in this order, by a guarded write. Raises as `replace_rules`."""
        with self._lock:
            self._require_open()
            shown = self._shown or self.snapshot()
            edits.with_binding(shown, resource_id, group_ids)  # what is not there is said so
            resource, field = bindings(shown.to_dict())[resource_id]
            real, expected = (list(map(self._names.real, each)) for each in (group_ids, resource.get(field) or ()))
            with self._written():
                self._guard.bind(self._names.real(resource_id), real, expected=expected)

    @contextmanager
    def _written(self) -> Iterator[None]:
        """Whatever becomes of a write, the next look reads."""
        self._reading.ready()
        try:
            yield
        except OpenToWorldError as error:
            raise by_parameter(error, self.groups) from None
        finally:
            self._reading.forget()
            self._shown = None

    def probe(self, question: Question) -> Observation:
        """
        Send one real request from this machine, and say what it met.

        Raises:
            UnknownNameError: There is no such Service.
            LabStateError: Somebody else is to ask, the address is not known, or it is no request but a connection.
        """
        if isinstance(question, Connection):
            raise LabStateError(
                "This lab sends requests to a Service, and none to {door}",
                remedy="Use the simulated lab",
                door=quoted(question.door),
            )
        asked = trace(self.snapshot(), question).question
        if asked.client != self._client:
            raise LabStateError(
                "Requests come from {client} here, and not from {other}",
                remedy="Ask the engine about other clients, with trace",
                client=self._client,
                other=asked.client,
            )
        real = replace(asked, vip=self._names.real(asked.vip or ""), host=asked.host and self._names.real(asked.host))
        found = self._probe(real)
        return replace(found, transcript=self._names.shown(found.transcript))

    def end(self, why: Message) -> None:
        """It is closed, and *why* is what is said then."""
        self._closed = why

    def close(self) -> None:
        """Let go of the groups. What was written stands; `drill rollback` takes it back."""
        with self._lock:
            self._guard.close()
            self._closed = self._closed or CLOSED

    def __enter__(self) -> "LiveLab":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _require_open(self) -> None:
        if self._closed is not None:
            raise LabStateError(
                self._closed, remedy="Open a new one: in a notebook, run the cell with lesson = ... again"
            )
