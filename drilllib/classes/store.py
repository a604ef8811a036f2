"""
The grades of a class, in a database: a row a log and version of drilllib, by which whoever grades knows what is done.

Rows are only ever added, a chunk in one transaction. The logs are the truth: a database that is lost is made again.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from drilllib._version import __version__
from drilllib.classes.judge import Standing, Verdict
from drilllib.errors import InvalidInputError, MissingToolError, quoted

PATIENCE_S = 30.0  # for another process that writes at the same moment
_KEYS = ("learner", "log", "engine")


class Store:
    """
    The grades in a SQLite file, which is made where it is not there.

    Raises:
        MissingToolError: SQLAlchemy is not installed.
        InvalidInputError: The file cannot be opened, written, or is no such database; so do all methods.
    """

    def __init__(self, path: Path) -> None:
        try:
            import sqlalchemy
        except ModuleNotFoundError:
            raise MissingToolError(
                "Grades of a class are kept by SQLAlchemy, which is not installed",
                remedy="Install it: pip install 'drilllib[classes]'",
            ) from None
        self._path, self._sql = path, sqlalchemy
        self._engine = sqlalchemy.create_engine(
            sqlalchemy.URL.create("sqlite", database=str(path)), connect_args={"timeout": PATIENCE_S}
        )
        self._table = _table(sqlalchemy)
        with self._told():
            self._table.metadata.create_all(self._engine)

    def known(self) -> set[tuple[str, str]]:
        """The learner and digest of every log that this version of drilllib has judged."""
        columns, mine = self._table.c, self._table.c.engine == __version__
        with self._told(), self._engine.connect() as database:
            found = database.execute(self._sql.select(columns.learner, columns.log).where(mine))
            return {(learner, log) for learner, log in found}

    def add(self, verdicts: Sequence[Verdict]) -> None:
        """Keep these, all or none of them; once this returns, they are on the disk."""
        rows = [{**asdict(each), "standing": str(each.standing), "engine": __version__} for each in verdicts]
        with self._told(), self._engine.begin() as database:
            database.execute(self._sql.insert(self._table), rows)

    def verdicts(self) -> Iterator[Verdict]:
        """Every log as this version of drilllib has judged it, by learner and by when it was begun."""
        columns = self._table.c
        wanted = [columns[each.name] for each in fields(Verdict)]
        order = (columns.learner, columns.started, columns.log)
        query = self._sql.select(*wanted).where(columns.engine == __version__).order_by(*order)
        with self._told(), self._engine.connect() as database:
            for row in database.execute(query).mappings():
                yield Verdict(**{**row, "standing": Standing(row["standing"])})

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._sql.exc.SQLAlchemyError as error:
            raise InvalidInputError(
                "The grades in {path} cannot be used: {reason}",
                remedy="Make room, or move the file away: all is graded again",
                path=quoted(str(self._path)),
                reason=getattr(error, "orig", None) or type(error).__name__,
            ) from None


def _table(sql: Any) -> Any:
    columns: Iterable[Any] = (
        sql.Column(each.name, _kinds(sql)[each.type], primary_key=each.name in _KEYS, nullable=False)
        for each in fields(Verdict)
    )
    return sql.Table("verdict", sql.MetaData(), *columns, sql.Column("engine", sql.String, primary_key=True))


def _kinds(sql: Any) -> dict[Any, Any]:
    return {str: sql.String, Standing: sql.String, int: sql.Integer, bool: sql.Boolean}
