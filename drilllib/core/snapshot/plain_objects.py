"""Which objects of a snapshot's document carry nothing that is not understood: all of a kind are looked at together."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from drilllib.core.snapshot.annotations import NETWORKS
from drilllib.core.snapshot.kubernetes import KubernetesObjects
from drilllib.core.snapshot.ledger import clb, cloud
from drilllib.core.snapshot.ledger import kubernetes as kube
from drilllib.core.snapshot.ledger.columns import not_plain
from drilllib.core.snapshot.ledger.tables import Kind
from drilllib.core.snapshot.node_conditions import trouble_of
from drilllib.core.snapshot.resources import object_name

Item = Mapping[str, Any]
_PARTS = {cloud.INSTANCE: "instances", cloud.NETWORK_INTERFACE: "network_interfaces"}


class PlainObjects:
    """The instances, interfaces, targets and Kubernetes objects of a document that are plain."""

    def __init__(self, document: Item, kubernetes: KubernetesObjects) -> None:
        self._document, self._kubernetes = document, kubernetes
        self._known: dict[Kind, frozenset[int]] = {}
        self._odd: dict[Kind, list[Item]] = {}

    def has(self, kind: Kind, item: Item) -> bool:
        """Is that object, by its identity, one of them? One that is not in the document is none."""
        if kind not in self._known:
            self._known[kind] = frozenset(map(id, self._every(kind))).difference(map(id, self.odd(kind)))
        return id(item) in self._known[kind]

    def odd(self, kind: Kind) -> list[Item]:
        """Those of a kind that are not."""
        if kind not in self._odd:
            self._odd[kind] = [*not_plain(kind, [*self._every(kind)])]
        return self._odd[kind]

    def has_machine(self, name: str | None, instance_id: str | None) -> bool:
        """Are the Node of that name and that instance plain, as far as there are any, and in no trouble?"""
        return name not in self._odd_nodes and instance_id not in self._odd_instances

    @cached_property
    def odd_pods(self) -> frozenset[str]:
        """The Pods that are not plain, or that ask for an interface of a kind."""
        pods = self._kubernetes.of_kind("Pod")
        asking = [each for each in pods if NETWORKS in (each["metadata"].get("annotations") or ())]
        return frozenset(map(object_name, (*self.odd(kube.POD), *asking)))

    @cached_property
    def _odd_nodes(self) -> frozenset[str | None]:
        troubled = (each for each in self._kubernetes.of_kind("Node") if any(trouble_of(each)))
        return frozenset(each["metadata"]["name"] for each in (*self.odd(kube.NODE), *troubled))

    @cached_property
    def _odd_instances(self) -> frozenset[str | None]:
        return frozenset(each["InstanceId"] for each in self.odd(cloud.INSTANCE))

    def _every(self, kind: Kind) -> Iterator[Item]:
        if kind in _PARTS:
            yield from self._document.get(_PARTS[kind]) or ()
        elif kind is clb.BACKEND:
            listeners = (each for found in (self._document.get("listeners") or {}).values() for each in found)
            places = (place for each in listeners for place in (each, *(each.get("Rules") or ())))
            yield from (target for place in places for target in place.get("Targets") or ())
        else:
            yield from self._kubernetes.of_kind(kind.name)
