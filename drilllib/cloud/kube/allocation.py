"""The addresses and NodePorts that Services get when they are written."""

import zlib
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

from drilllib.cloud.kube.errors import invalid
from drilllib.cloud.kube.kinds import SERVICE, Kind
from drilllib.cloud.kube.objects import Document, Object, key_of, name_of, namespace_of, of_kind
from drilllib.core.snapshot.kubernetes import NODE_PORTS
from drilllib.core.snapshot.services import transport_of

ADDRESSES = IPv4Network("172.16.0.0/16")  # of Services; the original drill's cluster has its Services there
OPEN = ("NodePort", "LoadBalancer")  # the types that have NodePorts


def service_block(document: Document) -> IPv4Network:
    """The block from which Services get their addresses: the cluster's ServiceCIDR, where that can be used."""
    settings = (document.get("cluster") or {}).get("ClusterNetworkSettings") or {}
    try:
        found = IPv4Network(settings.get("ServiceCIDR") or ADDRESSES)
    except (ValueError, TypeError):
        return ADDRESSES
    return found if found.prefixlen <= 29 else ADDRESSES


def allocate(document: Document, kind: Kind, item: Object, before: Object | None) -> None:
    """
    Give a Service the address and the NodePorts that it has not: those from before, else free ones.

    Raises:
        KubeError: It asks for one that another Service has.
    """
    if kind is not SERVICE or not isinstance(item.get("spec"), dict):
        return
    others = [each for each in of_kind(document, SERVICE) if key_of(each) != key_of(item)]
    old = (before or {}).get("spec") or {}
    _address(item, old, others, service_block(document))
    _node_ports(item, old, others)


def _address(item: Object, old: dict[str, Any], others: list[Object], block: IPv4Network) -> None:
    spec, taken = item["spec"], {each["spec"].get("clusterIP") for each in others}
    if spec["type"] == "ExternalName":
        spec.pop("clusterIP", None)
        spec.pop("clusterIPs", None)
        return
    spec["clusterIP"] = spec.get("clusterIP") or old.get("clusterIP") or _free_address(item, taken, block)
    spec["clusterIPs"] = [spec["clusterIP"]]
    if spec["clusterIP"] in taken - {"None"}:
        text = f'Invalid value: ["{spec["clusterIP"]}"]: failed to allocate IP {spec["clusterIP"]}: already allocated'
        raise invalid(SERVICE, name_of(item), [("spec.clusterIPs", text)])


def _free_address(item: Object, taken: set[str | None], block: IPv4Network) -> str:
    places = block.num_addresses - 2
    start = _number_of(item, "address") % places
    found = (str(block[1 + (start + step) % places]) for step in range(places))
    return next(each for each in found if each not in taken)


def _node_ports(item: Object, old: dict[str, Any], others: list[Object]) -> None:
    spec = item["spec"]
    if spec["type"] not in OPEN:
        for name in ("externalTrafficPolicy", "allocateLoadBalancerNodePorts"):
            spec.pop(name, None)
        for port in spec.get("ports") or ():
            port.pop("nodePort", None)
        return
    taken = {each for other in others for each in _numbers(other["spec"])}
    had = {(port.get("port"), transport_of(port)): port.get("nodePort") for port in old.get("ports") or ()}
    for place, port in enumerate(spec.get("ports") or ()):
        transport = transport_of(port)
        number = port.get("nodePort") or had.get((port.get("port"), transport))
        port["nodePort"] = number or _free_port(item, place, transport, taken)
        if (transport, port["nodePort"]) in taken:
            text = f"Invalid value: {port['nodePort']}: provided port is already allocated"
            raise invalid(SERVICE, name_of(item), [(f"spec.ports[{place}].nodePort", text)])
        taken.add((transport, port["nodePort"]))


def _numbers(spec: dict[str, Any]) -> Iterator[tuple[str, int]]:
    return ((transport_of(port), port["nodePort"]) for port in spec.get("ports") or () if port.get("nodePort"))


def _free_port(item: Object, place: int, transport: str, taken: set[tuple[str, int]]) -> int:
    start = _number_of(item, str(place))
    found = (NODE_PORTS[(start + step) % len(NODE_PORTS)] for step in range(len(NODE_PORTS)))
    return next(each for each in found if (transport, each) not in taken)


def _number_of(item: Object, what: str) -> int:
    """Spread over the range, and the same on every run."""
    return zlib.crc32(f"{namespace_of(item)}/{name_of(item)}/{what}".encode())
