"""Which addresses are nodes and pods of the cluster, as far as that was read: their requests may not go to the CLB."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from ipaddress import IPv6Network

from drilllib.core.rules.addresses import Address, Block, address_at
from drilllib.core.rules.members import PRIVATE
from drilllib.core.snapshot.interfaces import Interfaces
from drilllib.core.snapshot.kubernetes import KubernetesObjects
from drilllib.core.snapshot.resources import Node
from drilllib.core.snapshot.shapes import is_address

IPV6_OF_VPC = 56  # the length of the IPv6 block of a VPC


class Insiders:
    """
    The addresses of nodes and pods.

    Args:
        nodes: every instance, which may be a node.
        kubernetes: Nodes, Pods and EndpointSlices.
        interfaces: the network interfaces.
        subnets: the blocks of the subnets, empty where none was read.
    """

    def __init__(
        self, nodes: Sequence[Node], kubernetes: KubernetesObjects, interfaces: Interfaces, subnets: Sequence[Block]
    ) -> None:
        self._nodes, self._kubernetes, self._interfaces, self._subnets = nodes, kubernetes, interfaces, subnets

    @cached_property
    def certain(self) -> frozenset[Address]:
        """The addresses of Nodes, by their objects, instances or pods, and of Pods."""
        hosts = (address for pod in self._kubernetes.pods.values() for address in pod.node_addresses)
        named = (address_at(text) for text in self._kubernetes.names_by_address if is_address(text))
        machines = (address for node in self._nodes if node.name for address in node.addresses)
        return frozenset((*named, *machines, *hosts, *self._kubernetes.pods_at))

    @cached_property
    def addresses(self) -> frozenset[Address]:
        """Those, and every other address of an instance, an interface or an endpoint that may be one of them."""
        strangers = frozenset(self._strangers()) if self._all_known else frozenset()
        endpoints = () if self._all_known else self._kubernetes.pods_by_address
        others = (each for each in (*self._interfaces.addresses, *endpoints) if each not in strangers)
        return self.certain | frozenset(others)

    @cached_property
    def possible(self) -> tuple[Block, ...]:
        """
        The blocks in which there may be nodes and pods that were not read; empty where all were.

        They are the subnets; where none was read, all that is private, and the VPC around an IPv6 address.
        """
        if self._all_known:
            return ()
        fours = [block for block in self._subnets if block.version == 4] or PRIVATE
        sixes = [block for block in self._subnets if block.version == 6]
        return tuple(dict.fromkeys((*fours, *sixes, *_around(self.addresses))))

    def may_be(self, address: Address) -> bool:
        """May a node or a pod that was not read have the address?"""
        return any(address in block for block in self.possible)

    @property
    def _all_known(self) -> bool:
        """Is every Node with its addresses here, and every Pod?"""
        objects = self._kubernetes
        told = all((each.get("status") or {}).get("addresses") for each in objects.nodes.values())
        return told and objects.is_complete("Node") and objects.is_complete("Pod")

    def _strangers(self) -> Iterator[Address]:
        """The addresses of machines that are no Nodes, where all Nodes are known."""
        others = {node.instance_id: node.addresses for node in self._nodes if not node.name}
        yield from (address for addresses in others.values() for address in addresses)
        yield from self._interfaces.addresses_on(others)


def _around(addresses: Iterable[Address]) -> Iterator[Block]:
    """The IPv6 blocks of the VPCs of these addresses."""
    for number in {int(address) >> 128 - IPV6_OF_VPC for address in addresses if address.version == 6}:
        yield IPv6Network((number << 128 - IPV6_OF_VPC, IPV6_OF_VPC))
