"""
Which of many objects of one kind are plain: looked at field by field, and not object by object.

Of a thousand Pods most fields have a handful of different values; each is looked at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from drilllib.core.rules.fields import is_empty
from drilllib.core.snapshot.ledger.tables import UNKNOWN, Fine, Kind, Tree, is_plain

Item = Mapping[str, Any]
_FEW = 4  # objects that are looked at one by one
_SINGLE = frozenset((str, int, bool))


def not_plain(kind: Kind, items: Sequence[Item]) -> list[Item]:
    """Those of the objects in which something may be doubtful; `doubts_of` any other is nothing."""
    return list(_not_plain(kind.tree, items))


def _not_plain(tree: Tree, items: Sequence[Item]) -> list[Item]:
    """Where some are not plain, each half is looked at by itself."""
    if len(items) <= _FEW:
        return [each for each in items if not is_plain(tree, each)]
    if _are_plain(tree, items):
        return []
    half = len(items) // 2
    return _not_plain(tree, items[:half]) + _not_plain(tree, items[half:])


def _are_plain(tree: Tree, items: Sequence[Item]) -> bool:
    """Is surely nothing doubtful in any of them?"""
    other = tree.get("*", UNKNOWN)
    for key in set[str]().union(*items):
        rule = tree.get(key, other)
        if rule is not None and not _is_column_plain(rule, [each[key] for each in items if key in each]):
            return False
    return True


def _is_column_plain(rule: "Tree | Fine", values: Iterable[Any]) -> bool:
    """The same of one field of all; of lists all of their items."""
    known = [each for each in values if each is not None]
    kinds = set(map(type, known))
    if list in kinds:
        known = list(chain.from_iterable(each if each.__class__ is list else (each,) for each in known))
        kinds = set(map(type, known))
    if isinstance(rule, Fine) and kinds <= _SINGLE:
        values = (each for _, each in set(zip(map(type, known), known, strict=True)))
        return all(rule.holds(each) or (not each and is_empty(each) and not rule.present) for each in values)
    if not isinstance(rule, Fine) and rule is not UNKNOWN and kinds == {dict}:
        return _are_plain(rule, known)
    return all(map(is_empty, known)) and not (isinstance(rule, Fine) and rule.present)
