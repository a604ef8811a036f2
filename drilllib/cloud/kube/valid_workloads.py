"""What Pods, ReplicaSets and Deployments must fulfil. Source: Kubernetes, pkg/apis/{core,apps}/validation."""

import copy
from collections.abc import Mapping
from typing import Any

from drilllib.cloud.kube.objects import Object
from drilllib.cloud.kube.selectors import selects
from drilllib.cloud.kube.wording import (
    IMMUTABLE,
    REQUIRED,
    Problems,
    duplicate,
    label_problems,
    labels_problems,
    port_problem,
    unsupported,
    wrong,
)

LARGEST_REPLICAS = 50  # of one workload: a lab's, not a cluster's
_PULLS = ("Always", "IfNotPresent", "Never")
_RESTARTS = ("Always", "Never", "OnFailure")
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
_MAY_CHANGE = ("tolerations", "activeDeadlineSeconds", "terminationGracePeriodSeconds")
_POD_UPDATES = (
    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing"
    " tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def workload_problems(item: Object) -> Problems:
    """Of a Deployment or a ReplicaSet."""
    spec = item["spec"]
    labels = spec["template"]["metadata"].get("labels") or {}
    if spec["replicas"] < 0:
        yield "spec.replicas", wrong(spec["replicas"], "must be greater than or equal to 0")
    elif spec["replicas"] > LARGEST_REPLICAS:
        yield "spec.replicas", wrong(spec["replicas"], f"must be less than or equal to {LARGEST_REPLICAS} here")
    yield from _selector(spec.get("selector") or {}, labels)
    yield from labels_problems(labels, "spec.template.labels")
    yield from _pod_spec(spec["template"]["spec"], "spec.template.spec")
    if spec["template"]["spec"].get("restartPolicy", "Always") != "Always":
        field = "spec.template.spec.restartPolicy"
        yield field, unsupported(spec["template"]["spec"]["restartPolicy"], ["Always"])


def workload_changes(item: Object, before: Object) -> Problems:
    """The selector stays."""
    old, new = (before.get("spec") or {}).get("selector"), item["spec"].get("selector")
    if old and new != old:
        yield "spec.selector", wrong(new, IMMUTABLE)


def pod_problems(item: Object) -> Problems:
    """Of a Pod."""
    return _pod_spec(item["spec"], "spec")


def pod_changes(item: Object, before: Object) -> Problems:
    """Of a Pod that is there only its images may change, and what says how it ends."""
    if _fixed(item["spec"]) != _fixed(before.get("spec") or {}):
        yield "spec", _POD_UPDATES


def autoscaler_problems(item: Object) -> Problems:
    """Of a HorizontalPodAutoscaler."""
    spec = item.get("spec") or {}
    least, most = spec.get("minReplicas", 1), spec.get("maxReplicas", 0)
    for field in ("kind", "name"):
        if not (spec.get("scaleTargetRef") or {}).get(field):
            yield f"spec.scaleTargetRef.{field}", REQUIRED
    if least < 1:
        yield "spec.minReplicas", wrong(least, "must be greater than or equal to 1")
    if most < 1:
        yield "spec.maxReplicas", wrong(most, "must be greater than 0")
    elif most < least:
        yield "spec.maxReplicas", wrong(most, "must be greater than or equal to `minReplicas`")


def _fixed(spec: Mapping[str, Any]) -> dict[str, Any]:
    """What of a Pod's spec never changes; what the scheduler and the defaults fill in is no change."""
    found = {name: copy.deepcopy(value) for name, value in spec.items() if name not in _MAY_CHANGE}
    for name in ("containers", "initContainers"):
        for container in found.get(name) or ():
            container.pop("image", None)
            container.pop("imagePullPolicy", None)
    return found


def _selector(selector: Mapping[str, Any], labels: Mapping[str, str]) -> Problems:
    expressions = selector.get("matchExpressions") or ()
    known = [each.get("key") and each.get("operator") in _OPERATORS for each in expressions]
    for place, each in enumerate(expressions):
        if not known[place]:
            field = f"spec.selector.matchExpressions[{place}].operator"
            yield field, wrong(each.get("operator") or "", "not a valid selector operator")
    if not selector.get("matchLabels") and not expressions:
        yield "spec.selector", REQUIRED
    elif all(known) and not selects(selector, labels):
        text = "`selector` does not match template `labels`"
        yield "spec.template.metadata.labels", wrong(dict(labels), text)


def _pod_spec(spec: Mapping[str, Any], where: str) -> Problems:
    if not spec.get("containers"):
        yield f"{where}.containers", REQUIRED
    for field in ("initContainers", "containers"):
        names: set[str] = set()
        for place, container in enumerate(spec.get(field) or ()):
            yield from _container(container, f"{where}.{field}[{place}]", names)
    if spec.get("restartPolicy", "Always") not in _RESTARTS:
        yield f"{where}.restartPolicy", unsupported(spec["restartPolicy"], _RESTARTS)
    yield from labels_problems(spec.get("nodeSelector") or {}, f"{where}.nodeSelector")


def _container(container: Mapping[str, Any], where: str, names: set[str]) -> Problems:
    name = container.get("name")
    if not name:
        yield f"{where}.name", REQUIRED
    else:
        yield from label_problems(name, f"{where}.name")
    for place, port in enumerate(container.get("ports") or ()):
        if text := port_problem(port.get("containerPort", 0)):
            yield f"{where}.ports[{place}].containerPort", text
    if not container.get("image"):
        yield f"{where}.image", REQUIRED
    if name and name in names:
        yield f"{where}.name", duplicate(name)
    names.add(name or "")
    if container.get("imagePullPolicy", "Always") not in _PULLS:
        yield f"{where}.imagePullPolicy", unsupported(container["imagePullPolicy"], _PULLS)
