"""The check of a repair in words: each aspect in a line, and what speaks against it below."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from drilllib.core.check.packets import Packet
from drilllib.core.check.repairs import Answer, Aspect, RepairCheck
from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Action
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.path import Check
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import facts_text
from drilllib.views.text.hops import answer_text
from drilllib.views.text.rules import decision_text
from drilllib.views.text.trace import blocker_text, health_text, symptoms_text


@dataclass(frozen=True, slots=True)
class AspectText:
    """One aspect in words; *against* is the packet that speaks against it, *why* in lines what decided about it."""

    holds: bool
    text: str
    against: str = ""
    why: tuple[str, ...] = ()


def repair_title(*, passed: bool, language: str) -> str:
    """Whether the repair passed, in a line."""
    return say(language, "repair_passed") if passed else say(language, "repair_failed")


def repair_aspects(check: RepairCheck, language: str) -> tuple[AspectText, ...]:
    """Every aspect in words."""
    return tuple(
        AspectText(each.holds, _aspect_text(each, check, language), *_told(each, check, language))
        for each in check.answers
    )


def _told(answer: Answer, check: RepairCheck, language: str) -> tuple[str, tuple[str, ...]]:
    """The packet against an aspect, and why; what stops those who are meant to pass only where that may be told."""
    packet, why = _against(answer, check, language)
    return packet, why if check.tells or answer.aspect not in (Aspect.SERVED, Aspect.HEALTH) else ()


def repair_text(aspects: Iterable[AspectText], language: str, *, passed: bool) -> str:
    """The check as text."""
    lines = [repair_title(passed=passed, language=language)]
    for each in aspects:
        lines.append(f"  {'✓' if each.holds else '✗'} {each.text}")
        lines += [f"      {line}" for line in (each.against, *each.why) if line]
    return terminal_text(lines)


def _aspect_text(answer: Answer, check: RepairCheck, language: str) -> str:
    intent, asked = check.intent, check.request.question
    if answer.aspect is Aspect.HEALTH:
        return health_text(check.request, language)
    if answer.aspect is Aspect.OTHERS:
        return say(language, "repair_others")
    if answer.aspect is Aspect.PAST:
        return say(
            language, "repair_past", places=say(language, "repair_comma").join(each.name for each in check.places)
        )
    facts = {"clients": say(language, "repair_comma").join(intent.served), "service": asked.service}
    facts["place"] = at(asked.vip or "", asked.port)
    if intent.nodes:
        return say(language, "repair_served_by_nodes", nodes=intent.nodes, **facts)
    return say(language, "repair_served", **facts)


def _against(answer: Answer, check: RepairCheck, language: str) -> tuple[str, tuple[str, ...]]:
    """The packet against an aspect, and why it fares as it does; of a target that is not Alive only why."""
    packet = answer.against
    if packet is None:
        stop = answer.sick and answer.sick.blocker
        return "", (blocker_text(stop, language),) if stop else ()
    if packet.trace is not None:
        return _of_client(packet, packet.trace, answer.aspect, language)
    return _of_flow(packet, answer.aspect, check, language)


def _of_client(packet: Packet, answer: Trace, aspect: Aspect, language: str) -> tuple[str, tuple[str, ...]]:
    symptom = symptoms_text(answer, language)
    if aspect is Aspect.SERVED:
        stops = tuple(blocker_text(each, language) for each in answer.blockers[:1])
        why = stops or tuple(_unknown(answer, language))
        return say(language, "repair_does_not_pass", packet=packet.text, symptom=symptom), why
    return say(language, "repair_passes", packet=packet.text, symptom=symptom), tuple(_passed(answer, language))


def _unknown(answer: Trace, language: str) -> Iterator[str]:
    """What is not known, where no path could be followed for want of it."""
    if answer.gaps and not answer.paths:
        yield say(language, "missing", gaps=facts_text(answer.gaps, language))


def _passed(answer: Trace, language: str) -> Iterator[str]:
    """What let the client in, at each gate that saw it; of a client whose way is not known, what is missing."""
    yield from _unknown(answer, language)
    for hop in (hop for path in answer.paths[:1] for hop in path.hops):
        yield from (answer_text(check, language) for check in hop.checks if _sees(check, answer.question.client))


def _sees(check: Check, client: str) -> bool:
    return str(check.peer) == client


def _of_flow(packet: Packet, aspect: Aspect, check: RepairCheck, language: str) -> tuple[str, tuple[str, ...]]:
    if packet.unasked:
        return say(language, "repair_unasked", packet=packet.text), (say(language, "PASS_TO_TARGET"),)
    why = (_why(packet, language),)
    if aspect is Aspect.SERVED:
        return say(language, "repair_node_kept_out", packet=packet.text, nodes=check.intent.nodes), why
    return say(language, "repair_gets_in", packet=packet.text), why


def _why(packet: Packet, language: str) -> str:
    """The rule that decided, or that there is none."""
    made = packet.decision
    if made is None:
        return say(language, "groups_not_read")
    if made.action is Action.ACCEPT and made.group is None:
        return say(language, "repair_no_group", place=packet.place.resource, why=say(language, "NO_GROUP"))
    return decision_text(made, language)
