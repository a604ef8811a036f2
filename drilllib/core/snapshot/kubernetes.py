"""What a snapshot's Kubernetes objects say: who owns a NodePort, which pods stand behind it, what they listen on."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from ipaddress import ip_address
from typing import Any

from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.resources import Endpoint, object_name
from drilllib.core.snapshot.schema import is_address
from drilllib.core.snapshot.services import Service, ServicePort, read_service, transport_of

SERVICE_NAME = "kubernetes.io/service-name"
NODE_PORTS = range(30000, 32768)

KubernetesObject = dict[str, Any]
DeclaredPorts = frozenset[tuple[str, int]]


class KubernetesObjects:
    """An index over the objects, made as it is needed."""

    def __init__(self, items: Sequence[KubernetesObject]) -> None:
        self._by_kind: dict[str, list[KubernetesObject]] = {}
        for item in items:
            self._by_kind.setdefault(item["kind"], []).append(item)
        self._endpoints: dict[tuple[str, int, int], tuple[Endpoint, ...] | None] = {}

    def of_kind(self, kind: str) -> list[KubernetesObject]:
        """The objects of one kind."""
        return self._by_kind.get(kind, [])

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """Every Service, of any type."""
        return tuple(map(read_service, self.of_kind("Service")))

    def service_on_node_port(self, transport: str, port: int) -> Service | None:
        """The Service that owns a NodePort of TCP or UDP; None where no Service does."""
        service, _ = self._services_by_node_port.get((transport, port), (None, None))
        return service

    def node_ports(self) -> list[tuple[str, int]]:
        """Every NodePort of every Service, by transport and number."""
        return list(self._services_by_node_port)

    def endpoints(self, transport: str, number: int, family: int) -> tuple[Endpoint, ...] | None:
        """The ready endpoints behind a NodePort, of one address family; None where no EndpointSlice was read."""
        key = transport, number, family
        if key not in self._endpoints:
            service, port = self._services_by_node_port[transport, number]
            slices = self._slices_by_service.get(service.name)
            found = (each for item in slices or () for each in self._endpoints_of(item, port, transport))
            ours = tuple(each for each in found if each.address.version == family)
            self._endpoints[key] = None if slices is None else ours
        return self._endpoints[key]

    def slices_of(self, service: str) -> Sequence[KubernetesObject]:
        """The EndpointSlices of a Service, called NAMESPACE/NAME."""
        return self._slices_by_service.get(service) or ()

    def pod_at(self, address: Address, port: int, transport: str) -> Endpoint | None:
        """The pod with that address, asked on *port*; None where no Pod and no EndpointSlice has it."""
        pod = self.pods_by_address.get(address)
        if pod is None:
            return None
        return Endpoint(pod, address, port, self._node_names.get(address, ""), self._listens(pod, transport, port))

    def labels_of(self, pod: str) -> Mapping[str, Any] | None:
        """The labels of a pod, NAMESPACE/NAME; None where the Pod was not read."""
        return self._labels_by_pod.get(pod)

    def group_policy_of(self, pod: str) -> str | None:
        """The SecurityGroupPolicy that selects a pod by its labels, or may: the Pod was not read. As NAMESPACE/NAME."""
        namespace = pod.split("/")[0]
        labels = self._labels_by_pod.get(pod)
        for item in self.of_kind("SecurityGroupPolicy"):
            wanted = ((item.get("spec") or {}).get("podSelector") or {}).get("matchLabels") or {}
            fits = labels is None or wanted.items() <= labels.items()
            if _namespace_of(item) == namespace and fits:
                return object_name(item)
        return None

    @cached_property
    def names_by_address(self) -> dict[str, str]:
        """The names of the Nodes by each of their addresses."""
        return {
            address["address"]: node["metadata"]["name"]
            for node in self.of_kind("Node")
            for address in (node.get("status") or {}).get("addresses") or ()
        }

    @cached_property
    def nodes_not_ready(self) -> frozenset[str]:
        """The names of the Nodes whose Ready condition was read, and is not True."""
        return frozenset(
            node["metadata"]["name"]
            for node in self.of_kind("Node")
            for each in (node.get("status") or {}).get("conditions") or ()
            if each["type"] == "Ready" and each["status"] != "True"
        )

    @cached_property
    def _services_by_node_port(self) -> dict[tuple[str, int], tuple[Service, ServicePort]]:
        """By transport and number: Kubernetes gives the same number to a TCP and a UDP port."""
        return {
            (port.transport, port.node_port): (service, port)
            for service in self.services
            for port in service.ports
            if port.node_port is not None
        }

    @cached_property
    def _slices_by_service(self) -> dict[str, list[KubernetesObject]]:
        slices: dict[str, list[KubernetesObject]] = {}
        for item in self.of_kind("EndpointSlice"):
            service = (item["metadata"].get("labels") or {}).get(SERVICE_NAME)
            slices.setdefault(f"{_namespace_of(item)}/{service}", []).append(item)
        return slices

    @cached_property
    def _ports_by_pod(self) -> dict[str, DeclaredPorts]:
        """The protocols and ports that each pod's containers declare."""
        ports: dict[str, DeclaredPorts] = {}
        for item in self.of_kind("Pod"):
            containers = (item.get("spec") or {}).get("containers") or ()
            entries = (entry for each in containers for entry in each.get("ports") or ())
            ports[object_name(item)] = frozenset((transport_of(entry), entry["containerPort"]) for entry in entries)
        return ports

    @cached_property
    def _labels_by_pod(self) -> dict[str, Mapping[str, Any]]:
        return {object_name(item): item["metadata"].get("labels") or {} for item in self.of_kind("Pod")}

    @cached_property
    def pods_by_address(self) -> dict[Address, str]:
        """The name of each pod by its addresses; Pods tell before EndpointSlices."""
        found: dict[Address, str] = {}
        for item in self.of_kind("EndpointSlice"):
            for entry in item.get("endpoints") or ():
                found |= {ip_address(text): self._pod_of(entry, item) for text in entry["addresses"]}
        for item in self.of_kind("Pod"):
            found |= {address: object_name(item) for address in _addresses_of(item)}
        return found

    @cached_property
    def _node_names(self) -> dict[Address, str]:
        """Where the pod with an address runs: what any of its endpoints says, else the Pod."""
        found: dict[Address, str] = {}
        for item in self.of_kind("Pod"):
            node_name = (item.get("spec") or {}).get("nodeName") or ""
            found |= dict.fromkeys(_addresses_of(item), node_name)
        for item in self.of_kind("EndpointSlice"):
            for entry in item.get("endpoints") or ():
                if entry.get("nodeName"):
                    found |= {ip_address(text): entry["nodeName"] for text in entry["addresses"]}
        return found

    @cached_property
    def _only_pods(self) -> dict[tuple[str, Address], str]:
        """The Pod with an address in a namespace; none where several have it, as on their node's network."""
        found: dict[tuple[str, Address], set[str]] = {}
        for item in self.of_kind("Pod"):
            for address in _addresses_of(item):
                found.setdefault((_namespace_of(item), address), set()).add(object_name(item))
        return {place: pods.pop() for place, pods in found.items() if len(pods) == 1}

    def _pod_of(self, entry: Mapping[str, Any], item: KubernetesObject) -> str:
        """NAMESPACE/NAME of the pod behind an endpoint; its address where neither reference nor Pod tells the name."""
        namespace, name = _namespace_of(item), (entry.get("targetRef") or {}).get("name")
        if name:
            return f"{namespace}/{name}"
        address = ip_address(entry["addresses"][0])
        return self._only_pods.get((namespace, address)) or f"{namespace}/{address}"

    def _listens(self, pod: str, transport: str, port: int) -> bool | None:
        declared = self._ports_by_pod.get(pod)
        return (transport, port) in declared if declared else None

    def _endpoints_of(self, item: KubernetesObject, port: ServicePort, transport: str) -> Iterable[Endpoint]:
        """Every ready address of one EndpointSlice, on the port of the same name."""
        same_name = (entry for entry in item.get("ports") or () if (entry.get("name") or "") == port.name)
        numbers = [entry["port"] for entry in same_name if entry.get("port") is not None]
        for entry in item.get("endpoints") or ():
            if (entry.get("conditions") or {}).get("ready") is False or not entry["addresses"]:
                continue
            pod, address = self._pod_of(entry, item), ip_address(entry["addresses"][0])
            node_name = entry.get("nodeName") or self._node_names.get(address, "")
            for number in numbers:
                yield Endpoint(pod, address, number, node_name, self._listens(pod, transport, number))


def _namespace_of(item: KubernetesObject) -> str:
    return object_name(item).split("/")[0]


def _addresses_of(pod: KubernetesObject) -> Iterable[Address]:
    status = pod.get("status") or {}
    texts = [status.get("podIP"), *(each.get("ip") for each in status.get("podIPs") or ())]
    return (ip_address(text) for text in texts if is_address(text))
