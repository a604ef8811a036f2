"""The headers of columns, and what a mark before a word stands for."""

from collections.abc import Iterable, Mapping

from drilllib.core.rules.rules import Action
from drilllib.core.trace.codes import Assumption
from drilllib.core.trace.verdict import Verdict
from drilllib.views.html.elements import Folded, Items
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.pieces import Code, Phrase
from drilllib.views.text.trace import assumption_rows

COLUMNS = (
    *("action", "by", "change", "clients", "finding", "health", "index", "note", "reason", "result", "rule"),
    *("target", "traffic", "when"),
)
OF_ACTION: Mapping[str, str] = {Action.ACCEPT: "ok", Action.DROP: "no", Action.UNDETERMINED: "un"}
OF_VERDICT: Mapping[str, str] = {
    Verdict.REACHABLE: "ok",
    Verdict.INTERMITTENT: "un",
    Verdict.UNDETERMINED: "un",
    Verdict.UNREACHABLE: "no",
}


def columns(language: str, *names: str) -> list[str]:
    """The headers of these columns."""
    return [say(language, f"col_{name}") for name in names]


def folded_assumptions(codes: Iterable[Assumption], language: str) -> list[Folded]:
    """What was assumed, on demand; nothing without assumptions."""
    rows = [Phrase.of([Code(code), ": ", words]) for code, words in assumption_rows(codes, language)]
    return [Folded(say(language, "rich_assumed", count=len(rows)), (Items("", rows),))] if rows else []
