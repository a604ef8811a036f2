"""How intended clients fare in one snapshot, and what interfaces lack for all of them to get through."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from drilllib.core.facts import Fact, FactCode, fact, rules_of
from drilllib.core.fix.needs import Need, needs_of
from drilllib.core.fix.probes import probe_needs
from drilllib.core.fix.widening import Widening
from drilllib.core.reach.clients import ClientClass, Parts, clients_from, example_client, parts_of, traced
from drilllib.core.rules.addresses import Block, parse_client
from drilllib.core.rules.rules import SecurityGroup
from drilllib.core.sets.accepted import Accepted, accepted
from drilllib.core.sets.flowsets import FlowSet
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.codes import Assumption
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import InvalidInputError, Message

WORST_FIRST = (Verdict.UNREACHABLE, Verdict.INTERMITTENT, Verdict.UNDETERMINED, Verdict.REACHABLE)


@dataclass(frozen=True, slots=True)
class Situation:
    """
    The intended clients in the *classes* they fall into, what every interface on the way *needs*, and what of it is
    *lacking*. *gaps* are facts without which no change of groups can be proposed; *guessed* is taken for granted.
    """

    snapshot: Snapshot
    classes: tuple[ClientClass, ...]
    needs: tuple[Need, ...]
    lacking: tuple[Need, ...]
    gaps: tuple[Fact, ...]
    guessed: frozenset[Assumption]


def situation(snapshot: Snapshot, question: Question, clients: Sequence[Block], widening: Widening) -> Situation:
    """
    Look at it. The question's own client is left out of it.

    Raises:
        InvalidInputError: A block has no client of the VIP, or the question cannot be used.
    """
    classes = fare(snapshot, question, clients)
    asked = [needs_of(snapshot, each, _like(each, clients), widening) for each in _samples(classes)]
    needs = tuple(need for found, _ in asked for need in found)
    needs += tuple(need for each in _samples(classes) for need in probe_needs(snapshot, each, widening))
    lacking = tuple(lacking_of(snapshot.groups, needs))
    guessed = frozenset(one for _, guesses in asked for one in guesses)
    return Situation(snapshot, classes, needs, lacking, gaps_of(snapshot, lacking), guessed)


def stays_untold(now: Situation, stays: Callable[[Need], bool]) -> bool:
    """
    Would nobody know what to change after a remedy either?

    *stays* says of a need whether the remedy surely leaves it as it is; of one such a list was not read.
    """
    unread = (need for need in now.lacking if any(_unread(now.snapshot, need)))
    return bool(now.gaps) and any(map(stays, unread))


def worst(classes: Iterable[ClientClass]) -> Verdict:
    """How the worst of them fares."""
    return min((each.trace.verdict for each in classes), key=WORST_FIRST.index)


def fare(snapshot: Snapshot, question: Question, clients: Sequence[Block]) -> tuple[ClientClass, ...]:
    """The intended clients, in the classes they fall into."""
    asked = clients_from(clients)
    question = replace(question, client=str(clients[0].network_address) if clients else "")
    every = parts_of(snapshot, question)
    _require_clients(every, clients)
    return tuple(found for each in every for found in _intended(snapshot, question, each, asked))


def _intended(snapshot: Snapshot, question: Question, every: Parts, asked: FlowSet) -> Iterator[ClientClass]:
    """Those of *every* client that are asked for; where no rule tells them apart, how others fare is not looked at."""
    ours = [each for each in every.clients if each & asked]
    found = [each.clients for each in traced(snapshot, question, every).classes] if len(ours) > 1 else ours
    for wanted in (one & asked for one in found):
        if wanted:
            client, sample = example_client(wanted), every.sample
            same = client == sample.question.client
            yield ClientClass(wanted, sample if same else trace(snapshot, replace(question, client=client)))


def _require_clients(every: Sequence[Parts], clients: Sequence[Block]) -> None:
    """A block without any client would be left out without a word."""
    remedy = Message("Name blocks of the VIP's family outside of the cluster, public ones where the VIP is public")
    if not clients:
        raise InvalidInputError("No block of clients was named", remedy=remedy)
    known = {family: _ranges(every, family) for family in {block.version for block in clients}}
    for block in clients:
        if not _meets(known[block.version], block):
            vip = every[0].sample.question.vip or "this Service"
            raise InvalidInputError("No client of {vip} is in {block}", remedy=remedy, vip=vip, block=block)


def _ranges(every: Sequence[Parts], family: int) -> list[tuple[int, int]]:
    """The first and the last address of each range of clients, in order; they are disjoint."""
    return sorted(ends for each in every for part in each.clients for ends in part.addresses(family))


def _meets(ranges: Sequence[tuple[int, int]], block: Block) -> bool:
    """Is an address of *block* in one of the ranges?"""
    last = int(block.broadcast_address)
    place = bisect_right(ranges, last, key=lambda ends: ends[0])
    return place > 0 and ranges[place - 1][1] >= int(block.network_address)


def _samples(classes: Iterable[ClientClass]) -> Iterable[Trace]:
    """One trace for each address family; what is asked on the way is the same for all clients of a family."""
    return {parse_client(each.trace.question.client).version: each.trace for each in classes}.values()


def _like(sample: Trace, clients: Iterable[Block]) -> list[Block]:
    """The clients of the sample's family."""
    version = parse_client(sample.question.client).version
    return [block for block in clients if block.version == version]


def lacking_of(groups: Mapping[str, SecurityGroup], needs: Iterable[Need]) -> Iterator[Need]:
    """The needs that are not met; what many interfaces of one kind need is looked at once."""
    known: dict[tuple[object, ...], Accepted] = {}
    met: dict[tuple[object, ...], bool] = {}
    for need in needs:
        spot = need.groups, need.direction
        if spot not in known:
            listed = [groups.get(name) or SecurityGroup(name, None, None) for name in need.groups]
            known[spot] = accepted(listed, need.direction)
        if (*spot, id(need.must)) not in met:
            met[*spot, id(need.must)] = need.must <= known[spot].sure
        if not met[*spot, id(need.must)]:
            yield need


def gaps_of(snapshot: Snapshot, lacking: Iterable[Need]) -> tuple[Fact, ...]:
    """The lists that would have to change and were not read, and the interfaces of which nobody knows whom to admit."""
    found: dict[Fact, None] = {}
    known: dict[tuple[object, ...], list[Fact]] = {}
    for need in lacking:
        spot = need.groups, need.direction
        if spot not in known:
            known[spot] = [rules_of(name, need.direction) for name in _unread(snapshot, need)]
        found |= dict.fromkeys(known[spot])
        if need.who == "unknown":
            found[fact(FactCode.ADMITTED, resource=need.resource)] = None
    return tuple(found)


def _unread(snapshot: Snapshot, need: Need) -> Iterator[str]:
    """The groups on the way whose lists were not read."""
    return (name for name in need.groups if snapshot.group(name).rules(need.direction) is None)
