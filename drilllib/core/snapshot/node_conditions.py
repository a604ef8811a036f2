"""Nodes of which their conditions say that nobody knows whether they forward, or that they cannot."""

from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.core.facts import Fact, FactCode, fact

# Kubernetes has lost contact with the node; its network is not set up [core/v1 NodeConditionType].
_TROUBLE = frozenset({("Ready", "Unknown"), ("NetworkUnavailable", "True")})


def trouble_of(node: Mapping[str, Any]) -> Iterator[Fact]:
    """Each condition of a Node object in which it may not forward, nor its pods be reached."""
    for each in (node.get("status") or {}).get("conditions") or ():
        if (each["type"], each["status"]) in _TROUBLE:
            shown = f"{each['type']} {each['status']}"
            yield fact(FactCode.NODE_CONDITION, node=node["metadata"]["name"], condition=shown)
