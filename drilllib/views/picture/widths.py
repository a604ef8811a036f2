"""How wide a text is drawn, for writers that cannot ask a font."""

import unicodedata

NOTEBOOK = 720  # pixels that a page of JupyterLab leaves an output on a laptop, its file browser open


def ems(text: str) -> float:
    """About how many ems: a wide (East Asian) character is one, a capital about two thirds, others over half."""
    return sum(map(_ems, text))


def _ems(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return 0.66 if character.isupper() else 0.54


def fitted(width: float, height: float) -> tuple[int, int]:
    """The size of a picture in pixels, made smaller where it is wider than a notebook shows at once."""
    scale = min(1.0, NOTEBOOK / width)
    return round(width * scale), round(height * scale)
