"""Approximate widths of text, without font metrics."""

import re
import unicodedata


def ems(text: str) -> float:
    """The approximate width in ems: 1 for a wide (East Asian) character, 0.66 for a capital, 0.54 otherwise."""
    return sum(map(_ems, text))


def _ems(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return 0.66 if character.isupper() else 0.54


def wrapped(text: str, most: float) -> list[str]:
    """*text* in lines of at most *most* ems, broken between words and Chinese characters; a longer word stays whole."""
    lines = [""]
    for piece in re.findall(r"[^\s\u2e80-\uffef]+\s*|[\u2e80-\uffef]\s*|\s+", text):
        if lines[-1] and ems(lines[-1] + piece.rstrip()) > most and piece[0] not in "，。；、：）":
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]
