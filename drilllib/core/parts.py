"""The parts of a snapshot: small read-only views of the vendor's and Kubernetes' objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from drilllib.core.addresses import Address
from drilllib.errors import InvalidInputError, quoted

LAYER_7 = ("HTTP", "HTTPS")
TRANSPORT = {"TCP": "TCP", "HTTP": "TCP", "HTTPS": "TCP", "TCP_SSL": "TCP", "UDP": "UDP", "QUIC": "UDP"}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a CLB sends traffic: an address and port. API: CLB Backend."""

    kind: str
    instance_id: str
    address: Address | None
    port: int
    weight: int

    @property
    def name(self) -> str:
        """The instance and port, as in ``ins-nodea001:30713``."""
        return f"{self.instance_id}:{self.port}"


@dataclass(frozen=True, slots=True)
class Listener:
    """Protocol and port a CLB accepts on, with the targets of one forwarding rule where it is layer 7."""

    listener_id: str
    protocol: str
    port: int
    keepalive: bool
    probes: bool
    probe_source_type: int | None  # 0: the VIP, 1: 100.64.0.0/10, None: not known
    location_id: str | None  # of the forwarding rule, where it is layer 7
    targets: tuple[Target, ...]

    @property
    def transport(self) -> str | None:
        """TCP or UDP; None for a protocol that is not known."""
        return TRANSPORT.get(self.protocol)

    @property
    def layer(self) -> int:
        """7 where the CLB itself completes the client's handshake, else 4."""
        return 7 if self.protocol in LAYER_7 else 4


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """A CLB. *groups* is None where they were not read; a CLB without groups is open. API: CLB LoadBalancer."""

    balancer_id: str
    vips: tuple[Address, ...]
    groups: tuple[str, ...] | None
    pass_to_target: bool
    snat_pro: bool


@dataclass(frozen=True, slots=True)
class Node:
    """
    A worker: its instance, its first private address and the groups of its primary interface.

    *name* is Kubernetes' name for it, None where nothing in the snapshot tells.
    """

    name: str | None
    instance_id: str
    address: Address
    groups: tuple[str, ...] | None

    @property
    def label(self) -> str:
        """What to call it: Kubernetes' name, else the instance's id."""
        return self.name or self.instance_id


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One ready pod behind a Service, and the port it is asked on. *listens* is None where nothing tells."""

    pod: str
    address: Address
    port: int
    node_name: str
    listens: bool | None

    @property
    def name(self) -> str:
        """The pod and port, as in ``shop/web-1:80``."""
        return f"{self.pod}:{self.port}"


@dataclass(frozen=True, slots=True)
class Interface:
    """The interface that carries a pod's address. *settled* is False where its groups were inferred."""

    interface_id: str
    groups: tuple[str, ...] | None
    settled: bool


def object_name(item: Mapping[str, Any]) -> str:
    """NAMESPACE/NAME of a Kubernetes object."""
    return f"{item['metadata'].get('namespace') or 'default'}/{item['metadata']['name']}"


def read_listener(item: Mapping[str, Any], forwarding_rule: Mapping[str, Any] | None = None) -> Listener:
    """A listener, with the health check and targets of *forwarding_rule* where it is layer 7."""
    source = forwarding_rule or item
    health = source.get("HealthCheck") or item.get("HealthCheck") or {}
    return Listener(
        listener_id=item["ListenerId"],
        protocol=item["Protocol"].upper(),
        port=item["Port"],
        keepalive=item.get("KeepaliveEnable") == 1,
        probes=health.get("HealthSwitch", 1) != 0,
        probe_source_type=health.get("SourceIpType"),
        location_id=(forwarding_rule or {}).get("LocationId"),
        targets=tuple(_target(target) for target in source.get("Targets") or ()),
    )


def read_load_balancer(item: Mapping[str, Any]) -> LoadBalancer:
    groups = item.get("SecureGroups")
    return LoadBalancer(
        balancer_id=item["LoadBalancerId"],
        vips=tuple(ip_address(vip) for vip in item.get("LoadBalancerVips") or ()),
        groups=None if groups is None else tuple(groups),
        pass_to_target=bool(item.get("LoadBalancerPassToTarget")),
        snat_pro=bool(item.get("SnatPro")),
    )


def _target(item: Mapping[str, Any]) -> Target:
    addresses = item.get("PrivateIpAddresses") or ()
    return Target(
        kind=(item.get("Type") or "CVM").upper(),
        instance_id=item.get("InstanceId") or "",
        address=ip_address(addresses[0]) if addresses else None,
        port=item["Port"],
        weight=10 if item.get("Weight") is None else item["Weight"],
    )


def read_node(item: Mapping[str, Any], names: Mapping[str, str]) -> Node:
    addresses = item["PrivateIpAddresses"]
    if not addresses:
        problem = f"Instance {quoted(item['InstanceId'])} has no private address"
        raise InvalidInputError(problem, remedy="Give PrivateIpAddresses at least one")
    known = next((names[address] for address in addresses if address in names), None)
    groups = item.get("SecurityGroupIds")
    name = known or item.get("InstanceName")
    return Node(name, item["InstanceId"], ip_address(addresses[0]), None if groups is None else tuple(groups))
