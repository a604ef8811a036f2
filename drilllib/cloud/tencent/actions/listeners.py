"""Listeners of a CLB and their targets, to be read only. API: CLB 2018-03-17; part `listeners` of the document."""

from collections.abc import Iterable, Mapping
from typing import Any

from drilllib.cloud.tencent.actions import networks
from drilllib.cloud.tencent.actions.balancers import CLB, balancer_of
from drilllib.cloud.tencent.actions.filters import filled
from drilllib.cloud.tencent.call import Call, Document, action
from drilllib.cloud.tencent.errors import not_found
from drilllib.cloud.tencent.schema import LEFT_OUT
from drilllib.core.snapshot.resources import LAYER_7

_SINCE = "2026-01-01 00:00:00"
_HEALTH_CHECK = {
    "HealthSwitch": 1,
    "TimeOut": 2,
    "IntervalTime": 5,
    "HealthNum": 3,
    "UnHealthNum": 3,
    "HttpCode": None,
    "HttpCheckPath": None,
    "HttpCheckDomain": None,
    "HttpCheckMethod": None,
    "CheckPort": None,
    "ContextType": None,
    "SendContext": None,
    "RecvContext": None,
    "CheckType": "TCP",
    "HttpVersion": None,
    "SourceIpType": 1,
    "ExtendedCode": None,
}
_LISTENER: dict[str, Any] = {
    "Certificate": None,
    "HealthCheck": None,
    "Scheduler": "WRR",
    "SessionExpireTime": 0,
    "SniSwitch": 0,
    "Rules": None,
    "ListenerName": "",
    "CreateTime": _SINCE,
    "EndPort": 0,
    "TargetType": "NODE",
    "TargetGroup": None,
    "SessionType": "NORMAL",
    "KeepaliveEnable": 0,
    "Toa": False,
    "DeregisterTargetRst": False,
    "AttrFlags": [],
    "TargetGroupList": None,
    "MaxConn": -1,
    "MaxCps": -1,
    "IdleConnectTimeout": 900,
    "RescheduleInterval": 0,
    "RescheduleStartTime": 0,
    "DataCompressMode": "transparent",
}
_RULE = {
    "LocationId": "",
    "Domain": "",
    "Url": "/",
    "SessionExpireTime": 0,
    "HealthCheck": _HEALTH_CHECK,
    "Certificate": None,
    "Scheduler": "WRR",
    "HttpGzip": True,
    "BeAutoCreated": False,
    "DefaultServer": False,
    "Http2": False,
    "ForwardType": "HTTP",
    "CreateTime": _SINCE,
    "TargetType": "NODE",
    "TargetGroup": None,
    "WafDomainId": "",
    "TrpcCallee": "",
    "TrpcFunc": "",
    "QuicStatus": "QUIC_INACTIVE",
    "TargetGroupList": None,
    "CookieName": "",
}
_BACKEND = {
    "Type": "CVM",
    "InstanceId": "",
    "Weight": 10,
    "PublicIpAddresses": None,
    "PrivateIpAddresses": [],
    "InstanceName": None,
    "RegisteredTime": _SINCE,
    "EniId": None,
    "Tag": "",
}
_ASKED = {"LoadBalancerId": str, "ListenerIds?": [str], "Protocol?": str, "Port?": int}


def _listeners(call: Call) -> list[dict[str, Any]]:
    """The listeners of a request. Raises ApiError where the CLB or a listener is unknown."""
    balancer_id = balancer_of(call.document, call.params["LoadBalancerId"])["LoadBalancerId"]
    items = (call.document.get("listeners") or {}).get(balancer_id) or []
    wanted = call.params.get("ListenerIds") or []
    for each in set(wanted) - {item["ListenerId"] for item in items}:
        raise not_found("listener", each, "InvalidParameter.ListenerIdNotFound")
    asked = {name: call.params[name] for name in ("Protocol", "Port") if name in call.params}
    chosen = (item for item in items if not wanted or item["ListenerId"] in wanted)
    return [item for item in chosen if all(item[name] == value for name, value in asked.items())]


def _without_targets(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "Targets"}


@action(*CLB, "DescribeListeners", _ASKED)
def describe(call: Call) -> Mapping[str, Any]:
    """The listeners and their forwarding rules."""
    found = [_shown(item) for item in _listeners(call)]
    return {"Listeners": found, "TotalCount": len(found)}


def _shown(item: Mapping[str, Any]) -> dict[str, Any]:
    found = filled(_without_targets(item), _LISTENER)
    if found["HealthCheck"] is not None:
        found["HealthCheck"] = filled(found["HealthCheck"], _HEALTH_CHECK)
    if found["Rules"] is not None:  # what a forwarding rule's check does not say, its listener's does
        own = {"ListenerId": item["ListenerId"], "HealthCheck": filled(item.get("HealthCheck") or {}, _HEALTH_CHECK)}
        rules = (filled(_without_targets(rule), _RULE | own) for rule in found["Rules"])
        found["Rules"] = [filled(rule, {"Domains": [rule["Domain"]]}) for rule in rules]
    return found


@action(*CLB, "DescribeTargets", {**_ASKED, "Filters?": LEFT_OUT})
def describe_targets(call: Call) -> Mapping[str, Any]:
    """The targets of each listener, at layer 7 of each forwarding rule."""
    return {"Listeners": [_with_targets(call.document, item) for item in _listeners(call)]}


def _with_targets(document: Document, item: Mapping[str, Any]) -> dict[str, Any]:
    found = {"ListenerId": item["ListenerId"], "Protocol": item["Protocol"], "Port": item["Port"]}
    layer_7 = item["Protocol"].upper() in LAYER_7
    rules = [_rule_targets(document, rule) for rule in item.get("Rules") or ()] if layer_7 else []
    targets = [] if layer_7 else _backends(document, item.get("Targets") or ())
    return {**found, "Rules": rules, "Targets": targets, "EndPort": item.get("EndPort") or 0}


def _rule_targets(document: Document, rule: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: rule.get(name) or "" for name in ("LocationId", "Domain", "Url")}
    return {**texts, "Targets": _backends(document, rule.get("Targets") or ()), "FunctionTargets": []}


def _backends(document: Document, targets: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [filled(target, {**_BACKEND, "Zone": networks.zone(document)}) for target in targets]
