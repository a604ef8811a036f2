"""What holds of every fix, checked flow by flow; used on random labs and worlds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_network
from random import Random

from fix_points import RANK, Block, action, asked, flows, is_asked, resources

from drilllib.core.fix.proposals import Fix, Proposal, fix
from drilllib.core.reach.clients import clients_from
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.boxes import boxes
from drilllib.core.sets.flowsets import EMPTY
from drilllib.core.snapshot.edits import with_changes
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace

WIDE = {4: 8, 6: 16}


def obeys(snapshot: Snapshot, question: Question, clients: Sequence[Block], random: Random, points: int) -> Counter:
    """Every law on one question; what was met on the way."""
    answer = fix(snapshot, question, clients)
    met = Counter({f"works: {answer.works}": 1, f"proposals: {bool(answer.proposals)}": 1})
    assert answer.works == (not answer.left)
    for each in answer.left:
        assert cause_is_no_group(snapshot, each), each.blockers
    if not answer.proposals:
        assert answer.before == answer.after
        return met
    for proposal in answer.proposals:
        after = with_changes(snapshot, proposal.changes)
        only_adds(snapshot, after, clients)
        met += tells_what_is_new(snapshot, after, answer, proposal, clients, random, points)
        admits(after, question, answer, clients)
    again = fix(with_changes(snapshot, answer.proposals[0].changes), question, clients)
    assert not again.proposals
    assert not again.needs
    assert [each.trace.verdict for each in again.before] == [each.trace.verdict for each in answer.after]
    return met


def cause_is_no_group(snapshot: Snapshot, answer: Trace) -> bool:
    """Is there a stop besides the groups, or something that was not read, or an address that nobody knows?"""
    checks = [check for path in answer.paths for hop in path.hops for check in hop.checks]
    unread = any(snapshot.group(name).rules(check.direction) is None for check in checks for name in check.groups)
    nobody_knows = any(str(check.peer) in ("0.0.0.0/0", "::/0") for check in checks)
    return any(each.check is None for each in answer.blockers) or bool(answer.gaps) or unread or nobody_knows


def admits(after: Snapshot, question: Question, answer: Fix, clients: Sequence[Block]) -> None:
    """No group stops any intended client on any path, idle targets too; each is traced by itself."""
    for each in answer.after:
        for text in (each.trace.question.client, *edge_clients(each.clients, clients)):
            found = trace(after, replace(question, client=text))
            assert all(blocker.check is None for blocker in found.blockers), found.blockers
            assert found.verdict == each.trace.verdict


def edge_clients(found: object, clients: Sequence[Block]) -> list[str]:
    """The first and the last address of each intended block that is in a class."""
    ends = [address for block in clients for address in (block[0], block[-1])]
    return [str(address) for address in ends if clients_from([ip_network(address)]) <= found]


def only_adds(before: Snapshot, after: Snapshot, clients: Sequence[Block]) -> None:
    """Nothing is lost on any interface, in either direction, and nothing wider than a /8 is new unless asked for."""
    assert before.bound_groups() == after.bound_groups()
    for names in {names for names in before.bound_groups().values() if names}:
        for direction in Direction:
            old = accepted([before.group(name) for name in names], direction)
            new = accepted([after.group(name) for name in names], direction)
            assert old.sure <= new.sure
            assert old.possible <= new.possible
            for block in (ip_network(box.block) for box in boxes(new.sure - old.sure)):
                meant = any(block.version == each.version and block.subnet_of(each) for each in clients)
                assert meant or block.prefixlen >= WIDE[block.version], block


def tells_what_is_new(
    before: Snapshot,
    after: Snapshot,
    answer: Fix,
    proposal: Proposal,
    clients: Sequence[Block],
    random: Random,
    points: int,
) -> Counter:
    """Flow by flow: what an interface newly accepts, and nobody asked for there, is what the proposal tells."""
    met = Counter()
    old, new = before.to_dict(), after.to_dict()
    wanted = [one for each in answer.before for one in asked(old, each.trace, clients, ())]
    for direction in ("ingress", "egress"):
        for name, (_, names) in resources(old).items():
            told = proposal.collateral.get((name, Direction(direction)), EMPTY)
            if not names:
                assert not told
                continue
            for flow in flows(random, old, new, names, direction, points):
                was, now = (RANK[action(each, names, direction, flow)] for each in (old, new))
                assert now >= was, (name, flow)
                is_new = now > was and not is_asked(wanted, name, direction, flow)
                assert (flow in told) == is_new, (name, direction, flow, was, now)
                met["new"] += is_new
                met["flows"] += 1
    assert proposal.cost[0] == len(proposal.changes)
    return met
