"""Expectations as text, a line each; below a failed one, a client or flow and what happens to it."""

from collections.abc import Iterator, Sequence

from drilllib.core.check.doors import DoorCase
from drilllib.core.check.outcomes import ClientCase, FlowCase, Outcome
from drilllib.core.check.status import Status
from drilllib.core.connection.question import Connection
from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Action, Decision, Direction
from drilllib.core.trace.codes import Reason
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import facts_text
from drilllib.views.text.columns import columns, padded
from drilllib.views.text.connection import reason_words, stop_text
from drilllib.views.text.rules import decision_text
from drilllib.views.text.trace import blocker_text, verdict_text

NAMED = 5  # nodes or pods that one line names


def check_text(outcomes: Sequence[Outcome], language: str) -> str:
    """Every expectation, and the totals."""
    width = max(columns(say(language, f"check_{status}")) for status in Status) + 2
    lines = [line for each in outcomes for line in _lines(each, width, language)]
    counts = {str(status): sum(each.status is status for each in outcomes) for status in Status}
    return terminal_text([*lines, say(language, "check_total", count=len(outcomes), **counts)])


def _lines(outcome: Outcome, width: int, language: str) -> Iterator[str]:
    expectation, margin = outcome.expectation, " " * width
    label = padded(say(language, f"check_{outcome.status}"), width)
    yield f"{label}{expectation.place}. {expectation.name or expectation.title}"
    cases = [case for case in outcome.cases if case.status is outcome.status]
    if cases:
        yield from (f"{margin}   {line}" for line in case_lines(cases[0], expectation.resource, language))
    if len(cases) > 1:
        of_door = isinstance(cases[0], DoorCase)
        more = say(language, "check_more_doors" if of_door else "check_more_cases", count=len(cases) - 1)
        yield f"{margin}   {more}"


def case_lines(case: ClientCase | FlowCase | DoorCase, resource: str, language: str) -> Iterator[str]:
    """One client, or one flow at *resource*, with its result and the cause."""
    if isinstance(case, ClientCase):
        yield from _client_lines(case, language)
    elif isinstance(case, DoorCase):
        yield from _door_lines(case, language)
    else:
        yield _flow_text(case, resource, language)


def _client_lines(case: ClientCase, language: str) -> Iterator[str]:
    answer, question = case.trace, case.trace.question
    place, fate = at(question.vip or "", question.port), verdict_text(answer, language)
    names = {"client": question.client, "name": question.service, "protocol": question.protocol or ""}
    yield say(language, "check_client", fate=fate, place=place, **names)
    if answer.blockers:
        yield blocker_text(answer.blockers[0], language)
    if answer.gaps:
        yield say(language, "missing", gaps=facts_text(answer.gaps, language))


def _door_lines(case: DoorCase, language: str) -> Iterator[str]:
    """A source and a door, what becomes of that, where it stops, and who fares like it."""
    answer = case.trace
    asked = answer.question
    door = (
        asked.label if isinstance(asked, Connection) else f"{asked.protocol or 'TCP'} {at(asked.vip or '', asked.port)}"
    )
    fate = f"{say(language, answer.verdict)}  [{answer.reason}: {reason_words(answer, language)}]"
    yield say(language, "check_door", client=answer.question.client, door=door, fate=fate)
    if answer.blockers:
        yield stop_text(answer.blockers[0], language)
    if answer.gaps:
        yield say(language, "missing", gaps=facts_text(answer.gaps, language))
    others = [each for each in case.sources if each != answer.question.client]
    if others and case.sources[0].startswith(("node/", "pod/")):
        more = say(language, "doors_more", count=len(others) - NAMED) if len(others) > NAMED else ""
        yield say(language, "check_like_it", names=", ".join(others[:NAMED]) + more)


def _flow_text(case: FlowCase, resource: str, language: str) -> str:
    flow, decision = case.flow, case.decision
    return say(
        language,
        "asked" if flow.port else "asked_without_port",
        direction=say(language, decision.direction),
        protocol=flow.protocol,
        preposition=say(language, "from" if decision.direction is Direction.INGRESS else "to"),
        peer=flow.peer,
        port=flow.port,
        answer=_decision_text(decision, resource, language),
    )


def _decision_text(decision: Decision, resource: str, language: str) -> str:
    """The decision as in a trace."""
    if decision.action is Action.UNDETERMINED:
        return decision_text(decision, language)
    if decision.rule is not None:
        place = {"group": decision.group, "direction": decision.direction, "index": decision.policy_index}
        return say(language, "by_rule", action=decision.action, rule=decision.rule.text, **place)
    if decision.action is Action.DROP:
        return say(language, "by_default", groups=resource)
    return say(language, "by_no_group", action=decision.action, why=say(language, Reason.NO_GROUP))
