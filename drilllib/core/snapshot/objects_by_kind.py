"""Kubernetes objects by their kinds; the Nodes and Pods among them by names and addresses."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.kinds import is_proxied, kind_of
from drilllib.core.snapshot.pods import Pod, read_pod
from drilllib.core.snapshot.resources import object_name
from drilllib.core.snapshot.selectors import may_select

ZONE = "topology.kubernetes.io/zone"

KubernetesObject = dict[str, Any]


class ObjectsByKind:
    """
    An index over the objects, made as it is needed.

    *complete* are the kinds of which every object is here, as KIND, or NAMESPACE/KIND for those of one namespace.
    """

    def __init__(self, items: Sequence[KubernetesObject], complete: Iterable[str] = ()) -> None:
        self._complete = frozenset(complete)
        self._by_kind: dict[str, list[KubernetesObject]] = {}
        for item in filter(is_proxied, items):
            self._by_kind.setdefault(kind_of(item), []).append(item)

    def of_kind(self, kind: str) -> list[KubernetesObject]:
        """The objects of one kind; of another API group's by KIND.GROUP."""
        return self._by_kind.get(kind, [])

    def kinds_like(self, kind: str) -> list[str]:
        """The kinds of that name in API groups that are not read, as KIND.GROUP."""
        return [each for each in self._by_kind if each.startswith(f"{kind}.")]

    def is_complete(self, kind: str, namespace: str | None = None) -> bool:
        """Is every object of that kind here, or every one of that namespace?"""
        return kind in self._complete or (namespace is not None and f"{namespace}/{kind}" in self._complete)

    @cached_property
    def nodes(self) -> dict[str, KubernetesObject]:
        """The Node objects by name."""
        return {item["metadata"]["name"]: item for item in self.of_kind("Node")}

    def zone_of(self, node_name: str) -> str | None:
        """The zone that a Node's label names; None for one without, or that was not read."""
        labels = (self.nodes.get(node_name) or {"metadata": {}})["metadata"].get("labels") or {}
        zone = labels.get(ZONE)
        return zone if isinstance(zone, str) else None

    @cached_property
    def nodes_not_ready(self) -> frozenset[str]:
        """The names of the Nodes whose Ready condition was read, and is neither True nor Unknown."""
        return frozenset(
            node["metadata"]["name"]
            for node in self.of_kind("Node")
            for each in (node.get("status") or {}).get("conditions") or ()
            if each["type"] == "Ready" and each["status"] not in ("True", "Unknown")
        )

    @cached_property
    def names_by_address(self) -> dict[str, str]:
        """The names of the Nodes by each of their addresses: their own objects tell, and where their pods run."""
        from_pods = {
            str(address): pod.node_name
            for pod in self.pods.values()
            for address in (*pod.node_addresses, *(pod.addresses if pod.host_network else ()))
            if pod.node_name
        }
        return from_pods | {
            address["address"]: node["metadata"]["name"]
            for node in self.of_kind("Node")
            for address in (node.get("status") or {}).get("addresses") or ()
        }

    def is_no_node(self, node_name: str | None, addresses: Iterable[Address]) -> bool:
        """Is a machine of these *addresses* not known to be one of the cluster's? A Node tells, or a pod on it."""
        return not node_name and not self.pods_on(None, addresses)

    @cached_property
    def namespaces(self) -> dict[str, Mapping[str, Any]]:
        """The labels of the Namespaces that were read, by name."""
        return {item["metadata"]["name"]: item["metadata"].get("labels") or {} for item in self.of_kind("Namespace")}

    @cached_property
    def pods(self) -> dict[str, Pod]:
        """The Pods by NAMESPACE/NAME."""
        return {pod.name: pod for pod in map(read_pod, self.of_kind("Pod"))}

    @cached_property
    def pods_at(self) -> dict[Address, list[Pod]]:
        """The Pods by their addresses; those on a node's network share its address."""
        found: dict[Address, list[Pod]] = {}
        for pod in self.pods.values():
            for address in pod.addresses:
                found.setdefault(address, []).append(pod)
        return found

    def pods_on(self, node_name: str | None, addresses: Iterable[Address]) -> tuple[Pod, ...]:
        """The pods on the network of a node, and those that ask it for a port; by its name or any of its addresses."""
        if not self._pods_of_nodes:
            return ()
        places = [*((node_name,) if node_name else ()), *addresses]
        found = (pod for place in places for pod in self._pods_of_nodes.get(place, ()))
        return tuple({pod.name: pod for pod in found}.values())

    @cached_property
    def _pods_of_nodes(self) -> dict[Address | str, list[Pod]]:
        """Those pods by the name of their node, which may not be known, and by its addresses."""
        found: dict[Address | str, list[Pod]] = {}
        for pod in self.pods.values():
            if pod.host_network or pod.host_ports:
                own = pod.addresses if pod.host_network else ()
                for place in {pod.node_name, *own, *pod.node_addresses}:
                    found.setdefault(place, []).append(pod)
        return found

    def labels_of(self, pod: str) -> Mapping[str, Any] | None:
        """The labels of a pod, NAMESPACE/NAME; None where the Pod was not read."""
        known = self.pods.get(pod)
        return known.labels if known else None

    def group_policy_of(self, pod: str) -> str | None:
        """The SecurityGroupPolicy that selects a pod by its labels, or may: the Pod was not read. As NAMESPACE/NAME."""
        for item in self.of_kind("SecurityGroupPolicy"):
            known, wanted = self.pods.get(pod), (item.get("spec") or {}).get("podSelector") or {}
            fits = may_select(wanted, known.labels if known else None)
            if namespace_of(item) == pod.split("/")[0] and fits:
                return object_name(item)
        return None


def namespace_of(item: KubernetesObject) -> str:
    """The namespace of an object that has one."""
    return object_name(item).split("/")[0]
