"""Who can reach the Service of a `LabReport` and what has changed, as state for the page and as text."""

from collections.abc import Iterator, Sequence
from itertools import permutations

from drilllib.core.reach.clients import Reach
from drilllib.core.sets.flowsets import FlowSet
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import printable
from drilllib.quoting import terminal_text
from drilllib.views.panel.client_blocks import client_blocks
from drilllib.views.panel.lab_report import LabReport
from drilllib.views.panel.messages import ReachChange, ReachLine, ReachLook, ReachState
from drilllib.views.panel.past_state import past_of
from drilllib.views.panel.phrases import clients_text, listed_text, more_blocks
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import fact_text

LOOKS: tuple[ReachLook, ...] = ("always", "sometimes", "unsure")
KINDS = {
    "always": Verdict.REACHABLE,
    "sometimes": Verdict.INTERMITTENT,
    "unsure": Verdict.UNDETERMINED,
    "never": Verdict.UNREACHABLE,
}


def reach_of(report: LabReport, before: LabReport | None, language: str) -> ReachState:
    """
    The clients of each verdict that some client gets, and those whose verdict has changed since *before*.

    *changes* is None when there is nothing to compare with.
    """
    if not report.reached:
        return {"lines": [_line("unsure", str(report.reach_problem), language)], "past": [], "changes": None}
    lines = [line for look in LOOKS if (line := _of_kind(report.reached, look, language))]
    comparable = before and len(before.reached) == len(report.reached)
    changes = list(_changes(before.reached, report.reached, language)) if before and comparable else None
    return {"lines": lines or [_line("nobody", "", language)], "past": past_of(report, language), "changes": changes}


def reach_words(state: ReachState, language: str) -> str:
    """The state as text, without ways past the CLB, and without the changes: who cannot click has made none."""
    lines = [say(language, "ui_titled", title=say(language, "ui_reach"))]
    for each in state["lines"]:
        text = say(language, "ui_way", way=each["label"], who=each["who"]) if each["who"] else each["label"]
        lines.append(f"  {say(language, 'ui_noted', text=text, note=each['note']) if each['note'] else text}")
    return terminal_text(lines)


def _line(
    look: ReachLook, clients: str, language: str, note: str = "", *, world: bool = False, more: Sequence[str] = ()
) -> ReachLine:
    return {
        "look": look,
        "label": say(language, f"ui_{look}"),
        "who": printable(clients),
        "more": list(map(printable, more)),
        "rest": say(language, "ui_rest", count=len(more)) if more else "",
        "note": printable(note),
        "world": world,
    }


def _of_kind(reached: Sequence[Reach], kind: ReachLook, language: str) -> ReachLine | None:
    """The clients with this verdict; None if there are none."""
    clients = [client_blocks(each, each.clients(KINDS[kind])) for each in reached]
    if not any(clients):
        return None
    text, more = clients_text(clients, language), more_blocks(clients, language)
    if kind == "unsure":
        return _line(kind, text, language, _gaps(reached, language), more=more)
    world = any(each.everyone for each in clients)
    return _line(kind, text, language, say(language, "ui_world") if world else "", world=world, more=more)


def _gaps(reached: Sequence[Reach], language: str) -> str:
    """The facts that are missing."""
    classes = (one for each in reached for one in each.classes if one.trace.verdict is Verdict.UNDETERMINED)
    gaps = list(dict.fromkeys(fact_text(gap, language) for one in classes for gap in one.trace.gaps))
    return say(language, "missing", gaps=listed_text(gaps, 2, language)) if gaps else ""


def _changes(before: Sequence[Reach], after: Sequence[Reach], language: str) -> Iterator[ReachChange]:
    """For each two verdicts, the clients that went from one to the other."""
    then, now = _by_kind(before), _by_kind(after)
    changed = [kind for kind in KINDS if then[kind] != now[kind]]
    for old, new in permutations(changed, 2):
        clients = [client_blocks(each, a & b) for each, a, b in zip(after, then[old], now[new], strict=True)]
        if any(clients):
            yield _change(old, new, clients_text(clients, language), language)


def _by_kind(reached: Sequence[Reach]) -> dict[str, list[FlowSet]]:
    """The clients with each verdict, by address family."""
    return {kind: [each.clients(verdict) for each in reached] for kind, verdict in KINDS.items()}


def _change(old: str, new: str, clients: str, language: str) -> ReachChange:
    """Gained or lost: a sign, with its name for screen readers; otherwise the old and the new verdict."""
    if {old, new} == {"always", "never"}:
        sign, name = ("+", "ui_gained") if new == "always" else ("\N{MINUS SIGN}", "ui_lost")
        return {"sign": sign, "said": say(language, name), "who": clients}
    ways = {"old": say(language, f"ui_{old}"), "new": say(language, f"ui_{new}")}
    return {"sign": "", "said": "", "who": say(language, "ui_went", who=clients, **ways)}
