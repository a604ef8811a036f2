"""
Random attempts, whose grades were recorded before the grader was made faster (`recorded_grades.txt`).

Each is at a world of its own: another repair, several, none, or one that begins in a lab with doings of its own.
`python -m tests.practice.recorded_attempts` records anew, where a grade is meant to become another one.
"""

import hashlib
import json
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from random import Random

from drilllib.core.drills.worlds.make import left_with_one, make_world
from drilllib.core.drills.worlds.world import Cause, CauseKind, World
from drilllib.core.practice.attempt import Action, Attempt, Changed, Finished, Header, Hinted, Looked, Stated
from drilllib.core.practice.grade import Yardstick, grade
from drilllib.core.practice.looks import Look, LookKind
from drilllib.core.practice.settings import settings_of, with_setting
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import rules_of, with_binding, with_rules
from drilllib.core.snapshot.patch import difference
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import DrillError
from drilllib.practice.library import drill, names

RECORDED = Path(__file__).with_name("recorded_grades.txt")
COUNT, DIGITS = 2000, 8
EVERY = [(name, level) for name in names() for level in drill(name).levels]
WAYS = ("none", "reference", "reference", "open", "edited", "edited", "mended and edited", "set", "one left", "lab's")


def attempt(number: int) -> tuple[Attempt, World]:
    """The attempt of that number, from 0, and its world."""
    name, level = EVERY[number % len(EVERY)]
    draws = Random(f"{name}/{level}/{number}/recorded")
    world = make_world(drill(name), number, level)
    header = Header(drill=name, seed=number, level=level, engine="", world="", started="")
    actions: list[Action] = [Looked(Look(LookKind.CURL, "client"), 1)]
    actions += [Hinted(1, 1)] if draws.random() < 0.2 else []
    actions += [Stated(each) for each in _stated(world, draws)]
    before, is_first = world.snapshot, True
    for after, by_lab in _repairs(world, draws.choice(WAYS), draws):
        patch = json.loads(json.dumps(difference(before.to_dict(), after.to_dict())))  # as a log has it
        if patch and by_lab and is_first:
            actions.insert(0, Changed(1, patch, by_lab=True))
        elif patch:
            actions.append(Changed(len(actions) + 1, patch))
        before, is_first = after, False
    return Attempt(header, (*actions, Finished())), world


def _stated(world: World, draws: Random) -> Iterator[tuple[Cause, ...]]:
    """Nothing at all, that nothing is wrong, another cause, all but one, one too many; mostly the causes."""
    resource = draws.choice(sorted(world.snapshot.bound_groups()))
    group = draws.choice(world.snapshot.bound_groups()[resource] or ("",))
    other = Cause(kind=CauseKind.GROUP, resource=resource, group=group, direction=Direction.INGRESS)
    right = world.causes
    ways = ((), [()], [(other,)], [right[1:]], [(*right, other)], *([right],) * 4)
    yield from draws.choice(ways)


def _repairs(world: World, way: str, draws: Random) -> Iterator[tuple[Snapshot, bool]]:
    """What stands there after each change, and whether the lab began so."""
    match way:
        case "reference":
            yield world.reference, False
        case "open":
            yield _opened(world.snapshot), False
        case "edited":
            yield _edited(world, world.snapshot, draws), False
        case "mended and edited":
            yield world.reference, False
            yield _edited(world, _edited(world, world.reference, draws), draws), False
        case "set":
            yield _set(world, draws), False
        case "one left":
            yield from ((each.snapshot, False) for each in left_with_one(drill(world.drill), world.seed, world.level))
        case "lab's":
            yield _edited(world, world.snapshot, draws), True
            yield world.reference, False


def _opened(snapshot: Snapshot) -> Snapshot:
    rule = rule_from_text("ACCEPT ALL 0.0.0.0/0 ALL")
    for name in snapshot.groups:
        snapshot = with_rules(snapshot, name, Direction.INGRESS, (rule, *rules_of(snapshot, name, Direction.INGRESS)))
    return snapshot


def _edited(world: World, base: Snapshot, draws: Random) -> Snapshot:
    """A rule more or less somewhere, or other groups bound."""
    name, direction = draws.choice(sorted(base.groups)), draws.choice(list(Direction))
    if draws.random() < 0.2:
        chosen = draws.sample(sorted(base.groups), draws.randrange(min(3, len(base.groups) + 1)))
        return with_binding(base, draws.choice(sorted(base.bound_groups())), chosen)
    rules = list(rules_of(base, name, direction))
    if rules and draws.random() < 0.3:
        rules.pop(draws.randrange(len(rules)))
    else:
        served = ip_network(world.served[0])
        blocks = ("0.0.0.0/0", str(served), str(served.supernet()), world.question.client, "10.0.0.0/8")
        words = draws.choice(("ACCEPT", "ACCEPT", "DROP")), draws.choice(("TCP", "UDP", "TCP"))
        port = draws.choice(("ALL", "80", "22", "30000-32767", str(world.meant.port)))
        rules.insert(draws.randrange(len(rules) + 1), rule_from_text(" ".join((*words, draws.choice(blocks), port))))
    return with_rules(base, name, direction, rules)


def _set(world: World, draws: Random) -> Snapshot:
    """Another value of some setting."""
    every = [each for each in settings_of(world.snapshot, world.question) if each.choices or each.kind == "weight"]
    chosen = draws.choice(every)
    values = [each for each in chosen.choices if each != chosen.value] or [draws.choice(("0", "20"))]
    try:
        return with_setting(world.snapshot, world.question, chosen.key, draws.choice(values))
    except DrillError:
        return world.snapshot


def told(number: int) -> str:
    """The grade of that attempt in all that is told of it, by its digest; or the error, by its own."""
    tried, world = attempt(number)
    try:
        text = json.dumps(grade(tried, Yardstick(world)).to_dict(), sort_keys=True)
    except DrillError as error:
        text = str(error)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def recorded() -> list[str]:
    """What was recorded, by the number of the attempt."""
    return RECORDED.read_text("ascii").split()


if __name__ == "__main__":
    found = [told(number) for number in range(COUNT)]
    lines = (" ".join(found[place : place + 12]) for place in range(0, COUNT, 12))
    RECORDED.write_text("\n".join(lines) + "\n", "ascii")
