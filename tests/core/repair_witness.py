"""
A witness for the check of repairs: one packet at a time through `trace` and `decide`, never a set.

What is meant is read from the intent rule by rule, as words.
"""

from ipaddress import ip_address, ip_network

from drilllib.core.check.packets import Packet, places_of
from drilllib.core.drills.default_lab import SERVICE
from drilllib.core.drills.intents import Intent
from drilllib.core.rules.rules import Direction, Flow, decide
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from tests.core.repair_tables import CLIENT

ADDRESSES = [
    *(CLIENT, "203.0.113.11", "203.0.113.9", "203.0.113.1", "203.0.113.129", "203.0.113.254", "203.128.0.1", "8.8.8.8"),
    *("198.51.100.7", "198.51.100.65", "198.51.100.130", "10.0.35.11", "10.0.35.12", "10.0.35.129", "10.128.0.1"),
    *("100.64.0.1", "10.0.36.12", "2001:db8:bad::7"),
]
FLOWS = [(protocol, port) for protocol in ("TCP", "UDP") for port in (1, 22, 80, 443, 3306, 30000, 30713, 65535)]
OUTSIDE = [each for each in ADDRESSES if not each.startswith("10.0.") and ":" not in each]


def is_meant(lines: tuple[str, ...], source: str, protocol: str, port: int | None) -> bool:
    """Does one of the rules, read as words, accept that packet?"""
    for action, wanted, peer, ports in (line.split() for line in lines):
        if action == "ACCEPT" and (wanted, ports) == (protocol, str(port)) and ip_address(source) in ip_network(peer):
            return True
    return False


def among(blocks: tuple[str, ...], source: str) -> bool:
    return any(ip_address(source) in ip_network(each) for each in blocks)


def asked(snapshot: Snapshot, client: str) -> Trace:
    return trace(snapshot, Question(client=client, service=SERVICE, port=80))


def offends(snapshot: Snapshot, intent: Intent, packet: Packet) -> bool:
    """Does this very packet fare otherwise than meant?"""
    if packet.unasked:
        hops = (hop for path in asked(snapshot, packet.source).paths for hop in path.hops)
        return any(check.reason == "PASS_TO_TARGET" for hop in hops for check in hop.checks)
    if packet.trace is not None:
        passes = asked(snapshot, packet.source).verdict == "reachable"
        return (among(intent.served, packet.source) and not passes) or (
            passes and not among(intent.through, packet.source)
        )
    return is_meant_at(intent, packet) not in (None, comes_in(snapshot, packet))


def comes_in(snapshot: Snapshot, packet: Packet) -> bool:
    """By the groups of the place; none bound lets everything in."""
    bound = [snapshot.group(name) for name in snapshot.bound_groups()[packet.place.resource] or ()]
    flow = Flow(protocol=packet.protocol, peer=ip_address(packet.source), port=packet.port)
    return not bound or decide(bound, Direction.INGRESS, flow).action == "ACCEPT"


def is_meant_at(intent: Intent, packet: Packet) -> bool | None:
    """Must the packet come in, or must it not? None where either is fine."""
    lines = {"clb": intent.clb, "node": intent.node, "pod": intent.pod}[packet.place.kind]
    nodes = (intent.nodes,) if intent.nodes else ()
    service = (packet.place.kind, packet.protocol, packet.port) == ("pod", intent.protocol, intent.pod_port)
    if service and among(nodes, packet.source):
        return True
    return None if is_meant(lines, packet.source, packet.protocol, packet.port) else False


def sampled(snapshot: Snapshot, intent: Intent) -> list[str]:
    """Every packet of the samples that fares otherwise than meant."""
    packets = [
        Packet(protocol=protocol, source=source, place=place, port=port)
        for place in places_of(snapshot)
        for source in ADDRESSES
        for protocol, port in FLOWS
    ]
    clb = next(places_of(snapshot))
    packets += [
        Packet(protocol="TCP", source=each, place=clb, port=80, trace=asked(snapshot, each)) for each in OUTSIDE
    ]
    return [each.text for each in packets if offends(snapshot, intent, each)]
