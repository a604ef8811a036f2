"""The engineer's page: what to save of a cluster, and the answer to it."""

from collections.abc import Iterator

from drilllib.core.capture.asks import Wanted
from drilllib.core.capture.saved import assembled_files
from drilllib.core.drills.default_lab import SERVICE
from drilllib.quoting import markup
from drilllib.site.pages.frame import Page
from drilllib.site.pages.places import way
from drilllib.views.phrases.catalog import LANGUAGES, say
from drilllib.views.text.assemble import commands_text

NAME = "tool.html"


def tool_page(language: str) -> Page:
    """The page of that language."""
    place, other = f"{language}/{NAME}", next(each for each in LANGUAGES if each != language)
    title = say(language, "site.tool")
    parts = "".join(_parts(language, place))
    body = f'<main id="text" class="site-tool"><article><h1>{markup(title)}</h1>{parts}</article></main>'
    return Page(place, language, f"{title} · drilllib", body, f"{other}/{NAME}", scripts=("search.js",))


def _parts(language: str, place: str) -> Iterator[str]:
    yield f"<p>{markup(say(language, 'site.tool_lead'))}</p>"
    yield f"<h2>{markup(say(language, 'site.tool_save'))}</h2><p>{markup(say(language, 'site.tool_saved'))}</p>"
    yield f'<pre tabindex="0"><code>{markup(_first_commands(language))}</code></pre>'
    links = (("assemble", say(language, "site.tool_assemble")), ("diagnose", say(language, "site.command")))
    listed = (f'<a href="{way(place, f"{language}/docs/{name}.html")}">{markup(words)}</a>' for name, words in links)
    yield f"<ul>{''.join(f'<li>{each}</li>' for each in listed)}</ul>"


def _first_commands(language: str) -> str:
    """The commands that `drill assemble` prints before it has any file."""
    return commands_text(assembled_files({}, Wanted(service=SERVICE)), language)
