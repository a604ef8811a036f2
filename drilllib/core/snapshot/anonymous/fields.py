"""
Which fields of a snapshot stay, and as what each text in them is replaced: as a name, an address, a domain name.

What the tables of `ledger` call read stays, with the few fields that only repairs look at (`_BESIDE`). Of a field that
is fine for some values only, an odd text becomes `WITHHELD`, which is as odd; so does what no table names.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from drilllib.core.snapshot.ledger.clb import (
    BACKEND,
    HEALTH_CHECK,
    LISTENER,
    LOAD_BALANCER,
    RULE_OUTPUT,
    TARGET_HEALTH,
)
from drilllib.core.snapshot.ledger.cloud import (
    ADDRESS_TEMPLATE,
    ADDRESS_TEMPLATE_GROUP,
    CLUSTER,
    INSTANCE,
    NETWORK_INTERFACE,
    SECURITY_GROUP,
    SECURITY_GROUP_POLICY,
    SERVICE_TEMPLATE,
    SERVICE_TEMPLATE_GROUP,
    SUBNET,
)
from drilllib.core.snapshot.ledger.kubernetes import KUBERNETES_KINDS
from drilllib.core.snapshot.ledger.tables import Kind, Tree

LISTS = {
    "load_balancers": LOAD_BALANCER,
    "instances": INSTANCE,
    "network_interfaces": NETWORK_INTERFACE,
    "subnets": SUBNET,
}
BY_ID = {  # parts that map ids to objects, with what the ids are of
    "listeners": (LISTENER, "lb"),
    "security_groups": (SECURITY_GROUP, "sg"),
    "address_templates": (ADDRESS_TEMPLATE, "ipm"),
    "address_template_groups": (ADDRESS_TEMPLATE_GROUP, "ipmg"),
    "service_templates": (SERVICE_TEMPLATE, "ppm"),
    "service_template_groups": (SERVICE_TEMPLATE_GROUP, "ppmg"),
}
ONE = {"cluster": CLUSTER}
WORKLOADS = ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")
_WORKLOAD = "spec.template.metadata.labels spec.selector metadata.name metadata.namespace"
KUBERNETES = {
    **{kind.name.partition(" ")[0]: kind for kind in KUBERNETES_KINDS},
    **{name: Kind(name, "", read=_WORKLOAD, harmless="*") for name in WORKLOADS},
}
INNER = {  # tables of objects in a field of another one
    ("Listener", "HealthCheck"): HEALTH_CHECK,
    ("Listener", "Rules"): RULE_OUTPUT,
    ("Listener", "Targets"): BACKEND,
    ("RuleOutput", "HealthCheck"): HEALTH_CHECK,
    ("RuleOutput", "Targets"): BACKEND,
    ("ListenerHealth", "Targets"): TARGET_HEALTH,
    ("SecurityGroup", "Ingress"): SECURITY_GROUP_POLICY,
    ("SecurityGroup", "Egress"): SECURITY_GROUP_POLICY,
}
_OF_OBJECTS = "apiVersion kind metadata.creationTimestamp metadata.ownerReferences"
_BESIDE = {
    "Cluster": "ClusterId",
    "Service": "spec.selector",
}
_ROLES = {
    "plain": """
        Protocol Port PortRange Action Version AddressIPVersion Type HttpCode RewriteType NetworkType VpcCniType
        ClusterVersion EnableDefaultDirectAccess KubeProxyMode HealthStatusDetail HealthStatusDetial Service ServiceSet
        apiVersion kind protocol ipMode externalTrafficPolicy kubeProxyVersion kubeletVersion operator policyTypes
        status creationTimestamp restartPolicy Url internalTrafficPolicy
    """,
    "address": """
        LoadBalancerVips AddressIPv6 Ip IP PrivateIpAddresses IPv6Addresses PrivateIpAddress Address CidrBlock
        Ipv6CidrBlock AddressSet ip podIP hostIP addresses externalIPs loadBalancerSourceRanges cidr except clusterIP
        clusterIPs PublicIpAddresses PublicIpAddress
    """,
    "domain": "LoadBalancerDomain Domain Domains hostname",
    "key": "type key conditionType",
    "lb": "LoadBalancerId",
    "lbl": "ListenerId TargetListenerId",
    "loc": "LocationId TargetLocationId",
    "ins": "InstanceId TargetId",
    "eni": "NetworkInterfaceId",
    "sg": "SecureGroups SecurityGroupIds SecurityGroupId GroupSet groupIds securityGroups",
    "subnet": "SubnetId",
    "vpc": "VpcId",
    "cls": "ClusterId",
    "ipm": "AddressId AddressTemplateIdSet",
    "ipmg": "AddressGroupId",
    "ppm": "ServiceId ServiceTemplateIdSet",
    "ppmg": "ServiceGroupId",
    "node": "InstanceName nodeName address",
    "ns": "namespace",
    "port": "targetPort port",
    "value": "values",
}
ROLE: Mapping[str, str] = {key: role for role, keys in _ROLES.items() for key in keys.split()}
LABELS = frozenset(("labels", "matchLabels", "selector"))
PLAIN = re.compile(r"[A-Za-z0-9,:;*_./=^~ +()|$?\[\]{}\\-]{0,2000}")


@cache
def tree_of_read(kind: Kind) -> Tree:
    """What stays of an object of this kind, as `Kind.tree` writes it."""
    beside = _BESIDE.get(kind.name, "")
    if kind in KUBERNETES.values():
        beside = f"{beside} {_OF_OBJECTS}"
    return replace(kind, read=f"{kind.read} {beside}", harmless="", fine={}, notes={}).tree


def name_role(path: tuple[str, ...], kind: str) -> str:
    """What a field `name` at that place is the name of."""
    above = path[-2] if len(path) > 1 else ""
    known = {"metadata": kind.lower(), "ports": "port", "forZones": "zone", "forNodes": "node", "targetRef": "pod"}
    return known.get(above, "name")
