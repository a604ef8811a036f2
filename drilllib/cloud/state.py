"""
The cloud's state: one snapshot document, changed one request at a time, written to a file before a change is
acknowledged, and followed by whoever wants to know (a lab, watchers).

A request checks everything before it changes anything: what fails has changed nothing.
"""

import json
import random
import re
import string
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

from drilllib import files
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, quoted

Document = dict[str, Any]
Follower = Callable[[Document], None]
LETTERS = string.ascii_lowercase + string.digits
_PLACED = (
    ("instances", "InstanceId", "PrivateIpAddresses"),
    ("network_interfaces", "NetworkInterfaceId", "PrivateIpAddressSet"),
)
_NAME = re.compile(r'"([a-z0-9][a-z0-9.-]*-[a-z0-9]+)"')


class CloudState:
    """
    Args:
        document: a `drilllib/snapshot/1` document; the state takes a copy, and keeps every field of it.
        file: where the state is written after each change; None keeps it in memory only.
        seed: makes the ids that it hands out the same on every run; None for a new sequence each time.
        now: the clock.

    Raises:
        InvalidInputError: The document is no snapshot, or a machine or interface in it has no address.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        *,
        file: Path | None = None,
        seed: int | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._document = Snapshot(document).to_dict()
        _require_addresses(self._document)
        self._file, self.now = file, now
        self._seed, self._sequences = seed, dict[str, random.Random]()
        self._taken = set(_NAME.findall(json.dumps(self._document)))  # later ids come from here
        self._lock = RLock()
        self._followers: list[Follower] = []
        self._settlers: list[Follower] = []

    @contextmanager
    def reading(self) -> Iterator[Document]:
        """The document, which nobody changes meanwhile; what is taken out of it has to be copied."""
        with self._lock:
            yield self._document

    @contextmanager
    def writing(self, *, settled: bool = False) -> Iterator[Document]:
        """
        The document, to be changed by nobody else meanwhile. Once the block has ended well, the controllers settle what
        follows from the change, it is saved, and the followers are told. *settled*: nothing follows from it.
        """
        with self._lock:
            yield self._document
            for settle in () if settled else self._settlers:
                settle(self._document)
            self._save()
            for follower in self._followers:
                follower(self._document)

    def settle_with(self, settler: Follower) -> None:
        """Let *settler* change the document after every change, before it is saved: a controller's part."""
        with self._lock:
            self._settlers.append(settler)

    def follow(self, follower: Follower) -> None:
        """Call *follower* with the document after every change, before the change is acknowledged."""
        with self._lock:
            self._followers.append(follower)

    def snapshot(self) -> Snapshot:
        """The state as the engine reads it."""
        with self._lock:
            return Snapshot(self._document)

    def new_id(self, prefix: str, length: int = 8) -> str:
        """An id that nothing has yet, such as sg-1a2b3c4d; each *prefix* has a sequence of its own."""
        return self._unused(prefix, lambda random: f"{prefix}-{''.join(random.choices(LETTERS, k=length))}")

    def new_uid(self) -> str:
        """The uid of a Kubernetes object, which nothing has yet."""
        return self._unused("uid", lambda random: str(uuid.UUID(int=random.getrandbits(128), version=4)))

    def _unused(self, prefix: str, draw: Callable[[random.Random], str]) -> str:
        """Seeded ids do not shift when something of another prefix is made before them."""
        with self._lock:
            sequence = self._sequences.get(prefix)
            if sequence is None:
                seeded = self._seed is not None
                sequence = random.Random(f"{self._seed} {prefix}") if seeded else random.SystemRandom()
                self._sequences[prefix] = sequence
            while (found := draw(sequence)) in self._taken:
                pass
            self._taken.add(found)
            return found

    def _save(self) -> None:
        if self._file is not None:
            files.write_atomically(self._file, json.dumps(self._document, ensure_ascii=False))


def _require_addresses(document: Document) -> None:
    """The local cloud's machines and interfaces have theirs from the beginning."""
    for part, name, field in _PLACED:
        for item in document.get(part) or ():
            if not item.get(field):
                raise InvalidInputError(
                    "{name} has no {field}, and the local cloud does not play what is still being made",
                    remedy="Take it out of the snapshot",
                    name=quoted(item[name]),
                    field=field,
                )
