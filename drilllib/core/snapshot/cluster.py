"""The cluster's network, as DescribeClusters (TKE 2018-05-25) tells it: at the top, or in the text of `Property`."""

import json
import re
from collections.abc import Mapping
from typing import Any

VPC_CNI, GLOBAL_ROUTER = "VPC-CNI", "GlobalRouter"
_NAMES = {"GR": GLOBAL_ROUTER}


def network_type(cluster: Mapping[str, Any]) -> str:
    """VPC-CNI, GlobalRouter, CiliumOverlay ...; VPC-CNI where nothing tells."""
    told: str = cluster.get("NetworkType") or _property(cluster).get("NetworkType") or VPC_CNI
    return _NAMES.get(told, told)


def cni_type(cluster: Mapping[str, Any], default: str) -> str:
    """How VPC-CNI attaches pods' interfaces: tke-route-eni or tke-direct-eni."""
    return cluster.get("VpcCniType") or _property(cluster).get("VpcCniType") or default


def policies_hold(cluster: Mapping[str, Any]) -> bool | None:
    """Does an add-on enforce NetworkPolicies? None where nothing tells [TKE-NP]."""
    told: bool | None = (cluster.get("networkpolicy") or {}).get("enforced")
    return told


def minor_version(text: str | None) -> int | None:
    """The 28 of ``v1.28.3-tke.2`` or of ``1.28``; None where it cannot be read."""
    found = re.match(r"v?1\.(\d+)", text or "")
    return int(found[1]) if found else None


def _property(cluster: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object in the text of `Property`; empty where there is none that can be read."""
    try:
        found = json.loads(cluster.get("Property") or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
