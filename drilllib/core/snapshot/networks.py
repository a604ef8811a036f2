"""Which kind of network a cluster is in: how its pods have addresses, and whether that is modelled."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.snapshot.cluster import (
    GLOBAL_ROUTER,
    VPC_CNI,
    cni_type,
    network_type,
    unreadable_property,
    vpc_of,
)
from drilllib.core.snapshot.global_router import RoutedInterfaces
from drilllib.core.snapshot.interfaces import EXCLUSIVE_ENI, SHARED_ENI, Interfaces
from drilllib.core.snapshot.kubernetes import KubernetesObjects
from drilllib.core.snapshot.resources import Node


def is_routed(cluster: Mapping[str, Any]) -> bool:
    """Is it a GlobalRouter cluster, whose pods stand behind their nodes?"""
    return network_type(cluster) == GLOBAL_ROUTER


def unknown_network(cluster: Mapping[str, Any]) -> Fact | None:
    """What of a cluster's network is not modelled; None where all is."""
    network, mode = network_type(cluster), cni_type(cluster)
    if network not in (VPC_CNI, GLOBAL_ROUTER):
        return fact(FactCode.POD_NETWORK, network=network)
    if mode not in (SHARED_ENI, EXCLUSIVE_ENI, None):
        return fact(FactCode.ENI_MODE, mode=mode)
    return unreadable_property(cluster)


def interfaces_of(
    cluster: Mapping[str, Any],
    items: Iterable[Mapping[str, Any]],
    nodes: Sequence[Node],
    kubernetes: KubernetesObjects,
) -> Interfaces:
    """The interfaces of a cluster's nodes and pods; *items* are the NetworkInterface objects."""
    kind = RoutedInterfaces if is_routed(cluster) else Interfaces
    return kind(items, nodes, kubernetes, cni_type(cluster), vpc_of(cluster, nodes))
