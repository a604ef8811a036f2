"""
What the standard library lacks of Linux: namespaces, and nftables.

nftables is driven through its own library, libnftables (Debian package nftables), which takes the text that `nft -f`
takes and answers in a fraction of the time of a process. Whatever it is given in one call is done as a whole or not at
all.
"""

import ctypes
import ctypes.util
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from drilllib.errors import LabStateError, Message, MissingToolError

CLONE_NEWNET = 0x40000000
MNT_DETACH = 2
MS_REC, MS_PRIVATE, MS_BIND = 16384, 1 << 18, 4096
NFT_CTX_OUTPUT_JSON, NFT_CTX_OUTPUT_HANDLE = 1 << 4, 1 << 3
LIBRARY = "libnftables.so.1"
NAMES = Path("/run/netns")  # where `ip netns` looks for the names of network namespaces


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: Any) -> None:
    if getattr(_libc(), name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str, flags: int = 0) -> None:
    """Mount *source*, or a new file system, at *target*."""
    _call("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), None)


class Namespace:
    """A network namespace, kept by an open file. *name* is what `ip netns` calls it."""

    def __init__(self, name: str) -> None:
        """Make an empty one; the caller stays where it is."""
        self.name = name
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _call("unshare", CLONE_NEWNET)
            self.file = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            path = NAMES / name
            path.touch()
            mount("/proc/thread-self/ns/net", str(path), "none", MS_BIND)
        finally:
            _call("setns", before, CLONE_NEWNET)
            os.close(before)

    def close(self) -> None:
        """Close it: the kernel removes it with the last process and socket in it."""
        path = NAMES / self.name
        _call("umount2", str(path).encode(), MNT_DETACH)
        path.unlink()
        os.close(self.file)

    def enter(self) -> None:
        """Move the calling thread into it, permanently."""
        _call("setns", self.file, CLONE_NEWNET)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """The calling thread is in it for the length of the block; sockets made there stay there."""
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            self.enter()
            yield
        finally:
            _call("setns", before, CLONE_NEWNET)
            os.close(before)


def private_names() -> None:
    """Hide the names of namespaces made from now on from all but this process and its children."""
    mount("none", "/", "none", MS_REC | MS_PRIVATE)
    base = NAMES if NAMES.is_dir() else NAMES.parent
    mount("tmpfs", str(base), "tmpfs")
    NAMES.mkdir(exist_ok=True)


class Nft:
    """
    nftables in one network namespace: the one the caller is in when it is made.

    Raises:
        MissingToolError: libnftables is not installed.
    """

    def __init__(self) -> None:
        self._library = load_library()
        self._context = self._library.nft_ctx_new(0)
        self._library.nft_ctx_buffer_error(self._context)
        self._library.nft_ctx_buffer_output(self._context)
        self.run("list tables")  # makes its socket, here

    def close(self) -> None:
        """Close the namespace."""
        self._library.nft_ctx_free(self._context)

    def run(self, script: str) -> str:
        """
        Run *script*, all of it or nothing; what it prints.

        Raises:
            LabStateError: The kernel or the library refuses it.
        """
        if self._library.nft_run_cmd_from_buffer(self._context, script.encode()) != 0:
            said = (self._library.nft_ctx_get_error_buffer(self._context) or b"").decode(errors="replace")
            raise LabStateError(
                "nftables refused a script: {said}",
                remedy="Run drill doctor; if it finds nothing wrong, please report this",
                said=said.strip().splitlines()[0] if said.strip() else Message("no reason given"),
            )
        return (self._library.nft_ctx_get_output_buffer(self._context) or b"").decode()

    def read(self, command: str) -> list[dict[str, Any]]:
        """What a list command prints, as objects of libnftables-json(5)."""
        before = self._library.nft_ctx_output_get_flags(self._context)
        self._library.nft_ctx_output_set_flags(self._context, NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_HANDLE)
        try:
            found: list[dict[str, Any]] = json.loads(self.run(command))["nftables"]
            return found
        finally:
            self._library.nft_ctx_output_set_flags(self._context, before)


@cache
def load_library() -> ctypes.CDLL:
    """
    The library, with the types of its functions.

    Raises:
        MissingToolError: It is not installed.
    """
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        raise MissingToolError(
            "nftables is not installed (no libnftables.so.1)", remedy="On Debian or Ubuntu: apt-get install nftables"
        ) from None
    library.nft_ctx_new.restype = ctypes.c_void_p
    for name in ("nft_ctx_buffer_error", "nft_ctx_buffer_output", "nft_ctx_free"):
        getattr(library, name).argtypes = [ctypes.c_void_p]
    library.nft_run_cmd_from_buffer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    for name in ("nft_ctx_get_error_buffer", "nft_ctx_get_output_buffer"):
        getattr(library, name).argtypes = [ctypes.c_void_p]
        getattr(library, name).restype = ctypes.c_char_p
    library.nft_ctx_output_get_flags.argtypes = [ctypes.c_void_p]
    library.nft_ctx_output_set_flags.argtypes = [ctypes.c_void_p, ctypes.c_uint]
    return library
