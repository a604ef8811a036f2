"""Annotations of a Service that its load balancer follows [TKE-SVC], and of a Pod that the add-on does."""

from collections.abc import Mapping
from typing import Any

DIRECT_ACCESS = "service.cloud.tencent.com/direct-access"
GROUPS = "service.cloud.tencent.com/security-groups"
LOAD_BALANCER_ID = "service.kubernetes.io/loadbalance-id"
EXISTING_LOAD_BALANCER_ID = "service.kubernetes.io/tke-existed-lbid"
SPECIFIED_PROTOCOL = "service.cloud.tencent.com/specify-protocol"
BACKENDS_LABEL = "service.kubernetes.io/qcloud-loadbalancer-backends-label"
ONLY_NODES_WITH_POD = "service.kubernetes.io/local-svc-only-bind-node-with-pod"  # under the policy Local
NETWORKS = "tke.cloud.tencent.com/networks"  # of a Pod [ENI-SH]
TOPOLOGY_MODES = ("service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints")
PASS_TO_TARGET = "service.cloud.tencent.com/pass-to-target"
PREVENT_LOOPBACK = "service.cloud.tencent.com/prevent-loopback"
MODE = "service.cloud.tencent.com/mode"
SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"


def direct_access_by_default(controller_config: Mapping[str, Any]) -> bool:
    """Does a Service without the annotation `DIRECT_ACCESS` get direct access [TKE-SW]?"""
    return (controller_config.get("EnableDefaultDirectAccess") or "").lower() == "true"
