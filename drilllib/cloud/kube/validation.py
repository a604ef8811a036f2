"""What an object must fulfil before it is kept. Each check yields pairs of a field and what is wrong with it."""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.cloud.kube import fields
from drilllib.cloud.kube.defaults import fill_defaults
from drilllib.cloud.kube.errors import bad_request, invalid
from drilllib.cloud.kube.kinds import Kind
from drilllib.cloud.kube.objects import Object, name_of
from drilllib.cloud.kube.selectors import selects
from drilllib.core.snapshot import schema
from drilllib.core.snapshot.kubernetes import NODE_PORTS
from drilllib.errors import InvalidInputError, quoted

Problems = Iterator[tuple[str, str]]
SERVICE_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", re.ASCII)
_LABEL_KEY = re.compile(r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?", re.ASCII)
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?", re.ASCII)
_DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
_LARGEST_REPLICAS = 50  # of one workload: a lab's, not a cluster's
# What the controllers and the tables read of a status or of a custom resource; cf. drilllib.core.snapshot.schema.
_CONDITIONS = {"conditions?": [{"type": str, "status": str}]}
_STATE = {"waiting?": {"reason?": str}, "terminated?": {"reason?": str}, "running?": dict}
_CONTAINERS = [{"name?": str, "ready?": bool, "restartCount?": int, "state?": _STATE}]
_COUNTS = dict.fromkeys(("replicas?", "readyReplicas?", "availableReplicas?", "updatedReplicas?"), int)
_TEMPLATE = {"metadata?": {"labels?": dict, "annotations?": dict}, "spec?": {"containers?": [{"name?": str}]}}
_WORKLOAD = {
    "spec?": {"replicas?": int, "selector?": {"matchLabels?": dict}, "template?": _TEMPLATE},
    "status?": {**_COUNTS, **_CONDITIONS},
}
_READ: dict[str, Any] = {
    "Node": {"spec?": {"unschedulable?": bool}, "status?": {**_CONDITIONS, "nodeInfo?": dict}},
    "Pod": {"spec?": dict, "status?": {"phase?": str, "containerStatuses?": _CONTAINERS, **_CONDITIONS}},
    "Service": {"spec": {"selector?": dict, "clusterIP?": str}},
    "Deployment": _WORKLOAD,
    "ReplicaSet": _WORKLOAD,
    "Namespace": {"status?": {"phase?": str}},
    "Event": {"involvedObject?": dict, "source?": dict, "count?": int, "message?": str},
    "ConfigMap": {"data?": dict},
    "NodeENIConfig": {"spec?": {"securityGroups?": [str]}},
}


def require_known_fields(kind: Kind, item: Object, before: Object | None) -> None:
    """Raises KubeError for fields that the kind has not, unless the object had them before, and for wrong types."""
    api = f'{kind.name} in version "{kind.version}" cannot be handled as a {kind.name}'
    wrong = fields.wrong_types(item)
    if wrong:
        raise bad_request(f"{api}: {wrong[0][0]} is not of type {wrong[0][1]}")
    had = set(fields.unknown_fields(before)) if before else set()
    unknown = [f'unknown field "{path}"' for path in fields.unknown_fields(item) if path not in had]
    if unknown:
        raise bad_request(f"{api}: strict decoding error: {', '.join(unknown[:10])}")


def require_readable(item: Object) -> None:
    """Raises InvalidInputError where a field that the engine or a controller reads is of another type."""
    where = f"{item['kind']} {quoted(item['metadata'].get('name'))}"
    schema.require_shape(item, schema.KUBERNETES.get(item["kind"], {}), where)
    schema.require_shape(item, _READ.get(item["kind"], {}), where)
    schema.require_shape(item["metadata"], {"ownerReferences?": [{"kind": str, "uid": str}]}, f"{where}.metadata")
    for name in ("labels", "annotations"):
        for key, value in (item["metadata"].get(name) or {}).items():
            schema.require_shape(value, str, f"{where}.metadata.{name}.{key}")


def require_valid(kind: Kind, item: Object, before: Object | None) -> None:
    """Raises KubeError where the object means nothing; what a snapshot's object lacked before is let pass."""
    checks = {"Service": _service, "Deployment": _workload, "ReplicaSet": _workload, "Pod": _pod}
    problems = [*_metadata(kind, item), *checks.get(kind.name, lambda _: ())(item)]
    if problems and before:
        had = copy.deepcopy(before)
        fill_defaults(kind, had)
        known = [*_metadata(kind, had), *checks.get(kind.name, lambda _: ())(had)]
        problems = [each for each in problems if each not in known]
    if problems:
        raise invalid(kind, name_of(item), problems[:10])
    try:
        require_readable(item)
    except InvalidInputError as error:
        raise invalid(kind, name_of(item), [("", error.problem)]) from None


def _metadata(kind: Kind, item: Object) -> Problems:
    name, pattern = name_of(item), _DNS_LABEL if kind.name in ("Service", "Namespace") else _NAME
    if not pattern.fullmatch(name) or (kind.name == "Namespace" and "." in name):
        yield "metadata.name", f"Invalid value: {quoted(name)}: must consist of lower case letters, digits and '-'"
    yield from _labels(item["metadata"].get("labels") or {}, "metadata.labels")


def _labels(labels: Mapping[str, str], where: str) -> Problems:
    for key, value in labels.items():
        if not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            yield (
                where,
                f"Invalid value: {quoted(f'{key}={value}')}: must be letters, digits, '-', '_' and '.', at most 63",
            )


def _service(item: Object) -> Problems:
    spec = item["spec"]
    ports = spec.get("ports") or []
    if spec["type"] not in SERVICE_TYPES:
        yield "spec.type", f"Unsupported value: {quoted(spec['type'])}: supported values: {', '.join(SERVICE_TYPES)}"
    if not ports and spec["type"] != "ExternalName" and spec.get("clusterIP") != "None":
        yield "spec.ports", "Required value"
    if spec.get("externalTrafficPolicy", "Cluster") not in ("Cluster", "Local"):
        yield "spec.externalTrafficPolicy", f"Unsupported value: {quoted(spec['externalTrafficPolicy'])}"
    if spec.get("clusterIP") not in (None, "", "None") and not schema.is_address(spec["clusterIP"]):
        yield "spec.clusterIP", f"Invalid value: {quoted(spec['clusterIP'])}: must be an address or None"
    for place, port in enumerate(ports):
        yield from _service_port(port, f"spec.ports[{place}]", len(ports) > 1)
    for name, key in (("name", "name"), ("port", "port")):
        values = [(port.get(key), port["protocol"] if key == "port" else "") for port in ports]
        if len(set(values)) < len(values):
            yield "spec.ports", f"Duplicate value: two ports have the same {name}"
    yield from _labels(spec.get("selector") or {}, "spec.selector")


def _service_port(port: Mapping[str, Any], where: str, several: bool) -> Problems:
    target = port.get("targetPort")
    if several and not port.get("name"):
        yield f"{where}.name", "Required value"
    if not 1 <= port.get("port", 0) <= 65535:
        yield f"{where}.port", f"Invalid value: {port.get('port', 0)}: must be between 1 and 65535, inclusive"
    if isinstance(target, int) and not 1 <= target <= 65535:
        yield f"{where}.targetPort", f"Invalid value: {target}: must be between 1 and 65535, inclusive"
    if port["protocol"] not in ("TCP", "UDP", "SCTP"):
        yield f"{where}.protocol", f"Unsupported value: {quoted(port['protocol'])}: supported values: SCTP, TCP, UDP"
    if port.get("nodePort") and port["nodePort"] not in NODE_PORTS:
        valid = f"{NODE_PORTS[0]}-{NODE_PORTS[-1]}"
        text = f"provided port is not in the valid range. The range of valid ports is {valid}"
        yield f"{where}.nodePort", f"Invalid value: {port['nodePort']}: {text}"


def _workload(item: Object) -> Problems:
    spec = item["spec"]
    labels = spec["template"]["metadata"].get("labels") or {}
    if not 0 <= spec["replicas"] <= _LARGEST_REPLICAS:
        yield "spec.replicas", f"Invalid value: {spec['replicas']}: must be from 0 to {_LARGEST_REPLICAS} here"
    yield from _selector(spec.get("selector") or {}, labels)
    yield from _labels(labels, "spec.template.metadata.labels")
    yield from _pod_spec(spec["template"]["spec"], "spec.template.spec")


def _selector(selector: Mapping[str, Any], labels: Mapping[str, str]) -> Problems:
    expressions = selector.get("matchExpressions") or ()
    if not selector.get("matchLabels") and not expressions:
        yield "spec.selector", "Required value"
    elif any(not each.get("key") or not each.get("operator") for each in expressions):
        yield "spec.selector.matchExpressions", "Required value: key and operator"
    elif not selects(selector, labels):
        text = "`selector` does not match template `labels`"
        yield "spec.template.metadata.labels", f"Invalid value: {quoted(dict(labels))}: {text}"


def _pod(item: Object) -> Problems:
    return _pod_spec(item["spec"], "spec")


def _pod_spec(spec: Mapping[str, Any], where: str) -> Problems:
    if not spec.get("containers"):
        yield f"{where}.containers", "Required value"
    names = [container.get("name") for container in spec.get("containers") or ()]
    if len(set(names)) < len(names):
        yield f"{where}.containers", "Duplicate value: two containers have the same name"
    for place, container in enumerate(spec.get("containers") or ()):
        here = f"{where}.containers[{place}]"
        for field in ("name", "image"):
            if not container.get(field):
                yield f"{here}.{field}", "Required value"
        for port in container.get("ports") or ():
            if not 1 <= port.get("containerPort", 0) <= 65535:
                yield f"{here}.ports.containerPort", "Invalid value: must be between 1 and 65535, inclusive"
