"""Label selectors of Kubernetes: matchLabels and matchExpressions, all of which have to fit [meta/v1 LabelSelector]."""

from collections.abc import Mapping
from typing import Any


def may_select(selector: Mapping[str, Any], labels: Mapping[str, Any] | None) -> bool:
    """Does it select something with these labels, or may it, because they were not read (None)?"""
    if labels is None:
        return True
    wanted = (selector.get("matchLabels") or {}).items()
    return wanted <= labels.items() and all(_fits(each, labels) for each in selector.get("matchExpressions") or ())


def _fits(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
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
    return True
