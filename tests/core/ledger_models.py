"""The vendor's and Kubernetes' own types, read for their fields: SDK models and the models of the Kubernetes client."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Tree = Mapping[str, Any]
NEW = "NewField"


def sdk_fields(model: type) -> dict[str, type | None]:
    """The properties of an SDK model, each with the model of what it holds; None for plain values."""
    found = {}
    for name, value in vars(model).items():
        if isinstance(value, property):
            held = re.search(r":rtype:\s*(?:list of |:class:`[\w.]*\.)(\w+)", value.__doc__ or "")
            module = __import__(model.__module__, fromlist=["models"])
            found[name] = getattr(module, held[1], None) if held else None
    return found


def kubernetes_fields(model: Any) -> dict[str, type | None]:
    """The same of a model of the Kubernetes client."""
    from kubernetes.client import models  # slow to load

    types: dict[str, str] = model.openapi_types
    names: dict[str, str] = model.attribute_map
    return {names[name]: getattr(models, re.sub(r"List\[(\w+)\]", r"\1", held), None) for name, held in types.items()}


def fields_of(model: type) -> dict[str, type | None]:
    """The fields of either."""
    return kubernetes_fields(model) if hasattr(model, "openapi_types") else sdk_fields(model)


def unlisted(tree: Tree, model: type, at: str = "") -> Iterator[str]:
    """The fields of a model that a table does not name, as deep as the table goes."""
    for name, held in fields_of(model).items():
        rule = tree.get(name, tree.get("*", NEW))
        if rule == NEW:
            yield at + name
        elif isinstance(rule, dict) and held is not None:
            yield from unlisted(rule, held, f"{at}{name}.")


def invented(tree: Tree, model: type, at: str = "") -> Iterator[str]:
    """The fields of a table that a model does not have."""
    fields = fields_of(model)
    for name, rule in tree.items():
        if name not in fields and name != "*":
            yield at + name
        elif isinstance(rule, dict) and fields.get(name) is not None:
            yield from invented(rule, fields[name], f"{at}{name}.")
