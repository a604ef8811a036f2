"""The network interfaces of nodes and pods, with their groups as far as they were read."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import Address, address_at
from drilllib.core.snapshot.kubernetes import KubernetesObjects
from drilllib.core.snapshot.resources import Endpoint, Interface, Node
from drilllib.core.snapshot.shapes import is_address

SHARED_ENI, EXCLUSIVE_ENI = "tke-route-eni", "tke-direct-eni"
TRUNK = 2  # EniType of VPC 2017-03-12
SUPER_NODE = "eklet-"  # how the names of super nodes begin [SUPER]


class Interfaces:
    """
    Which interface carries an address, and which groups are on it.

    Args:
        items: NetworkInterface objects, VPC 2017-03-12.
        nodes: the nodes, whose primary interfaces stand under their instances.
        kubernetes: Pods and SecurityGroupPolicies.
        mode: how pods' interfaces are attached, VpcCniType; None where it was not read.
        vpc: the cluster's VPC; None where nothing tells. What is known to be in another one is left out: the same
            addresses are there.
    """

    def __init__(
        self,
        items: Iterable[Mapping[str, Any]],
        nodes: Sequence[Node],
        kubernetes: KubernetesObjects,
        mode: str | None,
        vpc: str | None = None,
    ) -> None:
        self._kubernetes, self.mode, self.vpc = kubernetes, mode, vpc
        self._items = tuple(each for each in items if self._may_be_here(each.get("VpcId")))
        ours = (node for node in nodes if self._may_be_here(node.vpc))
        self._nodes = {address: node for node in ours for address in node.addresses}

    def _may_be_here(self, vpc: str | None) -> bool:
        return not vpc or self.vpc in (None, vpc)

    @property
    def addresses(self) -> Iterable[Address]:
        """Every address of an interface or an instance."""
        return {**self._all_at, **self._nodes}

    def addresses_on(self, instance_ids: Container[str]) -> Iterator[Address]:
        """The addresses of the interfaces that are attached to these instances."""
        for address, item in self._by_address.items():
            if (item.get("Attachment") or {}).get("InstanceId") in instance_ids:
                yield address

    @property
    def of_nodes(self) -> Iterable[Address]:
        """Every address of a node, by its instance or as Kubernetes knows it."""
        named = (address_at(text) for text in self._kubernetes.names_by_address if is_address(text))
        return {*named, *self._nodes}

    @cached_property
    def of_strangers(self) -> frozenset[Address]:
        """Every address of a machine that has no name as a Node."""
        return frozenset(address for address, node in self._nodes.items() if node.name is None)

    def resource_at(self, address: Address) -> str | None:
        """The instance or the interface with this address, by its id."""
        node, item = self._nodes.get(address), self._by_address.get(address)
        return node.instance_id if node else item["NetworkInterfaceId"] if item else None

    def machine_of(self, endpoint: Endpoint) -> Node | None:
        """The instance that a pod is on: the one at its address, whatever Kubernetes calls it, else its node's."""
        return self._nodes.get(endpoint.address) or self._nodes_by_name.get(endpoint.node_name)

    def node_at(self, address: Address) -> Node:
        """The node with an address, by its instance, else by the name that Kubernetes has for the address."""
        name = self.node_name_at(address)
        known = self._nodes.get(address) or (self._nodes_by_name.get(name) if name else None)
        return known or Node(name, "", (address,), None)

    def node_called(self, name: str) -> Node:
        """The node of that name in Kubernetes; where its instance was not read, with the addresses of its object."""
        texts = [text for text, other in self._kubernetes.names_by_address.items() if other == name]
        addresses = tuple(address_at(text) for text in texts if is_address(text))
        return self._nodes_by_name.get(name) or Node(name, "", addresses, None)

    @cached_property
    def _nodes_by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self._nodes.values() if node.name}

    def node_name_at(self, address: Address) -> str | None:
        """The name of the Node object that has this address."""
        return self._kubernetes.names_by_address.get(str(address))

    def is_routed(self, endpoint: Endpoint) -> bool:
        """Has the pod an address of a route to its node, and no interface? None has but under GlobalRouter."""
        return False

    def shared(self, endpoint: Endpoint) -> bool | None:
        """
        Is the pod on an interface that its node's pods share, so that the node delivers to it over a veth?

        None where nothing tells.
        """
        if self.is_on_node_network(endpoint):
            return True  # the pod is on the node's own network
        if endpoint.address in self._trunks or self._kubernetes.group_policy_of(endpoint.pod):
            return False
        return None if self.mode is None else self.mode == SHARED_ENI

    def of(self, endpoint: Endpoint) -> Interface:
        """
        The interface that carries a pod's address, with its groups; on a node's own network the node's primary one.

        Where it was not read, its groups are not known: the add-on's setting holds for interfaces made after it
        [ENI-SG], a SecurityGroupPolicy for pods created after it [SGP], and a pod on a super node has its groups from
        an annotation or the node pool [SUPER].
        """
        read = self.at(endpoint.address)
        if self.is_on_node_network(endpoint):
            node = self.node_name_at(endpoint.address) or endpoint.node_name
            unknown = fact(FactCode.GROUPS_OF_NODE, node=node)
            return Interface("primary", read.groups, read.unknown) if read else Interface("primary", None, unknown)
        if read is not None and (read.groups is not None or read.unknown is not None):
            return read
        return Interface(read.interface_id if read else "secondary", None, unknown=self._unknown(endpoint))

    def _unknown(self, endpoint: Endpoint) -> Fact:
        """What would tell the groups of an interface that was not read."""
        policy = self._kubernetes.group_policy_of(endpoint.pod)
        if policy:
            return fact(FactCode.GROUP_POLICY_APPLIES, policy=policy, pod=endpoint.pod)
        if endpoint.node_name.startswith(SUPER_NODE):
            return fact(FactCode.GROUPS_ON_SUPER_NODE, pod=endpoint.pod, node=endpoint.node_name)
        return fact(FactCode.GROUPS_OF_INTERFACE, pod=endpoint.pod)

    def at(self, address: Address) -> Interface | None:
        """What was read with this address: a node's primary interface, by its instance, or any other."""
        node = self._nodes.get(address)
        if node is not None:
            return Interface("primary", node.groups)
        item = self._by_address.get(address)
        if item is None:
            return self._one_of_several(address)
        groups = item.get("GroupSet")
        return Interface(item["NetworkInterfaceId"], None if groups is None else tuple(groups))

    def _one_of_several(self, address: Address) -> Interface | None:
        """Several interfaces were read with the address, and nothing tells which is in the cluster's VPC."""
        names = self._all_at.get(address)
        if not names:
            return None
        which = fact(FactCode.INTERFACE_OF_SEVERAL, names=", ".join(sorted(names)), address=address)
        return Interface("secondary", None, which)

    def beside(self, address: Address) -> tuple[Address, ...]:
        """All addresses of the one interface that carries an address; none where that or its own was not read."""
        item, family = self._by_address.get(address), address.version
        fours = [
            (each["PrivateIpAddress"], each.get("Primary")) for each in (item or {}).get("PrivateIpAddressSet") or ()
        ]
        sixes = [(each["Address"], each.get("Primary")) for each in (item or {}).get("Ipv6AddressSet") or ()]
        found = fours if family == 4 else sixes
        return tuple(address_at(text) for text, _ in found) if any(primary for _, primary in found) else ()

    def item_at(self, address: Address) -> Mapping[str, Any] | None:
        """The NetworkInterface object with this address, as it was read."""
        return self._by_address.get(address)

    def is_on_node_network(self, endpoint: Endpoint) -> bool:
        """Does the pod share its node's address: by the address, or because the Pod says so?"""
        pod = self._kubernetes.pods.get(endpoint.pod)
        return self.is_node(endpoint.address) or (pod is not None and pod.host_network)

    def is_node(self, address: Address) -> bool:
        """Is that an address of a node, by its instance or by its Node object?"""
        return int(address) in self._numbers_of_nodes[address.version]

    @cached_property
    def _numbers_of_nodes(self) -> Mapping[int, frozenset[int]]:
        """Their addresses as numbers, by family."""
        texts = [text for text in self._kubernetes.names_by_address if is_address(text)]
        every = [*self._nodes, *(each for text in texts if str(each := address_at(text)) == text)]
        return {family: frozenset(int(each) for each in every if each.version == family) for family in (4, 6)}

    @cached_property
    def _trunks(self) -> frozenset[Address]:
        """The addresses of trunk interfaces."""
        found = ((address, each) for address, items in self._all_at.items() for each in items.values())
        return frozenset(address for address, each in found if each.get("EniType") == TRUNK)

    @cached_property
    def _by_address(self) -> dict[Address, Mapping[str, Any]]:
        """The interface at each address that just one has."""
        return {address: next(iter(items.values())) for address, items in self._all_at.items() if len(items) == 1}

    @cached_property
    def _all_at(self) -> dict[Address, dict[str, Mapping[str, Any]]]:
        """The interfaces at each address, by their ids."""
        found: dict[Address, dict[str, Mapping[str, Any]]] = {}
        for item in self._items:
            texts = [entry["PrivateIpAddress"] for entry in item.get("PrivateIpAddressSet") or ()]
            texts += [entry["Address"] for entry in item.get("Ipv6AddressSet") or ()]
            for text in texts:
                found.setdefault(address_at(text), {})[item["NetworkInterfaceId"]] = item
        return found
