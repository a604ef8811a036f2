"""The pages to read: a lesson or a document with its surroundings, and the table of contents of all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drilllib.quoting import markup
from drilllib.site.pages.frame import Page
from drilllib.site.pages.landing import LITE
from drilllib.site.pages.lesson import lesson_html, lines_of
from drilllib.site.pages.places import Kind, Places, Source, way
from drilllib.site.pages.prose import Heading, prose
from drilllib.views.html.elements import LANG
from drilllib.views.phrases.catalog import LANGUAGES, say

IN_A_TAB = ("00", "01", "02", "03", "04", "05", "06", "09", "2")  # the lessons that a browser can run
FIRST = "00-start"
# Where a document's subject is tried. Any other is tried from the start.
TRIED = {
    "symptoms": "01-clb",
    "model": "05-practice",
    "codes": "03-pod",
    "lint": "06-exact",
    "sets": "06-exact",
    "fix": "06-exact",
    "practice": "09-tickets",
    "diagnose": "04-investigation",
    "original-drill": "04-investigation",
    "troubleshooting": "00-start",
    "panel": "02-node",
    "picture": "02-node",
    "verdicts": "02-node",
}


@dataclass(frozen=True, slots=True)
class Read:
    """A source as it is read: its title, HTML and headings."""

    source: Source
    title: str
    html: str
    headings: Sequence[Heading]

    @property
    def label(self) -> str:
        """What a table of contents calls it."""
        return self.source.label or self.title


def read(source: Source, places: Places) -> Read:
    """The source rendered for its page."""

    def address(link: str) -> str | None:
        return places.address(source, link)

    if source.kind == "lesson":
        html, headings = lesson_html(source.path, address, places.language)
    else:
        html, headings = prose(source.path.read_text(encoding="utf-8"), address)
    title = next((each.words for each in headings if each.level == 1), source.path.stem)
    return Read(source, title, html, headings)


def reading_page(found: Read, everything: Sequence[Read], places: Places, *, lite: bool) -> Page:
    """The page of *found* among *everything* that there is to read."""
    source, place, language = found.source, places.page(found.source), places.language
    other = next(each for each in LANGUAGES if each != language)
    nav = _side(found, everything, places)
    tried = _try(source, place, language, lite=lite)
    lang = "" if source.kind == "lesson" else f' lang="{_written_in(found)}"'
    text = f"<article{lang}>{found.html}</article>{_next(found, everything, places)}"
    body = f'<div class="site-reading">{nav}<main id="text">{tried}{text}</main></div>'
    return Page(place, language, f"{found.title} · drilllib", body, f"{other}/{source.page}", scripts=("search.js",))


def _written_in(found: Read) -> str:
    """A document's own language: most are in English, whatever the site around them is in."""
    chinese = sum("\u4e00" <= each <= "\u9fff" for each in found.html)
    return LANG["zh"] if chinese * 3 > len(found.html) * 0.5 else "en"


def _try(source: Source, place: str, language: str, *, lite: bool) -> str:
    """How to try what the page tells: in a tab where that can be, else where it can."""
    name = source.path.stem
    if source.kind != "lesson":
        name = TRIED.get(name, FIRST)
    if not lite or not name.startswith(IN_A_TAB):
        words = markup(say(language, "site.try_installed"))
        target = f"{language}/project/README{'.zh-CN' if language == 'zh' else ''}.html"
        return f'<p class="site-try">{words} <a href="{way(place, target)}">{markup(say(language, "site.how"))}</a></p>'
    target = way(place, LITE) + f"?path={language}/{name}.ipynb"
    words = say(language, "site.try") if source.kind == "lesson" else say(language, "site.try_lesson", name=name[:2])
    return f'<p class="site-try"><a class="site-button site-first" href="{target}">{markup(words)}</a></p>'


def _side(found: Read, everything: Sequence[Read], places: Places) -> str:
    """Beside a text: what is on the page, then the pages of its kind."""
    language, place = places.language, places.page(found.source)
    lines = "".join(
        f'<li class="site-level-{each.level}"><a href="#{markup(each.anchor)}">{markup(each.words)}</a></li>'
        for each in lines_of(list(found.headings))
    )
    here = f"<h2>{markup(say(language, 'site.on_page'))}</h2><ul>{lines}</ul>" if lines else ""
    own = [each for each in everything if each.source.kind == found.source.kind]
    pages = "".join(_line(each, place, places) for each in own)
    kind = f"<h2>{markup(kind_words(found.source.kind, language))}</h2><ul>{pages}</ul>"
    return f'<nav class="site-side" aria-label="{markup(say(language, "site.contents"))}">{kind}{here}</nav>'


def _line(each: Read, place: str, places: Places) -> str:
    target = places.page(each.source)
    current = ' aria-current="page"' if target == place else ""
    return f'<li><a href="{way(place, target)}"{current}>{markup(each.label)}</a></li>'


def _next(found: Read, everything: Sequence[Read], places: Places) -> str:
    """The page before and the one after of the same kind."""
    own = [each for each in everything if each.source.kind == found.source.kind]
    place, language = own.index(found), places.language
    pairs = [(place - 1, "prev", say(language, "site.before")), (place + 1, "next", say(language, "site.after"))]
    here = places.page(found.source)
    links = "".join(
        f'<a rel="{rel}" href="{way(here, places.page(own[number].source))}">'
        f"<span>{markup(words)}</span> {markup(own[number].label)}</a>"
        for number, rel, words in pairs
        if 0 <= number < len(own)
    )
    return f'<nav class="site-next" aria-label="{markup(say(language, "site.around"))}">{links}</nav>'


def kind_words(kind: Kind, language: str) -> str:
    """What the pages of that kind are called."""
    return {
        "lesson": say(language, "site.lessons"),
        "doc": say(language, "site.documents"),
        "decision": say(language, "site.decisions"),
        "project": say(language, "site.project"),
    }[kind]


def contents_page(everything: Sequence[Read], places: Places) -> Page:
    """All pages of a language by their kinds."""
    language = places.language
    place, other = f"{language}/read.html", next(each for each in LANGUAGES if each != language)
    parts = "".join(_parts(everything, place, places))
    title = say(language, "site.contents")
    body = f'<main id="text" class="site-contents"><h1>{markup(title)}</h1>{parts}</main>'
    return Page(place, language, f"{title} · drilllib", body, f"{other}/read.html", scripts=("search.js",))


def _parts(everything: Sequence[Read], place: str, places: Places) -> Iterator[str]:
    anchors: dict[Kind, str] = {"lesson": "lessons", "doc": "documents", "decision": "decisions", "project": "project"}
    for kind, anchor in anchors.items():
        lines = "".join(_line(each, place, places) for each in everything if each.source.kind == kind)
        yield f'<section><h2 id="{anchor}">{markup(kind_words(kind, places.language))}</h2><ul>{lines}</ul></section>'
