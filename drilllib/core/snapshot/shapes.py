"""
Is a document of the shape we read? Fields we do not read are never looked at.

Each shape is made a test once, which only says yes or no, of all objects of one kind together; where it says no, a
second look finds the place and says it.

A shape is a type, a list with the shape of its items, or an object of field names; a name that ends in ``?`` may be
missing or null, because the vendor's API returns null for many fields.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from ipaddress import ip_network
from itertools import chain
from typing import Any, NamedTuple, TypeAlias, TypeGuard

from drilllib.core.rules.addresses import address_at
from drilllib.errors import InvalidInputError, Message, quoted

Shape: TypeAlias = "type | Sequence[Shape] | Mapping[str, Shape]"
Fields = Mapping[str, Shape]
_NAMES: dict[type, Message] = {
    str: Message("a text"),
    int: Message("a whole number"),
    bool: Message("true or false"),
    dict: Message("an object"),
}


class IP:
    """Stands in a shape for the text of one IPv4 or IPv6 address."""


class CIDR:
    """Stands in a shape for the text of one block of addresses."""


def require_shape(value: Any, shape: Shape, where: str) -> None:
    """
    Do nothing where *value* fits.

    Raises:
        InvalidInputError: It does not; the message names the place.
    """
    if not test_of(shape).one(value):
        _find_misfit(value, shape, where)


def fit(values: Sequence[Any], shape: Shape) -> bool:
    """Do all the values fit? Of many objects it is one look a field, and not one an object."""
    return test_of(shape).many(values)


class Test(NamedTuple):
    """Says whether a value fits, and whether several do."""

    one: Callable[[Any], bool]
    many: Callable[[Sequence[Any]], bool]


def test_of(shape: Shape) -> Test:
    """The test of a shape; made once for each, which is nobody's to change."""
    if id(shape) not in _tests:
        if len(_tests) >= _MOST:
            _tests.clear()
        _tests[id(shape)] = shape, _made(shape)
    return _tests[id(shape)][1]


_FEW = 4  # values that are looked at one by one
_MOST = 1000  # shapes whose tests are kept: of shapes that are made for one call, however many
_tests: dict[int, tuple[Shape, Test]] = {}  # by the identity of the shape, which is kept


def _made(shape: Shape) -> Test:
    if shape is IP:
        return Test(is_address, lambda values: all(map(is_address, values)))
    if shape is CIDR:
        return Test(is_block, lambda values: all(map(is_block, values)))
    if isinstance(shape, type):
        return Test(partial(_is_of, shape), partial(_are_of, shape, {shape}))
    if isinstance(shape, Mapping):
        return _test_of_fields(shape)
    inner = test_of(shape[0]).many
    return Test(
        lambda value: isinstance(value, list) and inner(value),
        lambda values: _are_of(list, {list}, values) and inner(list(chain.from_iterable(values))),
    )


def _is_of(kind: type, value: Any) -> bool:
    return value.__class__ is kind or is_of_type(value, kind)


def _are_of(kind: type, just: set[type], values: Sequence[Any]) -> bool:
    return set(map(type, values)) <= just or all(is_of_type(each, kind) for each in values)


class _Field(NamedTuple):
    name: str
    shape: Shape
    test: Test
    may_miss: bool


def _test_of_fields(shape: Fields) -> Test:
    """The test of objects; a value of just the type that is wanted is passed at once."""
    fields = [
        _Field(name.removesuffix("?"), inner, test_of(inner), name.endswith("?")) for name, inner in shape.items()
    ]
    return Test(partial(_is_object, fields), partial(_are_objects, fields))


def _is_object(fields: Sequence[_Field], value: Any) -> bool:
    if value.__class__ is not dict and not isinstance(value, Mapping):
        return False
    for name, shape, test, may_miss in fields:
        each = value.get(name)
        if each is None:
            if not may_miss:
                return False
        elif each.__class__ is not shape and not test.one(each):
            return False
    return True


def _are_objects(fields: Sequence[_Field], values: Sequence[Any]) -> bool:
    if len(values) < _FEW or set(map(type, values)) != {dict}:
        return all(_is_object(fields, each) for each in values)
    for name, _, test, may_miss in fields:
        told = [each for each in [value.get(name) for value in values] if each is not None]
        if len(told) < len(values) and not may_miss:
            return False
        if told and not test.many(told):
            return False
    return True


def _find_misfit(value: Any, shape: Shape, where: str) -> None:
    """Raise the error of the first place that does not fit."""
    if shape is IP:
        _require(is_address(value), value, where, Message("an IP address"))
    elif shape is CIDR:
        _require(is_block(value), value, where, Message("a CIDR block"))
    elif isinstance(shape, type):
        _require(is_of_type(value, shape), value, where, _NAMES[shape])
    elif isinstance(shape, Mapping):
        _require(isinstance(value, Mapping), value, where, Message("an object"))
        _require_fields(value, shape, where)
    else:
        _require(isinstance(value, list), value, where, Message("a list"))
        for place, item in enumerate(value):
            _find_misfit(item, shape[0], f"{where}[{place}]")


def is_of_type(value: Any, kind: type) -> bool:
    """Is *value* of that type of JSON? A number is not a text, and true is not a number."""
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def is_address(value: Any) -> TypeGuard[str]:
    """Is *value* the text of one address, without a zone?"""
    try:
        return isinstance(value, str) and "%" not in value and bool(address_at(value))
    except ValueError:
        return False


def is_block(value: Any) -> TypeGuard[str]:
    """Is *value* the text of one block, or of an address?"""
    try:
        return isinstance(value, str) and bool(ip_network(value, strict=False))
    except ValueError:
        return False


def _require_fields(value: Mapping[str, Any], shape: Fields, where: str) -> None:
    for name, inner in shape.items():
        field = name.removesuffix("?")
        if value.get(field) is not None:
            _find_misfit(value[field], inner, f"{where}.{field}")
        elif field == name:
            raise InvalidInputError(
                "{where} has no {field}",
                remedy="Add it; docs/snapshot.md lists the fields that are read",
                where=where,
                field=field,
            )


def _require(fits: bool, value: Any, where: str, wanted: Message) -> None:
    if not fits:
        raise InvalidInputError(
            "{where} is {value}", remedy="Write {wanted}", where=where, value=quoted(value), wanted=wanted
        )
