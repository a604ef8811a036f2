"""The parts of a snapshot: small read-only views of the vendor's and Kubernetes' objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drilllib.core.facts import Fact
from drilllib.core.plain import view
from drilllib.core.rules.addresses import Address

LAYER_7 = ("HTTP", "HTTPS")
TRANSPORT = {"TCP": "TCP", "HTTP": "TCP", "HTTPS": "TCP", "TCP_SSL": "TCP", "UDP": "UDP", "QUIC": "UDP"}
OFF = frozenset({"STOPPED", "SHUTDOWN", "LAUNCH_FAILED", "TERMINATED"})  # InstanceState: the machine is not on
FAMILIES = {"ipv4": 4, "ipv6": 6}
GLOBAL_ROUTE = "GLOBALROUTE"  # a pod behind its node's interface, registered as a target by its own address [CLB-RS]


@view
class Target:
    """
    Where a CLB sends traffic: an address and port of a node (*kind* CVM) or of a pod (ENI; under GlobalRouter
    GLOBALROUTE). API: CLB Backend.

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
    def is_node(self) -> bool:
        """Is it a node's?"""
        return self.kind == "CVM"

    @property
    def is_pod(self) -> bool:
        """Is it a pod's own?"""
        return self.kind in ("ENI", GLOBAL_ROUTE)

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
    """
    The CLB itself answers with *status* and sends the client to another listener's rule. API: CLB RewriteTarget.

    *keeps_path*: it is known that the client is to ask there for the same path.
    """

    listener_id: str
    location_id: str
    status: int
    keeps_path: bool = False


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
    vpcs: tuple[str, ...] = ()  # its own, and that of its targets where it names one


@dataclass(frozen=True, slots=True)
class Frontend:
    """What a client asks a CLB by: a VIP, or a domain name whose address is not fixed (*address* None)."""

    name: str
    address: Address | None
    family: int


@view
class Node:
    """
    A worker: its instance, its addresses, the private ones first, and the groups of its primary interface.

    *name* is Kubernetes' name for it, None where nothing in the snapshot tells; *state* its InstanceState, *vpc* the id
    of its VPC, each None where it was not read.
    """

    name: str | None
    instance_id: str
    addresses: tuple[Address, ...]
    groups: tuple[str, ...] | None
    instance_name: str = ""
    state: str | None = None
    vpc: str | None = None

    @property
    def label(self) -> str:
        """What to call it: Kubernetes' name, else the instance's name or id, else its address."""
        return self.name or self.instance_name or self.instance_id or str(self.addresses[0])

    def address_of(self, family: int) -> Address | None:
        """Its first address of that family."""
        for each in self.addresses:
            if each.version == family:
                return each
        return None


@view
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


READY, UNREADY = Conditions(), Conditions(ready=False, serving=False)


@view
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


@view
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
