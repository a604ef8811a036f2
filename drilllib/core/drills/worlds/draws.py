"""Draws that are the same on every machine and every Python: arithmetic on `random()`, which is promised to stay."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")
_DIGITS = "0123456789abcdef"


class Draws:
    """
    One stream of draws, begun by a *name*.

    What is drawn for another purpose has another name, and so a stream of its own: a draw more here changes nothing
    there.
    """

    def __init__(self, name: str) -> None:
        self._random = Random(name)

    def below(self, end: int) -> int:
        """A whole number from 0 to *end* - 1."""
        return int(self._random.random() * end)

    def chance(self, share: float) -> bool:
        """True in that share of the draws."""
        return self._random.random() < share

    def one(self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[self.below(len(choices))]

    def some(self, choices: Sequence[T], count: int) -> list[T]:
        """So many different ones of the choices, all of them where there are fewer, in the order drawn."""
        left = list(choices)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]

    def identity(self) -> str:
        """Eight hexadecimal digits, as the vendor's ids end."""
        return "".join(self.one(_DIGITS) for _ in range(8))
