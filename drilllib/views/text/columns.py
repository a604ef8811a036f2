"""Text in columns of a terminal, where East Asian wide characters take two."""

import unicodedata


def columns(text: str) -> int:
    """The width of *text* in terminal columns."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def padded(text: str, width: int) -> str:
    """*text*, padded with spaces to *width* columns."""
    return text + " " * max(0, width - columns(text))
