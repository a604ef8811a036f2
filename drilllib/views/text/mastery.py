"""How far a learner is in practice: a bar a category, as text and as an accessible table."""

import html

from drilllib.core.practice.schedule import NEEDED, Practised, Standing
from drilllib.views.phrases.catalog import say
from drilllib.views.text.columns import columns, padded

BAR = 12  # characters
_FULL, _EMPTY = "█", "░"


def mastery_text(practised: Practised, language: str) -> str:
    """The categories that were tried, each with its bar; how many others there are; what does not count."""
    if not practised.begun:
        return say(language, "practice.not_begun")
    rows = [(_category(each, language), _bar(each), _row(each), _state(each, language)) for each in _tried(practised)]
    widths = [max(map(columns, cells)) for cells in zip(*rows, strict=True)]
    lines = ("  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join([_title(language), *(f"  {line}".rstrip() for line in lines), *_notes(practised, language)])


def mastery_html(practised: Practised, language: str) -> str:
    """The same as a table with a caption and named rows; bars are not read out, what they show is written beside."""
    if not practised.begun:
        return f"<p>{html.escape(say(language, 'practice.not_begun'))}</p>"
    body = "".join(_html_row(each, language) for each in _tried(practised))
    notes = "".join(f"<p>{html.escape(each)}</p>" for each in _notes(practised, language))
    named = (say(language, "practice.category"), say(language, "practice.in_a_row"), say(language, "practice.attempts"))
    head = "".join(f'<th scope="col">{html.escape(each)}</th>' for each in named)
    caption = html.escape(_title(language))
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}"


def _html_row(standing: Standing, language: str) -> str:
    share = 100 * min(standing.streak, standing.needed) // standing.needed
    bar = f'<span class="drill-bar" aria-hidden="true"><i style="width:{share}%"></i></span>'
    cells = (bar + html.escape(_row(standing)), html.escape(_state(standing, language)))
    told = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{html.escape(_category(standing, language))}</th>{told}</tr>'


def _tried(practised: Practised) -> list[Standing]:
    return [each for each in practised.standings if each.tries]


def _title(language: str) -> str:
    return say(language, "practice.mastery", needed=NEEDED)


def _bar(standing: Standing) -> str:
    full = BAR * min(standing.streak, standing.needed) // standing.needed
    return _FULL * full + _EMPTY * (BAR - full)


def _row(standing: Standing) -> str:
    return f"{min(standing.streak, standing.needed)} / {standing.needed}"


def _category(standing: Standing, language: str) -> str:
    return category_text(standing.category, language)


def category_text(category: str, language: str) -> str:
    """Its name; of one that no drill of ours has, as it is written."""
    key = f"practice.category_{category}"
    told = say(language, f"practice.category_{category}")
    return category if told == key else told


def _state(standing: Standing, language: str) -> str:
    """How many passed; of the one that is kept for the end, that one is enough; whether that is mastery."""
    told = say(language, "practice.tried", passed=standing.passed, tries=standing.tries)
    if standing.transfer:
        told = say(language, "practice.transfer", told=told)
    return say(language, "practice.and_mastered", told=told) if standing.mastered else told


def _notes(practised: Practised, language: str) -> list[str]:
    """What was not tried yet, what waits, and what has no grade."""
    untried = len(practised.standings) - len(_tried(practised))
    return [
        *([say(language, "practice.untried", count=untried)] if untried else []),
        *([say(language, "practice.waiting", count=practised.waiting)] if practised.waiting else []),
        *([say(language, "practice.ungraded", count=practised.ungraded)] if practised.ungraded else []),
    ]
