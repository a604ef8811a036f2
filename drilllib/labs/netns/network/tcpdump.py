"""tcpdump in a host while one request is made: handshakes and refusals, as it prints them."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from drilllib.errors import LabStateError, Message, MissingToolError
from drilllib.labs.netns.kernel import Namespace

# IPv6 packets cannot be looked into by offset, so all of TCP is taken there.
FILTER = "tcp[tcpflags] & (tcp-syn|tcp-rst) != 0 or udp or icmp or icmp6 or (ip6 and tcp)"
COMMAND = ["tcpdump", "-ni", "any", "-t", "-l", "--immediate-mode", FILTER]
MOMENT_S = 0.1  # what the last packets take to be printed
Answer = TypeVar("Answer")
_IN_BETWEEN = re.compile(r"Flags \[[PF]*\.\]")  # no handshake, no refusal
_AFTER_FLAGS = re.compile(r"(Flags \[[^]]*\]),.*")
_OPENS = re.compile(r"IP6? (\S+) > (\S+): Flags \[S")
_REFUSES = re.compile(r"IP6? (\S+) > (\S+): Flags \[R")


async def around(
    namespaces: Sequence[Namespace], work: Callable[[], Awaitable[Answer]]
) -> tuple[Answer, list[list[str]]]:
    """
    What *work* gives, and what a tcpdump in each namespace saw meanwhile. All start at once, and end at once.

    Raises:
        MissingToolError: There is no tcpdump.
        LabStateError: One of them did not start.
    """
    started = await asyncio.gather(*map(start, namespaces), return_exceptions=True)
    running = [each for each in started if isinstance(each, asyncio.subprocess.Process)]
    try:
        for each in started:
            if isinstance(each, BaseException):
                raise each
        answer = await work()
        await asyncio.sleep(MOMENT_S)
        return answer, list(await asyncio.gather(*map(end, running)))
    finally:
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                process.kill()


async def start(namespace: Namespace) -> asyncio.subprocess.Process:
    """
    A tcpdump that listens by now.

    Raises:
        MissingToolError: There is no tcpdump.
        LabStateError: It did not start.
    """
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(*COMMAND, stdout=pipe, stderr=pipe, preexec_fn=namespace.enter)
    except FileNotFoundError:
        raise MissingToolError(
            "tcpdump is not installed", remedy="On Debian or Ubuntu: apt-get install tcpdump"
        ) from None
    assert process.stderr is not None
    said = b""
    while b"listening on" not in said:
        line = await process.stderr.readline()
        if not line:
            raise LabStateError(
                "tcpdump ended: {said}",
                remedy="Try it with drill shell",
                said=said.decode(errors="replace").strip() or Message("it said nothing"),
            )
        said += line
    return process


async def end(process: asyncio.subprocess.Process) -> list[str]:
    """What it printed, as `packets_of` has it."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    out, _ = await process.communicate()
    return packets_of(out.decode(errors="replace"))


def packets_of(printed: str) -> list[str]:
    """
    The handshakes and refusals that a tcpdump printed, without what differs from one run to the next.

    A packet that was sent again stands once. A refusal whose conversation did not begin meanwhile is left out: it is
    the late end of an earlier request, which a busy machine may send only now.
    """
    lines = [_AFTER_FLAGS.sub(r"\1", " ".join(line.split())) for line in printed.splitlines()]
    begun = {frozenset(found.groups()) for found in map(_OPENS.search, lines) if found}
    wanted = (line for line in lines if " IP" in line and not _IN_BETWEEN.search(line))
    return list(dict.fromkeys(line for line in wanted if not _is_late(line, begun)))


def _is_late(line: str, begun: set[frozenset[str]]) -> bool:
    found = _REFUSES.search(line)
    return found is not None and frozenset(found.groups()) not in begun
