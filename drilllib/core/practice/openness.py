"""What one snapshot lets through: what each interface's groups accept, and who gets through each CLB to the end."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from drilllib.core.connection.question import Connection
from drilllib.core.reach.clients import (
    ANY_CLIENT,
    Reach,
    far_ends,
    inside_clients,
    possible_clients,
    reach,
    reach_ports,
)
from drilllib.core.reach.ports import families_of, ports_asked
from drilllib.core.reach.resources import accepted_by_list
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.sets.accepted import Accepted
from drilllib.core.sets.flowsets import EMPTY, FlowSet
from drilllib.core.snapshot.resources import LoadBalancer
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.entry import UnanswerableError, entry_of
from drilllib.core.trace.verdict import Verdict

MAY_PASS = (Verdict.REACHABLE, Verdict.INTERMITTENT, Verdict.UNDETERMINED)
Port = tuple[str | None, int | None, str | None, int]  # VIP, port, protocol, address family


@dataclass(frozen=True, slots=True)
class Surplus:
    """Flows that a resource's groups accept, and that neither the start nor the reference has."""

    resource: str
    direction: Direction
    flows: FlowSet


class Openness:
    """One snapshot of a world in which *meant* has to work; everything is found once, when it is asked for."""

    def __init__(self, snapshot: Snapshot, meant: Question) -> None:
        self.snapshot = snapshot if not snapshot.has("target_health") else snapshot.with_parts(target_health=None)
        self.asked = replace(meant, client="", port=None, protocol=None)
        self._reached: dict[Port, Reach] = {}
        self._accepted: dict[tuple[tuple[str, ...] | None, Direction], Accepted] = {}

    def is_like(self, other: "Openness") -> bool:
        """Does the other one's snapshot say the same? How often its lists were changed, and why, nobody asks here."""
        differing = self.snapshot.differing(other.snapshot)
        return not differing or (differing == {"security_groups"} and _lists(self.snapshot) == _lists(other.snapshot))

    @cached_property
    def bound(self) -> Mapping[str, tuple[str, ...] | None]:
        """The groups of every resource."""
        return self.snapshot.bound_groups()

    def accepted(self, resource: str, direction: Direction) -> Accepted:
        """What a resource's groups accept."""
        key = self.bound[resource], direction
        if key not in self._accepted:
            self._accepted[key] = accepted_by_list(self.snapshot, *key)
        return self._accepted[key]

    @cached_property
    def service(self) -> Mapping[Port, Reach]:
        """How clients fare at every port of the Service that is meant."""
        return {} if self._is_door else {port_of(each): each for each in reach_ports(self.snapshot, self.asked)}

    def among(self, clients: FlowSet) -> Mapping[Port, Reach]:
        """The same of these clients alone, where a port's family has some of them."""
        found = () if self._is_door else reach_ports(self.snapshot, self.asked, clients)
        return {port_of(each): each for each in found}

    @property
    def _is_door(self) -> bool:
        """Is what is meant a connection? `core.practice.doors` judges those."""
        return isinstance(self.asked, Connection)

    @cached_property
    def own(self) -> frozenset[Port]:
        """The ports of `service`, which cost little without the clients."""
        ports = () if self._is_door else ports_asked(self.snapshot, self.asked)
        asked = [replace(self.asked, port=port, protocol=protocol) for port, protocol in ports]
        return frozenset(self._port(each, family) for each in asked for family in families_of(self.snapshot, each))

    def _port(self, asked: Question, family: int) -> Port:
        try:
            found = entry_of(self.snapshot, replace(asked, client=ANY_CLIENT[family])).question
        except UnanswerableError as end:
            found = end.question
        return found.vip, found.port, found.protocol, family

    @cached_property
    def listening(self) -> Mapping[Port, LoadBalancer]:
        """Every port that a CLB listens on, with the CLB."""
        found: dict[Port, LoadBalancer] = {}
        for balancer in self.snapshot.load_balancers:
            for vip in balancer.vips:
                for port, protocol in ports_asked(self.snapshot, Question(vip=str(vip))):
                    found.setdefault((str(vip), port, protocol, vip.version), balancer)
        return found

    def reached(self, port: Port) -> Reach | None:
        """How clients fare at a port; None where no CLB listens there."""
        if port in self.own:
            return self.service[port]
        if port not in self._reached and port in self.listening:
            vip, number, protocol, _ = port
            self._reached |= {
                port_of(each): each for each in reach(self.snapshot, Question(vip=vip, port=number, protocol=protocol))
            }
        return self._reached.get(port)

    def service_at(self, port: Port) -> str:
        """What a port is called: its Service's name where one leads there, as in ``shop/web:80``."""
        vip, number, protocol, _ = port
        balancer = self.listening.get(port)
        named = self.snapshot.services_on(balancer) if balancer else []
        fits = (each.name for each in named for it in each.ports if (it.port, it.transport) == (number, protocol))
        return f"{next(fits, vip)}:{number}"

    def may_pass(self, port: Port) -> FlowSet:
        """The clients who get through there, or may."""
        found = self.reached(port)
        return found.clients(*MAY_PASS) if found else EMPTY

    def admitted(self, port: Port) -> FlowSet:
        """The clients whom the CLB's own groups let in there, or may: nobody else gets through."""
        _, number, protocol, family = port
        balancer, clients = self.listening[port], possible_clients(family) - inside_clients(self.snapshot, family)
        if balancer.is_private or number is None or protocol is None:
            return clients  # an EIP may lead past the groups of a private one
        found = self.accepted(balancer.balancer_id, Direction.INGRESS).possible
        return far_ends(found.only(protocol, number), family) & clients

    @cached_property
    def unasked(self) -> frozenset[str]:
        """The CLBs with pass-to-target on, or for which that was not read."""
        balancers = self.snapshot.load_balancers
        return frozenset(each.balancer_id for each in balancers if each.pass_to_target is not False)


def health_behind(ports: Mapping[Port, Reach]) -> Mapping[str, str]:
    """The predicted health of every target behind these ports."""
    traces = (each.classes[0].trace for each in ports.values() if each.classes)
    return {name: state for answer in traces for name, state in answer.health_of_targets.items()}


def _lists(snapshot: Snapshot) -> Mapping[str, object]:
    """All that decides in the groups: their rules as they match, in order, and what is known of names in them."""
    return {
        name: (group.names, *(_matched(group.rules(way)) for way in Direction))
        for name, group in snapshot.groups.items()
    }


def _matched(rules: Sequence[Rule] | None) -> object:
    """How each rule of a list matches; None for a list that was not read, which is not an empty one."""
    if rules is None:
        return None
    return [(it.text, it.action, it.protocol, it.peer, it.ports, it.service, it.unknown) for it in rules]


def port_of(reached: Reach) -> Port:
    """What tells one port from the others."""
    asked = reached.question
    return asked.vip, asked.port, asked.protocol, reached.family


def at_once(reached: Reach) -> FlowSet:
    """The clients who get through on every path without waiting for a target that does not answer."""
    found = EMPTY
    for each in reached.classes:
        if each.trace.verdict is Verdict.REACHABLE and each.trace.reason is not Reason.DELIVERED_AFTER_RETRY:
            found |= each.clients
    return found


def surplus(final: Openness, start: Openness, reference: Openness) -> Iterator[Surplus]:
    """What *final* accepts at an interface and neither of the others does."""
    allowed = (start, reference)
    for resource, direction in product(final.bound, Direction):
        if _same_lists(final, start, resource, direction):
            continue
        extra = final.accepted(resource, direction).possible
        for each in allowed:
            extra -= each.accepted(resource, direction).possible if resource in each.bound else EMPTY
        if extra:
            yield Surplus(resource, direction, extra)


def _same_lists(final: Openness, start: Openness, resource: str, direction: Direction) -> bool:
    """Are the resource's groups those very objects that it had from the start, so that nothing can have changed?"""
    names = final.bound[resource]
    if resource not in start.bound or start.bound[resource] != names:
        return False
    groups = ((final.snapshot.group(name), start.snapshot.group(name)) for name in names or ())
    return all(one is other for one, other in groups)


def through(final: Openness, start: Openness, reference: Openness) -> Iterator[tuple[Reach, FlowSet]]:
    """Who gets through a CLB to the end in *final*, or may, and in neither of the others."""
    for port in final.listening:
        admitted, before = final.admitted(port), EMPTY
        for allowed in (reference, start):  # the first is mostly enough
            before |= allowed.may_pass(port)
            if admitted <= before:
                break
        else:
            reached, extra = final.reached(port), final.may_pass(port) - before
            if reached and extra:
                yield reached, extra
