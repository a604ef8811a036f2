"""
What tcpdump at one host shows while the client's request is made: handshakes and refusals, and those of health checks.

Groups stand outside of the interfaces: what one drops on its way in is not seen at that host, what one drops on its way
out is. A SYN that nobody answers is sent again. At layer 7 the CLB itself completes the client's handshake, and opens a
connection of its own to a target.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from drilllib.core.practice.rows import Row, row
from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Action, Direction, Flow, decide
from drilllib.core.snapshot.interfaces import SHARED_ENI
from drilllib.core.snapshot.resources import OFF, Listener
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import HopKind, Reason
from drilllib.core.trace.entry import Entry
from drilllib.core.trace.origin import Origin
from drilllib.core.trace.path import Hop, Nat, Path, PathOutcome
from drilllib.core.trace.walker import Walker
from drilllib.errors import UnknownNameError, listed, quoted

CLB = "clb"
SOURCE_PORT = 51234  # of every client: a capture is the same whenever it is made
_FIRST = {"TCP": "S", "UDP": "UDP"}
_REPLIES = {
    "TCP": {PathOutcome.DELIVERED: "S.", PathOutcome.REFUSED: "R."},
    "UDP": {PathOutcome.DELIVERED: "UDP", PathOutcome.REFUSED: "ICMP"},
}
_Ends = tuple[str, str]  # from where to where, each an address with its port


def hosts_of(snapshot: Snapshot) -> tuple[str, ...]:
    """Where a capture can be made: the CLB, each node by its name, each pod as NAMESPACE/NAME."""
    nodes = (item["metadata"]["name"] for item in snapshot.kubernetes.of_kind("Node"))
    return (CLB, *nodes, *snapshot.kubernetes.pods)


@dataclass(frozen=True, slots=True)
class Leg:
    """
    One connection attempt: *sent* is from where to where the first packet goes before each of the *hops*.

    The first *seen* hops get it. *is_own*: the first hop makes the connection itself, and sees nothing come in.
    """

    hops: tuple[Hop, ...]
    sent: tuple[_Ends, ...]
    seen: int
    outcome: PathOutcome
    is_own: bool = False


def capture_rows(snapshot: Snapshot, about: Entry, answer: Trace, host: str) -> Iterator[Row]:
    """
    What is seen at *host* while the request of *answer* is made often enough to meet all that it can, each line once.

    *answer* has every path by itself.

    Raises:
        UnknownNameError: There is no such host.
    """
    require_host(host, hosts_of(snapshot))
    is_off = _is_off(snapshot, host)
    yield row("host", name=host, state="off" if is_off else "on")
    if not is_off:
        transport = answer.question.protocol or "TCP"
        legs = snapshot.memo.once(
            ("legs", answer.question), lambda: (*_requests(snapshot, about, answer), *_probes(snapshot, about))
        )
        yield from dict.fromkeys(each for leg in legs for each in at_host(snapshot, leg, transport, host))


def require_host(host: str, hosts: Sequence[str]) -> None:
    """Do nothing where *host* is one of those. Raises UnknownNameError where it is not."""
    if host not in hosts:
        raise UnknownNameError(
            "Nothing here is called {name}", remedy="Use one of {choices}", name=quoted(host), choices=listed(hosts)
        )


def _is_off(snapshot: Snapshot, host: str) -> bool:
    """Is the machine switched off that the host is, or is on?"""
    pod = snapshot.kubernetes.pods.get(host)
    return host != CLB and snapshot.interfaces.node_called(pod.node_name if pod else host).state in OFF


def _requests(snapshot: Snapshot, about: Entry, answer: Trace) -> Iterator[Leg]:
    """The connections of the client's requests; a port without a listener is silent."""
    client, idle = answer.question.client, answer.idle_targets
    if answer.reason is Reason.NO_LISTENER and _is_let_in(snapshot, about):
        name, port = about.balancer.balancer_id, answer.question.port or 0
        hop = Hop(hop=HopKind.CLB, name=name, address=about.frontend.name, port=port)
        yield leg_of((hop,), client, PathOutcome.DROPPED)
    for path in answer.paths:
        if path.target not in idle:
            yield from _of_path(path, client, answer.listener)


def _is_let_in(snapshot: Snapshot, about: Entry) -> bool:
    """Do the CLB's groups let the client in to a port that has no listener? No group: open [CLB-SG]."""
    asked, groups = about.question, [snapshot.group(each) for each in about.balancer.groups or ()]
    flow = Flow(protocol=asked.protocol or "TCP", peer=about.client, port=asked.port)
    return not groups or decide(groups, Direction.INGRESS, flow).action is not Action.DROP


def _of_path(path: Path, client: str, listener: Listener | None) -> Iterator[Leg]:
    """At layer 7 the client's own connection ends at the CLB, and another one begins."""
    clb, beyond = path.hops[0], path.hops[1:]
    if listener is None or listener.layer == 4 or clb.hop is not HopKind.CLB:
        yield leg_of(path.hops, client, path.outcome)
        return
    is_let_in = clb.checks[0].action is Action.ACCEPT
    yield leg_of((clb.but(rewrites=()),), client, PathOutcome.DELIVERED if is_let_in else PathOutcome.DROPPED)
    if is_let_in and beyond:
        yield _made_by_clb(clb, _source_after(clb, client), beyond, path.outcome)


def _made_by_clb(clb: Hop, source: str, beyond: tuple[Hop, ...], outcome: PathOutcome) -> Leg:
    """A connection that the CLB opens itself, from *source*."""
    return replace(leg_of((clb.but(checks=(), rewrites=()), *beyond), source, outcome), is_own=True)


def leg_of(hops: tuple[Hop, ...], source: str, outcome: PathOutcome) -> Leg:
    sent, seen, is_going = list[_Ends](), 0, True
    for hop in hops:
        is_let_in = not any(each.action is Action.DROP for each in hop.checks if each.direction is Direction.INGRESS)
        is_going = is_going and is_let_in and hop.problem is not Reason.INSTANCE_NOT_RUNNING
        seen += is_going
        sent.append((at(source, SOURCE_PORT), at(hop.address, hop.port)))
        source = _source_after(hop, source)
        is_going = is_going and hop.problem is None and not any(each.action is Action.DROP for each in hop.checks)
    return Leg(hops, tuple(sent), seen, outcome)


def _source_after(hop: Hop, source: str) -> str:
    """Whose address the packet has once the hop sent it on."""
    hidden = [each.source for each in hop.rewrites if each.kind is Nat.SNAT and each.source]
    return _one_of(hidden[-1]) if hidden else source


def _one_of(origin: Origin) -> str:
    """The address; the first host of a block that is drawn from."""
    return str(origin.address or origin.blocks[0].network_address + 1)


def _probes(snapshot: Snapshot, about: Entry) -> Iterator[Leg]:
    """The connections of the health checks of the listener that the request comes to."""
    listener = about.listener
    if listener is None or listener.probes is False:
        return
    walker = Walker(snapshot, about.balancer, about.frontend, listener)
    name, port = about.balancer.balancer_id, listener.port
    clb = Hop(hop=HopKind.CLB, name=name, address=about.frontend.name, port=port)
    for target in listener.targets or ():
        asks_kube_proxy = walker.facts(target).asks_kube_proxy  # which answers on the node itself
        for path in walker.probe_paths(target):
            first, peers = path.hops[0], [each.peer for each in path.hops[0].checks]
            if not peers:
                continue
            own = first.but(checks=first.checks[:1], problem=None, rewrites=())
            hops, outcome = ((own,), _of_node(own)) if asks_kube_proxy else (path.hops, path.outcome)
            yield _made_by_clb(clb, _one_of(peers[0]), hops, outcome)


def _of_node(hop: Hop) -> PathOutcome:
    return PathOutcome.DELIVERED if hop.end(unknown_passes=False) is None else PathOutcome.DROPPED


def at_host(snapshot: Snapshot, leg: Leg, transport: str, host: str) -> Iterator[Row]:
    """The packets of one connection that are seen at a host."""
    for place, hop in enumerate(leg.hops[: leg.seen]):
        incoming = leg.sent[place] if place or not leg.is_own else None
        outgoing = leg.sent[place + 1] if hop.problem is None and place + 1 < len(leg.hops) else None
        if _passes(snapshot, hop, host) and (not place or _name(leg.hops[place - 1]) != host):
            incoming = outgoing = incoming or outgoing
        elif _name(hop) != host:
            continue
        yield from _of_hop(incoming, outgoing, leg.outcome, transport)


def _of_hop(incoming: _Ends | None, outgoing: _Ends | None, outcome: PathOutcome, transport: str) -> Iterator[Row]:
    """The first packet as it comes and goes on, and the answer on its way back."""
    first, reply = _FIRST[transport], _REPLIES[transport].get(outcome, "")
    again = "yes" if outcome is PathOutcome.DROPPED and transport == "TCP" else ""
    met = [(ends, way) for ends, way in ((incoming, "In"), (outgoing, "Out")) if ends]
    for (source, destination), way in met:
        yield row("packet", way=way, source=source, destination=destination, flags=first, repeated=again)
    for (source, destination), way in reversed(met) if reply else ():
        back = "In" if way == "Out" else "Out"
        yield row("packet", way=back, source=destination, destination=source, flags=reply, repeated="")


def _name(hop: Hop) -> str:
    return CLB if hop.hop is HopKind.CLB else hop.name


def _passes(snapshot: Snapshot, hop: Hop, host: str) -> bool:
    """Is the host the node of the pod that the packet gets to, on an interface of the node's, or one its pods share?"""
    pod = snapshot.kubernetes.pods.get(hop.name) if hop.hop is HopKind.POD else None
    shares = hop.interface == "primary" or snapshot.interfaces.mode == SHARED_ENI
    return pod is not None and pod.node_name == host and shares
