"""What things have in common that differ in names and addresses alone."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from operator import attrgetter
from typing import Any

from drilllib.core.facts import Fact
from drilllib.core.rules.addresses import address_at
from drilllib.core.snapshot.pods import Pod
from drilllib.core.snapshot.resources import Conditions, Endpoint, Interface, Node, Target
from drilllib.core.trace.node_facts import TargetFacts
from drilllib.core.trace.origin import Origin
from drilllib.core.trace.path import Check, Hop, Rewrite

# The fields by which a thing of a kind is known from others of its kind.
_NAMES: dict[type, frozenset[str]] = {
    Node: frozenset({"name", "instance_id", "instance_name", "addresses"}),
    Pod: frozenset({"name", "labels", "node_name", "addresses", "node_addresses"}),
    Endpoint: frozenset({"pod", "address", "node_name"}),
    Interface: frozenset({"interface_id"}),
    Target: frozenset({"instance_id", "address", "weight"}),
    Hop: frozenset({"name", "address", "interface"}),
    Check: frozenset({"peer"}),
    Rewrite: frozenset({"before", "after", "source"}),
    TargetFacts: frozenset({"address"}),
}
_NAMED_IN_FACTS = frozenset({"pod", "node", "resource", "target", "address", "owner", "instance", "object"})


_PLAIN = frozenset({str, int, bool, type(None)})
_WHOLE = _PLAIN | {Conditions}  # in which nothing is named
_FAMILIES: dict[type, int] = {IPv4Address: 4, IPv6Address: 6, type(address_at("0.0.0.0")): 4}


def shape(value: Any) -> Hashable:
    """All of *value* but the names and addresses of what it is about: equal for things that stand alike."""
    kind = value.__class__
    if kind in _WHOLE:
        return value  # type: ignore[no-any-return]  # plain values can be hashed
    if kind is tuple:
        if _PLAIN.issuperset(map(type, value)):
            return value  # type: ignore[no-any-return]  # such a tuple can be hashed
        return tuple([each if each.__class__ in _PLAIN else shape(each) for each in value])
    if kind is Fact:
        return value.code, tuple(shape(each) for name, each in value.values if name not in _NAMED_IN_FACTS)
    kept, names = _parts(kind)
    if not kept:
        return value  # type: ignore[no-any-return]  # plain values can be hashed
    told = [each if not each or each.__class__ in _PLAIN else shape(each) for each in kept(value)]
    if names:
        told += [bool(each) if each.__class__ in _PLAIN else _trace_of_name(each) for each in names(value)]
    return kind, *told


def names_in(what: Fact) -> frozenset[str]:
    """Which kinds of things a fact names, such as pod, node or target."""
    inner = (names_in(each) for _, each in what.values if isinstance(each, Fact))
    return frozenset(name for name, _ in what.values if name in _NAMED_IN_FACTS).union(*inner)


def _trace_of_name(value: Any) -> Hashable:
    """What still counts of a name or an address: whether it is known, and of which family."""
    if isinstance(value, Origin):
        return shape(value) if value.address is None else value.address.version
    if value.__class__ in _FAMILIES:
        return _FAMILIES[value.__class__]
    return frozenset(map(_trace_of_name, value)) if isinstance(value, tuple) else bool(value)


Getter = Callable[[Any], tuple[Any, ...]]


@cache
def _parts(kind: type) -> tuple[Getter | None, Getter | None]:
    """How to get the fields of a thing of that kind: those that count, and those that only name it."""
    if not is_dataclass(kind):
        return None, None
    names, every = _NAMES.get(kind, frozenset()), [each.name for each in fields(kind) if each.compare]
    return _getter([each for each in every if each not in names]), _getter([each for each in every if each in names])


def _getter(names: Sequence[str]) -> Getter | None:
    """Gets fields as a tuple, one field too."""
    if not names:
        return None
    return attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)
