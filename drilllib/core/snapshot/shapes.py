"""
Is a document of the shape we read? Fields we do not read are never looked at.

A shape is a type, a list with the shape of its items, or an object of field names; a name that ends in ``?`` may be
missing or null, because the vendor's API returns null for many fields.
"""

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import Any, TypeAlias, TypeGuard

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
            require_shape(item, shape[0], f"{where}[{place}]")


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
            require_shape(value[field], inner, f"{where}.{field}")
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
