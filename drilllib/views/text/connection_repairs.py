"""The check of a repair between two workloads in words: each aspect in a line, and what speaks against it below."""

from drilllib.core.check.connections import ConnectionAnswer, ConnectionAspect, ConnectionCheck, PastInterface
from drilllib.core.rules.rules import Action, Direction
from drilllib.views.phrases.catalog import say
from drilllib.views.text.repairs import AspectText
from drilllib.views.text.rules import decision_text
from drilllib.views.text.trace import symptoms_text


def connection_aspects(check: ConnectionCheck, language: str) -> tuple[AspectText, ...]:
    """Every aspect in words."""
    return tuple(
        AspectText(each.holds, _aspect_text(each, check, language), *_against(each, language)) for each in check.answers
    )


def _aspect_text(answer: ConnectionAnswer, check: ConnectionCheck, language: str) -> str:
    comma = say(language, "repair_comma")
    if answer.aspect is ConnectionAspect.SERVED:
        return say(language, "between_served", ends=comma.join(map(str, check.scenario.served)))
    if answer.aspect is ConnectionAspect.KEPT:
        return say(language, "between_kept")
    places = comma.join(each.name for each in check.places)
    if answer.aspect is ConnectionAspect.INGRESS:
        return say(language, "between_nothing_more_in", places=places)
    return say(language, "between_nothing_more_out", places=places)


def _against(answer: ConnectionAnswer, language: str) -> tuple[str, tuple[str, ...]]:
    """What speaks against an aspect, and why: of a connection what it meets, where it stops is for the learner."""
    if answer.trace is not None:
        symptom = symptoms_text(answer.trace, language)
        return say(language, "repair_does_not_pass", packet=str(answer.fails), symptom=symptom), ()
    if answer.against is None:
        return "", ()
    return _packet_text(answer.against, answer.aspect, language), (_why(answer.against, language),)


def _packet_text(packet: PastInterface, aspect: ConnectionAspect, language: str) -> str:
    if aspect is ConnectionAspect.KEPT:
        return say(language, "between_lost", packet=packet.text)
    if packet.decision.direction is Direction.INGRESS:
        return say(language, "repair_gets_in", packet=packet.text)
    return say(language, "between_gets_out", packet=packet.text)


def _why(packet: PastInterface, language: str) -> str:
    if packet.decision.action is Action.ACCEPT and packet.decision.group is None:
        return say(language, "repair_no_group", place=packet.place.resource, why=say(language, "NO_GROUP"))
    return decision_text(packet.decision, language)
