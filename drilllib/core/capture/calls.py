"""
Every read that a capture makes, one function each: the only place that spells services, versions and parameters.

API: clb 2018-03-17, cvm 2017-03-12, vpc 2017-03-12, tke 2018-05-25 and 2022-05-01; the texts are those of the vendor's
SDK. Offset and Limit are numbers or texts, as each call has them (`paging.py`). Ids are sorted, so that the same ids
make the same call.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from drilllib.core.capture.asks import CloudCall, KubernetesRead
from drilllib.core.capture.paging import LONGEST_PAGE, PAGED

IDS_A_CALL = 100  # CVM and VPC; of a filter's values the vendor's texts say so for some calls, inferred for others
BALANCERS_A_CALL = 20
FEW_VALUES = 5  # of a filter: CVM takes no more, and VPC may
CLB, CVM, VPC = ("clb", "2018-03-17"), ("cvm", "2017-03-12"), ("vpc", "2017-03-12")
TKE, TKE_2022 = ("tke", "2018-05-25"), ("tke", "2022-05-01")
ADD_ONS = ("eniipamd", "networkpolicy")
TAG_OF_SERVICE, TAG_OF_CLUSTER, TAG_OF_MAKER = "tke-lb-serviceuuid", "tke-clusterId", "tke-createdBy-flag"
FOREIGN_ID = "InvalidInstanceId"  # how the codes begin by which one unknown id refuses a whole call [CVM]
TOO_MANY = ("InvalidParameter", "LimitExceeded")  # and those that may say that a filter has too many values [VPC]


def batches(ids: Iterable[str], size: int = IDS_A_CALL) -> Iterator[list[str]]:
    """The ids, each once and in order, at most *size* at a time."""
    every = sorted(set(ids))
    return (every[start : start + size] for start in range(0, len(every), size))


def _call(api: tuple[str, str], action: str, region: str = "", **parameters: Any) -> CloudCall:
    kind = PAGED.get(action)
    page: dict[str, Any] = {} if kind is None else {"Limit": kind(LONGEST_PAGE)}
    return CloudCall(*api, action, json.dumps(parameters | page, sort_keys=True), region)


def _filters(**values: Iterable[str]) -> list[dict[str, Any]]:
    """Filters by name, an underscore for a dash."""
    return [{"Name": name.replace("_", "-"), "Values": list(found)} for name, found in values.items()]


def balancers(ids: Iterable[str], region: str = "") -> list[CloudCall]:
    """Load balancers by id."""
    return [
        _call(CLB, "DescribeLoadBalancers", region, LoadBalancerIds=each) for each in batches(ids, BALANCERS_A_CALL)
    ]


def balancers_of_service(uid: str, region: str = "") -> CloudCall:
    """Load balancers that TKE made for the Service with that metadata.uid, which it writes into a tag."""
    tagged = [{"Name": f"tag:{TAG_OF_SERVICE}", "Values": [uid]}]
    return _call(CLB, "DescribeLoadBalancers", region, Filters=tagged)


def balancers_at(vips: Iterable[str], region: str = "") -> list[CloudCall]:
    """Load balancers with one of these addresses."""
    return [_call(CLB, "DescribeLoadBalancers", region, LoadBalancerVips=each) for each in batches(vips)]


def of_balancer(balancer: str, region: str = "") -> list[CloudCall]:
    """Its listeners, their targets, and what its probes found."""
    return [
        _call(CLB, "DescribeListeners", region, LoadBalancerId=balancer),
        _call(CLB, "DescribeTargets", region, LoadBalancerId=balancer),
        _call(CLB, "DescribeTargetHealth", region, LoadBalancerIds=[balancer]),
    ]


def addresses_of(balancer: str, region: str = "") -> CloudCall:
    """The EIP of a private load balancer."""
    return _call(VPC, "DescribeAddresses", region, Filters=_filters(instance_id=[balancer]))


def addresses_at(addresses: Iterable[str]) -> list[CloudCall]:
    """EIPs by address: a private load balancer behind one does not tell it."""
    return [_call(VPC, "DescribeAddresses", Filters=_filters(address_ip=each)) for each in batches(addresses)]


def instances(ids: Iterable[str]) -> list[CloudCall]:
    """Machines by id."""
    return [_call(CVM, "DescribeInstances", InstanceIds=each) for each in batches(ids)]


def instances_at(addresses: Iterable[str]) -> list[CloudCall]:
    """Machines by private address, a few a call: CVM takes no more values of a filter."""
    few = batches(addresses, FEW_VALUES)
    return [_call(CVM, "DescribeInstances", Filters=_filters(private_ip_address=each)) for each in few]


def native_machines(cluster: str) -> CloudCall:
    """The machines of native node pools, with their groups."""
    kind = [{"Name": "InstanceType", "Values": ["Native"]}]
    return _call(TKE_2022, "DescribeClusterInstances", ClusterId=cluster, Filters=kind)


def interfaces(vpc: str, addresses: Iterable[str]) -> list[CloudCall]:
    """
    The interfaces that carry these addresses.

    One value alone is meant as the end of an address, unless `ip-exact-match` is true; several are exact. IPv4 and IPv6
    are asked for apart: the two filters together mean both. No *vpc*: other VPCs' interfaces may come along.
    """
    every, place = set(addresses), _filters(vpc_id=[vpc]) if vpc else []
    found = []
    for each in batches(text for text in every if ":" not in text):
        exact = _filters(ip_exact_match=["true"]) if len(each) == 1 else []
        found.append([*place, *_filters(address_ip=each), *exact])
    found += [[*place, *_filters(address_ipv6=each)] for each in batches(text for text in every if ":" in text)]
    return [_call(VPC, "DescribeNetworkInterfaces", Filters=each) for each in found]


def interfaces_with(vpc: str, groups: Iterable[str]) -> list[CloudCall]:
    """The interfaces in a VPC that are bound to one of these groups; in all VPCs where none is said."""
    place = _filters(vpc_id=[vpc]) if vpc else []
    of_groups = [{"Name": "groups.security-group-id", "Values": each} for each in batches(groups)]
    return [_call(VPC, "DescribeNetworkInterfaces", Filters=[*place, each]) for each in of_groups]


def instances_with(vpc: str, groups: Iterable[str]) -> list[CloudCall]:
    """The machines in a VPC whose primary interface is bound to one of these groups, a few groups a call."""
    place = _filters(vpc_id=[vpc]) if vpc else []
    few = batches(groups, FEW_VALUES)
    return [_call(CVM, "DescribeInstances", Filters=[*place, *_filters(security_group_id=each)]) for each in few]


def with_fewer_values(call: CloudCall) -> list[CloudCall]:
    """The same call for a few values of its longest filter at a time; none where no filter has more than a few."""
    request = call.request
    longest = max(request.get("Filters") or [{"Values": []}], key=lambda each: len(each["Values"]))
    values = longest["Values"]
    starts = range(0, len(values), FEW_VALUES) if len(values) > FEW_VALUES else ()
    found = []
    for start in starts:
        few = {**longest, "Values": values[start : start + FEW_VALUES]}
        exact = _filters(ip_exact_match=["true"]) if longest["Name"] == "address-ip" and len(few["Values"]) == 1 else []
        filters = [*(few if each is longest else each for each in request["Filters"]), *exact]
        found.append(replace(call, parameters=json.dumps(request | {"Filters": filters}, sort_keys=True)))
    return found


def subnets(vpc: str) -> CloudCall:
    """The subnets of a VPC."""
    return _call(VPC, "DescribeSubnets", Filters=_filters(vpc_id=[vpc]))


def rules_of(group: str, region: str = "") -> CloudCall:
    """The rules of a security group. The answer does not say which group it is of."""
    return _call(VPC, "DescribeSecurityGroupPolicies", region, SecurityGroupId=group)


def templates(kind: str, ids: Iterable[str] = (), region: str = "") -> list[CloudCall]:
    """
    Templates of a *kind*, Address or Service, by id; all there are where no id is given.

    There is no list of ids, only a filter.
    """
    name, action = f"{kind.lower()}-template-id", f"Describe{kind}Templates"
    by_id = [_call(VPC, action, region, Filters=[{"Name": name, "Values": each}]) for each in batches(ids)]
    return by_id or [_call(VPC, action, region)]


def template_groups(kind: str, ids: Iterable[str], region: str = "") -> list[CloudCall]:
    """Groups of templates of a *kind*, Address or Service, by id."""
    name = f"{kind.lower()}-template-group-id"
    action = f"Describe{kind}TemplateGroups"
    return [_call(VPC, action, region, Filters=[{"Name": name, "Values": each}]) for each in batches(ids)]


def clusters(ids: Iterable[str]) -> CloudCall:
    """Clusters by id."""
    return _call(TKE, "DescribeClusters", ClusterIds=sorted(ids))


def clusters_in(vpc: str) -> CloudCall:
    """The clusters in a VPC."""
    return _call(TKE, "DescribeClusters", Filters=_filters(vpc_id=[vpc]))


def add_on(cluster: str, name: str) -> CloudCall:
    """One add-on of a cluster by its name: without one the answer has every add-on's values, passwords among them."""
    return _call(TKE, "DescribeAddon", ClusterId=cluster, AddonName=name)


def _read(group: str, version: str, resource: str, kind: str) -> KubernetesRead:
    return KubernetesRead(group, version, resource, kind)


SERVICES = _read("", "v1", "services", "Service")
PODS = _read("", "v1", "pods", "Pod")
NODES = _read("", "v1", "nodes", "Node")
NAMESPACES = _read("", "v1", "namespaces", "Namespace")
CONFIG_MAPS = _read("", "v1", "configmaps", "ConfigMap")
ENDPOINT_SLICES = _read("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice")
NETWORK_POLICIES = _read("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy")
INGRESSES = _read("networking.k8s.io", "v1", "ingresses", "Ingress")
HTTP_ROUTES = _read("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute")
GATEWAYS = _read("gateway.networking.k8s.io", "v1", "gateways", "Gateway")
GROUP_POLICIES = _read(
    *("vpcresources.tke.cloud.tencent.com", "v1beta1", "securitygrouppolicies", "SecurityGroupPolicy"),
)
# Istio 1.5 has them in this version, and so have later ones [security.istio.io].
PEER_AUTHENTICATIONS = _read("security.istio.io", "v1beta1", "peerauthentications", "PeerAuthentication")
AUTHORIZATION_POLICIES = _read("security.istio.io", "v1beta1", "authorizationpolicies", "AuthorizationPolicy")
SETTINGS_NAMESPACE, SERVICE_SETTINGS = "kube-system", "tke-service-controller-config"
KUBERNETES_READS = (
    *(SERVICES, PODS, NODES, NAMESPACES, CONFIG_MAPS, ENDPOINT_SLICES, NETWORK_POLICIES, INGRESSES, HTTP_ROUTES),
    *(GATEWAYS, GROUP_POLICIES, PEER_AUTHENTICATIONS, AUTHORIZATION_POLICIES),
)
