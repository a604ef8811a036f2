"""
Find and repair security-group faults on Tencent Cloud TKE: everything that a script or a notebook needs.

    from drilllib import Question, load, trace
    answer = trace(load("snapshot.json"), Question(client="203.0.113.10", service="shop/web"))

docs/library.md begins where this ends. Importing drilllib is free: a name's module is loaded when the name is used.
"""

from drilllib._version import __version__

__all__ = [
    "Action",
    "Assembled",
    "Captured",
    "CloudLesson",
    "Connection",
    "ConnectionFix",
    "Decision",
    "Diagnosis",
    "Difference",
    "Direction",
    "DoorReach",
    "DrillError",
    "Fix",
    "Flow",
    "InvalidInputError",
    "InvalidRuleError",
    "Investigation",
    "LabStateError",
    "Lesson",
    "LintFinding",
    "MissingToolError",
    "Outcome",
    "OwnService",
    "Practice",
    "Proposal",
    "Question",
    "Reach",
    "Rule",
    "ScenarioLesson",
    "SecurityGroup",
    "Severity",
    "Snapshot",
    "Status",
    "Study",
    "TooComplexError",
    "Trace",
    "UnknownNameError",
    "Verdict",
    "__version__",
    "assemble",
    "capture",
    "check",
    "decide",
    "diagnose",
    "diff",
    "fix",
    "fix_connection",
    "lint",
    "load",
    "open_fault",
    "progress",
    "quiz",
    "reach",
    "reach_door",
    "scenario_map",
    "trace",
]

TYPE_CHECKING = False  # True for type checkers; importing typing would cost more than everything else here
if TYPE_CHECKING:
    from drilllib._library import assemble, capture, check, diagnose, diff, fix, lint, load, reach
    from drilllib.clients.capture import Captured
    from drilllib.core.capture.saved import Assembled
    from drilllib.core.check.outcomes import Outcome
    from drilllib.core.check.status import Status
    from drilllib.core.connection.follow import trace
    from drilllib.core.connection.question import Connection
    from drilllib.core.diagnosis.answer import Diagnosis
    from drilllib.core.diff import Difference
    from drilllib.core.drills.faults import open_fault
    from drilllib.core.fix.connections import ConnectionFix, fix_connection
    from drilllib.core.fix.proposals import Fix, Proposal
    from drilllib.core.lint.findings import LintFinding, Severity
    from drilllib.core.reach.clients import Reach
    from drilllib.core.reach.doors import DoorReach, reach_door
    from drilllib.core.rules.rules import Action, Decision, Direction, Flow, Rule, SecurityGroup, decide
    from drilllib.core.snapshot.snapshot import Snapshot
    from drilllib.core.trace.answer import Question, Trace
    from drilllib.core.trace.verdict import Verdict
    from drilllib.course.progress import progress, scenario_map
    from drilllib.errors import (
        DrillError,
        InvalidInputError,
        InvalidRuleError,
        LabStateError,
        MissingToolError,
        TooComplexError,
        UnknownNameError,
    )
    from drilllib.lesson.cloud import CloudLesson
    from drilllib.lesson.investigation import Investigation
    from drilllib.lesson.lesson import Lesson
    from drilllib.lesson.own_service import OwnService
    from drilllib.lesson.practice import Practice
    from drilllib.lesson.quizzes import quiz
    from drilllib.lesson.scenario import ScenarioLesson
    from drilllib.lesson.study import Study

_NAMES = {  # by the module that has them; the same as above
    "_library": "assemble capture check diagnose diff fix lint load reach",
    "core.capture.saved": "Assembled",
    "clients.capture": "Captured",
    "core.check.outcomes": "Outcome",
    "core.check.status": "Status",
    "core.connection.follow": "trace",
    "core.connection.question": "Connection",
    "core.diagnosis.answer": "Diagnosis",
    "core.diff": "Difference",
    "core.drills.faults": "open_fault",
    "core.fix.connections": "ConnectionFix fix_connection",
    "core.fix.proposals": "Fix Proposal",
    "core.lint.findings": "LintFinding Severity",
    "core.reach.clients": "Reach",
    "core.reach.doors": "DoorReach reach_door",
    "core.rules.rules": "Action Decision Direction Flow Rule SecurityGroup decide",
    "core.snapshot.snapshot": "Snapshot",
    "core.trace.answer": "Question Trace",
    "core.trace.verdict": "Verdict",
    "course.progress": "progress scenario_map",
    "errors": "DrillError InvalidInputError InvalidRuleError LabStateError MissingToolError TooComplexError "
    "UnknownNameError",
    "lesson.cloud": "CloudLesson",
    "lesson.investigation": "Investigation",
    "lesson.lesson": "Lesson",
    "lesson.own_service": "OwnService",
    "lesson.practice": "Practice",
    "lesson.quizzes": "quiz",
    "lesson.scenario": "ScenarioLesson",
    "lesson.study": "Study",
}
_MODULE = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    """A public name, on its first use."""
    if name not in _MODULE:
        raise AttributeError(f"module 'drilllib' has no attribute {name!r}")
    from importlib import import_module  # here, so that the import of drilllib itself stays free

    found: object = getattr(import_module(f"drilllib.{_MODULE[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(ipython: object) -> None:
    """`%load_ext drilllib` in a notebook makes `%%host` known."""
    from drilllib.lesson import magic

    magic.load_ipython_extension(ipython)
