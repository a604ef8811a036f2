"""
Clients that are nodes or pods of the cluster: which one asks, and which way its packets take to a VIP.

In the mode iptables kube-proxy on the client's own node knows the addresses of load balancers from the status of
Services and sends what is for them straight to an endpoint; the CLB is not asked [KP-INSIDE, CLB-LOOP]. In the mode
ipvs TKE's does not, and packets for a VIP that no Service has go to the CLB in either mode [CLB-LOOP].
"""

from enum import Enum
from typing import NamedTuple

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import Address
from drilllib.core.rules.members import is_public
from drilllib.core.snapshot.cluster import IPVS
from drilllib.core.snapshot.egress_policies import egress_doubts
from drilllib.core.snapshot.interfaces import SUPER_NODE
from drilllib.core.snapshot.resources import OFF, Endpoint, Frontend, Listener, LoadBalancer, Node
from drilllib.core.snapshot.services import Service, ServicePort
from drilllib.core.snapshot.snapshot import Snapshot


class Insider(NamedTuple):
    """A client inside: *node* is the one that it is or runs on, *pod* is None for a node and what is on its network."""

    address: Address
    node: Node
    pod: Endpoint | None = None

    @property
    def label(self) -> str:
        """What to call it."""
        return self.pod.pod if self.pod else self.node.label


class Loop(Enum):
    """Do packets of a client inside come back from a target: surely, maybe, or has it the client's own address?"""

    SURE = 1
    MAYBE = 2
    CLIENT = 3
    CLIENT_HIDDEN = 4  # it has, and may see another in its place


class OwnNode(NamedTuple):
    """kube-proxy on the client's node answers for the VIP: with the endpoints of *port*, one of a Service."""

    service: Service
    port: ServicePort


def insider_at(snapshot: Snapshot, client: Address) -> Insider | Fact:
    """Who asks from an address of the cluster; the fact that is missing where that is not known."""
    pods, interfaces = snapshot.kubernetes.pods_at.get(client, []), snapshot.interfaces
    if interfaces.is_node(client) or client in snapshot.kubernetes.hosts or any(pod.host_network for pod in pods):
        return _running(Insider(client, interfaces.node_at(client)))
    if len(pods) != 1:
        return fact(FactCode.CLIENT_OF_SEVERAL, address=client)
    pod = snapshot.kubernetes.pod_at(client, 0, "TCP")
    if pod is None or not pod.node_name:
        return fact(FactCode.NODE_OF_POD, pod=pods[0].name)
    return _running(Insider(client, interfaces.node_called(pod.node_name), pod))


def _running(insider: Insider) -> Insider | Fact:
    """A machine that is switched off asks nobody."""
    return fact(FactCode.CLIENT_IS_OFF, client=insider.label) if insider.node.state in OFF else insider


def egress_doubts_of(snapshot: Snapshot, insider: Insider) -> tuple[Fact, ...]:
    """What may keep with a pod what it sends; a node's packets pass no policy."""
    if insider.pod is None:
        return ()
    return tuple(egress_doubts(snapshot.kubernetes, snapshot.network_policies.enforced, insider.pod.pod))


def way_of(
    snapshot: Snapshot, insider: Insider, balancer: LoadBalancer, frontend: Frontend, listener: Listener
) -> OwnNode | Fact | None:
    """How its packets get to a VIP: answered on its own node, or by the CLB (None); else the fact that is missing."""
    mode, vip, objects = snapshot.kube_proxy_mode, frontend.address, snapshot.kubernetes
    if mode is None:
        return fact(FactCode.KUBE_PROXY_MODE)
    found = _claims(snapshot, vip, listener) if vip else []
    is_external = vip is not None and (listener.transport, vip, listener.port) in objects.external_addresses
    if is_external or len(found) > 1 or not (found or _all_vips_known(snapshot)):
        return fact(FactCode.KUBE_PROXY_VIPS, vip=frontend.name)
    if not found:
        return _to_balancer(insider, balancer, frontend)
    service = found[0].service
    if vip in service.proxied_vips or (mode == IPVS and service.prevents_loopback):
        return fact(FactCode.KUBE_PROXY_ANSWERS, vip=frontend.name, service=service.name)
    if mode == IPVS:
        return _to_balancer(insider, balancer, frontend)
    return _unknown_behind(snapshot, insider, found[0], listener) or found[0]


def _claims(snapshot: Snapshot, vip: Address, listener: Listener) -> list[OwnNode]:
    """The ports of Services that have that VIP, by their status, and the listener's port."""
    asked = listener.port, listener.transport
    services = (each for each in snapshot.kubernetes.services if vip in each.vips)
    return [OwnNode(each, port) for each in services for port in each.ports if (port.port, port.transport) == asked]


def _all_vips_known(snapshot: Snapshot) -> bool:
    """Is every Service here, with its ports and the addresses of its load balancer?"""
    objects = snapshot.kubernetes
    told = all(each.tells_vips and (each.ports_read or not each.vips) for each in objects.services)
    return told and objects.is_complete("Service")


def _to_balancer(insider: Insider, balancer: LoadBalancer, frontend: Frontend) -> Fact | None:
    """A private VIP sees the client's own address; a public one another, which no snapshot tells [CLB-LOOP]."""
    vip = frontend.address
    if vip is None or vip.version != 4 or is_public(vip) or not balancer.is_private:
        return fact(FactCode.SOURCE_AT_VIP, client=insider.label, vip=frontend.name)
    return None


def _unknown_behind(snapshot: Snapshot, insider: Insider, way: OwnNode, listener: Listener) -> Fact | None:
    """What is not known of a client's packets that kube-proxy on its node answers."""
    pod, service = insider.pod, way.service
    if listener.protocol == "HTTPS":
        return fact(FactCode.TLS_OF_SERVICE, service=service.name)
    if way.port.node_port is None:
        return fact(FactCode.CLIENT_IN_CLUSTER)
    if not service.admits(insider.address):
        return fact(FactCode.SOURCE_RANGES, client=insider.label, service=service.name)
    if pod is None:
        return None
    if pod.node_name.startswith(SUPER_NODE) or not snapshot.interfaces.shared(pod):
        return fact(FactCode.POD_PAST_KUBE_PROXY, pod=pod.pod)
    if service.traffic_policy != "Cluster":
        return fact(FactCode.POD_UNDER_LOCAL, pod=pod.pod, service=service.name)
    return None
