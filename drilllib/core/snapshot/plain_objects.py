"""Which objects of a snapshot's document carry nothing that is not understood: all of a kind are looked at together."""

from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.core.snapshot.kubernetes import KubernetesObjects
from drilllib.core.snapshot.ledger import clb, cloud
from drilllib.core.snapshot.ledger.columns import not_plain
from drilllib.core.snapshot.ledger.tables import Kind

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

    def _every(self, kind: Kind) -> Iterator[Item]:
        if kind in _PARTS:
            yield from self._document.get(_PARTS[kind]) or ()
        elif kind is clb.BACKEND:
            listeners = (each for found in (self._document.get("listeners") or {}).values() for each in found)
            places = (place for each in listeners for place in (each, *(each.get("Rules") or ())))
            yield from (target for place in places for target in place.get("Targets") or ())
        else:
            yield from self._kubernetes.of_kind(kind.name)
