"""
Who reaches a Service past its CLB: at the NodePort of each node that forwards, and at the pods themselves.

The CLB's groups are not asked there, nor does pass-to-target waive anything: the groups of the node see the client at
the NodePort, those of the pod's interface at the pod's port [CLB-SG, ENI-SG]. Behind a node it goes on as for traffic
of the CLB, so the same walker is sent through a balancer that has no groups, with all these places as its targets.
What is told are the groups' doing; whether a client has a route to a private address is not.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from ipaddress import ip_address
from typing import Any

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.reach.clients import PASSES, Reach, cuts_of, example_client, halves
from drilllib.core.rules.addresses import Address, parse_client
from drilllib.core.sets.boxes import blocks_of
from drilllib.core.sets.flowsets import EMPTY, FlowSet
from drilllib.core.snapshot.interfaces import SUPER_NODE
from drilllib.core.snapshot.readers import read_listener, read_load_balancer
from drilllib.core.snapshot.resources import Frontend, Target
from drilllib.core.snapshot.shapes import is_address
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.causes import and_more
from drilllib.core.trace.classes import Classes, PathClass
from drilllib.core.trace.codes import Assumption, HopKind
from drilllib.core.trace.node_facts import TargetFacts
from drilllib.core.trace.origin import Origin, from_address
from drilllib.core.trace.path import Check, Path, PathOutcome
from drilllib.core.trace.shape import shape
from drilllib.core.trace.target_kinds import TargetKinds
from drilllib.core.trace.verdict import Verdict, judge
from drilllib.core.trace.walker import Walker


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPlaces:
    """
    Nodes, or pods, that are reached alike past the CLB: *kind* is ``node`` or ``pod``, *port* the one that is asked.

    *clients* are the clients by verdict, *gaps* what is missing where nobody can tell. *beyond* are those
    who get through here, always or sometimes, and never through the CLB; *maybe_beyond* those who may. *assumptions* is
    what all this takes for granted.
    """

    kind: HopKind
    names: tuple[str, ...]
    port: int
    clients: Mapping[Verdict, FlowSet]
    gaps: tuple[Fact, ...]
    assumptions: tuple[Assumption, ...]
    beyond: FlowSet = EMPTY
    maybe_beyond: FlowSet = EMPTY

    def to_dict(self) -> dict[str, Any]:
        """The places, and the clients of each kind as blocks."""
        words = {"always": "reachable", "sometimes": "intermittent", "undetermined": "undetermined"}
        listed = {word: list(blocks_of(self.clients[Verdict(verdict)])) for word, verdict in words.items()}
        beyond = {"beyond": list(blocks_of(self.beyond)), "maybe_beyond": list(blocks_of(self.maybe_beyond))}
        asked = {"kind": self.kind, "names": list(self.names), "port": self.port}
        return {**asked, **listed, **beyond, "gaps": list(map(str, self.gaps)), "assumptions": list(self.assumptions)}


def past_clb(snapshot: Snapshot, reached: Reach) -> tuple[PastPlaces, ...]:
    """
    The places behind the port that *reached* is about, nodes before pods; none where no Service has such a port.

    Raises:
        TooComplexError: Thousands of ways differ, or the rules overlap in too many ways for an exact answer.
    """
    listener = next((each.trace.listener for each in reached.classes if each.trace.listener), None)
    transport = (listener.transport if listener else None) or reached.question.protocol
    if transport not in ("TCP", "UDP") or not snapshot.has("kubernetes"):
        return ()
    targets, found = (listener.targets if listener else None) or (), []
    for number in _node_ports(snapshot, reached, transport, targets):
        found += _Direct(snapshot, transport, _at_nodes(snapshot, number, reached.family)).places(HopKind.NODE, reached)
    pods = list(_at_pods(snapshot, transport, reached, targets))
    found += _Direct(snapshot, transport, pods).places(HopKind.POD, reached) if pods else ()
    return tuple(_beside(each, reached) for each in found)


def _beside(each: PastPlaces, reached: Reach) -> PastPlaces:
    """The same with those who do not get through the CLB told apart. Of whom that is not known, the same is missing."""
    through, unknown = reached.with_unseen(*PASSES), reached.with_unseen(Verdict.UNDETERMINED)
    surely = each.clients[Verdict.REACHABLE] | each.clients[Verdict.INTERMITTENT]
    maybe = surely | each.clients[Verdict.UNDETERMINED]
    beyond = surely - through - unknown
    undecided = (one.trace for one in reached.classes if one.trace.verdict is Verdict.UNDETERMINED)
    there = tuple(gap for answer in undecided for gap in answer.gaps) if maybe & unknown else ()
    gaps = tuple(dict.fromkeys((*each.gaps, *there)))
    return replace(each, beyond=beyond, maybe_beyond=maybe - through - beyond, gaps=gaps)


def _node_ports(snapshot: Snapshot, reached: Reach, transport: str, targets: Sequence[Target]) -> Iterator[int]:
    """The NodePort of the Service's own port; without a Service those that the CLB sends to."""
    name = reached.question.service
    if name is not None:
        ports = snapshot.service(name).ports
        yield from (
            each.node_port
            for each in ports
            if each.node_port is not None and (each.transport, each.port) == (transport, reached.question.port)
        )
        return
    yield from dict.fromkeys(each.port for each in targets if each.is_node)


def _at_nodes(snapshot: Snapshot, number: int, family: int) -> list[dict[str, Any]]:
    """Every node that forwards NodePorts, registered or not, once, as a target. Super nodes do not forward."""
    objects = snapshot.kubernetes
    all_may = not objects.of_kind("Node")  # where none was read
    ours = (each for each in snapshot.nodes if all_may or not objects.is_no_node(each.name, each.addresses))
    placed = ((each.instance_id, each.address_of(family)) for each in ours)
    targets = [_target("CVM", instance, address, number) for instance, address in placed if address]
    seen = {each.name for each in snapshot.nodes}
    for text, name in snapshot.kubernetes.names_by_address.items():
        if name not in seen and not name.startswith(SUPER_NODE) and _family(text) == family:
            seen.add(name)
            targets.append(_target("CVM", "", text, number))
    return [each for each in targets if not str(each["InstanceId"]).startswith(SUPER_NODE)]


def _at_pods(snapshot: Snapshot, transport: str, reached: Reach, targets: Sequence[Target]) -> Iterator[dict[str, Any]]:
    """Every pod behind the port as a target: those that are registered, and the endpoints of the NodePort."""
    places = {(str(each.address), each.port): each for each in targets if each.is_pod and each.address}
    found = dict.fromkeys(places)
    for number in _node_ports(snapshot, reached, transport, targets):
        for each in snapshot.kubernetes.endpoints(transport, number, reached.family) or ():
            found[str(each.address), each.port] = None
    return (_target("ENI", "", text, port) for text, port in found if _family(text) == reached.family)


def _family(text: str) -> int:
    """Of an address; 0 for a text that is none, such as a node's host name."""
    return ip_address(text).version if is_address(text) else 0


def _target(kind: str, instance: str, address: object, port: int) -> dict[str, Any]:
    return {"Type": kind, "InstanceId": instance, "PrivateIpAddresses": [str(address)], "Port": port, "Weight": 10}


def _missing(gaps: Iterable[Fact], names: Sequence[str]) -> tuple[Fact, ...]:
    """What is missing at places that are alike, where *gaps* are those of the first: of the others it is the same."""
    return tuple(and_more(gap, len(names)) if names[0] in str(gap) else gap for gap in dict.fromkeys(gaps))


class _DirectWalker(Walker):
    """Walks attempts that no CLB makes: nothing waives the groups of the place they come to."""

    def _passing(self, check: Check, assumption: Assumption) -> Check:
        return check

    def seen_as(self, client: Address) -> Origin:
        return from_address(client)


@dataclass(frozen=True, slots=True)
class _Fare:
    """How one client fares at a place, what is missing where that cannot be told, and what is taken for granted."""

    verdict: Verdict
    gaps: tuple[Fact, ...]
    assumptions: frozenset[Assumption]


@dataclass(slots=True)
class _Ends:
    """The ends that the ways to one place may have: where every unknown passes, and where every one drops."""

    passing: set[PathOutcome] = field(default_factory=set)
    dropping: set[PathOutcome] = field(default_factory=set)
    gaps: dict[Fact, None] = field(default_factory=dict)
    assumptions: set[Assumption] = field(default_factory=set)

    def add(self, path: Path) -> None:
        """One way more."""
        self.passing.add(path.end(unknown_passes=True)[0])
        self.dropping.add(path.end(unknown_passes=False)[0])
        self.gaps |= dict.fromkeys(gap for hop in path.hops for gap in hop.gaps)
        self.assumptions.update(code for hop in path.hops for code in hop.all_assumptions)

    @property
    def fare(self) -> _Fare:
        """What they come to: kube-proxy picks any of the ways."""
        verdicts = {judge(4, [frozenset(ends)]) for ends in (self.passing, self.dropping)}
        if len(verdicts) == 1:
            return _Fare(verdicts.pop(), (), frozenset(self.assumptions))
        return _Fare(Verdict.UNDETERMINED, tuple(self.gaps), frozenset(self.assumptions))


class _Direct:
    """All ways to some places that clients ask themselves."""

    def __init__(self, snapshot: Snapshot, transport: str, targets: Sequence[dict[str, Any]]) -> None:
        open_balancer = {"LoadBalancerId": "", "SecureGroups": [], "Forward": 1, "LoadBalancerPassToTarget": False}
        asked = {"ListenerId": "", "Protocol": transport, "Port": 1, "HealthCheck": {"HealthSwitch": 0}}
        family = _family(targets[0]["PrivateIpAddresses"][0]) if targets else 4
        balancer, frontend = read_load_balancer(open_balancer), Frontend("", None, family)
        listener = read_listener({**asked, "Targets": list(targets)})
        self._snapshot, self._targets = snapshot, listener.targets or ()
        self._walker = _DirectWalker(snapshot, balancer, frontend, listener)
        self._unknown = snapshot.not_modelled(balancer, listener)

    def places(self, kind: HopKind, reached: Reach) -> list[PastPlaces]:
        """The places by how all clients of *reached* fare there."""
        parts = list(self._told_apart(reached.with_unseen(*Verdict), reached.family)) if self._targets else []
        fares = [list(self._fares(parse_client(example_client(part)))) for part in parts]
        found: dict[tuple[Any, ...], list[int]] = {}
        for place, target in enumerate(self._targets):
            alike = tuple((each[place].verdict, tuple(map(shape, each[place].gaps))) for each in fares)
            found.setdefault((target.port, alike), []).append(place)
        return [self._together(kind, places, parts, fares) for places in found.values()]

    def _together(
        self, kind: HopKind, places: Sequence[int], parts: Sequence[FlowSet], fares: Sequence[Sequence[_Fare]]
    ) -> PastPlaces:
        """Places at which all *parts* of the clients fare alike, by their *fares* at every place."""
        clients, first, names = dict.fromkeys(Verdict, EMPTY), places[0], tuple(map(self._name, places))
        for part, fare in zip(parts, fares, strict=True):
            clients[fare[first].verdict] |= part
        return PastPlaces(
            kind=kind,
            names=names,
            port=self._targets[first].port,
            clients=clients,
            gaps=_missing((gap for fare in fares for gap in fare[first].gaps), names),
            assumptions=tuple(sorted({code for fare in fares for place in places for code in fare[place].assumptions})),
        )

    @cached_property
    def _listed(self) -> TargetKinds:
        named = ((each.kind, each.instance_id, each.address, each.port) for each in self._targets)
        key = "past", self._walker.transport, *named
        return self._snapshot.memo.once(key, lambda: TargetKinds(list(map(self._walker.facts, self._targets))))

    @property
    def _facts(self) -> Sequence[TargetFacts]:
        return self._listed.facts

    def _name(self, place: int) -> str:
        facts = self._facts[place]
        if facts.node:
            return facts.node.node.label
        return facts.pod.pod.pod if facts.pod else str(facts.address)

    def _told_apart(self, clients: FlowSet, family: int) -> Iterable[FlowSet]:
        """All clients, cut where some list of groups on the way tells them apart."""
        example = parse_client(example_client(clients))
        paths = [each.path for each in self._classes(example)]
        parts = [clients]
        for cut in cuts_of(self._snapshot, paths, example, family):
            parts = [part for each in parts for part in halves(each, cut) if part]
        return parts

    def _classes(self, client: Address) -> list[PathClass]:
        groups: dict[tuple[Hashable, str], list[int]] = {}
        for place, kind in enumerate(self._listed.kinds):
            groups.setdefault((kind, ""), []).append(place)
        return Classes(self._walker, self._listed, lambda facts: self._walker.request(facts, client)).found(groups)

    def _fares(self, client: Address) -> Iterator[_Fare]:
        """How one client fares at each place; of a network that is not modelled nobody can tell."""
        if self._unknown:
            return iter([_Fare(Verdict.UNDETERMINED, (self._unknown,), frozenset())] * len(self._targets))
        ends = [_Ends() for _ in self._facts]
        for each in self._classes(client):
            for place in each.targets:
                ends[place].add(each.path)
        return (self._kept(each.fare, facts, client) for each, facts in zip(ends, self._facts, strict=True))

    def _kept(self, fare: _Fare, facts: TargetFacts, client: Address) -> _Fare:
        """The same, where one client stays with one endpoint: it gets through always or never, nobody knows which."""
        service = self._walker.sticks(facts, client) if fare.verdict is Verdict.INTERMITTENT else None
        if service is None:
            return fare
        return _Fare(Verdict.UNDETERMINED, (fact(FactCode.ENDPOINT_OF_CLIENT, service=service.name),), fare.assumptions)
