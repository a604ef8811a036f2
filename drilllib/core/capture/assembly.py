"""What answers were joined into: a snapshot, what is missing in it, where answers disagree, and what was left out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drilllib.core.capture.keep import Keeper
from drilllib.errors import Message


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was not read, as ``security_groups.sg-1a2b3c4d``, and why: a permission to grant, a lost page."""

    what: str
    why: Message


@dataclass(frozen=True, slots=True)
class Conflict:
    """
    Two answers that disagree about *what*, in *fields*; *taken* is the source that was believed, *left* the other.

    A source is a file's name, empty over the wire.
    """

    what: str
    fields: tuple[str, ...]
    taken: str
    left: str


@dataclass(frozen=True, slots=True)
class Understood:
    """
    How many objects of a *kind*, as the vendor's API or Kubernetes calls it, came from which *sources*.

    *is_used* is False of those that nothing reads: they are known, and left out.
    """

    kind: str
    count: int
    sources: tuple[str, ...]
    is_used: bool = True


@dataclass(frozen=True, slots=True)
class Assembly:
    """
    What answers were joined into.

    *document* is a `drilllib/snapshot/1` document, not read yet: a wrong type in it is found by `Snapshot`. *withheld*
    counts the values that were left out by their places.
    """

    document: Mapping[str, Any]
    gaps: tuple[Gap, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    understood: tuple[Understood, ...] = ()
    withheld: Mapping[str, int] = field(default_factory=dict)


class Notes:
    """What is told beside the document while it is made."""

    def __init__(self) -> None:
        self.keep = Keeper()
        self._gaps: dict[tuple[str, str], Gap] = {}
        self._conflicts: dict[Conflict, None] = {}
        self._counts: Counter[str] = Counter()
        self._sources: dict[str, dict[str, None]] = {}
        self._used = set[str]()

    def lack(self, what: str, why: Message) -> None:
        """*what* was not read; *why* is a sentence without its full stop."""
        self._gaps.setdefault((what, str(why)), Gap(what, why))

    def disagree(self, conflict: Conflict) -> None:
        """Two answers do not say the same."""
        self._conflicts[conflict] = None

    def understand(self, kind: str, count: int, source: str, *, is_used: bool = True) -> None:
        """*count* objects of a kind stand in a source."""
        self._counts[kind] += count
        self._sources.setdefault(kind, {})[source] = None
        self._used |= {kind} if is_used else set()

    def assembly(self, document: Mapping[str, Any]) -> Assembly:
        """All of it, with *document*."""
        told = (
            {"gaps": [{"what": each.what, "why": str(each.why)} for each in self._gaps.values()]} if self._gaps else {}
        )
        understood = (
            Understood(kind, self._counts[kind], tuple(found), kind in self._used)
            for kind, found in self._sources.items()
        )
        withheld = dict(sorted(self.keep.withheld.items()))
        return Assembly(
            {**document, **told}, tuple(self._gaps.values()), tuple(self._conflicts), tuple(understood), withheld
        )
