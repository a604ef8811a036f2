"""How a diagnosis is told: as text or JSON, as a picture, as a page, with a real request beside it."""

import argparse
import time
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib._version import __version__
from drilllib.cli.asked import Asked, is_file
from drilllib.cli.output import complain, tell, tell_json, tell_text
from drilllib.cli.trace import require_own
from drilllib.core.diagnosis.document import diagnoses_document, diagnosis_document
from drilllib.core.diagnosis.observation import Comparison, compare
from drilllib.errors import InvalidInputError
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.language import language, translator
from drilllib.views.text import diagnose as text
from drilllib.views.text import diagnosed


def observed(found: Asked, options: argparse.Namespace) -> Comparison | None:
    """A real request of the client who fares worst; None where none is to be sent, or can be, which is then told."""
    if not options.observe:
        return None
    from drilllib.clients.observe import observe

    worst = found.worst.worst
    try:
        return compare(worst, observe(worst.answer.question))
    except InvalidInputError as error:
        complain(f"drill diagnose: {error.text(translator(options.lang))}")
        return None


def show(found: Asked, compared: Comparison | None, options: argparse.Namespace) -> None:
    """Print them: one whole, several as a table; of the ports of one Service the worst follows it whole."""
    answers, spoken = found.answers, language(options.lang)
    if getattr(options, "page", False):
        tell_text(_page(found, options))
        return
    if options.json:
        tell_json(_document(found, compared, options))
        return
    lines = [*diagnosed.summary_lines(answers, spoken)] if options.all or len(answers) > 1 else []
    if options.all:
        lines += diagnosed.observed_lines(compared, spoken)
    else:
        lines += [*([""] if lines else []), *_told(found, compared, options).split("\n")]
    tell(*lines)


def _told(found: Asked, compared: Comparison | None, options: argparse.Namespace) -> str:
    """The diagnosis; for whoever watches its first screen, below which changes will stand."""
    spoken = language(options.lang)
    if not options.watch:
        return text.diagnosis_text(found.snapshot, found.worst, spoken, compared)
    first = text.screen_lines(found.snapshot, found.worst, spoken)
    return terminal_text([*first, *diagnosed.observed_lines(compared, spoken)])


def _document(found: Asked, compared: Comparison | None, options: argparse.Namespace) -> dict[str, Any]:
    one = len(found.answers) == 1 and not options.all
    made = diagnosis_document(found.snapshot, found.worst) if one else diagnoses_document(found.snapshot, found.answers)
    return {**made, **({"observation": compared.to_dict()} if compared else {})}


def draw(found: Asked, options: argparse.Namespace) -> None:
    """Write the picture and the page that were asked for, of the worst of several."""
    spoken = language(options.lang)
    if options.svg:
        from drilllib.views.picture import graphviz

        require_own(options.svg, ("<svg", "<?xml"))
        files.write_atomically(options.svg, graphviz.svg(found.worst.worst.answer, spoken) + "\n")
    if options.html:
        require_own(options.html, ("<!doctype html>",))
        files.write_atomically(options.html, _page(found, options) + "\n")


def _page(found: Asked, options: argparse.Namespace) -> str:
    from drilllib.views.html.ticket import ticket_html

    spoken = language(options.lang)
    told = {"version": __version__, "time": time.strftime("%Y-%m-%d %H:%M:%S UTC%z")}
    if is_file(options.subject):
        made = say(spoken, "diagnose.made_of", **told, file=Path(options.subject).name)
    else:
        made = say(spoken, "diagnose.made", **told)
    return ticket_html(found.snapshot, found.worst, spoken, made).rstrip("\n")
