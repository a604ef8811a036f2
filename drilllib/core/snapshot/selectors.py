"""Label selectors of Kubernetes: matchLabels and matchExpressions, all of which have to fit [meta/v1 LabelSelector]."""

from collections.abc import Mapping
from typing import Any


def may_select(selector: Mapping[str, Any], labels: Mapping[str, Any] | None) -> bool:
    """Does it select something with these labels, or may it, because they were not read (None)?"""
    return selects(selector, labels) is not False


def selects(selector: Mapping[str, Any], labels: Mapping[str, Any] | None) -> bool | None:
    """
    Does it select something with these labels? None where they were not read, or an operator is not known.

    A selector that asks for nothing selects everything.
    """
    wanted, expressions = (selector.get("matchLabels") or {}), selector.get("matchExpressions") or ()
    if labels is None:
        return None if wanted or expressions else True
    found = [wanted.items() <= labels.items(), *(_fits(each, labels) for each in expressions)]
    if False in found:
        return False
    return None if None in found else True


def _fits(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool | None:
    """One requirement; an operator that is not known may fit."""
    value, values = labels.get(expression.get("key", "")), expression.get("values") or ()
    match expression.get("operator"):
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return None
