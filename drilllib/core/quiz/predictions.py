"""
One question about a lab before it is asked: what will be seen, where does it stop, which rule decides?

The engine answers at the moment of asking. Options are codes, in an order that does not depend on which is right.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from drilllib.core.connection import follow
from drilllib.core.connection.question import Connection
from drilllib.core.quiz.chosen import some
from drilllib.core.rules.rules import Action, Direction, Flow
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.codes import HopKind, Reason
from drilllib.core.trace.path import Check, PathOutcome
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import InvalidInputError, LabStateError, UnknownNameError, either, quoted

ALIKE_OFFERED = 2  # of the rules that match the packet too
RULES_OFFERED = 3  # besides the right one, "no rule" and "not asked"
NOWHERE, NO_GROUP, UNTOLD, MIXED, NO_RULE, NOT_ASKED = "nowhere", "no_group", "untold", "mixed", "-", "not_asked"
SOMETIMES, YES, NO = "sometimes", "yes", "no"
_MET = {
    "TCP": ("200", "504", "502", "connect_timeout", "refused"),
    "UDP": ("answered", "no_answer", "port_unreachable"),
}
_MET_BETWEEN = ("connected", "connect_timeout", "refused")
BETWEEN = (  # the lists that a connection may meet, in the order met
    Reason.POD_EGRESS_DROPPED,
    Reason.NODE_EGRESS_DROPPED,
    Reason.TARGET_GROUP_DROPPED,
    Reason.POD_GROUP_DROPPED,
)
_GETS_THROUGH = {Verdict.REACHABLE: YES, Verdict.UNREACHABLE: NO, Verdict.INTERMITTENT: SOMETIMES}


class Topic(StrEnum):
    """What a prediction is about: what the client meets, where the packet stops, the rule, health, who gets through."""

    OUTCOME = "outcome"
    HOP = "hop"
    RULE = "rule"
    HEALTH = "health"
    REACH = "reach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """
    A question with its options, and *answer*, the trace that decides; *right* is the place of the right option.

    *group* is the group whose rule is asked for. An option of topic rule is ``GROUP[INDEX]``, `NO_RULE` or `NOT_ASKED`.
    """

    topic: Topic
    group: str
    options: tuple[str, ...]
    right: int
    answer: Trace = field(repr=False)
    rules: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """The texts of the rules that are options."""
    check: Check | None = None
    """The check that the rule decides."""


def predict(snapshot: Snapshot, question: Question, what: str, *, group: str | None = None) -> Prediction:
    """
    The question *what*, an entry of `Topic`, about *question* in the lab as it is; the same input gives the same one.

    Raises:
        UnknownNameError: There is no such topic.
        InvalidInputError: A question about a rule names no group.
        LabStateError: There is nothing to ask about, since the packet does not come to that group.
    """
    topic = _topic(what)
    answer = follow.trace(snapshot, question) if isinstance(question, Connection) else trace(snapshot, question)
    if topic is Topic.RULE:
        return _about_rule(snapshot, answer, group)
    truth = _TRUTHS[topic](answer)
    options = _OPTIONS[topic](answer, truth)
    return Prediction(topic=topic, group="", options=options, right=options.index(truth), answer=answer)


def _topic(what: str) -> Topic:
    if what not in [*Topic]:
        raise UnknownNameError(
            "Nothing can be predicted about {what}", remedy="Use {choices}", what=quoted(what), choices=either([*Topic])
        )
    return Topic(what)


def _with(options: Sequence[str], truth: str) -> tuple[str, ...]:
    """The options, and the truth where it is none of the usual ones."""
    return (*options, *(() if truth in options else (truth,)))


def outcome_of(answer: Trace) -> str:
    """What the client meets, as a code: a status, a kind of symptom, or that it varies."""
    if answer.verdict is Verdict.INTERMITTENT:
        return SOMETIMES
    symptom = answer.symptom
    return UNTOLD if symptom is None else str(symptom.status or symptom.kind)


def _outcomes(answer: Trace, truth: str) -> tuple[str, ...]:
    """All that the protocol allows, whatever is true: options that came and went with the truth would give it away."""
    varies = (SOMETIMES,) if len(answer.paths) > 1 else ()
    if isinstance(answer.question, Connection) and answer.question.protocol != "UDP":
        return _with((*_MET_BETWEEN, *varies), truth)
    return _with((*_MET["UDP" if answer.question.protocol == "UDP" else "TCP"], *varies), truth)


def _hop(answer: Trace) -> str:
    """Where the first attempt that fails is stopped."""
    if answer.verdict is Verdict.REACHABLE:
        return NOWHERE
    first = next((each for each in answer.blockers if not each.hypothetical), None)
    if first is not None and isinstance(answer.question, Connection):
        return str(answer.reason) if answer.reason in BETWEEN else NO_GROUP
    if first is None:
        return UNTOLD if answer.verdict is Verdict.UNDETERMINED else NO_GROUP
    return str(first.hop) if first.check and not first.policies else NO_GROUP


def _health(answer: Trace) -> str:
    states = set(answer.health_of_targets.values())
    return states.pop() if len(states) == 1 else MIXED if states else UNTOLD


def _states(answer: Trace, truth: str) -> tuple[str, ...]:
    several = (MIXED,) if len(answer.health_of_targets) > 1 else ()
    return _with(("Alive", "Dead", "Unknown", *several), truth)


def _lists_of(answer: Trace) -> tuple[str, ...]:
    """Where a packet may be stopped by a group: at three places, or between two workloads by four lists."""
    return tuple(map(str, BETWEEN)) if isinstance(answer.question, Connection) else _PLACES


_PLACES = tuple(map(str, (HopKind.CLB, HopKind.NODE, HopKind.POD)))
_TRUTHS: dict[Topic, Callable[[Trace], str]] = {
    Topic.OUTCOME: outcome_of,
    Topic.HOP: _hop,
    Topic.HEALTH: _health,
    Topic.REACH: lambda answer: _GETS_THROUGH.get(answer.verdict, UNTOLD),
}
_OPTIONS: dict[Topic, Callable[[Trace, str], tuple[str, ...]]] = {
    Topic.OUTCOME: _outcomes,
    Topic.HOP: lambda answer, truth: _with((*_lists_of(answer), NO_GROUP, NOWHERE), truth),
    Topic.HEALTH: _states,
    Topic.REACH: lambda _, truth: _with((YES, NO, SOMETIMES), truth),
}


def _about_rule(snapshot: Snapshot, answer: Trace, group: str | None) -> Prediction:
    """Which rule of the interface that *group* is bound to decides the packet on its way in."""
    if not group:
        raise InvalidInputError("No group is named", remedy='Say whose rule is meant, as in group="sg-node0001"')
    check = _check(answer, group)
    if check is None:
        raise LabStateError(
            "The packet does not come to {group}", remedy="Ask about a group on its path", group=quoted(group)
        )
    truth = _place(check)
    rules = _rules(snapshot, check)
    others = _others(f"{answer.question}/{group}", rules, truth, _matching(snapshot, check))
    listed = [each for each in rules if each == truth or each in others][: RULES_OFFERED + 1]
    options = _with((*listed, NO_RULE, NOT_ASKED), truth)
    return Prediction(
        topic=Topic.RULE,
        group=group,
        options=options,
        right=options.index(truth),
        answer=answer,
        rules=rules,
        check=check,
    )


def _others(seed: str, rules: Iterable[str], truth: str, matching: Sequence[str]) -> list[str]:
    """What is offered beside the right rule: the next that match too, which somebody may take for it, and some more."""
    tempting = [each for each in matching if each != truth][:ALIKE_OFFERED]
    rest = [each for each in rules if each != truth and each not in tempting]
    return tempting + some(seed, rest, RULES_OFFERED - len(tempting))


def _matching(snapshot: Snapshot, check: Check) -> list[str]:
    """The rules that match the packet by themselves, from the top; none where it may come from any of a block."""
    if check.peer.address is None:
        return []
    flow = Flow(protocol=check.protocol, peer=check.peer.address, port=check.port)
    groups = map(snapshot.group, check.groups)
    found = (f"{one.group_id}[{place}]" for one in groups for place, _ in one.matching(check.direction, flow))
    return [*dict.fromkeys(found)]


def _check(answer: Trace, group: str) -> Check | None:
    """The first check on the way in (of a connection also out) that this group has a say in, on a path that fails."""
    failing = [each for each in answer.paths if each.outcome is not PathOutcome.DELIVERED]
    checks = (check for path in (*failing, *answer.paths) for hop in path.hops for check in hop.checks)
    both = isinstance(answer.question, Connection)
    asked = (each for each in checks if (both or each.direction is Direction.INGRESS) and not each.policies)
    return next((each for each in asked if group in each.groups), None)


def _place(check: Check) -> str:
    """The deciding rule as an option."""
    if check.action is Action.UNDETERMINED:
        return UNTOLD
    if check.group is not None:
        return f"{check.group}[{check.policy_index}]"
    return NO_RULE if check.reason is Reason.NO_RULE_MATCHED else NOT_ASKED


def _rules(snapshot: Snapshot, check: Check) -> dict[str, str]:
    """The texts of the rules that the check goes through, by the option that each is."""
    groups = [(name, snapshot.group(name).rules(check.direction) or ()) for name in check.groups]
    return {f"{name}[{place}]": rule.text for name, rules in groups for place, rule in enumerate(rules)}
