"""Listeners with their targets, joined as docs/snapshot.md says, and the observed health of the targets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from drilllib.core.capture.asks import Answer, CloudCall
from drilllib.core.capture.assembly import Notes
from drilllib.core.capture.merge import Rows
from drilllib.core.capture.pages import Row, cloud_answers, identified, total
from drilllib.core.capture.sources import called
from drilllib.core.capture.wanted_ports import ports_without
from drilllib.core.snapshot.ledger.clb import LISTENER, LISTENER_HEALTH
from drilllib.errors import Message


def listener_parts(answers: Sequence[Answer], notes: Notes) -> dict[str, Any]:
    """The parts `listeners` and `target_health`, where they were read."""
    targets = _targets(answers, notes)
    found = {
        name: _joined(name, each, targets, notes)
        for name, each in _listeners(answers, notes).items()
        if each is not None
    }
    parts: dict[str, Any] = {"listeners": found} if found else {}
    if partial := sorted(found.keys() - balancers_asked_for_all(answers)):
        parts["partial"] = {"listeners": partial}
    health = _health(answers, notes)
    return parts | ({"target_health": health} if health else {})


def balancers_asked_for_all(answers: Iterable[Answer]) -> set[str]:
    """The balancers that somebody is known to have asked for all listeners of, and got them."""
    whole = (each.ask for each in cloud_answers(answers, "clb", "DescribeListeners") if each.whole)
    return {str(ask.request.get("LoadBalancerId")) for ask in whole if isinstance(ask, CloudCall)}


def _listeners(answers: Sequence[Answer], notes: Notes) -> dict[str, Rows | None]:
    """The listeners by balancer; None where not all of them were read, so that one may be missing."""
    found: dict[str, Rows | None] = {}
    for answer in cloud_answers(answers, "clb", "DescribeListeners"):
        if answer.pages and (balancer := _balancer(answer, notes)):
            rows = found.get(balancer) or Rows("Listener", notes)
            before = len(rows)
            for name, row in identified(answer, "Listeners", "ListenerId"):
                rows.add(name, dict(row), answer.source)
            notes.understand("Listener", len(rows) - before, answer.source)
            found[balancer] = rows if answer.whole else _whole(balancer, answer, rows, answers, notes)
    return found


def _balancer(answer: Answer, notes: Notes) -> str:
    """The balancer that was asked for, which no answer names; empty where it is not known."""
    ask = answer.ask
    name = ask.request.get("LoadBalancerId") if isinstance(ask, CloudCall) else None
    if isinstance(name, str) and name:
        return name
    notes.lack(
        "listeners",
        Message("{source} does not say of which load balancer it is: name it after its", source=called(answer.source)),
    )
    return ""


def _whole(balancer: str, answer: Answer, rows: Rows, answers: Sequence[Answer], notes: Notes) -> Rows | None:
    """
    The rows, where every listener is among them that the count and the other answers tell of.

    The count is no proof: it counts what was asked for, perhaps the listeners of one port.
    """
    count = total(answer)
    others: set[object] = {name for name in _listeners_told(balancer, answers) if name not in rows}
    others |= ports_without(balancer, rows.rows(), answers) if count is None or count <= len(rows) else set()
    if (count is None or count <= len(rows)) and not others:
        return rows
    notes.lack(
        f"listeners.{balancer}",
        Message(
            "{rows} of {total} were read: ask for all listeners of the load balancer at once",
            rows=len(rows),
            total=max(count or 0, len(rows) + len(others)),
        ),
    )
    return None


def _listeners_told(balancer: str, answers: Sequence[Answer]) -> Iterator[str]:
    """The listeners of a balancer that other answers than DescribeListeners name."""
    for answer in cloud_answers(answers, "clb", "DescribeTargets"):
        if isinstance(answer.ask, CloudCall) and answer.ask.request.get("LoadBalancerId") == balancer:
            yield from (name for name, _ in identified(answer, "Listeners", "ListenerId"))
    for answer in cloud_answers(answers, "clb", "DescribeTargetHealth"):
        for name, row in identified(answer, "LoadBalancers", "LoadBalancerId"):
            inner = Answer(answer.ask, (row,), source=answer.source)
            yield from (each for each, _ in identified(inner, "Listeners", "ListenerId") if name == balancer)


def _targets(answers: Iterable[Answer], notes: Notes) -> dict[str, Row]:
    """What DescribeTargets says of each listener; the later answer where two disagree, which is told."""
    rows = Rows("Targets", notes)
    for answer in cloud_answers(answers, "clb", "DescribeTargets"):
        for name, row in identified(answer, "Listeners", "ListenerId"):
            rows.add(name, dict(row), answer.source)
    return dict(rows.by_id())


def _joined(balancer: str, rows: Rows, targets: Mapping[str, Row], notes: Notes) -> list[dict[str, Any]]:
    """The listeners with their targets; one whose targets were not read is left without."""
    found = []
    for row in rows.rows():
        backend = targets.get(row["ListenerId"])
        if backend is None:
            notes.lack(f"listeners.{balancer}.{row['ListenerId']}.Targets", Message("DescribeTargets was not read"))
        found.append(notes.keep.object(LISTENER, row if backend is None else _with_targets(row, backend)))
    return found


def _with_targets(row: Row, backend: Row) -> Row:
    """Layer 7: targets by LocationId; layer 4: those of the listener."""
    rules = row.get("Rules")
    if not isinstance(rules, list) or not rules:
        return row if backend.get("Targets") is None else {**row, "Targets": backend["Targets"]}
    listed_rules = backend.get("Rules") if isinstance(backend.get("Rules"), list) else []
    rows = [each for each in listed_rules or () if isinstance(each, Mapping)]
    by_location = {name: each for each in rows if isinstance(name := each.get("LocationId"), str)}
    return {**row, "Rules": [_rule(each, by_location) for each in rules]}


def _rule(rule: Any, by_location: Mapping[Any, Row]) -> Any:
    if not isinstance(rule, Mapping):
        return rule
    name = rule.get("LocationId")
    backend = by_location.get(name) if isinstance(name, str) else None
    return {**rule, "Targets": backend.get("Targets")} if backend is not None else rule


def _health(answers: Iterable[Answer], notes: Notes) -> list[dict[str, Any]]:
    """The observed health by balancer, with each listener once."""
    balancers: dict[str, Rows] = {}
    for answer in cloud_answers(answers, "clb", "DescribeTargetHealth"):
        for balancer, row in identified(answer, "LoadBalancers", "LoadBalancerId"):
            rows = balancers.setdefault(balancer, Rows("ListenerHealth", notes))
            before = len(rows)
            inner = Answer(answer.ask, (row,), source=answer.source)
            for name, each in identified(inner, "Listeners", "ListenerId"):
                rows.add(name, notes.keep.object(LISTENER_HEALTH, each), answer.source)
            notes.understand("ListenerHealth", len(rows) - before, answer.source)
    return [{"LoadBalancerId": name, "Listeners": rows.rows()} for name, rows in balancers.items()]
