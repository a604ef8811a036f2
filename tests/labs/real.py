"""What the tests of real packets share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from drilllib.labs.netns.sandbox import why_not

SLOWNESS = 0.05
UNPLAYED = ("stopped-nodes",)  # drills of practice: a lab of real packets refuses an instance that is switched off
needs_real_packets = pytest.mark.skipif(why_not() is not None, reason=f"no real packets here: {why_not()}")


def marked(mark: str) -> dict[int, str]:
    """The processes that have *mark* in their environment, with their command lines; zombies have neither."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it has ended since, or is another user's
    return found


def descendants(pid: int) -> Iterator[int]:
    """The children of a process, theirs, and so on; zombies too."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from descendants(child)


def state(pid: int) -> str:
    """R, S, Z...; nothing where it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return ""


def namespaces(kind: str, pids: Iterator[int] | None = None) -> set[str]:
    """The namespaces of a kind (net, mnt, pid) that any process is in, or any of *pids*."""
    folders = Path("/proc").glob("[0-9]*") if pids is None else (Path(f"/proc/{pid}") for pid in pids)
    found = set()
    for folder in folders:
        try:
            found.add(os.readlink(folder / "ns" / kind))
        except OSError:
            continue
    return found
