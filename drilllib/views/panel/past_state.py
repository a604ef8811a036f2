"""Who reaches nodes and pods of a `LabReport` past the CLB, as rows for the page; a warning where wider than meant."""

from collections.abc import Iterable

from drilllib.core.reach.bypass import PastPlaces
from drilllib.core.reach.clients import PASSES, Reach
from drilllib.core.sets.flowsets import EMPTY, FlowSet
from drilllib.core.trace.codes import HopKind
from drilllib.errors import printable
from drilllib.views.panel.client_blocks import ClientBlocks, client_blocks
from drilllib.views.panel.lab_report import LabReport
from drilllib.views.panel.messages import PastLine
from drilllib.views.panel.phrases import clients_text
from drilllib.views.phrases.catalog import say

FEW = 3  # nodes or pods that a row names


def past_of(report: LabReport, language: str) -> list[PastLine]:
    """A row for each kind of place that somebody reaches directly; one that says so where that is too much to tell."""
    if report.past is None:
        too_much: PastLine = {"who": "", "place": "", "note": say(language, "reach_past_too_much"), "wide": False}
        return [too_much]
    reached = {each.family: each for each in report.reached}
    rows = ((place, _clients(place)) for place in report.past)
    return [_row(report, place, who, reached[_family(who)], language) for place, who in rows if who]


def _clients(place: PastPlaces) -> FlowSet:
    found = EMPTY
    for verdict in PASSES:
        found |= place.clients[verdict]
    return found


def _family(clients: FlowSet) -> int:
    return next(iter(clients.planes)).family


def _row(report: LabReport, place: PastPlaces, who: FlowSet, reached: Reach, language: str) -> PastLine:
    more = _more_than_meant(report, place, who)
    blocks = _text([client_blocks(reached, more)], language) if more else ""
    return {
        "who": _text([client_blocks(reached, who)], language),
        "place": printable(_place(place, language)),
        "note": say(language, "ui_past_wide", who=blocks) if more else say(language, "ui_past_narrow"),
        "wide": bool(more),
    }


def _more_than_meant(report: LabReport, place: PastPlaces, who: FlowSet) -> FlowSet:
    """Those who do not get there where all is as meant; if nobody said what is, those who never get through the CLB."""
    meant = [_clients(each) for each in report.meant_past or () if _is_same(each, place)]
    if not meant:
        return place.beyond
    for each in meant:
        who -= each
    return who


def _is_same(meant: PastPlaces, place: PastPlaces) -> bool:
    return (meant.kind, meant.port) == (place.kind, place.port) and bool({*meant.names} & {*place.names})


def _place(place: PastPlaces, language: str) -> str:
    names, more = place.names[:FEW], len(place.names) - FEW
    shown = ", ".join(names)
    listed = say(language, "lint.more", shown=shown, count=more) if more > 0 else shown
    key = "reach_past_node" if place.kind is HopKind.NODE else "reach_past_pod"
    return say(language, key, port=place.port, names=listed)


def _text(clients: Iterable[ClientBlocks], language: str) -> str:
    return printable(clients_text(list(clients), language))
