"""What a look shows, a line each: plain data that can be compared, hashed and written to JSON."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what it is *about*, and its cells, a name and a text each, in the order in which they are printed."""

    about: str
    cells: tuple[tuple[str, str], ...] = ()

    def __getitem__(self, name: str) -> str:
        """The cell of that name; empty where the line has none."""
        return dict(self.cells).get(name, "")

    def to_dict(self) -> dict[str, Any]:
        """All cells, and what the line is about."""
        return {"about": self.about, **dict(self.cells)}


def row(about: str, **cells: object) -> Row:
    """The line with these cells; what is None is empty."""
    return Row(about, tuple((name, "" if value is None else str(value)) for name, value in cells.items()))
