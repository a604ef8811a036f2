"""
What a learner said before the answer was shown, judged by the answer: where the packet stops, and which rule decides.

A judgement is a code with named values; `head_state.py` makes the sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from drilllib.core.rules.rules import Action, Direction
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.path import Check, Hop, PathOutcome
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import printable

SYMPTOM, PLACE, ALL = 1, 2, 3  # what is shown: the symptom only, also where the packet stops, everything
SENTENCES = (
    *("place_right", "place_right_other", "place_unreached", "place_answered", "place_passed", "rule_right"),
    *("rule_right_end", "rule_aside", "rule_elsewhere", "rule_nobody", "rule_below", "rule_above"),
)  # the codes of judgements
HIDEABLE = (Verdict.UNREACHABLE, Verdict.INTERMITTENT)  # there is something to find


@dataclass(frozen=True, slots=True)
class Said:
    """The judgement of an answer: *code* is a sentence's, *hop* the place that it names, *values* what else it does."""

    right: bool
    code: str
    hop: Hop | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def stops(trace: Trace) -> list[Hop]:
    """The places at which packets end that do not arrive, in the order met."""
    return [hop for path in trace.paths for hop in path.hops if not hop.hypothetical and _ends(hop)]


def deciding(trace: Trace) -> list[Check]:
    """The checks of security groups that drop the packet at those places."""
    checks = (check for hop in stops(trace) for check in hop.checks)
    return [check for check in checks if check.action is Action.DROP and check.groups and not check.policies]


def judged_place(trace: Trace, key: str) -> Said:
    """Does a packet stop at the place that was clicked? The sentence names where it does."""
    ends = stops(trace)
    clicked = next((hop for path in trace.paths for hop in path.hops if _is_at(hop, key)), None)
    right = next((hop for hop in ends if _is_at(hop, key)), None)
    if right:
        return Said(True, "place_right" if deciding(trace) else "place_right_other", right)
    if clicked and clicked.hypothetical:
        return Said(False, "place_unreached", ends[0])
    status = trace.symptom.status if trace.symptom else None
    if clicked and clicked.hop is HopKind.CLB and status:
        return Said(False, "place_answered", ends[0], {"status": str(status)})
    return Said(False, "place_passed", ends[0])


def judged_rule(trace: Trace, group: str, direction: Direction, index: int | None, *, on: bool = True) -> Said:
    """Is it the rule with that index (None: the implicit deny) that drops the packet? The sentence says which does."""
    found = deciding(trace)
    for check in found:
        if on and check.direction is direction and spot(check) == (group, index):
            return Said(True, "rule_right_end" if index is None else "rule_right", values=_values(check))
    check = next((each for each in found if each.direction is direction and spot(each)[0] == group), found[0])
    return Said(False, _why_not(check, group, direction, index, on=on), values=_values(check))


def spot(check: Check) -> tuple[str, int | None]:
    """The group and the index of the rule that decided; the last group's implicit deny has no index."""
    return check.group or check.groups[-1], check.policy_index


def _is_at(hop: Hop, key: str) -> bool:
    """Does the page call the hop's place so? One that is drawn several times has a number behind its name."""
    name, _, number = key.rpartition(" ")
    return printable(f"{hop.hop}-{hop.name}") in (key, name if number.isdigit() else key)


def _ends(hop: Hop) -> bool:
    end = hop.end(unknown_passes=True)
    return end is not None and end[0] is not PathOutcome.DELIVERED


def _values(check: Check) -> dict[str, str]:
    group, index = spot(check)
    packet = f"{check.peer} → {'' if check.port is None else f':{check.port}'}"
    return {"spot": f"{group}[{'-' if index is None else index}]", "packet": packet}


def _why_not(check: Check, group: str, direction: Direction, index: int | None, *, on: bool) -> str:
    decided_group, decided = spot(check)
    if not on:
        return "rule_aside"
    if (decided_group, check.direction) != (group, direction):
        return "rule_elsewhere"
    if decided is None:
        return "rule_nobody"
    return "rule_below" if index is None or index > decided else "rule_above"
