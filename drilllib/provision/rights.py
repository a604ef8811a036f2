"""The least rights to make and to remove a drill: a policy of CAM and a ClusterRole. Nothing of it was tried on CAM."""

import json
from typing import Any

ROLE = "drill-up"
# As CAM spells them: calls about security groups are checked as CVM's [215/35499, 598/69910, 598/70052].
CAM_ACTIONS = (
    *("cvm:DescribeSecurityGroups", "cvm:DescribeSecurityGroupLimits", "cvm:CreateSecurityGroupWithPolicies"),
    *("cvm:DescribeSecurityGroupAssociationStatistics", "cvm:DeleteSecurityGroup"),
    *("vpc:DescribeSubnetEx", "vpc:DescribeSubnet"),
    *("tke:DescribeClusters", "tke:DescribeClusterInstances", "tke:DescribeAddon", "tke:UpdateAddon"),
    *("tke:DescribeNodePools", "tke:CreateNodePool", "tke:DeleteNodePool"),
)
_WRITTEN = ["get", "list", "create", "delete"]
# To see before the namespace goes that nothing of others is in it, Secrets and custom resources too. Without it the
# namespace stays, and everything else is made and removed.
EVERYTHING = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["list"]}


def cam_text() -> str:
    """The CAM policy, as JSON for the console."""
    allowed = {"effect": "allow", "action": sorted(CAM_ACTIONS), "resource": ["*"]}
    return json.dumps({"version": "2.0", "statement": [allowed]}, indent=2)


def role() -> dict[str, Any]:
    """The ClusterRole: of the cluster, because the drill's namespace is not there before."""
    rules = [
        {"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]},
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["namespaces", "services"], "verbs": _WRITTEN},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": _WRITTEN},
        EVERYTHING,
    ]
    api = "rbac.authorization.k8s.io/v1"
    return {"apiVersion": api, "kind": "ClusterRole", "metadata": {"name": ROLE}, "rules": rules}
