"""The cards of a drawing: what a place on the path is, what its groups saw and decided, where the packet got to."""

from collections.abc import Iterator

from drilllib.core.connection.question import Connection
from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Action, Direction
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import HopKind, Reason
from drilllib.core.trace.path import ENDS, Check, Hop, Path, PathOutcome, Symptom
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import printable
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import fact_text
from drilllib.views.picture.parts import CLIENT, Asked, Card, Gate, Look, State, Word
from drilllib.views.text.hops import group_text, hop_address, hop_lines, shown_peer
from drilllib.views.text.trace import health_of, reason_text, symptom_text

_LOOKS: dict[Action, Look] = {Action.ACCEPT: "ok", Action.DROP: "no", Action.UNDETERMINED: "unknown"}
_HEALTH: dict[str, Look] = {"Alive": "ok", "Dead": "no", "Unknown": "unknown"}
_NUMBERS = {HopKind.CLB: "1", HopKind.NODE: "2", HopKind.POD: "3"}


def client_card(trace: Trace, language: str) -> Card:
    """The client, with what it gets; without any path, why there is none."""
    cause = None if trace.paths else Word(trace.reason, "no", reason_text(trace, language))
    return Card(
        key=CLIENT,
        kind=CLIENT,
        column=0,
        state="plain",
        name=say(language, "drawn_client"),
        address=printable(trace.question.client),
        answer=_answer(trace, language),
        cause=cause,
    )


def _answer(trace: Trace, language: str) -> Word:
    """What comes back to the client, in a word or two."""
    if trace.verdict is Verdict.INTERMITTENT:
        failing = sum(path.count for path in trace.paths if path.outcome is not PathOutcome.DELIVERED)
        total = sum(path.count for path in trace.paths)
        return Word(
            say(language, "ui_sometimes"), "unknown", say(language, "drawn_share", failing=failing, total=total)
        )
    if trace.symptom is None:
        words = say(language, "or").join(dict.fromkeys(short_symptom(each, language) for each in trace.symptoms))
        untold = say(language, "undetermined")
        return Word(words, "unknown", untold) if words else Word(untold, "unknown")
    best = trace.symptoms[-1] if trace.symptom.works else trace.symptom
    slow = trace.symptom if trace.symptom.seconds else best
    return Word(short_symptom(best, language), "ok" if best.works else "no", _when(slow, language))


def short_symptom(symptom: Symptom, language: str) -> str:
    """A status as its number, anything else in words."""
    return str(symptom.status) if symptom.status else symptom_text(symptom, language)


def _when(symptom: Symptom, language: str) -> str:
    """How long it takes; nothing where the client's own patience ends it."""
    if symptom.seconds is None:
        return ""
    if symptom.seconds and symptom.works:
        return say(language, "drawn_sometimes_after", seconds=symptom.seconds)
    return say(language, "drawn_after", seconds=symptom.seconds) if symptom.seconds else say(language, "drawn_at_once")


def card_of(trace: Trace, path: Path, hop: Hop, key: str, language: str) -> Card:
    """The card of one hop of a path."""
    place, of_connection = path.hops.index(hop), isinstance(trace.question, Connection)
    group = group_called(trace, hop, language)
    state, more = state_of(hop), _alike(path, place)
    return Card(
        key=key,
        kind=hop.hop,
        column=place + 1,
        state=state,
        name=printable(_name(trace, hop, language)),
        address=printable(hop_address(trace, hop)),
        gate=_gate(hop, numbered=not of_connection),
        health=_health(trace, path, language) if place == 1 and path.target else None,
        like=say(language, "and_more", count=more - 1) if more > 1 else "",
        asked=tuple(_asked(hop, check, group, language) for check in shown_checks(hop)),
        cause=_cause(hop, language),
        missing=() if state == "stopped" else _missing(hop, language),
        band=_band(hop, state, language),
        details=tuple(map(printable, hop_lines(trace, hop, language, group=group))),
        groups=tuple(dict.fromkeys(group for check in hop.checks for group in check.groups)),
    )


def group_called(trace: Trace, hop: Hop, language: str) -> str:
    """Which of the three groups of a request to a Service a hop's are; of a connection just those of the place."""
    return say(language, "any_group") if isinstance(trace.question, Connection) else group_text(hop, language)


def _name(trace: Trace, hop: Hop, language: str) -> str:
    """What the place is, and its name; of a connection a node is none that a CLB sends to."""
    if not isinstance(trace.question, Connection):
        return f"{say(language, hop.hop)} {hop.name}"
    kind = say(language, "own_node" if hop.hop is HopKind.NODE else hop.hop)
    return kind if hop.name == hop.address else f"{kind} {hop.name}"


def state_of(hop: Hop) -> State:
    """What happens to the packet at a hop."""
    if hop.hypothetical:
        return "unreached"
    end = hop.end(unknown_passes=None)
    if end is None or end[0] is PathOutcome.DELIVERED:
        return "passed"
    return "unknown" if end[0] is PathOutcome.UNDETERMINED else "stopped"


def shown_checks(hop: Hop) -> list[Check]:
    """The checks that a card has room for: on the way in, and out only where one decides; nothing behind a DROP."""
    decides = next(
        (check for action in (Action.DROP, Action.UNDETERMINED) for check in hop.checks if check.action is action), None
    )
    if decides and decides.direction is Direction.EGRESS:
        return [decides]
    inward = [check for check in hop.checks if check.direction is Direction.INGRESS]
    stop = next((place for place, check in enumerate(inward) if check.action is Action.DROP), len(inward))
    return inward[: stop + 1]


def _missing(hop: Hop, language: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(printable(fact_text(fact, language)) for fact in hop.gaps))


def _gate(hop: Hop, *, numbered: bool) -> Gate | None:
    """The gate before a host whose groups are asked; closed where one of them drops, also on the way out."""
    checks = [check for check in hop.checks if not check.policies]
    if not checks:
        return None
    worst = max(checks, key=lambda check: [Action.ACCEPT, Action.UNDETERMINED, Action.DROP].index(check.action))
    number = "2" if hop.hop is HopKind.POD and hop.interface == "primary" else _NUMBERS.get(hop.hop, "")
    return Gate(number if numbered else "", "" if hop.hypothetical else _LOOKS[worst.action])


def _alike(path: Path, place: int) -> int:
    """How many nodes or pods the path stands for at that hop."""
    if not path.target:  # the client's own node, or nothing behind the CLB
        return path.endpoints if path.hops[place].hop is HopKind.POD else 1
    return 1 if place == 0 else path.targets if place == 1 else path.endpoints


def _health(trace: Trace, path: Path, language: str) -> Word:
    state = trace.health_of_targets.get(path.target or "", "Unknown")
    return Word(health_of(trace, path, language), _HEALTH.get(state, ""))


def _asked(hop: Hop, check: Check, called: str, language: str) -> Asked:
    inward = check.direction is Direction.INGRESS
    group = "NetworkPolicy" if check.policies else called
    title = say(language, "drawn_would_see" if hop.hypothetical else "drawn_sees", group=group)
    place = f"{check.group}{'' if inward else ' egress'}[{check.policy_index}]" if check.rule else ""
    return Asked(
        title=title if inward else say(language, "drawn_outward", sees=title),
        packet=printable(_packet(check, inward, language)),
        verdict=Word(_verdict_word(check, language), _LOOKS[check.action]),
        place=printable(", ".join(check.policies) or place),
        rule=printable(check.rule.split(" ", 1)[1] if check.rule else ""),
        why="" if check.rule or check.policies else _why(check, language),
    )


def _packet(check: Check, inward: bool, language: str) -> str:
    """The far end as the interface sees it, and the port."""
    peer = shown_peer(str(check.peer), language)
    if check.port is None:
        return f"{peer} → {check.protocol}" if inward else f"→ {peer} {check.protocol}"
    return f"{peer} → :{check.port}" if inward else f"→ {at(peer, check.port)}"


def _verdict_word(check: Check, language: str) -> str:
    return say(language, "drawn_depends") if check.action is Action.UNDETERMINED else str(check.action)


def _why(check: Check, language: str) -> str:
    """Why it ends so without a rule."""
    if check.reason is Reason.NO_RULE_MATCHED:
        return say(language, "no_rule")
    return "" if check.action is Action.UNDETERMINED else say(language, check.reason)


def _cause(hop: Hop, language: str) -> Word | None:
    """What ends the packet beside the groups, or keeps its end from being known; that no group is asked here."""
    if hop.problem is None or any(check.action is Action.DROP for check in hop.checks):
        return None if hop.checks else Word(say(language, "not_asked"))
    looks: dict[PathOutcome, Look] = {PathOutcome.DELIVERED: "ok", PathOutcome.UNDETERMINED: "unknown"}
    return Word(str(hop.problem), looks.get(ENDS[hop.problem], "no"), say(language, hop.problem))


def _band(hop: Hop, state: State, language: str) -> str:
    """Where the packet got to."""
    if state == "stopped":
        return say(language, "drawn_stopped")
    if state == "unreached":
        return say(language, "drawn_unreached")
    return say(language, "undetermined") if state == "unknown" else ""


def texts_of(card: Card) -> Iterator[str]:
    """All that is written on a card, from the top."""
    yield from (card.name, card.address, card.like)
    for word in (card.health, card.answer, card.cause):
        yield from (word.text, word.more) if word else ()
    for each in card.asked:
        yield from (each.title, each.packet, each.verdict.text, each.place, each.rule, each.why)
    yield from (*card.missing, card.band)
