"""A page of its own, which loads nothing from elsewhere: its head, its style sheet, light or dark as the reader is."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256

from drilllib.quoting import markup
from drilllib.views.html.elements import LANG
from drilllib.views.html.sheet import sheet

_DARK = re.compile(r":is\(\[data-jp-theme-light[^{]*\.drill\{([^}]*)\}")


def document_html(language: str, title: str, style: str, body: str, head: str = "") -> str:
    """The page from the doctype on; *title* is text, *body* and *head* (more for the head) are HTML of our own."""
    own = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{markup(title)}</title>'
    whole = f"<head>{own}{head}<style>{style}</style></head><body>{body}</body>"
    return f'<!doctype html>\n<html lang="{LANG.get(language, language)}">{whole}</html>\n'


@cache
def page_sheet(*names: str) -> str:
    """These style sheets of panel/page/, the dark colours for whoever's system is dark."""
    rules = sheet(*names)
    dark = _DARK.search(rules)
    colours = f".drill{{{dark[1]}}}" if dark else ""
    scheme = f"@media screen and (prefers-color-scheme:dark){{{colours}body{{background:#111}}}}"
    return f"{rules}{scheme}body{{margin:0}}:root{{color-scheme:light dark}}"


def sheet_of_board() -> str:
    """The style sheet of a class's pages."""
    return page_sheet("tables.css", "base.css", "button.css", "ticket.css", "board.css")


def policy(style: str, script: str = "") -> str:
    """
    A policy for the head that lets the browser use that style sheet and script alone, and ask nobody but our server.

    Source: Content Security Policy Level 3, 2.3.1 (hash-source): SHA-256 of what stands between the tags, in Base64.
    """
    rules = ["default-src 'none'", f"style-src {_hash(style)}", "base-uri 'none'", "form-action 'none'"]
    if script:
        rules += [f"script-src {_hash(script)}", "connect-src 'self'"]
    return f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">'


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
