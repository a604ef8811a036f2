"""
The grades of a class, in a database: a row a log and version of drilllib, by which whoever grades knows what is done.

Rows are only ever added, a chunk in one transaction. The logs are the truth: a database that is lost is made again.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from importlib import import_module
from pathlib import Path
from typing import Any

from drilllib._version import __version__
from drilllib.classes.judge import Standing, Verdict
from drilllib.classes.place import Database
from drilllib.errors import InvalidInputError, MissingToolError, quoted

PATIENCE_S = 30  # for another process that writes at the same moment, or a server that does not answer
LARGEST = 2**31 - 1  # a number that is kept
_KEYS = ("learner", "log", "engine")


class Store:
    """
    The grades in a SQLite file or a PostgreSQL database; file, schema and table are made where they are not there.

    Raises:
        MissingToolError: SQLAlchemy is not installed, or no driver of PostgreSQL.
        InvalidInputError: The file or database cannot be opened, written, or is no such one; so do all methods.
    """

    def __init__(self, where: Path | Database) -> None:
        try:
            import sqlalchemy
        except ModuleNotFoundError:
            raise MissingToolError(
                "Grades of a class are kept by SQLAlchemy, which is not installed",
                remedy="Install it: pip install 'drilllib[classes]'",
            ) from None
        self._where, self._sql = where, sqlalchemy
        self._engine = _engine(sqlalchemy, where)
        self._table = _table(sqlalchemy, where.schema if isinstance(where, Database) else None)
        with self._told():
            self._make()

    def _make(self) -> None:
        """Table and schema; somebody else may make them at this moment."""
        if not isinstance(self._where, Database):
            with self._engine.begin() as database:
                database.execute(self._sql.schema.CreateTable(self._table, if_not_exists=True))
            return
        with self._engine.begin() as database:
            number = int(self._where.schema[-15:], 16)
            database.execute(self._sql.text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
            database.execute(self._sql.schema.CreateSchema(self._where.schema, if_not_exists=True))
            self._table.metadata.create_all(database)

    def known(self) -> set[tuple[str, str]]:
        """The learner and digest of every log that this version of drilllib has judged."""
        columns, mine = self._table.c, self._table.c.engine == __version__
        with self._told(), self._engine.connect() as database:
            found = database.execute(self._sql.select(columns.learner, columns.log).where(mine))
            return {(learner, log) for learner, log in found}

    def add(self, verdicts: Sequence[Verdict]) -> None:
        """Keep these, all or none of them; once this returns, they are on the disk. What is there already stays."""
        rows = [{**_row(each), "engine": __version__} for each in verdicts]
        dialect = import_module(f"sqlalchemy.dialects.{self._engine.dialect.name}")
        with self._told(), self._engine.begin() as database:
            database.execute(dialect.insert(self._table).on_conflict_do_nothing(), rows)

    def verdicts(self) -> Iterator[Verdict]:
        """Every log as this version of drilllib has judged it, by learner and by when it was begun."""
        columns = self._table.c
        wanted = [columns[each.name] for each in fields(Verdict)]
        order = (columns.learner, columns.started, columns.log)
        query = self._sql.select(*wanted).where(columns.engine == __version__).order_by(*order)
        with self._told(), self._engine.connect() as database:
            for row in database.execute(query).mappings():
                yield Verdict(**{**row, "standing": Standing(row["standing"])})

    def earlier(self) -> Iterator[tuple[str, Verdict]]:
        """Every log as other versions of drilllib have judged it, with the version."""
        query = self._sql.select(self._table).where(self._table.c.engine != __version__)
        with self._told(), self._engine.connect() as database:
            for row in database.execute(query).mappings():
                values = {**row, "standing": Standing(row["standing"])}
                yield values.pop("engine"), Verdict(**values)

    def close(self) -> None:
        """Let go of the file or the server."""
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
            reason = str(getattr(error, "orig", None) or type(error).__name__).strip()
            is_file = not isinstance(self._where, Database)
            raise InvalidInputError(
                "The grades in {path} cannot be used: {reason}",
                remedy="Make room, or move the file away: all is graded again"
                if is_file
                else "Let the server run and let you in: psql with that URL has to",
                path=quoted(str(self._where)),
                reason=" ".join(reason.split()),
            ) from None


def _row(verdict: Verdict) -> dict[str, Any]:
    """The verdict's values; a log may have texts and numbers that no database takes, and which are no attempt's."""
    return {name: _storable(value) for name, value in asdict(verdict).items()}


def _storable(value: str | int) -> str | int:
    if isinstance(value, str):
        return str(value).replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")
    return value if isinstance(value, bool) else max(-LARGEST, min(value, LARGEST))


def _engine(sql: Any, where: Path | Database) -> Any:
    if not isinstance(where, Database):
        url = sql.URL.create("sqlite", database=str(where))
        return sql.create_engine(url, connect_args={"timeout": PATIENCE_S})
    try:
        url = sql.make_url(where.url).set(drivername="postgresql+psycopg")
        return sql.create_engine(url, connect_args={"connect_timeout": PATIENCE_S})
    except ModuleNotFoundError:
        raise MissingToolError(
            "Grades in PostgreSQL are read by psycopg, which is not installed",
            remedy="Install it: pip install 'drilllib[postgresql]'",
        ) from None
    except (sql.exc.ArgumentError, ValueError):
        raise InvalidInputError(
            "{url} is no URL of a database",
            remedy="Write postgresql://HOST/DATABASE",
            url=quoted(where.url),
        ) from None


def _table(sql: Any, schema: str | None) -> Any:
    # Letters are in the order of their codes everywhere, whatever the server's language is.
    text = sql.String().with_variant(sql.String(collation="C"), "postgresql")
    kinds: dict[Any, Any] = {str: text, Standing: text, int: sql.Integer, bool: sql.Boolean}
    columns: Iterable[Any] = (
        sql.Column(each.name, kinds[each.type], primary_key=each.name in _KEYS, nullable=False)
        for each in fields(Verdict)
    )
    engine = sql.Column("engine", text, primary_key=True)
    return sql.Table("verdict", sql.MetaData(schema=schema), *columns, engine)
