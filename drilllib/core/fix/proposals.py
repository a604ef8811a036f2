"""
What lets intended clients reach a Service on every path: the answer to `drill fix`.

`search` finds the smallest changes of groups, `remedies` what else helps. Every proposal is traced before it is given.
"""

from collections.abc import Sequence
from dataclasses import replace

from drilllib.core.fix.answer import Fix
from drilllib.core.fix.causes import causes_of
from drilllib.core.fix.needs import called
from drilllib.core.fix.proposal import Proposal
from drilllib.core.fix.remedies import Asked, with_remedies
from drilllib.core.fix.search import smallest, too_wide_orders
from drilllib.core.fix.situation import Situation, fare, situation
from drilllib.core.fix.stops import blockers_of, stops_of
from drilllib.core.fix.target_ports import undeclared
from drilllib.core.fix.widening import Widening
from drilllib.core.reach.clients import ClientClass
from drilllib.core.rules.addresses import Block
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question

__all__ = ["Fix", "Proposal", "fix"]


def fix(snapshot: Snapshot, question: Question, clients: Sequence[Block], nodes: Sequence[Block] = ()) -> Fix:
    """
    Let *clients* reach what *question* asks for; its own client is left out of it.

    *nodes* are the sources that the pods' groups shall admit; the nodes' subnets where none is given.

    Raises:
        InvalidInputError: A block has no client of the VIP, or the question cannot be used.
        UnknownNameError: The Service is not in the snapshot.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    asked = Asked(question, clients, Widening(snapshot.subnets(), tuple(nodes)))
    now = situation(snapshot, question, clients, asked.widening)
    proposals = with_remedies(now, asked, _of_groups(now, question, clients))
    after = proposals[0].after if proposals else now.classes
    then = proposals[0].made(snapshot) if proposals else snapshot
    stops = stops_of(snapshot, now.lacking) if proposals else ()
    causes = causes_of(snapshot, now.classes)
    taken = {one for each in after for one in each.trace.assumptions} | now.guessed
    return Fix(
        question=now.classes[0].trace.question,
        needs=now.lacking,
        proposals=proposals,
        before=now.classes,
        after=after,
        assumptions=tuple(sorted(taken)),
        gaps=now.gaps,
        stops=stops,
        blockers=blockers_of(snapshot, stops, now.classes) if proposals else (),
        too_wide=() if now.gaps else too_wide_orders(snapshot, now.needs, now.lacking),
        causes=causes,
        causes_left=causes_of(then, after) if proposals else causes,
    )


def _of_groups(now: Situation, question: Question, clients: Sequence[Block]) -> tuple[Proposal, ...]:
    """The smallest changes of groups; the first is traced, and all do the same for the intended clients."""
    found = smallest(now.snapshot, now.needs, now.lacking) if now.lacking and not now.gaps else ()
    if not found:
        return ()
    after = fare(found[0].made(now.snapshot), question, clients)
    only_if = _only_if(now, after)
    return tuple(replace(each, after=after, only_if=only_if) for each in found)


def _only_if(now: Situation, after: Sequence[ClientClass]) -> int | None:
    """The port for which pods' groups get a rule, and which no pod declares: it is needed only if that one is meant."""
    found = (each for one in after for each in undeclared(one.trace))
    asked = {(str(name), hop.port) for members, hop in found for name in called(now.snapshot, members, hop)}
    return min((each.port for each in now.lacking if each.port and (each.resource, each.port) in asked), default=None)
