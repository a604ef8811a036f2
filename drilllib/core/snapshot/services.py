"""Services as Kubernetes has them, with what their annotations ask of the load balancer [TKE-SVC]."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.annotations import (
    DIRECT_ACCESS,
    EXISTING_LOAD_BALANCER_ID,
    GROUPS,
    LOAD_BALANCER_ID,
    PREVENT_LOOPBACK,
    TOPOLOGY_MODES,
)
from drilllib.core.snapshot.resources import object_name
from drilllib.core.snapshot.shapes import is_address, is_block

HEADLESS = "None"  # the clusterIP of a Service without one


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One port. *node_port* is None where it has none, *target_port* where pods are asked by the name of a port."""

    name: str
    transport: str
    port: int
    node_port: int | None
    target_port: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """
    A Service, called NAMESPACE/NAME. *vips* and *domains* are what its status says of the load balancer.

    *traffic_policy* is its externalTrafficPolicy, None where that was not read; *ports_read* is False where its ports
    were not. kube-proxy answers on *health_check_port* whether a node has a ready pod of it. *sticky*: one client stays
    with one endpoint. *follows_hints*: it asks for endpoints near a node [KP-TOPOLOGY]. *external_addresses* are its
    externalIPs.

    Annotations: *balancer_ids* name its CLB, *groups* are to be bound to it, in that order, None where none are asked
    for; *direct_access* is None where it does not say; *prevents_loopback*: kube-proxy in the mode ipvs is to answer
    for its VIPs. *tells_vips*: it has none, or all were read; *proxied_vips*: those with another `ipMode` than VIP.
    *source_ranges* are its loadBalancerSourceRanges, which kube-proxy holds its own clients to.
    *cluster_ip* is None where it was not read, and "None" of a headless one; *cluster_ips* are all of both address
    families, None where they were not read. *inside_policy* is internalTrafficPolicy.
    """

    name: str
    ports: tuple[ServicePort, ...]
    ports_read: bool
    type: str
    traffic_policy: str | None
    health_check_port: int | None
    sticky: bool
    follows_hints: bool
    allocates_node_ports: bool
    vips: frozenset[Address]
    domains: frozenset[str]
    balancer_ids: tuple[str, ...]
    groups: tuple[str, ...] | None
    direct_access: bool | None
    external_addresses: tuple[Address, ...] = ()
    prevents_loopback: bool = False
    tells_vips: bool = False
    proxied_vips: frozenset[Address] = frozenset()
    source_ranges: tuple[str, ...] = ()
    cluster_ip: str | None = None
    cluster_ips: tuple[str, ...] | None = None
    inside_policy: str = "Cluster"

    @property
    def is_load_balancer(self) -> bool:
        """Is it of type LoadBalancer?"""
        return self.type == "LoadBalancer"

    @property
    def is_local_only(self) -> bool:
        """Do nodes forward to pods of their own only?"""
        return self.traffic_policy == "Local"

    @property
    def cluster_address(self) -> Address | None:
        """Its first ClusterIP, where that is an address."""
        return next(iter(self.cluster_addresses), None)

    @property
    def cluster_addresses(self) -> tuple[Address, ...]:
        """Its ClusterIPs, as far as they are known: one, or one of each address family."""
        told = () if self.cluster_ip == HEADLESS else dict.fromkeys((self.cluster_ip or "", *(self.cluster_ips or ())))
        return tuple(ip_address(each) for each in told if is_address(each))

    def admits(self, client: Address) -> bool:
        """Do its source ranges have a client, or has it none?"""
        blocks = [each.strip() for each in self.source_ranges if is_block(each.strip())]
        return not self.source_ranges or any(client in ip_network(each, strict=False) for each in blocks)

    @property
    def may_have_unread_node_ports(self) -> bool:
        """Has it, or may it have, a NodePort that the object does not tell?"""
        if self.type in ("ClusterIP", "ExternalName") or not self.allocates_node_ports:
            return False
        return not self.ports_read or any(port.node_port is None for port in self.ports)


def transport_of(port: Mapping[str, Any]) -> str:
    """The protocol of a Service's or a container's port; TCP where it does not say."""
    protocol: str = port.get("protocol") or "TCP"
    return protocol.upper()


def read_service(item: Mapping[str, Any]) -> Service:
    """A Service object."""
    spec, annotations = item["spec"], item["metadata"].get("annotations") or {}
    entries = ((item.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    direct, groups = annotations.get(DIRECT_ACCESS), annotations.get(GROUPS)
    ids = annotations.get(LOAD_BALANCER_ID), annotations.get(EXISTING_LOAD_BALANCER_ID)
    names = groups.split(",") if isinstance(groups, str) and groups.strip() else None
    return Service(
        name=object_name(item),
        ports=tuple(_port(each) for each in spec.get("ports") or ()),
        ports_read=spec.get("ports") is not None,
        type=spec.get("type") or "",
        traffic_policy=spec.get("externalTrafficPolicy"),
        health_check_port=spec.get("healthCheckNodePort") or None,
        sticky=spec.get("sessionAffinity") == "ClientIP",
        follows_hints=_follows_hints(spec, annotations),
        allocates_node_ports=spec.get("allocateLoadBalancerNodePorts") is not False,
        vips=frozenset(ip_address(entry["ip"]) for entry in entries if entry.get("ip")),
        external_addresses=tuple(ip_address(each) for each in spec.get("externalIPs") or () if is_address(each)),
        domains=frozenset(entry["hostname"] for entry in entries if entry.get("hostname")),
        balancer_ids=tuple(value for value in ids if isinstance(value, str)),
        groups=None if names is None else tuple(map(str.strip, names)),
        direct_access=direct == "true" if direct in ("true", "false") else None,
        prevents_loopback=annotations.get(PREVENT_LOOPBACK) == "true",
        tells_vips=_tells_vips(item),
        cluster_ip=spec.get("clusterIP") or next(iter(spec.get("clusterIPs") or ()), None),
        cluster_ips=tuple(spec["clusterIPs"]) if spec.get("clusterIPs") else None,
        inside_policy=spec.get("internalTrafficPolicy") or "Cluster",
        source_ranges=tuple(spec.get("loadBalancerSourceRanges") or ()),
        proxied_vips=frozenset(
            ip_address(each["ip"]) for each in entries if each.get("ip") and each.get("ipMode") not in (None, "VIP")
        ),
    )


def _tells_vips(item: Mapping[str, Any]) -> bool:
    """Are all addresses of its load balancer in its status, or can it have none?"""
    if item["spec"].get("type") in ("ClusterIP", "NodePort", "ExternalName"):
        return True
    entries = ((item.get("status") or {}).get("loadBalancer") or {}).get("ingress")
    return entries is not None and all(each.get("ip") or each.get("hostname") for each in entries)


def _follows_hints(spec: Mapping[str, Any], annotations: Mapping[str, Any]) -> bool:
    """By trafficDistribution, or by either name of the annotation, old and new [KP-TOPOLOGY]."""
    asked = (annotations.get(each) for each in TOPOLOGY_MODES)
    return bool(spec.get("trafficDistribution")) or any(str(each).lower() == "auto" for each in asked)


def _port(item: Mapping[str, Any]) -> ServicePort:
    wanted = item.get("targetPort", item["port"])
    return ServicePort(
        name=item.get("name") or "",
        transport=transport_of(item),
        port=item["port"],
        node_port=item.get("nodePort"),
        target_port=wanted if isinstance(wanted, int) else None,
    )
