"""A document is refused just where a field that is read has another type, however it got there."""

import sys
from collections.abc import Mapping
from contextlib import nullcontext
from ipaddress import ip_address, ip_network
from random import Random
from typing import Any

import pytest
from worlds import world
from worlds_crowds import crowded

from drilllib.core.snapshot import schema
from drilllib.core.snapshot.kinds import is_proxied, kind_of
from drilllib.core.snapshot.shapes import CIDR, IP, Shape, require_shape
from drilllib.errors import InvalidInputError
from tests.thorough import how_many

VALUES = (
    None,
    True,
    False,
    0,
    1,
    2.5,
    "",
    "TCP",
    "10.0.0.1",
    "10.0.0.0/8",
    "fe80::1%eth0",
    [],
    ["a"],
    [1],
    {},
    {"a": 1},
)


def fits(value: Any, shape: Shape) -> bool:
    """Witness: what the text of shapes.py says, as plainly as it can be said."""
    if isinstance(shape, Mapping):
        return isinstance(value, Mapping) and all(field_fits(value, name, inner) for name, inner in shape.items())
    if not isinstance(shape, type):
        return isinstance(value, list) and all(fits(each, shape[0]) for each in value)
    if shape in (IP, CIDR):
        return isinstance(value, str) and is_written(value, shape)
    return isinstance(value, shape) and not (shape is int and isinstance(value, bool))


def field_fits(item: Mapping[str, Any], name: str, inner: Shape) -> bool:
    value = item.get(name.removesuffix("?"))
    return name.endswith("?") if value is None else fits(value, inner)


def is_written(text: str, shape: Shape) -> bool:
    try:
        return bool(ip_network(text, strict=False) if shape is CIDR else "%" not in text and ip_address(text))
    except ValueError:
        return False


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a document: what is around it, and its key there."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in ((value, key), *places(value[key]))]


def shapes_of(document: dict[str, Any]) -> list[tuple[Any, Shape]]:
    """All that is looked at in a document, with its shape."""
    found: list[tuple[Any, Shape]] = [(document, schema.SNAPSHOT)]
    if not fits(*found[0]):
        return found
    found += [(each, [schema.LISTENER]) for each in (document.get("listeners") or {}).values()]
    found += [
        (each, wanted) for part, wanted in schema.TEMPLATES.items() for each in (document.get(part) or {}).values()
    ]
    items = (each for each in document.get("kubernetes") or () if is_proxied(each))
    return [*found, *((each, schema.KUBERNETES.get(kind_of(each), {})) for each in items)]


@pytest.mark.parametrize("seed", range(how_many(20, thorough=60)))
def test_a_document_is_refused_just_where_a_field_is_of_another_type(seed: int) -> None:
    random = Random(seed)
    for _ in range(8):
        document = crowded(world(seed)).document
        around, key = random.choice(places(document))
        around[key] = random.choice(VALUES)
        wanted = all(fits(value, shape) for value, shape in shapes_of(document))
        with nullcontext() if wanted else pytest.raises(InvalidInputError):
            schema.require_shapes(document)


def test_the_place_is_named() -> None:
    with pytest.raises(InvalidInputError, match=r"thing\.list\[1\]\.port is True"):
        require_shape({"list": [{"port": 80}, {"port": True}]}, {"list": [{"port?": int}]}, "thing")
    with pytest.raises(InvalidInputError, match=r"thing\.list\[0\] has no port"):
        require_shape({"list": [{}]}, {"list": [{"port": int}]}, "thing")


def test_shapes_that_are_made_for_one_call_are_told_apart() -> None:
    """Python gives the place of one that is gone to another."""
    value = {"name": "a"}
    for _ in range(30):
        require_shape(value, {"name": str}, "thing")
        with pytest.raises(InvalidInputError, match="a whole number"):
            require_shape(value, {"name?": int}, "thing")


def test_however_many_shapes_are_made_few_are_kept() -> None:
    made = [{str(number): str} for number in range(3000)]
    for each in made:
        require_shape(dict.fromkeys(each, "a"), each, "thing")
    here = 3  # references: from the list, the name of the loop, and the call
    assert sum(sys.getrefcount(each) > here for each in made) <= 1000
