"""
Labels and selectors (section 6 of docs/model.md); an answer is True, False, or None where nobody knows.

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from collections.abc import Iterable

Labels = dict[str, str] | None  # None: not read


def policy_selects(policy: dict, namespace: str | None, pod: dict | None) -> bool:
    """
    Whether a SecurityGroupPolicy is about a pod, or may be.

    Of a Pod that was not read the labels are not known. A policy without a podSelector selects by something else.
    """
    if policy["metadata"]["namespace"] != namespace:
        return False
    selector = policy["spec"].get("podSelector") or {}
    return fits(selector, None if pod is None else pod["metadata"].get("labels") or {}) is not False


def fits(selector: dict, labels: Labels) -> bool | None:
    """Whether labels fit both parts of a selector; everything fits one that asks for nothing."""
    wanted = selector.get("matchLabels") or {}
    has_them = (None if labels is None else labels.get(key) == value for key, value in wanted.items())
    return all_of([*has_them, *(holds(item, labels) for item in selector.get("matchExpressions") or [])])


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """Whether all of several hold."""
    found = set(answers)
    return False if False in found else None if None in found else True


def holds(expression: dict, labels: Labels) -> bool | None:
    """One of the four operators of Kubernetes; what a missing label is, is not in any list."""
    if labels is None:
        return None
    value, values = labels.get(expression["key"]), expression.get("values") or []
    return {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }.get(expression["operator"])
