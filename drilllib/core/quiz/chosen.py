"""A choice that looks random and is the same on every machine: by a hash, not by a generator of some version."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import TypeVar

_T = TypeVar("_T")


def some(seed: str, items: Iterable[_T], count: int) -> list[_T]:
    """*count* of the items, or all where there are no more, in the order in which they came."""
    known = list(items)
    ranked = sorted(range(len(known)), key=lambda place: _rank(seed, place, known[place]))
    return [known[place] for place in sorted(ranked[:count])]


def shuffled(seed: str, items: Iterable[_T]) -> list[_T]:
    """All items, in another order."""
    known = list(items)
    return [known[place] for place in sorted(range(len(known)), key=lambda place: _rank(seed, place, known[place]))]


def one(seed: str, items: Sequence[_T]) -> _T:
    """One of the items, of which there must be one."""
    return items[int.from_bytes(sha256(seed.encode()).digest()[:8], "big") % len(items)]


def _rank(seed: str, place: int, item: object) -> bytes:
    return sha256(f"{seed}/{place}/{item}".encode()).digest()
