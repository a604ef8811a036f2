"""The Kubernetes objects behind a question, in a copy of a snapshot's document: to be read and changed there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drilllib.core.snapshot.kubernetes import SERVICE_NAME
from drilllib.core.snapshot.resources import object_name
from drilllib.core.snapshot.services import transport_of
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import HopKind

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
Object = dict[str, Any]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ServicePortOf:
    """One port of a Service: its item in *document*, and the place of the port in its list."""

    document: Document
    item: Object
    place: int

    @property
    def name(self) -> str:
        """The Service, as NAMESPACE/NAME."""
        return object_name(self.item)

    @property
    def port(self) -> Object:
        """The port's entry."""
        entry: Object = self.item["spec"]["ports"][self.place]
        return entry

    @property
    def target_port(self) -> int | str:
        """Where it sends to: a number, or the name of a pod's port."""
        found: int | str = self.port.get("targetPort") or self.port["port"]
        return found

    @property
    def selector(self) -> Mapping[str, str]:
        """The labels that its pods have; empty where it selects none by itself."""
        return _mapping(self.item["spec"].get("selector"))

    @property
    def pods(self) -> list[Object]:
        """The Pods that it selects."""
        wanted = self.selector.items()
        return [each for each in pods_in(self.document, self.name) if wanted and wanted <= labels_of(each).items()]

    @property
    def workloads(self) -> list[Object]:
        """The workloads whose pods it would select, by the labels of their template; not those that another keeps."""
        namespace, wanted = self.name.partition("/")[0], self.selector.items()
        every = (each for kind in WORKLOADS for each in of_kind(self.document, kind))
        own = (each for each in every if not each["metadata"].get("ownerReferences"))
        ours = (each for each in own if object_name(each).partition("/")[0] == namespace)
        return [each for each in ours if wanted and wanted <= template_labels(each).items()]

    @property
    def slices(self) -> list[Object]:
        """Its EndpointSlices."""
        namespace, _, name = self.name.partition("/")
        return [
            each
            for each in of_kind(self.document, "EndpointSlice")
            if object_name(each).partition("/")[0] == namespace
            and (each["metadata"].get("labels") or {}).get(SERVICE_NAME) == name
        ]


def service_port(document: Document, answer: Trace) -> ServicePortOf | None:
    """
    The Service port that an answered question is about; None where that cannot be told.

    Behind a node it is the owner of the NodePort, else the named Service's port of the listener's number.
    """
    transport, number = answer.question.protocol or "TCP", answer.question.port
    on_node = {hop.port for path in answer.paths for hop in path.hops if hop.hop is HopKind.NODE}
    found = [
        ServicePortOf(document, item, place)
        for item in of_kind(document, "Service")
        for place, port in enumerate(item["spec"].get("ports") or ())
        if transport_of(port) == transport
        and (
            port.get("nodePort") in on_node
            if on_node
            else object_name(item) == answer.question.service and port["port"] == number
        )
    ]
    return found[0] if len(found) == 1 else None


def of_kind(document: Document, kind: str) -> list[Object]:
    """The objects of one kind."""
    return [item for item in document.get("kubernetes") or () if item["kind"] == kind]


def pods_in(document: Document, service: str) -> Iterator[Object]:
    """The Pods of the Service's namespace that run, or may: whose phase is not over."""
    namespace = service.partition("/")[0]
    for item in of_kind(document, "Pod"):
        over = (item.get("status") or {}).get("phase") in ("Succeeded", "Failed")
        if object_name(item).partition("/")[0] == namespace and not over:
            yield item


def labels_of(item: Object) -> Mapping[str, str]:
    """Its labels; Kubernetes takes none that is no text."""
    labels = _mapping(item["metadata"].get("labels"))
    return {key: value for key, value in labels.items() if isinstance(value, str)}


def template_labels(workload: Object) -> Mapping[str, str]:
    """The labels that a workload's pods get."""
    found: object = workload
    for key in ("spec", "template", "metadata", "labels"):
        found = _mapping(found).get(key)
    return _mapping(found)


def _mapping(value: object) -> Mapping[str, str]:
    """What is there, where it is an object: fields that the engine does not read may be anything."""
    return value if isinstance(value, dict) else {}


def is_ready(pod: Object) -> bool:
    """Is the pod ready, as far as its status says?"""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return all(each.get("status") == "True" for each in conditions if each.get("type") == "Ready")


def only_port(pods: Iterable[Object], transport: str) -> Object | None:
    """
    The one port that all *pods* declare for a protocol; None where that is not settled.

    A port that is declared nowhere may be listened on all the same [core/v1], so every container has to declare one.
    """
    found: dict[int, Object] = {}
    for pod in pods:
        declared = [list(each.get("ports") or ()) for each in _containers(pod)]
        ports = {each["containerPort"]: each for one in declared for each in one if transport_of(each) == transport}
        if not declared or not all(declared) or len(ports) != 1:
            return None
        found |= ports
    return next(iter(found.values())) if len(found) == 1 else None


def declared_ports(pods: Iterable[Object], transport: str) -> list[int]:
    """The ports that some of *pods* declare for a protocol."""
    entries = (each for pod in pods for one in _containers(pod) for each in one.get("ports") or ())
    return sorted({each["containerPort"] for each in entries if transport_of(each) == transport})


def number_of(pod: Object, target: int | str, transport: str) -> int | None:
    """The number behind a Service's targetPort for one pod; None where it declares no port of that name."""
    if isinstance(target, int):
        return target
    entries = (each for one in _containers(pod) for each in one.get("ports") or ())
    named = (each["containerPort"] for each in entries if each.get("name") == target)
    return next((number for number in named if number), None) if transport else None


def _containers(pod: Object) -> list[Object]:
    """Those that run on: containers, and init containers that are sidecars."""
    spec = pod.get("spec") or {}
    sidecars = [each for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always"]
    return [*(spec.get("containers") or ()), *sidecars]
