"""Text tables, times in words, and the one way anything here is timed."""

from collections.abc import Callable, Iterable, Sequence
from statistics import median
from time import perf_counter
from typing import Any


def seconds_of(work: Callable[[], Any], number: int = 1) -> float:
    """Seconds one call of *work* takes, over *number* calls in a row, the garbage collector running as ever."""
    started = perf_counter()
    for _ in range(number):
        work()
    return (perf_counter() - started) / number


def median_seconds(work: Callable[[], Any], number: int = 1, repeats: int = 9) -> float:
    """The median of *repeats* measurements."""
    return median(seconds_of(work, number) for _ in range(repeats))


def duration(seconds: float) -> str:
    """Three digits and the unit that suits them: ``31.4 ms``."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if abs(seconds) >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print the rows under their columns, the first column to the left and the others to the right."""
    lines = [columns, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for name, *cells in lines:
        numbers = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
        print("  ".join([name.ljust(widths[0]), *numbers]))
    print(flush=True)
