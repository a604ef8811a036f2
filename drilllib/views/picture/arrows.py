"""The arrows of a drawing: the packet's addresses on each stretch of its way, and what changed them."""

from typing import Literal

from drilllib.core.rules.addresses import at
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.path import Hop, Nat, Path
from drilllib.errors import printable
from drilllib.views.phrases.catalog import say
from drilllib.views.picture.parts import Arrow
from drilllib.views.text.hops import is_proxied, shown_peer

Ends = tuple[str, str]  # source and destination of a packet


def stretches(trace: Trace, path: Path, language: str) -> list[Ends]:
    """The packet's source and destination before each hop of *path*, as the hop before sent it."""
    source, found = trace.question.client, []
    for place in range(len(path.hops)):
        rewrites = path.hops[place - 1].rewrites if place else ()
        source = next((each.after for each in rewrites if each.kind is Nat.SNAT), source)
        to = _sent_to(path, place)
        whither = at(to.address, to.port) if to.port else to.address
        found.append((printable(shown_peer(source, language)), printable(whither)))
    return found


def _sent_to(path: Path, place: int) -> Hop:
    """Where a packet is for that comes to a hop: where a connection begins, it is for the next one."""
    hop = path.hops[place]
    return path.hops[place + 1] if not hop.port and place + 1 < len(path.hops) else hop


def arrow(before: str, after: str, hop: Hop, tag: str, ends: Ends, last: Ends | None) -> Arrow:
    """The arrow to the card *after*, where *hop* is; *last* has the addresses of the stretch before."""
    names: tuple[Literal["source", "destination"], ...] = ("source", "destination")
    new = tuple(name for name, now, then in zip(names, ends, last or ends, strict=True) if now != then)
    return Arrow(before, after, tag, *ends, new, hop.hypothetical)


def tag_of(trace: Trace, hop: Hop | None, language: str) -> str:
    """What *hop* did to the packet that it sends on; nothing for the client, and where nothing changed."""
    if hop is None or not hop.rewrites:
        return ""
    if is_proxied(trace, hop):
        return say(language, "drawn_proxied")
    if hop.hop is HopKind.CLB:
        return say(language, "drawn_forwarded")
    kinds = " + ".join(dict.fromkeys(each.kind for each in hop.rewrites))
    return say(language, "drawn_at_node", kinds=kinds) if hop.hop is HopKind.NODE else kinds
