"""What ``kubectl get`` lists of a snapshot, in all namespaces, with the columns that matter on the way of a request."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from drilllib.core.practice.rows import Row, row
from drilllib.core.snapshot.endpoint_slices import read_conditions
from drilllib.core.snapshot.kubernetes import SERVICE_NAME
from drilllib.core.snapshot.pods import Pod
from drilllib.core.snapshot.resources import object_name
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import UnknownNameError, listed, quoted


def kubectl_rows(snapshot: Snapshot, kind: str) -> Iterator[Row]:
    """
    All objects of a *kind*, one of `KINDS`.

    Raises:
        UnknownNameError: It is another kind.
    """
    if kind not in KINDS:
        raise UnknownNameError(
            "kubectl get {name} is no look here",
            remedy="Use one of {choices}",
            name=quoted(kind),
            choices=listed(KINDS),
        )
    return KINDS[kind](snapshot)


def _services(snapshot: Snapshot) -> Iterator[Row]:
    for item in snapshot.kubernetes.of_kind("Service"):
        spec, (namespace, name) = item["spec"], object_name(item).split("/")
        entries = ((item.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
        yield row(
            "service",
            namespace=namespace,
            name=name,
            type=spec.get("type") or "ClusterIP",
            address=spec.get("clusterIP"),
            external=",".join(entry.get("ip") or entry.get("hostname") or "" for entry in entries),
            ports=",".join(map(_port_text, spec.get("ports") or ())),
            policy=spec.get("externalTrafficPolicy"),
            selector=_pairs(spec.get("selector")),
            annotations=_pairs(item["metadata"].get("annotations")),
        )


def _port_text(port: Mapping[str, Any]) -> str:
    """As kubectl writes it, and what it leads to: ``80:30713/TCP->8080``."""
    node_port = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port['port']}{node_port}/{port.get('protocol', 'TCP')}->{port.get('targetPort', port['port'])}"


def _pairs(values: Mapping[str, Any] | None) -> str:
    return ",".join(f"{name}={value}" for name, value in (values or {}).items())


def _endpoints(snapshot: Snapshot) -> Iterator[Row]:
    """One line an address; a Service without any has a line too."""
    for item in snapshot.kubernetes.of_kind("EndpointSlice"):
        namespace = object_name(item).split("/")[0]
        service = (item["metadata"].get("labels") or {}).get(SERVICE_NAME, "")
        ports = ",".join(f"{each.get('port')}/{each.get('protocol', 'TCP')}" for each in item.get("ports") or ())
        named = {"namespace": namespace, "service": service, "ports": ports}
        entries = item.get("endpoints") or ()
        if not entries:
            yield row("endpoints", **named)
        for entry in entries:
            ready, where = read_conditions(entry).ready, ",".join(entry["addresses"])
            pod = (entry.get("targetRef") or {}).get("name")
            yield row("endpoints", **named, address=where, ready=ready, pod=pod, node=entry.get("nodeName"))


def _pods(snapshot: Snapshot) -> Iterator[Row]:
    for item in snapshot.kubernetes.of_kind("Pod"):
        pod = snapshot.kubernetes.pods[object_name(item)]
        namespace, name = pod.name.split("/")
        yield row(
            "pod",
            namespace=namespace,
            name=name,
            ready={True: "1/1", False: "0/1", None: "<unknown>"}[pod.is_ready],
            status=(item.get("status") or {}).get("phase"),
            address=",".join(map(str, pod.addresses)),
            node=pod.node_name,
            ports=_declared(pod),
            labels=_pairs(pod.labels),
        )


def _declared(pod: Pod) -> str:
    return ",".join(f"{port}/{transport}" for transport, port in sorted(pod.declared))


def _is_ready(node: Mapping[str, Any]) -> bool:
    """As kubectl prints it: of a node that has not been heard of (Unknown) it is not; where nothing is said, it is."""
    told = (node.get("status") or {}).get("conditions") or ()
    return all(each.get("status") == "True" for each in told if each.get("type") == "Ready")


def _nodes(snapshot: Snapshot) -> Iterator[Row]:
    for item in snapshot.kubernetes.of_kind("Node"):
        name, listed = item["metadata"]["name"], (item.get("status") or {}).get("addresses") or ()
        addresses = ",".join(each["address"] for each in listed if each.get("type", "InternalIP") == "InternalIP")
        status = "Ready" if _is_ready(item) else "NotReady"
        yield row("node", name=name, status=status, address=addresses, labels=_pairs(item["metadata"].get("labels")))


KINDS = MappingProxyType({"services": _services, "endpoints": _endpoints, "pods": _pods, "nodes": _nodes})
