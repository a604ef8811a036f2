"""What changed between two snapshots or groups, as lines that begin with +, - or ?."""

from collections.abc import Iterator, Sequence

from drilllib.core.addresses import at
from drilllib.core.boxes import blocks_of, boxes
from drilllib.core.differences import AcceptedDiff, ClientChange, Difference, FlowChange, Names, ServiceDiff
from drilllib.core.requests import Verdict
from drilllib.views.phrases import say
from drilllib.views.reach_text import blocks_text, flows_text

LINES = 20  # of one part; a rule taken out of the middle of a list can leave hundreds
_SIGNS = {"gained": "+", "lost": "-", "other": "?"}
_BETTER = (Verdict.UNREACHABLE, Verdict.INTERMITTENT, Verdict.REACHABLE)


def diff_text(found: Difference, names: str, language: str) -> str:
    """Services first, then what the groups accept; *names* is said where two groups were compared."""
    lines = [*_names_lines("diff_removed", found.removed, language), *_names_lines("diff_added", found.added, language)]
    for service in found.services:
        lines += [service_headline(service, language), *_cut(list(_service_lines(service, language)), language)]
    for each in found.accepted:
        named, direction = ", ".join(each.resources) or names, say(language, each.direction)
        lines.append(say(language, "diff_flows", names=named, direction=direction))
        lines += _cut(list(_flow_lines(each, language)), language)
    if not found:
        lines.append(say(language, "diff_none"))
    elif found.accepted or found.services:
        lines.append(say(language, "diff_legend"))
    return "\n".join(lines)


def _names_lines(key: str, names: Names, language: str) -> Iterator[str]:
    if names:
        yield say(language, key, names=", ".join((*names.services, *names.resources)))


def service_headline(service: ServiceDiff, language: str) -> str:
    """``shop/web 192.0.2.10:80 TCP``, with both VIPs where it moved."""
    places = dict.fromkeys(at(vip, service.port or "?") for vip in service.vips if vip)
    if len(places) == 2:
        place = say(language, "diff_moved", **dict(zip(("before", "after"), places, strict=True)))
    else:
        place = next(iter(places), f":{service.port or '?'}")
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
    """More than before, less, or unknown on one side."""
    if Verdict.UNDETERMINED in (change.before, change.after):
        return "?"
    return "+" if _BETTER.index(change.after) > _BETTER.index(change.before) else "-"


def _flow_lines(found: AcceptedDiff, language: str) -> Iterator[str]:
    for each in found.changes:
        for box in boxes(each.flows):
            yield f"  {_SIGNS[each.kind]} {flows_text(box)}{_ends(each)}"


def _ends(change: FlowChange) -> str:
    return f": {change.before} -> {change.after}" if change.kind == "other" else ""


def _cut(lines: Sequence[str], language: str) -> list[str]:
    """The first of many lines, and how many more there are."""
    if len(lines) <= LINES:
        return list(lines)
    return [*lines[:LINES], f"    {say(language, 'diff_more', count=len(lines) - LINES)}"]
