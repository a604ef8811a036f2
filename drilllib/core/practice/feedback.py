"""What to do next: one right repair of a world, as a learner would make it by hand, and what to practise."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from drilllib.core.drills.worlds.world import CauseKind, World
from drilllib.core.facts import Fact, fact
from drilllib.core.practice.attempt import Attempt
from drilllib.core.practice.reasons import GradeCode
from drilllib.core.rules.rules import Direction, SecurityGroup
from drilllib.core.snapshot.snapshot import Snapshot

_BY_LESSON = {
    "01-clb": "group-1",
    "02-node": "group-2",
    "03-pod": "group-3 inherited-groups",
    "05-practice": "order several-groups pass-to-target direct-access local-policy local-delivery probes",
}
LESSONS = {category: lesson for lesson, categories in _BY_LESSON.items() for category in categories.split()}


def next_steps(attempt: Attempt, world: World, *, passed: bool, best: int) -> Iterator[Fact]:
    """What is worth doing after this attempt: nobody is told of a repair who has not ended the attempt."""
    if not attempt.finished:
        yield fact(GradeCode.NOT_FINISHED)
        return
    yield from shortest_repair(world)
    if not passed or attempt.hints:
        yield fact(GradeCode.PRACTISE, category=world.category)
        if not passed and world.category in LESSONS:
            yield fact(GradeCode.LESSON, lesson=LESSONS[world.category])
    elif attempt.spent_before > best:
        yield fact(GradeCode.FEWER_LOOKS)
    else:
        yield fact(GradeCode.NEXT_LEVEL)


def shortest_repair(world: World) -> Iterator[Fact]:
    """The steps from the world to its reference: rules, bindings, and what is no group's."""
    steps = [
        *_of_rules(world.snapshot, world.reference),
        *_of_bindings(world.snapshot, world.reference),
        *_of_templates(world.snapshot, world.reference),
        *_of_switches(world.snapshot, world.reference),
        *(_of_object(each.kind, each.resource) for each in world.causes if each.kind is not CauseKind.GROUP),
    ]
    yield from [fact(GradeCode.REPAIR), *steps] if steps else [fact(GradeCode.NOTHING_TO_REPAIR)]


def _of_rules(start: Snapshot, reference: Snapshot) -> Iterator[Fact]:
    for name, wanted in reference.groups.items():
        for direction in Direction:
            yield from steps_of_list(name, direction, _texts(start.group(name), direction), _texts(wanted, direction))


def _texts(group: SecurityGroup, direction: Direction) -> list[str]:
    return [each.text for each in group.rules(direction) or ()]


def steps_of_list(group: str, direction: Direction, before: Sequence[str], after: Sequence[str]) -> Iterator[Fact]:
    """The edits of one list, each with the places as they are once those before it are made."""
    named = {"group": group, "direction": direction}
    kept, moved = _origins(before, after)
    is_of = [kept.get(place, moved.get(place, -1 - place)) for place in range(len(after))]
    now = list(range(len(before)))  # each rule by its place before; what is new has a negative number
    for gone in sorted(set(now).difference(is_of), reverse=True):
        now.pop(gone)
        yield fact(GradeCode.TAKE_OUT, **named, place=gone, text=before[gone])
    for place, text in enumerate(after):
        if place in kept:
            continue
        start = now.index(is_of[place]) if place in moved else None
        if start is not None:
            now.pop(start)
        end = now.index(is_of[place - 1]) + 1 if place else 0
        now.insert(end, is_of[place])
        if start is None:
            yield fact(GradeCode.PUT_IN, **named, place=end, text=text)
        else:
            yield fact(GradeCode.MOVE, **named, place=start, text=text, to=end)


def _origins(before: Sequence[str], after: Sequence[str]) -> tuple[dict[int, int], dict[int, int]]:
    """For places in the list *after* where the rule stood before: of those that stay, and of those that are moved."""
    kept: dict[int, int] = {}
    for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        kept |= {block.b + more: block.a + more for more in range(block.size)}
    gone, moved = [place for place in range(len(before)) if place not in kept.values()], dict[int, int]()
    for place, text in enumerate(after):
        was = next((each for each in gone if before[each] == text), None)
        if place not in kept and was is not None:
            gone.remove(was)
            moved[place] = was
    return kept, moved


def _of_bindings(start: Snapshot, reference: Snapshot) -> Iterator[Fact]:
    before = start.bound_groups()
    for resource, names in reference.bound_groups().items():
        if names is not None and before.get(resource) != names:
            yield fact(GradeCode.BIND, resource=resource, groups=", ".join(names))


def _of_templates(start: Snapshot, reference: Snapshot) -> Iterator[Fact]:
    before = start.part("address_templates") or {}
    for name, template in (reference.part("address_templates") or {}).items():
        members = _members(template)
        if members != _members(before.get(name) or {}):
            yield fact(GradeCode.MEMBERS, template=name, members=", ".join(members))


def _members(template: Mapping[str, Any]) -> list[str]:
    extra = [each["Address"] for each in template.get("AddressExtraSet") or ()]
    return extra or list(template.get("AddressSet") or ())


def _of_switches(start: Snapshot, reference: Snapshot) -> Iterator[Fact]:
    before = {each.balancer_id: each.pass_to_target for each in start.load_balancers}
    for each in reference.load_balancers:
        if each.pass_to_target != before.get(each.balancer_id):
            yield fact(GradeCode.PASS_ON if each.pass_to_target else GradeCode.PASS_OFF, balancer=each.balancer_id)


def _of_object(kind: CauseKind, resource: str) -> Fact:
    return fact(GradeCode[f"MEND_{kind.name}"], resource=resource)
