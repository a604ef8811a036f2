"""
What a panel's page (page/*.js) tells Python: commands. `messages.py` has what Python tells the page.

`read_command` checks what arrives, because a page may be older than the kernel.
"""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Literal, NotRequired, TypedDict, Union, cast, get_args, get_origin, get_type_hints, is_typeddict

Step = Literal[-1, 1]  # up or down
SettingName = Literal["client", "listener", "policy"]


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


class Drop(_RuleCommand):
    """Move a rule to the place *to* of its list, counted from 0 without the rule itself, as it is dragged there."""

    do: Literal["drop"]
    to: int


class Add(TypedDict):
    """Add a rule, at the top by default. *n* identifies the attempt, so that the form can ignore earlier answers."""

    do: Literal["add"]
    list: str
    fields: RuleFields
    place: NotRequired[Literal["top", "bottom"]]
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


class Travel(TypedDict):
    """Take the last step back, take it again, or go back to the beginning; that is a step, too."""

    do: Literal["undo", "redo", "reset"]
    ticket: NotRequired[int]


class Ask(TypedDict):
    """Ask the question in another way."""

    do: Literal["ask"]
    name: SettingName
    value: str
    ticket: NotRequired[int]


class Where(TypedDict):
    """The learner says where the packet stops: *hop* is the key of a place of the path."""

    do: Literal["where"]
    hop: str
    ticket: NotRequired[int]


class Which(TypedDict):
    """The learner says which rule decides; None is the implicit deny at the end of the list."""

    do: Literal["which"]
    list: str
    key: int | None
    ticket: NotRequired[int]


ListCommand = Switch | Delete | Move | Drop | Add
Command = ListCommand | Check | Order | Travel | Ask | Where | Which


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
