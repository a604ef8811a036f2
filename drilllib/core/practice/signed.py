"""
Signed lines of an attempt's log: each carries a MAC of itself and of the MAC before it, so that they make a chain.

A line that is edited, left out, moved or repeated breaks the chain from there on. What is left out at the end does not:
the log is then that of an attempt which went no further. Whoever has the key can sign whatever he likes.

Source: HMAC-SHA-256, RFC 2104 and FIPS 198-1.
"""

import hmac
import re
from collections.abc import Iterable

_MAC = re.compile(rb', "mac": "([0-9a-f]{64})"\}\n?\Z')


def mac_of(key: bytes, before: str, text: bytes) -> str:
    """The MAC of a line's *text*, which is without it; *before* is that of the line before, empty for the first."""
    return hmac.digest(key, before.encode("ascii") + b"\n" + text, "sha256").hex()


def with_mac(text: str, mac: str) -> str:
    """A line's text, which ends an object of JSON, with its MAC as the last member."""
    return f'{text[:-1]}, "mac": "{mac}"}}'


def parted(line: bytes) -> tuple[bytes, str]:
    """A line's text as it was before it was signed, and its MAC; the MAC is empty where it has none."""
    found = _MAC.search(line)
    return (line[: found.start()] + b"}", found[1].decode("ascii")) if found else (line, "")


def first_broken(key: bytes, lines: Iterable[bytes]) -> int | None:
    """The place, from 0, of the first line that is not as it was signed in this chain; None where all are."""
    before = ""
    for place, line in enumerate(lines):
        text, mac = parted(line)
        if not hmac.compare_digest(mac, mac_of(key, before, text)):
            return place
        before = mac
    return None
