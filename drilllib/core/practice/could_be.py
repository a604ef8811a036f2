"""
The worlds that a world could have been: what looks have to tell apart.

Of a drawn world the drill says what could have been drawn (`make.candidates`). Of an outage that is written down nobody
says it; there it is the repaired snapshot with any one thing wrong on the request's way, as the engine finds it.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain, islice

from drilllib.core.drills.settings import POLICIES
from drilllib.core.drills.worlds import make
from drilllib.core.drills.worlds.drill import Drill
from drilllib.core.drills.worlds.own import Own
from drilllib.core.drills.worlds.world import Cause, World
from drilllib.core.practice.found import found_causes
from drilllib.core.practice.machines import STOPPED
from drilllib.core.practice.settings import READY, settings_of, with_setting
from drilllib.core.rules.edits import Change, Edit
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Action
from drilllib.core.snapshot.edits import with_changes
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import DrillError

MOST = 60  # faults of a written world that are tried
_CLOSED = rule_from_text("DROP ALL 0.0.0.0/0 ALL")


def candidates(drill: Drill, seed: int, level: int) -> tuple[World, ...]:
    """
    The world itself first; then, the same but for what is wrong, those that it could have been, the healthy one among
    them. See `make.make_world` for errors.
    """
    if drill.own is None:
        return make.candidates(drill, seed, level)
    own = make.make_world(drill, seed, level)
    found: dict[tuple[Cause, ...], World] = {own.causes: own}
    found.setdefault((), replace(own, causes=(), snapshot=own.reference))
    for snapshot in _broken(drill.own):
        causes = _only_cause(snapshot, own.question)
        if causes and not any(each.names(causes[0]) for each in own.causes):
            found.setdefault(causes, replace(own, causes=causes, snapshot=snapshot))
    singles = (each for each in make.left_with_one(drill, seed, level) if len(each.causes) == 1)
    return (*found.values(), *(each for each in singles if each.causes not in found))


def _only_cause(snapshot: Snapshot, question: Question) -> tuple[Cause, ...]:
    """What is wrong, where that is one thing which can be told and stated."""
    with suppress(DrillError):
        found = found_causes(snapshot, question)
        is_told = trace(snapshot, question).verdict is not Verdict.UNDETERMINED
        if is_told and len(found.causes) == 1 and not found.others:
            return found.causes
    return ()


def _broken(own: Own) -> Iterator[Snapshot]:
    """The reference with one thing wrong."""
    changes: Iterator[Change | tuple[str, str]] = chain(_of_groups(own), _of_settings(own))
    for change in islice(changes, MOST):
        with suppress(DrillError):
            if isinstance(change, Change):
                yield with_changes(own.reference, [change])
            else:
                yield with_setting(own.reference, own.question, *change)


def _of_groups(own: Own) -> Iterator[Change]:
    """The rule that lets the request in, or out, taken away; and one above it that drops everything."""
    paths = trace(own.reference, own.question, all_paths=True).paths
    checks = (check for path in paths for hop in path.hops for check in hop.checks if check.action is Action.ACCEPT)
    for group, direction, place in dict.fromkeys((each.group, each.direction, each.policy_index) for each in checks):
        if group is not None and place is not None:
            rules = own.reference.group(group).rules(direction) or ()
            if place < len(rules):
                yield Change(group, direction, Edit.DELETE, place, None, rules[place])
            yield Change(group, direction, Edit.INSERT, 0, _CLOSED)


def _of_settings(own: Own) -> Iterator[tuple[str, str]]:
    """Each setting on the request's way with another value."""
    others = {"policy": POLICIES[-1], "pods": READY[-1], "weight": "0", "state": STOPPED}
    for each in settings_of(own.reference, own.question):
        if each.kind == "selector":
            yield from ((each.key, choice) for choice in each.choices if choice != each.value)
        elif each.kind in ("target_port", "listener") and each.value.isdecimal():
            yield each.key, str(int(each.value) % 65535 + 1)
        elif others.get(each.kind, each.value) != each.value:
            yield each.key, others[each.kind]
