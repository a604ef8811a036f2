"""What the pages of an answer list, read at the boundary: rows that are objects and have their ids."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drilllib.core.capture.asks import Answer, CloudCall
from drilllib.core.capture.sources import called
from drilllib.errors import InvalidInputError, Message, quoted

Row = Mapping[str, Any]


def cloud_answers(answers: Iterable[Answer], service: str, *actions: str) -> Iterator[Answer]:
    """The answers to some *actions* of a service that have pages."""
    for each in answers:
        if isinstance(each.ask, CloudCall) and each.ask.service == service and each.ask.action in actions:
            yield each


def listed(answer: Answer, key: str) -> Iterator[Row]:
    """
    The rows under *key* on every page; null is an empty list, as tccli prints one.

    Raises:
        InvalidInputError: It is no list of objects.
    """
    for page in answer.pages:
        rows = page.get(key)
        for row in rows if isinstance(rows, list) else () if rows is None else (rows,):
            if not isinstance(row, Mapping) or rows is row:
                raise InvalidInputError(
                    "{key} in {where} is no list of objects: {value}",
                    remedy="Save the answer of the API unchanged",
                    key=key,
                    where=where(answer),
                    value=quoted(row),
                )
            yield row


def identified(answer: Answer, key: str, name: str) -> Iterator[tuple[str, Row]]:
    """
    The rows under *key* by the id in their field *name*.

    Raises:
        InvalidInputError: They are no objects, or one has no such id.
    """
    for row in listed(answer, key):
        found = row.get(name)
        if not isinstance(found, str) or not found:
            raise InvalidInputError(
                "{key} in {where} has an object without {name}",
                remedy="Save the answer of the API unchanged",
                key=key,
                where=where(answer),
                name=name,
            )
        yield found, row


def total(answer: Answer) -> int | None:
    """How many rows the answer's request has in all, as its pages count them (TotalCount); None where none says."""
    counts = [count for page in answer.pages if type(count := page.get("TotalCount")) is int]
    return max(counts, default=None)


def where(answer: Answer) -> object:
    """What to call the place of an answer in a message."""
    action = answer.ask.action if isinstance(answer.ask, CloudCall) else answer.ask.kind if answer.ask else ""
    return called(answer.source) if answer.source else Message("the answer of {action}", action=action)
