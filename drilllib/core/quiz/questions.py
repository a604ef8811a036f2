"""
Questions with a choice of answers. Which one is right is not written down anywhere: the engine is asked.

A quiz is a document; each question names a lab (a fault and what is changed about it) and a fact of it. The
option whose *value* equals that fact is right.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from drilllib.core.drills import variants
from drilllib.core.drills.default_lab import CLIENT, NODE_GROUP, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.fix.proposals import fix
from drilllib.core.lint.findings import Statement
from drilllib.core.reach.clients import reach
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.boxes import blocks_of
from drilllib.core.sets.rectangles import parts_of
from drilllib.core.snapshot.shapes import Fields, require_shape
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.path import Check
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import InvalidInputError, UnknownNameError, quoted

Texts = Mapping[str, str] | Statement  # by language, or what the catalogue has a sentence for

_TEXTS: Fields = {"zh": str, "en": str}
_OPTION: Fields = {"value": str, "text": _TEXTS, "feedback": _TEXTS}
_SHAPE: Fields = {
    "question": [
        {
            "text": _TEXTS,
            "fact": str,
            "fault": str,
            "listener?": str,
            "variants?": [str],
            "rules?": dict,
            "bound?": dict,
            "option": [_OPTION],
        }
    ]
}


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose, and what is said to whoever chooses it."""

    value: str
    text: Texts
    feedback: Texts


@dataclass(frozen=True, slots=True)
class QuizQuestion:
    """
    One question, its options, and the lab whose *fact* decides which of them is right.

    *client* is who asks in that lab. *decided* tells the fact where it is one of this question alone.
    """

    text: Texts
    fact: str
    snapshot: Snapshot
    options: tuple[Option, ...]
    client: str = CLIENT
    decided: Callable[[Snapshot, str], str] | None = None

    def right(self) -> int:
        """
        The place of the right option, counted from 0.

        Raises:
            UnknownNameError: There is no such fact.
            InvalidInputError: Not exactly one option has the fact's value.
        """
        tell = self.decided or FACTS.get(self.fact)
        if tell is None:
            raise UnknownNameError(
                "There is no fact {fact}",
                remedy="Use one of {choices}",
                fact=quoted(self.fact),
                choices=", ".join(FACTS),
            )
        truth = tell(self.snapshot, self.client)
        places = [place for place, option in enumerate(self.options) if option.value == truth]
        if len(places) != 1:
            raise InvalidInputError(
                "{count} options have the value {truth} of {fact}",
                remedy="Give exactly one option that value",
                count=len(places),
                truth=quoted(truth),
                fact=self.fact,
            )
        return places[0]


def read_quiz(document: Mapping[str, Any]) -> tuple[QuizQuestion, ...]:
    """
    The questions of a quiz document.

    Raises:
        InvalidInputError: The document is not of that shape.
        UnknownNameError: A fault or a variant does not exist.
    """
    require_shape(document, _SHAPE, "quiz")
    return tuple(_question(item) for item in document["question"])


def _question(item: Mapping[str, Any]) -> QuizQuestion:
    options = tuple(Option(each["value"], each["text"], each["feedback"]) for each in item["option"])
    return QuizQuestion(item["text"], item["fact"], _lab(item), options)


def _lab(item: Mapping[str, Any]) -> Snapshot:
    """The fault's lab, then the variants, rules and bindings of the question."""
    document = open_fault(item["fault"], listener=item.get("listener") or "HTTP").to_dict()
    for name in item.get("variants") or ():
        if name not in _VARIANTS:
            raise UnknownNameError(
                "There is no variant {name}", remedy="Use {choices}", name=quoted(name), choices=", ".join(_VARIANTS)
            )
        _VARIANTS[name](document)
    for group_id, lines in (item.get("rules") or {}).items():
        variants.add_group(document, group_id)
        variants.set_ingress(document, group_id, *(dict(rule_from_text(line).policy) for line in lines))
    for instance in document["instances"]:
        bound = (item.get("bound") or {}).get(instance["InstanceId"])
        instance["SecurityGroupIds"] = bound or instance["SecurityGroupIds"]
    return Snapshot(document)


_VARIANTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "direct_access": variants.direct_access,
    "local_policy": variants.local_policy,
    "pass_to_target": variants.pass_to_target,
    "over_udp": variants.over_udp,
    "other_port": variants.other_port,
    "closed_egress": variants.closed_egress,
    "not_ready": variants.not_ready,
}


def _trace(snapshot: Snapshot, client: str) -> Trace:
    return trace(snapshot, Question(client=client, service=SERVICE))


def _symptom(snapshot: Snapshot, client: str) -> str:
    symptom = _trace(snapshot, client).symptom
    return str(symptom.status or symptom.kind) if symptom else "-"


def _check_at(snapshot: Snapshot, client: str, hop: HopKind) -> Check:
    """The check on the way in at that hop of the first path."""
    return next(each for each in _trace(snapshot, client).paths[0].hops if each.hop is hop).checks[0]


def _dead(snapshot: Snapshot, _: str) -> str:
    """The places in the node's ingress list that never decide."""
    found = parts_of([snapshot.group(NODE_GROUP)], Direction.INGRESS).dead
    return ", ".join(str(place) for _, place in sorted(found)) or "-"


def _reached_by(snapshot: Snapshot, _: str) -> str:
    """The clients whose every request succeeds."""
    found = reach(snapshot, Question(service=SERVICE))
    return ", ".join(block for each in found for block in blocks_of(each.clients(Verdict.REACHABLE))) or "-"


def _fixed_by(snapshot: Snapshot, client: str) -> str:
    """The edits of the smallest change that lets the lab's client in."""
    proposals = fix(snapshot, Question(service=SERVICE), [ip_network(client)]).proposals
    best = proposals[0] if proposals else None
    told = [f"{each.code} {each.where}" for each in best.steps] if best else []
    told += [f"{each.edit} {each.group} {each.place}" for each in best.changes] if best else []
    return ", ".join(told) or "-"


FACTS: dict[str, Callable[[Snapshot, str], str]] = {
    "symptom": _symptom,
    "reason": lambda snapshot, client: _trace(snapshot, client).reason,
    "health": lambda snapshot, client: _trace(snapshot, client).health[0].predicted,
    "blockers": lambda snapshot, client: str(len(_trace(snapshot, client).blockers)),
    "node peer": lambda snapshot, client: str(_check_at(snapshot, client, HopKind.NODE).peer),
    "node group": lambda snapshot, client: _check_at(snapshot, client, HopKind.NODE).group or "-",
    "node rule": lambda snapshot, client: str(_check_at(snapshot, client, HopKind.NODE).policy_index),
    "pod peer": lambda snapshot, client: str(_check_at(snapshot, client, HopKind.POD).peer),
    "dead rules": _dead,
    "reached by": _reached_by,
    "fixed by": _fixed_by,
}
