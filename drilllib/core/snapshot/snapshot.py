"""
A snapshot: what stands between a client and a pod at one moment, and the questions one asks of it.

The document keeps the vendor's and Kubernetes' objects verbatim (docs/snapshot.md); resources.py has read-only views of
the few fields that matter. A part that is absent was not read; a part that is empty is known to be empty.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

from drilllib.core.facts import Fact, FactCode, fact, several
from drilllib.core.rules.addresses import Address
from drilllib.core.rules.rules import SecurityGroup
from drilllib.core.snapshot import schema
from drilllib.core.snapshot.bindings import bindings
from drilllib.core.snapshot.cluster import kube_proxy_mode, minor_version, policies_hold
from drilllib.core.snapshot.doubts import Doubts
from drilllib.core.snapshot.insiders import Insiders
from drilllib.core.snapshot.interfaces import Interfaces
from drilllib.core.snapshot.kubernetes import KINDS, KubernetesObjects
from drilllib.core.snapshot.names import read_directory
from drilllib.core.snapshot.network_policies import NetworkPolicies
from drilllib.core.snapshot.networks import interfaces_of, is_routed, unknown_network
from drilllib.core.snapshot.parts import Parts
from drilllib.core.snapshot.readers import read_group, read_listener, read_load_balancer, read_node
from drilllib.core.snapshot.resources import Listener, LoadBalancer, Node, Target
from drilllib.core.snapshot.reuse import NAMES_OF, Item, Memo, copied, kept
from drilllib.core.snapshot.semantics import Semantics
from drilllib.core.snapshot.services import Service
from drilllib.core.snapshot.settings import AddOnSetting, add_on_setting
from drilllib.core.snapshot.target_health import ObservedHealth
from drilllib.core.snapshot.whole_answers import unwrapped
from drilllib.errors import InvalidInputError, Message, UnknownNameError, quoted

SCHEMA = "drilllib/snapshot/1"


class Snapshot(Parts):
    """
    One moment of a cluster and its cloud, read from a `drilllib/snapshot/1` document.

    Raises:
        InvalidInputError: The schema is unknown, or a field that is read has the wrong type.
        InvalidRuleError: A rule in it cannot be read.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        if not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
            found = document.get("schema") if isinstance(document, Mapping) else document
            raise InvalidInputError(
                "The snapshot's schema is {found}",
                remedy='Give "schema": "{schema}"',
                found=quoted(found),
                schema=SCHEMA,
            )
        document = unwrapped(document)
        schema.require_shapes(document)
        self._document: dict[str, Any] = copied(document)
        self.memo, self.lasting, self.ungrouped = Memo(), Memo(), Memo()
        self.semantics = Semantics.from_dict(document.get("semantics") or {})
        self.kubernetes = self._read_kubernetes()
        self._names = read_directory(self._document)
        self.groups = self._read_groups({}, {})
        self.nodes = self._read_nodes()

    def to_dict(self) -> dict[str, Any]:
        """
        The document, every field as it was read; of a whole answer, what it lists.

        The copy is the caller's to change.
        """
        return copied(self._document)  # type: ignore[no-any-return]  # a copy of a dict is one

    def _read_kubernetes(self) -> KubernetesObjects:
        """The Kubernetes objects; an empty part is known to be empty, one that was not read is complete for nothing."""
        objects, told = self._document.get("kubernetes"), self._document.get("complete") or {}
        listed = () if objects is None else told.get("kubernetes") or ()
        return KubernetesObjects(self._part("kubernetes"), KINDS if objects == [] else listed)

    def with_semantics(self, semantics: Semantics) -> "Snapshot":
        """The same moment under other semantics."""
        return self.with_parts(semantics=semantics.to_dict())

    def with_parts(self, **parts: Any) -> "Snapshot":
        """
        The moment after these *parts* of the document have become others, which are the snapshot's from now on.

        What the other parts say is shared, and not read again. See the class for errors.
        """
        schema.require_shapes({"schema": SCHEMA, **parts})
        changed, other = frozenset(parts), object.__new__(Snapshot)
        vars(other).update(kept(vars(self), self._document, parts))
        other._document = {**self._document, **parts}
        other.memo = Memo()
        new_balancers = "load_balancers" in changed  # whose addresses are no pod's, as NetworkPolicies know
        if "lasting" not in vars(other) or (new_balancers and self.network_policies.may_matter):
            other.lasting = Memo()
        if "ungrouped" not in vars(other) or (new_balancers and self.network_policies.may_matter):
            other.ungrouped = Memo()
        if "semantics" not in vars(other):
            other.semantics = Semantics.from_dict(other._document.get("semantics") or {})
        if "kubernetes" not in vars(other):
            other.kubernetes = other._read_kubernetes()
        if "nodes" not in vars(other):
            other.nodes = other._read_nodes(self if other.kubernetes is self.kubernetes else None)
        same_names = not changed & NAMES_OF
        other._names = self._names if same_names else read_directory(other._document)
        known = self.groups.items()
        lasting = self.groups if same_names else {name: each for name, each in known if not each.references}
        other.groups = other._read_groups(self._document, lasting)
        return other

    def _read_groups(self, before: Mapping[str, Any], known: Mapping[str, SecurityGroup]) -> dict[str, SecurityGroup]:
        """The groups; those whose object is that of the document *before* are *known*."""
        old, new = (each.get("security_groups") or {} for each in (before, self._document))
        return {
            name: known[name] if name in known and old[name] is group else read_group(name, group, self._names)
            for name, group in new.items()
        }

    def _read_nodes(self, before: "Snapshot | None" = None) -> tuple[Node, ...]:
        """The instances that have an address; one that is being made has none yet. Some were read *before*."""
        known = dict(zip(map(id, before._placed()), before.nodes, strict=True)) if before else {}
        names = self.kubernetes.names_by_address
        return tuple([known.get(id(item)) or read_node(item, names) for item in self._placed()])

    def _placed(self) -> list[Item]:
        return [item for item in self._part("instances") if item.get("PrivateIpAddresses")]

    def bound_groups(self) -> dict[str, tuple[str, ...] | None]:
        """
        Every CLB, instance and interface by its id, with its groups in order; None where they were not read.

        A primary interface stands under its instance, where that was read.
        """
        return dict(self.memo.once("bound groups", self._bound_groups))

    def _bound_groups(self) -> dict[str, tuple[str, ...] | None]:
        found = {}
        for name, (resource, field) in bindings(self._document).items():
            owner = (resource.get("Attachment") or {}).get("InstanceId") if resource.get("Primary") else None
            if owner not in self._nodes_by_instance:
                groups = resource.get(field)
                found[name] = None if groups is None else tuple(groups)
        return found

    def group(self, group_id: str) -> SecurityGroup:
        """The group; one that is not in the snapshot has lists that were not read."""
        return self.groups.get(group_id) or SecurityGroup(group_id, None, None)

    def service_names(self) -> tuple[str, ...]:
        """Every LoadBalancer Service, as NAMESPACE/NAME."""
        return tuple(each.name for each in self.kubernetes.services if each.is_load_balancer)

    def service(self, name: str) -> Service:
        """
        The Service called NAMESPACE/NAME; a bare NAME is looked for in `default`.

        Raises:
            UnknownNameError: It is not in the snapshot.
        """
        wanted = name if "/" in name else f"default/{name}"
        for each in self.kubernetes.services:
            if each.name == wanted:
                return each
        raise UnknownNameError(
            "The snapshot has no Service {wanted}",
            remedy="Its LoadBalancer Services: {service_names}",
            wanted=quoted(wanted),
            service_names=", ".join(self.service_names()) or Message("none"),
        )

    def balancer_of_service(self, service: Service) -> LoadBalancer | None:
        """
        The CLB that a Service names in an annotation, None where that is not here.

        Of a Service that names none, the one whose VIP or domain is in its status; None where several have it.
        """
        by_id = {each.balancer_id: each for each in reversed(self.load_balancers)}
        if service.balancer_ids:
            return by_id.get(service.balancer_ids[0])
        found = self.balancers_at(service.vips, service.domains)
        return found[0] if len(found) == 1 else None

    def balancers_at(self, vips: Collection[Address], domains: Collection[str]) -> tuple[LoadBalancer, ...]:
        """The CLBs that have one of these VIPs, or of these names: private ones of two VPCs may have one VIP."""
        found = (it for it in self.load_balancers if any(vip in vips for vip in it.vips) or it.domain in domains)
        return tuple({each.balancer_id: each for each in found}.values())

    def services_on(self, balancer: LoadBalancer) -> list[Service]:
        """The LoadBalancer Services that lead to this CLB."""
        return list(self.memo.once(("services on", balancer), lambda: tuple(self._services_on(balancer))))

    def _services_on(self, balancer: LoadBalancer) -> Iterator[Service]:
        services = (self.service(name) for name in self.service_names())
        return (each for each in services if self.balancer_of_service(each) == balancer)

    def listeners(self, balancer_id: str) -> tuple[Listener, ...] | None:
        """The CLB's listeners; None where they were not read."""
        return self._listeners.get(balancer_id)

    def node_of_instance(self, instance_id: str) -> Node | None:
        """The node on that CVM instance."""
        return self._nodes_by_instance.get(instance_id)

    def kubernetes_minor(self, node_name: str | None) -> int | None:
        """The minor version of kube-proxy on a node, else of the cluster: 28 for 1.28; None where nothing tells."""
        status = (self.kubernetes.nodes.get(node_name or "") or {}).get("status") or {}
        info = status.get("nodeInfo") or {}
        told = info.get("kubeProxyVersion") or info.get("kubeletVersion") or self._cluster.get("ClusterVersion")
        return minor_version(told)

    @cached_property
    def kube_proxy_mode(self) -> str | None:
        """How kube-proxy forwards, iptables or ipvs; None where that is not known."""
        return kube_proxy_mode(self._cluster)

    @cached_property
    def insiders(self) -> Insiders:
        """Which addresses are those of nodes and pods of the cluster, or may be."""
        return Insiders(self.nodes, self.kubernetes, self.interfaces, self.subnets())

    def not_modelled(self, balancer: LoadBalancer, listener: Listener) -> Fact | None:
        """What on the way through this listener is not modelled; None where all is."""
        if balancer.is_classic:
            return fact(FactCode.CLASSIC_BALANCER)
        if listener.last_port > listener.port:
            return fact(FactCode.PORT_RANGE)
        unknown, ours = self.unknown_network(), self.doubts
        if unknown is not None:
            return unknown
        doubts = (*ours.of_balancer(balancer), *ours.of_listener(listener), *ours.of_rule(listener))
        return several(doubts) if doubts else None

    def unknown_network(self) -> Fact | None:
        """What of the cluster's network is not modelled; None where all is."""
        return unknown_network(self._cluster)

    @property
    def is_routed(self) -> bool:
        """Is it a GlobalRouter cluster, whose pods stand behind their nodes?"""
        return is_routed(self._cluster)

    @cached_property
    def interfaces(self) -> Interfaces:
        """The interfaces of nodes and pods, by address and by pod."""
        return interfaces_of(self._cluster, self._part("network_interfaces"), self.nodes, self.kubernetes)

    @cached_property
    def doubts(self) -> Doubts:
        """What the objects on a path carry that is not understood."""
        of_services: dict[str, tuple[Fact, ...]] = self.ungrouped.once("doubts of services", dict)
        return Doubts(self._document, self.kubernetes, self.interfaces, self.network_policies, of_services)

    @cached_property
    def network_policies(self) -> NetworkPolicies:
        """The NetworkPolicies, and whether an add-on enforces them [TKE-NP]."""
        of_balancers = (address for each in self.load_balancers for address in (*each.vips, *each.snat_ips))
        nobody = (*self.interfaces.of_nodes, *of_balancers)
        return NetworkPolicies(self.kubernetes, policies_hold(self._cluster), nobody)

    @cached_property
    def add_on_setting(self) -> AddOnSetting | None:
        """Which groups the add-on binds to shared interfaces of pods; None where it was not read, or binds none."""
        return add_on_setting(self._cluster, self.interfaces)

    @cached_property
    def load_balancers(self) -> tuple[LoadBalancer, ...]:
        """Every CLB."""
        return tuple(read_load_balancer(item) for item in self._part("load_balancers"))

    @cached_property
    def _listeners(self) -> dict[str, tuple[Listener, ...]]:
        return {name: tuple(map(read_listener, each)) for name, each in (self.part("listeners") or {}).items()}

    @cached_property
    def _nodes_by_instance(self) -> dict[str, Node]:
        return {node.instance_id: node for node in self.nodes}

    def observed_health(self, balancer_id: str, listener: Listener, target: Target) -> str | None:
        """What the CLB observed of one target; a node that names no address may have any of its instance's."""
        node = None if target.address else self.node_of_instance(target.instance_id)
        return self.health.of(balancer_id, listener, target, node.addresses if node else ())

    @cached_property
    def health(self) -> ObservedHealth:
        """What the CLB observed of its targets."""
        return ObservedHealth(self._part("target_health"))
