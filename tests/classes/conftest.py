"""Which store the classes of a test have: SQLite, and PostgreSQL, in which the same has to hold."""

from collections.abc import Iterator

import pytest

from tests.classes import postgres, rooms


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a PostgreSQL database, which goes away with the tests."""
    with postgres.served() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The store of all classes that `rooms` makes: its URL, empty for the file beside the class."""
    if request.param == "sqlite":
        yield ""
        return
    url = request.getfixturevalue("server")
    monkeypatch.setattr(rooms, "STORE", f"store: {url}\n")
    yield url
    postgres.emptied(url)
