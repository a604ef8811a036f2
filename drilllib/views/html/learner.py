"""A learner's attempts as a page of the board that is served: every step, with what it showed."""

from collections.abc import Sequence

from drilllib.quoting import markup
from drilllib.views.html.attempt import Played, played_section
from drilllib.views.html.board import live_html
from drilllib.views.html.document import document_html, policy, sheet_of_board
from drilllib.views.phrases.catalog import say


def learner_html(learner: str, attempts: Sequence[Played], language: str, script: str) -> str:
    """The whole page; *script* keeps it live, and steps through an attempt."""
    sections = "".join(played_section(each, language, folded=False) for each in attempts)
    back = f'<a href="./?lang={language}">{markup(say(language, "board.back"))}</a>'
    head = f'<div class="drill-head"><nav>{back}</nav>{live_html(language, f"&id={learner}")}</div>'
    body = sections or f"<p>{markup(say(language, 'board.nobody'))}</p>"
    inside = f'<main class="drill drill-ticket drill-board"><h1>{markup(learner)}</h1>{head}{body}</main>'
    style = sheet_of_board()
    return document_html(language, learner, style, f"{inside}<script>{script}</script>", policy(style, script))
