"""All pages of the site, written into a folder. Nothing is asked of any network."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from drilllib import files
from drilllib.errors import Message
from drilllib.site.pages.frame import ASSETS, Page, page_html, site_style
from drilllib.site.pages.landing import landing_files, landing_page
from drilllib.site.pages.places import Places
from drilllib.site.pages.prose import sections
from drilllib.site.pages.reading import Read, contents_page, read, reading_page
from drilllib.site.pages.search import Section, index_script
from drilllib.site.pages.texts import project_folder, sources
from drilllib.site.pages.tool import tool_page
from drilllib.site.pages.work import work_page
from drilllib.views.phrases.catalog import LANGUAGES

ANOTHER = Message("Name another folder")
SCRIPTS = ("landing.js", "search.js", "tool.js", "tool_worker.js", "work.js")


def build_pages(folder: Path, *, lite: bool) -> int:
    """
    Write the site's pages into *folder*, and say how many; *lite* says whether lite/ has the lessons to start.

    Raises:
        InvalidInputError: The folder cannot be made or written.
        MissingToolError: There are no documents or no notebooks here to make pages of.
    """
    root, pages = project_folder(), 0
    files.make_folder(folder, remedy=ANOTHER)
    for language in LANGUAGES:
        places = Places(root, language, sources(root, language))
        everything = [read(each, places) for each in places.sources]
        for page in _pages(everything, places, lite=lite):
            _write(folder / page.place, page_html(page))
            pages += 1
        _write(folder / language / "search.js", index_script(_sections(everything)))
        for name in sorted(places.copied):
            _copy(root / name, folder / "files" / name)
    _write(folder / "assets" / "site.css", site_style())
    for name, text in {**landing_files(), **{f"assets/{name}": _asset(name) for name in SCRIPTS}}.items():
        _write(folder / name, text)
    return pages


def _pages(everything: Sequence[Read], places: Places, *, lite: bool) -> Iterator[Page]:
    yield landing_page(places.language, lite=lite)
    yield contents_page(everything, places)
    yield tool_page(places.language, lite=lite)
    if lite:
        yield work_page(places.language)
    for each in everything:
        yield reading_page(each, everything, places, lite=lite)


def _sections(everything: Sequence[Read]) -> Iterator[Section]:
    for each in everything:
        for heading, anchor, words in sections(each.html, each.title):
            yield Section(each.source.page + (f"#{anchor}" if anchor else ""), each.title, heading, words)


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    files.make_folder(path.parent, remedy=ANOTHER)
    files.write_atomically(path, text)


def _copy(path: Path, target: Path) -> None:
    files.make_folder(target.parent, remedy=ANOTHER)
    target.write_bytes(path.read_bytes())
