"""A command in a host of a lab ends with all of its session where it is interrupted or its terminal closed."""

import asyncio
import os
import signal
import sys
from asyncio.base_subprocess import BaseSubprocessTransport
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

if sys.platform != "linux":
    pytest.skip("the labs are for Linux", allow_module_level=True)

from drilllib.labs.netns import terminal
from tests.waits import wait_until

HERE: Any = None  # no namespace: `enter` is replaced
STUBBORN = "(trap : HUP; while :; do sleep 0.1; done) & echo $! >{place}; read x <{fifo}"
PLAIN = "sleep 641 & echo $! >{place}; read x <{fifo}"


@pytest.fixture(autouse=True)
def on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "enter", lambda namespace, *, leads=False: os.setsid)


class Session:
    """A shell that waits, with a child in the background, run by *how*."""

    def __init__(self, folder: Path, script: str) -> None:
        self._place = folder / "child"
        os.mkfifo(folder / "fifo")
        self.command = ["sh", "-c", script.format(place=self._place, fifo=folder / "fifo")]
        self.nothing = os.open(os.devnull, os.O_RDWR)

    def begin(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        return asyncio.ensure_future(work)

    async def stands(self) -> None:
        while not (self._place.exists() and self._place.read_text().endswith("\n")):
            await asyncio.sleep(0.01)
        self.child = int(self._place.read_text())
        self.shell = os.getsid(self.child)

    def child_is_gone(self) -> bool:
        """In the end; a failing test leaves nothing behind either."""
        gone = wait_until(lambda: not _is_there(self.child))
        if not gone:
            os.kill(self.child, signal.SIGKILL)
        return gone


def _is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def as_run(session: Session, *, leads: bool) -> Coroutine[Any, Any, Any]:
    return terminal.run(session.command, (session.nothing,) * 3, HERE, dict(os.environ), leads=leads)


def as_captured(session: Session, *, leads: bool) -> Coroutine[Any, Any, Any]:
    return terminal.capture(session.command, HERE, None)


@pytest.mark.parametrize("how", [as_run, as_captured])
def test_an_interruption_that_comes_with_the_end_of_the_shell_ends_its_children_too(
    how: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed `drill shell` closes its connection and its terminal at the same moment."""
    ends = BaseSubprocessTransport._process_exited

    async def interrupted() -> Session:
        session = Session(tmp_path, PLAIN)
        task = session.begin(how(session, leads=False))
        both = lambda transport, code: (ends(transport, code), task.cancel())  # noqa: E731  in one turn of the loop
        monkeypatch.setattr(BaseSubprocessTransport, "_process_exited", both)
        await session.stands()
        os.kill(session.shell, signal.SIGKILL)
        await asyncio.wait([task])
        assert task.cancelled()
        return session

    assert asyncio.run(interrupted()).child_is_gone()


def test_an_interruption_does_not_interrupt_the_end_of_a_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal was closed, and what came of its shell is being ended, when the connection closes."""
    monkeypatch.setattr(terminal, "_hung_up", lambda file: True)
    ending = asyncio.Event()
    look = terminal._session
    monkeypatch.setattr(terminal, "_session", lambda leader: (ending.set(), look(leader))[1])

    async def interrupted() -> Session:
        session = Session(tmp_path, STUBBORN)
        task = session.begin(as_run(session, leads=True))
        await session.stands()
        os.kill(session.shell, signal.SIGKILL)
        await ending.wait()
        task.cancel()
        await asyncio.wait([task])
        while asyncio.all_tasks() - {asyncio.current_task()}:  # as the lab's process goes on
            await asyncio.sleep(0.01)
        return session

    assert asyncio.run(interrupted()).child_is_gone()


def test_an_interruption_while_a_command_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there already, and has children, when the interruption is heard."""
    created = asyncio.create_subprocess_exec

    async def slowly(*command: str, **options: Any) -> Any:
        process = await created(*command, **options)
        await asyncio.sleep(0.2)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", slowly)

    async def interrupted() -> Session:
        session = Session(tmp_path, PLAIN)
        task = session.begin(as_run(session, leads=False))
        await session.stands()
        task.cancel()
        await asyncio.wait([task])
        return session

    assert asyncio.run(interrupted()).child_is_gone()


def test_what_a_shell_left_in_the_background_stays_when_it_ends_by_itself(tmp_path: Path) -> None:
    """As on any machine."""

    async def ended() -> Session:
        session = Session(tmp_path, PLAIN)
        task = session.begin(as_run(session, leads=True))
        await session.stands()
        os.kill(session.shell, signal.SIGTERM)
        assert await task == 128 + signal.SIGTERM
        return session

    session = asyncio.run(ended())
    assert _is_there(session.child)
    os.kill(session.child, signal.SIGKILL)
