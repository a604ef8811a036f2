"""The cluster's network, as DescribeClusters (TKE 2018-05-25) tells it: at the top, or in the text of `Property`."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.snapshot.resources import Node
from drilllib.errors import quoted

VPC_CNI, GLOBAL_ROUTER = "VPC-CNI", "GlobalRouter"
IPTABLES, IPVS = "iptables", "ipvs"
_NAMES = {"GR": GLOBAL_ROUTER}


def network_type(cluster: Mapping[str, Any]) -> str:
    """VPC-CNI, GlobalRouter, CiliumOverlay ...; VPC-CNI where nothing tells."""
    told: str = cluster.get("NetworkType") or _property(cluster).get("NetworkType") or VPC_CNI
    return _NAMES.get(told, told)


def cni_type(cluster: Mapping[str, Any]) -> str | None:
    """How VPC-CNI attaches pods' interfaces: tke-route-eni or tke-direct-eni; None where nothing tells."""
    told: str | None = cluster.get("VpcCniType") or _property(cluster).get("VpcCniType")
    return told or None


def unreadable_property(cluster: Mapping[str, Any]) -> Fact | None:
    """`Property`, where its text is no object and nothing else tells the network; None else."""
    text = cluster.get("Property")
    if not text or cluster.get("NetworkType") or _parsed(text) is not None:
        return None
    name = cluster.get("ClusterId") or "cluster"
    return fact(FactCode.FIELD_VALUE, field="Property", value=quoted(text, 80), object=name)


def vpc_of(cluster: Mapping[str, Any], nodes: Iterable[Node]) -> str | None:
    """The cluster's VPC: as it says, else the only one that its nodes' instances are in; None where nothing tells."""
    told: str | None = (cluster.get("ClusterNetworkSettings") or {}).get("VpcId")
    found = {node.vpc for node in nodes if node.name and node.vpc}
    return told or (found.pop() if len(found) == 1 else None)


def policies_hold(cluster: Mapping[str, Any]) -> bool | None:
    """Does an add-on enforce NetworkPolicies? None where nothing tells [TKE-NP]."""
    told: bool | None = (cluster.get("networkpolicy") or {}).get("enforced")
    return told


def kube_proxy_mode(cluster: Mapping[str, Any]) -> str | None:
    """How kube-proxy forwards: iptables or ipvs; None where nothing tells, or it is told otherwise [API-TKE]."""
    settings = cluster.get("ClusterNetworkSettings") or {}
    told = {each.lower() for each in (cluster.get("KubeProxyMode"), settings.get("KubeProxyMode")) if each}
    if isinstance(settings.get("Ipvs"), bool):
        told.add(IPVS if settings["Ipvs"] else IPTABLES)
    return told.pop() if len(told) == 1 and told <= {IPTABLES, IPVS} else None


@lru_cache(maxsize=1000)
def minor_version(text: str | None) -> int | None:
    """The 28 of ``v1.28.3-tke.2`` or of ``1.28``; None where it cannot be read."""
    found = re.match(r"v?1\.([0-9]{1,4})(?![0-9])", text or "")
    return int(found[1]) if found else None


def _property(cluster: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object in the text of `Property`; empty where there is none that can be read."""
    return _parsed(cluster.get("Property") or "{}") or {}


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    told = [found.get(name) or "" for name in ("NetworkType", "VpcCniType")] if isinstance(found, dict) else [None]
    return found if all(isinstance(each, str) for each in told) else None
