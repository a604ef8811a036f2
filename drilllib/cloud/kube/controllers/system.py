"""What every cluster has: its namespaces, the `kubernetes` Service, tke-eni-ipamd, the controller's switches."""

import copy

from drilllib.cloud.kube.allocation import service_block
from drilllib.cloud.kube.controllers.super_nodes import is_super
from drilllib.cloud.kube.defaults import fill_defaults
from drilllib.cloud.kube.kinds import CONFIG_MAP, DEPLOYMENT, NAMESPACE, NODE, NODE_ENI_CONFIG, SERVICE, Kind
from drilllib.cloud.kube.objects import (
    Document,
    Object,
    Tools,
    cloud_part,
    find,
    name_of,
    namespace_of,
    new_object,
    node_address,
    objects,
    of_kind,
)

SYSTEM = "kube-system"
IPAMD = "tke-eni-ipamd"
CONTROLLER_CONFIG = "tke-service-controller-config"  # TKE-SW
IPAMD_IMAGE = "drilllib.invalid/tke-eni-ipamd:simulated"
VERSION = "1.32.2"  # where the snapshot's cluster has no ClusterVersion
_SIZE = {"cpu": "2", "memory": "4Gi", "pods": "61"}
_HTTPS = {"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}


def system(document: Document, tools: Tools) -> None:
    """Make what is missing of Kubernetes' own; what someone deletes comes back."""
    for name in ("default", SYSTEM):
        _ensure(document, tools, NAMESPACE, name, "")
    labels = {"component": "apiserver", "provider": "kubernetes"}
    address = str(service_block(document)[1])
    spec = {"type": "ClusterIP", "clusterIP": address, "clusterIPs": [address], "ports": [_HTTPS]}
    _ensure(document, tools, SERVICE, "kubernetes", "default", spec=spec, labels=labels)


def tke(document: Document, tools: Tools) -> None:
    """Make what is missing of TKE's part: the add-on's workload."""
    _ensure(document, tools, DEPLOYMENT, IPAMD, SYSTEM, spec=_ipamd(), labels={"k8s-app": IPAMD})


def nodes(document: Document, tools: Tools) -> list[str]:
    """Fill in what Nodes have not said. Returns the names of the Nodes that are gone since the last time."""
    current = of_kind(document, NODE)
    for node in current:
        node["metadata"].setdefault("labels", {}).setdefault("kubernetes.io/hostname", name_of(node))
        _fill_status(node.setdefault("status", {}), node["metadata"]["creationTimestamp"], version_of(document))
    known = cloud_part(document, "nodes", [])
    names = [name_of(node) for node in current]
    gone = [name for name in known if name not in names]
    document["cloud"]["nodes"] = names
    return gone


def machines(document: Document, tools: Tools) -> None:
    """Every Node says which instance it is on, by its address; as TKE writes it, but for the zone's number."""
    unnamed = [node for node in of_kind(document, NODE) if not (node.get("spec") or {}).get("providerID")]
    if not unnamed:
        return
    by_address = {each: item for item in document.get("instances") or () for each in item["PrivateIpAddresses"]}
    for node in unnamed:
        machine = by_address.get(node_address(node))
        if machine:
            zone = (machine.get("Placement") or {}).get("Zone") or f"{document.get('region') or 'ap-guangzhou'}-1"
            node.setdefault("spec", {})["providerID"] = f"qcloud:///{zone}/{machine['InstanceId']}"


def adopt_namespaces(document: Document, tools: Tools) -> None:
    """A snapshot need not hold the Namespaces that its objects are in."""
    for name in sorted({namespace_of(each) for each in objects(document) if each["metadata"].get("namespace")}):
        _ensure(document, tools, NAMESPACE, name, "")


def _fill_status(status: Object, since: str, version: str) -> None:
    """A node of 2 CPU and 4 GiB that is Ready, where nothing else was said; what there is no fact of is "simulated"."""
    made_up = dict.fromkeys(("osImage", "kernelVersion", "containerRuntimeVersion"), "simulated")
    empty = dict.fromkeys(("bootID", "machineID", "systemUUID", "kubeProxyVersion"), "")
    machine = {"architecture": "amd64", "operatingSystem": "linux"}
    status.setdefault("nodeInfo", {"kubeletVersion": f"v{version}", **made_up, **empty, **machine})
    for name in ("capacity", "allocatable"):
        status.setdefault(name, dict(_SIZE))
    status.setdefault("conditions", [{"type": "Ready", "status": "True", "reason": "KubeletReady"}])
    for condition in status["conditions"]:
        condition.setdefault("lastHeartbeatTime", since)
        condition.setdefault("lastTransitionTime", since)


def version_of(document: Document) -> str:
    """Kubernetes' version in the cluster."""
    return (document.get("cluster") or {}).get("ClusterVersion") or VERSION


def _ensure(document: Document, tools: Tools, kind: Kind, name: str, namespace: str, **parts: object) -> Object:
    item = find(document, kind, namespace, name)
    if item is None:
        item = new_object(kind, name, namespace, tools, **copy.deepcopy(parts))
        fill_defaults(kind, item)
        objects(document).append(item)
    return item


def _ipamd() -> Object:
    labels = {"k8s-app": IPAMD}
    container = {"name": IPAMD, "image": IPAMD_IMAGE}
    template = {"metadata": {"labels": labels}, "spec": {"hostNetwork": True, "containers": [container]}}
    return {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}


def switches(document: Document, tools: Tools) -> None:
    """The ConfigMap holds the switches; the snapshot's copy of them follows it."""
    cluster = document.get("cluster")
    if not isinstance(cluster, dict) or cluster.get("controller_config") is None:
        return
    item = _ensure(document, tools, CONFIG_MAP, CONTROLLER_CONFIG, SYSTEM, data=dict(cluster["controller_config"]))
    cluster["controller_config"] = dict(item.get("data") or {})


def eni_configs(document: Document, tools: Tools) -> dict[str, Object]:
    """The NodeENIConfig of each Node but super nodes, by its name; those of Nodes that are gone go too."""
    names = [name for node in of_kind(document, NODE) if not is_super(name := name_of(node))]
    stale = [item for item in of_kind(document, NODE_ENI_CONFIG) if name_of(item) not in names]
    document["kubernetes"] = [item for item in objects(document) if not any(item is each for each in stale)]
    return {name: _ensure(document, tools, NODE_ENI_CONFIG, name, "", spec={}) for name in names}
