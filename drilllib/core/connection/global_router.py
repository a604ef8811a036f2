"""
Pods of a GlobalRouter cluster: they have no interface of their own, and stand behind the groups of their nodes.

The VPC routes a block of addresses to each node; packets inside the VPC and the cluster keep a pod's address, others
leave with its node's [TKE-SG, TKE-NET].
"""

from dataclasses import replace

from drilllib.core.facts import FactCode, fact
from drilllib.core.snapshot.annotations import NETWORKS
from drilllib.core.snapshot.interfaces import EXCLUSIVE_ENI, SHARED_ENI, SUPER_NODE
from drilllib.core.snapshot.resources import Endpoint, Interface
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import Assumption
from drilllib.core.trace.local_facts import LocalFacts
from drilllib.core.trace.node import Cluster, assuming
from drilllib.core.trace.node_facts import PodFacts
from drilllib.core.trace.origin import Origin
from drilllib.core.trace.own_node import InsideCluster
from drilllib.core.trace.path import Hop
from drilllib.core.trace.pod_policies import PolicyView


class RoutedFacts(LocalFacts):
    """The facts of nodes and pods of such a cluster."""

    def __init__(self, snapshot: Snapshot, transport: str) -> None:
        super().__init__(snapshot, transport)
        self._asking = frozenset(
            f"{item['metadata'].get('namespace') or 'default'}/{item['metadata']['name']}"
            for item in snapshot.kubernetes.of_kind("Pod")
            if (item["metadata"].get("annotations") or {}).get(NETWORKS) in (SHARED_ENI, EXCLUSIVE_ENI)
        )

    def of_pod(self, pod: Endpoint) -> PodFacts:
        """All about one pod; one that asks for an interface of its own has one of which nothing is known."""
        found, interfaces = super().of_pod(pod), self._snapshot.interfaces
        if pod.node_name.startswith(SUPER_NODE) or interfaces.is_on_node_network(pod):
            return found
        if pod.pod in self._asking:
            unknown = fact(FactCode.NETWORK_OF_POD, pod=pod.pod, annotation=NETWORKS)
            return replace(found, interface=Interface("secondary", None, unknown), is_shared=None)
        machine = interfaces.machine_of(pod)
        if machine is None:
            known = fact(FactCode.GROUPS_OF_NODE, node=pod.node_name) if pod.node_name else None
            unknown = known or fact(FactCode.NODE_OF_POD, pod=pod.pod)
            return replace(found, interface=Interface("primary", None, unknown), is_shared=True)
        outside = tuple(dict.fromkeys((*found.doubts_outside, *self.of_node(machine).doubts)))
        behind = Interface("primary", machine.groups, fact(FactCode.GROUPS_OF_NODE, node=machine.label))
        return replace(found, interface=behind, is_shared=True, doubts_outside=outside)


class RoutedCluster(Cluster):
    """The nodes and pods of such a cluster: on its own node a pod is reached over a bridge."""

    def local(self, pod: PodFacts, source: Origin, seen: PolicyView, *, source_kept: bool) -> Hop:
        """A pod on the node that forwards to it: no list is asked."""
        if not pod.is_shared or pod.pod.node_name.startswith(SUPER_NODE):
            return super().local(pod, source, seen, source_kept=source_kept)
        return assuming(self._at_pod(pod, seen), Assumption.LOCAL_DELIVERY_SKIPS_NODE_GROUPS)


class RoutedInside(RoutedCluster, InsideCluster):
    """kube-proxy on the node of who asks in such a cluster."""
