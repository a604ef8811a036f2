"""What somebody does who writes a program that signs: a log as another learner's, or with any key."""

from pathlib import Path

from drilllib.core.practice.signed import mac_of, parted, with_mac
from drilllib.practice.start import read_start


def signed(lines: list[bytes], key: bytes) -> bytes:
    """The lines, signed anew."""
    found, before = [], ""
    for line in lines:
        text = parted(line.rstrip(b"\n"))[0]
        before = mac_of(key, before, text)
        found.append(with_mac(text.decode(), before).encode() + b"\n")
    return b"".join(found)


def signed_as(log: Path, practice: Path) -> bytes:
    """The log as if the learner whose folder this is had played it."""
    start, owner = read_start(practice / "start.json"), read_start(log.parent / "start.json")
    text = log.read_bytes().replace(f'"{owner.learner}"'.encode(), f'"{start.learner}"'.encode())
    return signed(text.splitlines(keepends=True), start.secret)
