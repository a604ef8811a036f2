"""The shapes of a snapshot's parts, of groups and templates, and of Kubernetes objects, as far as they are read."""

from collections.abc import Mapping
from typing import Any

from drilllib.core.snapshot.kinds import is_proxied, kind_of
from drilllib.core.snapshot.shapes import CIDR, IP, Fields, Shape, fit, require_shape
from drilllib.errors import quoted

_TARGET: Fields = {"Type?": str, "InstanceId?": str, "PrivateIpAddresses?": [IP], "Port": int, "Weight?": int}
_PROBE: Fields = {
    "HealthSwitch?": int,
    "SourceIpType?": int,
    "CheckPort?": int,
    "CheckType?": str,
    "HttpCode?": int,
}
_REDIRECT: Fields = {
    "TargetListenerId?": str,
    "TargetLocationId?": str,
    "RewriteCode?": int,
    "RewriteType?": str,
    "TakeUrl?": bool,
}
_FORWARDING_RULE: Fields = {
    "LocationId?": str,
    "Domain?": str,
    "Domains?": [str],
    "Url?": str,
    "DefaultServer?": bool,
    "HealthCheck?": _PROBE,
    "RewriteTarget?": _REDIRECT,
    "SessionExpireTime?": int,
    "Targets?": [_TARGET],
}
_HEALTH: Fields = {
    "TargetId?": str,
    "IP?": str,
    "Port": int,
    "HealthStatusDetail?": str,
    "HealthStatusDetial?": str,
    "HealthStatus?": bool,
}
_HEALTH_OF_RULE: Fields = {"LocationId?": str, "Targets?": [_HEALTH]}
_METADATA: Fields = {
    "name": str,
    "namespace?": str,
    "labels?": dict,
    "annotations?": dict,
    "ownerReferences?": [{"controller?": bool}],
}
_ENI: Fields = {
    "NetworkInterfaceId": str,
    "Attachment?": {"InstanceId?": str},
    "PrivateIpAddressSet?": [{"PrivateIpAddress": IP, "Primary?": bool, "PublicIpAddress?": str}],
    "Ipv6AddressSet?": [{"Address": IP, "Primary?": bool}],
    "GroupSet?": [str],
    "EniType?": int,
    "VpcId?": str,
}

LISTENER: Fields = {
    "ListenerId": str,
    "Protocol": str,
    "Port": int,
    "EndPort?": int,
    "KeepaliveEnable?": int,
    "HealthCheck?": _PROBE,
    "SessionExpireTime?": int,
    "Rules?": [_FORWARDING_RULE],
    "Targets?": [_TARGET],
}
TEMPLATES: dict[str, Fields] = {
    "address_templates": {"AddressSet?": [str], "AddressExtraSet?": [{"Address": str}]},
    "address_template_groups": {"AddressTemplateIdSet?": [str]},
    "service_templates": {"ServiceSet?": [str], "ServiceExtraSet?": [{"Service": str}]},
    "service_template_groups": {"ServiceTemplateIdSet?": [str]},
}
_LISTENERS: Shape = [LISTENER]
SECURITY_GROUP: Fields = {"SecurityGroupPolicySet?": dict}
SNAPSHOT: Fields = {
    "region?": str,
    "regions?": dict,
    "cluster?": {
        "NetworkType?": str,
        "Property?": str,
        "ClusterVersion?": str,
        "VpcCniType?": str,
        "KubeProxyMode?": str,
        "ClusterNetworkSettings?": {"VpcId?": str, "KubeProxyMode?": str, "Ipvs?": bool},
        "eniipamd?": {"enableSecurityGroups?": bool, "securityGroups?": [str]},
        "networkpolicy?": {"enforced?": bool},
        "controller_config?": {"EnableDefaultDirectAccess?": str},
    },
    "load_balancers?": [
        {
            "LoadBalancerId": str,
            "LoadBalancerVips?": [IP],
            "AddressIPv6?": str,
            "LoadBalancerDomain?": str,
            "AddressIPVersion?": str,
            "LoadBalancerType?": str,
            "Forward?": int,
            "SecureGroups?": [str],
            "LoadBalancerPassToTarget?": bool,
            "SnatPro?": bool,
            "SnatIps?": [{"Ip": IP}],
            "VpcId?": str,
            "TargetRegionInfo?": {"VpcId?": str},
        }
    ],
    "listeners?": dict,
    "target_health?": [{"LoadBalancerId": str, "Listeners": [{"ListenerId": str, "Rules?": [_HEALTH_OF_RULE]}]}],
    "instances?": [
        {
            "InstanceId": str,
            "InstanceName?": str,
            "InstanceState?": str,
            "PrivateIpAddresses?": [IP],
            "PublicIpAddresses?": [str],
            "IPv6Addresses?": [IP],
            "SecurityGroupIds?": [str],
            "VirtualPrivateCloud?": {"VpcId?": str},
        }
    ],
    "network_interfaces?": [_ENI],
    "subnets?": [{"SubnetId?": str, "CidrBlock?": str, "Ipv6CidrBlock?": str, "NetworkAclId?": str}],
    "security_groups?": dict,
    "address_templates?": dict,
    "address_template_groups?": dict,
    "service_templates?": dict,
    "service_template_groups?": dict,
    "kubernetes?": [{"kind": str, "apiVersion?": str, "metadata": _METADATA}],
    "semantics?": dict,
    "gaps?": [{"what": str, "why": str}],
    "complete?": {"kubernetes?": [str]},
    "partial?": {"listeners?": [str]},
    "anonymous?": [CIDR],
}

# Parts that say nothing about packets; the local cloud keeps them for its APIs.
NOT_READ = ("addons", "cloud", "node_pools", "virtual_node_pools", "vpcs")

_HINT: Fields = {"name": str}
_SERVICE_PORT: Fields = {"port": int, "nodePort?": int, "protocol?": str, "name?": str}
_ENDPOINT: Fields = {
    "addresses": [IP],
    "nodeName?": str,
    "conditions?": {"ready?": bool, "serving?": bool, "terminating?": bool},
    "hints?": {"forZones?": [_HINT], "forNodes?": [_HINT]},
    "targetRef?": {"name?": str},
}
_PROBED: Fields = {"httpGet?": {}, "tcpSocket?": {}, "grpc?": {}}
_CONTAINER: Fields = {
    "name?": str,
    "ports?": [{"name?": str, "containerPort": int, "protocol?": str, "hostPort?": int}],
    "restartPolicy?": str,
    "readinessProbe?": _PROBED,
    "livenessProbe?": _PROBED,
    "startupProbe?": _PROBED,
}
_CONTAINER_STATUS: Fields = {"name?": str, "state?": {}}
_SELECTOR: Fields = {
    "matchLabels?": dict,
    "matchExpressions?": [{"key": str, "operator": str, "values?": [str]}],
}
_POLICY_PORT: Fields = {"protocol?": str, "endPort?": int}
_POLICY_PEER: Fields = {
    "ipBlock?": {"cidr": CIDR, "except?": [CIDR]},
    "podSelector?": _SELECTOR,
    "namespaceSelector?": _SELECTOR,
}
KUBERNETES: dict[str, Fields] = {
    "Service": {
        "spec": {
            "type?": str,
            "externalTrafficPolicy?": str,
            "internalTrafficPolicy?": str,
            "clusterIP?": str,
            "clusterIPs?": [str],
            "ports?": [_SERVICE_PORT],
            "loadBalancerSourceRanges?": [str],
            "healthCheckNodePort?": int,
            "externalIPs?": [str],
            "sessionAffinity?": str,
            "trafficDistribution?": str,
            "allocateLoadBalancerNodePorts?": bool,
        },
        "status?": {"loadBalancer?": {"ingress?": [{"ip?": IP, "hostname?": str, "ipMode?": str}]}},
    },
    "Node": {
        "status?": {
            "addresses?": [{"type": str, "address": str}],
            "conditions?": [{"type": str, "status": str}],
            "nodeInfo?": {"kubeProxyVersion?": str, "kubeletVersion?": str},
        }
    },
    "Pod": {
        "spec?": {
            "nodeName?": str,
            "hostNetwork?": bool,
            "containers?": [_CONTAINER],
            "initContainers?": [_CONTAINER],
            "readinessGates?": [{"conditionType?": str}],
        },
        "status?": {
            "podIP?": str,
            "podIPs?": [{"ip?": str}],
            "hostIP?": str,
            "hostIPs?": [{"ip?": str}],
            "conditions?": [{"type?": str, "status?": str}],
            "containerStatuses?": [_CONTAINER_STATUS],
            "initContainerStatuses?": [_CONTAINER_STATUS],
        },
    },
    "EndpointSlice": {"ports?": [{"name?": str, "port?": int}], "endpoints?": [_ENDPOINT]},
    "SecurityGroupPolicy": {"spec?": {"podSelector?": _SELECTOR, "securityGroups?": {"groupIds?": [str]}}},
    "NetworkPolicy": {
        "spec?": {
            "podSelector?": _SELECTOR,
            "policyTypes?": [str],
            "ingress?": [{"from?": [_POLICY_PEER], "ports?": [_POLICY_PORT]}],
            "egress?": [{"to?": [_POLICY_PEER], "ports?": [_POLICY_PORT]}],
        }
    },
}


_NOT_LOOKED_AT: Fields = {}  # an object of another kind


def require_shapes(document: Mapping[str, Any]) -> None:
    """Raises InvalidInputError where a field of a snapshot's document that is read has the wrong type."""
    require_shape(document, SNAPSHOT, "snapshot")
    for balancer_id, listeners in (document.get("listeners") or {}).items():
        require_shape(listeners, _LISTENERS, f"snapshot.listeners.{quoted(balancer_id)}")
    for part, wanted in TEMPLATES.items():
        for name, template in (document.get(part) or {}).items():
            require_shape(template, wanted, f"snapshot.{part}.{quoted(name)}")
    objects = document.get("kubernetes") or ()
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for item in filter(is_proxied, objects):
        by_kind.setdefault(kind_of(item), []).append(item)
    if all(fit(items, KUBERNETES.get(kind, _NOT_LOOKED_AT)) for kind, items in by_kind.items()):
        return
    for place, item in enumerate(objects):
        if is_proxied(item):
            require_shape(item, KUBERNETES.get(kind_of(item), _NOT_LOOKED_AT), f"snapshot.kubernetes[{place}]")
