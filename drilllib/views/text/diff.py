"""Differences between two snapshots or groups as text, in lines that begin with +, - or ?."""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import or_

from drilllib.core.diff import AcceptedDiff, ClientChange, Difference, FlowChange, Names, ServiceDiff
from drilllib.core.facts import Fact
from drilllib.core.rules.addresses import at
from drilllib.core.sets.boxes import FlowBox, blocks_of, boxes
from drilllib.core.sets.flowsets import everything
from drilllib.core.trace.verdict import Verdict
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import facts_text
from drilllib.views.text.reach import MANY, blocks_text, flows_text

LINES = 20  # of one part; deleting a rule in the middle of a list can change hundreds of boxes
_SIGNS = {"gained": "+", "lost": "-", "other": "?"}
_BETTER = (Verdict.UNREACHABLE, Verdict.INTERMITTENT, Verdict.REACHABLE)


def diff_text(difference: Difference, names: str, language: str) -> str:
    """Services first, then what the groups accept. *names* is the title where two groups were compared."""
    lines = [
        *_names_lines("diff_removed", difference.removed, language),
        *_names_lines("diff_added", difference.added, language),
    ]
    for service in difference.services:
        lines += _service_part(service, language)
    for each in difference.accepted:
        lines += _accepted_part(each, names, language)
    if not difference:
        lines.append(say(language, "diff_none"))
    elif difference.accepted or difference.services:
        lines.append(say(language, "diff_legend"))
    return terminal_text(lines)


def _service_part(service: ServiceDiff, language: str) -> list[str]:
    changes = _cut(list(_service_lines(service, language)), language)
    return [service_headline(service, language), *changes, *_gap_lines(service.gaps, language)]


def _accepted_part(diff: AcceptedDiff, names: str, language: str) -> list[str]:
    title, direction = ", ".join(diff.resources) or names, say(language, diff.direction)
    changes = _cut(list(_flow_lines(diff, language)), language)
    return [say(language, "diff_flows", names=title, direction=direction), *changes, *_gap_lines(diff.gaps, language)]


def _names_lines(key: str, names: Names, language: str) -> Iterator[str]:
    if names:
        yield say(language, key, names=", ".join((*names.services, *names.resources)))


def service_headline(service: ServiceDiff, language: str) -> str:
    """``shop/web 192.0.2.10:80 TCP``, with both VIPs if it moved."""
    places = dict.fromkeys(at(vip, service.port) for vip in service.vips if vip)
    if len(places) == 2:
        place = say(language, "diff_moved", **dict(zip(("before", "after"), places, strict=True)))
    else:
        place = next(iter(places), at("", service.port))
    return say(language, "diff_service", name=service.service, place=place, protocol=service.protocol or "").strip()


def _service_lines(service: ServiceDiff, language: str) -> Iterator[str]:
    for each in service.changes:
        ends = {"before": say(language, f"reach_{each.before}"), "after": say(language, f"reach_{each.after}")}
        sources = blocks_text(blocks_of(each.clients), language)
        yield f"  {_sign(each)} {say(language, 'diff_clients', sources=sources, **ends)}"
    if service.undetermined:
        sources = blocks_text(blocks_of(service.undetermined), language)
        yield f"  ? {say(language, 'diff_neither', sources=sources)}"


def _sign(change: ClientChange) -> str:
    """+ for a better verdict, - for a worse one, ? if one of the two is undetermined."""
    if Verdict.UNDETERMINED in (change.before, change.after):
        return "?"
    return "+" if _BETTER.index(change.after) > _BETTER.index(change.before) else "-"


def _gap_lines(gaps: Sequence[Fact], language: str) -> Iterator[str]:
    if gaps:
        yield f"  {say(language, 'missing', gaps=facts_text(gaps, language))}"


def _flow_lines(diff: AcceptedDiff, language: str) -> Iterator[str]:
    by_change = {each: boxes(each.flows) for each in diff.changes}
    rest = _rest_of(by_change)
    for each, flow_boxes in by_change.items():
        if each is not rest:
            yield from (_flow_line(each, flows_text(box), language) for box in flow_boxes)
    if rest:
        yield _flow_line(rest, say(language, "groups_rest"), language)


def _rest_of(by_change: Mapping[FlowChange, Sequence[FlowBox]]) -> FlowChange | None:
    """The change shown as everything else: the one with many boxes, if all flows change in some way."""
    largest = max(by_change, key=lambda each: len(by_change[each]))
    total = reduce(or_, (each.flows for each in by_change))
    return largest if len(by_change[largest]) > MANY and total == everything() else None


def _flow_line(change: FlowChange, flows: str, language: str) -> str:
    ends = {"before": change.before, "after": change.after}
    text = say(language, "diff_ends", flows=flows, **ends) if change.kind == "other" else flows
    return f"  {_SIGNS[change.kind]} {text}"


def _cut(lines: Sequence[str], language: str) -> list[str]:
    """The first LINES lines, and how many more there are."""
    if len(lines) <= LINES:
        return list(lines)
    return [*lines[:LINES], f"    {say(language, 'diff_more', count=len(lines) - LINES)}"]
