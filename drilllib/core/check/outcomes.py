"""
Which expectations hold, exactly: by the sets of clients and flows, not by samples.

What fails comes with one client or flow for which it fails, and with what really happens to that. What depends on
something that is not known is neither held nor failed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Any

from drilllib.core.check.doors import DoorCase, of_door
from drilllib.core.check.expectations import Expectation
from drilllib.core.check.status import AGAINST, Status
from drilllib.core.connection.question import Connection
from drilllib.core.facts import FactCode, fact
from drilllib.core.plain import plain
from drilllib.core.reach.clients import ANY_CLIENT, Reach, clients_from, example_client, possible_clients, reach_ports
from drilllib.core.reach.resources import accepted_by_list, groups_of
from drilllib.core.rules.rules import Action, Decision, Flow, SecurityGroup, decide
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.boxes import blocks_of, boxes
from drilllib.core.sets.flowsets import EMPTY, FlowSet
from drilllib.core.snapshot.anonymous.asked import require_renamed
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.findings import FindingCode
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import InvalidInputError, Message, TooComplexError, UnknownNameError, quoted

SCHEMA = "drilllib/check/1"


@dataclass(frozen=True, slots=True)
class ClientCase:
    """Clients of a Service's port for whom an expectation fails or cannot be told, and the trace of one of them."""

    status: Status
    clients: FlowSet
    trace: Trace

    def to_dict(self) -> dict[str, Any]:
        """The clients as blocks, and what happens to one of them."""
        asked, answer = self.trace.question, self.trace
        told = plain(asked, "client", "service", "vip", "port", "protocol")
        told |= {"verdict": answer.verdict, "reason": answer.reason, "gaps": list(map(str, answer.gaps))}
        blocked = answer.blockers[0].to_dict() if answer.blockers else None
        return {
            "status": self.status,
            "sources": list(blocks_of(self.clients)),
            "example": {**told, "blocker": blocked},
        }


@dataclass(frozen=True, slots=True)
class FlowCase:
    """Flows at an interface or a group for which an expectation fails or cannot be told, and one of them."""

    status: Status
    flows: FlowSet
    flow: Flow
    decision: Decision

    def to_dict(self) -> dict[str, Any]:
        """The flows as boxes, and how one of them is decided."""
        flow, made = self.flow, self.decision
        told = {"peer": str(flow.peer), "protocol": flow.protocol, "port": flow.port, "direction": made.direction}
        told |= {"action": made.action, "group": made.group, "policy_index": made.policy_index}
        example = {**told, "rule": made.rule.text if made.rule else None, "unresolved": list(map(str, made.unresolved))}
        return {"status": self.status, "boxes": [box.to_dict() for box in boxes(self.flows)], "example": example}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One expectation and the cases against it, those that fail first."""

    expectation: Expectation
    cases: tuple[ClientCase | FlowCase | DoorCase, ...]

    @property
    def status(self) -> Status:
        """Fails where any case does."""
        return self.cases[0].status if self.cases else Status.HOLDS

    def to_dict(self) -> dict[str, Any]:
        """The expectation in short, whether it holds, and the cases against it."""
        told = self.expectation
        names = {"place": told.place, "name": told.name, "kind": told.kind, told.subject: told.resource}
        return {**names, "status": self.status, "counterexamples": [each.to_dict() for each in self.cases]}


def verify(snapshot: Snapshot, expectations: Iterable[Expectation]) -> tuple[Outcome, ...]:
    """
    Hold every expectation against the snapshot.

    Raises:
        UnknownNameError: A Service, an interface or a group is not in the snapshot; the message names the expectation.
        InvalidInputError: A block has no client, or none of an anonymous snapshot's, or clients cannot be asked about.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    return tuple(_outcome(snapshot, each) for each in expectations)


def _outcome(snapshot: Snapshot, wanted: Expectation) -> Outcome:
    try:
        require_renamed(snapshot, (*wanted.sources, *wanted.excepted))
        cases = _cases(snapshot, wanted)
    except (InvalidInputError, UnknownNameError, TooComplexError) as error:
        raise type(error)(
            "{where}: {detail}",
            remedy=error.remedy_message,
            where=wanted.where,
            detail=error.problem_message,
        ) from None
    return Outcome(wanted, tuple(sorted(cases, key=lambda case: case.status is Status.UNDETERMINED)))


def _cases(snapshot: Snapshot, wanted: Expectation) -> Sequence[ClientCase | FlowCase | DoorCase]:
    if wanted.question is None:
        return list(_of_flows(snapshot, wanted))
    if isinstance(wanted.question, Connection):
        return list(of_door(snapshot, wanted, wanted.question))
    return list(_of_service(snapshot, wanted, wanted.question))


def _of_service(snapshot: Snapshot, wanted: Expectation, question: Question) -> Iterator[ClientCase]:
    answers = reach_ports(snapshot, question)
    _require_clients(answers, wanted)
    clients = clients_from(wanted.sources) - clients_from(wanted.excepted)
    for answer in answers:
        asked = replace(question, port=answer.question.port, protocol=answer.question.protocol)
        failing = clients & _against(answer, wanted.kind)
        for status, found in (
            (Status.FAILS, failing),
            (Status.UNDETERMINED, clients & answer.clients(Verdict.UNDETERMINED)),
        ):
            if found:
                yield ClientCase(status, found, _example(snapshot, asked, found))
    yield from _unserved(snapshot, wanted, question, clients, {answer.family for answer in answers})


def _against(answer: Reach, kind: str) -> FlowSet:
    """The clients who fare otherwise than expected; who gets through to another Service has not reached this one."""
    found = answer.clients(*AGAINST[kind])
    if kind == "allow":
        for each in answer.classes:
            codes = {finding.code for finding in each.trace.findings}
            if FindingCode.LISTENER_OF_ANOTHER_SERVICE in codes and each.trace.verdict is Verdict.REACHABLE:
                found |= each.clients
    return found


def _example(snapshot: Snapshot, asked: Question, clients: FlowSet) -> Trace:
    return trace(snapshot, replace(asked, client=example_client(clients)))


def _unserved(
    snapshot: Snapshot, wanted: Expectation, question: Question, clients: FlowSet, served: set[int]
) -> Iterator[ClientCase]:
    """Clients of a family that the load balancer does not serve: nothing to forbid, and nothing that allows them."""
    for family in {4, 6} - served:
        found = clients & possible_clients(family)
        if found:
            try:
                answer = _example(snapshot, question, found)
            except InvalidInputError as error:
                if wanted.kind == "allow":
                    raise InvalidInputError(
                        error.problem_message, remedy="Leave the IPv{family} blocks out of from", family=family
                    ) from None
            else:
                yield ClientCase(Status.UNDETERMINED, found, answer)


def _require_clients(answers: Iterable[Reach], wanted: Expectation) -> None:
    """A block without any client would make every expectation hold."""
    inside = EMPTY
    for answer in answers:
        inside |= answer.inside | answer.unseen
    outside = (possible_clients(4) | possible_clients(6)) - inside
    for block in wanted.sources:
        if not clients_from([block]) & outside:
            raise InvalidInputError(
                "from has {block}, where no client is",
                remedy="Write blocks of addresses outside the cluster that a packet can come from",
                block=quoted(str(block)),
            )
    if clients_from(wanted.sources) & outside <= clients_from(wanted.excepted):
        raise InvalidInputError("except leaves no client of from", remedy="Write fewer blocks after except")


def _of_flows(snapshot: Snapshot, wanted: Expectation) -> Iterator[FlowCase]:
    """What an interface's groups, or one group, do with the flows."""
    if wanted.subject == "group":
        names: tuple[str, ...] | None = (_group(snapshot, wanted.resource).group_id,)
        found = accepted([snapshot.group(wanted.resource)], wanted.direction)
    else:
        names = groups_of(snapshot, wanted.resource)
        found = accepted_by_list(snapshot, names, wanted.direction)
    failing = wanted.flows - found.possible if wanted.kind == "allow" else wanted.flows & found.sure
    for status, flows in ((Status.FAILS, failing), (Status.UNDETERMINED, wanted.flows & found.unknown)):
        if flows:
            flow = _example_flow(flows)
            yield FlowCase(status, flows, flow, _decision(snapshot, names, wanted, flow))


def _example_flow(flows: FlowSet) -> Flow:
    """One of the flows of the largest block: of the usual client where that is one of them."""
    first = max(boxes(flows), key=lambda box: box.last - box.first).example
    usual = replace(first, peer=ip_address(ANY_CLIENT[first.peer.version]))
    return usual if usual in flows else first


def _group(snapshot: Snapshot, name: str) -> SecurityGroup:
    if name not in snapshot.groups:
        raise UnknownNameError(
            "The snapshot has no security group {name}",
            remedy="It has {groups}",
            name=quoted(name),
            groups=", ".join(list(snapshot.groups)[:8]) or Message("none"),
        )
    return snapshot.groups[name]


def _decision(snapshot: Snapshot, names: tuple[str, ...] | None, wanted: Expectation, flow: Flow) -> Decision:
    """The rule that decides; none where no group is bound, or where nobody read which ones are."""
    if names is None:
        groups = fact(FactCode.GROUPS_OF_RESOURCE, resource=wanted.resource)
        return Decision(Action.UNDETERMINED, wanted.direction, unresolved=(groups,))
    if not names:
        return Decision(Action.ACCEPT, wanted.direction)
    return decide([snapshot.group(name) for name in names], wanted.direction, flow)
