"""
A snapshot: what stands between a client and a pod at one moment, and the questions one asks of it.

The document keeps the vendor's and Kubernetes' objects verbatim (docs/snapshot.md); `parts` has read-only views of the
few fields that matter. A part that is absent was not read; a part that is empty is known to be empty.
"""

import copy
from collections.abc import Iterable, Mapping
from functools import cached_property
from ipaddress import ip_address
from typing import Any

from drilllib.core import shape
from drilllib.core.addresses import Address
from drilllib.core.directory import read_directory
from drilllib.core.members import Directory
from drilllib.core.parts import (
    Endpoint,
    Interface,
    Listener,
    LoadBalancer,
    Node,
    Target,
    object_name,
    read_load_balancer,
    read_node,
)
from drilllib.core.policies import group_from_policy_set
from drilllib.core.rules import SecurityGroup
from drilllib.core.semantics import Semantics
from drilllib.errors import InvalidInputError, UnknownNameError, quoted

SCHEMA = "drilllib/snapshot/1"
LOAD_BALANCER_ID = "service.kubernetes.io/loadbalance-id"
SERVICE_NAME = "kubernetes.io/service-name"
VPC_CNI, SHARED_ENI = "VPC-CNI", "tke-route-eni"


class Snapshot:
    """
    One moment of a cluster and its cloud, read from a `drilllib/snapshot/1` document.

    Raises:
        InvalidInputError: The schema is unknown, or a field that is read has the wrong type.
        InvalidRuleError: A rule in it cannot be read.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        if not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
            found = document.get("schema") if isinstance(document, Mapping) else document
            raise InvalidInputError(f"The snapshot's schema is {quoted(found)}", remedy=f'Give "schema": "{SCHEMA}"')
        _require_shapes(document)
        self._document = copy.deepcopy(dict(document))
        self.semantics = Semantics.from_dict(document.get("semantics") or {})
        groups = self._document.get("security_groups") or {}
        names = read_directory(self._document)
        self.groups = {name: _read_group(name, group, names) for name, group in groups.items()}
        self.nodes = tuple(read_node(item, self._names_by_address) for item in self._part("instances"))
        self._endpoints: dict[tuple[str, int], tuple[Endpoint, ...] | None] = {}

    def to_dict(self) -> dict[str, Any]:
        """The document, every field as it was read. The copy is the caller's to change."""
        return copy.deepcopy(self._document)

    def with_semantics(self, semantics: Semantics) -> "Snapshot":
        """The same moment under other semantics."""
        return Snapshot({**self._document, "semantics": semantics.to_dict()})

    def has(self, part: str) -> bool:
        """Was that part of the document read at all?"""
        return self._document.get(part) is not None

    def group(self, group_id: str) -> SecurityGroup:
        """The group; one that is not in the snapshot has lists that were not read."""
        return self.groups.get(group_id) or SecurityGroup(group_id, None, None)

    def service_names(self) -> tuple[str, ...]:
        """Every LoadBalancer Service, as NAMESPACE/NAME."""
        services = self.objects("Service")
        return tuple(object_name(item) for item in services if item["spec"].get("type") == "LoadBalancer")

    def service(self, name: str) -> Mapping[str, Any]:
        """
        The Service object called NAMESPACE/NAME; a bare NAME is looked for in `default`.

        Raises:
            UnknownNameError: It is not in the snapshot.
        """
        wanted = name if "/" in name else f"default/{name}"
        for item in self.objects("Service"):
            if object_name(item) == wanted:
                return item
        remedy = f"Its LoadBalancer Services: {', '.join(self.service_names()) or 'none'}"
        raise UnknownNameError(f"The snapshot has no Service {quoted(wanted)}", remedy=remedy)

    def balancer_with_vip(self, vip: Address) -> LoadBalancer | None:
        """The CLB that has this VIP."""
        return next((item for item in self.load_balancers if vip in item.vips), None)

    def balancer_of_service(self, service: Mapping[str, Any]) -> LoadBalancer | None:
        """The CLB that a Service names in its annotation or, failing that, whose VIP is in its status."""
        named = (service["metadata"].get("annotations") or {}).get(LOAD_BALANCER_ID)
        entries = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
        vips = {ip_address(entry["ip"]) for entry in entries if entry.get("ip")}
        by_id = (item for item in self.load_balancers if item.balancer_id == named)
        by_vip = (item for item in self.load_balancers if vips & set(item.vips))
        return next(by_id, None) or next(by_vip, None)

    def listeners(self, balancer_id: str) -> list[dict[str, Any]] | None:
        """The CLB's listeners as the API returns them; None where they were not read."""
        return (self._document.get("listeners") or {}).get(balancer_id)

    def node_of_instance(self, instance_id: str) -> Node | None:
        """The node on that CVM instance."""
        return self._nodes_by_instance.get(instance_id)

    def node_named(self, name: str) -> Node | None:
        """The node that Kubernetes knows by that name."""
        return self._nodes_by_name.get(name)

    def service_on_node_port(self, transport: str, port: int) -> Mapping[str, Any] | None:
        """The Service that owns a NodePort of TCP or UDP; None where no Service in the snapshot does."""
        service, _ = self._services_by_node_port.get((transport, port), (None, None))
        return service

    def endpoints(self, transport: str, number: int) -> tuple[Endpoint, ...] | None:
        """The ready endpoints behind a NodePort, from the Service's EndpointSlices; None where no slice was read."""
        node_port = transport, number
        if node_port not in self._endpoints:
            service, port = self._services_by_node_port[node_port]
            slices = self._slices_by_service.get(object_name(service))
            found = (endpoint for item in slices or () for endpoint in self._endpoints_of(item, port))
            self._endpoints[node_port] = None if slices is None else tuple(found)
        return self._endpoints[node_port]

    def interface_of_pod(self, address: Address, node: Node | None) -> Interface | None:
        """
        The interface that carries a pod's address, with its groups.

        Where the interface was not read, its groups follow from the add-on's setting [ENI-SG]: off means none, a list
        means that list, an empty list means the groups of the node. None where that was not read either.
        """
        item = self._interfaces_by_address.get(address)
        if item is not None and item.get("GroupSet") is not None:
            return Interface(item["NetworkInterfaceId"], tuple(item["GroupSet"]), settled=True)
        setting = (self._document.get("cluster") or {}).get("eniipamd")
        if setting is None:
            return None
        name = item["NetworkInterfaceId"] if item else "secondary"
        if not setting.get("enableSecurityGroups"):
            return Interface(name, (), settled=False)
        listed = tuple(setting.get("securityGroups") or ())
        return Interface(name, listed or (node.groups if node else None), settled=False)

    def observed_health(self, balancer_id: str, listener: Listener, target: Target) -> str | None:
        """What DescribeTargetHealth said of the target: Alive, Dead, Unknown or Close; None where it was not read."""
        place = balancer_id, listener.listener_id, target.instance_id, target.port
        known = self._health_by_target.get(place, {})
        return (
            known.get(listener.location_id)
            or known.get(None)
            or (next(iter(known.values()), None) if listener.location_id is None else None)
        )

    def node_name_at(self, address: Address) -> str | None:
        """The name of the Node object that has this address."""
        return self._names_by_address.get(str(address))

    def is_inside(self, client: Address) -> bool:
        """Is that the address of a node or of a pod?"""
        return client in self._interfaces_by_address or any(node.address == client for node in self.nodes)

    def not_modelled(self, listener: Mapping[str, Any], vip: Address) -> str | None:
        """What on the way through this listener is not modelled yet; None where all is."""
        cluster = self._document.get("cluster") or {}
        network, mode = cluster.get("NetworkType") or VPC_CNI, cluster.get("VpcCniType") or SHARED_ENI
        cases = {
            "how an IPv6 load balancer reaches its targets": vip.version == 6,
            "which source addresses a load balancer with SnatPro uses": self.balancer_with_vip(vip).snat_pro,
            "how a listener with a port range behaves": (listener.get("EndPort") or 0) > listener["Port"],
            f"how pods are reached in the network {network}": network != VPC_CNI,
            f"how interfaces behave in the mode {mode}": mode != SHARED_ENI,
        }
        return next((what for what, holds in cases.items() if holds), None)

    def objects(self, kind: str) -> list[dict[str, Any]]:
        """The Kubernetes objects of one kind."""
        return self._objects_by_kind.get(kind, [])

    @cached_property
    def load_balancers(self) -> tuple[LoadBalancer, ...]:
        """Every CLB."""
        return tuple(read_load_balancer(item) for item in self._part("load_balancers"))

    @cached_property
    def _names_by_address(self) -> dict[str, str]:
        return {
            address["address"]: node["metadata"]["name"]
            for node in self.objects("Node")
            for address in (node.get("status") or {}).get("addresses") or ()
        }

    @cached_property
    def _objects_by_kind(self) -> dict[str, list[dict[str, Any]]]:
        kinds: dict[str, list[dict[str, Any]]] = {}
        for item in self._part("kubernetes"):
            kinds.setdefault(item["kind"], []).append(item)
        return kinds

    @cached_property
    def _nodes_by_instance(self) -> dict[str, Node]:
        return {node.instance_id: node for node in self.nodes}

    @cached_property
    def _nodes_by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes if node.name}

    @cached_property
    def _services_by_node_port(self) -> dict[tuple[str, int], tuple[dict[str, Any], dict[str, Any]]]:
        """By transport and number: Kubernetes gives the same number to a TCP and a UDP port."""
        entries = ((item, port) for item in self.objects("Service") for port in item["spec"].get("ports") or ())
        return {
            ((port.get("protocol") or "TCP").upper(), port["nodePort"]): (item, port)
            for item, port in entries
            if port.get("nodePort") is not None
        }

    @cached_property
    def _slices_by_service(self) -> dict[str, list[dict[str, Any]]]:
        slices: dict[str, list[dict[str, Any]]] = {}
        for item in self.objects("EndpointSlice"):
            service = (item["metadata"].get("labels") or {}).get(SERVICE_NAME)
            slices.setdefault(f"{object_name(item).split('/')[0]}/{service}", []).append(item)
        return slices

    @cached_property
    def _interfaces_by_address(self) -> dict[Address, dict[str, Any]]:
        items = self._part("network_interfaces")
        return {ip_address(entry["PrivateIpAddress"]): item for item in items for entry in item["PrivateIpAddressSet"]}

    @cached_property
    def _ports_by_pod(self) -> dict[str, set[int]]:
        """The ports that each pod's containers declare."""
        ports: dict[str, set[int]] = {}
        for item in self.objects("Pod"):
            containers = (item.get("spec") or {}).get("containers") or ()
            ports[object_name(item)] = {
                entry["containerPort"] for each in containers for entry in each.get("ports") or ()
            }
        return ports

    def _part(self, name: str) -> list[dict[str, Any]]:
        return self._document.get(name) or []

    @cached_property
    def _health_by_target(self) -> dict[tuple[str, str, str | None, int], dict[str | None, str | None]]:
        """States by forwarding rule (None: a layer-4 pseudo rule), for each balancer, listener and target."""
        found: dict[tuple[str, str, str | None, int], dict[str | None, str | None]] = {}
        for balancer_id, listener_id, rule in self._health_rules():
            for entry in rule.get("Targets") or ():
                place = balancer_id, listener_id, entry.get("TargetId"), entry["Port"]
                found.setdefault(place, {}).setdefault(rule.get("LocationId"), entry.get("HealthStatusDetail"))
        return found

    def _health_rules(self) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
        for balancer in self._part("target_health"):
            for listener in balancer["Listeners"]:
                for rule in listener.get("Rules") or ():
                    yield balancer["LoadBalancerId"], listener["ListenerId"], rule

    def _endpoints_of(self, item: Mapping[str, Any], port: Mapping[str, Any]) -> Iterable[Endpoint]:
        """Every ready address of one EndpointSlice, on the port of the same name."""
        namespace = object_name(item).split("/")[0]
        same_name = (
            entry for entry in item.get("ports") or () if (entry.get("name") or "") == (port.get("name") or "")
        )
        numbers = [entry["port"] for entry in same_name if entry.get("port") is not None]
        for entry in item.get("endpoints") or ():
            if (entry.get("conditions") or {}).get("ready") is False or not entry["addresses"]:
                continue
            pod = f"{namespace}/{(entry.get('targetRef') or {}).get('name') or entry['addresses'][0]}"
            declared = self._ports_by_pod.get(pod)
            for number in numbers:
                listens = number in declared if declared else None
                yield Endpoint(pod, ip_address(entry["addresses"][0]), number, entry.get("nodeName") or "", listens)


def _require_shapes(document: Mapping[str, Any]) -> None:
    shape.require_shape(document, shape.SNAPSHOT, "snapshot")
    for balancer_id, listeners in (document.get("listeners") or {}).items():
        shape.require_shape(listeners, [shape.LISTENER], f"snapshot.listeners.{quoted(balancer_id)}")
    for part, wanted in shape.TEMPLATES.items():
        for name, template in (document.get(part) or {}).items():
            shape.require_shape(template, wanted, f"snapshot.{part}.{quoted(name)}")
    for place, item in enumerate(document.get("kubernetes") or ()):
        shape.require_shape(item, shape.KUBERNETES.get(item["kind"], {}), f"snapshot.kubernetes[{place}]")


def _read_group(name: str, group: Any, names: Directory) -> SecurityGroup:
    shape.require_shape(group, shape.SECURITY_GROUP, f"snapshot.security_groups.{quoted(name)}")
    policy_set = group.get("SecurityGroupPolicySet")
    return SecurityGroup(name, None, None) if policy_set is None else group_from_policy_set(name, policy_set, names)
