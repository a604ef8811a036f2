"""
The rules that stop intended clients, each once: a trace names only what one client meets.

Which DROP decides may differ from client to client of one block, and a deliberate block of a few must not hide behind
the default deny of all others.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from drilllib.core.fix.needs import Need
from drilllib.core.fix.unmet_needs import family_of
from drilllib.core.reach.clients import ClientClass, example_client, far_ends
from drilllib.core.rules.edits import Change, Edit
from drilllib.core.rules.members import Reference
from drilllib.core.rules.rules import Action, Direction, Rule
from drilllib.core.sets.boxes import blocks_of
from drilllib.core.sets.flowsets import FlowSet, Plane, flows_in, ports_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.request import trace


@dataclass(frozen=True, slots=True)
class Stop:
    """Flows that one interface has to accept and *rule* of *group* drops; None, and no group, where none matches."""

    need: Need
    flows: FlowSet
    group: str = ""
    index: int = 0
    rule: Rule | None = None

    @property
    def spot(self) -> tuple[str, Direction, int]:
        """Where the rule stands."""
        return self.group, self.need.direction, self.index

    @property
    def sources(self) -> tuple[str, ...]:
        """The far ends as blocks."""
        return blocks_of(self.flows)

    @property
    def clients(self) -> FlowSet:
        """The far ends as a set of clients."""
        return far_ends(self.flows, family_of(self.need))

    @property
    def is_deliberate(self) -> bool:
        """Does the rule name somebody, and not everybody as the default deny does?"""
        peer = self.rule.peer if self.rule else None
        return peer is not None and (isinstance(peer, Reference) or peer.prefixlen > 0)


def stops_of(snapshot: Snapshot, needs: Iterable[Need]) -> tuple[Stop, ...]:
    """Everything that surely stops some of what has to pass, at each interface from the top of its list."""
    unlike: dict[tuple[object, ...], Need] = {}
    for need in needs:  # many interfaces of one kind stop the same
        unlike.setdefault(what_is_asked(need), need)
    return tuple(stop for need in unlike.values() for stop in _stops_at(need, snapshot))


def what_is_asked(need: Need) -> tuple[object, ...]:
    """All of a need but of which interface."""
    return need.groups, need.direction, need.protocol, need.port, need.who, need.meant


def blockers_of(snapshot: Snapshot, stops: Iterable[Stop], before: Sequence[ClientClass]) -> tuple[Blocker, ...]:
    """Every rule that stops some of the intended clients, as a trace names it, in the order of the path."""
    met = [(each, each.check) for one in _traces(snapshot, stops, before) for each in one.blockers if each.check]
    found: dict[tuple[object, ...], Blocker] = {}
    for each, check in sorted(met, key=lambda one: (list(HopKind).index(one[0].hop), one[0].hypothetical)):
        found.setdefault((each.name, check.direction, check.groups, check.group, check.policy_index), each)
    return tuple(found.values())


def _traces(snapshot: Snapshot, stops: Iterable[Stop], before: Sequence[ClientClass]) -> Iterator[Trace]:
    """Traces of intended clients: one for each stop that clients meet, then one for each class."""
    asked: set[Question] = set()
    for stop in stops:
        for each in before if stop.need.who == "clients" else ():
            clients = each.clients & stop.clients
            question = _asked_by(example_client(clients), each.trace.question) if clients else None
            if question and question not in asked:
                asked.add(question)
                yield trace(snapshot, question)
    yield from (each.trace for each in before)


def overridden(stops: Sequence[Stop], changes: Sequence[Change]) -> tuple[Stop, ...]:
    """The stops whose rules name somebody and stay, but no longer decide about what was asked for."""
    gone = {(each.group, each.direction, each.place) for each in changes if each.edit is not Edit.INSERT}
    return tuple(each for each in stops if each.is_deliberate and each.spot not in gone)


def _stops_at(need: Need, snapshot: Snapshot) -> Iterator[Stop]:
    """From the top, each rule takes its part of the need; what is left in the end no rule matches."""
    plane, left = Plane(need.protocol, family_of(need)), need.meant
    for name in need.groups:
        group = snapshot.group(name)
        for first, last, (low, high, index, certain) in group.rows(need.direction, *plane):
            ports = ports_of(plane, low, high)
            if certain and ports and ports[0] <= (need.port or 0) <= ports[1]:
                taken = left & flows_in([(plane.family, first, last)], plane.protocol, ports)
                left -= taken
                rule = (group.rules(need.direction) or ())[index]
                if taken and rule.action is Action.DROP:
                    yield Stop(need, taken, name, index, rule)
    if left:
        yield Stop(need, left)


def _asked_by(client: str, question: Question) -> Question:
    """The question of an answered trace, put by another client; its VIP was filled in where a Service was named."""
    return replace(question, client=client, vip=None if question.service else question.vip)
