"""What a changed snapshot keeps of the one before it, so that nothing is read again for nothing."""

import copy
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from drilllib.errors import InvalidInputError

_T = TypeVar("_T")
Item = Mapping[str, Any]
DEEPEST = 100  # levels of objects and lists in each other
_CLUSTER = frozenset({"cluster", "kubernetes", "complete", "instances", "network_interfaces", "subnets"})
# What is made of which parts of the document; whatever is not listed here is made anew after every change.
MADE_OF: Mapping[str, frozenset[str]] = {
    "semantics": frozenset({"semantics"}),
    "kubernetes": frozenset({"kubernetes", "complete"}),
    "nodes": frozenset({"instances", "kubernetes", "complete"}),
    "_nodes_by_instance": frozenset({"instances", "kubernetes", "complete"}),
    "interfaces": _CLUSTER,
    "insiders": _CLUSTER,
    "add_on_setting": _CLUSTER,
    "load_balancers": frozenset({"load_balancers"}),
    "_listeners": frozenset({"listeners"}),
    "lasting": _CLUSTER,
    "ungrouped": _CLUSTER,
}
# The field that says which groups are bound, in the parts that have one; what does not follow from these fields.
_BOUND = {"instances": "SecurityGroupIds", "network_interfaces": "GroupSet"}
_UNGROUPED = ("ungrouped", "insiders", "add_on_setting")
# The addresses behind groups and templates follow from these.
NAMES_OF = _CLUSTER | {
    *("address_templates", "address_template_groups", "service_templates", "service_template_groups"),
}


def kept(made: Mapping[str, Any], before: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """What of all that was *made* of the document *before* still holds when these *parts* of it have changed."""
    changed = frozenset(parts)
    found = {name: value for name, value in made.items() if name in MADE_OF and not MADE_OF[name] & changed}
    if changed & _CLUSTER and _only_binds(before, parts):
        found |= {name: made[name] for name in _UNGROUPED if name in made}
    return found


def _only_binds(before: Mapping[str, Any], parts: Mapping[str, Any]) -> bool:
    """Is nothing of the cluster another than *before* but which groups are bound?"""
    changed = _CLUSTER & parts.keys()
    return changed <= _BOUND.keys() and all(
        _are_alike_but(field, before.get(name), parts[name]) for name, field in _BOUND.items() if name in changed
    )


def _are_alike_but(field: str, old: Sequence[Item] | None, new: Sequence[Item] | None) -> bool:
    if old is None or new is None or len(old) != len(new):
        return False
    pairs = zip(old, new, strict=True)
    return all(one is other or {**one, field: None} == {**other, field: None} for one, other in pairs)


def copied(value: Any, levels: int = DEEPEST) -> Any:
    """
    A copy of plain data, as JSON has it; of anything else a deep copy.

    Raises:
        InvalidInputError: It is nested deeper than `DEEPEST` levels.
    """
    kind, inside = value.__class__, levels - 1
    if not levels:
        raise InvalidInputError(
            "The snapshot is nested deeper than {levels} levels",
            remedy="Take out the field that is; no object of these APIs is",
            levels=DEEPEST,
        )
    if kind is dict:
        found = value.copy()
        for name, each in value.items():
            if each.__class__ not in _ATOMS:
                found[name] = copied(each, inside)
        return found
    if kind is list:
        return [each if each.__class__ in _ATOMS else copied(each, inside) for each in value]
    return value if kind in _ATOMS else copy.deepcopy(value)


_ATOMS = frozenset({str, int, float, bool, type(None)})


class Memo:
    """Answers that are found once, by key."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What *make* finds, found when it is first asked for by that *key*."""
        if key not in self._found:
            self._found[key] = make()
        found: _T = self._found[key]
        return found

    def of(self, thing: object, key: Hashable, make: Callable[[], _T]) -> _T:
        """What *make* finds of that very *thing*, which is kept, so that no other can be taken for it."""
        return self.once((id(thing), key), lambda: (thing, make()))[1]

    def of_all(self, things: Sequence[object], key: Hashable, make: Callable[[], _T]) -> _T:
        """The same of several things together."""
        return self.once((*map(id, things), key), lambda: (things, make()))[1]
