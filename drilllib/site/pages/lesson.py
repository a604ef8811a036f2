"""A lesson's notebook as a page: its texts, its code, and what the code showed when the notebook was built."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from drilllib.quoting import markup
from drilllib.site.pages.prose import Address, Heading, Prose, code_html
from drilllib.views.phrases.catalog import say

_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_LESSON = re.compile(r'href="([\w-]+)\.ipynb"')
_ID = re.compile(r'(<(?:g|svg|a)\b[^>]*?) id="[^"]*"')
_COLOUR = re.compile(r"\x1b\[[\d;]*m")


def lesson_html(path: Path, address: Address, language: str) -> tuple[str, list[Heading]]:
    """The notebook at *path* as HTML, and its headings."""
    texts, headings, parts = Prose(address), list[Heading](), list[str]()
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            made, found = texts.add(source)
            headings += found
            parts.append(made)
        elif cell["cell_type"] == "code":
            parts.append(_code(cell, source, language))
    return "".join(parts), headings


def _code(cell: Mapping[str, Any], source: str, language: str) -> str:
    shown = "".join(_shown(each) for each in cell["outputs"])
    output = f'<div class="site-output">{shown}</div>' if shown else ""
    label = markup(say(language, "site.cell"))
    return f'<div class="site-cell" role="group" aria-label="{label}">{code_html(source, "python")}{output}</div>\n'


def _shown(output: Mapping[str, Any]) -> str:
    """What a reader sees of an output: its page or picture, else its text."""
    data = output.get("data", {})
    if page := "".join(data.get("text/html", "")):
        return _bare(page)
    if picture := "".join(data.get("image/svg+xml", "")):
        drawn = _ID.sub(r"\1", picture)
        return f'<div class="site-scroll" tabindex="0">{drawn}</div>'
    text = "".join(data.get("text/plain", output.get("text", output.get("traceback", ""))))
    return code_html(_COLOUR.sub("", text)) if text.strip() else ""


def _bare(page: str) -> str:
    """Without its style sheet, of which the site's has a copy that knows the dark; other lessons are pages here."""
    linked = _LESSON.sub(r'href="\1.html"', _STYLE.sub("", page))
    return f'<div class="site-scroll" tabindex="0">{linked}</div>'


def lines_of(headings: list[Heading]) -> Iterator[Heading]:
    """The headings that a table of contents lists."""
    return (each for each in headings if each.level in (2, 3))
