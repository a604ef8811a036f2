"""Which expectations hold, a line for each, and below what fails one client or flow with what really happens to it."""

from collections.abc import Iterator, Sequence

from drilllib.core.check.outcomes import ClientCase, FlowCase, Outcome, Status
from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Action, Decision, Direction
from drilllib.core.trace.codes import Reason
from drilllib.errors import printable
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import facts_text
from drilllib.views.text.trace import blocker_text, columns, decision_text, padded


def check_text(outcomes: Sequence[Outcome], language: str) -> str:
    """Every expectation, and how many hold."""
    width = max(columns(say(language, f"check_{status}")) for status in Status) + 2
    lines = [line for each in outcomes for line in _lines(each, width, language)]
    counts = {str(status): sum(each.status is status for each in outcomes) for status in Status}
    return "\n".join([*lines, say(language, "check_total", count=len(outcomes), **counts)])


def _lines(outcome: Outcome, width: int, language: str) -> Iterator[str]:
    wanted = outcome.expectation
    label = padded(say(language, f"check_{outcome.status}"), width)
    yield f"{label}{wanted.place}. {printable(wanted.name or wanted.title)}"
    told = [case for case in outcome.cases if case.status is outcome.status]
    if told:
        yield from (f"{' ' * width}   {line}" for line in case_lines(told[0], wanted.resource, language))
    if len(told) > 1:
        yield f"{' ' * width}   {say(language, 'check_more_cases', count=len(told) - 1)}"


def case_lines(case: ClientCase | FlowCase, resource: str, language: str) -> Iterator[str]:
    """One client, or one flow at *resource*, how it fares, and what decides that."""
    if isinstance(case, ClientCase):
        yield from _client_lines(case, language)
    else:
        yield _flow_text(case, resource, language)


def _client_lines(case: ClientCase, language: str) -> Iterator[str]:
    answer, asked = case.trace, case.trace.question
    place = at(asked.vip or "", asked.port)
    fate = f"{say(language, answer.verdict)}  [{answer.reason}: {say(language, answer.reason)}]"
    names = {"client": asked.client, "name": asked.service, "place": place, "protocol": asked.protocol or ""}
    yield say(language, "check_client", fate=fate, **names)
    if answer.blockers:
        yield blocker_text(answer.blockers[0], language)
    if answer.gaps:
        yield say(language, "missing", gaps=facts_text(answer.gaps, language))


def _flow_text(case: FlowCase, resource: str, language: str) -> str:
    flow, made = case.flow, case.decision
    return say(
        language,
        "asked" if flow.port else "asked_without_port",
        direction=say(language, made.direction),
        protocol=flow.protocol,
        preposition=say(language, "from" if made.direction is Direction.INGRESS else "to"),
        peer=flow.peer,
        port=flow.port,
        answer=_decided_text(made, resource, language),
    )


def _decided_text(made: Decision, resource: str, language: str) -> str:
    """The decision in the words of a trace."""
    if made.action is Action.UNDETERMINED:
        return decision_text(made, language)
    if made.rule is not None:
        facts = {"action": made.action, "group": made.group, "index": made.policy_index, "rule": made.rule.text}
        return say(language, "by_rule", direction=made.direction, **facts)
    if made.action is Action.DROP:
        return say(language, "by_default", groups=resource)
    return say(language, "by_no_group", action=made.action, why=say(language, Reason.NO_GROUP))
