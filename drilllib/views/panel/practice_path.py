"""
The path as a learner of practice sees it: the places that a request is meant to come by, and what their looks showed.

Nothing here asks the engine about what is wrong: places are those of the repaired world, less what only it has.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, TypedDict

from drilllib.core.connection.follow import trace as follow
from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.looks import CLIENT as AT_CLIENT
from drilllib.core.practice.looks import Evidence, LookKind
from drilllib.core.practice.rows import Row
from drilllib.core.rules.addresses import at, parse_address
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.path import Hop
from drilllib.core.trace.request import trace
from drilllib.errors import Message, printable
from drilllib.views.phrases.catalog import say
from drilllib.views.picture.cards import short_symptom
from drilllib.views.picture.parts import CLIENT, Card, Scene, Word
from drilllib.views.picture.reveal import revealed
from drilllib.views.picture.scene import PATHS_DRAWN, scene
from drilllib.views.text.looks import symptom_of

Seen = Mapping[str, tuple[Word, ...]]
FLAGS = {"S": "SYN", "S.": "SYN-ACK", "R.": "RST"}
_ADDRESS = Message("The client")
SHOWN_HERE = 3  # looks on one card; the log has all


class SeenPathState(TypedDict):
    """What the page shows, as `path_view.PathState`; *chosen* is the place that was pressed."""

    level: int
    scene: dict[str, Any]
    folded: str
    left_out: str
    chosen: str


def route_of(world: World) -> Trace:
    """The path of a request that the Service is meant for, or of who reports a connection, in the repaired world."""
    if world.connections:
        return follow(world.reference, world.question)
    first = world.served[0].partition("/")[0] if world.served else world.question.client
    return trace(world.reference, replace(world.meant, client=str(parse_address(first, _ADDRESS) + 1)))


def path_state(
    world: World, route: Trace, evidence: Sequence[Evidence], chosen: str, language: str, *, asks: bool
) -> SeenPathState:
    """The route with what was seen; *asks*: a place can be chosen."""
    whole = scene(route, language, most=PATHS_DRAWN)
    bare, like = revealed(whole, 1), {card.key: card.like for card in whole.cards}
    seen = dict[str, tuple[Word, ...]]()
    for each in evidence:
        for key, word in _words(each, bare.cards, language):
            seen[key] = tuple(dict.fromkeys((*seen.get(key, ()), word)))[-SHOWN_HERE:]
    cards = tuple(replace(_card(card, world, seen, evidence, language), like=like[card.key]) for card in bare.cards)
    left = say(language, "left_out", count=bare.left_out) if bare.left_out else ""
    drawn: Scene = replace(bare, cards=cards)
    key = next((name for name, resource in resources_of(route, world).items() if resource == chosen), "")
    return {"level": int(asks), "scene": asdict(drawn), "folded": "", "left_out": left, "chosen": key}


def resource_at(key: str, route: Trace, world: World) -> str:
    """The resource behind a card; one that is drawn several times has a number behind its key."""
    known = resources_of(route, world)
    return known.get(key) or known.get(key.rpartition(" ")[0], "")


def resources_of(route: Trace, world: World) -> dict[str, str]:
    """The CLB, instance or interface behind each card of the path."""
    hops = (hop for path in route.paths for hop in path.hops)
    return {printable(f"{hop.hop}-{hop.name}"): _resource(hop, world) for hop in hops}


def _resource(hop: Hop, world: World) -> str:
    if hop.hop is HopKind.CLB:
        return hop.name
    return world.reference.interfaces.resource_at(parse_address(hop.address, _ADDRESS)) or ""


def _card(card: Card, world: World, seen: Seen, evidence: Sequence[Evidence], language: str) -> Card:
    """A place without what only the repaired world tells: where pods listen, and what the client gets."""
    if card.key == CLIENT:
        return replace(card, address=printable(world.question.client), answer=_answer(evidence, language))
    address = card.address.rpartition(":")[0] if card.kind == HopKind.POD else card.address
    return replace(card, address=address, seen=seen.get(card.key, ()))


def _answer(evidence: Sequence[Evidence], language: str) -> Word | None:
    """What the client met when it was last asked to try."""
    for each in reversed(evidence):
        if each.look.kind is LookKind.CURL and each.look.place == AT_CLIENT:
            met = [symptom_of(row) for row in each.seen if row.about == "answer"]
            words = dict.fromkeys(short_symptom(symptom, language) for symptom in met)
            seconds = next((symptom.seconds for symptom in met if symptom.seconds), None)
            after = say(language, "drawn_after", seconds=seconds) if seconds else ""
            return Word(printable(say(language, "or").join(words)), "", after)
    return None


def _words(evidence: Evidence, cards: Sequence[Card], language: str) -> Iterator[tuple[str, Word]]:
    """What a look says of a place, by the key of its card."""
    look = evidence.look
    if look.kind is LookKind.CAPTURE:
        packets = [row for row in evidence.seen if row.about == "packet"]
        text = _captured(packets, language)
        for key, name in _at(look.place, cards):
            yield key, Word(printable(f"{name}{text}"), "" if packets else "no")
    elif look.kind is LookKind.HEALTH:
        for row in _targets(evidence, cards):
            for key in _by_address(row["address"], cards):
                yield key, Word(printable(say(language, "practice_panel.seen_health", health=row["health"])))
    elif look.kind is LookKind.GROUPS:
        names = [row["id"] for row in evidence.seen if row.about == "group"]
        address = next((row["addresses"] or row["vips"] for row in evidence.seen), "")
        for key in _by_address(address.partition(",")[0], cards):
            groups = ", ".join(names) or say(language, "no_groups")
            yield key, Word(printable(say(language, "practice_panel.seen_groups", groups=groups)))


def _captured(packets: Sequence[Any], language: str) -> str:
    """How many kinds of packets came by, and whether some were sent again for want of an answer."""
    if not packets:
        return say(language, "practice_panel.seen_nothing")
    again = any(row["repeated"] for row in packets)
    flags = ", ".join(dict.fromkeys(FLAGS.get(row["flags"], row["flags"]) for row in packets))
    return say(language, "practice_panel.seen_again" if again else "practice_panel.seen_packets", flags=flags)


def _at(host: str, cards: Sequence[Card]) -> Iterator[tuple[str, str]]:
    """The card of a host; where it is only counted on another's, that one, and the host's name."""
    named = [card for card in cards if card.key in (f"{card.kind}-{host}", host) or (host == card.kind)]
    if named:
        yield from ((card.key, "") for card in named)
        return
    kind = HopKind.POD if "/" in host else HopKind.NODE
    yield from [(card.key, f"{host}: ") for card in cards if card.kind == kind][:1]


def _targets(evidence: Evidence, cards: Sequence[Card]) -> list[Row]:
    """The targets on the path: those at the ports of its cards, else all, for a port may be what is wrong."""
    targets = [row for row in evidence.seen if row.about == "target"]
    places = {card.address for card in cards}
    return [row for row in targets if at(row["address"], int(row["port"])) in places] or targets


def _by_address(address: str, cards: Sequence[Card]) -> Iterator[str]:
    """The cards of the places with that address."""
    for card in cards:
        if card.key != CLIENT and address and card.address.split(" ")[0].rpartition(":")[0].strip("[]") == address:
            yield card.key
