"""Answers as plain data, ready for JSON; and the views of what was read, of which there are thousands."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True)
def view(kind: type[_T]) -> type[_T]:
    """
    A dataclass with slots, equal and hashed by its fields, that nobody may change.

    The type checker holds that, and not each field of each object when it is made, which takes ten times as long.
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)


def plain(answer: Any, *names: str) -> dict[str, Any]:
    """
    The fields *names* of a dataclass in that order, or all of them: parts by their own `to_dict`, tuples as lists.

    Properties may be named, too.
    """
    return {name: _plain(getattr(answer, name)) for name in names or [field.name for field in fields(answer)]}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return dict(value)
    return value.to_dict() if hasattr(value, "to_dict") else value
