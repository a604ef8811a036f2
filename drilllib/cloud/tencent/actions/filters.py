"""Lists in answers: filters, pages, and objects with the fields that the vendor always gives."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from drilllib.cloud.tencent.call import Call
from drilllib.cloud.tencent.errors import ApiError, together

Item = TypeVar("Item")
Values = Callable[[Any], Iterable[object]]
Tags = Callable[[Any], Iterable[tuple[str, str]]]
LONGEST_PAGE = 100


def page(call: Call, items: Sequence[Item], *, default: int = 20, most: int = LONGEST_PAGE) -> list[Item]:
    """
    The part of *items* that Offset and Limit ask for. Some services write both as texts.

    Raises:
        ApiError: InvalidParameterValue where one is no number, InvalidParameterValue.Range where it is out of range.
    """
    offset, limit = _number(call, "Offset", 0), _number(call, "Limit", default)
    if (limit < 1 and limit != 0) or limit > most or offset < 0:
        raise ApiError("InvalidParameterValue.Range", f"`Limit` has to be from 1 to {most}, and `Offset` from 0.")
    return list(items[offset : offset + (limit or default)])


def _number(call: Call, name: str, default: int) -> int:
    value = call.params.get(name, default)
    if isinstance(value, str) and not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise ApiError("InvalidParameterValue", f"The value `{value}` of the parameter `{name}` is no number.")
    return int(value)


def require_one_way(call: Call, ids: str) -> None:
    """Raises ApiError where objects are asked for by id and by filter."""
    if call.params.get(ids) and call.params.get("Filters"):
        raise together(ids, "Filters")


def filtered(call: Call, items: Iterable[Item], known: Mapping[str, Values], tags: Tags | None = None) -> list[Item]:
    """
    The items that pass every filter; a filter passes what has one of its values.

    *known* names the filters and what they look at; *tags* gives an item's (key, value) pairs for the filters
    tag-key and tag:KEY.

    Raises:
        ApiError: InvalidParameter.FilterInvalidKey where a filter is unknown.
    """
    found = list(items)
    for each in call.params.get("Filters") or ():
        values_of = _values_of(each["Name"], known, tags)
        wanted = set(each["Values"])
        found = [item for item in found if wanted & {_text(value) for value in values_of(item)}]
    return found


def _values_of(name: str, known: Mapping[str, Values], tags: Tags | None) -> Values:
    if name in known:
        return known[name]
    if tags is not None and name == "tag-key":
        return lambda item: [key for key, _ in tags(item)]
    if tags is not None and name.startswith("tag:"):
        return lambda item: [value for key, value in tags(item) if key == name.removeprefix("tag:")]
    raise ApiError("InvalidParameter.FilterInvalidKey", f"The filter `{name}` is not supported.")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def field(*path: str) -> Values:
    """What a filter looks at: a field, or a field inside fields, one value or a list of them."""

    def values(item: Any) -> Iterable[object]:
        for name in path:
            item = (item or {}).get(name)
        return item if isinstance(item, list) else [] if item is None else [item]

    return values


def key_value_tags(name: str = "TagSet") -> Tags:
    """The tags of an object that lists them as Key and Value."""
    return lambda item: [(tag["Key"], tag.get("Value", "")) for tag in item.get(name) or ()]


def filled(item: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """*item* with the fields of *defaults*, in their order, where it does not have them; objects in it likewise."""
    found = dict(item)
    for name, default in defaults.items():
        own = item.get(name)
        found[name] = filled(own, default) if isinstance(own, dict) and isinstance(default, dict) else own
        if own is None:
            found[name] = default
    return found
