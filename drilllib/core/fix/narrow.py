"""
The narrow change before the short one: `narrow_first`.

One DROP taken out may let many clients in, and far more besides. A rule for each of them is more edits and less risk.
"""

from collections.abc import Sequence
from dataclasses import replace

from drilllib.core.fix.answer import Fix
from drilllib.core.fix.causes import causes_of
from drilllib.core.fix.over_quota import over_quota
from drilllib.core.fix.proposal import Proposal
from drilllib.core.fix.remedies import merit
from drilllib.core.fix.search import without_drops
from drilllib.core.fix.situation import fare, situation
from drilllib.core.fix.widening import Widening
from drilllib.core.rules.addresses import Block
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question


def narrow_first(snapshot: Snapshot, question: Question, found: Fix, clients: Sequence[Block]) -> Fix:
    """
    The same answer with the change of groups first that lets in least besides, however many edits it is.

    Only where the first is one of groups that lets in something besides, and the other one does as much for the
    clients, opens less and has room in its groups.
    """
    best = found.best
    if not best.is_of_groups or not best.cost[1]:
        return found
    now = situation(snapshot, question, clients, Widening(snapshot.subnets(), ()))
    added = [each for each in (without_drops(snapshot, now.needs, now.lacking),) if each]
    others = [each for each in found.proposals if each.is_of_groups]
    narrow = min((*others, *added), key=lambda each: (each.cost[1], each.cost[0], each.cost[2]))
    if narrow.cost[1] >= best.cost[1] or over_quota(snapshot, narrow.changes):
        return found
    after = narrow.after or fare(narrow.made(snapshot), question, clients)
    if merit(after) < merit(best.after):
        return found
    return _with_first(snapshot, found, replace(narrow, after=after, only_if=best.only_if))


def _with_first(snapshot: Snapshot, found: Fix, narrow: Proposal) -> Fix:
    """The answer with that proposal before the others."""
    others = tuple(each for each in found.proposals if each.changes != narrow.changes or each.orders != narrow.orders)
    left = causes_of(narrow.made(snapshot), narrow.after)
    return replace(found, proposals=(narrow, *others), after=narrow.after, causes_left=left)
