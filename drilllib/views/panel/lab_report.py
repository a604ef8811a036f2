"""What a panel shows, before it is put into words: the lab after a command, and the engine's answers about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from drilllib.core.drills.lab import Observation
from drilllib.core.overview import VoidRules
from drilllib.core.reach.bypass import PastPlaces
from drilllib.core.reach.clients import Reach
from drilllib.core.rules.rules import Rule
from drilllib.core.trace.answer import Trace
from drilllib.errors import DrillError
from drilllib.views.panel.guess import ALL, Said
from drilllib.views.panel.rule_list import RuleList
from drilllib.views.panel.worktop import ListName

Past = tuple[PastPlaces, ...] | None
FROM_ELSEWHERE = "code"  # the name of a step that the panel did not take; no rule's text is a word like this


@dataclass(frozen=True, slots=True)
class Steps:
    """The names of the steps that can be undone and done again; *changed*: it is not as at the beginning."""

    undo: str = ""
    redo: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class LabReport:
    """
    The lab after a command, and the engine's answers about it.

    *orders* has the groups of each resource that has several, *names* the display names of resources. *void* is as in
    `Overview`. *observed* is None if the lab could not be probed, and *probe_problem* says why; *reached* is empty if
    there is no exact answer, and *reach_problem* says why. *level* is how much of it is shown (`guess.py`), *said* the
    judgement of the learner's last answer. *settings* are those of the question that can be changed. *past* and
    *meant_past* have who reaches nodes and pods past the CLB, now and where the lab is as it is meant to be, once
    `Desk.with_past` has looked; None where that is too much to tell. *meant* has the rules of each group there.
    """

    trace: Trace
    lists: Mapping[ListName, RuleList]
    orders: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    void: VoidRules
    observed: Observation | None
    probe_problem: DrillError | None = None
    reached: tuple[Reach, ...] = ()
    reach_problem: DrillError | None = None
    level: int = ALL
    said: Said | None = None
    steps: Steps = Steps()
    settings: Mapping[str, str] = field(default_factory=dict)
    past: Past = ()
    meant_past: Past = ()
    meant: Mapping[str, Sequence[Rule]] = field(default_factory=dict)
