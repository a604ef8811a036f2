"""Where everything stands: a file of the project, the page that shows it, and the way from one page to another."""

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal["lesson", "doc", "decision", "project"]
COPIED = (".json", ".png", ".svg", ".tf", ".toml", ".yaml")  # what a document may link to, beside documents
_FOLDERS = ("docs/", "manifests/", "terraform/")  # of which such files are copied


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the project that becomes a page: *name* from the project's root, *page* from a language's folder."""

    path: Path
    name: str
    page: str
    kind: Kind
    label: str = ""  # in a table of contents; where it is empty, the page's own title


def way(page: str, target: str) -> str:
    """The relative address of *target* on *page*, both from the site's root; *target* may end in ``#place``."""
    place, mark, anchor = target.partition("#")
    return posixpath.relpath(place, posixpath.dirname(page) or ".") + mark + anchor


@dataclass(slots=True)
class Places:
    """The pages of one language, and the other files that they were found to need (`copied`)."""

    root: Path
    language: str
    sources: tuple[Source, ...]
    copied: set[str] = field(default_factory=set)

    def page(self, source: Source) -> str:
        """From the site's root."""
        return f"{self.language}/{source.page}"

    def address(self, source: Source, link: str) -> str | None:
        """What a *link* of that file becomes on its page; None where it leads to what the site does not have."""
        if urlsplit(link).scheme or link.startswith("//"):
            return link
        place, mark, anchor = link.partition("#")
        if not place:
            return link
        target = self._target(posixpath.normpath(posixpath.join(posixpath.dirname(source.name), place)))
        return None if target is None else way(self.page(source), target) + mark + anchor

    def _target(self, name: str) -> str | None:
        """Where the site has the project's file *name*."""
        for each in self.sources:
            if each.name == name:
                return self.page(each)
        if name == "docs/decisions":
            return f"{self.language}/read.html#decisions"
        if name.endswith(COPIED) and name.startswith(_FOLDERS) and (self.root / name).is_file():
            self.copied.add(name)
            return f"files/{name}"
        return None

    def of_kind(self, kind: Kind) -> Iterable[Source]:
        """In their order."""
        return (each for each in self.sources if each.kind == kind)
