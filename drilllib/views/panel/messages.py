"""What Python tells a panel's page (page/*.js): the state of each of its widgets, and answers to what is typed."""

from typing import Literal, TypedDict

from drilllib.views.panel.commands import SettingName

Mark = Literal["", "accept", "drop"]
FieldName = Literal["action", "protocol", "peer", "port"]
Level = Literal[1, 2, 3]


class Checked(TypedDict):
    """The answer to `Check` and `Add`: for each wrong field, what to write instead; a *hint* says what a peer means."""

    kind: Literal["checked"]
    do: Literal["check", "add"]
    list: str
    n: str | None
    ticket: int | None
    errors: dict[FieldName, str]
    hint: str
    added: bool


class Refused(TypedDict):
    """The answer to an `Ask` that cannot be asked so; an empty *error* takes an earlier one back."""

    kind: Literal["refused"]
    name: SettingName
    error: str
    ticket: int | None


class RuleRow(TypedDict):
    """
    One rule, whose *text* is ``ACTION PROTOCOL PEER PORT``.

    *on*: it is in the group; *index* is then its PolicyIndex in brackets, otherwise empty. *mark* is its decision on
    this packet, if it made one. *void*: DROP rules above take everything it matches. *wide*: it lets in more than is
    meant. *note* says why.
    """

    key: int
    text: str
    on: bool
    index: str
    mark: Mark
    void: bool
    wide: bool
    note: str


class RuleListState(TypedDict):
    """
    The rules of one group and direction from the top; *implicit* is the deny that ends the list, *ending* its mark.

    *tab* is the group's number on the path, or its id, *of* whose it is, *title* both and the id. *look* is what the
    group does to the packet, as far as it is shown: nothing, passed, stopped, unreached or unknown. *folded* stands on
    the fold of a list of the way out.
    """

    id: str
    group: str
    direction: str
    caption: str
    rules: list[RuleRow]
    tab: str
    of: str
    title: str
    look: str
    implicit: str
    ending: Mark
    folded: str


class GroupOrder(TypedDict):
    """The groups of a resource that has several, in the order in which they are read."""

    resource: str
    title: str
    groups: list[str]


class Setting(TypedDict):
    """How the question is asked: *choices* are values with their names, empty where anything can be typed."""

    name: SettingName
    label: str
    value: str
    choices: list[list[str]]


class HeadState(TypedDict):
    """
    The question, how it is asked, and its answer as far as the *level* shows it (see `guess.py`).

    *look* is how the outcome looks, *place* where the packet stops, *spot* by which rule, *ask* what the learner is
    asked to say, *said* the judgement of what was said last, *right* or not.
    """

    level: Level
    service: str
    command: str
    settings: list[Setting]
    outcome: str
    look: Literal["plain", "passed", "stopped", "unknown"]
    place: str
    spot: str
    ask: str
    said: str
    right: bool


class StepsState(TypedDict):
    """The names of the steps that can be undone and done again; empty where there is none."""

    undo: str
    redo: str
    changed: bool


class RuleState(TypedDict):
    """What `RulePanel` shows. *ticket* is the last command that it answers. *head* is None before the first answer."""

    ticket: int
    alert: str
    head: HeadState | None
    steps: StepsState
    lists: list[RuleListState]
    orders: list[GroupOrder]


ReachLook = Literal["always", "sometimes", "unsure", "nobody"]


class ReachLine(TypedDict):
    """
    Clients with the same verdict. *world*: they include (almost) the whole Internet. *more* are those that *who* only
    counts, *rest* how many there are in words.
    """

    look: ReachLook
    label: str
    who: str
    more: list[str]
    rest: str
    note: str
    world: bool


class PastLine(TypedDict):
    """Who reaches a node or a pod past the CLB: *place* with its port, *note* what to think of it, *wide* a warning."""

    who: str
    place: str
    note: str
    wide: bool


class ReachChange(TypedDict):
    """Clients whose verdict changed. *said* is what a screen reader says for *sign*."""

    sign: str
    said: str
    who: str


class ReachState(TypedDict):
    """
    Who reaches the Service, and who what is behind it past the CLB. *changes* is None when there is nothing to compare
    with.
    """

    lines: list[ReachLine]
    past: list[PastLine]
    changes: list[ReachChange] | None


class ProbeState(TypedDict):
    """
    What one client met, and which causes can and cannot produce that on their own. It waited *seconds* (None: it could
    not be asked); *scale* are the marks below the bar that shows it, in seconds.
    """

    outcome: str
    look: Literal["passed", "stopped", "unknown"]
    transcript: str
    seconds: float | None
    scale: list[int]
    suspects: list[str]
    ruled_out: list[str]


class SymptomState(ProbeState):
    """What `SymptomView` shows."""

    reach: ReachState
