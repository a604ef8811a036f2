"""A PostgreSQL server of the tests: Debian's, in a folder of its own, by a user who is not root, on a local socket."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

DEBIAN = "/usr/lib/postgresql"
PATIENCE_S = 60
ENGLISH = ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US")  # sorts otherwise than SQLite


def binaries() -> Path:
    """Where Debian has the newest server; skips where none is installed."""
    found = sorted(Path(DEBIAN).glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    if not found:
        pytest.skip(f"no PostgreSQL server in {DEBIAN}: INSTALL=1 make setup-test")
    return found[-1].parent


@contextmanager
def served() -> Iterator[str]:
    """A server for as long as this lasts: the URL of its database."""
    programs, user = binaries(), "postgres" if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if user:
        os.chown(folder, *pwd.getpwnam(user)[2:4])
    as_user = {"user": user, "group": user, "extra_groups": []} if user else {}
    try:
        made = [programs / "initdb", "--auth=trust", "--username=drill", "--no-sync", "-E", "UTF8", *ENGLISH]
        subprocess.run([*made, "-D", folder / "data"], check=True, capture_output=True, cwd=folder, **as_user)
        with _running(programs, folder, as_user) as server:
            url = f"postgresql://drill@/postgres?host={folder}"
            _wait(url, server, folder)
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(programs: Path, folder: Path, as_user: dict[str, object]) -> Iterator[subprocess.Popen[bytes]]:
    settings = [f"unix_socket_directories={folder}", "listen_addresses=", "fsync=off", "shared_buffers=16MB"]
    command = [programs / "postgres", "-D", folder / "data", *(word for each in settings for word in ("-c", each))]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **as_user)
        try:
            yield server
        finally:
            server.send_signal(signal.SIGINT)  # ends its connections, too
            server.wait(PATIENCE_S)


def _wait(url: str, server: "subprocess.Popen[bytes]", folder: Path) -> None:
    psycopg = pytest.importorskip("psycopg", reason="psycopg reads PostgreSQL")
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise AssertionError((folder / "log").read_text()) from None
            time.sleep(0.05)


def emptied(url: str) -> None:
    """Every class's schema is gone; nobody may be connected who writes to one."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as database:
        found = database.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'drill%'").fetchall()
        for (name,) in found:
            database.execute(f'DROP SCHEMA "{name}" CASCADE')
