"""What Kubernetes fills into an object that is written: the defaults that a manifest leaves out."""

import copy
from typing import Any

from drilllib.cloud.kube.kinds import Kind
from drilllib.cloud.kube.objects import Object, name_of

_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_CONTAINER = {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}
_POD = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
}
_ROLLING = {"maxUnavailable": "25%", "maxSurge": "25%"}


# What admission adds to every pod (DefaultTolerationSeconds, Priority).
_UNHEALTHY = tuple(
    {"effect": "NoExecute", "key": f"node.kubernetes.io/{what}", "operator": "Exists", "tolerationSeconds": 300}
    for what in ("not-ready", "unreachable")
)
_METRIC = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}


def fill_defaults(kind: Kind, item: Object) -> None:
    """Fill in what the kind's objects always have."""
    fillers = {"Namespace": _namespace, "Service": _service, "Deployment": _deployment, "ReplicaSet": _replica_set}
    fillers |= {"HorizontalPodAutoscaler": _autoscaler}
    if kind.name in fillers:
        fillers[kind.name](item)
    if kind.name == "Pod":
        _pod(item.setdefault("spec", {}))
        item["spec"].setdefault("enableServiceLinks", True)


def admit(kind: Kind, item: Object) -> None:
    """What admission adds to a new pod: it tolerates a failing node for a while, and has a priority."""
    if kind.name != "Pod":
        return
    spec = item["spec"]
    _set(spec, {"preemptionPolicy": "PreemptLowerPriority", "priority": 0})
    tolerations = spec.setdefault("tolerations", [])
    for each in _UNHEALTHY:
        if not any(_tolerates(other, each["key"]) for other in tolerations):
            tolerations.append(dict(each))
    item["metadata"].setdefault("generation", 1)


def _tolerates(toleration: dict[str, Any], key: object) -> bool:
    every = not toleration.get("key") and toleration.get("operator") == "Exists"
    return (every or toleration.get("key") == key) and toleration.get("effect", "NoExecute") in ("", "NoExecute")


def _set(target: dict[str, Any], defaults: dict[str, Any]) -> None:
    for name, value in defaults.items():
        target.setdefault(name, value)


def _namespace(item: Object) -> None:
    _set(item, {"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}})
    item["metadata"].setdefault("labels", {}).setdefault("kubernetes.io/metadata.name", name_of(item))


def _service(item: Object) -> None:
    spec = item.setdefault("spec", {})
    _set(spec, {"type": "ClusterIP", "sessionAffinity": "None"})
    if spec["sessionAffinity"] == "ClientIP":
        spec.setdefault("sessionAffinityConfig", {"clientIP": {"timeoutSeconds": 10800}})
    else:
        spec.pop("sessionAffinityConfig", None)
    if spec["type"] != "ExternalName":
        _set(spec, {"ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", "internalTrafficPolicy": "Cluster"})
    if spec["type"] in ("NodePort", "LoadBalancer"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if spec["type"] == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    if spec.get("clusterIP"):
        spec.setdefault("clusterIPs", [spec["clusterIP"]])
    for port in spec.get("ports") or ():
        _set(port, {"protocol": "TCP", "targetPort": port.get("port")})
    item.setdefault("status", {"loadBalancer": {}})


def _deployment(item: Object) -> None:
    spec = item.setdefault("spec", {})
    _set(spec, {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600})
    strategy = spec.setdefault("strategy", {})
    strategy["type"] = strategy.get("type") or "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        _set(strategy.setdefault("rollingUpdate", {}), _ROLLING)
    _template(spec)


def _autoscaler(item: Object) -> None:
    spec = item.setdefault("spec", {})
    spec.setdefault("minReplicas", 1)
    if not spec.get("metrics"):
        spec["metrics"] = [copy.deepcopy(_METRIC)]
    item.setdefault("status", {"currentMetrics": None, "desiredReplicas": 0})


def _replica_set(item: Object) -> None:
    spec = item.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    _template(spec)


def _template(spec: dict[str, Any]) -> None:
    template = spec.setdefault("template", {})
    template.setdefault("metadata", {})
    _pod(template.setdefault("spec", {}))


def _pod(spec: dict[str, Any]) -> None:
    _set(spec, {**_POD, "securityContext": {}})
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        newest = (container.get("image") or "").partition("@")[0].rpartition("/")[2]
        always = ":" not in newest or newest.endswith(":latest")
        _set(container, {**_CONTAINER, "resources": {}, "imagePullPolicy": "Always" if always else "IfNotPresent"})
        for port in container.get("ports") or ():
            port.setdefault("protocol", "TCP")
        for name in ("livenessProbe", "readinessProbe", "startupProbe"):
            if name in container:
                _set(container[name], dict(_PROBE))
                if "httpGet" in container[name]:
                    _set(container[name]["httpGet"], {"path": "/", "scheme": "HTTP"})
