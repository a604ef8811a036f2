"""
The messages between a panel's page and Python, exactly as they travel: commands from the page, states for it.

The page's side is in page/*.js. What arrives is read by `read_command`, because a page may be older than the kernel.
"""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Literal, NotRequired, TypedDict, Union, cast, get_args, get_origin, get_type_hints, is_typeddict

Step = Literal[-1, 1]  # up or down
Mark = Literal["", "accept", "drop"]
FieldName = Literal["action", "protocol", "peer", "port"]


class RuleFields(TypedDict, total=False):
    """The form for a new rule as typed; a field that is left out is empty."""

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
    """Put a rule into the group, or take it out of it and keep it in sight."""

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
    """Add a rule at the top; *n* names the attempt, so that the form knows the answer to its last one."""

    do: Literal["add"]
    list: str
    fields: RuleFields
    n: NotRequired[str]
    ticket: NotRequired[int]


class Check(TypedDict):
    """Say what is wrong with a rule that is being typed; nothing changes."""

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
    """The answer to `Check` and `Add`: what to write instead, by field."""

    kind: Literal["checked"]
    do: Literal["check", "add"]
    list: str
    n: str | None
    ticket: int | None
    errors: dict[FieldName, str]
    added: bool


class RuleRow(TypedDict):
    """
    One rule. *index* is its PolicyIndex in brackets, empty while it is not in the group (*on*).

    *mark* says how it decided on this packet, *void* that a DROP above takes all it matches.
    """

    key: int
    text: str
    on: bool
    index: str
    mark: Mark
    void: bool
    note: str


class RuleListState(TypedDict):
    """The rules of one group and direction from the top, and in *implicit* the deny that ends the list."""

    id: str
    group: str
    direction: str
    caption: str
    rules: list[RuleRow]
    title: str
    implicit: str


class GroupOrder(TypedDict):
    """The groups of a resource that has several, in their order."""

    resource: str
    title: str
    groups: list[str]


class RuleState(TypedDict):
    """What `RulePanel` shows, and the last command (*ticket*) that it answers."""

    ticket: int
    alert: str
    lists: list[RuleListState]
    orders: list[GroupOrder]


ReachLook = Literal["always", "sometimes", "unsure", "nobody"]


class ReachLine(TypedDict):
    """Clients that fare alike. *world*: they are (almost) the whole Internet."""

    look: ReachLook
    label: str
    who: str
    note: str
    world: bool


class ReachChange(TypedDict):
    """Clients that fare otherwise than before; *said* is the name of *sign* for a screen reader."""

    sign: str
    said: str
    who: str


class ReachState(TypedDict):
    """Who reaches the Service; *changes* is None where there is nothing to compare with."""

    lines: list[ReachLine]
    changes: list[ReachChange] | None


class ProbeState(TypedDict):
    """What one client met, and what can and cannot cause that on its own."""

    outcome: str
    look: Literal["passed", "stopped", "unknown"]
    transcript: str
    suspects: list[str]
    ruled_out: list[str]


class SymptomState(ProbeState):
    """What `SymptomView` shows."""

    reach: ReachState


def read_command(message: Mapping[str, object]) -> Command | None:
    """The command that *message* is, or None where it is none of them."""
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
