"""Markdown of the project as HTML: headings with their anchors, links that stay alive, code in colours."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape

import mistune
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from drilllib.quoting import markup

Address = Callable[[str], str | None]  # what a link becomes; None where it leads nowhere here
_TAGS = re.compile(r"<[^>]*>")
_COLOURED = ("python", "yaml", "json", "toml", "hcl", "sh", "bash")
_FORMAT = HtmlFormatter(nowrap=True, classprefix="c-")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a text, from 1, with the anchor that leads to it."""

    level: int
    words: str
    anchor: str


def prose(text: str, address: Address) -> tuple[str, list[Heading]]:
    """A Markdown *text* as HTML, and its headings."""
    return Prose(address).add(text)


class Prose:
    """Texts of one page, whose anchors differ: where two headings say the same, the second ends in ``-1``."""

    def __init__(self, address: Address) -> None:
        self._renderer = _Renderer(address)
        self._make = mistune.create_markdown(renderer=self._renderer, plugins=["table", "strikethrough"])

    def add(self, text: str) -> tuple[str, list[Heading]]:
        """The next text as HTML, and its headings."""
        self._renderer.headings = []
        made = str(self._make(text))
        return made, self._renderer.headings


def plain(html: str) -> str:
    """The words of some HTML, on one line."""
    return " ".join(unescape(_TAGS.sub(" ", html)).split())


def anchor_of(words: str) -> str:
    """As GitHub makes it: lower case, no punctuation, dashes for blanks."""
    return re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")


def code_html(code: str, language: str = "") -> str:
    """Code as a block that keeps its lines and scrolls, by keys too."""
    return f'<pre tabindex="0"><code>{_coloured(code, language)}</code></pre>\n'


def _coloured(code: str, language: str) -> str:
    if language in _COLOURED:
        try:
            return str(highlight(code, get_lexer_by_name(language), _FORMAT)).rstrip("\n")
        except ClassNotFound:
            pass
    return markup(code.rstrip("\n"))


class _Renderer(mistune.HTMLRenderer):
    """mistune's, with our addresses and anchors. Our own documents are what it reads, so their HTML passes."""

    def __init__(self, address: Address) -> None:
        super().__init__(escape=False)
        self._address, self.headings = address, list[Heading]()
        self._anchors = _anchors()

    def heading(self, text: str, level: int, **_: object) -> str:
        words = unescape(_TAGS.sub("", text))
        found = Heading(level, words, self._anchors(anchor_of(words)))
        self.headings.append(found)
        return f'<h{level} id="{markup(found.anchor)}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        found = self._address(unescape(url))
        if found is None:
            return f'<span class="site-elsewhere" title="{markup(unescape(url))}">{text}</span>'
        return f'<a href="{markup(found)}">{text}</a>'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        found = self._address(unescape(url)) or ""
        return f'<img src="{markup(found)}" alt="{markup(plain(text))}" loading="lazy">'

    def block_code(self, code: str, info: str | None = None) -> str:
        return code_html(code, (info or "").strip())

    def table_head(self, text: str) -> str:
        """Without words it is only what Markdown asks for, and would be read out as empty."""
        return f"<thead><tr>{text}</tr></thead>" if plain(text) else ""

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        return f"<th>{text}</th>" if head and text else f"<td>{text}</td>"

    def table(self, text: str) -> str:
        return f'<div class="site-scroll" tabindex="0"><table>{text}</table></div>\n'


def _anchors() -> Callable[[str], str]:
    """What makes each of them the only one of its page."""
    seen: dict[str, int] = {}

    def only(anchor: str) -> str:
        seen[anchor] = seen.get(anchor, -1) + 1
        return f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor

    return only


def sections(html: str, title: str) -> Iterator[tuple[str, str, str]]:
    """What stands under each heading of a page's *html*: the heading (first *title*), its anchor, its words."""
    parts = re.split(r'<h[1-4] id="([^"]*)">(.*?)</h[1-4]>', html, flags=re.DOTALL)
    yield title, "", plain(parts[0])
    for place in range(1, len(parts), 3):
        anchor, words, inside = parts[place : place + 3]
        yield plain(words), unescape(anchor), plain(inside)
