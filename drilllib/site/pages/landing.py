"""The landing page: what it is in a sentence, a packet that is stopped, and four ways on."""

import json
import re
from collections.abc import Iterator

from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from drilllib.quoting import markup
from drilllib.site.pages.frame import Page, landing
from drilllib.site.pages.places import way
from drilllib.site.pages.work import NAME as WORK
from drilllib.views.panel.assets import script, style
from drilllib.views.panel.path_state import SCRIPTS, path_state, path_words
from drilllib.views.phrases.catalog import say
from drilllib.views.shown import shown_path

LITE = "lite/lab/index.html"
FAULT = "group-2"
_CHOOSE = (  # Chinese readers of the root go on to the Chinese page, unless they came from there
    '<script>if(location.hash!=="#en"&&/^zh/i.test((navigator.languages||[navigator.language])[0]||""))'
    'location.replace("zh/index.html")</script>'
)


def landing_page(language: str, *, lite: bool) -> Page:
    """The page of that language; *lite* says whether the lessons that run in a tab are there to start."""
    place = landing(language)
    head, body = _CHOOSE if place == "index.html" else "", "".join(_parts(language, place, lite=lite))
    other = "index.html#en" if language == "zh" else landing("zh")
    title = say(language, "site.title")
    main = f'<main id="text" class="site-landing">{body}</main>'
    return Page(place, language, title, main, other, head=head, scripts=("path.js", "landing.js", "search.js"))


def landing_files() -> dict[str, str]:
    """The scripts and the sheet of the picture that plays: the panel's own."""
    scripts = script(*SCRIPTS).replace("export default { render };", "window.drillPath = render;")
    return {"assets/path.js": f"(() => {{\n{scripts}\n}})();\n", "assets/path.css": style("path.css", "forced.css")}


def _parts(language: str, place: str, *, lite: bool) -> Iterator[str]:
    def to(target: str) -> str:
        return way(place, target)

    yield f"<h1>{_whole_phrases(say(language, 'site.title'))}</h1>"
    yield f'<p class="site-lead">{markup(say(language, "site.lead"))}</p>'
    start = f"{LITE}?path={language}/00-start.ipynb" if lite else f"{language}/project/{_readme(language)}"
    words = say(language, "site.start") if lite else say(language, "site.install")
    read = say(language, "site.read_first")
    yield f'<p class="site-ways"><a class="site-button site-first" href="{to(start)}">{markup(words)}</a>' + (
        f'<a class="site-button" href="{to(f"{language}/lessons/00-start.html")}">{markup(read)}</a></p>'
    )
    yield _picture(language, to("assets/path.css"))
    yield f'<div class="site-cards">{"".join(_cards(language, place, lite=lite))}</div>'


def _whole_phrases(text: str) -> str:
    """A Chinese title breaks behind its commas, not within a phrase."""
    return "".join(f'<span class="site-whole">{markup(each)}</span>' for each in re.split("(?<=，)", text))


def _readme(language: str) -> str:
    return "README.zh-CN.html" if language == "zh" else "README.html"


def _picture(language: str, sheet: str) -> str:
    """The drawing and, for the script that makes it play, what the panel's page is given."""
    shown = _example()
    state = {"state": path_state(shown, language), "words": path_words(language)}
    data = json.dumps(state, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    drawn = shown_path(shown, language)
    still = drawn.svg or f"<pre>{markup(drawn.text)}</pre>"
    caption = markup(say(language, "site.picture"))
    return (
        f'<link rel="stylesheet" href="{sheet}"><figure class="site-picture"><div id="picture">{still}</div>'
        f'<figcaption>{caption}</figcaption></figure><script type="application/json" id="path">{data}</script>'
    )


def _example() -> Trace:
    return trace(open_fault(FAULT), Question(client=CLIENT, service=SERVICE))


def _cards(language: str, place: str, *, lite: bool) -> Iterator[str]:
    start = say(language, "site.card_start") if lite else say(language, "site.card_install")
    lesson = f"{LITE}?path={language}/09-tickets.ipynb" if lite else f"{language}/docs/practice.html"
    ways = [(lesson, say(language, "site.practise"))]
    if lite:
        ways.append((f"{language}/{WORK}", say(language, "site.work")))
    cards = (
        (say(language, "site.start_head"), start, tuple(ways)),
        (say(language, "site.read"), say(language, "site.card_read"), _reading(language)),
        (say(language, "site.engineers"), say(language, "site.card_engineers"), _engineers(language)),
        (say(language, "site.teachers"), say(language, "site.card_teachers"), _teachers(language)),
    )
    for title, text, links in cards:
        listed = "".join(f'<li><a href="{way(place, target)}">{markup(words)}</a></li>' for target, words in links)
        yield f"<section><h2>{markup(title)}</h2><p>{markup(text)}</p><ul>{listed}</ul></section>"


def _reading(language: str) -> tuple[tuple[str, str], ...]:
    return (
        (f"{language}/read.html", say(language, "site.contents")),
        (f"{language}/docs/symptoms.html", say(language, "site.symptoms")),
    )


def _engineers(language: str) -> tuple[tuple[str, str], ...]:
    return (
        (f"{language}/tool.html", say(language, "site.tool")),
        (f"{language}/docs/diagnose.html", say(language, "site.command")),
    )


def _teachers(language: str) -> tuple[tuple[str, str], ...]:
    return (
        (f"{language}/docs/site.html", say(language, "site.host")),
        (f"{language}/docs/practice.html", say(language, "site.write_drill")),
    )
