"""The cluster, its nodes and its kubeconfig, to be read only. API: TKE 2018-05-25; part `cluster`."""

import json
from collections.abc import Mapping
from typing import Any

from drilllib.cloud.kube.allocation import service_block
from drilllib.cloud.kube.controllers.system import version_of
from drilllib.cloud.tencent.actions import machines, networks
from drilllib.cloud.tencent.actions.filters import field, filled, filtered, page
from drilllib.cloud.tencent.actions.ids import require_few
from drilllib.cloud.tencent.call import Call, Document, action
from drilllib.cloud.tencent.errors import ApiError, not_found
from drilllib.cloud.tencent.schema import FILTERS

TKE = ("tke", "2018-05-25")
_SINCE = "2026-01-01T00:00:00Z"
_CLUSTER = {
    "ClusterName": "lab",
    "ClusterDescription": "",
    "ClusterOs": "tlinux3.1x86_64",
    "ClusterType": "MANAGED_CLUSTER",
    "ProjectId": 0,
    "TagSpecification": [],
    "ClusterStatus": "Running",
    "ClusterMaterNodeNum": 0,
    "ImageId": "",
    "OsCustomizeType": "GENERAL",
    "ContainerRuntime": "containerd",
    "CreatedTime": _SINCE,
    "DeletionProtection": False,
    "EnableExternalNode": False,
    "ClusterLevel": "L5",
    "AutoUpgradeClusterLevel": False,
    "QGPUShareEnable": False,
    "RuntimeVersion": "1.6.9",
    "ClusterEtcdNodeNum": 0,
    "CdcId": "",
    "IsHighAvailability": False,
    "ClusterCategory": None,
}
_NETWORK = {
    "ClusterCIDR": "",
    "IgnoreClusterCIDRConflict": False,
    "MaxNodePodNum": 64,
    "Ipvs": False,
    "Cni": True,
    "KubeProxyMode": "",
    "Subnets": None,
    "IgnoreServiceCIDRConflict": False,
    "IsDualStack": False,
    "Ipv6ServiceCIDR": "",
    "CiliumMode": "",
    "SubnetId": "",
    "DataPlaneV2": False,
}


def require_cluster(call: Call) -> Mapping[str, Any]:
    """The cluster of a request. Raises ApiError where it is not the one there is."""
    cluster = call.document.get("cluster") or {}
    if call.params["ClusterId"] != cluster.get("ClusterId"):
        raise not_found("cluster", call.params["ClusterId"], "ResourceNotFound.ClusterNotFound")
    return cluster


@action(
    *TKE,
    "DescribeClusters",
    {"ClusterIds?": [str], "Offset?": int, "Limit?": int, "Filters?": FILTERS, "ClusterType?": str},
)
def describe(call: Call) -> Mapping[str, Any]:
    """The one cluster there is, where it is asked for."""
    cluster = call.document.get("cluster") or {}
    every = [_shown(call.document, cluster)] if cluster.get("ClusterId") else []
    wanted, kind = call.params.get("ClusterIds"), call.params.get("ClusterType")
    chosen = [item for item in every if item["ClusterId"] in (wanted or [item["ClusterId"]])]
    chosen = [item for item in chosen if kind in (None, item["ClusterType"])]
    filters = {name: field(name) for name in ("ClusterName", "ClusterType", "ClusterStatus")}
    found = filtered(call, chosen, filters | {"vpc-id": field("ClusterNetworkSettings", "VpcId")})
    return {"Clusters": page(call, found), "TotalCount": len(found)}


def _shown(document: Document, cluster: Mapping[str, Any]) -> dict[str, Any]:
    """Our own notes on the cluster (controller_config, eniipamd) are no fields of the vendor's."""
    names = ("NetworkType", "VpcCniType")
    block = service_block(document)
    services = {"ServiceCIDR": str(block), "MaxClusterServiceNum": block.num_addresses}
    told = {"VpcId": networks.vpc_id(document), "KubeProxyMode": cluster.get("KubeProxyMode") or ""}
    network = {**_NETWORK, **services, **told}
    settings = {**filled(cluster.get("ClusterNetworkSettings") or {}, network), "ServiceCIDR": str(block)}
    known = {"ClusterId", "ClusterNetworkSettings", "ClusterVersion", "Property", *_CLUSTER}
    own = {name: value for name, value in cluster.items() if name in known}
    made = json.dumps({name: cluster[name] for name in names if cluster.get(name)})
    nodes = sum(item["kind"] == "Node" for item in document.get("kubernetes") or ())
    made_up = {**_CLUSTER, "ClusterVersion": version_of(document), "Property": made}
    return {**filled(own, made_up), "ClusterNetworkSettings": settings, "ClusterNodeNum": nodes}


@action(*TKE, "DescribeClusterKubeconfig", {"ClusterId": str, "IsExtranet?": bool})
def kubeconfig(call: Call) -> Mapping[str, Any]:
    """The kubeconfig of the cluster on this machine, for inside and outside alike."""
    require_cluster(call)
    if call.services.kubeconfig is None:
        raise ApiError("ResourceUnavailable.ClusterState", "The API server of the cluster has not been started.")
    return {"Kubeconfig": call.services.kubeconfig()}


@action(*TKE, "DescribeClusterEndpointStatus", {"ClusterId": str, "IsExtranet?": bool})
def endpoint_status(call: Call) -> Mapping[str, Any]:
    """Created where there is an API server, NotFound where there is none."""
    require_cluster(call)
    return {"Status": "Created" if call.services.kubeconfig else "NotFound", "ErrorMsg": ""}


@action(
    *TKE,
    "DescribeClusterInstances",
    {
        "ClusterId": str,
        "Offset?": int,
        "Limit?": int,
        "InstanceIds?": [str],
        "InstanceRole?": str,
        "Filters?": FILTERS,
    },
)
def instances(call: Call) -> Mapping[str, Any]:
    """The workers: a plain node by its instance, a native one by its machine's name."""
    require_cluster(call)
    wanted = call.params.get("InstanceIds") or []
    require_few("InstanceIds", wanted)
    workers = call.params.get("InstanceRole", "WORKER") in ("WORKER", "ALL")
    every = [_instance(item) for item in call.document.get("instances") or ()] if workers else []
    chosen = [item for item in every if not wanted or item["InstanceId"] in wanted]
    found = filtered(call, chosen, {"nodepool-id": field("NodePoolId")})
    return {"InstanceSet": page(call, found), "TotalCount": len(found)}


def _instance(item: Mapping[str, Any]) -> dict[str, Any]:
    pool = machines.pool_of(item)
    return {
        "InstanceId": item["InstanceName"] if pool else item["InstanceId"],
        "InstanceRole": "WORKER",
        "FailedReason": "",
        "InstanceState": "running",
        "DrainStatus": "",
        "CreatedTime": item.get("CreatedTime") or _SINCE,
        "LanIP": item["PrivateIpAddresses"][0],
        "NodePoolId": pool,
        "AutoscalingGroupId": "",
    }
