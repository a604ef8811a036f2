"""
Which objects changed, and in which order: each change gets the next number of one counter, the resourceVersion.

The counter lies in the document, `cloud.revision`, so that a server started again from a state file counts on. The
changes themselves are kept in memory, the last `KEPT` of them; who asks for older ones has to list again.
"""

from collections import deque
from dataclasses import dataclass

from drilllib.cloud.kube.errors import expired
from drilllib.cloud.kube.kinds import kind_of
from drilllib.cloud.kube.objects import DEEPEST, Document, Key, Object, key_of, objects
from drilllib.core.snapshot.reuse import copied

KEPT = 2000


@dataclass(frozen=True, slots=True)
class Change:
    """One object before and after; None before it was there, and after it was gone."""

    revision: int
    before: Object | None
    after: Object | None


class Journal:
    """What the document's objects were after the last change, and the last changes."""

    def __init__(self, document: Document) -> None:
        self._known: dict[Key, Object] = {}
        self._changes: deque[Change] = deque(maxlen=KEPT)
        self.last = self._first = revision_of(document)

    def stamp(self, document: Document, before: Document | None = None) -> list[Change]:
        """
        Number what changed in *document* since the last `record`; nothing is remembered yet. *before* is the document
        as it was then: an object of *document* that is the very same one in it has not changed.
        """
        same = {id(item) for item in objects(before)} if before is not None else set()
        current = {key_of(item): item for item in objects(document) if kind_of(item)}
        changes = []
        for key in (key for key in self._known if key not in current):
            changes.append(Change(_next(document), self._known[key], None))
        for key, item in current.items():
            known = self._known.get(key)
            if known is None or (id(item) not in same and known != item):
                item["metadata"]["resourceVersion"] = str(_next(document))
                changes.append(Change(revision_of(document), known, copied(item, DEEPEST)))
        return changes

    def record(self, changes: list[Change]) -> None:
        """Remember what `stamp` found; call it only with what is then the document."""
        for change in changes:
            if len(self._changes) == KEPT:
                self._first = self._changes[0].revision
            self._changes.append(change)
            if change.after is None:
                self._known.pop(key_of(change.before or {}), None)
            else:
                self._known[key_of(change.after)] = change.after
            self.last = change.revision

    def forget(self) -> None:
        """Keep the objects without their changes: what a server starts with is not news to a watch."""
        self._changes.clear()
        self._first = self.last

    def since(self, revision: int) -> list[Change]:
        """The changes after that revision, the oldest first. Raises KubeError where not all are known any more."""
        if revision < self._first:
            raise expired(revision, self._first)
        return [change for change in self._changes if change.revision > revision]


def revision_of(document: Document) -> int:
    """The last number that was given to a change."""
    return (document.get("cloud") or {}).get("revision") or 0


def _next(document: Document) -> int:
    revision = revision_of(document) + 1
    document.setdefault("cloud", {})["revision"] = revision
    return revision
