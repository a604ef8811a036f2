"""The grader with one line of its source exchanged gives some attempt of the table another grade, or another reason."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from walker_broken_engine import PACKAGE, Exchanged, first_found, source_of, with_line

from drilllib.core.drills.worlds.world import World
from tests.core.grade_tables import RIGHT, Case
from tests.core.grade_wrongs import WRONG
from tests.core.hand_made_worlds import WORLDS
from tests.core.test_grade import log_of

# What is wrong then: the module of core.practice, the line as it is, and as it would be; a world that shows it.
MUTANTS: dict[str, tuple[str, str, str, str]] = {
    # localised
    "nobody has to state": (
        "grade",
        "yield fact(GradeCode.NOT_STATED)",
        "pass",
        "clb",
    ),
    "any cause named is all": (
        "grade",
        "missed = [cause for cause in causes if not any(cause.names(each) for each in stated)]",
        "missed = [] if stated else [*causes]",
        "two groups",
    ),
    "innocents may be blamed": (
        "grade",
        "if not any(cause.names(each) for cause in causes):",
        "if False:",
        "two groups",
    ),
    "whoever is blamed is innocent": (
        "grade",
        "if not any(cause.names(each) for cause in causes):",
        "if True:",
        "node",
    ),
    "the first statement counts": (
        "attempt",
        "return stated[-1] if stated else None",
        "return stated[0] if stated else None",
        "node",
    ),
    "a statement after the repair counts": (
        "attempt",
        "stated = [each.causes for each in self.diagnosing if isinstance(each, Stated)]",
        "stated = [each.causes for each in self.actions if isinstance(each, Stated)]",
        "node",
    ),
    # repaired
    "nobody has to get through": (
        "grade",
        "wanted = yardstick.served & meant.clients(Verdict.REACHABLE)",
        "wanted = yardstick.served - yardstick.served",
        "clb",
    ),
    "all who are served, whatever the reference": (
        "grade",
        "wanted = yardstick.served & meant.clients(Verdict.REACHABLE)",
        "wanted = yardstick.served",
        "ports",
    ),
    "a port that is gone is nobody's": ("grade", "if found is None and wanted:", "if False:", "listener"),
    "all have to be prompt": (
        "grade",
        "missing = each.clients & (prompt if _is_late(each) else wanted)",
        "missing = each.clients & wanted",
        "late",
    ),
    "waiting is fine": (
        "grade",
        "if missing and (each.trace.verdict is not Verdict.REACHABLE or _is_late(each)):",
        "if missing and each.trace.verdict is not Verdict.REACHABLE:",
        "clb",
    ),
    "sometimes is enough": (
        "grade",
        "if missing and (each.trace.verdict is not Verdict.REACHABLE or _is_late(each)):",
        "if missing and (each.trace.verdict not in (Verdict.REACHABLE, Verdict.INTERMITTENT) or _is_late(each)):",
        "layer 4",
    ),
    "perhaps is enough": (
        "grade",
        "if missing and (each.trace.verdict is not Verdict.REACHABLE or _is_late(each)):",
        "if missing and (each.trace.verdict not in (Verdict.REACHABLE, Verdict.UNDETERMINED) or _is_late(each)):",
        "node",
    ),
    "whoever waits is prompt": (
        "openness",
        "if each.trace.verdict is Verdict.REACHABLE and each.trace.reason is not Reason.DELIVERED_AFTER_RETRY:",
        "if each.trace.verdict is Verdict.REACHABLE:",
        "late",
    ),
    "health does not matter": ("grade", "if state != wanted:", "if False:", "local"),
    "a new target may be dead": (
        "grade",
        'wanted = reference.get(target, "Alive")',
        "wanted = reference.get(target, state)",
        "clb",
    ),
    "every target has to be Alive": (
        "grade",
        'wanted = reference.get(target, "Alive")',
        'wanted = "Alive"',
        "half dead",
    ),
    "what was observed stays so": (
        "openness",
        'self.snapshot = snapshot if not snapshot.has("target_health") else snapshot.with_parts(target_health=None)',
        "self.snapshot = snapshot",
        "seen dead",
    ),
    "only the port asked": (
        "openness",
        'self.asked = replace(meant, client="", port=None, protocol=None)',
        'self.asked = replace(meant, client="")',
        "both ports",
    ),
    "other Services do not matter": (
        "grade",
        "yield from broken(final, yardstick.start, yardstick.reference)",
        "pass",
        "neighbour",
    ),
    # restrained
    "surplus is nothing": ("openness", "if extra:", "if False:", "node"),
    "only what is sure is surplus": (
        "openness",
        "extra = final.accepted(resource, direction).possible",
        "extra = final.accepted(resource, direction).sure",
        "node",
    ),
    "nothing of the reference may be open": ("openness", "allowed = (start, reference)", "allowed = (start,)", "node"),
    "nothing of the start may be open": (
        "openness",
        "allowed = (start, reference)",
        "allowed = (reference,)",
        "member",
    ),
    "only the way in": (
        "openness",
        "for resource, direction in product(final.bound, Direction):",
        "for resource, direction in product(final.bound, (Direction.INGRESS,)):",
        "node",
    ),
    "what is bound does not matter": (
        "openness",
        "if resource not in start.bound or start.bound[resource] != names:",
        "if resource not in start.bound:",
        "node",
    ),
    "the same groups have the same rules": (
        "openness",
        "return all(one is other for one, other in groups)",
        "return True",
        "node",
    ),
    "nobody gets through newly": ("openness", "if admitted <= before:", "if True:", "three"),
    "whoever gets through did so before": (
        "openness",
        "for allowed in (reference, start):  # the first is mostly enough",
        "for allowed in (start,):",
        "node",
    ),
    "whoever gets through does so in the reference": (
        "openness",
        "for allowed in (reference, start):  # the first is mostly enough",
        "for allowed in (reference,):",
        "stale",
    ),
    "who may get through does not": (
        "openness",
        "MAY_PASS = (Verdict.REACHABLE, Verdict.INTERMITTENT, Verdict.UNDETERMINED)",
        "MAY_PASS = (Verdict.REACHABLE, Verdict.INTERMITTENT)",
        "three",
    ),
    "a private CLB lets in by its groups alone": (
        "openness",
        "if balancer.is_private or number is None or protocol is None:",
        "if number is None or protocol is None:",
        "private",
    ),
    "pass-to-target is nobody's business": (
        "grade",
        "for balancer in sorted(final.unasked - start.unasked - reference.unasked):",
        "for balancer in ():",
        "node",
    ),
    "pass-to-target has to go": (
        "grade",
        "for balancer in sorted(final.unasked - start.unasked - reference.unasked):",
        "for balancer in sorted(final.unasked - reference.unasked):",
        "was unasked",
    ),
    "pass-to-target may not come": (
        "grade",
        "for balancer in sorted(final.unasked - start.unasked - reference.unasked):",
        "for balancer in sorted(final.unasked - start.unasked):",
        "unasked",
    ),
    "pass-to-target unread is off": (
        "openness",
        "return frozenset(each.balancer_id for each in balancers if each.pass_to_target is not False)",
        "return frozenset(each.balancer_id for each in balancers if each.pass_to_target)",
        "node",
    ),
    # replay
    "a change is of the start": (
        "replay",
        "now = _after(now, action)",
        "now = _after(world.snapshot, action)",
        "three",
    ),
}
OURS = f"{PACKAGE}.practice"


@contextmanager
def grader_with(module: str, old: str, new: str) -> Iterator[tuple[ModuleType, ModuleType]]:
    """Within, the grader is imported anew with that line exchanged: its modules `grade` and `lines`."""
    name = f"{OURS}.{module}"
    path = source_of(f"practice.{module}")
    code = compile(with_line(f"practice.{module}", old, new), str(path), "exec")
    sound = {name: module for name, module in sys.modules.items() if name.startswith(OURS)}
    for each in sound:
        del sys.modules[each]
    try:
        with first_found(Exchanged(name, path, code)):
            yield importlib.import_module(f"{OURS}.grade"), importlib.import_module(f"{OURS}.lines")
    finally:
        for each in [each for each in sys.modules if each.startswith(OURS)]:
            del sys.modules[each]
        sys.modules.update(sound)
        sys.modules[PACKAGE].practice = sound[OURS]


def objections(grades: ModuleType, lines: ModuleType, world: str) -> Iterator[str]:
    """What of the grades of that world's cases is not as the table says."""
    yardstick = by_rules_alone(grades, WORLDS[world])
    for case in (case for case in (*WRONG, *RIGHT) if case.world == world):
        found = objection(grades, lines, case, log_of(case), yardstick)
        if found:
            yield found


def by_rules_alone(grades: ModuleType, world: World) -> Any:
    """A yardstick that does not take what is like the reference or the start for it: no rule is asked of those."""

    class Yardstick(grades.Yardstick):
        def final(self, attempt: Any) -> Any:
            return grades.Openness(grades.left(self.world, attempt), self.world.meant)

    return Yardstick(world)


def objection(
    grades: ModuleType, lines: ModuleType, case: Case, log: list[dict[str, Any]], yardstick: Any
) -> str | None:
    header, *actions = log
    read = tuple(lines.read_action(each, number) for number, each in enumerate(actions, 1))
    attempt = grades.Attempt(lines.read_header(header), read)
    found = grades.grade(attempt, yardstick)
    letters = "L" * found.localised + "R" * found.repaired + "S" * found.restrained
    said = "\n".join(map(str, found.reasons))
    lacking = [each for each in case.told if each not in said]
    return None if letters == case.letters and not lacking else f"{case.world}, {case.name}: {letters} {lacking}"


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_rule_of_the_grader_is_caught(name: str) -> None:
    """What no attempt of the table shows, nobody would notice."""
    *line, world = MUTANTS[name]
    with grader_with(*line) as modules:
        caught = next(objections(*modules, world), None)

    assert caught, f"no attempt of the table shows it: {name}"


def test_the_sound_grader_is_not_objected_to() -> None:
    """Imported the same way, with a line exchanged for itself."""
    with grader_with("grade", "if state != wanted:", "if state != wanted:") as modules:
        assert [found for world in WORLDS for found in objections(*modules, world)] == []
