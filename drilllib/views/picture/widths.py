"""Approximate widths of text, without font metrics."""

import unicodedata

NOTEBOOK = 720  # pixels that a page of JupyterLab leaves an output on a laptop, its file browser open


def ems(text: str) -> float:
    """The approximate width in ems: 1 for a wide (East Asian) character, 0.66 for a capital, 0.54 otherwise."""
    return sum(map(_ems, text))


def _ems(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return 0.66 if character.isupper() else 0.54


def fitted(width: float, height: float) -> tuple[int, int]:
    """The size of a picture in pixels, scaled down to the width of a notebook if it is wider."""
    scale = min(1.0, NOTEBOOK / width)
    return round(width * scale), round(height * scale)
