"""A Service's listeners: their protocols, their forwarding rules, and the targets behind them. Source: TKE-SVC."""

import copy
import json
from typing import Any

from drilllib.cloud.kube.controllers.endpoints import pods_of, target_port
from drilllib.cloud.kube.controllers.events import UnsyncedError
from drilllib.cloud.kube.controllers.interfaces import Interface, by_address, instance_of
from drilllib.cloud.kube.kinds import NODE
from drilllib.cloud.kube.objects import (
    Document,
    Object,
    Tools,
    annotations_of,
    labels_of,
    name_of,
    node_is_ready,
    of_kind,
    pod_is_ready,
)
from drilllib.core.snapshot.annotations import (
    BACKENDS_LABEL,
    DIRECT_ACCESS,
    ONLY_NODES_WITH_POD,
    SPECIFIED_PROTOCOL,
    direct_access_by_default,
)
from drilllib.core.snapshot.resources import LAYER_7, TRANSPORT
from drilllib.core.snapshot.services import transport_of

WEIGHT = 10
# SourceIpType 1, probes from 100.64.0.0/10, is an assumption: no source says what the controller chooses.
_HEALTH_CHECK = {
    "HealthSwitch": 1,
    "SourceIpType": 1,
    "TimeOut": 2,
    "IntervalTime": 5,
    "HealthNum": 3,
    "UnHealthNum": 3,
}

Listener = dict[str, Any]
TargetOfListener = dict[str, Any]


def wanted(document: Document, service: Object) -> list[Listener]:
    """
    What the Service asks for: per port and protocol the listener's hosts (None: layer 4) and its targets.

    Raises:
        UnsyncedError: An annotation cannot be read.
    """
    specified = _specified(service)
    found = []
    for port in service["spec"].get("ports") or ():
        choice = specified.get(str(port["port"])) or {}
        for protocol in choice.get("protocol") or [transport_of(port)]:
            hosts = list(choice.get("hosts") or ()) if protocol in LAYER_7 else None
            entry = {"Protocol": protocol, "Port": port["port"], "hosts": hosts}
            found.append({**entry, "targets": _targets(document, service, port)})
    return found


def put(
    document: Document, tools: Tools, balancer: dict[str, Any], entry: dict[str, Any], asked: list[Listener]
) -> None:
    """
    Make the CLB's listeners those that were asked for; of an existing CLB only what the Service made is touched.

    Raises:
        UnsyncedError: A port of the CLB is taken by a listener of someone else.
    """
    if document.get("listeners") is None:
        document["listeners"] = {}
    held = document["listeners"].setdefault(balancer["LoadBalancerId"], [])
    others = [each for each in held if entry["existing"] and each["ListenerId"] not in entry["listeners"]]
    taken = {(TRANSPORT.get(each["Protocol"].upper()), each["Port"]) for each in others}
    for each in asked:
        if (TRANSPORT.get(each["Protocol"]), each["Port"]) in taken:
            raise UnsyncedError(f"port {each['Port']} of {balancer['LoadBalancerId']} has a listener of another owner")
    ours = [each for each in held if each not in others]
    made = [_listener(tools, balancer, ours, each) for each in asked]
    entry["listeners"] = [each["ListenerId"] for each in made]
    document["listeners"][balancer["LoadBalancerId"]] = [*others, *made]


def _specified(service: Object) -> dict[str, Any]:
    """The annotation specify-protocol by port: ``{"80":{"protocol":["HTTP"],"hosts":{"a.example":{}}}}``."""
    text = annotations_of(service).get(SPECIFIED_PROTOCOL)
    if not text:
        return {}
    try:
        value: dict[str, Any] = json.loads(text)
        for choice in value.values():
            protocols, hosts = choice.get("protocol") or [], choice.get("hosts") or {}
            if not isinstance(protocols, list) or not isinstance(hosts, dict):
                raise TypeError
            if any(each not in TRANSPORT for each in protocols):
                raise UnsyncedError(
                    f"the annotation {SPECIFIED_PROTOCOL} names a protocol other than {', '.join(TRANSPORT)}"
                )
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise UnsyncedError(f"the annotation {SPECIFIED_PROTOCOL} is not JSON of the documented form") from None
    return value


def is_direct(document: Document, service: Object) -> bool:
    """Does the CLB send to the pods? Where the Service does not say, the cluster's switch tells [TKE-SW]."""
    said = annotations_of(service).get(DIRECT_ACCESS)
    if said is not None:
        return said == "true"
    return direct_access_by_default((document.get("cluster") or {}).get("controller_config") or {})


def _targets(document: Document, service: Object, port: Object) -> list[TargetOfListener]:
    if is_direct(document, service):
        ready, interfaces = [pod for pod in pods_of(document, service) if pod_is_ready(pod)], by_address(document)
        return [each for pod in ready if (each := _pod_target(interfaces, port, pod))]
    nodes = [node for node in of_kind(document, NODE) if _is_backend(document, service, node)]
    return [each for node in nodes if (each := _node_target(document, port, node))]


def _pod_target(interfaces: dict[str, Interface], port: Object, pod: Object) -> TargetOfListener | None:
    number, address = target_port(port, pod), pod["status"]["podIP"]
    interface = interfaces.get(address) or {}
    instance = (interface.get("Attachment") or {}).get("InstanceId") or ""
    target = {"Type": "ENI", "InstanceId": instance, "PrivateIpAddresses": [address], "Port": number, "Weight": WEIGHT}
    return target if number else None


def _node_target(document: Document, port: Object, node: Object) -> TargetOfListener | None:
    instance, number = instance_of(document, node), port.get("nodePort")
    if instance is None or not number:
        return None
    addresses = [*instance["PrivateIpAddresses"], *(instance.get("IPv6Addresses") or ())]
    target = {"Type": "CVM", "InstanceId": instance["InstanceId"], "PrivateIpAddresses": addresses, "Port": number}
    return {**target, "Weight": WEIGHT}


def _is_backend(document: Document, service: Object, node: Object) -> bool:
    """Every node but those that are NotReady, cordoned ones included, that the annotations do not leave out."""
    label = annotations_of(service).get(BACKENDS_LABEL)
    labels = dict(each.partition("=")[::2] for each in label.split(",")) if label else {}
    if not node_is_ready(node) or not labels.items() <= labels_of(node).items():
        return False
    local = service["spec"].get("externalTrafficPolicy") == "Local"
    if local and annotations_of(service).get(ONLY_NODES_WITH_POD) == "true":
        return any(pod["spec"].get("nodeName") == name_of(node) for pod in pods_of(document, service))
    return True


def _listener(tools: Tools, balancer: dict[str, Any], ours: list[Listener], asked: Listener) -> Listener:
    """The listener there is, with what was asked for in it; else a new one."""
    place = asked["Protocol"], asked["Port"]
    old = next((each for each in ours if (each["Protocol"].upper(), each["Port"]) == place), None)
    listener = copy.deepcopy(old) if old else _new_listener(tools, asked)
    targets = [_of_family(each, balancer) for each in asked["targets"]]
    if asked["hosts"] is None:
        listener |= {"Rules": None, "Targets": _kept(listener.get("Targets"), targets)}
        return listener
    vips = balancer.get("LoadBalancerVips") or [balancer.get("LoadBalancerDomain") or ""]
    rules = {rule.get("Domain"): rule for rule in listener.get("Rules") or ()}
    listener["Rules"] = [_rule(tools, rules.get(host), host, targets) for host in asked["hosts"] or vips[:1]]
    return listener


def _new_listener(tools: Tools, asked: Listener) -> Listener:
    listener: dict[str, Any] = {"ListenerId": tools.new_id("lbl", 8), "ListenerName": "TKE-DEDICATED-LISTENER"}
    listener |= {"Protocol": asked["Protocol"], "Port": asked["Port"], "KeepaliveEnable": 0}
    return {**listener, "HealthCheck": dict(_HEALTH_CHECK)}


def _rule(tools: Tools, old: dict[str, Any] | None, host: str, targets: list[TargetOfListener]) -> dict[str, Any]:
    rule = old or {"LocationId": tools.new_id("loc", 8), "Domain": host, "Url": "/"}
    return {**rule, "Targets": _kept(rule.get("Targets"), targets)}


def _of_family(target: TargetOfListener, balancer: dict[str, Any]) -> TargetOfListener:
    """The target with the one address that the CLB's family asks for."""
    six = (balancer.get("AddressIPVersion") or "").lower() == "ipv6"
    fitting = [each for each in target["PrivateIpAddresses"] if (":" in each) == six]
    return {**target, "PrivateIpAddresses": fitting[:1] or target["PrivateIpAddresses"][:1]}


def _kept(old: list[TargetOfListener] | None, targets: list[TargetOfListener]) -> list[TargetOfListener]:
    """The targets, those that were there before as they were, with the weight someone gave them."""
    before = {_place(each): each for each in old or ()}
    return [before.get(_place(each), each) for each in targets]


def _place(target: TargetOfListener) -> tuple[Any, ...]:
    kind = (target.get("Type") or "CVM").upper()
    return kind, target.get("InstanceId"), tuple(target.get("PrivateIpAddresses") or ())[:1], target["Port"]
