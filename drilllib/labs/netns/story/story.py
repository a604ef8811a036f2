"""
The kernel's story of one request in the model's words: what each chain said becomes a check, what changed between two
crossings of the fabric a rewrite, and the whole a path like those of `trace`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Any

from drilllib.core.rules.addresses import at, parse_address
from drilllib.core.rules.rules import Action, Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import HopKind, Reason
from drilllib.core.trace.missing_endpoints import why_no_endpoints
from drilllib.core.trace.origin import Origin, from_address
from drilllib.core.trace.path import Check, Hop, Nat, Path, Rewrite, marked, masqueraded
from drilllib.labs.netns.labels import DENY, LOCAL, NO_ENDPOINTS, NO_LOCAL_ENDPOINT, OPEN, PASSED, PROBE
from drilllib.labs.netns.plan import FABRIC, NodeHost, Plan, PodHost, Port
from drilllib.labs.netns.story.nft_trace import Packet

_REASONS = {
    OPEN: Reason.NO_GROUP,
    DENY: Reason.NO_RULE_MATCHED,
    PASSED: Reason.PASS_TO_TARGET,
    PROBE: Reason.PROBE_RANGE,
}


@dataclass(frozen=True, slots=True)
class ChainRun:
    """A run through a chain, as the lab's process reports it: interfaces by name, the last rule by label and chain."""

    host: str
    table: str
    chain: str
    iif: str
    oif: str
    packet: Packet
    verdict: str
    rule: tuple[str, str] | None  # the group, else the chain, of the last rule that matched, and its label

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> "ChainRun":
        """Read it as it was sent."""
        rule = tuple(given["rule"]) if given["rule"] else None
        return cls(**{**given, "packet": Packet(**given["packet"]), "rule": rule})


@dataclass(slots=True)
class _Crossing:
    """One packet on its way through the fabric: what was asked where it left, and where it was to enter."""

    iif: str
    oif: str
    packet: Packet
    left: ChainRun | None = None
    entered: ChainRun | None = None


class KernelStory:
    """The paths of one request, from the chains that it ran through in the hosts' kernels."""

    def __init__(self, snapshot: Snapshot, plan: Plan, runs: Sequence[ChainRun]) -> None:
        self._snapshot, self._plan, self._runs = snapshot, plan, runs
        self._crossings = self._crossed()

    def paths(self) -> tuple[Path, ...]:
        """Every connection attempt that the kernel saw, in order."""
        names = [each.port.name for each in self._plan.balancers]
        first = next((each for each in self._crossings if each.oif in names), None)
        if first is None:
            return ()
        clb = self._clb_hop(first)
        tried = [each for each in self._crossings if each.iif == first.oif and each.oif != first.iif]
        if not tried:
            clb = replace(clb, problem=Reason.NO_TARGETS if clb.end(unknown_passes=True) is None else None)
            return (Path(target=None, endpoint=None, hops=(clb,)),)
        return tuple(self._path(first, clb, each) for each in tried)

    def _crossed(self) -> list[_Crossing]:
        """What crossed the fabric, a repeated packet once."""
        found: dict[tuple[str, Packet], _Crossing] = {}
        for each in self._runs:
            if each.host == FABRIC and each.table == "sg":
                crossing = found.setdefault((each.iif, each.packet), _Crossing(each.iif, each.oif, each.packet))
                if each.chain == "egress":
                    crossing.left = crossing.left or each
                else:
                    crossing.entered = crossing.entered or each
        return list(found.values())

    def _port(self, name: str) -> Port:
        return next(each for each in self._plan.ports if each.name == name)

    def _clb_hop(self, crossing: _Crossing) -> Hop:
        packet, balancer = crossing.packet, self._port(crossing.oif)
        checks = self._checks(crossing.entered, balancer)
        name = balancer.resource or ""
        return Hop(hop=HopKind.CLB, name=name, address=packet.destination, port=packet.port, checks=checks)

    def _path(self, first: _Crossing, clb: Hop, crossing: _Crossing) -> Path:
        """One attempt, from the CLB on."""
        rewrites = _rewritten(first.packet, crossing.packet)
        hops = [replace(clb, rewrites=rewrites)]
        node = next((each for each in self._plan.nodes if each.ports[0].name == crossing.oif), None)
        if node is not None:
            pod, port, more = self._through_node(node, crossing)
            hops += more
        else:
            pod, port = self._pod_at(crossing.packet.destination), crossing.packet.port
            hops += [self._pod_hop(pod, crossing.packet, crossing)] if pod else []
        endpoint = f"{pod.name}:{port}" if pod else None
        return Path(target=self._target(node, crossing.packet), endpoint=endpoint, hops=marked(hops))

    def _target(self, node: NodeHost | None, packet: Packet) -> str:
        return f"{node.node.instance_id if node else packet.destination}:{packet.port}"

    def _through_node(self, node: NodeHost, crossing: _Crossing) -> tuple[PodHost | None, int, list[Hop]]:
        """The pod and port that the packet was sent to, where it got so far, and the hops."""
        packet = crossing.packet
        hop = Hop(
            hop=HopKind.NODE,
            name=node.node.label,
            address=packet.destination,
            port=packet.port,
            interface="primary",
            checks=self._checks(crossing.entered, node.ports[0]),
        )
        sent = self._sent_on(node, packet)
        if sent is None:
            return None, 0, [replace(hop, problem=self._problem_at(node, packet))]
        pod = self._pod_at(sent.packet.destination)
        left = {each.packet: each for each in self._crossings if each.iif == node.ports[0].name}
        same = _the_same(left, sent.packet)
        onward = left[same] if same else None
        after = onward.packet if onward else self._arrived(node, pod, sent.packet)
        hop = replace(hop, rewrites=_rewritten(packet, after))
        if onward is not None:
            hop = replace(hop, checks=(*hop.checks, *self._checks(onward.left, node.ports[0])))
            if onward.entered is None:
                return pod, after.port, [hop]
        return pod, after.port, [hop, self._pod_hop(pod, after, onward)] if pod else [hop]

    def _sent_on(self, node: NodeHost, packet: Packet) -> ChainRun | None:
        """The packet as kube-proxy sent it to an endpoint; None where it did not."""
        for each in self._runs:
            same = (each.packet.source, each.packet.source_port) == (packet.source, packet.source_port)
            if each.host == node.host and each.chain == "postrouting" and same:
                return each
        return None

    def _arrived(self, node: NodeHost, pod: PodHost | None, sent: Packet) -> Packet:
        """The packet as the pod got it from its own node."""
        here = (each.packet for each in self._runs if pod and each.host == pod.host and each.chain == "arriving")
        sources = {sent.source, *map(str, node.node.addresses)}
        return _the_same([each for each in here if each.source in sources], sent) or sent

    def _problem_at(self, node: NodeHost, packet: Packet) -> Reason | None:
        """What ended the packet at the node, if the kernel says."""
        ours = [each for each in self._runs if each.host == node.host]
        labels = {each.rule[1] for each in ours if each.rule and each.packet == packet}
        if NO_LOCAL_ENDPOINT in labels:
            return Reason.NO_LOCAL_ENDPOINT
        if NO_ENDPOINTS in labels:
            family = 6 if ":" in packet.destination else 4
            return why_no_endpoints(self._snapshot, packet.protocol, packet.port, family)
        return Reason.NODEPORT_NOT_IN_USE if any(_refuses(each, packet) for each in ours) else None

    def _pod_at(self, address: str) -> PodHost | None:
        return next((each for each in self._plan.pods if ip_address(address) in each.addresses), None)

    def _pod_hop(self, pod: PodHost, packet: Packet, crossing: _Crossing | None) -> Hop:
        """The pod, with its interface where the packet came through it."""
        refused = any(each.host == pod.host and _refuses(each, packet) for each in self._runs)
        return Hop(
            hop=HopKind.POD,
            name=pod.name,
            address=packet.destination,
            port=packet.port,
            interface=(pod.over.resource or "secondary") if crossing else None,
            checks=self._checks(crossing.entered, pod.over) if crossing else (),
            problem=Reason.PORT_NOT_LISTENING if refused else None,
        )

    def _checks(self, run: ChainRun | None, port: Port) -> tuple[Check, ...]:
        """What an interface's groups said, as one check; none where nobody was asked."""
        if run is None or run.rule is None or run.rule[1] == LOCAL:
            return ()
        name, label = run.rule
        direction, packet = Direction(run.chain), run.packet
        place = (name, int(label)) if label.isdigit() else None
        rules = self._snapshot.group(place[0]).rules(direction) if place else None
        check = Check(
            direction=direction,
            groups=port.groups,
            peer=_origin(packet.source if direction is Direction.INGRESS else packet.destination),
            protocol=packet.protocol,
            port=packet.port or None,
            action=Action.DROP if run.verdict == "drop" else Action.ACCEPT,
            reason=_REASONS.get(label, Reason.RULE_MATCHED),
            group=place and place[0],
            policy_index=place and place[1],
            rule=rules[place[1]].text if rules and place else None,
        )
        return (check,)


def _the_same(packets: Iterable[Packet], sent: Packet) -> Packet | None:
    """Which of *packets* that is after masquerading, which takes another port where the packet's own is in use."""
    there = [each for each in packets if (each.destination, each.port) == (sent.destination, sent.port)]
    return next((each for each in there if each.source_port == sent.source_port), next(iter(there), None))


def _refuses(run: ChainRun, packet: Packet) -> bool:
    """Is that a reset, or an ICMP error, for *packet*?"""
    answer = run.packet
    reset = (answer.destination, answer.port) == (
        packet.source,
        packet.source_port,
    ) and answer.source_port == packet.port
    return run.chain == "leaving" and (reset or answer.protocol in ("ICMP", "ICMPV6"))


def _origin(address: str) -> Origin:
    return from_address(parse_address(address, "A packet's address"))


def _rewritten(before: Packet, after: Packet) -> tuple[Rewrite, ...]:
    """What is another packet's address and port now."""
    there, now = at(before.destination, before.port), at(after.destination, after.port)
    found = [Rewrite(kind=Nat.DNAT, field="destination", before=there, after=now)] if there != now else []
    if before.source != after.source:
        found.append(masqueraded(_origin(before.source), _origin(after.source)))
    return tuple(found)


def chain_runs(sent: Iterable[dict[str, Any]]) -> list[ChainRun]:
    """What the lab's process sent."""
    return [ChainRun.from_dict(each) for each in sent]
