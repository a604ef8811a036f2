"""The parts of a snapshot: small read-only views of the vendor's and Kubernetes' objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any

from drilllib.core.facts import Fact
from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.schema import is_address
from drilllib.errors import InvalidInputError, quoted

LAYER_7 = ("HTTP", "HTTPS")
TRANSPORT = {"TCP": "TCP", "HTTP": "TCP", "HTTPS": "TCP", "TCP_SSL": "TCP", "UDP": "UDP", "QUIC": "UDP"}
OFF = frozenset({"STOPPED", "SHUTDOWN", "LAUNCH_FAILED", "TERMINATED"})  # InstanceState: the machine is not on
FAMILIES = {"ipv4": 4, "ipv6": 6}


@dataclass(frozen=True, slots=True)
class Target:
    """
    Where a CLB sends traffic: an address and port of a node (*kind* CVM) or of a pod (ENI). API: CLB Backend.

    *kind* is empty and *weight* None where that was not read. *item* is the object itself, as it was read.
    """

    kind: str
    instance_id: str
    address: Address | None
    port: int
    weight: int | None
    item: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        """A node's instance and port, ``ins-nodea001:30713``; anything else by its address, ``10.0.36.12:80``."""
        place = self.instance_id if self.kind in ("CVM", "") else ""
        return f"{place or self.address or self.instance_id}:{self.port}"

    @property
    def share(self) -> int:
        """Its weight; the API's default of 10 where that was not read."""
        return 10 if self.weight is None else self.weight


@dataclass(frozen=True, slots=True)
class Listener:
    """
    Protocol and port a CLB accepts on, with the targets of one forwarding rule where it is layer 7.

    *targets* is None where they were not read, which is not the same as none. So are *keepalive* and *probes*.
    *http_code* says which answers an HTTP probe takes for healthy: the sum of 1 for 1xx, 2 for 2xx ... 16 for 5xx.
    *item*, *rule* and *health_check* are the objects of the listener, of its forwarding rule where it is one's, and of
    the health check that holds for its targets, as they were read.
    """

    listener_id: str
    protocol: str
    port: int
    keepalive: bool | None
    probes: bool | None
    probe_source_type: int | None  # 0: the VIP, 1: 100.64.0.0/10, None: not known
    probe_port: int | None  # None: the target's own
    probe_type: str | None  # CheckType: TCP, HTTP, HTTPS, GRPC, PING or CUSTOM
    http_code: int | None
    location_id: str | None  # of the forwarding rule, where it is layer 7
    targets: tuple[Target, ...] | None
    last_port: int  # *port*, unless it listens on a range
    session_s: int  # one client stays with one target for as long; 0: it does not
    rules: "tuple[ForwardingRule, ...]" = ()
    item: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    rule: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    health_check: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def by_rule(self) -> "tuple[Listener, ...]":
        """The listener as each of its forwarding rules has it; itself without any."""
        return tuple(rule.listener for rule in self.rules) or (self,)

    @property
    def transport(self) -> str | None:
        """TCP or UDP; None for a protocol that is not known."""
        return TRANSPORT.get(self.protocol)

    @property
    def layer(self) -> int:
        """7 where the CLB itself completes the client's handshake, else 4."""
        return 7 if self.protocol in LAYER_7 else 4

    @property
    def keeps_client(self) -> bool:
        """Does one client stay with one target? At layer 7 a cookie does that, and `curl` brings none."""
        return self.layer == 4 and self.session_s > 0


@dataclass(frozen=True, slots=True)
class ForwardingRule:
    """
    Which requests of a layer-7 listener it takes, and the listener with its targets. API: CLB RuleOutput.

    *hosts* and *url* are empty where they were not read.
    """

    hosts: tuple[str, ...]  # in lower case
    url: str
    is_default: bool  # its hosts take the requests that no host matches
    listener: Listener
    redirect: "Redirect | None" = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """The CLB itself answers with *status* and sends the client to another listener's rule. API: CLB RewriteTarget."""

    listener_id: str
    location_id: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer:
    """
    A CLB. *groups* is None where they were not read; a CLB without groups is open. API: CLB LoadBalancer.

    *domain* is its name where it has one, *family* the address family it says it serves, *snat_ips* the addresses that
    stand for the client under SnatPro.
    """

    balancer_id: str
    vips: tuple[Address, ...]
    domain: str
    family: int | None
    groups: tuple[str, ...] | None
    pass_to_target: bool | None  # None: not read
    snat_pro: bool
    snat_ips: tuple[Address, ...]
    is_private: bool
    is_classic: bool


@dataclass(frozen=True, slots=True)
class Frontend:
    """What a client asks a CLB by: a VIP, or a domain name whose address is not fixed (*address* None)."""

    name: str
    address: Address | None
    family: int


@dataclass(frozen=True, slots=True)
class Node:
    """
    A worker: its instance, its addresses, the private ones first, and the groups of its primary interface.

    *name* is Kubernetes' name for it, None where nothing in the snapshot tells; *state* its InstanceState.
    """

    name: str | None
    instance_id: str
    addresses: tuple[Address, ...]
    groups: tuple[str, ...] | None
    instance_name: str = ""
    state: str | None = None

    @property
    def label(self) -> str:
        """What to call it: Kubernetes' name, else the instance's name or id, else its address."""
        return self.name or self.instance_name or self.instance_id or str(self.addresses[0])

    def address_of(self, family: int) -> Address | None:
        """Its first address of that family."""
        return next((address for address in self.addresses if address.version == family), None)


@dataclass(frozen=True, slots=True)
class Conditions:
    """
    What an EndpointSlice says of one endpoint; the API's words for what is absent [discovery.k8s.io/v1].

    The API server writes *serving* and *terminating* together; *half_told*: only one of them was read. *zones* and
    *nodes* are its topology hints, None where it has none.
    """

    ready: bool = True
    serving: bool = True
    terminating: bool = False
    half_told: bool = False
    zones: frozenset[str] | None = None
    nodes: frozenset[str] | None = None

    @property
    def is_last_resort(self) -> bool:
        """Is it used where none is ready? Serving while it terminates [KEP-1669]."""
        return self.serving and self.terminating


READY = Conditions()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One pod's address, and the port it is asked on. Where nothing tells *listens* is None, *node_name* empty."""

    pod: str
    address: Address
    port: int
    node_name: str
    listens: bool | None
    conditions: Conditions = READY

    @property
    def name(self) -> str:
        """The pod and port, as in ``shop/web-1:80``."""
        return f"{self.pod}:{self.port}"


@dataclass(frozen=True, slots=True)
class Interface:
    """
    The interface that carries an address.

    Where *groups* is None they are not known; *unknown* names what would tell, if it is more than the groups.
    """

    interface_id: str
    groups: tuple[str, ...] | None
    unknown: Fact | None = None


def object_name(item: Mapping[str, Any]) -> str:
    """NAMESPACE/NAME of a Kubernetes object."""
    return f"{item['metadata'].get('namespace') or 'default'}/{item['metadata']['name']}"


def read_listener(item: Mapping[str, Any]) -> Listener:
    """A listener with its forwarding rules. API: CLB Listener."""
    return replace(_listener(item, {}), rules=tuple(_rule(item, rule) for rule in item.get("Rules") or ()))


def _rule(item: Mapping[str, Any], rule: Mapping[str, Any]) -> ForwardingRule:
    hosts = tuple(name.casefold() for name in rule.get("Domains") or [rule.get("Domain") or ""])
    listener = _listener(item, rule)
    return ForwardingRule(hosts, rule.get("Url") or "", bool(rule.get("DefaultServer")), listener, _redirect(rule))


def _redirect(rule: Mapping[str, Any]) -> Redirect | None:
    """Where a rule sends its requests: an object in which everything may be empty stands for none."""
    wanted = rule.get("RewriteTarget") or {}
    if not wanted.get("TargetListenerId"):
        return None
    return Redirect(wanted["TargetListenerId"], wanted.get("TargetLocationId") or "", wanted.get("RewriteCode") or 301)


def _listener(item: Mapping[str, Any], rule: Mapping[str, Any]) -> Listener:
    """The listener with the health check and the targets of *rule*, where there is one."""
    source = rule or item
    health = source.get("HealthCheck") or item.get("HealthCheck") or {}
    probe_port, targets = health.get("CheckPort") or 0, source.get("Targets")
    switch, keepalive = health.get("HealthSwitch"), item.get("KeepaliveEnable")
    return Listener(
        listener_id=item["ListenerId"],
        protocol=item["Protocol"].upper(),
        port=item["Port"],
        keepalive=None if keepalive is None else keepalive == 1,
        probes=None if switch is None else switch != 0,
        probe_source_type=health.get("SourceIpType"),
        probe_port=probe_port if probe_port > 0 else None,
        probe_type=(health.get("CheckType") or "").upper() or None,
        http_code=health.get("HttpCode"),
        location_id=rule.get("LocationId"),
        targets=None if targets is None else tuple(_target(target) for target in targets),
        last_port=max(item["Port"], item.get("EndPort") or 0),
        item=item,
        rule=rule,
        health_check=health,
        session_s=source.get("SessionExpireTime") or item.get("SessionExpireTime") or 0,
    )


def read_load_balancer(item: Mapping[str, Any]) -> LoadBalancer:
    groups = item.get("SecureGroups")
    vips = [*(item.get("LoadBalancerVips") or ()), item.get("AddressIPv6") or ""]
    return LoadBalancer(
        balancer_id=item["LoadBalancerId"],
        vips=tuple(dict.fromkeys(ip_address(vip) for vip in vips if is_address(vip))),
        domain=item.get("LoadBalancerDomain") or "",
        family=FAMILIES.get((item.get("AddressIPVersion") or "").lower()),
        groups=None if groups is None else tuple(groups),
        pass_to_target=item.get("LoadBalancerPassToTarget"),
        snat_pro=bool(item.get("SnatPro")),
        snat_ips=tuple(ip_address(each["Ip"]) for each in item.get("SnatIps") or ()),
        is_private=(item.get("LoadBalancerType") or "").upper() == "INTERNAL",
        is_classic=item.get("Forward") == 0,
    )


def _target(item: Mapping[str, Any]) -> Target:
    addresses = item.get("PrivateIpAddresses") or ()
    return Target(
        kind=(item.get("Type") or "").upper(),
        instance_id=item.get("InstanceId") or "",
        address=ip_address(addresses[0]) if addresses else None,
        port=item["Port"],
        weight=item.get("Weight"),
        item=item,
    )


def read_node(item: Mapping[str, Any], names: Mapping[str, str]) -> Node:
    addresses = item["PrivateIpAddresses"]
    if not addresses:
        raise InvalidInputError(
            "Instance {instance} has no private address",
            remedy="Give PrivateIpAddresses at least one",
            instance=quoted(item["InstanceId"]),
        )
    known = next((names[address] for address in addresses if address in names), None)
    groups = item.get("SecurityGroupIds")
    every = tuple(ip_address(address) for address in (*addresses, *(item.get("IPv6Addresses") or ())))
    return Node(
        known,
        item["InstanceId"],
        every,
        None if groups is None else tuple(groups),
        instance_name=item.get("InstanceName") or "",
        state=(item.get("InstanceState") or "").upper() or None,
    )
