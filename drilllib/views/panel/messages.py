"""
The messages between a panel's page (page/*.js) and Python: commands from the page, state for it.

`read_command` checks what arrives, because a page may be older than the kernel.
"""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Literal, NotRequired, TypedDict, Union, cast, get_args, get_origin, get_type_hints, is_typeddict

Step = Literal[-1, 1]  # up or down
Mark = Literal["", "accept", "drop"]
FieldName = Literal["action", "protocol", "peer", "port"]


class RuleFields(TypedDict, total=False):
    """What was typed into the form for a new rule; a missing field counts as empty."""

    action: str
    protocol: str
    peer: str
    port: str


class _RuleCommand(TypedDict):
    """A command about one rule of a list; *ticket* numbers the page's commands."""

    list: str
    key: int
    ticket: NotRequired[int]


class Switch(_RuleCommand):
    """Put a rule into the group, or take it out and leave it in the list."""

    do: Literal["switch"]
    on: bool


class Delete(_RuleCommand):
    """Remove a rule."""

    do: Literal["delete"]


class Move(_RuleCommand):
    """Move a rule up or down by one."""

    do: Literal["move"]
    by: Step


class Add(TypedDict):
    """Add a rule at the top. *n* identifies the attempt, so that the form can ignore answers to earlier ones."""

    do: Literal["add"]
    list: str
    fields: RuleFields
    n: NotRequired[str]
    ticket: NotRequired[int]


class Check(TypedDict):
    """Validate a rule that is being typed, without changing anything."""

    do: Literal["check"]
    list: str
    fields: RuleFields
    n: str


class Order(TypedDict):
    """Move a group up or down by one among the groups of a resource."""

    do: Literal["order"]
    resource: str
    group: str
    by: Step
    ticket: NotRequired[int]


Command = Switch | Delete | Move | Add | Check | Order


class Checked(TypedDict):
    """The answer to `Check` and `Add`: for each wrong field, what to write instead."""

    kind: Literal["checked"]
    do: Literal["check", "add"]
    list: str
    n: str | None
    ticket: int | None
    errors: dict[FieldName, str]
    added: bool


class RuleRow(TypedDict):
    """
    One rule. *on*: it is in the group; *index* is then its PolicyIndex in brackets, otherwise empty.

    *mark* is its decision on this packet, if it made one. *void*: DROP rules above take everything it matches.
    """

    key: int
    text: str
    on: bool
    index: str
    mark: Mark
    void: bool
    note: str


class RuleListState(TypedDict):
    """The rules of one group and direction from the top; *implicit* is the deny that ends the list."""

    id: str
    group: str
    direction: str
    caption: str
    rules: list[RuleRow]
    title: str
    implicit: str


class GroupOrder(TypedDict):
    """The groups of a resource that has several, in the order in which they are read."""

    resource: str
    title: str
    groups: list[str]


class RuleState(TypedDict):
    """What `RulePanel` shows. *ticket* is the last command that it answers."""

    ticket: int
    alert: str
    lists: list[RuleListState]
    orders: list[GroupOrder]


ReachLook = Literal["always", "sometimes", "unsure", "nobody"]


class ReachLine(TypedDict):
    """Clients with the same verdict. *world*: they include (almost) the whole Internet."""

    look: ReachLook
    label: str
    who: str
    note: str
    world: bool


class ReachChange(TypedDict):
    """Clients whose verdict changed. *said* is what a screen reader says for *sign*."""

    sign: str
    said: str
    who: str


class ReachState(TypedDict):
    """Who reaches the Service. *changes* is None when there is nothing to compare with."""

    lines: list[ReachLine]
    changes: list[ReachChange] | None


class ProbeState(TypedDict):
    """What one client met, and which causes can and cannot produce that on their own."""

    outcome: str
    look: Literal["passed", "stopped", "unknown"]
    transcript: str
    suspects: list[str]
    ruled_out: list[str]


class SymptomState(ProbeState):
    """What `SymptomView` shows."""

    reach: ReachState


def read_command(message: Mapping[str, object]) -> Command | None:
    """*message* as a command; None if it is not a complete and valid one."""
    return cast(Command, message) if fits(message, Command) else None


def fits(value: object, kind: object) -> bool:
    """Is *value*, as read from JSON, of the type *kind*? A TypedDict must have all its keys and no others."""
    origin, arguments = get_origin(kind), get_args(kind)
    if is_typeddict(kind):
        return isinstance(value, dict) and _has_fields(value, cast(type, kind))
    if origin in (Union, UnionType):
        return any(fits(value, each) for each in arguments)
    if origin is Literal:
        return any(type(value) is type(each) and value == each for each in arguments)
    if origin is list:
        return isinstance(value, list) and all(fits(each, arguments[0]) for each in value)
    if origin is dict:
        return isinstance(value, dict) and all(
            fits(item, each) for pair in value.items() for item, each in zip(pair, arguments, strict=True)
        )
    return type(value) is (NoneType if kind is None else kind)


def _has_fields(value: Mapping[object, object], kind: type) -> bool:
    hints = get_type_hints(kind)
    required: frozenset[str] = vars(kind)["__required_keys__"]
    return required <= value.keys() <= hints.keys() and all(
        fits(value[name], hint) for name, hint in hints.items() if name in value
    )
