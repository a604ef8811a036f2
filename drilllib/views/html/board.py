"""
The board of a class as a page: drills, categories, who is stuck where, wrong diagnoses, everybody, attempts.

It loads nothing from elsewhere, and a policy in it keeps the browser from asking anybody. Learners stand by their ids.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.quoting import markup
from drilllib.views.html.attempt import Played, played_section
from drilllib.views.html.document import document_html, policy, sheet_of_board
from drilllib.views.html.elements import LANG, Cell, Link, Page, Share, Stack, State, Table, page_body
from drilllib.views.phrases.catalog import LANGUAGES, say
from drilllib.views.text.board import CONFUSIONS, ITEMS, LEARNERS, cell_text
from drilllib.views.text.cause_label import label_text
from drilllib.views.text.mastery import category_text

SECTIONS = ("drills", "categories", "stuck", "confusions", "learners")
MOST_LEARNERS = 300  # rows of a page
MOST_NAMED = 20  # of those who are stuck at one drill
_MARKS = {"passed": "ok", "failed": "no", "begun": "un"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """
    What a page shows: a board's *document* with `progress`, the *attempts* that stand on it, how many do not (*left*).

    *script* makes it live, where it is served; *first* is the place of its first learner, from 0.
    """

    document: Mapping[str, Any]
    language: str
    attempts: Sequence[Played] = ()
    left: int = 0
    script: str = ""
    first: int = 0


def board_html(shown: Shown) -> str:
    """The whole page, from the doctype on."""
    language, title = shown.language, str(shown.document["class"])
    style = sheet_of_board()
    body = "".join(_sections(shown))
    inside = f'<main class="drill drill-ticket drill-board"><h1>{markup(title)}</h1>{head_html(shown)}{body}</main>'
    script = f"<script>{shown.script}</script>" if shown.script else ""
    return document_html(language, title, style, inside + script, policy(style, shown.script))


def head_html(shown: Shown) -> str:
    """How many have mastered what is asked; where it is served, whether it is live, and the other languages."""
    document, language = shown.document, shown.language
    told = {"name": document["class"], "learners": len(document["learners"]), "mastered": document["mastered"]}
    said = f"<p>{markup(say(language, 'class.board', **told))}</p>"
    if not shown.script:
        return f'<div class="drill-head">{said}</div>'
    return f'<div class="drill-head">{said}{live_html(language)}</div>'


def live_html(language: str, more: str = "") -> str:
    """The line that says whether the page is live, and the links to it in other languages; *more* of the address."""
    live, gone = (markup(say(language, f"board.{each}")) for each in ("live", "gone"))
    links = "".join(
        f'<a href="?lang={each}{markup(more)}" lang="{LANG.get(each, each)}">{markup(say(each, "site.language"))}</a>'
        for each in LANGUAGES
        if each != language
    )
    status = f'<p class="drill-live" role="status" data-live="{live}" data-gone="{gone}">{live}</p>'
    return f'{status}<nav aria-label="{markup(say(language, "board.nav"))}">{links}</nav>'


def _sections(shown: Shown) -> Iterator[str]:
    document, language = shown.document, shown.language
    yield _section(language, "drills", _table(language, ITEMS, [_item(each, language) for each in document["items"]]))
    yield _section(language, "categories", _categories(document, language))
    yield _section(language, "stuck", _stuck(document, language), wraps=True)
    yield _section(language, "confusions", _confusions(document, language), wraps=True)
    yield _section(language, "learners", _learners(shown))
    yield from _rest(shown)
    if shown.attempts:
        yield f"<h2>{markup(say(language, 'board.attempts'))}</h2>"
        yield from (played_section(each, language, folded=True) for each in shown.attempts)
    if shown.left:
        yield f"<p>{markup(say(language, 'board.left', count=shown.left))}</p>"


def _section(language: str, name: str, table: Table, *, wraps: bool = False) -> str:
    """A heading, and the table below it, which scrolls where it is too wide; a sentence where it is empty."""
    title = markup(say(language, f"board.{name}"))
    if not table.rows:
        return f"<h2>{title}</h2><p>{markup(say(language, 'board.nobody'))}</p>"
    body = page_body(Page(language, [table]))
    kind = "drill-scroll drill-wraps" if wraps else "drill-scroll"
    return f'<h2>{title}</h2><div class="{kind}" role="region" tabindex="0" aria-label="{title}">{body}</div>'


def _table(language: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Table:
    return Table("", [say(language, f"class.head_{each}").capitalize() for each in columns], rows)


def _item(item: Mapping[str, Any], language: str) -> list[Cell]:
    told: dict[str, Cell] = {name: cell_text(item[name], language) for name in ITEMS}
    told["category"] = category_text(item["category"], language)
    told["passed"] = _share(item["passed"], item["begun"])
    return [told[name] for name in ITEMS]


def _share(count: int, whole: int) -> Share:
    return Share(f"{count} / {whole}", count / whole if whole else 0.0)


def _categories(document: Mapping[str, Any], language: str) -> Table:
    rows: list[list[Cell]] = [
        [category_text(each["category"], language), _share(each["passed"], each["finished"])]
        for each in document["categories"]
    ]
    return _table(language, ("category", "passed"), rows)


def _stuck(document: Mapping[str, Any], language: str) -> Table:
    """Each drill at which somebody is stuck, those first at which most are."""
    found: dict[tuple[str, int], dict[str, list[str]]] = {}
    for learner, cells in document["progress"].items():
        for each in cells:
            if each["state"] != "passed":
                kinds = found.setdefault((each["drill"], each["level"]), {"begun": [], "failed": []})
                kinds[each["state"]].append(learner)
    ordered = sorted(found.items(), key=lambda each: -sum(map(len, each[1].values())))
    rows: list[list[Cell]] = [
        [_named(drill, level), _people(kinds["failed"], language), _people(kinds["begun"], language)]
        for (drill, level), kinds in ordered
    ]
    heads = [say(language, f"board.head_{each}") for each in ("drill", "failed", "begun")]
    return Table("", heads, rows)


def _named(drill: str, level: int) -> str:
    return f"{drill} {level}"


def _people(learners: Sequence[str], language: str) -> str:
    """How many, and the first of them."""
    if not learners:
        return "-"
    more = len(learners) - MOST_NAMED
    told = ", ".join(learners[:MOST_NAMED]) + (say(language, "board.and_more", count=more) if more > 0 else "")
    return say(language, "board.people", count=len(learners), learners=told)


def _confusions(document: Mapping[str, Any], language: str) -> Table:
    confusions = document["confusions"]
    total = sum(each["count"] for each in confusions)
    rows: list[list[Cell]] = [
        [label_text(each["true"], language), label_text(each["stated"], language), _share(each["count"], total)]
        for each in confusions
    ]
    return _table(language, CONFUSIONS, rows)


def _learners(shown: Shown) -> Table:
    """A row a learner: the sums, then a column a drill."""
    document, language = shown.document, shown.language
    items = [(each["drill"], each["level"]) for each in document["items"]]
    sums = [say(language, f"class.head_{each}").capitalize() for each in LEARNERS]
    rows: list[list[Cell]] = []
    for each in document["learners"][shown.first : shown.first + MOST_LEARNERS]:
        cells = {(one["drill"], one["level"]): one for one in document["progress"].get(each["learner"], ())}
        own: list[Cell] = [_who(shown, each["learner"]), *(cell_text(each[name], language) for name in LEARNERS[1:])]
        rows.append([*own, *(_far(cells.get(item), language) for item in items)])
    return Table("", [*sums, *(_named(*item) for item in items)], rows)


def _who(shown: Shown, learner: str) -> Cell:
    return Link(learner, f"learner?lang={shown.language}&id={learner}") if shown.script else learner


def _far(cell: Mapping[str, Any] | None, language: str) -> Cell:
    """How far a learner is with a drill, below it what the search has cost and the hints."""
    if cell is None:
        return "-"
    state = State(say(language, f"board.is_{cell['state']}"), _MARKS[cell["state"]])
    return Stack((state, say(language, "board.cost", spent=cell["spent"], hints=cell["hints"], tries=cell["tries"])))


def _rest(shown: Shown) -> Iterator[str]:
    """What is said of learners that are not on this page, and the way to them."""
    total, language = len(shown.document["learners"]), shown.language
    if total <= MOST_LEARNERS:
        return
    last = min(shown.first + MOST_LEARNERS, total)
    yield f"<p>{markup(say(language, 'board.rows', first=shown.first + 1, last=last, total=total))}</p>"
    if shown.script:
        places = range(0, total, MOST_LEARNERS)
        links = "".join(f'<a href="?lang={language}&amp;first={place}">{place + 1}</a> ' for place in places)
        yield f'<nav aria-label="{markup(say(language, "board.pages"))}">{links}</nav>'
