"""By which names a Service and its EndpointSlices call a port: kube-proxy joins the two by name alone [K8S]."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any, NamedTuple

from drilllib.core.snapshot.kubernetes import SERVICE_NAME, KubernetesObjects
from drilllib.core.snapshot.resources import object_name
from drilllib.core.snapshot.services import ServicePort, transport_of


class PortNames(NamedTuple):
    """
    The names around one port of *service*; the empty text is the name of a port that has none.

    *wanted* is the Service's name of the port, *target* its targetPort where that is a name, *others* are the names of
    the Service's other ports. *found* are those of the EndpointSlices that have ready endpoints, None where none has.
    """

    service: str
    wanted: str
    target: str | None
    others: frozenset[str]
    found: frozenset[str] | None

    @property
    def differ(self) -> bool:
        """Are there ready endpoints, and none under the wanted name?"""
        return self.found is not None and self.wanted not in self.found

    @property
    def target_is_unknown(self) -> bool:
        """
        Does no pod declare the name in targetPort?

        The EndpointSlice controller leaves such a port out, and keeps the Service's other ones.
        """
        return self.differ and self.target is not None and (self.found or frozenset()) <= self.others


def port_names(kubernetes: KubernetesObjects, transport: str, number: int, family: int) -> PortNames:
    """The names around a NodePort that some Service owns, for endpoints of one address family."""
    service = kubernetes.service_on_node_port(transport, number)
    return _names(kubernetes, service.name if service else "", ("nodePort", transport, number), family)


def names_of_port(kubernetes: KubernetesObjects, service: str, port: ServicePort, family: int) -> PortNames:
    """The names around a port of a Service, NAMESPACE/NAME, whether it has a NodePort or not."""
    return _names(kubernetes, service, ("port", port.transport, port.port), family)


def _names(kubernetes: KubernetesObjects, name: str, wanted: tuple[str, str, int], family: int) -> PortNames:
    """The names around the port with that number in a field of it, nodePort or port."""
    field, transport, number = wanted
    items = (item for item in kubernetes.of_kind("Service") if object_name(item) == name)
    ports = [port for item in items for port in item["spec"].get("ports") or ()]
    mine: Mapping[str, Any] = next(
        (port for port in ports if (transport_of(port), port.get(field)) == (transport, number)), {}
    )
    target = mine.get("targetPort")
    others = frozenset(port.get("name") or "" for port in ports if port is not mine)
    slices = [item for item in _slices(kubernetes, name) if _has_ready_endpoint(item, family)]
    numbered = (port for item in slices for port in item.get("ports") or () if port.get("port") is not None)
    found = frozenset(port.get("name") or "" for port in numbered)
    named = target if isinstance(target, str) else None
    return PortNames(name, mine.get("name") or "", named, others, found if slices else None)


def _slices(kubernetes: KubernetesObjects, service: str) -> Iterator[Mapping[str, Any]]:
    """The EndpointSlices of a Service, NAMESPACE/NAME."""
    namespace, _, name = service.partition("/")
    for item in kubernetes.of_kind("EndpointSlice"):
        labels = item["metadata"].get("labels") or {}
        if (object_name(item).partition("/")[0], labels.get(SERVICE_NAME)) == (namespace, name):
            yield item


def _has_ready_endpoint(item: Mapping[str, Any], family: int) -> bool:
    """Is any endpoint of that family ready?"""
    ready = (each for each in item.get("endpoints") or () if (each.get("conditions") or {}).get("ready") is not False)
    return any(ip_address(text).version == family for each in ready for text in each["addresses"])
