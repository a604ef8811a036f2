"""Answers as plain data, ready for JSON."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any


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
