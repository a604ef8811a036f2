"""What holds of every fix, checked flow by flow; used on random labs and worlds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address, ip_network
from random import Random

from fix_points import RANK, Block, action, asked, flows, is_asked, resources

from drilllib.core.fix.proposals import Fix, Proposal, fix
from drilllib.core.fix.steps import StepCode
from drilllib.core.reach.clients import clients_from
from drilllib.core.rules.rules import Action, Direction
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.boxes import boxes
from drilllib.core.sets.flowsets import EMPTY
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from drilllib.errors import InvalidInputError

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
        after = proposal.made(snapshot)
        if proposal.is_of_groups:
            only_adds(snapshot, after, clients)
        met += tells_what_is_new(snapshot, after, answer, proposal, clients, random, points)
        admits(after, question, proposal, clients)
        if any(each.code is StepCode.PASS_TO_TARGET for each in proposal.steps):
            met += tells_whom_targets_admit(snapshot, answer, proposal, clients, random)
    again = fix(answer.proposals[0].made(snapshot), question, clients)
    if any(finding.code == "HEALTH_DIFFERS" for each in answer.before for finding in each.trace.findings):
        return met  # what the CLB saw of the probes does not hold after a change
    left = [step.code for each in again.proposals for step in each.steps[:1]]
    assert set(left) <= {StepCode.HEALTH_CHECK_PORT}, "a second cause, which stops health checks only"
    assert len(left) == len(again.proposals)
    assert not again.needs
    assert [each.trace.verdict for each in again.before] == [each.trace.verdict for each in answer.after]
    return met


def cause_is_no_group(snapshot: Snapshot, answer: Trace) -> bool:
    """Is there a stop besides the groups, or something that was not read, or an address that nobody knows?"""
    checks = [check for path in answer.paths for hop in path.hops for check in hop.checks]
    unread = any(snapshot.group(name).rules(check.direction) is None for check in checks for name in check.groups)
    nobody_knows = any(str(check.peer) in ("0.0.0.0/0", "::/0") for check in checks)
    return any(each.check is None for each in answer.blockers) or bool(answer.gaps) or unread or nobody_knows


def admits(after: Snapshot, question: Question, proposal: Proposal, clients: Sequence[Block]) -> None:
    """No group stops any intended client on any path, idle targets too; each is traced by itself."""
    for each in proposal.after:
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
    bound, then = before.bound_groups(), after.bound_groups()
    assert list(bound) == list(then)
    for names, others in {(names, then[resource]) for resource, names in bound.items() if names}:
        assert sorted(names) == sorted(others or ()), "only their order may differ"
        for direction in Direction:
            old = accepted([before.group(name) for name in names], direction)
            new = accepted([after.group(name) for name in others or ()], direction)
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
    """
    Flow by flow: what an interface newly accepts, and nobody asked for there, is what the proposal tells; so is what it
    accepts no longer.
    """
    met = Counter({f"proposal: {each.code}": 1 for each in proposal.steps})
    old, new = before.to_dict(), after.to_dict()
    traced = answer.before if proposal.is_of_groups else proposal.after
    wanted = [one for each in traced for one in asked(new, each.trace, clients, ())]
    for direction in ("ingress", "egress"):
        for name, (addresses, now_bound) in resources(new).items():
            side = name, Direction(direction)
            told, lost = proposal.collateral.get(side, EMPTY), proposal.lost.get(side, EMPTY)
            was_bound = bound_before(resources(old), name, addresses)
            if not was_bound:
                assert not told
                continue
            for flow in flows(random, old, new, (*was_bound, *now_bound), direction, points):
                was = RANK[action(old, was_bound, direction, flow)]
                now = RANK[action(new, now_bound, direction, flow)]
                assert (flow in lost) == (now < was), (name, flow)
                is_new = now > was and not is_asked(wanted, name, direction, flow)
                assert (flow in told) == is_new, (name, direction, flow, was, now)
                met["new"] += is_new
                met["lost"] += now < was
                met["flows"] += 1
    assert proposal.cost[0] == len(proposal.changes) + len(proposal.steps)
    return met


def bound_before(known: dict, name: str, addresses: Sequence[str]) -> Sequence[str] | None:
    """The groups of that interface; of a new one, those of the interface that had its addresses."""
    if name in known:
        return known[name][1]
    return next(groups for theirs, groups in known.values() if set(theirs) & set(addresses))


def tells_whom_targets_admit(
    before: Snapshot, answer: Fix, proposal: Proposal, clients: Sequence[Block], random: Random
) -> Counter:
    """Client by client: whom a target newly admits from the CLB, and nobody asked for, is whom the proposal tells."""
    met, document = Counter(), before.to_dict()
    listener = answer.before[0].trace.listener
    name = " ".join(filter(None, (f"{listener.port}/{listener.protocol}", listener.location_id)))
    told = [each for each in proposal.admits if each.listener == name]
    question = answer.before[0].trace.question
    question = replace(question, vip=None if question.service else question.vip)
    for client in random.sample(_telling_clients(document, clients), 12):
        if client in before.insiders.addresses:
            continue  # as `reach`, `fix` asks about nobody inside the cluster
        try:
            found = trace(before, replace(question, client=str(client)))
        except InvalidInputError:
            continue  # no packet comes from there
        if any(each.code == "CLIENT_IS_PRIVATE" for each in found.findings):
            continue  # the VIP sees another address
        one = clients_from([ip_network(client)])
        meant = any(client in block for block in clients)
        for path in (path for path in found.paths if len(path.hops) > 1 and path.hops[1].checks):
            clb, target = path.hops[0].checks[0], path.hops[1].checks[0]
            is_new = clb.action is not Action.DROP and target.action is not Action.ACCEPT and not meant
            assert any(path.target in each.targets and one <= each.clients for each in told) == is_new, (client, path)
            met["newly admitted"] += is_new
    return met


def _telling_clients(document: dict, clients: Sequence[Block]) -> list:
    """The first addresses of blocks in rules, the addresses around them, and some others."""
    texts = ["198.51.100.7", "8.8.8.8", *(str(block[0]) for block in clients)]
    for group in (document.get("security_groups") or {}).values():
        for rules in (group.get("SecurityGroupPolicySet") or {}).values():
            texts += [rule["CidrBlock"] for rule in rules if isinstance(rules, list) and rule.get("CidrBlock")]
    first = {int(ip_network(text, strict=False)[0]) for text in texts if ":" not in text}
    return [ip_address(number) for number in sorted({near for each in first for near in (each, each + 1, each + 64)})]
