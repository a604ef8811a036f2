"""
What parameters an action takes. A parameter that the vendor does not have is an error, never a silent success.

A shape is a type, a list with the shape of its items, or an object of field names; a name that ends in ``?`` may be
missing. `LEFT_OUT` stands for a parameter that the vendor has and this stand-in does not act on.
"""

from collections.abc import Mapping
from typing import Any

from drilllib.cloud.tencent.errors import ApiError, left_out, missing
from drilllib.core.snapshot.shapes import is_of_type

LEFT_OUT = object()
FILTERS = [{"Name": str, "Values": [str]}]
TAGS = [{"Key": str, "Value?": str}]
_EMPTY: tuple[Any, ...] = (None, "", {})


def tidied(value: Any) -> Any:
    """
    Without the fields that say nothing: null, "" and {} mean the same as a field that is not there.

    The Terraform provider sends them for the halves of a choice that are not used. An empty list stays.
    """
    if isinstance(value, Mapping):
        fields = {name: tidied(field) for name, field in value.items()}
        return {name: field for name, field in fields.items() if field not in _EMPTY}
    return [tidied(item) for item in value] if isinstance(value, list) else value


def require_known(value: Any, shape: Any, where: str = "") -> None:
    """Raises ApiError where a name or a type does not fit; *value* is what was sent, before it was tidied."""
    if value is None:
        return
    if shape is LEFT_OUT:
        if value not in ("", {}, []):
            raise left_out(f"the parameter `{where}`")
    elif isinstance(shape, list):
        _require_type(value, list, where)
        for place, item in enumerate(value):
            if item is None:
                told = f"The type of the value of parameter `{where}.{place}` is not valid."
                raise ApiError("InvalidParameter", told)
            require_known(item, shape[0], f"{where}.{place}")
    elif isinstance(shape, dict):
        _require_type(value, dict, where)
        _require_names(value, shape, where)
    else:
        _require_type(value, shape, where)


def require_complete(value: Any, shape: Any, where: str = "") -> None:
    """Raises ApiError where a required parameter is missing; *value* has been tidied."""
    if isinstance(shape, list) and isinstance(value, list):
        for place, item in enumerate(value):
            require_complete(item, shape[0], f"{where}.{place}")
    elif isinstance(shape, dict):
        for name, inner in shape.items():
            field, path = name.removesuffix("?"), f"{where}.{name.removesuffix('?')}".lstrip(".")
            if field in value:
                require_complete(value[field], inner, path)
            elif field == name:
                raise missing(path)


def _require_names(value: Mapping[str, Any], shape: Mapping[str, Any], where: str) -> None:
    known = {name.removesuffix("?"): inner for name, inner in shape.items()}
    for name, field in value.items():
        path = f"{where}.{name}".lstrip(".")
        if name not in known:
            raise ApiError("UnknownParameter", f"The parameter `{path}` is not recognized.")
        require_known(field, known[name], path)


def _require_type(value: Any, wanted: type, where: str) -> None:
    if not is_of_type(value, wanted):
        raise ApiError("InvalidParameter", f"The type of the value of parameter `{where}` is not valid.")
