"""
What the learner has done in a browser tab, as one file: saved here, taken in on another machine.

JupyterLite keeps it in the browser's own store, by paths; the page reads and writes that store and asks no server.
"""

import json
from collections.abc import Iterator

from drilllib.quoting import markup
from drilllib.site.pages.frame import Page
from drilllib.site.pages.places import way
from drilllib.views.phrases.catalog import LANGUAGES, say

NAME = "work.html"
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'none'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; form-action 'none'; base-uri 'none'"
)


def work_page(language: str) -> Page:
    """The page of that language, of a site with the lessons that run in a tab."""
    place, other = f"{language}/{NAME}", next(each for each in LANGUAGES if each != language)
    title = say(language, "site.work")
    lead = f'<h1>{markup(title)}</h1><p class="site-lead">{markup(say(language, "work.lead"))}</p>'
    body = f'<main id="text" class="site-tool">{lead}{"".join(_parts(language, place))}</main>'
    head = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    switch = f"{other}/{NAME}"
    return Page(place, language, f"{title} · drilllib", body, switch, head=head, scripts=("work.js", "search.js"))


def _parts(language: str, place: str) -> Iterator[str]:
    words = _words(language)
    yield f'<noscript><p class="site-note">{markup(say(language, "tool.no_script"))}</p></noscript>'
    yield f'<p class="site-note">{markup(say(language, "work.note"))}</p>'
    yield '<p id="kept" role="status"></p><div class="site-ways">'
    yield f'<button type="button" class="site-button site-first" id="save" hidden>{markup(words["save"])}</button>'
    yield f'</div><div class="site-ask" hidden><h2>{markup(words["other"])}</h2><div class="site-ways">'
    yield f'<label class="site-button" for="chosen">{markup(words["choose"])}</label><input id="chosen" type="file">'
    yield '</div></div><p class="site-status" role="status"></p><ul id="differ"></ul><div class="site-ways">'
    yield f'<button type="button" class="site-button" id="replace" hidden>{markup(words["replace"])}</button></div>'
    data = {"words": words, "lite": way(place, "lite") + "/"}
    told = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    yield f'<script type="application/json" id="work">{told}</script>'


def _words(language: str) -> dict[str, str]:
    return {
        "save": say(language, "work.save"),
        "other": say(language, "work.other"),
        "choose": say(language, "work.choose"),
        "replace": say(language, "work.replace"),
        "kept": say(language, "work.kept", number="{number}"),
        "nothing": say(language, "work.nothing"),
        "taken": say(language, "work.taken", number="{number}"),
        "differ": say(language, "work.differ", number="{number}"),
        "no_work": say(language, "work.no_work", name="{name}"),
        "store": say(language, "work.store", reason="{reason}"),
        "from_disk": say(language, "work.from_disk"),
    }
