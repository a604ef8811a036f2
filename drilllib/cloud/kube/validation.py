"""What an object must fulfil before it is kept. Each check yields pairs of a field and what is wrong with it."""

import copy
from collections.abc import Callable, Iterable
from typing import Any

from drilllib.cloud.kube import fields, wording
from drilllib.cloud.kube.defaults import fill_defaults
from drilllib.cloud.kube.errors import bad_request, invalid
from drilllib.cloud.kube.kinds import Kind
from drilllib.cloud.kube.objects import Object, annotations_of, labels_of, name_of
from drilllib.cloud.kube.valid_services import service_changes, service_problems
from drilllib.cloud.kube.valid_workloads import (
    autoscaler_problems,
    pod_changes,
    pod_problems,
    workload_changes,
    workload_problems,
)
from drilllib.cloud.kube.wording import Problems
from drilllib.core.snapshot import schema
from drilllib.core.snapshot.shapes import require_shape
from drilllib.errors import InvalidInputError, quoted

_ONE_PART = ("Service", "Namespace")  # whose names have no dots
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
    found = list(fields.problems(item))
    wrong = next((each for each in found if each.wanted is not None), None)
    if wrong:
        raise bad_request(f"{api}: {wrong.decoding()}")
    had = set(fields.unknown_fields(before)) if before and found else set()
    unknown = [f'unknown field "{each.path}"' for each in found if each.path not in had]
    if unknown:
        raise bad_request(f"{api}: strict decoding error: {', '.join(unknown[:10])}")


def require_readable(item: Object) -> None:
    """Raises InvalidInputError where a field that the engine or a controller reads is of another type."""
    where = f"{item['kind']} {quoted(item['metadata'].get('name'))}"
    require_shape(item, schema.KUBERNETES.get(item["kind"], {}), where)
    require_shape(item, _READ.get(item["kind"], {}), where)
    require_shape(item["metadata"], {"ownerReferences?": [{"kind": str, "uid": str}]}, f"{where}.metadata")
    for name in ("labels", "annotations"):
        for key, value in (item["metadata"].get(name) or {}).items():
            require_shape(value, str, f"{where}.metadata.{name}.{key}")


def require_valid(kind: Kind, item: Object, before: Object | None) -> None:
    """Raises KubeError where the object means nothing; what a snapshot's object lacked before is let pass."""
    problems = list(_problems(kind, item))
    if before:
        had = copy.deepcopy(before)
        fill_defaults(kind, had)
        known = list(_problems(kind, had)) if problems else []
        problems = [each for each in problems if each not in known]
        problems += _CHANGES.get(kind.name, _nothing)(item, had)
    if problems:
        raise invalid(kind, name_of(item), problems[:10])
    try:
        require_readable(item)
    except InvalidInputError as error:
        raise invalid(kind, name_of(item), [("", error.problem)]) from None


_Check = Callable[[Object], Iterable[tuple[str, str]]]
_Change = Callable[[Object, Object], Iterable[tuple[str, str]]]
_CHECKS: dict[str, _Check] = {
    "Service": service_problems,
    "Deployment": workload_problems,
    "ReplicaSet": workload_problems,
    "Pod": pod_problems,
    "HorizontalPodAutoscaler": autoscaler_problems,
}
_CHANGES: dict[str, _Change] = {
    "Service": service_changes,
    "Deployment": workload_changes,
    "ReplicaSet": workload_changes,
    "Pod": pod_changes,
}


def _problems(kind: Kind, item: Object) -> Problems:
    naming = wording.label_problems if kind.name in _ONE_PART else wording.subdomain_problems
    yield from naming(name_of(item), "metadata.name")
    yield from wording.labels_problems(labels_of(item), "metadata.labels")
    yield from wording.annotations_problems(annotations_of(item), "metadata.annotations")
    yield from _CHECKS.get(kind.name, _nothing)(item)


def _nothing(*_: Object) -> Iterable[tuple[str, str]]:
    return ()
