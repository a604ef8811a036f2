"""
The table of one kind of object, and what is doubtful about one object of that kind.

A path names a field in its object, ``HealthCheck.CheckType``, through lists as ``endpoints[].zone``; a key with dots in
it stands in brackets, ``metadata.labels[kubernetes.io/hostname]``, and ``*`` is every key that is not named. A field
that is read or harmless covers all that is below it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
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
    The only values of a field that change nothing, or, where *others* is set, all but these.

    Texts are compared in any case, as the vendor writes them, unless *exact*. An empty value changes nothing, unless
    *present*: of a label that counts by being there.
    *why*: what another value may mean, for the reader of docs/fields.md. *call*: the command that tells more of it,
    which no part of a snapshot has.
    """

    values: tuple[Any, ...]
    why: str
    others: bool = False
    exact: bool = False
    present: bool = False
    call: str = ""

    def holds(self, value: Any) -> bool:
        """Does *value* change nothing? A number is not true or false."""
        kind = value.__class__
        return (kind in _SINGLE and (kind, self._folded(value)) in self._known) is not self.others

    @cached_property
    def _known(self) -> frozenset[tuple[type, Any]]:
        return frozenset((type(each), self._folded(each)) for each in self.values)

    def _folded(self, value: Any) -> Any:
        return value.casefold() if isinstance(value, str) and not self.exact else value


Tree: TypeAlias = "dict[str, Tree | Fine | None]"  # None: read or harmless
_Place: TypeAlias = "tuple[_Place | None, str]"  # a key, and where its object stands
_Odd: TypeAlias = tuple[_Place, Any, str]  # a place, the value that is doubtful there, and the action that tells more
UNKNOWN: Tree = {}
_NO_VALUE = object()  # of a field that no table names
_ITEMS = "[]"
_SINGLE = (str, int, bool)


def only(*values: Any, why: str, call: str = "") -> Fine:
    """A field that is fine for these values only; without any, only where it is empty."""
    return Fine(values, why, call=call)


def exactly(*values: Any, why: str) -> Fine:
    """The same, for texts in which capitals count."""
    return Fine(values, why, exact=True)


def absent(*, why: str) -> Fine:
    """A label that is fine only where it is not there, whatever its value."""
    return Fine((), why, present=True)


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


def steps(path: str) -> list[str]:
    """The keys of a path, from the object down."""
    return [key or name for key, name in _STEP.findall(path)]


def doubts_of(kind: Kind, item: Mapping[str, Any], name: str, under: str = "") -> tuple[Fact, ...]:
    """
    The fields of an object whose values may change an answer in a way that is not modelled; at most `MOST_DOUBTS`.

    Null and empty values are none. *name* is what to call the object, *under* the path of *item* in it.
    """
    if is_plain(kind.tree, item):
        return ()
    found: list[_Odd] = []
    _look(kind.tree, item, (None, under), found)
    return tuple(_fact(each, name) for each in found[:MOST_DOUBTS]) if found else ()


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


def is_plain(tree: Tree, item: Mapping[str, Any]) -> bool:
    """Is surely nothing in *item* doubtful? Said of most objects at once; of others `_look` tells."""
    other = tree.get("*", UNKNOWN)
    for key, value in item.items():
        rule = tree.get(key, other)
        if rule is None or value is None:
            continue
        listed = value if value.__class__ is list else (value,)
        if isinstance(rule, Fine):
            if not all(map(rule.holds, listed)):
                return False
        elif rule is UNKNOWN or not all(each.__class__ is dict and is_plain(rule, each) for each in listed):
            return False
    return True


def _look(tree: Tree, item: Mapping[str, Any], at: _Place, found: list[_Odd]) -> None:
    """Add what is doubtful in *item*, which stands at that place, to *found*. Most fields are passed at once."""
    other = tree.get("*", UNKNOWN)
    for key, value in item.items():
        rule = tree.get(key, other)
        if rule is None or value is None:
            continue
        if isinstance(rule, Fine):
            _look_at_value(rule, value, (at, key), found)
        elif rule is not UNKNOWN:
            _look_below(rule, value, (at, key), found)
        elif not is_empty(value):
            found.append(((at, key), _NO_VALUE, ""))


def _look_at_value(rule: Fine, value: Any, at: _Place, found: list[_Odd]) -> None:
    """Every item of a list has to be fine."""
    for each in value if isinstance(value, list) else (value,):
        if not rule.holds(each) and (not is_empty(each) or (rule.present and isinstance(each, str))):
            found.append((at, each, rule.call))


def _look_below(tree: Tree, value: Any, at: _Place, found: list[_Odd]) -> None:
    """What is in a field that has fields itself, or a list of such."""
    if value.__class__ is dict or isinstance(value, Mapping):
        _look(tree, value, at, found)
    elif isinstance(value, list):
        for each in value:
            _look_below(tree, each, (at, _ITEMS), found)
    elif not is_empty(value):
        found.append((at, value, ""))


def _fact(odd: _Odd, name: str) -> Fact:
    place, value, call = odd
    field = _short(_path(place))
    if value is _NO_VALUE:
        return fact(FactCode.FIELD_UNKNOWN, field=field, object=name)
    shown = str(value).lower() if isinstance(value, bool) else quoted(value, _LONGEST)
    if call:
        return fact(FactCode.FIELD_ELSEWHERE, field=field, value=shown, object=name, call=call)
    return fact(FactCode.FIELD_VALUE, field=field, value=shown, object=name)


def _path(place: _Place) -> str:
    """A place as the tables write it."""
    above, key = place
    if above is None:
        return key
    before, key = _path(above), str(key)
    if key == _ITEMS or not before:
        return f"{before}{key}"
    return f"{before}[{key}]" if "." in key else f"{before}.{key}"


def _short(path: str) -> str:
    """A path as it is where it can be printed and is not too long."""
    return path if path.isprintable() and len(path) <= _LONGEST else quoted(path, _LONGEST)
