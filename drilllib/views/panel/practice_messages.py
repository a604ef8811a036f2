"""What Python and the page of practice (page/practice_*.js) tell each other."""

from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict, cast

from drilllib.core.drills.worlds.world import CauseKind
from drilllib.core.rules.rules import Direction
from drilllib.views.panel.commands import fits

Stage = Literal["look", "repair", "graded"]
STAGES = ("ticket", "look", "state", "repair", "grade")


class StageState(TypedDict):
    """One of the five stages: behind, at hand, or ahead."""

    name: str
    look: Literal["done", "now", "ahead"]


class ChoiceState(TypedDict):
    """Something to choose: what it is in commands, and in words."""

    value: str
    text: str


class LookState(TypedDict):
    """
    A kind of look with its *cost* in words. *places* are where it can be taken, *label* names the field of them;
    *typed*: another place may be typed.
    """

    kind: str
    name: str
    cost: str
    label: str
    places: list[ChoiceState]
    typed: bool


class HintState(TypedDict):
    """The next hint and its *cost* in words, empty where there is none."""

    name: str
    cost: str


class SeenState(TypedDict):
    """A look or a hint that was taken, and what it showed; *plain*: words, not what a command prints."""

    name: str
    cost: str
    text: str
    plain: bool


class StatementState(TypedDict):
    """
    What can be stated. *places* have their *causes*: a kind, for a group with the direction behind it. *rules* has the
    lists that were looked at, by group and direction. *chosen* is the place last pressed on the path, *said* what was
    stated, once it is not *open* any more; *again*: something else can be stated still.
    """

    open: bool
    again: bool
    places: list[ChoiceState]
    causes: dict[str, list[ChoiceState]]
    groups: list[ChoiceState]
    rules: dict[str, list[ChoiceState]]
    chosen: str
    said: list[str]


class ChangeState(TypedDict):
    """A setting that can be changed; *choices* are empty where a value is typed."""

    key: str
    name: str
    value: str
    choices: list[list[str]]


class RepairState(TypedDict):
    """
    *unseen* are groups whose rules were not looked at; *tried* is what the last request met. *changes* are told once
    the learner has asked for them (*settled*): they show what is set, so the statement stands from then on.
    """

    help: str
    settled: bool
    unseen: list[ChoiceState]
    changes: list[ChangeState]
    tried: str


class PartState(TypedDict):
    """One part of the grade; *word* says what *look* shows."""

    title: str
    look: Literal["ok", "no", "plain"]
    word: str
    lines: list[str]


class GradeState(TypedDict):
    """The grade. *again*: another attempt like this one can be had."""

    passed: bool
    verdict: str
    parts: list[PartState]
    again: bool


class PracticeState(TypedDict):
    """All that the page shows beside the path and the rule lists. *ticket* is the last command that it answers."""

    ticket: int
    alert: str
    stage: Stage
    stages: list[StageState]
    about: str
    heading: str
    text: str
    spent: str
    looks: list[LookState]
    hint: HintState
    log: list[SeenState]
    statement: StatementState
    repair: RepairState
    grade: GradeState | None


class Look(TypedDict):
    """Take a look."""

    do: Literal["look"]
    kind: str
    place: str
    ticket: NotRequired[int]


class Plain(TypedDict):
    """Take the next hint, see the settings, try the repair, be done, or play another attempt."""

    do: Literal["hint", "settings", "probe", "finish", "again"]
    ticket: NotRequired[int]


class StatedCause(TypedDict):
    """One cause as it is stated; see `core.drills.worlds.world.Cause`."""

    kind: str
    resource: str
    group: str
    direction: str | None
    rule: int | None


class State(TypedDict):
    """State the causes; none: there is no fault."""

    do: Literal["state"]
    causes: list[StatedCause]
    ticket: NotRequired[int]


class Change(TypedDict):
    """Change a setting."""

    do: Literal["change"]
    key: str
    value: str
    ticket: NotRequired[int]


Command = Look | Plain | State | Change


def read_command(message: object) -> Command | None:
    """*message* as a command; None if it is not a complete and valid one, as a page older than the kernel may send."""
    if not isinstance(message, Mapping) or not fits(message, Command):
        return None
    command = cast(Command, message)
    if command["do"] == "state" and not all(map(_is_cause, command["causes"])):
        return None
    return command


def _is_cause(cause: StatedCause) -> bool:
    directions = (None, *(each.value for each in Direction))
    return cause["kind"] in [each.value for each in CauseKind] and cause["direction"] in directions
