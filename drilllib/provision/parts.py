"""The parts that a drill is made of, in the order in which they are made, and the request that makes each."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from drilllib import documents
from drilllib.core.capture.asks import CloudCall, KubernetesRead
from drilllib.core.capture.calls import NAMESPACES, SERVICES, TKE, TKE_2022, VPC
from drilllib.deploy import manifests
from drilllib.guard import marks
from drilllib.provision.site import Site
from drilllib.provision.starts import PORT

ADD_ON = "eniipamd"
DEPLOYMENTS = KubernetesRead("apps", "v1", "deployments", "Deployment")
POOLS = ("front", "back")  # the CLB sends to front only, and the pod runs on back
WORKLOAD = "web"  # what the Deployment and the Service are called
Objects = dict["Kind", tuple[KubernetesRead, dict[str, Any]]]
DISK = ("CLOUD_PREMIUM", 50)  # kind, GB


class Kind(StrEnum):
    """What a part is. The names stand in journals, and are never renamed."""

    GROUP = "group"
    ADD_ON = "add_on"
    POOL = "pool"
    NAMESPACE = "namespace"
    DEPLOYMENT = "deployment"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its *kind*, the *name* it is found by, its *role* in the drill, whether the cloud charges for it."""

    kind: Kind
    name: str
    role: str
    is_charged: bool = False


def parts_of(site: Site) -> tuple[Part, ...]:
    """
    All parts, in the order in which they are made.

    Groups come with their rules, before nodes that would start without any; the add-on's list before the nodes, because
    nodes that are there keep theirs; the workload once its nodes are there.
    """
    groups = [Part(Kind.GROUP, marks.name_of(site.drill, role), role) for role in marks.ROLES]
    pools = [Part(Kind.POOL, marks.name_of(site.drill, role), role, is_charged=True) for role in POOLS]
    return (
        *groups,
        Part(Kind.ADD_ON, ADD_ON, "pod"),
        *pools,
        Part(Kind.NAMESPACE, site.namespace, ""),
        Part(Kind.DEPLOYMENT, WORKLOAD, ""),
        Part(Kind.SERVICE, WORKLOAD, "", is_charged=True),
    )


def group_call(site: Site, part: Part) -> CloudCall:
    """The call that makes a group with its rules: there is no moment at which it has none."""
    every = site.start.rules(site.clients, site.node_blocks)[part.role]
    lists = {direction: rules for direction, rules in every.items() if rules}
    more = {marks.PART: part.role}
    more |= {marks.BEFORE: setting_text(site.setting)} if part.role == "pod" else {}
    return CloudCall.of(
        *VPC,
        "CreateSecurityGroupWithPolicies",
        GroupName=part.name,
        GroupDescription=f"drilllib, group {marks.ROLES.index(part.role) + 1}",
        SecurityGroupPolicySet=lists,
        Tags=marks.pairs(marks.tags(site.drill, site.until, **more)),
    )


def pool_call(site: Site, part: Part, node_group: str) -> CloudCall:
    """The call that makes a pool of one node, as terraform/node_pools.tf does."""
    tags = marks.pairs(marks.tags(site.drill, site.until))
    labels = [{"Name": "drill", "Value": part.role}, {"Name": marks.DRILL, "Value": site.drill}]
    native = {
        "SubnetIds": list(site.subnets),
        "SecurityGroupIds": [node_group],
        "Replicas": 1,
        "EnableAutoscaling": False,
        "AutoRepair": False,
        "Scaling": {"MinReplicas": 1, "MaxReplicas": 1, "CreatePolicy": "ZonePriority"},
        "MachineType": "NativeCVM",
        "InstanceTypes": list(site.instance_types),
        "InstanceChargeType": "POSTPAID_BY_HOUR",
        "SystemDisk": {"DiskType": DISK[0], "DiskSize": DISK[1]},
    }
    return CloudCall.of(
        *TKE_2022,
        "CreateNodePool",
        ClusterId=site.cluster,
        Name=part.name,
        Type="Native",
        DeletionProtection=False,
        Labels=labels,
        Tags=[{"ResourceType": "machine", "Tags": tags}],
        Native=native,
    )


def setting_call(cluster: str, groups: tuple[str, ...] | None) -> CloudCall:
    """
    The call that sets the add-on's list of groups, None switches them off; its other values stay.

    What was never set is switched off by it too, which is the add-on's default.
    """
    setting = {"enableSecurityGroups": groups is not None, "securityGroups": list(groups or ())}
    values = json.dumps({"vpcCni": {"securityGroups": setting}}, sort_keys=True)
    return CloudCall.of(
        *TKE,
        "UpdateAddon",
        ClusterId=cluster,
        AddonName=ADD_ON,
        UpdateStrategy="merge",
        RawValues=base64.b64encode(values.encode()).decode(),
    )


def setting_text(groups: tuple[str, ...] | None) -> str:
    """The add-on's setting as a tag's value: off, or on with its groups."""
    return "off" if groups is None else "/".join(("on", *groups))


def setting_of(text: str) -> tuple[str, ...] | None:
    """The setting that a tag's value says."""
    return None if text == "off" else tuple(text.split("/")[1:])


def objects_of(site: Site, groups: Mapping[str, str]) -> Objects:
    """The objects of the workload with where each belongs: the manifests, marked, in the drill's namespace."""
    values = manifests.settle(None, _values(site, groups))
    texts = manifests.render(values)
    service = "service-http.yaml" if site.start.listener == "HTTP" else "service-tcp.yaml"
    return {
        Kind.NAMESPACE: (NAMESPACES, _marked(site, texts["namespace.yaml"], {"name": site.namespace})),
        Kind.DEPLOYMENT: (_in(DEPLOYMENTS, site), _listening(site, _marked(site, texts["deployment.yaml"]))),
        Kind.SERVICE: (_in(SERVICES, site), _marked(site, texts[service])),
    }


def _values(site: Site, groups: Mapping[str, str]) -> dict[str, str]:
    ids = {f"{role}_security_group": groups[role] for role in marks.ROLES}
    ports = {f"{name}_port": str(getattr(site.start.ports, name)) for name in ("listener", "node", "pod")}
    return {"region": site.region, "cluster_id": site.cluster, **ids, **ports}


def _listening(site: Site, deployment: dict[str, Any]) -> dict[str, Any]:
    """The Deployment, whose nginx listens on the pod's port where that is not its own."""
    if site.start.ports.pod != PORT:
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        change = f"s/listen  *{PORT};/listen {site.start.ports.pod};/"
        container["command"] = [
            "sh",
            "-c",
            f"sed -i '{change}' /etc/nginx/conf.d/default.conf && exec nginx -g 'daemon off;'",
        ]
    return deployment


def _in(kind: KubernetesRead, site: Site) -> KubernetesRead:
    return KubernetesRead(kind.group, kind.version, kind.resource, kind.kind, site.namespace)


def _marked(site: Site, text: str, metadata: Mapping[str, str] | None = None) -> dict[str, Any]:
    item: dict[str, Any] = documents.yaml_document(text, "the manifest")
    own = item["metadata"]
    own |= metadata or {"namespace": site.namespace}
    own["labels"] = {**own.get("labels", {}), **marks.tags(site.drill, site.until)}
    return item
