"""Commands in the lab's hosts, on a terminal of their own or with the files they were given."""

import asyncio
import contextlib
import fcntl
import os
import select
import signal
import termios
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

from drilllib.errors import LabStateError
from drilllib.labs.netns.kernel import Namespace

STOPPED, NOT_RUNNABLE, NOT_FOUND = 124, 126, 127  # exit statuses of timeout and of a shell
STOPPING_S = 1
_GOING_ON: set[asyncio.Task[None]] = set()  # else they might be forgotten before they are done


def enter(namespace: Namespace, *, leads: bool = False) -> Callable[[], None]:
    """
    What a new process does before it runs a command: it moves into *namespace*, and makes sure that it did.

    *leads*: its standard input is a terminal, and that becomes its own.
    """
    outside = _network()

    def become() -> None:
        namespace.enter()
        if _network() == outside:
            raise LabStateError("The host has no network of its own", remedy="Nothing was run")
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # the lab's process ignores it, which would be inherited
        os.setsid()
        if leads:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    return become


def _network() -> int:
    """The network namespace of the calling thread, by its number."""
    return os.stat("/proc/thread-self/ns/net").st_ino


def folder(wanted: str) -> str:
    """Where a command starts: in the caller's folder, if it is there."""
    return wanted if os.path.isdir(wanted) else "/"


async def run(
    command: Sequence[str],
    files: Sequence[int],
    namespace: Namespace,
    environment: Mapping[str, str],
    *,
    leads: bool,
) -> int:
    """Run *command* in *namespace* until it ends, with *files* as its input, output and errors; as a shell says it."""
    try:
        process = await _whole(
            asyncio.create_subprocess_exec(
                *command,
                stdin=files[0],
                stdout=files[1],
                stderr=files[2],
                preexec_fn=enter(namespace, leads=leads),
                env=dict(environment),
                cwd=folder(environment.get("PWD", "/")),
            )
        )
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        why = "not found on this machine" if missing else os.strerror(error.errno or 0)
        os.write(files[2], f"{command[0]}: {why}\n".encode())
        return NOT_FOUND if missing else NOT_RUNNABLE
    async with _ended_with(process) as by_itself:
        code = await process.wait()
        by_itself(not (leads and _hung_up(files[0])))
    return 128 - code if code < 0 else code


async def capture(
    command: Sequence[str], namespace: Namespace, timeout_s: float | None, start: str = "/"
) -> tuple[int, str, str]:
    """Run *command* in *namespace*, from the folder *start*; exit status, output, errors. 124: it was stopped."""
    pipe = asyncio.subprocess.PIPE
    try:
        process = await _whole(
            asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=pipe,
                stderr=pipe,
                preexec_fn=enter(namespace),
                cwd=folder(start),
            )
        )
    except FileNotFoundError:
        return NOT_FOUND, "", f"{command[0]}: not found on this machine\n"
    try:
        async with _ended_with(process) as by_itself:
            out, err = await asyncio.wait_for(process.communicate(), timeout_s)
            by_itself(True)
    except TimeoutError:
        return STOPPED, "", f"{command[0]}: still running after {timeout_s:g} s, stopped\n"
    return process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace")


async def _whole(creation: Coroutine[Any, Any, Process]) -> Process:
    """A process that is created; one whose creation is interrupted may have children by then, and ends with them."""
    creating = asyncio.ensure_future(creation)
    try:
        return await asyncio.shield(creating)
    except asyncio.CancelledError:
        await _unless_interrupted(stop(await creating))
        raise


@contextlib.asynccontextmanager
async def _ended_with(process: Process) -> AsyncIterator[Callable[[bool], None]]:
    """
    Unless it is told that the command ended by itself, all of its session ends here.

    That the command itself has ended says nothing: what interrupts us may have ended that first, and left its children.
    """
    ended: list[bool] = []
    try:
        yield ended.append
    finally:
        if not any(ended):
            await _unless_interrupted(stop(process))


async def _unless_interrupted(work: Coroutine[Any, Any, None]) -> None:
    """Do it; where we are interrupted meanwhile, it goes on without us."""
    task = asyncio.ensure_future(work)
    _GOING_ON.add(task)
    task.add_done_callback(_GOING_ON.discard)
    await asyncio.shield(task)


async def stop(process: Process) -> None:
    """End a command and what it started, as closing its terminal would, or else by force."""
    await _end_session(process.pid)
    if process.returncode is None:  # it ignores that its terminal is closed
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOPPING_S)


def _hung_up(terminal: int) -> bool:
    """Has the other end of a terminal been closed?"""
    poll = select.poll()
    poll.register(terminal, 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


async def _end_session(leader: int) -> None:
    """
    End every process of a session that does not ignore a hang-up.

    The shell that leads it may have ended without a word to its jobs, and a process that is just becoming another
    program loses a signal: so they are told again until nobody is left.
    """
    for kind in (signal.SIGHUP, signal.SIGKILL):
        until = time.monotonic() + STOPPING_S
        while (left := _session(leader)) and time.monotonic() < until:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, kind)
            await asyncio.sleep(0.02)


def _session(leader: int) -> list[int]:
    """Who is in a session and does not ignore a hang-up, by their numbers here; /proc has them by the machine's."""
    here, found = os.readlink("/proc/self/ns/pid"), []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.readlink(folder / "ns" / "pid") != here:
                continue
            lines = (folder / "status").read_text(encoding="utf-8", errors="replace").splitlines()
            status = dict(line.split(":\t", 1) for line in lines)
            ignores = int(status["SigIgn"], 16) >> (signal.SIGHUP - 1) & 1
            if int(status["NSsid"].split()[-1]) == leader and status["State"][0] != "Z" and not ignores:
                found.append(int(status["NSpid"].split()[-1]))
    return found
