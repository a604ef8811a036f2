"""A snapshot taken apart into the answers of the calls that it could have come from, as clients get them."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from drilllib.core.capture.asks import Answer, CloudCall, KubernetesRead
from drilllib.core.capture.kinds import plural
from drilllib.core.snapshot.kubernetes import KINDS
from drilllib.core.snapshot.ledger.kubernetes import KUBERNETES_KINDS

Document = dict[str, Any]
CLB, CVM, VPC, TKE = ("clb", "2018-03-17"), ("cvm", "2017-03-12"), ("vpc", "2017-03-12"), ("tke", "2018-05-25")
LISTS = {
    "load_balancers": (CLB, "DescribeLoadBalancers", "LoadBalancerSet"),
    "instances": (CVM, "DescribeInstances", "InstanceSet"),
    "network_interfaces": (VPC, "DescribeNetworkInterfaces", "NetworkInterfaceSet"),
    "subnets": (VPC, "DescribeSubnets", "SubnetSet"),
    "target_health": (CLB, "DescribeTargetHealth", "LoadBalancers"),
}
BY_ID = {
    "address_templates": ("DescribeAddressTemplates", "AddressTemplateSet", "AddressTemplateId"),
    "address_template_groups": ("DescribeAddressTemplateGroups", "AddressTemplateGroupSet", "AddressTemplateGroupId"),
    "service_templates": ("DescribeServiceTemplates", "ServiceTemplateSet", "ServiceTemplateId"),
    "service_template_groups": ("DescribeServiceTemplateGroups", "ServiceTemplateGroupSet", "ServiceTemplateGroupId"),
}
SOURCES = {kind.name.partition(" ")[0]: kind.source.rpartition("/")[0] for kind in KUBERNETES_KINDS}


def answers_of(document: Document) -> list[Answer]:
    """All answers; of a part that is absent there is none."""
    return list(_answers(copy.deepcopy(document)))


def _answers(document: Document) -> Iterator[Answer]:
    yield from _cluster(document.get("cluster"))
    for part, ((service, version), action, key) in LISTS.items():
        if document.get(part) is not None:
            page = {key: document[part], "TotalCount": len(document[part]), "RequestId": "x"}
            yield Answer(CloudCall.of(service, version, action), (page,), whole=True)
    for part, (action, key, name) in BY_ID.items():
        if rows := [{name: each, **item} for each, item in (document.get(part) or {}).items()]:
            yield Answer(CloudCall.of(*VPC, action), ({key: rows, "TotalCount": len(rows)},), whole=True)
    for name, group in (document.get("security_groups") or {}).items():
        page = {"SecurityGroupPolicySet": group.get("SecurityGroupPolicySet"), "RequestId": "x"}
        yield Answer(CloudCall.of(*VPC, "DescribeSecurityGroupPolicies", SecurityGroupId=name), (page,), whole=True)
    for name, listeners in (document.get("listeners") or {}).items():
        yield from _listeners(name, listeners)
    yield from _kubernetes(document)


def _listeners(balancer: str, listeners: list[Document]) -> Iterator[Answer]:
    """The two calls, each with its half; a listener whose targets are not known is left out of the second."""
    targets = []
    for each in listeners:
        rules = [{**rule} for rule in each.get("Rules") or ()]
        half = {name: each[name] for name in ("ListenerId", "Protocol", "Port", "Targets") if name in each}
        told = [
            {name: rule.get(name) for name in ("LocationId", "Domain", "Url", "Targets")}
            for rule in rules
            if "Targets" in rule
        ]
        each.pop("Targets", None)
        if rules:
            each["Rules"] = [{name: rule[name] for name in rule if name != "Targets"} for rule in rules]
        if told or "Targets" in half:
            targets.append({"Targets": None, "Rules": told or None, **half})
    called = ("DescribeListeners", {"TotalCount": len(listeners), "Listeners": listeners})
    for action, page in (called, ("DescribeTargets", {"Listeners": targets})):
        yield Answer(CloudCall.of(*CLB, action, LoadBalancerId=balancer), (page,), whole=True)


def _cluster(cluster: Document | None) -> Iterator[Answer]:
    if cluster is None:
        return
    beside = {name: cluster.pop(name, None) for name in ("eniipamd", "controller_config", "networkpolicy")}
    row = {"ClusterId": "cls-lab00001", **cluster}
    yield Answer(CloudCall.of(*TKE, "DescribeClusters"), ({"Clusters": [row], "TotalCount": 1},), whole=True)
    if beside["eniipamd"] is not None:
        values = json.dumps({"vpcCni": {"securityGroups": beside["eniipamd"]}, "global": {"cluster": {"uin": "100"}}})
        ask = CloudCall.of(*TKE, "DescribeAddonValues", AddonName="eniipamd")
        yield Answer(ask, ({"Values": values, "DefaultValues": "{}"},), whole=True)
    if (beside["networkpolicy"] or {}).get("enforced"):
        page = {"Addons": [{"AddonName": "networkpolicy", "Phase": "Succeeded", "RawValues": ""}]}
        yield Answer(CloudCall.of(*TKE, "DescribeAddon", AddonName="networkpolicy"), (page,), whole=True)
    if beside["controller_config"] is not None:
        name = {"name": "tke-service-controller-config", "namespace": "kube-system"}
        found = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": name, "data": beside["controller_config"]}
        yield Answer(
            KubernetesRead("", "v1", "configmaps", "ConfigMap", *reversed(name.values())), (found,), whole=True
        )


def _kubernetes(document: Document) -> Iterator[Answer]:
    """A list a kind, whole where the document says so, and an empty whole one of each other kind that is."""
    objects, told = document.get("kubernetes"), set((document.get("complete") or {}).get("kubernetes") or ())
    if objects is None:
        return
    told = set(KINDS) if objects == [] else told
    for kind in dict.fromkeys((*(each["kind"] for each in objects), *(each for each in told if "/" not in each))):
        items = [each for each in objects if each["kind"] == kind]
        ask = KubernetesRead(SOURCES.get(kind, ""), "v1", plural(kind), kind)
        yield Answer(ask, ({"kind": "List", "items": items},), whole=kind in told)
    for namespace, kind in (each.split("/") for each in told if "/" in each):
        yield Answer(KubernetesRead("", "v1", plural(kind), kind, namespace), ({"items": []},), whole=True)
