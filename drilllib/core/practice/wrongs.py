"""Attempts that have to pass and attempts that must not: what a drill's grades are tried with."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_network

from drilllib.core.connection.ends import both_ends
from drilllib.core.drills.worlds.drill import Drill
from drilllib.core.drills.worlds.make import left_with_one, make_world
from drilllib.core.drills.worlds.world import Cause, CauseKind, World
from drilllib.core.fix.proposals import fix
from drilllib.core.practice.attempt import Attempt, Changed, Finished, Header, Stated
from drilllib.core.practice.could_be import candidates
from drilllib.core.practice.grade import Yardstick, grade
from drilllib.core.reach.resources import accepted_by_list
from drilllib.core.rules.edits import Change, Edit
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import rules_of, with_changes
from drilllib.core.snapshot.patch import difference
from drilllib.core.snapshot.snapshot import Snapshot

EVERYBODY = rule_from_text("ACCEPT ALL 0.0.0.0/0 ALL")
WIDE = 16  # bits that clients have in common who are let in by mistake
REFERENCE = "reference"
WRONGS = ("nothing-done", "everything-open", "wrong-place", "wrong-layer", "wrong-diagnosis", "one-left", "too-wide")
"""What learners do wrong; each has to fail. `one-left` and `too-wide` are mutants of the reference repair."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt: the *way* it was made, and whether it *passed*."""

    way: str
    passed: bool

    @property
    def is_right(self) -> bool:
        """The reference passes, and nothing else does."""
        return self.passed is (self.way == REFERENCE)


def tried(drill: Drill, seed: int, level: int) -> tuple[Tried, ...]:
    """
    Every attempt that the world of that drill, seed and level has, graded: the reference and what is wrong.

    Raises:
        InvalidInputError: The drill is not to be played at that level, or a fault fits none of its worlds.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    world = make_world(drill, seed, level)
    yardstick = Yardstick(world)
    ways = (
        (REFERENCE, world.causes, world.reference),
        ("everything-open", world.causes, _open(world.snapshot)),
        *_of_diagnosis(drill, world),
        *(_of_repair(drill, world) if world.causes else ()),
    )
    return tuple(Tried(way, grade(_attempt(world, *left), yardstick).passed) for way, *left in ways)


def _of_diagnosis(drill: Drill, world: World) -> Iterator[tuple[str, tuple[Cause, ...], Snapshot]]:
    """The right repair by who states something else that could have been."""
    others = (each.causes for each in candidates(drill, world.seed, world.level) if len(each.causes) < 2)
    wrong = next(each for each in others if each != world.causes and not {*each} & {*world.causes})
    yield "wrong-diagnosis", wrong, world.reference


def _of_repair(drill: Drill, world: World) -> Iterator[tuple[str, tuple[Cause, ...], Snapshot]]:
    """The right diagnosis by who repairs nothing, not all, elsewhere, or too much."""
    yield "nothing-done", world.causes, world.snapshot
    for each in left_with_one(drill, world.seed, world.level):
        yield "one-left", world.causes, each.snapshot
    wider = _wider(world)
    if wider is not None:
        yield "too-wide", world.causes, wider
    changes, at_fault = _inserted(world), {each.group for each in world.causes if each.rule is not None}
    if changes and at_fault.issuperset(each.group for each in changes):
        yield "wrong-place", world.causes, with_changes(world.snapshot, [_last(world, each) for each in changes])
    bound, places = world.snapshot.bound_groups(), [one for it in world.causes for one in (it.resource, *it.alike)]
    here = {group for place in places for group in bound.get(place) or ()}
    other = next((each for each in sorted(world.snapshot.groups) if each not in here), None)
    if changes and other:
        moved = [replace(each, group=other, place=0, edit=Edit.INSERT, old=None) for each in changes]
        yield "wrong-layer", world.causes, with_changes(world.snapshot, moved)


def _inserted(world: World) -> list[Change]:
    """The rules that the smallest repair of groups puts in; at a door those of the reference that are not there."""
    if world.connections:
        return [change for cause in world.causes for change in _missing(world, cause)]
    if any(each.kind is not CauseKind.GROUP for each in world.causes):
        return []
    found = fix(world.snapshot, world.meant, [ip_network(each) for each in world.served]).changes
    return [each for each in found if each.rule is not None and each.edit is not Edit.DELETE]


def _missing(world: World, cause: Cause) -> Iterator[Change]:
    way = cause.direction or Direction.INGRESS
    before = {each.text for each in rules_of(world.snapshot, cause.group, way)}
    for rule in rules_of(world.reference, cause.group, way):
        if rule.text not in before:
            yield Change(cause.group, way, Edit.INSERT, 0, rule)


def _last(world: World, change: Change) -> Change:
    """The same rule at the bottom, below the one that drops."""
    place = len(rules_of(world.snapshot, change.group, change.direction))
    return replace(change, place=place, edit=Edit.INSERT, old=None)


def _open(snapshot: Snapshot) -> Snapshot:
    """Everybody let in everywhere."""
    return with_changes(snapshot, [_top(each) for each in snapshot.groups])


def _top(group: str) -> Change:
    return Change(group, Direction.INGRESS, Edit.INSERT, 0, EVERYBODY)


def _wider(world: World) -> Snapshot | None:
    """
    The reference repair, and besides it every client of the block around the served one let in at the CLB; None where
    it has no group, or they are let in as it is.
    """
    if world.connections:
        return _wider_at_door(world)
    bound = world.reference.bound_groups().get(_balancer(world))
    block = ip_network(world.served[0])
    if not bound or block.prefixlen < WIDE:
        return None
    rule = rule_from_text(
        f"ACCEPT {world.meant.protocol or 'TCP'} {block.supernet(new_prefix=WIDE)} {world.meant.port or 'ALL'}"
    )
    wider = with_changes(world.reference, [Change(bound[0], Direction.INGRESS, Edit.INSERT, 0, rule)])
    before, after = (accepted_by_list(each, bound, Direction.INGRESS).sure for each in (world.reference, wider))
    return wider if after - before else None


def _wider_at_door(world: World) -> Snapshot | None:
    """The same at the first cause's interface, of the block around who asks or, of what is let out, around the door."""
    cause, meant = world.causes[0], world.connections[0]
    bound, way = world.reference.bound_groups()[cause.resource] or (), cause.direction or Direction.INGRESS
    source, door = both_ends(world.reference, meant.client, meant.door)
    block = ip_network(f"{door if way is Direction.EGRESS else source}/{WIDE}", strict=False)
    change = Change(bound[0], way, Edit.INSERT, 0, rule_from_text(f"ACCEPT TCP {block} {meant.port}"))
    wider = with_changes(world.reference, [change])
    before, after = (accepted_by_list(each, bound, way).sure for each in (world.reference, wider))
    return wider if after - before else None


def _balancer(world: World) -> str:
    found = world.reference.balancer_of_service(world.reference.service(world.meant.service or ""))
    return found.balancer_id if found else ""


def _attempt(world: World, causes: tuple[Cause, ...], left: Snapshot) -> Attempt:
    header = Header(drill=world.drill, seed=world.seed, level=world.level, engine="", world="", started="")
    patch = difference(world.snapshot.to_dict(), left.to_dict())
    return Attempt(header, (Stated(causes), *((Changed(2, patch),) if patch else ()), Finished()))
