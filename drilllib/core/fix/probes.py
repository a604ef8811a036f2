"""
What health probes need, so that the targets of intended clients are Alive.

Probes from the CLB's own range need no rule; those from the VIP (SourceIpType 0) do [CLB-HCIP]. Over UDP the ping has
to pass at the target, and what becomes of the packet behind it does not count unless it is refused [CLB-UDP].
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_network

from drilllib.core.fix.needs import AskedCheck, Need, Senders, asked_on, is_asked, needs_along
from drilllib.core.fix.widening import Widening
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Health, Question, Trace
from drilllib.core.trace.classes import PathClass, ways_of
from drilllib.core.trace.entry import Entry, UnanswerableError, entry_of
from drilllib.core.trace.members import Members
from drilllib.core.trace.node_facts import TargetFacts
from drilllib.core.trace.walker import Walker


def entry_again(snapshot: Snapshot, asked: Question) -> Entry | None:
    """What an answered question is about; its VIP was filled in where a Service was named. None where nothing tells."""
    try:
        return entry_of(snapshot, replace(asked, vip=None if asked.service else asked.vip))
    except UnanswerableError:
        return None


def is_failing(health: Health) -> bool:
    """Do the target's probes fail for a cause that was found, and the CLB does not see it otherwise?"""
    return health.blocker is not None and health.observed != "Alive"


def probe_needs(snapshot: Snapshot, answer: Trace, widening: Widening) -> tuple[Need, ...]:
    """
    What the probes of the targets in *answer* need. Left out: a target that the CLB sees Alive, one whose probes fail
    for another cause, too, and lists that were not read.
    """
    entry = entry_again(snapshot, answer.question)
    if entry is None or entry.listener is None or entry.problem or not entry.listener.probes:
        return ()
    walker = Walker(snapshot, entry.balancer, entry.frontend, entry.listener)
    alive = {name for each in answer.health if each.observed == "Alive" for name in (each.target, *each.others)}
    groups: dict[tuple[int, ...], list[int]] = {}
    for numbers, places in ways_of(answer.probes).items():
        targets = ((place, answer.targets[place].target) for place in places)
        ours = [place for place, target in targets if target.weight and target.name not in alive]
        if ours:
            groups[numbers] = ours
    needs: list[Need] = []
    sources = (walker.probe(answer.targets[place]).source.address for places in groups.values() for place in places[:1])
    for vip in [each for each in dict.fromkeys(sources) if each is not None]:
        checks = (check for each in groups.items() for check in _asked(walker, answer, *each))
        found, _ = needs_along(snapshot, checks, Senders("probes", vip, [ip_network(vip)]), widening)
        needs += [each for each in found if each.who != "unknown" and _is_read(snapshot, each)]
    return tuple(needs)


def _asked(walker: Walker, answer: Trace, numbers: Sequence[int], places: Sequence[int]) -> Iterable[AskedCheck]:
    """The checks that probes have to pass, of the targets at *places*, which have these classes of paths."""
    facts, every = answer.targets[places[0]], [_members(answer, answer.probes[each], places) for each in numbers]
    if facts.asks_kube_proxy:  # which answers by itself, 200 on a node that has a pod
        return _at_target(walker, facts, every[0], "TCP") if facts.status == 200 else ()
    if any(hop.problem or hop.doubts for each in every for hop in each.path.hops):
        return ()
    if walker.transport == "UDP":
        return _at_target(walker, facts, every[0], "ICMPV6" if facts.address.version == 6 else "ICMP")
    return asked_on(every)


def _members(answer: Trace, found: PathClass, places: Sequence[int]) -> Members:
    """What a class of probes stands for at these targets alone."""
    pods = found.pods
    if pods and found.is_here:
        nodes = {node.node.name for place in places if (node := answer.targets[place].node)}
        ours = [each for each in found.endpoints if pods.endpoints[each].node_name in nodes]
        return Members(found.path, answer.targets, replace(found, targets=places, endpoints=ours))
    return Members(found.path, answer.targets, replace(found, targets=places))


def _at_target(walker: Walker, facts: TargetFacts, members: Members, protocol: str) -> Iterator[AskedCheck]:
    """The check of a probe that goes no further."""
    check = walker.probe_check(facts, protocol)
    if is_asked(check):
        yield members, members.path.hops[0], check


def _is_read(snapshot: Snapshot, need: Need) -> bool:
    return all(snapshot.group(name).rules(need.direction) is not None for name in need.groups)
