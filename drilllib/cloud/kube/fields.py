"""
Which fields our kinds have, and of which type. Unknown ones are refused, as Kubernetes does under Strict validation: a
misspelt field that is silently dropped teaches nothing.

A shape is a type, `PORT`, `MAP`, a list with the shape of its items, an object of field names, or `ANY`, which is not
looked into. Source: the OpenAPI of Kubernetes 1.32, shortened to what a manifest may say.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.core.snapshot.schema import is_of_type

Shape = Any
ANY, MAP, PORT = object(), object(), object()  # anything; text by text; a number or a name


def _any(names: str) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), ANY)


def _of(kind: type, names: str) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), kind)


_EXPRESSION = {"key": str, "operator": str, "values": [str]}
_SELECTOR = {"matchLabels": MAP, "matchExpressions": [_EXPRESSION]}
METADATA = {
    **_of(str, "name generateName namespace uid resourceVersion creationTimestamp deletionTimestamp selfLink"),
    **_of(int, "generation deletionGracePeriodSeconds"),
    "labels": MAP,
    "annotations": MAP,
    "finalizers": [str],
    "managedFields": ANY,
    "ownerReferences": [{**_of(str, "apiVersion kind name uid"), **_of(bool, "controller blockOwnerDeletion")}],
}
_ACTION: dict[str, Shape] = {"httpGet": {"path": str, "port": PORT, "host": str, "scheme": str, "httpHeaders": ANY}}
_ACTION |= {"tcpSocket": {"port": PORT, "host": str}, "exec": {"command": [str]}, "grpc": ANY}
_SECONDS = "initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold"
_PROBE = {**_ACTION, **_of(int, _SECONDS), "terminationGracePeriodSeconds": int}
_CONTAINER = {
    **_of(str, "name image imagePullPolicy workingDir terminationMessagePath terminationMessagePolicy restartPolicy"),
    **_of(bool, "stdin stdinOnce tty"),
    "command": [str],
    "args": [str],
    "env": [{"name": str, "value": str, "valueFrom": ANY}],
    "envFrom": ANY,
    "ports": [{"name": str, "containerPort": int, "hostPort": int, "hostIP": str, "protocol": str}],
    "livenessProbe": _PROBE,
    "readinessProbe": _PROBE,
    "startupProbe": _PROBE,
    "lifecycle": ANY,
    "resources": {"limits": ANY, "requests": ANY, "claims": ANY},
    "volumeMounts": [{**_of(str, "name mountPath subPath subPathExpr mountPropagation"), "readOnly": bool}],
    **_any("volumeDevices securityContext resizePolicy"),
}
_TOLERATION = {**_of(str, "key operator value effect"), "tolerationSeconds": int}
POD_SPEC = {
    **_of(str, "nodeName restartPolicy dnsPolicy serviceAccountName serviceAccount schedulerName hostname subdomain"),
    **_of(str, "priorityClassName runtimeClassName preemptionPolicy"),
    **_of(int, "terminationGracePeriodSeconds activeDeadlineSeconds priority"),
    **_of(bool, "hostNetwork hostPID hostIPC hostUsers shareProcessNamespace automountServiceAccountToken"),
    **_of(bool, "enableServiceLinks setHostnameAsFQDN"),
    "containers": [_CONTAINER],
    "initContainers": [_CONTAINER],
    "nodeSelector": MAP,
    "tolerations": [_TOLERATION],
    **_any("affinity volumes imagePullSecrets securityContext topologySpreadConstraints hostAliases dnsConfig"),
    **_any("readinessGates overhead os schedulingGates resourceClaims ephemeralContainers resources"),
}
_TEMPLATE = {"metadata": METADATA, "spec": POD_SPEC}
_ROLLING = {"type": str, "rollingUpdate": {"maxSurge": PORT, "maxUnavailable": PORT}}
_SERVICE_PORT = {**_of(str, "name protocol appProtocol"), **_of(int, "port nodePort"), "targetPort": PORT}
_SERVICE_NAMES = "type clusterIP externalName externalTrafficPolicy internalTrafficPolicy sessionAffinity"
_SERVICE_SPEC = {
    **_of(str, f"{_SERVICE_NAMES} ipFamilyPolicy loadBalancerIP loadBalancerClass trafficDistribution"),
    **_of(bool, "publishNotReadyAddresses allocateLoadBalancerNodePorts"),
    "ports": [_SERVICE_PORT],
    "selector": MAP,
    "healthCheckNodePort": int,
    "sessionAffinityConfig": ANY,
    **{name: [str] for name in ("clusterIPs", "externalIPs", "ipFamilies", "loadBalancerSourceRanges")},
}
_ENDPOINT = {"addresses": [str], "nodeName": str, "hostname": str, "zone": str, "deprecatedTopology": MAP}
_ENDPOINT |= {"conditions": _of(bool, "ready serving terminating"), "targetRef": ANY, "hints": ANY}
_EVENT = {
    **_of(
        str, "reason message type firstTimestamp lastTimestamp eventTime action reportingComponent reportingInstance"
    ),
    "involvedObject": _of(str, "kind namespace name uid apiVersion resourceVersion fieldPath"),
    "source": _of(str, "component host"),
    "count": int,
    "series": ANY,
    "related": ANY,
}
OBJECTS: dict[str, dict[str, Shape]] = {
    "Namespace": {"spec": {"finalizers": [str]}},
    "Node": {
        "spec": {
            **_of(str, "podCIDR providerID"),
            "podCIDRs": [str],
            "unschedulable": bool,
            "taints": ANY,
        }
    },
    "Pod": {"spec": POD_SPEC},
    "Service": {"spec": _SERVICE_SPEC},
    "ConfigMap": {"data": MAP, "binaryData": MAP, "immutable": bool},
    "Event": _EVENT,
    "Deployment": {
        "spec": {
            **_of(int, "replicas minReadySeconds revisionHistoryLimit progressDeadlineSeconds"),
            "paused": bool,
            "selector": _SELECTOR,
            "template": _TEMPLATE,
            "strategy": _ROLLING,
        }
    },
    "ReplicaSet": {"spec": {**_of(int, "replicas minReadySeconds"), "selector": _SELECTOR, "template": _TEMPLATE}},
    "EndpointSlice": {
        "addressType": str,
        "endpoints": [_ENDPOINT],
        "ports": [{**_of(str, "name protocol appProtocol"), "port": int}],
    },
    "NodeENIConfig": {"spec": ANY},
}
_COMMON = {"apiVersion": str, "kind": str, "metadata": METADATA, "status": ANY}
_WORDS = {str: "string", int: "int32", bool: "bool", MAP: "map[string]string", PORT: "intstr.IntOrString"}


def unknown_fields(item: Mapping[str, Any]) -> list[str]:
    """The fields that the object's kind does not have: ``spec.externalTraficPolicy``."""
    return [path for path, wanted in _problems(item, _COMMON | OBJECTS[item["kind"]], "") if wanted is None]


def wrong_types(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The fields whose value is of another type, with the type that they have."""
    return [(path, wanted) for path, wanted in _problems(item, _COMMON | OBJECTS[item["kind"]], "") if wanted]


def _problems(value: Any, shape: Shape, path: str) -> Iterator[tuple[str, str | None]]:
    """Pairs of a path and the type it should have; None for a field that is not known."""
    if isinstance(shape, dict):
        yield from _in_object(value, shape, path)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield path, "a list"
        else:
            for place, item in enumerate(value):
                yield from _problems(item, shape[0], f"{path}[{place}]")
    elif not _fits(value, shape):
        yield path, _WORDS[shape]


def _in_object(value: Any, shape: dict[str, Shape], path: str) -> Iterator[tuple[str, str | None]]:
    if not isinstance(value, dict):
        yield path, "an object"
        return
    for name, inner in value.items():
        place = f"{path}.{name}" if path else name
        if name not in shape:
            yield place, None
        else:
            yield from _problems(inner, shape[name], place)


def _fits(value: Any, shape: Shape) -> bool:
    if shape is ANY:
        return True
    if shape is MAP:
        return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
    if shape is PORT:
        return isinstance(value, str) or is_of_type(value, int)
    return is_of_type(value, shape) and (shape is not int or abs(value) < 1 << 31)
