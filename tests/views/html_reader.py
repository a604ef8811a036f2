"""A page as a reader meets it: its tables with their headers, and its words; what is not well-formed is an error."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "path"}
ALLOWED = {
    *("style", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "code", "b", "br", "p", "ul", "li"),
    *("pre", "details", "summary"),
}
ATTRIBUTES = {"class", "lang", "scope", "tabindex"}


@dataclass
class ReadTable:
    """A table: its caption, its column headers, its rows of texts; *scopes* are those of all headers."""

    caption: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    scopes: list[str | None] = field(default_factory=list)


class Reader(HTMLParser):
    """Reads one page. *texts* are its texts, each with the element it stands in; *marks* are those beside a mark."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tables: list[ReadTable] = []
        self.texts: list[tuple[str, str]] = []
        self.marks: list[str] = []
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "b":
            self.marks.append("")
        elif tag == "table":
            self.tables.append(ReadTable())
        elif tag == "tr":
            self.tables[-1].rows.append([])
        elif tag in ("th", "td"):
            self.tables[-1].rows[-1].append("")
        if tag == "th":
            self.tables[-1].scopes.append(dict(attrs).get("scope"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another"
        if tag == "thead":
            self.tables[-1].columns = self.tables[-1].rows.pop()

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.texts.append((self.open[-1], data))
        if "b" in self.open:
            self.marks[-1] += data
        if "caption" in self.open:
            self.tables[-1].caption += data
        elif "th" in self.open or "td" in self.open:
            self.tables[-1].rows[-1][-1] += data

    def said(self, within: Iterable[str] | None = None) -> str:
        """All texts, or those of these elements, one a line."""
        return "\n".join(text for tag, text in self.texts if within is None or tag in within)
