"""
Is a document of the shape we read? Fields we do not read are never looked at.

A shape is a type, a list with the shape of its items, or an object of field names; a name that ends in ``?`` may be
missing or null, because the vendor's API returns null for many fields.
"""

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import Any, TypeAlias, TypeGuard

from drilllib.core.rules.addresses import address_at
from drilllib.core.snapshot.kinds import is_proxied, kind_of
from drilllib.errors import InvalidInputError, Message, quoted

Shape: TypeAlias = "type | Sequence[Shape] | Mapping[str, Shape]"
Fields = Mapping[str, Shape]
_NAMES: dict[type, Message] = {
    str: Message("a text"),
    int: Message("a whole number"),
    bool: Message("true or false"),
    dict: Message("an object"),
}


class IP:
    """Stands in a shape for the text of one IPv4 or IPv6 address."""


class CIDR:
    """Stands in a shape for the text of one block of addresses."""


def require_shape(value: Any, shape: Shape, where: str) -> None:
    """
    Do nothing where *value* fits.

    Raises:
        InvalidInputError: It does not; the message names the place.
    """
    if shape is IP:
        _require(is_address(value), value, where, Message("an IP address"))
    elif shape is CIDR:
        _require(is_block(value), value, where, Message("a CIDR block"))
    elif isinstance(shape, type):
        _require(is_of_type(value, shape), value, where, _NAMES[shape])
    elif isinstance(shape, Mapping):
        _require(isinstance(value, Mapping), value, where, Message("an object"))
        _require_fields(value, shape, where)
    else:
        _require(isinstance(value, list), value, where, Message("a list"))
        for place, item in enumerate(value):
            require_shape(item, shape[0], f"{where}[{place}]")


def is_of_type(value: Any, kind: type) -> bool:
    """Is *value* of that type of JSON? A number is not a text, and true is not a number."""
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def is_address(value: Any) -> TypeGuard[str]:
    """Is *value* the text of one address, without a zone?"""
    try:
        return isinstance(value, str) and "%" not in value and bool(address_at(value))
    except ValueError:
        return False


def is_block(value: Any) -> TypeGuard[str]:
    """Is *value* the text of one block, or of an address?"""
    try:
        return isinstance(value, str) and bool(ip_network(value, strict=False))
    except ValueError:
        return False


def _require_fields(value: Mapping[str, Any], shape: Fields, where: str) -> None:
    for name, inner in shape.items():
        field = name.removesuffix("?")
        if value.get(field) is not None:
            require_shape(value[field], inner, f"{where}.{field}")
        elif field == name:
            raise InvalidInputError(
                "{where} has no {field}",
                remedy="Add it; docs/snapshot.md lists the fields that are read",
                where=where,
                field=field,
            )


def _require(fits: bool, value: Any, where: str, wanted: Message) -> None:
    if not fits:
        raise InvalidInputError(
            "{where} is {value}", remedy="Write {wanted}", where=where, value=quoted(value), wanted=wanted
        )


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
    "PrivateIpAddressSet?": [{"PrivateIpAddress": IP}],
    "Ipv6AddressSet?": [{"Address": IP}],
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
SECURITY_GROUP: Fields = {"SecurityGroupPolicySet?": dict}
SNAPSHOT: Fields = {
    "region?": str,
    "cluster?": {
        "NetworkType?": str,
        "Property?": str,
        "ClusterVersion?": str,
        "VpcCniType?": str,
        "ClusterNetworkSettings?": {"VpcId?": str},
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
}

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
            "ports?": [_SERVICE_PORT],
            "loadBalancerSourceRanges?": [str],
            "healthCheckNodePort?": int,
            "externalIPs?": [str],
            "sessionAffinity?": str,
            "trafficDistribution?": str,
            "allocateLoadBalancerNodePorts?": bool,
        },
        "status?": {"loadBalancer?": {"ingress?": [{"ip?": IP, "hostname?": str}]}},
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
        }
    },
}


def require_shapes(document: Mapping[str, Any]) -> None:
    """Raises InvalidInputError where a field of a snapshot's document that is read has the wrong type."""
    require_shape(document, SNAPSHOT, "snapshot")
    for balancer_id, listeners in (document.get("listeners") or {}).items():
        require_shape(listeners, [LISTENER], f"snapshot.listeners.{quoted(balancer_id)}")
    for part, wanted in TEMPLATES.items():
        for name, template in (document.get(part) or {}).items():
            require_shape(template, wanted, f"snapshot.{part}.{quoted(name)}")
    for place, item in enumerate(document.get("kubernetes") or ()):
        if is_proxied(item):
            require_shape(item, KUBERNETES.get(kind_of(item), {}), f"snapshot.kubernetes[{place}]")
