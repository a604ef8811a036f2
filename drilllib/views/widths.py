"""How wide a text is drawn, for writers that cannot ask a font."""

import unicodedata


def ems(text: str) -> float:
    """About how many ems: a wide (East Asian) character is one, a capital about two thirds, others over half."""
    return sum(map(_ems, text))


def _ems(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return 0.66 if character.isupper() else 0.54
