"""
The table of one kind of object, and what is doubtful about one object of that kind.

A path names a field in its object, ``HealthCheck.CheckType``, through lists as ``endpoints[].zone``; a key with dots in
it stands in brackets, ``metadata.labels[kubernetes.io/hostname]``, and ``*`` is every key that is not named. A field
that is read or harmless covers all that is below it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, TypeAlias

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.fields import is_empty
from drilllib.errors import quoted

MOST_DOUBTS = 8  # about one object; an answer is not longer for an object with a thousand odd fields
_LONGEST = 80  # characters of a field's path, and of a value
_STEP = re.compile(r"\[([^\]]+)\]|([^.\[\]]+)")


@dataclass(frozen=True)
class Fine:
    """
    The only values of a field that change nothing, or, where *others* is set, all but these; texts in any case.

    An empty value never does. *why*: what another value may mean, for the reader of docs/fields.md.
    """

    values: tuple[Any, ...]
    why: str
    others: bool = False

    def holds(self, value: Any) -> bool:
        """Does *value* change nothing? A number is not true or false."""
        listed = any(type(value) is type(each) and _folded(value) == _folded(each) for each in self.values)
        return listed is not self.others


Tree: TypeAlias = "dict[str, Tree | Fine | None]"  # None: read or harmless
_UNKNOWN: Tree = {}


def only(*values: Any, why: str) -> Fine:
    """A field that is fine for these values only; without any, only where it is empty."""
    return Fine(values, why)


def all_but(*values: Any, why: str) -> Fine:
    """A field that is fine for all values but these."""
    return Fine(values, why, others=True)


@dataclass(frozen=True, eq=False)
class Kind:
    """
    The fields of one kind of object, by their paths.

    *source* names the vendor's model or Kubernetes' type; *read* and *harmless* are paths with white space between
    them; *notes* say why a field is harmless, by its path, where that is not plain.
    """

    name: str
    source: str
    read: str
    harmless: str
    fine: Mapping[str, Fine] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def tree(self) -> Tree:
        """The same by steps of a path, as `doubts_of` walks it."""
        tree: Tree = {}
        for path in (*self.read.split(), *self.harmless.split()):
            _plant(tree, path, None)
        for path, values in self.fine.items():
            _plant(tree, path, values)
        return tree

    @cached_property
    def plain(self) -> frozenset[str]:
        """The fields of the object itself that are read or harmless whatever they hold: most of them."""
        return frozenset(name for name, rule in self.tree.items() if rule is None)


def steps(path: str) -> list[str]:
    """The keys of a path, from the object down."""
    return [key or name for key, name in _STEP.findall(path)]


def doubts_of(kind: Kind, item: Mapping[str, Any], name: str, under: str = "") -> tuple[Fact, ...]:
    """
    The fields of an object whose values may change an answer in a way that is not modelled; at most `MOST_DOUBTS`.

    Null and empty values are none. *name* is what to call the object, *under* the path of *item* in it.
    """
    to_ask = {key: value for key, value in item.items() if key not in kind.plain}
    return tuple(islice(_doubts(kind.tree, to_ask, name, under), MOST_DOUBTS)) if to_ask else ()


def _plant(tree: Tree, path: str, leaf: Fine | None) -> None:
    *above, last = steps(path)
    for step in above:
        below = tree.setdefault(step, {})
        if not isinstance(below, dict):
            raise ValueError(f"{path} is below a field that covers it")
        tree = below
    if last in tree:
        raise ValueError(f"{path} is named twice")
    tree[last] = leaf


def _doubts(tree: Tree, item: Mapping[str, Any], name: str, under: str) -> Iterator[Fact]:
    other = tree.get("*", _UNKNOWN)
    for key, value in item.items():
        rule = tree.get(key, other)
        if rule is None or value is None or is_empty(value):
            continue
        path = _joined(under, str(key))
        if rule is _UNKNOWN:
            yield fact(FactCode.FIELD_UNKNOWN, field=_short(path), object=name)
        elif isinstance(rule, Fine):
            yield from _odd_values(rule, value, name, path)
        else:
            yield from _below(rule, value, name, path)


def _odd_values(rule: Fine, value: Any, name: str, path: str) -> Iterator[Fact]:
    """Every item of a list has to be fine."""
    for each in value if isinstance(value, list) else [value]:
        if not is_empty(each) and not rule.holds(each):
            yield _odd(each, name, path)


def _below(tree: Tree, value: Any, name: str, path: str) -> Iterator[Fact]:
    """What is in a field that has fields itself, or a list of such."""
    if isinstance(value, Mapping):
        yield from _doubts(tree, value, name, path)
    elif isinstance(value, list):
        for each in value:
            yield from _below(tree, each, name, f"{path}[]")
    elif not is_empty(value):
        yield _odd(value, name, path)


def _joined(under: str, key: str) -> str:
    """The path of a key, as the tables write it."""
    if not under:
        return key
    return f"{under}[{key}]" if "." in key else f"{under}.{key}"


def _odd(value: Any, name: str, path: str) -> Fact:
    shown = str(value).lower() if isinstance(value, bool) else quoted(value, _LONGEST)
    return fact(FactCode.FIELD_VALUE, field=_short(path), value=shown, object=name)


def _short(path: str) -> str:
    """A path as it is where it can be printed and is not too long."""
    return path if path.isprintable() and len(path) <= _LONGEST else quoted(path, _LONGEST)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
