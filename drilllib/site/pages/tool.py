"""
The engineer's page: what was saved of a cluster is pasted or dropped in, and diagnosed in the page itself.

The engine is this project's own, in a Python that the site brings along (lite/); it is loaded when somebody begins. A
policy in the page keeps the browser from asking any other server, and no form of it can be sent.
"""

import json
from collections.abc import Iterator

from drilllib.core.capture.asks import Wanted
from drilllib.core.capture.saved import assembled_files
from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.quoting import markup
from drilllib.site.pages.frame import Page
from drilllib.site.pages.places import way
from drilllib.views.phrases.catalog import LANGUAGES, say
from drilllib.views.text.assemble import commands_text

NAME = "tool.html"
PYODIDE = "lite/static/pyodide/"
EXAMPLE = "group-2"
_POLICY = (
    "default-src 'none'; script-src 'self' blob: 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-src 'self'; form-action 'none'; base-uri 'none'"
)


def tool_page(language: str, *, lite: bool) -> Page:
    """The page of that language; *lite* says whether the site brings Python along. Without, it says what to type."""
    place, other = f"{language}/{NAME}", next(each for each in LANGUAGES if each != language)
    title = say(language, "site.tool")
    form = "".join(_form(language, place)) if lite else ""
    head = f'<h1>{markup(title)}</h1><p class="site-lead">{markup(say(language, "site.tool_lead"))}</p>'
    body = f'<main id="text" class="site-tool">{head}{form}<article>{"".join(_parts(language, place))}</article></main>'
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">' if lite else ""
    scripts = ("path.js", "tool.js", "search.js") if lite else ("search.js",)
    sheet = f'<link rel="stylesheet" href="{way(place, "assets/path.css")}">' if lite else ""
    return Page(place, language, f"{title} · drilllib", body, f"{other}/{NAME}", head=policy + sheet, scripts=scripts)


def _form(language: str, place: str) -> Iterator[str]:
    """What is filled in, and where the answer comes; a script shows it, without which it could do nothing."""

    def words(key: str) -> str:
        return markup(_words(language)[key])

    yield f'<noscript><p class="site-note">{words("no_script")}</p></noscript>'
    yield f'<p class="site-note">{words("private")}</p><form class="site-ask" hidden>'
    yield f'<label for="pasted">{words("paste")}</label><textarea id="pasted" rows="8" spellcheck="false"></textarea>'
    yield (
        f'<div class="site-ways"><label class="site-button" for="chosen">{words("choose")}</label>'
        f'<input id="chosen" type="file" multiple><button type="button" class="site-button" id="example">'
        f'{words("example")}</button></div><ul class="site-files" aria-label="{words("files")}"></ul>'
    )
    yield f'<div class="site-fields"><label>{words("client")}<input id="clients" placeholder="{CLIENT}"></label>'
    yield f'<label>{words("service")}<input id="service" list="services" placeholder="{SERVICE}"></label></div>'
    yield '<datalist id="services"></datalist>'
    yield f'<button type="submit" class="site-button site-first">{words("ask")}</button></form>'
    yield '<p class="site-status" role="status"></p><progress class="site-progress" hidden></progress>'
    yield f'<section class="site-answer" hidden aria-label="{words("answer")}"></section>'
    yield f'<script type="application/json" id="tool">{_data(language, place)}</script>'


def _data(language: str, place: str) -> str:
    """What the script needs: its words, the example, and where Python is."""
    snapshot = open_fault(EXAMPLE).to_dict()
    data = {
        "language": language,
        "words": _words(language),
        "python": way(place, PYODIDE) + "/",
        "worker": way(place, "assets/tool_worker.js"),
        "example": {"client": CLIENT, "service": SERVICE, "text": json.dumps(snapshot, indent=1)},
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _words(language: str) -> dict[str, str]:
    return {
        "no_script": say(language, "tool.no_script"),
        "private": say(language, "tool.private"),
        "paste": say(language, "tool.paste"),
        "choose": say(language, "tool.choose"),
        "example": say(language, "tool.example"),
        "files": say(language, "tool.files"),
        "remove": say(language, "tool.remove", name="{name}"),
        "client": say(language, "tool.client"),
        "service": say(language, "tool.service"),
        "ask": say(language, "tool.ask"),
        "answer": say(language, "tool.answer"),
        "loading": say(language, "tool.loading"),
        "reading": say(language, "tool.reading"),
        "done": say(language, "tool.done"),
        "which": say(language, "tool.which", names="{names}"),
        "no_service": say(language, "tool.no_service"),
        "from_disk": say(language, "tool.from_disk"),
        "failed": say(language, "tool.failed"),
        "bug": say(language, "tool.bug"),
        "understood": say(language, "tool.understood"),
        "save_page": say(language, "tool.save_page"),
        "save_snapshot": say(language, "tool.save_snapshot"),
        "pasted": say(language, "tool.pasted"),
    }


def _parts(language: str, place: str) -> Iterator[str]:
    yield f"<h2>{markup(say(language, 'site.tool_save'))}</h2><p>{markup(say(language, 'site.tool_saved'))}</p>"
    yield f'<pre tabindex="0"><code>{markup(_first_commands(language))}</code></pre>'
    links = (("assemble", say(language, "site.tool_assemble")), ("diagnose", say(language, "site.command")))
    listed = (f'<a href="{way(place, f"{language}/docs/{name}.html")}">{markup(words)}</a>' for name, words in links)
    yield f"<ul>{''.join(f'<li>{each}</li>' for each in listed)}</ul>"


def _first_commands(language: str) -> str:
    """The commands that `drill assemble` prints before it has any file."""
    return commands_text(assembled_files({}, Wanted(service=SERVICE)), language)
