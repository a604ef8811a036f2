"""
What has changed while a capture was reading: the same asks answered twice, held against each other.

Compared is what a snapshot keeps of the answers, not their versions: most objects of the cloud have none, and those of
Kubernetes move with every heartbeat. What was the same at two readings stood so between them, all of it at once.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drilllib.core.capture.asks import Answer, Ask, CloudCall, RefusalKind, Wanted
from drilllib.core.capture.join import assembled

_READ_ONCE = ("DescribeAddon", "DescribeClusters", "DescribeSubnets", "DescribeAddresses")  # they hardly ever change
_OBSERVED = "DescribeTargetHealth"  # changes by itself: read again with what it was observed of, and not compared
_RULES = "security_groups"


def read_twice(answers: Sequence[Answer]) -> list[Ask]:
    """The asks to make once more: all that were answered but those in `_READ_ONCE`."""
    return list(dict.fromkeys(each.ask for each in answers if each.ask and not each.refusal and not _once(each.ask)))


def _once(ask: Ask) -> bool:
    return isinstance(ask, CloudCall) and ask.action in _READ_ONCE


def moved(answers: Sequence[Answer], newer: Sequence[Answer], wanted: Wanted) -> tuple[Answer, ...]:
    """
    Those of *newer* that make another snapshot than *answers* do.

    What is gone has changed; another refusal tells nothing.

    Raises:
        InvalidInputError: An answer is none that the API gives.
    """
    before = {each.ask: _said(each) for each in answers}
    other = [each for each in newer if _is_compared(each) and _said(each) != before.get(each.ask)]
    if not other:
        return ()
    kept = _kept(answers, wanted)
    if _kept(replaced(answers, other), wanted) == kept:
        return ()
    alone = tuple(each for each in other if _kept(replaced(answers, [each]), wanted) != kept)
    return alone or tuple(other)


def replaced(answers: Sequence[Answer], newer: Sequence[Answer]) -> tuple[Answer, ...]:
    """*answers*, with those of *newer* that tell something in the place of those to the same asks."""
    found = {each.ask: each for each in newer if tells(each)}
    return tuple(found.get(each.ask, each) for each in answers)


def _is_compared(answer: Answer) -> bool:
    return tells(answer) and not (isinstance(answer.ask, CloudCall) and answer.ask.action == _OBSERVED)


def tells(answer: Answer) -> bool:
    """Does it say what is there now, be it that the thing is gone?"""
    return answer.refusal is None or answer.refusal.kind is RefusalKind.ABSENT


def _said(answer: Answer) -> list[Any]:
    """The pages without what is another at every reading, though nothing has changed."""
    return [page.get("items", page) if "items" in page else _without_id(page) for page in answer.pages]


def _without_id(page: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in page.items() if name != "RequestId"}


def _kept(answers: Sequence[Answer], wanted: Wanted) -> str:
    """The snapshot that the answers make as text, without the order of lists, which only rules have."""
    document = assembled(answers, wanted).document
    return json.dumps(dict(_ordered(document)), sort_keys=True, default=str)


def _ordered(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, part in document.items():
        if name != "gaps":
            yield name, part if name == _RULES else _sorted(part)


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _sorted(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return sorted((_sorted(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True, default=str))
    return value
