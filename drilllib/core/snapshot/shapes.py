"""
Is a document of the shape we read? Fields we do not read are never looked at.

Each shape is made a test once, which only says yes or no; where it says no, a second look finds the place and says it.

A shape is a type, a list with the shape of its items, or an object of field names; a name that ends in ``?`` may be
missing or null, because the vendor's API returns null for many fields.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from ipaddress import ip_network
from typing import Any, TypeAlias, TypeGuard

from drilllib.core.rules.addresses import address_at
from drilllib.errors import InvalidInputError, Message, quoted

Shape: TypeAlias = "type | Sequence[Shape] | Mapping[str, Shape]"
Fields = Mapping[str, Shape]
Test = Callable[[Any], bool]
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
    if not test_of(shape)(value):
        _find_misfit(value, shape, where)


def test_of(shape: Shape) -> Test:
    """Says whether a value fits; made once for each shape, which is nobody's to change."""
    if id(shape) not in _tests:
        if len(_tests) >= _MOST:
            _tests.clear()
        _tests[id(shape)] = shape, _made(shape)
    return _tests[id(shape)][1]


_MOST = 1000  # shapes whose tests are kept: of shapes that are made for one call, however many
_tests: dict[int, tuple[Shape, Test]] = {}  # by the identity of the shape, which is kept


def _made(shape: Shape) -> Test:
    if shape is IP:
        return is_address
    if shape is CIDR:
        return is_block
    if isinstance(shape, type):
        return partial(_is_of, shape)
    if isinstance(shape, Mapping):
        return _test_of_fields(shape)
    each = test_of(shape[0])
    return lambda value: isinstance(value, list) and all(map(each, value))


def _is_of(kind: type, value: Any) -> bool:
    return value.__class__ is kind or is_of_type(value, kind)


def _test_of_fields(shape: Fields) -> Test:
    """The test of an object; a value of just the type that is wanted is passed at once."""
    wanted = [(name.removesuffix("?"), inner, test_of(inner), name.endswith("?")) for name, inner in shape.items()]

    def is_one(value: Any) -> bool:
        if value.__class__ is not dict and not isinstance(value, Mapping):
            return False
        for field, kind, test, may_miss in wanted:
            each = value.get(field)
            if each is None:
                if not may_miss:
                    return False
            elif each.__class__ is not kind and not test(each):
                return False
        return True

    return is_one


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
