"""
Write drilllib/cloud/kube/types.json.gz: the fields of the kinds that the local cluster serves, with their types, texts
and merge keys, and the numbers that they have in protobuf.

    python docs/kubernetes_types.py SCHEMAS PROTOS

SCHEMAS is `_definitions.json` of Kubernetes 1.36 in the package kubernetes-validate (made from Kubernetes' published
OpenAPI), PROTOS the folder of the unpacked package k8s-proto, whose modules need protobuf 3. Both are of the Apache
licence. What k8s-proto has not, the groups beside core, stands in NUMBERS: kubernetes/api, */generated.proto.
"""

import gzip
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from drilllib.cloud.kube.openapi import references

TARGET = Path(__file__).parent.parent / "drilllib/cloud/kube/types.json.gz"
META, CORE = "io.k8s.apimachinery.pkg.apis.meta.v1", "io.k8s.api.core.v1"
KINDS = {
    CORE: "Namespace Node Pod Service ConfigMap Event Endpoints LimitRange ResourceQuota",
    "io.k8s.api.apps.v1": "Deployment ReplicaSet DaemonSet StatefulSet ControllerRevision",
    "io.k8s.api.discovery.v1": "EndpointSlice",
    "io.k8s.api.coordination.v1": "Lease",
    "io.k8s.api.autoscaling.v1": "Scale",
    "io.k8s.api.autoscaling.v2": "HorizontalPodAutoscaler",
    "io.k8s.api.authorization.v1": "SelfSubjectAccessReview SelfSubjectRulesReview",
    "io.k8s.api.authentication.v1": "SelfSubjectReview",
    META: "DeleteOptions Status",
}
_OBJECT = {"metadata": 1, "spec": 2, "status": 3}
NUMBERS: dict[str, dict[str, int]] = {
    **{f"io.k8s.api.apps.v1.{name}": _OBJECT for name in ("Deployment", "ReplicaSet")},
    "io.k8s.api.apps.v1.DeploymentSpec": {
        "replicas": 1,
        "selector": 2,
        "template": 3,
        "strategy": 4,
        "minReadySeconds": 5,
        "revisionHistoryLimit": 6,
        "paused": 7,
        "progressDeadlineSeconds": 9,
    },
    "io.k8s.api.apps.v1.DeploymentStrategy": {"type": 1, "rollingUpdate": 2},
    "io.k8s.api.apps.v1.RollingUpdateDeployment": {"maxUnavailable": 1, "maxSurge": 2},
    "io.k8s.api.apps.v1.DeploymentStatus": {},
    "io.k8s.api.apps.v1.ReplicaSetSpec": {"replicas": 1, "selector": 2, "template": 3, "minReadySeconds": 4},
    "io.k8s.api.apps.v1.ReplicaSetStatus": {},
    "io.k8s.api.autoscaling.v1.Scale": _OBJECT,
    "io.k8s.api.autoscaling.v1.ScaleSpec": {"replicas": 1},
    "io.k8s.api.autoscaling.v1.ScaleStatus": {"replicas": 1, "selector": 2},
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler": _OBJECT,
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec": {
        "scaleTargetRef": 1,
        "minReplicas": 2,
        "maxReplicas": 3,
        "metrics": 4,
        "behavior": 5,
    },
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus": {"currentReplicas": 3, "desiredReplicas": 4},
    "io.k8s.api.autoscaling.v2.CrossVersionObjectReference": {"kind": 1, "name": 2, "apiVersion": 3},
    "io.k8s.api.autoscaling.v2.MetricSpec": {"type": 1, "resource": 4},
    "io.k8s.api.autoscaling.v2.ResourceMetricSource": {"name": 1, "target": 2},
    "io.k8s.api.autoscaling.v2.MetricTarget": {"type": 1, "value": 2, "averageValue": 3, "averageUtilization": 4},
    "io.k8s.api.authorization.v1.SelfSubjectAccessReview": _OBJECT,
    "io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec": {"resourceAttributes": 1, "nonResourceAttributes": 2},
    "io.k8s.api.authorization.v1.ResourceAttributes": {
        "namespace": 1,
        "verb": 2,
        "group": 3,
        "version": 4,
        "resource": 5,
        "subresource": 6,
        "name": 7,
    },
    "io.k8s.api.authorization.v1.NonResourceAttributes": {"path": 1, "verb": 2},
    "io.k8s.api.authorization.v1.SubjectAccessReviewStatus": {"allowed": 1, "reason": 2, "denied": 4},
    "io.k8s.api.authorization.v1.SelfSubjectRulesReview": _OBJECT,
    "io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec": {"namespace": 1},
    "io.k8s.api.authorization.v1.SubjectRulesReviewStatus": {"incomplete": 3},
    "io.k8s.api.authentication.v1.SelfSubjectReview": {"metadata": 1, "status": 2},
    "io.k8s.api.authentication.v1.SelfSubjectReviewStatus": {},
    f"{CORE}.LifecycleHandler": {"exec": 1, "httpGet": 2, "tcpSocket": 3},
}
NEWER: dict[str, dict[str, int]] = {  # than k8s-proto's Kubernetes 1.16
    f"{CORE}.ConfigMap": {"immutable": 4},
    f"{CORE}.Container": {"startupProbe": 22, "resizePolicy": 23, "restartPolicy": 24},
    f"{CORE}.PodSpec": {"preemptionPolicy": 31, "overhead": 32, "setHostnameAsFQDN": 35, "hostUsers": 37},
    f"{CORE}.ServicePort": {"appProtocol": 6},
    f"{CORE}.ServiceSpec": {
        "ipFamilyPolicy": 17,
        "clusterIPs": 18,
        "ipFamilies": 19,
        "allocateLoadBalancerNodePorts": 20,
        "loadBalancerClass": 21,
        "internalTrafficPolicy": 22,
        "trafficDistribution": 23,
    },
    f"{META}.Preconditions": {"resourceVersion": 2},
}
# The published OpenAPI leaves out which values a field takes; the API server adds them with these texts.
ENUMS: dict[str, dict[str, str]] = {
    f"{CORE}.ServiceSpec.externalTrafficPolicy": {
        "Cluster": "routes traffic to all endpoints.",
        "Local": "preserves the source IP of the traffic by routing only to endpoints on the same node as the traffic"
        " was received on (dropping the traffic if there are no local endpoints).",
    },
    f"{CORE}.ServiceSpec.type": {
        "ClusterIP": "means a service will only be accessible inside the cluster, via the cluster IP.",
        "ExternalName": "means a service consists of only a reference to an external name that kubedns or equivalent"
        " will return as a CNAME record, with no exposing or proxying of any pods involved.",
        "LoadBalancer": "means a service will be exposed via an external load balancer (if the cloud provider supports"
        " it), in addition to 'NodePort' type.",
        "NodePort": "means a service will be exposed on one port of every node, in addition to 'ClusterIP' type.",
    },
    f"{CORE}.ServicePort.protocol": {each: f"is the {each} protocol." for each in ("SCTP", "TCP", "UDP")},
    f"{CORE}.ContainerPort.protocol": {each: f"is the {each} protocol." for each in ("SCTP", "TCP", "UDP")},
}


def main(schemas: str, protos: str) -> None:
    """Write the file."""
    whole = json.loads(Path(schemas).read_text(encoding="utf-8"))["$defs"]
    wanted = [f"{group}.{name}" for group, names in KINDS.items() for name in names.split()]
    definitions: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        if name not in definitions:
            definitions[name] = _plain(whole[name])
            wanted += references(definitions[name])
    for place, values in ENUMS.items():
        name, _, field = place.rpartition(".")
        _enumerate(definitions[name]["properties"][field], values)
    made = {"definitions": dict(sorted(definitions.items())), "numbers": _numbers(protos, definitions)}
    text = json.dumps(made, separators=(",", ":"), sort_keys=True)
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(definitions)} types, {len(text)} bytes, compressed {TARGET.stat().st_size}")


def _plain(value: Any) -> Any:
    """The package's JSON schema as OpenAPI has it: no null among the types, no fixed apiVersion and kind."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: _plain(each) for name, each in value.items() if name not in ("enum", "additionalProperties")}
    if isinstance(value.get("additionalProperties"), dict):
        found["additionalProperties"] = _plain(value["additionalProperties"])
    if isinstance(value.get("type"), list):
        found["type"] = next(each for each in value["type"] if each != "null")
    if "$ref" in value:
        found["$ref"] = value["$ref"].rpartition("/")[2]
    return found


def _enumerate(field: dict[str, Any], values: dict[str, str]) -> None:
    listed = "".join(f'\n - `"{value}"` {text}' for value, text in values.items())
    field["description"] += f"\n\nPossible enum values:{listed}"
    field["enum"] = list(values)


def _numbers(folder: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """By type and number the field; one that JSON has not is a list: its type, whose fields stand in the outer one."""
    sys.path.insert(0, folder)
    found: dict[str, dict[str, Any]] = {name: {str(number): field for field, number in each.items()}
                                        for name, each in NUMBERS.items()}  # fmt: skip
    for module in ("api.core.v1", "apimachinery.pkg.apis.meta.v1"):
        descriptor = importlib.import_module(f"k8s.io.{module}.generated_pb2").DESCRIPTOR
        for name, message in descriptor.message_types_by_name.items():
            place = f"io.k8s.{module}.{name}"
            known = (definitions.get(place) or {}).get("properties", {})
            if place in definitions or name in _INLINE:
                found[place] = {str(field.number): _field(field, known, place) for field in message.fields}
    for place, newer in NEWER.items():
        found[place] |= {str(number): field for field, number in newer.items()}
    return found


_INLINE = ("VolumeSource", "Handler", "PersistentVolumeSource", "EphemeralContainerCommon", "LocalObjectReference")


def _field(field: Any, known: dict[str, Any], place: str) -> Any:
    inline = field.message_type is not None and field.name not in known and field.message_type.name in _INLINE
    return [f"{place.rpartition('.')[0]}.{field.message_type.name}"] if inline else field.name


if __name__ == "__main__":
    main(*sys.argv[1:])
