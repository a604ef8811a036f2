"""What a snapshot's Kubernetes objects say: who owns a NodePort, which pods stand behind it, what they listen on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from drilllib.core.rules.addresses import Address, address_at
from drilllib.core.snapshot.endpoint_slices import read_conditions, usable
from drilllib.core.snapshot.kinds import is_proxied, kind_of
from drilllib.core.snapshot.pods import Pod, read_pod
from drilllib.core.snapshot.resources import READY, UNREADY, Conditions, Endpoint, object_name
from drilllib.core.snapshot.selectors import may_select
from drilllib.core.snapshot.services import Service, ServicePort, read_service

SERVICE_NAME = "kubernetes.io/service-name"
ZONE = "topology.kubernetes.io/zone"
KINDS = ("EndpointSlice", "Namespace", "NetworkPolicy", "Node", "Pod", "SecurityGroupPolicy", "Service")
NODE_PORTS = range(30000, 32768)

KubernetesObject = dict[str, Any]


class KubernetesObjects:
    """
    An index over the objects, made as it is needed.

    *complete* are the kinds of which every object is here, as KIND, or NAMESPACE/KIND for those of one namespace.
    """

    def __init__(self, items: Sequence[KubernetesObject], complete: Iterable[str] = ()) -> None:
        self._complete = frozenset(complete)
        self._by_kind: dict[str, list[KubernetesObject]] = {}
        for item in filter(is_proxied, items):
            self._by_kind.setdefault(kind_of(item), []).append(item)
        self._candidates: dict[tuple[str, int, int], tuple[Endpoint, ...] | None] = {}
        self._in_use: dict[tuple[str, int, int], tuple[Endpoint, ...] | None] = {}

    def of_kind(self, kind: str) -> list[KubernetesObject]:
        """The objects of one kind; of another API group's by KIND.GROUP."""
        return self._by_kind.get(kind, [])

    def kinds_like(self, kind: str) -> list[str]:
        """The kinds of that name in API groups that are not read, as KIND.GROUP."""
        return [each for each in self._by_kind if each.startswith(f"{kind}.")]

    def is_complete(self, kind: str, namespace: str | None = None) -> bool:
        """Is every object of that kind here, or every one of that namespace?"""
        return kind in self._complete or (namespace is not None and f"{namespace}/{kind}" in self._complete)

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """Every Service, of any type."""
        return tuple(map(read_service, self.of_kind("Service")))

    def service_on_node_port(self, transport: str, port: int) -> Service | None:
        """The Service that owns a NodePort of TCP or UDP; None where no Service of the snapshot does."""
        service, _ = self._services_by_node_port.get((transport, port), (None, None))
        return service

    @cached_property
    def external_addresses(self) -> frozenset[tuple[str, Address, int]]:
        """Every address that a Service has besides its own, with each of its ports."""
        return frozenset(
            (port.transport, address, port.port)
            for service in self.services
            for address in service.external_addresses
            for port in service.ports
        )

    def service_with_health_check(self, port: int) -> Service | None:
        """The Service whose `healthCheckNodePort` that is."""
        return next((each for each in self.services if each.health_check_port == port), None)

    def node_ports(self) -> list[tuple[str, int]]:
        """Every NodePort of every Service, by transport and number."""
        return list(self._services_by_node_port)

    @cached_property
    def every_node_port_known(self) -> bool:
        """Is every Service here, each slice's own among them, and does each that may have NodePorts tell them?"""
        untold = any(service.may_have_unread_node_ports for service in self.services)
        missing = self._slices_by_service.keys() - {service.name for service in self.services}
        return self.is_complete("Service") and not untold and not missing

    def endpoints(self, transport: str, number: int, family: int) -> tuple[Endpoint, ...] | None:
        """
        The endpoints behind a NodePort that are in use, of one address family; None where they were not read.

        Those are the ready ones; where none is ready, those that still serve while they terminate.
        """
        key = transport, number, family
        if key not in self._in_use:
            found = self.candidates(*key)
            self._in_use[key] = None if found is None else usable(found)
        return self._in_use[key]

    def candidates(self, transport: str, number: int, family: int) -> tuple[Endpoint, ...] | None:
        """
        Every endpoint behind a NodePort, in use or not; None where no EndpointSlice tells them.

        Kubernetes writes an empty list as null; what is absent was not read.
        """
        key = transport, number, family
        if key not in self._candidates:
            service, port = self._services_by_node_port[transport, number]
            slices = self._slices_by_service.get(service.name, [])
            known = all("endpoints" in each and "ports" in each for each in slices)
            found = (each for item in slices for each in self._candidates_of(item, port, transport))
            ours = tuple(each for each in found if each.address.version == family)
            self._candidates[key] = ours if slices and known else None
        return self._candidates[key]

    def has_unnumbered_port(self, transport: str, number: int) -> bool:
        """Was the number of a port not read? One whose number is null has none, and kube-proxy ignores it."""
        service, port = self._services_by_node_port[transport, number]
        slices = self._slices_by_service.get(service.name, [])
        return any("port" not in entry for item in slices for entry in _ports_named(item, port.name))

    def slices_of(self, service: str) -> Sequence[KubernetesObject]:
        """The EndpointSlices of a Service, called NAMESPACE/NAME."""
        return self._slices_by_service.get(service) or ()

    def addresses_of(self, service: str) -> frozenset[Address] | None:
        """Every address in a Service's EndpointSlices; None where there may be others, or there are none."""
        slices, namespace = self.slices_of(service), service.partition("/")[0]
        whole = self.is_complete("EndpointSlice", namespace) and all("endpoints" in each for each in slices)
        if not slices or not whole:
            return None
        entries = (entry for item in slices for entry in item["endpoints"] or ())
        return frozenset(address_at(text) for entry in entries for text in entry["addresses"])

    def pod_at(self, address: Address, port: int, transport: str) -> Endpoint | None:
        """
        What has that address, asked on *port*; None where no Pod and no EndpointSlice has it.

        Of several pods on their node's network it is the one that declares the port, else the one an EndpointSlice
        means, else none of them, and it is called by the address.
        """
        pods, meant = self.pods_at.get(address, []), self._meant_by_slices.get(address) or []
        if not pods and not meant:
            return None
        told = [each for each in meant if each in self.pods] or meant
        name = pods[0].name if len(pods) == 1 else told[0] if len(told) == 1 or not pods else str(address)
        name, listens = self._who_listens(name, address, transport, port)
        return Endpoint(name, address, port, self._node_name_at(address), listens, self._conditions_at(address))

    def _who_listens(self, name: str, address: Address, transport: str, port: int) -> tuple[str, bool | None]:
        """
        Which pod is asked on a port of an address, and does it listen there?

        It is the one called *name*, unless several on their node's network have the address: they share its ports, so
        it is the one of them that declares the port, where just one does.
        """
        pods = self.pods_at.get(address, [])
        listening = [each.name for each in pods if each.listens(transport, port)] if len(pods) > 1 else []
        name = listening[0] if len(listening) == 1 else name
        return name, self._listens(name, transport, port)

    def _conditions_at(self, address: Address) -> Conditions:
        """Does an EndpointSlice say that what has the address does not serve?"""
        return UNREADY if address in self._not_serving else READY

    @cached_property
    def _not_serving(self) -> frozenset[Address]:
        """The addresses of which any EndpointSlice says so."""
        return frozenset(
            address_at(text)
            for item in self.of_kind("EndpointSlice")
            for entry in item.get("endpoints") or ()
            if not read_conditions(entry).serving
            for text in entry["addresses"]
        )

    def pods_on(self, node_name: str | None, addresses: Iterable[Address]) -> tuple[Pod, ...]:
        """The pods on the network of a node, and those that ask it for a port; by its name or any of its addresses."""
        places = [node_name or "", *addresses]
        found = (pod for place in places for pod in self._pods_of_nodes.get(place, ()))
        return tuple({pod.name: pod for pod in found}.values())

    @cached_property
    def _pods_of_nodes(self) -> dict[Address | str, list[Pod]]:
        """Those pods by the name of their node, which may not be known, and by its addresses."""
        found: dict[Address | str, list[Pod]] = {}
        for pod in self.pods.values():
            if pod.host_network or pod.host_ports:
                own = pod.addresses if pod.host_network else ()
                for place in {pod.node_name, *own, *pod.node_addresses}:
                    found.setdefault(place, []).append(pod)
        return found

    def labels_of(self, pod: str) -> Mapping[str, Any] | None:
        """The labels of a pod, NAMESPACE/NAME; None where the Pod was not read."""
        known = self.pods.get(pod)
        return known.labels if known else None

    def group_policy_of(self, pod: str) -> str | None:
        """The SecurityGroupPolicy that selects a pod by its labels, or may: the Pod was not read. As NAMESPACE/NAME."""
        for item in self.of_kind("SecurityGroupPolicy"):
            known, wanted = self.pods.get(pod), (item.get("spec") or {}).get("podSelector") or {}
            fits = may_select(wanted, known.labels if known else None)
            if _namespace_of(item) == pod.split("/")[0] and fits:
                return object_name(item)
        return None

    @cached_property
    def names_by_address(self) -> dict[str, str]:
        """The names of the Nodes by each of their addresses: their own objects tell, and where their pods run."""
        from_pods = {
            str(address): pod.node_name
            for pod in self.pods.values()
            for address in (*pod.node_addresses, *(pod.addresses if pod.host_network else ()))
            if pod.node_name
        }
        return from_pods | {
            address["address"]: node["metadata"]["name"]
            for node in self.of_kind("Node")
            for address in (node.get("status") or {}).get("addresses") or ()
        }

    def is_no_node(self, node_name: str | None, addresses: Iterable[Address]) -> bool:
        """Is a machine of these *addresses* none of the cluster's? Where any Node was read, all are taken to be."""
        return bool(self.of_kind("Node")) and not node_name and not self.pods_on(None, addresses)

    @cached_property
    def nodes(self) -> dict[str, KubernetesObject]:
        """The Node objects by name."""
        return {item["metadata"]["name"]: item for item in self.of_kind("Node")}

    def zone_of(self, node_name: str) -> str | None:
        """The zone that a Node's label names; None for one without, or that was not read."""
        labels = (self.nodes.get(node_name) or {"metadata": {}})["metadata"].get("labels") or {}
        zone = labels.get(ZONE)
        return zone if isinstance(zone, str) else None

    @cached_property
    def nodes_not_ready(self) -> frozenset[str]:
        """The names of the Nodes whose Ready condition was read, and is neither True nor Unknown."""
        return frozenset(
            node["metadata"]["name"]
            for node in self.of_kind("Node")
            for each in (node.get("status") or {}).get("conditions") or ()
            if each["type"] == "Ready" and each["status"] not in ("True", "Unknown")
        )

    @cached_property
    def namespaces(self) -> dict[str, Mapping[str, Any]]:
        """The labels of the Namespaces that were read, by name."""
        return {item["metadata"]["name"]: item["metadata"].get("labels") or {} for item in self.of_kind("Namespace")}

    @cached_property
    def pods(self) -> dict[str, Pod]:
        """The Pods by NAMESPACE/NAME."""
        return {pod.name: pod for pod in map(read_pod, self.of_kind("Pod"))}

    @cached_property
    def pods_at(self) -> dict[Address, list[Pod]]:
        """The Pods by their addresses; those on a node's network share its address."""
        found: dict[Address, list[Pod]] = {}
        for pod in self.pods.values():
            for address in pod.addresses:
                found.setdefault(address, []).append(pod)
        return found

    @cached_property
    def pods_by_address(self) -> dict[Address, str]:
        """The name of each pod by its addresses; Pods tell before EndpointSlices."""
        by_slices = {address: names[0] for address, names in self._meant_by_slices.items()}
        return by_slices | {address: pods[-1].name for address, pods in self.pods_at.items()}

    @cached_property
    def _meant_by_slices(self) -> dict[Address, list[str]]:
        """What EndpointSlices call the pod at each address, each name once."""
        found: dict[Address, dict[str, None]] = {}
        for item in self.of_kind("EndpointSlice"):
            for entry in item.get("endpoints") or ():
                for text in entry["addresses"]:
                    found.setdefault(address_at(text), {})[self._pod_of(entry, item)] = None
        return {address: list(names) for address, names in found.items()}

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
    def _node_names(self) -> dict[Address, str]:
        """Where the pod with an address runs: what any of its endpoints says, else the Pod."""
        found = {address: pod.node_name for pod in self.pods.values() for address in pod.addresses}
        for item in self.of_kind("EndpointSlice"):
            for entry in item.get("endpoints") or ():
                if entry.get("nodeName"):
                    found |= {address_at(text): entry["nodeName"] for text in entry["addresses"]}
        return found

    def _node_name_at(self, address: Address) -> str:
        """Where the pod with an address runs; at an address of a node, there. Empty where nothing tells."""
        return self._node_names.get(address) or self.names_by_address.get(str(address), "")

    @cached_property
    def names_in_hints(self) -> frozenset[str]:
        """The names of the nodes that any topology hint names."""
        entries = (entry for item in self.of_kind("EndpointSlice") for entry in item.get("endpoints") or ())
        hints = (each for entry in entries for each in (entry.get("hints") or {}).get("forNodes") or ())
        return frozenset(each["name"] for each in hints)

    def _pod_of(self, entry: Mapping[str, Any], item: KubernetesObject) -> str:
        """NAMESPACE/NAME of the pod behind an endpoint; its address where neither reference nor Pod tells the name."""
        namespace, name = _namespace_of(item), (entry.get("targetRef") or {}).get("name")
        if name:
            return f"{namespace}/{name}"
        address = address_at(entry["addresses"][0])
        here = [each.name for each in self.pods_at.get(address, []) if each.namespace == namespace]
        return here[0] if len(here) == 1 else f"{namespace}/{address}"

    def _listens(self, pod: str, transport: str, port: int) -> bool | None:
        known = self.pods.get(pod)
        return known.listens(transport, port) if known else None

    def _candidates_of(self, item: KubernetesObject, port: ServicePort, transport: str) -> Iterator[Endpoint]:
        """Every endpoint of one EndpointSlice, on the port of the same name."""
        numbers = [each["port"] for each in _ports_named(item, port.name) if each.get("port") is not None]
        for entry in item.get("endpoints") or ():
            if not entry["addresses"]:
                continue
            pod, address = self._pod_of(entry, item), address_at(entry["addresses"][0])
            node_name = entry.get("nodeName") or self._node_name_at(address)
            for number in numbers:
                name, listens = self._who_listens(pod, address, transport, number)
                yield Endpoint(name, address, number, node_name, listens, read_conditions(entry))


def _ports_named(item: KubernetesObject, name: str) -> Iterator[Mapping[str, Any]]:
    return (entry for entry in item.get("ports") or () if (entry.get("name") or "") == name)


def _namespace_of(item: KubernetesObject) -> str:
    return object_name(item).split("/")[0]
