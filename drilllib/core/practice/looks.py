"""Looks: what a learner may look at, what each costs, and what it shows of a snapshot, as plain data."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.facts import several
from drilllib.core.plain import plain
from drilllib.core.practice.capture import capture_rows, hosts_of
from drilllib.core.practice.console import group_rows, health_rows, rule_rows
from drilllib.core.practice.door_looks import captured_rows, dialled_rows, hosts_of_doors
from drilllib.core.practice.kubectl import KINDS, kubectl_rows
from drilllib.core.practice.rows import Row, row
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.entry import Entry, UnanswerableError, entry_of
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import InvalidInputError, Message, quoted


class LookKind(StrEnum):
    """A way of looking. Codes are never renamed, only added."""

    CURL = "curl"
    """Requests from the place named: `client`, or an address."""
    HEALTH = "health"
    """What the CLB says of its listeners and of their targets."""
    RULES = "rules"
    """The rules of the group named."""
    GROUPS = "groups"
    """The groups bound to the CLB, instance or interface named, in their order."""
    KUBECTL = "kubectl"
    """Objects of the kind named: services, endpoints, pods, nodes."""
    CAPTURE = "capture"
    """Which packets of the client's requests are seen at the host named: clb, a node, NAMESPACE/POD."""


PRICES = MappingProxyType(
    {
        LookKind.CURL: 1,
        LookKind.HEALTH: 1,
        LookKind.KUBECTL: 1,
        LookKind.GROUPS: 1,
        LookKind.RULES: 2,
        LookKind.CAPTURE: 3,
    }
)
HINT_PRICES = (2, 3, 5)  # rung by rung
CURL = "original"  # whose words requests are told in, before the repair and after: the lessons' "timed out"


@dataclass(frozen=True, slots=True)
class Look:
    """One look: a way, and the place, group, resource or kind that it is at (empty: there is but one)."""

    kind: LookKind
    place: str = ""

    @property
    def price(self) -> int:
        """What it costs."""
        return PRICES[self.kind]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a look showed, a line each: equal for two worlds that the look does not tell apart."""

    look: Look
    seen: tuple[Row, ...]

    def to_dict(self) -> dict[str, Any]:
        """The look and its lines."""
        return {"look": plain(self.look), "seen": [each.to_dict() for each in self.seen]}


CLIENT = "client"
MOST = 50  # places of one kind that are offered; others may be typed all the same


def offered(snapshot: Snapshot, question: Question) -> tuple[Look, ...]:
    """The looks that a learner may choose from, the cheap ones first; of many places of a kind the first `MOST`."""
    is_about_door = isinstance(question, Connection)
    places = {
        LookKind.CURL: [CLIENT],
        LookKind.HEALTH: [] if is_about_door else [""],
        LookKind.KUBECTL: list(KINDS),
        LookKind.GROUPS: list(snapshot.bound_groups()),
        LookKind.RULES: list(snapshot.groups),
        LookKind.CAPTURE: list((hosts_of_doors if is_about_door else hosts_of)(snapshot)),
    }
    return tuple(Look(kind, place) for kind, listed in places.items() for place in listed[:MOST])


def see(snapshot: Snapshot, question: Question, look: Look) -> Evidence:
    """
    Take a look; *question* is that of the client.

    Raises:
        UnknownNameError: The place is not there.
        InvalidInputError: The address to ask from cannot be used, or the snapshot does not tell what is to be seen.
    """
    return Evidence(look, tuple(_rows(snapshot, question, look)))


def _rows(snapshot: Snapshot, question: Question, look: Look) -> Iterator[Row]:
    if look.kind is LookKind.RULES:
        return rule_rows(snapshot, look.place)
    if look.kind is LookKind.GROUPS:
        return group_rows(snapshot, look.place)
    if look.kind is LookKind.KUBECTL:
        return kubectl_rows(snapshot, look.place)
    if isinstance(question, Connection):
        return _of_door(snapshot, question, look)
    if look.kind is LookKind.HEALTH:
        return health_rows(snapshot, _entry(snapshot, question))
    if look.kind is LookKind.CURL:
        return _curl_rows(snapshot, question, look.place)
    return capture_rows(snapshot, _entry(snapshot, question), _answer(snapshot, question, all_paths=True), look.place)


def _of_door(snapshot: Snapshot, question: Connection, look: Look) -> Iterator[Row]:
    """The connection tried from its source or from another, or what is seen of it at a host."""
    if look.kind is LookKind.HEALTH:
        raise InvalidInputError("No load balancer is on the way here", remedy="Type look to see what can be looked at")
    if look.kind is LookKind.CURL:
        asked = question if look.place == CLIENT else replace(question, client=look.place)
        return dialled_rows(snapshot, asked, _answer(snapshot, asked))
    return captured_rows(snapshot, question, _answer(snapshot, question, all_paths=True), look.place)


def _curl_rows(snapshot: Snapshot, question: Question, place: str) -> Iterator[Row]:
    """What a client's requests meet: several answers where one request fares better than another."""
    answer = _answer(snapshot, question if place == CLIENT else replace(question, client=place))
    asked = answer.question
    url = {"scheme": asked.scheme, "host": asked.host, "path": asked.path}
    yield row("request", client=asked.client, vip=asked.vip, port=asked.port, protocol=asked.protocol, **url)
    for each in answer.symptoms:
        yield row("answer", kind=each.kind, status=each.status, seconds=each.seconds, location=each.location)


def _answer(snapshot: Snapshot, question: Question, *, all_paths: bool = False) -> Trace:
    key = "answer to a look", question, all_paths
    answer = snapshot.memo.once(key, lambda: trace(snapshot, question, all_paths=all_paths))
    if answer.verdict is Verdict.UNDETERMINED:
        raise _untold(question.client, several(answer.gaps).message if answer.gaps else answer.reason)
    return answer


def _entry(snapshot: Snapshot, question: Question) -> Entry:
    try:
        return entry_of(snapshot, question)
    except UnanswerableError as end:
        raise _untold(question.client, end.gap.message) from None


def _untold(client: str, gap: Message | str) -> InvalidInputError:
    return InvalidInputError(
        "What a request from {client} meets cannot be told: {gap} is not known",
        remedy="Ask from the ticket's client",
        client=quoted(client),
        gap=gap,
    )
