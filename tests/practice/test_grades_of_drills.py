"""
The grade at the built-in drills' worlds: reference and causes pass, nothing done does not, and a second opinion agrees.

The second opinion goes flow by flow and client by client, by `decide` and `trace`; it knows nothing of sets.
"""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from random import Random

import pytest

from drilllib.core.drills.worlds.world import Cause, CauseKind, World
from drilllib.core.practice.attempt import Action, Attempt, Changed, Finished, Header, Stated
from drilllib.core.practice.grade import Grade, grade
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Action as Decided
from drilllib.core.rules.rules import Direction, Flow, decide
from drilllib.core.snapshot.edits import rules_of, with_binding, with_rules
from drilllib.core.snapshot.patch import difference
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.practice import library
from drilllib.practice.worlds import Worlds
from tests.thorough import how_many, one_in

WORLDS = Worlds()
SEEDS = range(how_many(1, thorough=2, long=100))
EDITS = how_many(2, thorough=4, long=8)
CASES = [(name, level) for name in library.names() for level in library.drill(name).levels]
SOME = one_in(4, CASES)


def header(name: str, level: int, seed: int) -> Header:
    return Header(drill=name, seed=seed, level=level, engine="", world="", started="")


def graded(head: Header, stated: tuple[Cause, ...] | None, final: Snapshot) -> Grade:
    start = WORLDS.world(head).snapshot
    actions: list[Action] = [] if stated is None else [Stated(stated)]
    patch = difference(start.to_dict(), final.to_dict())
    actions += [Changed(len(actions) + 1, patch)] if patch else []
    return grade(Attempt(head, (*actions, Finished())), WORLDS.yardstick(head))


def said(found: Grade) -> str:
    return "\n".join(map(str, found.reasons))


@pytest.mark.parametrize(("name", "level"), SOME)
def test_the_reference_passes_and_what_is_less_does_not(name: str, level: int) -> None:
    """Each part fails for its own reason: nothing done, nothing said, an innocent besides, everything open."""
    for seed in SEEDS:
        head = header(name, level, seed)
        world = WORLDS.world(head)
        innocent = Cause(kind=CauseKind.GROUP, resource="lb-innocent", group="sg-innocent")
        passed = graded(head, world.causes, world.reference)
        assert passed.passed, (seed, said(passed))
        idle = graded(head, world.causes, world.snapshot)
        assert (idle.localised, idle.repaired, idle.restrained) == (True, not world.causes, True), (seed, said(idle))
        for stated in (None, (*world.causes, innocent), world.causes[1:] or (innocent,)):
            blamed = graded(head, stated, world.reference)
            assert (blamed.localised, blamed.repaired, blamed.restrained) == (False, True, True), (seed, said(blamed))


def edits(world: World, random: Random) -> Iterator[Snapshot]:
    """What somebody might try: a rule somewhere, or other groups bound, on top of the start or of the reference."""
    blocks = ("0.0.0.0/0", world.served[0], f"{world.question.client}", "198.51.100.0/24", "10.0.0.0/8")
    ports = ("ALL", "80", "22", "30000-32767", "443")
    while True:
        base = random.choice((world.snapshot, world.reference))
        name = random.choice(list(base.groups))
        direction = random.choice(list(Direction))
        rule = f"{random.choice(('ACCEPT', 'ACCEPT', 'DROP'))} {random.choice(('TCP', 'UDP'))} "
        rule += f"{random.choice(blocks)} {random.choice(ports)}"
        rules = list(rules_of(base, name, direction))
        rules.insert(random.randrange(len(rules) + 1), rule_from_text(rule))
        if random.random() < 0.25:
            chosen = random.sample(list(base.groups), k=random.randrange(min(3, len(base.groups) + 1)))
            yield with_binding(base, random.choice(list(base.bound_groups())), chosen)
        else:
            yield with_rules(base, name, direction, rules)


def may_come(snapshot: Snapshot, resource: str, direction: Direction, flow: Flow) -> bool:
    """Do the resource's groups accept the flow, or may they?"""
    names = snapshot.bound_groups().get(resource, ("nowhere",))
    if not names:
        return True
    if names == ("nowhere",):
        return False
    return decide([snapshot.group(name) for name in names], direction, flow).action is not Decided.DROP


def flows(world: World) -> list[Flow]:
    peers = ("198.51.100.7", "10.77.0.9", world.question.client, str(ip_network(world.served[0])[1]))
    ports = (22, 80, 443, 30001, *(target.port for each in targets(world) for target in each))
    found = [(protocol, peer, port) for protocol in ("TCP", "UDP") for peer in peers for port in dict.fromkeys(ports)]
    return [Flow(protocol=protocol, peer=ip_address(peer), port=port) for protocol, peer, port in found]


def targets(world: World) -> Iterator[tuple]:
    for balancer in world.snapshot.load_balancers:
        for listener in world.snapshot.listeners(balancer.balancer_id) or ():
            yield listener.targets or ()


def fares(snapshot: Snapshot, world: World, client: str) -> Verdict:
    asked = Question(client=client, service=world.meant.service, port=world.meant.port, protocol=world.meant.protocol)
    return trace(snapshot, asked).verdict


@pytest.mark.parametrize(("name", "level"), SOME)
def test_a_second_opinion_finds_no_flow_and_no_client_that_the_grade_does_not(name: str, level: int) -> None:
    """Random changes: whatever newly comes to an interface is surplus, and whoever is served gets through."""
    for seed in SEEDS:
        head, random = header(name, level, seed), Random(f"{name}/{level}/{seed}")
        world = WORLDS.world(head)
        for number, final in zip(range(EDITS), edits(world, random), strict=False):
            found, where = graded(head, world.causes, final), f"{name} {level} {seed} {number}"
            over = {(each.resource, each.direction): each.flows for each in found.surplus}
            for resource in final.bound_groups():
                for direction in Direction:
                    for flow in flows(world):
                        before = (world.snapshot, world.reference)
                        allowed = any(may_come(each, resource, direction, flow) for each in before)
                        extra = may_come(final, resource, direction, flow) and not allowed
                        assert extra == (flow in over.get((resource, direction), ())), (where, resource, flow)
            assert not (over and found.restrained), where
            clients = [str(ip_network(block)[place]) for block in world.served for place in (0, -1)]
            through = [fares(final, world, each) is Verdict.REACHABLE for each in clients]
            assert all(through) or not found.repaired, (where, said(found))
