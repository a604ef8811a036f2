"""
What the objects on a path carry that the engine does not understand, by the tables of `ledger`.

All instances, Nodes, Pods, interfaces or targets are looked at together, field by field, when first one is asked about;
only those in which something may be doubtful are then looked at by themselves.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import Address, Block, address_at, parse_block
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.annotations import NETWORKS
from drilllib.core.snapshot.interfaces import EXCLUSIVE_ENI, SHARED_ENI, SUPER_NODE, Interfaces
from drilllib.core.snapshot.kubernetes import KubernetesObjects
from drilllib.core.snapshot.ledger import clb, cloud
from drilllib.core.snapshot.ledger import kubernetes as kube
from drilllib.core.snapshot.ledger.tables import Kind, doubts_of
from drilllib.core.snapshot.network_policies import Filter, NetworkPolicies, filters_of
from drilllib.core.snapshot.node_conditions import trouble_of
from drilllib.core.snapshot.plain_objects import PlainObjects
from drilllib.core.snapshot.resources import Endpoint, Listener, LoadBalancer, Node, Target, object_name
from drilllib.core.snapshot.schema import NOT_READ, SNAPSHOT
from drilllib.errors import Message, quoted

Facts = tuple[Fact, ...]
_PARTS = frozenset(("schema", *NOT_READ, *(name.removesuffix("?") for name in SNAPSHOT)))
Item = Mapping[str, Any]
_TEMPLATES = {
    ("AddressTemplate", "AddressId"): ("address_templates", cloud.ADDRESS_TEMPLATE),
    ("AddressTemplate", "AddressGroupId"): ("address_template_groups", cloud.ADDRESS_TEMPLATE_GROUP),
    ("ServiceTemplate", "ServiceId"): ("service_templates", cloud.SERVICE_TEMPLATE),
    ("ServiceTemplate", "ServiceGroupId"): ("service_template_groups", cloud.SERVICE_TEMPLATE_GROUP),
}


class Doubts:
    """
    Asked about one object of a snapshot, the facts that are missing about it; empty where all of it is understood.

    Args:
        document: the snapshot's document.
        kubernetes: its Kubernetes objects.
        interfaces: its network interfaces.
        policies: its NetworkPolicies.
        of_services: what was found about Services and their EndpointSlices, kept as long as Kubernetes' objects are.
    """

    def __init__(
        self,
        document: Item,
        kubernetes: KubernetesObjects,
        interfaces: Interfaces,
        policies: NetworkPolicies,
        of_services: dict[str, Facts],
    ) -> None:
        self._policies = policies
        self._document, self._kubernetes, self._interfaces = document, kubernetes, interfaces
        self._found: dict[tuple[object, ...], Facts] = {}
        self._of_services = of_services
        self._plain = PlainObjects(document, kubernetes)

    def of_balancer(self, balancer: LoadBalancer) -> Facts:
        """About a CLB, the subnets of its VIPs, and the cluster."""
        return self._once(("balancer", balancer.balancer_id), lambda: self._of_balancer(balancer))

    def of_listener(self, listener: Listener) -> Facts:
        """About a listener."""
        return doubts_of(clb.LISTENER, listener.item, listener.listener_id)

    def of_rule(self, listener: Listener) -> Facts:
        """About the forwarding rule that *listener* stands for, if it does."""
        name = listener.location_id or f"{listener.listener_id} {listener.rule.get('Url') or '/'}"
        return doubts_of(clb.RULE_OUTPUT, listener.rule, name)

    def of_probes(self, listener: Listener) -> Facts:
        """About how a listener's targets are probed."""
        name = listener.location_id or listener.listener_id
        return doubts_of(clb.HEALTH_CHECK, listener.health_check, name, under="HealthCheck")

    def of_health(self, balancer: LoadBalancer, listener: Listener) -> Facts:
        """About what the CLB said of the health of a listener's targets."""
        key = "health", balancer.balancer_id, listener.listener_id
        return self._once(key, lambda: self._of_health(balancer.balancer_id, listener.listener_id))

    def of_target(self, target: Target) -> Facts:
        """About a target's registration."""
        return () if self._plain.has(clb.BACKEND, target.item) else doubts_of(clb.BACKEND, target.item, target.name)

    def of_node(self, node: Node) -> Facts:
        """About a node: its instance and primary interface, its subnet, its Node object."""
        if not self._odd_places and self._plain.has_machine(node.name, node.instance_id):
            return ()
        return self._once(("node", node.instance_id, node.addresses), lambda: self._of_node(node))

    def of_pod(self, pod: Endpoint) -> Facts:
        """About a Pod object, and the NetworkPolicies that select it, or may."""
        if pod.pod not in self._plain.odd_pods and not self._filters and not self._odd_policies:
            return ()
        return self._once(("pod", pod.pod), lambda: self._of_pod(pod.pod))

    def outside_pod(self, pod: Endpoint) -> Facts:
        """About what a packet from elsewhere passes on its way to a pod: its interface, its subnet, its node."""
        if not self._odd_places and pod.node_name in self._kubernetes.nodes:
            machine = self._interfaces.machine_of(pod)
            if self._plain.has_machine(pod.node_name, machine.instance_id if machine else None):
                return ()
        return self._once(("outside", pod.pod, pod.address), lambda: self._outside_pod(pod))

    def of_address(self, address: Address) -> Facts:
        """About the interface and the subnet of an address."""
        if not self._odd_places:
            return ()
        found = self._of_interface(address)
        return (*found, *self._of_subnet(address)) if self._odd_subnets else found

    def of_service(self, name: str) -> Facts:
        """About a Service, called NAMESPACE/NAME, and its EndpointSlices."""
        if name not in self._of_services:
            self._of_services[name] = tuple(dict.fromkeys(self._of_service(name)))
        return self._of_services[name]

    def of_groups(self, groups: Iterable[str]) -> Facts:
        """About groups; rules know their own fields."""
        found = (self._once(("group", name), partial(self._of_group, name)) for name in groups)
        return tuple(fact for each in found for fact in each)

    def _of_group(self, name: str) -> Facts:
        return doubts_of(cloud.SECURITY_GROUP, (self._document.get("security_groups") or {}).get(name) or {}, name)

    def of_templates(self, groups: Iterable[str], direction: Direction) -> Facts:
        """About the templates that rules of these groups name in one direction."""
        found = (self._once((each, direction), partial(self._named_by, each, direction)) for each in groups)
        return tuple(fact for each in found for fact in each)

    def _once(self, key: tuple[object, ...], make: Callable[[], Iterable[Fact]]) -> Facts:
        if key not in self._found:
            self._found[key] = tuple(dict.fromkeys(make()))
        return self._found[key]

    def of_cluster(self) -> Iterator[Fact]:
        """About the cluster, and parts of the snapshot that are not known."""
        for part in sorted(name for name, value in self._document.items() if name not in _PARTS and value):
            yield fact(FactCode.FIELD_UNKNOWN, field=quoted(part), object="snapshot")
        cluster = self._document.get("cluster") or {}
        yield from doubts_of(cloud.CLUSTER, cluster, str(cluster.get("ClusterId") or "cluster"))

    def _of_balancer(self, balancer: LoadBalancer) -> Iterator[Fact]:
        yield from self.of_cluster()
        for item in self._document.get("load_balancers") or ():
            if item["LoadBalancerId"] == balancer.balancer_id:
                yield from doubts_of(clb.LOAD_BALANCER, item, balancer.balancer_id)
        for vip in balancer.vips:
            yield from self._of_subnet(vip)

    def _of_health(self, balancer_id: str, listener_id: str) -> Iterator[Fact]:
        for balancer in self._document.get("target_health") or ():
            for listener in balancer["Listeners"] if balancer["LoadBalancerId"] == balancer_id else ():
                if listener["ListenerId"] == listener_id:
                    yield from doubts_of(clb.LISTENER_HEALTH, listener, listener_id)
                    for rule in listener.get("Rules") or ():
                        for target in rule.get("Targets") or ():
                            yield from doubts_of(clb.TARGET_HEALTH, target, listener_id, under="Rules[].Targets[]")

    def _of_node(self, node: Node) -> Iterator[Fact]:
        yield from self._of_machine(node.name, node.instance_id)
        for address in node.addresses:
            yield from self.of_address(address)

    def _of_machine(self, name: str | None, instance_id: str | None) -> Facts:
        return self._once(("machine", name, instance_id), lambda: self._on_machine(name, instance_id))

    def _on_machine(self, name: str | None, instance_id: str | None) -> Iterator[Fact]:
        instance, node = self._instances.get(instance_id), self._objects("Node").get(name)
        if instance is not None:
            yield from self._of_one(cloud.INSTANCE, instance, str(instance_id))
        if node is not None:
            yield from self._of_one(kube.NODE, node, f"Node {name}")
            yield from trouble_of(node)

    def _of_pod(self, name: str) -> Iterator[Fact]:
        item = self._objects("Pod").get(name)
        if item is not None:
            yield from self._of_one(kube.POD, item, f"Pod {name}")
            asked = (item["metadata"].get("annotations") or {}).get(NETWORKS) or self._interfaces.mode
            if asked in (SHARED_ENI, EXCLUSIVE_ENI) and self._interfaces.mode not in (asked, None):
                field = f"metadata.annotations[{NETWORKS}]"
                yield fact(FactCode.FIELD_VALUE, field=field, value=quoted(asked), object=f"Pod {name}")
        for policy, _ in self._policies.selecting(name) if self._odd_policies else ():
            yield from self._odd_policies.get(object_name(policy), ())
        for namespace, shown in self._filters:
            if namespace in (None, name.split("/")[0]):
                yield fact(FactCode.OBJECT_UNKNOWN, object=shown, pod=name)

    @cached_property
    def _filters(self) -> Sequence[Filter]:
        return filters_of(self._kubernetes)

    def _outside_pod(self, pod: Endpoint) -> Iterator[Fact]:
        yield from self.of_address(pod.address)
        machine = self._interfaces.machine_of(pod)
        yield from self._of_machine(pod.node_name, machine.instance_id if machine else None)
        is_node = bool(pod.node_name) and not pod.node_name.startswith(SUPER_NODE)
        if is_node and pod.node_name not in self._kubernetes.nodes and self._kubernetes.is_complete("Node"):
            yield fact(FactCode.NODE_GONE, node=pod.node_name, pod=pod.pod)

    def _of_interface(self, address: Address) -> Facts:
        """Of an interface's addresses only the one that is asked for; where all of it is understood, that too."""
        item = self._interfaces.item_at(address)
        if item is None or not self._of_one(cloud.NETWORK_INTERFACE, item, item["NetworkInterfaceId"]):
            return ()
        fours = item.get("PrivateIpAddressSet") or ()
        ours = [each for each in fours if address_at(each["PrivateIpAddress"]) == address]
        sixes = [each for each in item.get("Ipv6AddressSet") or () if address_at(each["Address"]) == address]
        shown = {**item, "PrivateIpAddressSet": ours, "Ipv6AddressSet": sixes}
        return doubts_of(cloud.NETWORK_INTERFACE, shown, item["NetworkInterfaceId"])

    def _of_one(self, kind: Kind, item: Item, name: str) -> Facts:
        """About one of the many objects of a kind, most of which are plain."""
        return () if self._plain.has(kind, item) else doubts_of(kind, item, name)

    @cached_property
    def _odd_places(self) -> bool:
        """Is anything about interfaces or subnets doubtful?"""
        return bool(self._plain.odd(cloud.NETWORK_INTERFACE) or self._odd_subnets)

    def _of_subnet(self, address: Address) -> Iterator[Fact]:
        for block, facts in self._odd_subnets:
            if address in block:
                yield from facts

    def _of_service(self, name: str) -> Iterator[Fact]:
        item = self._objects("Service").get(name)
        if item is not None:
            yield from doubts_of(kube.SERVICE, item, f"Service {name}")
        for each in self._kubernetes.slices_of(name):
            yield from self._of_one(kube.ENDPOINT_SLICE, each, f"EndpointSlice {object_name(each)}")

    def _named_by(self, group_id: str, direction: Direction) -> Iterator[Fact]:
        group = (self._document.get("security_groups") or {}).get(group_id) or {}
        for policy in (group.get("SecurityGroupPolicySet") or {}).get(direction.capitalize()) or ():
            yield from self._of_templates(policy)

    def _of_templates(self, policy: Item) -> Iterator[Fact]:
        for (field, key), (part, kind) in _TEMPLATES.items():
            name = (policy.get(field) or {}).get(key)
            yield from self._of_template(part, kind, name) if name else ()

    def _of_template(self, part: str, kind: Kind, name: str) -> Iterator[Fact]:
        """A template, or a group of templates with its members."""
        item = (self._document.get(part) or {}).get(name) or {}
        yield from doubts_of(kind, item, name)
        for field, members, kind_of_members in _MEMBERS:
            for each in item.get(field) or ():
                yield from doubts_of(kind_of_members, (self._document.get(members) or {}).get(each) or {}, each)

    def _objects(self, kind: str) -> Mapping[str | None, Item]:
        """The objects of a kind by name; a Node's has no namespace."""
        if kind not in self._by_name:
            named = (lambda item: item["metadata"]["name"]) if kind == "Node" else object_name
            self._by_name[kind] = {named(item): item for item in self._kubernetes.of_kind(kind)}
        return self._by_name[kind]

    @cached_property
    def _by_name(self) -> dict[str, dict[str | None, Item]]:
        return {}

    @cached_property
    def _instances(self) -> dict[str | None, Item]:
        return {item["InstanceId"]: item for item in self._document.get("instances") or ()}

    @cached_property
    def _odd_policies(self) -> dict[str, Facts]:
        """The NetworkPolicies about which something is doubtful, as NAMESPACE/NAME."""
        holding = () if self._policies.enforced is False else self._kubernetes.of_kind("NetworkPolicy")
        named = ((object_name(item), item) for item in holding)
        found = {name: doubts_of(kube.NETWORK_POLICY, item, f"NetworkPolicy {name}") for name, item in named}
        return {name: facts for name, facts in found.items() if facts}

    @cached_property
    def _odd_subnets(self) -> list[tuple[Block, Facts]]:
        """The blocks of subnets about which something is doubtful."""
        found: list[tuple[Block, Facts]] = []
        for item in self._document.get("subnets") or ():
            texts = [item.get("CidrBlock"), item.get("Ipv6CidrBlock")]
            facts = doubts_of(cloud.SUBNET, item, item.get("SubnetId") or str(texts[0]))
            found += [
                (parse_block(text, Message("A subnet in the snapshot")), facts) for text in texts if text and facts
            ]
        return found


_MEMBERS = (
    ("AddressTemplateIdSet", "address_templates", cloud.ADDRESS_TEMPLATE),
    ("ServiceTemplateIdSet", "service_templates", cloud.SERVICE_TEMPLATE),
)
