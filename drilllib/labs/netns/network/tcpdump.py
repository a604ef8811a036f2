"""tcpdump in a host while one request is made: handshakes and refusals, as it prints them."""

import asyncio
import contextlib
import re

from drilllib.errors import LabStateError, Message, MissingToolError
from drilllib.labs.netns.kernel import Namespace

# IPv6 packets cannot be looked into by offset, so all of TCP is taken there.
FILTER = "tcp[tcpflags] & (tcp-syn|tcp-rst) != 0 or udp or icmp or icmp6 or (ip6 and tcp)"
COMMAND = ["tcpdump", "-ni", "any", "-t", "-l", "--immediate-mode", FILTER]
MOMENT_S = 0.1  # what the last packets take to be printed
_IN_BETWEEN = re.compile(r"Flags \[[PF]*\.\]")  # no handshake, no refusal
_AFTER_FLAGS = re.compile(r"(Flags \[[^]]*\]),.*")


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
    """Its lines, without what differs from one run to the next; a packet that was sent again stands once."""
    await asyncio.sleep(MOMENT_S)
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    out, _ = await process.communicate()
    lines = (_AFTER_FLAGS.sub(r"\1", " ".join(line.split())) for line in out.decode(errors="replace").splitlines())
    return list(dict.fromkeys(line for line in lines if " IP" in line and not _IN_BETWEEN.search(line)))
