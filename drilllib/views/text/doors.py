"""Who reaches a door of the cluster, from outside and from inside, as text."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_network

from drilllib.core.connection.question import Connection
from drilllib.core.reach.clients import Reach, clients_from
from drilllib.core.reach.doors import DoorReach
from drilllib.core.sets.boxes import blocks_of
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import facts_text
from drilllib.views.text.columns import columns, listed, padded
from drilllib.views.text.connection import reason_words
from drilllib.views.text.reach import MANY, ORDER, reach_rows
from drilllib.views.text.trace import assumption_lines

Row = tuple[str, str, str]  # how they fare, who, and why


def door_text(found: DoorReach, language: str) -> str:
    """The door, the addresses outside and the nodes and pods inside by how they fare, and what was assumed."""
    asked = Connection(client="", door=found.door, port=found.port, protocol=found.protocol)
    outside, inside = list(_outside_rows(found, language)), list(_inside_rows(found, language))
    width = max((columns(row[0]) for row in (*outside, *inside)), default=0) + 2
    lines = [say(language, "doors_headline", door=asked.label)]
    lines += [f"  {say(language, 'doors_outside')}", *(_line(row, width) for row in outside)]
    lines += [] if found.outside else [f"    {say(language, 'doors_unknown_outside')}"]
    lines += [f"  {say(language, 'doors_inside')}", *(_line(row, width) for row in inside)]
    lines += [] if found.inside else [f"    {say(language, 'doors_nobody')}"]
    if any(each.unseen for each in found.outside):
        lines.append(say(language, "reach_unseen"))
    return terminal_text([*lines, *assumption_lines(found.assumptions, language)])


def _line(row: Row, width: int) -> str:
    label, who, why = row
    return f"    {padded(label, width)}{who}  [{why}]"


def _outside_rows(found: DoorReach, language: str) -> Iterator[Row]:
    for each in found.outside:
        for row in reach_rows(_whole(each), language):
            yield row.label, listed(row.clients), f"{row.reason}: {row.why}"


def _whole(found: Reach) -> Reach:
    """The same without the holes that addresses inside leave in blocks: what becomes of these is told beside."""
    classes = []
    for each in found.classes:
        blocks = (ip_network(block) for block in blocks_of(each.clients | found.inside))
        classes.append(replace(each, clients=clients_from([it for it in blocks if clients_from([it]) & each.clients])))
    return replace(found, classes=tuple(classes))


def _inside_rows(found: DoorReach, language: str) -> Iterator[Row]:
    """The classes of nodes and pods, those first that get through."""
    families = Counter(map(family_of, (source for each in found.inside for source in each.sources)))
    for verdict in ORDER:
        for each in (it for it in found.inside if it.trace.verdict is verdict):
            gaps = each.trace.gaps
            missing = say(language, "reach_missing", gaps=facts_text(gaps, language)) if gaps else ""
            why = f"{each.trace.reason}: {reason_words(each.trace, language)}{missing}"
            yield say(language, f"reach_{verdict}"), names_text(each.sources, families, language), why


def names_text(sources: Sequence[str], families: Counter[str], language: str) -> str:
    """Their names; several of one workload as ``pod/shop/web-* (12)``, or ``(3 of 12)`` where others fare otherwise."""
    here = Counter(map(family_of, sources))
    names = dict.fromkeys(_shown(source, here) for source in sources)
    shown = [_counted(each, here, families, language) for each in names]
    more = say(language, "doors_more", count=len(shown) - MANY) if len(shown) > MANY else ""
    return ", ".join(shown[:MANY]) + more


def family_of(source: str) -> str:
    """What the names of one workload's pods have in common, or of nodes: all but what comes after the last dash."""
    head, dash, _ = source.rpartition("-")
    return f"{head}-*" if dash and "/" in head else source


def _shown(source: str, here: Counter[str]) -> str:
    return family_of(source) if here[family_of(source)] > 1 else source


def _counted(name: str, here: Counter[str], families: Counter[str], language: str) -> str:
    if name not in here or here[name] == 1:
        return name
    if here[name] == families[name]:
        return f"{name} ({here[name]})"
    return say(language, "doors_some_of", name=name, count=here[name], all=families[name])
