"""What a snapshot's Kubernetes objects say: who owns a NodePort, which pods stand behind it, what they listen on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from drilllib.core.rules.addresses import Address, address_at
from drilllib.core.snapshot.endpoint_slices import read_conditions, usable
from drilllib.core.snapshot.objects_by_kind import KubernetesObject, ObjectsByKind, namespace_of
from drilllib.core.snapshot.resources import READY, UNREADY, Conditions, Endpoint
from drilllib.core.snapshot.services import Service, ServicePort, read_service

SERVICE_NAME = "kubernetes.io/service-name"
KINDS = ("EndpointSlice", "Namespace", "NetworkPolicy", "Node", "Pod", "SecurityGroupPolicy", "Service")
NODE_PORTS = range(30000, 32768)


class KubernetesObjects(ObjectsByKind):
    """An index over all the objects: Services and what stands behind them, beside Nodes and Pods."""

    def __init__(self, items: Sequence[KubernetesObject], complete: Iterable[str] = ()) -> None:
        super().__init__(items, complete)
        self._candidates: dict[tuple[str, int, int], tuple[Endpoint, ...] | None] = {}
        self._unnumbered: dict[tuple[str, int], bool] = {}
        self._in_use: dict[tuple[str, int, int], tuple[Endpoint, ...] | None] = {}

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
            self._candidates[key] = self.behind_port(*self._services_by_node_port[transport, number], family)
        return self._candidates[key]

    def behind_port(self, service: Service, port: ServicePort, family: int) -> tuple[Endpoint, ...] | None:
        """The same for one of a Service's ports, whether it has a NodePort or not."""
        slices = self._slices_by_service.get(service.name, [])
        known = all("endpoints" in each and "ports" in each for each in slices)
        found = (each for item in slices for each in self._candidates_of(item, port, port.transport))
        ours = tuple(each for each in found if each.address.version == family)
        return ours if slices and known else None

    def has_unnumbered_port(self, transport: str, number: int) -> bool:
        """Was the number of a port not read? One whose number is null has none, and kube-proxy ignores it."""
        key = transport, number
        if key not in self._unnumbered:
            self._unnumbered[key] = self.is_unnumbered(*self._services_by_node_port[key])
        return self._unnumbered[key]

    def is_unnumbered(self, service: Service, port: ServicePort) -> bool:
        """The same for one of a Service's ports, whether it has a NodePort or not."""
        slices = self._slices_by_service.get(service.name, [])
        entries = (entry for item in slices for entry in _ports_named(item, port.name))
        return any("port" not in entry for entry in entries)

    def behind(self, service: str) -> tuple[list[Endpoint], list[Endpoint]] | None:
        """
        Every endpoint of a Service, NAMESPACE/NAME, of any port and family; then those of ports without a number.

        The number of such a port was not read; theirs is 0. None where no EndpointSlice tells the endpoints.
        """
        slices = self._slices_by_service.get(service, [])
        if not slices or not all("endpoints" in each and "ports" in each for each in slices):
            return None
        known, untold = list[Endpoint](), list[Endpoint]()
        for item in slices:
            ports = item["ports"] or ()
            known += self._endpoints_of(item, [each["port"] for each in ports if each.get("port") is not None], "TCP")
            untold += self._endpoints_of(item, [0 for each in ports if "port" not in each], "TCP")
        return known, untold

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

    @cached_property
    def hosts(self) -> frozenset[Address]:
        """The addresses of nodes as Pods know them."""
        return frozenset(address for pod in self.pods.values() for address in pod.node_addresses)

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
            slices.setdefault(f"{namespace_of(item)}/{service}", []).append(item)
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
        namespace, name = namespace_of(item), (entry.get("targetRef") or {}).get("name")
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
        return self._endpoints_of(item, numbers, transport)

    def _endpoints_of(self, item: KubernetesObject, numbers: Sequence[int], transport: str) -> Iterator[Endpoint]:
        """Every endpoint of one EndpointSlice, on each of these ports."""
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
