"""
Pods of a GlobalRouter cluster: they have no interface of their own, and stand behind the groups of their nodes.

The VPC routes a block of addresses to each node; packets inside the VPC and the cluster keep a pod's address, others
leave with its node's [TKE-SG, TKE-NET].
"""

from functools import cached_property

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.snapshot.annotations import NETWORKS
from drilllib.core.snapshot.interfaces import EXCLUSIVE_ENI, SHARED_ENI, SUPER_NODE, Interfaces
from drilllib.core.snapshot.resources import Endpoint, Interface


class RoutedInterfaces(Interfaces):
    """The interfaces of such a cluster's nodes, which its pods share, and of its super nodes' pods."""

    def is_routed(self, endpoint: Endpoint) -> bool:
        """Does the pod stand behind its node? One on a super node, or that asks for an interface, does not."""
        has_other = endpoint.node_name.startswith(SUPER_NODE) or endpoint.pod in self._asking
        return not has_other and not self.is_on_node_network(endpoint)

    def shared(self, endpoint: Endpoint) -> bool | None:
        """As of other interfaces: surely where it stands behind its node, not known where it asks for an interface."""
        if self.is_routed(endpoint):
            return True
        is_attached = endpoint.pod in self._asking and not endpoint.node_name.startswith(SUPER_NODE)
        return None if is_attached and not self.is_on_node_network(endpoint) else super().shared(endpoint)

    def of(self, endpoint: Endpoint) -> Interface:
        """The node's primary interface; of a pod that asks for an interface of its own nothing is known."""
        if self.is_routed(endpoint):
            machine = self.machine_of(endpoint)
            groups = machine.groups if machine else None
            return Interface("primary", groups, self._unknown_behind(endpoint) if groups is None else None)
        if endpoint.node_name.startswith(SUPER_NODE) or self.is_on_node_network(endpoint):
            return super().of(endpoint)
        return Interface("secondary", None, fact(FactCode.NETWORK_OF_POD, pod=endpoint.pod, annotation=NETWORKS))

    def _unknown_behind(self, endpoint: Endpoint) -> Fact:
        """What would tell the groups of its node."""
        machine = self.machine_of(endpoint)
        name = machine.label if machine else endpoint.node_name
        if not name:
            return fact(FactCode.NODE_OF_POD, pod=endpoint.pod)
        return fact(FactCode.GROUPS_OF_NODE, node=name)

    @cached_property
    def _asking(self) -> frozenset[str]:
        """The Pods whose workload asks for an interface [ENI-SH]."""
        return frozenset(
            f"{item['metadata'].get('namespace') or 'default'}/{item['metadata']['name']}"
            for item in self._kubernetes.of_kind("Pod")
            if (item["metadata"].get("annotations") or {}).get(NETWORKS) in (SHARED_ENI, EXCLUSIVE_ENI)
        )
