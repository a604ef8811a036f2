"""What changed from one diagnosis to the next, for whoever watches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from drilllib.core.diagnosis.answer import Client, Diagnosis
from drilllib.core.plain import plain
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.verdict import Verdict


class ChangeKind(StrEnum):
    """What is otherwise than before. Codes are never renamed, only added."""

    VERDICT = "verdict"
    STOP = "stop"
    HEALTH = "health"
    KNOWN = "known"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Change:
    """
    One change, for a *client* (empty where it is for all) of *service*: *before* and *after* are codes or texts.

    *stops* are the blockers before and after, of STOP.
    """

    kind: ChangeKind
    service: str
    client: str
    before: str
    after: str
    stops: tuple[Blocker | None, Blocker | None] = (None, None)

    def to_dict(self) -> dict[str, Any]:
        """All fields but the blockers."""
        return plain(self, "kind", "service", "client", "before", "after")


def changes(before: Sequence[Diagnosis], after: Sequence[Diagnosis]) -> tuple[Change, ...]:
    """What is otherwise; of a port or a client that was not asked about before nothing is said."""
    known = {_key(each): each for each in before}
    pairs = ((known[_key(each)], each) for each in after if _key(each) in known)
    return tuple(change for old, new in pairs for change in _of(old, new))


def _key(found: Diagnosis) -> tuple[str, int | None, str | None]:
    asked = found.question
    return asked.service or asked.vip or "", asked.port, asked.protocol


def _of(old: Diagnosis, new: Diagnosis) -> Iterator[Change]:
    name = new.question.service or new.question.vip or ""
    clients = {each.address: each for each in old.clients}
    for each in new.clients:
        if each.address in clients:
            yield from _of_client(name, clients[each.address], each)
    gaps = [{str(one.gap) for one in each.unknown} for each in (old, new)]
    yield from (Change(ChangeKind.KNOWN, name, "", gap, "") for gap in sorted(gaps[0] - gaps[1]))
    yield from (Change(ChangeKind.UNKNOWN, name, "", "", gap) for gap in sorted(gaps[1] - gaps[0]))


def _of_client(name: str, old: Client, new: Client) -> Iterator[Change]:
    verdicts = old.answer.verdict, new.answer.verdict
    if verdicts[0] is not verdicts[1]:
        yield Change(ChangeKind.VERDICT, name, new.address, *verdicts)
    before, after = _stop_of(old), _stop_of(new)
    if before != after:
        yield Change(ChangeKind.STOP, name, new.address, _named(before), _named(after), (before, after))
    states = old.answer.health_of_targets, new.answer.health_of_targets
    for target in sorted(states[0].keys() & states[1].keys()):
        if states[0][target] != states[1][target]:
            yield Change(ChangeKind.HEALTH, name, target, states[0][target], states[1][target])


def _stop_of(client: Client) -> Blocker | None:
    return None if client.answer.verdict is Verdict.REACHABLE else client.stop


def _named(stop: Blocker | None) -> str:
    return f"{stop.hop} {stop.name} {stop.reason}" if stop else "-"
