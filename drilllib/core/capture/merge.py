"""Rows of several answers, by their ids: each once, and where two disagree, that is told."""

from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.core.capture.assembly import Conflict, Notes

Row = dict[str, Any]


class Rows:
    """The objects of one kind, by id, in the order in which they came."""

    def __init__(self, kind: str, notes: Notes) -> None:
        self.kind, self._notes = kind, notes
        self._rows: dict[str, Row] = {}
        self._sources: dict[str, str] = {}
        self._versions: dict[str, int] = {}

    def add(self, name: str, row: Row, source: str, version: object = None) -> None:
        """
        One more row; of one that is there already what the newer says, and what only one of them says.

        *version* counts up with every change of the object; where one has none, the row that came last is the newer.
        """
        number = int(str(version)) if str(version).isascii() and str(version).isdecimal() else -1
        old = self._rows.get(name)
        if old is None:
            self._rows[name], self._sources[name], self._versions[name] = row, source, number
            return
        is_newer = number < 0 or number >= self._versions[name]
        older, newer = (old, row) if is_newer else (row, old)
        left, taken = (self._sources[name], source) if is_newer else (source, self._sources[name])
        if odd := tuple(disagreements(older, newer)):
            self._notes.disagree(Conflict(f"{self.kind} {name}", odd, taken, left))
        self._rows[name] = _filled(older, newer)
        self._sources[name], self._versions[name] = taken, max(number, self._versions[name])

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, name: str) -> bool:
        return name in self._rows

    def rows(self) -> list[Row]:
        """The rows in the order in which they came."""
        return list(self._rows.values())

    def by_id(self) -> dict[str, Row]:
        """The rows by their ids."""
        return dict(self._rows)


def disagreements(one: Mapping[str, Any], other: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """The paths of the fields that both say, and say differently; null says nothing."""
    for key in one:
        before, after = one[key], other.get(key)
        if before is None or after is None or before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from disagreements(before, after, f"{path}{key}.")
        else:
            yield f"{path}{key}"


def _filled(older: Mapping[str, Any], newer: Mapping[str, Any]) -> Row:
    """The newer object, with what only the older one says."""
    return {**older, **{key: value for key, value in newer.items() if value is not None or key not in older}}
