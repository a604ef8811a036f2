"""One request with its surroundings, as the panel shows it: its trace, who else gets through, which rules are void."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product

from drilllib.core.reach.clients import Reach, reach
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.rectangles import RulePosition
from drilllib.core.sets.shadows import cancelled
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from drilllib.errors import DrillError

VoidRules = Mapping[Direction, Mapping[RulePosition, RulePosition]]  # each with the topmost DROP that makes it void


@dataclass(frozen=True, slots=True)
class Overview:
    """
    The answers to one question.

    *reached* is empty where nobody can say who reaches the Service; *reach_problem* then says why. *void* has the
    ACCEPT rules that DROP rules above leave nothing.
    """

    trace: Trace
    reached: tuple[Reach, ...]
    reach_problem: DrillError | None
    void: VoidRules


def overview(snapshot: Snapshot, question: Question, groups: Collection[str] = ()) -> Overview:
    """
    Trace *question*, say who else gets through, and find the void rules of *groups*.

    Raises:
        UnknownNameError: The Service is not in the snapshot.
        InvalidInputError: The question cannot be used.
        TooComplexError: The rules of *groups* overlap in too many ways for an exact answer.
    """
    answer = trace(snapshot, question)
    try:
        reached, problem = reach(snapshot, question), None
    except DrillError as error:
        reached, problem = (), error
    return Overview(answer, tuple(reached), problem, void_rules(snapshot, groups))


def void_rules(snapshot: Snapshot, groups: Collection[str]) -> VoidRules:
    """The rules of *groups* that are void on every resource that their group is bound to."""
    bound = {listed for listed in snapshot.bound_groups().values() if listed}
    found: dict[Direction, dict[RulePosition, RulePosition]] = {direction: {} for direction in Direction}
    for group, direction in product(groups, Direction):
        lists = [listed for listed in bound if group in listed] or [(group,)]
        marks = [cancelled([snapshot.group(each) for each in listed], direction) for listed in lists]
        always = {spot for spot in marks[0] if spot[0] == group and all(spot in each for each in marks)}
        found[direction] |= {spot: marks[0][spot] for spot in always}
    return found
