"""
How far the learner is, kept in SQLite beside their logs.

The logs are the truth and the database is what reading and grading them gave: whatever is lost, old or spoilt there
is made again from them, and nothing else is ever written into it.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from drilllib._version import __version__
from drilllib.core.practice.schedule import Played
from drilllib.practice import folder as places

DATABASE = "mastery.sqlite"
PATIENCE_S = 10.0  # for another process that writes at the same moment
FORM = 2  # of the table; another one is made anew
_OTHERS = (  # what is wrong with the disk or with who else is there, and not with what is in the database
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN),
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    What is known of one log. *size*, *changed* (ns) and *version* say of which state of it and by which drilllib.

    *problem* says why it has no grade; empty where it has one, or is not finished.
    """

    log: str
    size: int
    changed: int
    version: str
    drill: str = ""
    category: str = ""
    seed: str = ""
    level: int = 0
    finished: bool = False
    hints: int = 0
    localised: bool = False
    repaired: bool = False
    restrained: bool = False
    problem: str = ""

    @property
    def passed(self) -> bool:
        """All three parts."""
        return self.localised and self.repaired and self.restrained

    @property
    def key(self) -> tuple[str, int, int, str]:
        """The state of the log that this is about."""
        return (self.log, self.size, self.changed, self.version)


Reader = Callable[[Path, Row], Row]
_NAMES = tuple(each.name for each in fields(Row))
_FLAGS = ("finished", "localised", "repaired", "restrained")


class Mastery:
    """The attempts of a folder; *read* fills in what one log says."""

    def __init__(self, folder: Path, read: Reader) -> None:
        self._folder, self._read = folder, read

    def rows(self) -> tuple[Row, ...]:
        """
        What every log says, the oldest first.

        The database is brought up to date. A spoilt one is made again; one that is busy or not ours to write is let be.
        """
        for _ in range(2):
            if not self._folder.is_dir() or sys.platform == "emscripten":  # whose drive spoils a database
                break
            try:
                with closing(_opened(self._folder / DATABASE)) as database:
                    return self._up_to_date(database)
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF in _OTHERS:  # the last byte is the kind
                    break
                with suppress(OSError):
                    (self._folder / DATABASE).unlink()
        return self._read_all(())

    def played(self) -> tuple[Played, ...]:
        """The attempts that have a grade, the oldest first."""
        return played_of(self.rows())

    def _up_to_date(self, database: sqlite3.Connection) -> tuple[Row, ...]:
        known = tuple(_kept(database))
        rows = self._read_all(known)
        new, gone = set(rows) - set(known), {row.log for row in known} - {row.log for row in rows}
        if new or gone:
            with suppress(sqlite3.Error), database:  # full, or not ours to write: known anew the next time
                database.executemany("DELETE FROM attempt WHERE log = ?", [(log,) for log in sorted(gone)])
                database.executemany(f"REPLACE INTO attempt VALUES ({', '.join('?' * len(_NAMES))})", map(astuple, new))
        return rows

    def _read_all(self, known: Iterable[Row]) -> tuple[Row, ...]:
        """The logs that are there, each as it is known, or read now where it is not or has changed."""
        kept = {row.key: row for row in known}
        found = (row for path in places.logs(self._folder) if (row := _blank(path)))
        return tuple(kept.get(row.key) or self._read(self._folder / row.log, row) for row in found)


def played_of(rows: Iterable[Row]) -> tuple[Played, ...]:
    """Those of the rows that have a grade."""
    return tuple(
        Played(
            drill=row.drill,
            category=row.category,
            seed=row.seed,
            level=row.level,
            passed=row.passed,
            hints=row.hints,
        )
        for row in rows
        if row.finished and not row.problem
    )


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=PATIENCE_S)
    try:
        if not _has_form(database):
            with database:
                database.execute("BEGIN IMMEDIATE")
                _make(database)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _has_form(database: sqlite3.Connection) -> bool:
    (form,) = database.execute("PRAGMA user_version").fetchone()
    return bool(form == FORM)


def _make(database: sqlite3.Connection) -> None:
    """The table, unless another process has made it while we waited."""
    if not _has_form(database):
        database.execute("DROP TABLE IF EXISTS attempt")
        database.execute(f"CREATE TABLE attempt (log PRIMARY KEY, {', '.join(_NAMES[1:])})")
        database.execute(f"PRAGMA user_version = {FORM}")


def _kept(database: sqlite3.Connection) -> Iterator[Row]:
    for values in database.execute(f"SELECT {', '.join(_NAMES)} FROM attempt"):
        found = dict(zip(_NAMES, values, strict=True))
        yield Row(**{**found, **{name: bool(found[name]) for name in _FLAGS}})


def _blank(path: Path) -> Row | None:
    """A row about the log as it is now; None where it is gone by now, or has nothing in it yet."""
    try:
        found = path.stat()
    except OSError:
        return None
    if not found.st_size:
        return None
    return Row(log=path.name, size=found.st_size, changed=found.st_mtime_ns, version=__version__)
