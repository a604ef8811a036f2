"""
The proof of a world, by the engine: what is said to be wrong is wrong, is all that is wrong, and can be put right.

What a world says of itself comes from how it was made; here it is held against the answers about its snapshots alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_network
from types import MappingProxyType

from drilllib.core.drills.worlds.drill import Drill
from drilllib.core.drills.worlds.make import left_with_one, make_world
from drilllib.core.drills.worlds.world import Cause, CauseKind, World
from drilllib.core.practice.door_proof import proved_door
from drilllib.core.practice.openness import at_once
from drilllib.core.reach.clients import clients_from, reach
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.codes import HopKind, Reason
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import Message

Place = tuple[str, str, str, int | None]  # interface, group (none where no rule matches), direction, rule
REASONS = MappingProxyType(
    {
        CauseKind.SELECTOR: Reason.NO_ENDPOINTS,
        CauseKind.NOT_READY: Reason.NO_ENDPOINTS,
        CauseKind.TARGET_PORT: Reason.PORT_NOT_LISTENING,
        CauseKind.LOCAL_POLICY: Reason.NO_LOCAL_ENDPOINT,
        CauseKind.LISTENER: Reason.NO_LISTENER,
        CauseKind.WEIGHT: Reason.NO_TARGETS,
        CauseKind.STOPPED: Reason.INSTANCE_NOT_RUNNING,
    }
)
"""How the engine calls what each cause does, where it is a world's only one."""


def prove(drill: Drill, seed: int, level: int) -> tuple[Message, ...]:
    """
    What speaks against the world of that drill, seed and level; nothing where it is proved.

    The symptom shows; each cause is needed, for without it alone mended the trouble stays; the reference repair mends
    all; and the engine finds what drops where the world says that it is. See `make_world` for errors.
    """
    world, alone = make_world(drill, seed, level), left_with_one(drill, seed, level)
    if world.connections:
        return tuple(proved_door(world, alone))
    return (
        *_of_reference(world),
        *_of_symptom(world),
        *(found for each in alone for found in _of_one(each, drawn=drill.own is None)),
        *_of_groups(world, alone),
    )


def _of_reference(world: World) -> Iterator[Message]:
    if not serves(world, world.reference):
        yield Message("After the reference repair not all who are served get through")
    if set(_health(world, world.reference).values()) != {"Alive"}:
        yield Message("After the reference repair a target is not Alive")


def _of_symptom(world: World) -> Iterator[Message]:
    answer = trace(world.snapshot, world.question)
    if answer.verdict is Verdict.UNDETERMINED:
        yield Message("It cannot be told what the client meets")
    elif answer.verdict is Verdict.REACHABLE and not (world.causes and is_broken(world)):
        yield Message("The client gets through, and the targets are as they should be")
    if not world.causes and is_broken(world):
        yield Message("Nothing is said to be wrong, and those who are served do not get through")


def _of_one(world: World, *, drawn: bool) -> Iterator[Message]:
    """
    Of a world with one cause, or with those that one repair mends: is it enough for the trouble, and is it what the
    engine calls it? In one that was *drawn* by its name alone; else a group may drop what the cause makes of packets.
    """
    cause, *others = world.causes
    if not is_broken(world):
        yield Message("With {cause} alone nothing is broken", cause=_named(cause))
    wanted = None if others else REASONS.get(cause.kind)
    answer = trace(world.snapshot, world.question)
    found = [answer.reason] if drawn else [answer.reason, *(each.reason for each in answer.blockers)]
    if wanted and wanted not in found:
        yield Message("With {cause} alone the engine finds another reason", cause=_named(cause))


def _of_groups(world: World, alone: Iterable[World]) -> Iterator[Message]:
    """Is each rule that is a cause found in the engine's answer about its own world, and is nothing else?"""
    for each in alone:
        are_groups = all(cause.kind is CauseKind.GROUP for cause in each.causes)
        if are_groups and not _agree(_places(each), each.causes):
            yield Message("The engine finds other rules than {cause}", cause=_named(each.causes[0]))
    if all(cause.kind is CauseKind.GROUP for cause in world.causes) and not _agree(_places(world), world.causes):
        yield Message("The engine finds other rules than the causes")


def serves(world: World, snapshot: Snapshot) -> bool:
    """Does everybody whom the Service is for get through in *snapshot*, at once, whatever target and pod it goes to?"""
    wanted = clients_from(map(ip_network, world.served))
    return all(wanted <= at_once(each) for each in reach(snapshot, world.meant))


def is_broken(world: World) -> bool:
    """Is it not as the reference is: somebody does not get through, or the targets' health differs?"""
    return not serves(world, world.snapshot) or _health(world, world.snapshot) != _health(world, world.reference)


def _health(world: World, snapshot: Snapshot) -> Mapping[str, str]:
    """The health of each target; of one that takes no requests, too."""
    found = trace(snapshot, _of_served(world)).health
    return {name: each.state for each in found for name in (each.target, *each.others)}


def _of_served(world: World) -> Question:
    return replace(world.meant, client=first_host(world.served[0]))


def first_host(block: str) -> str:
    """An address in the block that a client may have."""
    whole = ip_network(block)
    return str(whole[min(1, whole.num_addresses - 1)])


def _places(world: World) -> set[Place]:
    """Each rule that drops the client's request, or a health check, where the engine finds it."""
    asked = world.question if world.causes else _of_served(world)
    answer = trace(world.snapshot, asked, all_paths=True)
    found = [*answer.blockers, *(each.blocker for each in answer.health if each.blocker)]
    instances = {node.label: node.instance_id for node in world.snapshot.nodes}
    return {_place(each, instances) for each in found if each.check}


def _agree(found: set[Place], causes: Sequence[Cause]) -> bool:
    """Is every rule that was found one of a cause's, and that of each cause, at its first resource, found?"""
    firsts = [replace(cause, alike=()) for cause in causes]
    return set(_stated(firsts)) <= found <= set(_stated(causes))


def _stated(causes: Iterable[Cause]) -> Iterator[Place]:
    for cause in causes:
        group = "" if cause.rule is None else cause.group
        yield from ((each, group, str(cause.direction), cause.rule) for each in (cause.resource, *cause.alike))


def _named(cause: Cause) -> Message:
    return Message("{kind} at {resource}", kind=cause.kind, resource=cause.resource)


def _place(blocker: Blocker, instances: Mapping[str, str]) -> Place:
    check = blocker.check
    if check is None:
        return "", "", "", None
    names = {HopKind.CLB: blocker.name, HopKind.NODE: instances.get(blocker.name, ""), HopKind.POD: blocker.interface}
    return names[blocker.hop] or "", check.group or "", str(check.direction), check.policy_index
