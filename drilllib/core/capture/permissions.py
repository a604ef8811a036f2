"""
The rights that an ask needs: actions as CAM spells them, and rules of Kubernetes' RBAC; and the least policy for them.

CAM's names do not follow the API: security groups are asked of VPC and checked as CVM's. Where two spellings are in the
vendor's own policies both are granted, since CAM refuses a policy with a name it does not know, one at a time: so every
name here is one that a vendor's policy has. Nothing of this has been tried against CAM.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drilllib.core.capture.asks import Ask, CloudCall, KubernetesRead
from drilllib.core.capture.calls import HTTP_ROUTES, INGRESSES, NAMESPACES, NODES, SERVICES
from drilllib.core.capture.kubernetes_reads import OF_A_NAMESPACE, SETTINGS
from drilllib.errors import Message
from drilllib.quoting import Option, shell_line

# CAM, pages 598/98118, 598/98194, 598/70052, 598/69910, 215/35499; templates and subnets by TKE's own role, 457/43416.
CAM_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "DescribeLoadBalancers": ("clb:DescribeLoadBalancers",),
    "DescribeListeners": ("clb:DescribeListeners",),
    "DescribeTargets": ("clb:DescribeTargets",),
    "DescribeTargetHealth": ("clb:DescribeTargetHealth",),
    "DescribeInstances": ("cvm:DescribeInstances",),
    "DescribeNetworkInterfaces": ("vpc:DescribeNetworkInterfaces",),
    "DescribeSubnets": ("vpc:DescribeSubnetEx", "vpc:DescribeSubnet"),
    "DescribeSecurityGroupPolicies": ("cvm:DescribeSecurityGroupPolicys",),
    "DescribeAddressTemplates": ("vpc:DescribeAddress",),
    "DescribeAddressTemplateGroups": ("vpc:DescribeAddressGroups",),
    "DescribeServiceTemplates": ("vpc:DescribeService",),
    "DescribeServiceTemplateGroups": ("vpc:DescribeServiceGroups",),
    "DescribeAddresses": ("cvm:DescribeAddresses", "vpc:DescribeAddresses"),
    "DescribeClusters": ("tke:DescribeClusters",),
    "DescribeClusterInstances": ("tke:DescribeClusterInstances",),
    "DescribeAddon": ("tke:DescribeAddon",),
}
# What `core.changes` sends, and what is read before it. 598/11097 spells the rights to rules in the singular; the rest
# is as the API has it, security groups as CVM's. Rules first, then groups of load balancers, machines, interfaces.
WRITES: Mapping[str, tuple[str, ...]] = {
    "DescribeSecurityGroups": ("cvm:DescribeSecurityGroups",),
    "DescribeSecurityGroupAssociationStatistics": ("cvm:DescribeSecurityGroupAssociationStatistics",),
    "CreateSecurityGroupPolicies": ("cvm:CreateSecurityGroupPolicy",),
    "DeleteSecurityGroupPolicies": ("cvm:DeleteSecurityGroupPolicy",),
    "SetLoadBalancerSecurityGroups": ("clb:SetLoadBalancerSecurityGroups",),
    "SetSecurityGroupForLoadbalancers": ("clb:SetSecurityGroupForLoadbalancers",),
    "ModifyInstancesAttribute": ("cvm:ModifyInstancesAttribute",),
    "AssociateSecurityGroups": ("cvm:AssociateSecurityGroups",),
    "DisassociateSecurityGroups": ("cvm:DisassociateSecurityGroups",),
    "ModifyNetworkInterfaceAttribute": ("vpc:ModifyNetworkInterfaceAttribute",),
    "AssociateNetworkInterfaceSecurityGroups": ("vpc:AssociateNetworkInterfaceSecurityGroups",),
    "DisassociateNetworkInterfaceSecurityGroups": ("vpc:DisassociateNetworkInterfaceSecurityGroups",),
}
# They look as if they only read, and issue certificates, hand out credentials or change RBAC: never called.
NEVER_CALLED = (
    *("DescribeClusterKubeconfig", "DescribeClusterCommonNames", "DescribeClusterSecurity"),
    *("DescribeEKSClusterCredential", "AcquireClusterAdminRole", "DescribeSecurityGroupExpandedPolicies"),
)
ROLE = "drill-capture"


def permissions(ask: Ask) -> tuple[str, ...]:
    """
    What has to be granted for an ask, each as CAM or RBAC names it; any one of several CAM names may be the one.

    RBAC: ``list pods in shop``, ``get configmaps/tke-service-controller-config in kube-system``.
    """
    if isinstance(ask, CloudCall):
        return {**CAM_ACTIONS, **WRITES}.get(ask.action, (f"{ask.service}:{ask.action}",))
    resource = f"{ask.resource}.{ask.group}" if ask.group else ask.resource
    name, place = (f"/{ask.name}" if ask.name else ""), f" in {ask.namespace}" if ask.namespace else ""
    return (f"{'get' if ask.name else 'list'} {resource}{name}{place}",)


def permission(ask: Ask) -> str:
    """The same in one text; where CAM may know it by either of two names, both."""
    return " / ".join(permissions(ask))


@dataclass(frozen=True, slots=True)
class Policy:
    """The least rights: *cam*, a policy of CAM, and *rbac*, Roles and a ClusterRole to bind to whoever reads."""

    cam: Mapping[str, Any]
    rbac: tuple[Mapping[str, Any], ...]

    @property
    def cam_text(self) -> str:
        """The CAM policy, as JSON for the console."""
        return json.dumps(self.cam, indent=2)

    @property
    def rbac_text(self) -> str:
        """The RBAC objects as YAML documents for `kubectl apply`."""
        return rbac_text(self.rbac)

    @property
    def bindings(self) -> tuple[str | Message, ...]:
        """Commands that bind each role to the user NAME."""
        return tuple(binding(each) for each in self.rbac)


def rbac_text(roles: Iterable[Mapping[str, Any]]) -> str:
    """Roles and ClusterRoles as YAML documents."""
    return "---\n".join(map(_yaml, roles))


def binding(role: Mapping[str, Any]) -> str | Message:
    """The command that binds a Role or a ClusterRole to the user NAME."""
    return shell_line(_binding(role["kind"], role["metadata"]))


def policy(asks: Iterable[Ask]) -> Policy:
    """What *asks* need, and nothing more."""
    every = list(asks)
    actions = sorted({name for ask in every if isinstance(ask, CloudCall) for name in permissions(ask)})
    allowed = {"effect": "allow", "action": actions, "resource": ["*"]}
    reads = [each for each in every if isinstance(each, KubernetesRead)]
    spaces = sorted({each.namespace for each in reads})
    roles = [_role(space, [each for each in reads if each.namespace == space]) for space in spaces]
    return Policy({"version": "2.0", "statement": [allowed] if actions else []}, tuple(roles))


def _role(namespace: str, reads: Iterable[KubernetesRead]) -> dict[str, Any]:
    """A Role of a namespace, or the ClusterRole; one rule for the objects with a name, one for each group's lists."""
    lists: dict[str, set[str]] = {}
    gets: dict[tuple[str, str], set[str]] = {}
    for each in reads:
        if each.name:
            gets.setdefault((each.group, each.resource), set()).add(each.name)
        else:
            lists.setdefault(each.group, set()).add(each.resource)
    rules = [_rule(group, sorted(names), "list") for group, names in sorted(lists.items())]
    rules += [
        _rule(group, [resource], "get") | {"resourceNames": sorted(names)}
        for (group, resource), names in sorted(gets.items())
    ]
    metadata = {"name": ROLE} | ({"namespace": namespace} if namespace else {})
    kind = "Role" if namespace else "ClusterRole"
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, "rules": rules}


def _binding(kind: str, metadata: Mapping[str, str]) -> list[str]:
    place = [Option("--namespace"), metadata["namespace"]] if "namespace" in metadata else []
    role, name = kind.lower(), metadata["name"]
    return ["kubectl", "create", f"{role}binding", name, *place, Option(f"--{role}"), name, Option("--user"), "NAME"]


def _rule(group: str, resources: list[str], verb: str) -> dict[str, Any]:
    return {"apiGroups": [group], "resources": resources, "verbs": [verb]}


def _yaml(item: Mapping[str, Any]) -> str:
    """An RBAC object; every text in it in double quotes, whose escapes YAML has from JSON."""
    lines = [f"{name}: {json.dumps(item[name])}" for name in ("apiVersion", "kind")]
    lines += ["metadata:", *(f"  {name}: {json.dumps(value)}" for name, value in item["metadata"].items()), "rules:"]
    for rule in item["rules"]:
        fields = [f"{name}: {json.dumps(value)}" for name, value in rule.items()]
        lines += [f"- {fields[0]}", *(f"  {each}" for each in fields[1:])]
    return "\n".join(lines) + "\n"


def all_asks(namespace: str, service: str) -> tuple[Ask, ...]:
    """
    One ask of each kind that a capture of a Service may make, for the policy to be granted beforehand.

    Without those in namespaces that only an answer names (a mesh, a Gateway): their refusals name what to grant.
    """
    places = (*OF_A_NAMESPACE, SERVICES, INGRESSES, HTTP_ROUTES)
    reads = [_placed(each, namespace) for each in places]
    named = [_placed(SERVICES, namespace, service), SETTINGS]
    return (*(CloudCall("", "", each) for each in CAM_ACTIONS), SERVICES, NODES, NAMESPACES, *reads, *named)


def write_asks() -> tuple[CloudCall, ...]:
    """One call of each kind that a guarded write may make besides, for the policy to be granted beforehand."""
    return tuple(CloudCall("", "", each) for each in WRITES)


def _placed(read: KubernetesRead, namespace: str, name: str = "") -> KubernetesRead:
    return KubernetesRead(read.group, read.version, read.resource, read.kind, namespace, name)
