"""What security groups are bound to in a snapshot's document."""

from collections.abc import Mapping
from typing import Any


def bindings(document: Mapping[str, Any]) -> dict[str, tuple[dict[str, Any], str]]:
    """Every resource of a snapshot document that groups are bound to, by id, with the field that lists them."""
    found = {item["LoadBalancerId"]: (item, "SecureGroups") for item in document.get("load_balancers") or ()}
    found |= {item["InstanceId"]: (item, "SecurityGroupIds") for item in document.get("instances") or ()}
    return found | {item["NetworkInterfaceId"]: (item, "GroupSet") for item in document.get("network_interfaces") or ()}
