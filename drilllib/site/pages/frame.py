"""What every page has around its text: head, the site's header and footer, the other language, light and dark."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from drilllib.quoting import markup
from drilllib.site.pages.places import way
from drilllib.views.html.elements import LANG
from drilllib.views.panel.assets import style
from drilllib.views.phrases.catalog import LANGUAGES, say

ASSETS = Path(__file__).parent / "assets"
_DARK = re.compile(r":is\(\[data-jp-theme-light[^{]*\.drill \{([^}]*)\}")
_LONE = {"zh": "zh/index.html", "en": "index.html"}  # the landing pages


@dataclass(frozen=True, slots=True)
class Page:
    """
    A page: *place* from the site's root, *body* its HTML between header and footer, *wide* where it fills the window.

    *switch* is the same page in the other language; *head* more for the head; *scripts* of assets/, run at the end.
    """

    place: str
    language: str
    title: str
    body: str
    switch: str
    head: str = ""
    scripts: Sequence[str] = ()

    def way(self, target: str) -> str:
        """The relative address of *target* here."""
        return way(self.place, target)


def landing(language: str) -> str:
    """The landing page of a language, from the site's root."""
    return _LONE[language]


def page_html(page: Page) -> str:
    """The whole page, from the doctype on."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="referrer" content="no-referrer"><title>{markup(page.title)}</title>'
        f'<link rel="icon" href="data:,"><link rel="stylesheet" href="{page.way("assets/site.css")}">{page.head}'
    )
    scripts = "".join(f'<script src="{page.way(f"assets/{name}")}"></script>' for name in page.scripts)
    skip = f'<a class="site-skip" href="#text">{markup(say(page.language, "site.skip"))}</a>'
    body = f'<body class="drill">{skip}{_header(page)}{page.body}{_footer(page)}{scripts}</body>'
    lang = LANG.get(page.language, page.language)
    return f'<!doctype html>\n<html lang="{lang}"><head>{head}</head>{body}</html>\n'


def _header(page: Page) -> str:
    language, other = page.language, next(each for each in LANGUAGES if each != page.language)
    links = (
        (f"{language}/read.html", say(language, "site.read")),
        (f"{language}/tool.html", say(language, "site.tool")),
    )
    nav = "".join(f'<a href="{page.way(place)}"{_current(page, place)}>{markup(words)}</a>' for place, words in links)
    name = markup(say(other, "site.language"))
    switch = f'<a class="site-switch" lang="{LANG.get(other, other)}" href="{page.way(page.switch)}">{name}</a>'
    home = f'<a class="site-home" href="{page.way(landing(language))}">drilllib</a>'
    search = f'<div class="site-search" data-index="{page.way(f"{language}/search.js")}" {_search_words(page)}></div>'
    return f'<header class="site-head">{home}<nav aria-label="{markup(say(language, "site.nav"))}">{nav}</nav>' + (
        f"{search}{switch}</header>"
    )


def _current(page: Page, place: str) -> str:
    return ' aria-current="page"' if page.place == place else ""


def _search_words(page: Page) -> str:
    """What the search box says; the box itself is made by search.js, without which it could do nothing."""
    words = {
        "label": say(page.language, "site.search"),
        "none": say(page.language, "site.search_none"),
        "base": page.way(page.language) + "/",
    }
    return " ".join(f'data-{name}="{markup(text)}"' for name, text in words.items())


def _footer(page: Page) -> str:
    return f'<footer class="site-foot">{markup(say(page.language, "site.foot"))}</footer>'


@cache
def site_style() -> str:
    """The style sheet of all pages: the panel's tokens, dark where the reader's system is, and ours."""
    tokens = style("tokens.css")
    dark = _DARK.search(tokens)
    scheme = f"@media screen and (prefers-color-scheme: dark) {{ .drill {{{dark[1]}}} }}\n" if dark else ""
    shared = style("base.css", "tables.css", "repair.css", "button.css")
    own = (ASSETS / "site.css").read_text(encoding="utf-8")
    return f"{tokens}\n{scheme}{shared}\n{own}"
