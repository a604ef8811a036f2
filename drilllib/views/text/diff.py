"""Differences between two snapshots or groups as text, in lines that begin with +, - or ?."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from drilllib.core.connection.question import Connection
from drilllib.core.diff import AcceptedDiff, Difference, FlowChange, ServiceDiff
from drilllib.core.facts import Fact
from drilllib.core.reach.changes import ClientChange, DoorDiff, SourceChange
from drilllib.core.rules.addresses import at
from drilllib.core.sets.boxes import FlowBox, blocks_of, boxes
from drilllib.core.sets.flowsets import FlowSet, everything
from drilllib.core.trace.verdict import Verdict
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import facts_text
from drilllib.views.phrases.pieces import Code, Phrase, phrase
from drilllib.views.text.doors import family_of, names_text
from drilllib.views.text.reach import MANY, blocks_entry, flows_text

LINES = 20  # of one part; deleting a rule in the middle of a list can change hundreds of boxes
SIGNS = {"gained": "+", "lost": "-", "other": "?"}
_BETTER = (Verdict.UNREACHABLE, Verdict.INTERMITTENT, Verdict.REACHABLE)


@dataclass(frozen=True, slots=True)
class DiffRow:
    """A change: is it ``gained``, ``lost`` or ``other``, where a side is not known; and what changes."""

    kind: str
    what: Phrase


@dataclass(frozen=True, slots=True)
class DiffPart:
    """What changes for a Service's clients or at some interfaces: the first `LINES` rows, what is said below them."""

    of_clients: bool
    title: str
    rows: Sequence[DiffRow]
    more: Sequence[str]
    gaps: Sequence[str]


def diff_text(difference: Difference, names: str, language: str) -> str:
    """Services first, then what the groups accept. *names* is the title where two groups were compared."""
    lines = names_lines(difference, language)
    for part in diff_parts(difference, names, language):
        lines += [part.title, *(f"  {SIGNS[row.kind]} {row.what}" for row in part.rows)]
        lines += [*(f"    {each}" for each in part.more), *(f"  {each}" for each in part.gaps)]
    return terminal_text([*lines, *closing_lines(difference, language)])


def names_lines(difference: Difference, language: str) -> list[str]:
    """What is there on one side only."""
    sides = {"diff_removed": difference.removed, "diff_added": difference.added}
    listed = {key: ", ".join((*names.services, *names.resources)) for key, names in sides.items() if names}
    return [say(language, key, names=names) for key, names in listed.items()]


def closing_lines(difference: Difference, language: str) -> list[str]:
    """That there is no difference, or what the signs mean."""
    if not difference:
        return [say(language, "diff_none")]
    shown = difference.accepted or difference.services or difference.doors
    return [say(language, "diff_legend")] if shown else []


def diff_parts(difference: Difference, names: str, language: str) -> Iterator[DiffPart]:
    """Services first, then what the groups accept."""
    for service in difference.services:
        yield _part(
            service_headline(service, language), service.gaps, language, clients=[*_service_rows(service, language)]
        )
    for door in difference.doors:
        asked = Connection(client="", door=door.door, port=door.port, protocol=door.protocol)
        title = say(language, "diff_door", door=asked.label)
        yield _part(title, (), language, clients=[*_door_rows(door, language)])
    for each in difference.accepted:
        where, direction = ", ".join(each.resources) or names, say(language, each.direction)
        title = say(language, "diff_flows", names=where, direction=direction)
        yield _part(title, each.gaps, language, flows=[*_flow_rows(each, language)])


def _part(
    title: str, gaps: Sequence[Fact], language: str, *, clients: Sequence[DiffRow] = (), flows: Sequence[DiffRow] = ()
) -> DiffPart:
    rows = clients or flows
    more = [say(language, "diff_more", count=len(rows) - LINES)] if len(rows) > LINES else []
    missing = [say(language, "missing", gaps=facts_text(gaps, language))] if gaps else []
    return DiffPart(bool(clients), title, rows[:LINES], more, missing)


def service_headline(service: ServiceDiff, language: str) -> str:
    """``shop/web 192.0.2.10:80 TCP``, with both VIPs if it moved."""
    places = dict.fromkeys(at(vip, service.port) for vip in service.vips if vip)
    if len(places) == 2:
        place = say(language, "diff_moved", **dict(zip(("before", "after"), places, strict=True)))
    else:
        place = next(iter(places), at("", service.port))
    return say(language, "diff_service", name=service.service, place=place, protocol=service.protocol or "").strip()


def _service_rows(service: ServiceDiff, language: str) -> Iterator[DiffRow]:
    for each in service.changes:
        ends = {"before": say(language, f"reach_{each.before}"), "after": say(language, f"reach_{each.after}")}
        yield DiffRow(_kind(each), phrase(language, "diff_clients", sources=_blocks(each.clients, language), **ends))
    if service.undetermined:
        yield DiffRow("other", phrase(language, "diff_neither", sources=_blocks(service.undetermined, language)))


def _door_rows(door: DoorDiff, language: str) -> Iterator[DiffRow]:
    everybody = Counter(family_of(source) for each in door.inside for source in each.sources)
    named: tuple[tuple[ClientChange | SourceChange, str], ...] = (
        *((each, _blocks(each.clients, language)) for each in door.outside),
        *((each, names_text(each.sources, everybody, language)) for each in door.inside),
    )
    for each, sources in named:
        ends = {"before": say(language, f"reach_{each.before}"), "after": say(language, f"reach_{each.after}")}
        yield DiffRow(_kind(each), phrase(language, "diff_clients", sources=sources, **ends))


def _blocks(clients: FlowSet, language: str) -> str:
    found = blocks_entry(blocks_of(clients), language)
    return found if isinstance(found, str) else Phrase.joined(", ", found)


def _kind(change: ClientChange | SourceChange) -> str:
    """Gained for a better verdict, lost for a worse one, other if one of the two is undetermined."""
    if Verdict.UNDETERMINED in (change.before, change.after):
        return "other"
    return "gained" if _BETTER.index(change.after) > _BETTER.index(change.before) else "lost"


def _flow_rows(diff: AcceptedDiff, language: str) -> Iterator[DiffRow]:
    by_change = {each: boxes(each.flows) for each in diff.changes}
    rest = _rest_of(by_change)
    for each, flow_boxes in by_change.items():
        if each is not rest:
            yield from (_flow_row(each, Code(flows_text(box)), language) for box in flow_boxes)
    if rest:
        yield _flow_row(rest, say(language, "groups_rest"), language)


def _rest_of(by_change: Mapping[FlowChange, Sequence[FlowBox]]) -> FlowChange | None:
    """The change shown as everything else: the one with many boxes, if all flows change in some way."""
    largest = max(by_change, key=lambda each: len(by_change[each]))
    total = reduce(or_, (each.flows for each in by_change))
    return largest if len(by_change[largest]) > MANY and total == everything() else None


def _flow_row(change: FlowChange, flows: str, language: str) -> DiffRow:
    ends = {"before": change.before, "after": change.after}
    what = phrase(language, "diff_ends", flows=flows, **ends) if change.kind == "other" else Phrase.of([flows])
    return DiffRow(change.kind, what)
