"""Who stands for whom: the addresses of all nodes and pods of a class of paths, where a check or a hop names one."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address

from drilllib.core.rules.addresses import Address
from drilllib.core.rules.members import Range
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.classes import PathClass
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.node_facts import TargetFacts
from drilllib.core.trace.path import Hop, Path


@dataclass(frozen=True)
class Members:
    """A path, and all that it stands for; just itself where *found* is None."""

    path: Path
    targets: Sequence[TargetFacts] = ()
    found: PathClass | None = None

    def at(self, hop: Hop) -> list[tuple[str, Address]]:
        """Name and address of all nodes or pods that stand where *hop* is, which is not the CLB."""
        found = self.found
        if found is None or found.count == 1:
            return [(hop.name, ip_address(hop.address))]
        if hop.hop is HopKind.POD and found.pods:
            pods = (found.pods.endpoints[place] for place in found.endpoints)
            return [(pod.pod, pod.address) for pod in pods]
        return [(each.label, each.address) for each in self._targets]

    def names_at(self, hop: Hop) -> list[str]:
        """The names alone; the CLB's own at the CLB."""
        return [hop.name] if hop.hop is HopKind.CLB else [name for name, _ in self.at(hop)]

    def place_of(self, hop: Hop) -> Hashable:
        """Tells all that stand where *hop* is from all that stand elsewhere."""
        found = self.found
        if found is None or found.count == 1 or hop.hop is HopKind.CLB:
            return hop.hop, hop.name, hop.address
        if hop.hop is HopKind.POD and found.pods:
            return (hop.hop, id(found.pods), *self._endpoints)
        return (hop.hop, *self._places)

    def ends(self, address: Address) -> Hashable | None:
        """Tells all nodes or pods like the one with that *address* from others; None where it is neither's."""
        found = self._like(address)
        return None if found is None else (address.version, *found)

    def far_ends(self, address: Address) -> list[Range] | None:
        """The addresses of all nodes or pods like the one with that *address*; None where it is neither's."""
        found = self._like(address)
        return None if found is None else [(address.version, number, number) for number in found]

    def _like(self, address: Address) -> Sequence[int] | None:
        if self.found is None:
            return None
        if self._is_of_pod(address):
            return self._of_pods
        return self._of_nodes.get(address.version, ()) if self._is_of_node(address) else None

    def _is_of_pod(self, address: Address) -> bool:
        """Is that the address of one of the pods, first of all of the path's own?"""
        found = self.found
        if found is None or found.pods is None:
            return False
        own = found.pods.endpoints[found.place[1]].address
        return address == own or (address.version == own.version and int(address) in self._numbers)

    def _is_of_node(self, address: Address) -> bool:
        """Do others see the path's own node, or the first that they see at all, by that address?"""
        nodes = (each.node.node for each in self._own_first if each.node)
        return next(filter(None, (node.address_of(address.version) for node in nodes)), None) == address

    @cached_property
    def _endpoints(self) -> tuple[int, ...]:
        return tuple(self.found.endpoints) if self.found else ()

    @cached_property
    def _places(self) -> tuple[int, ...]:
        return tuple(self.found.targets) if self.found else ()

    @cached_property
    def _numbers(self) -> frozenset[int]:
        """The addresses of the pods, which are of one family, as numbers."""
        pods = self.found.pods if self.found else None
        return frozenset(pods.numbers[place] for place in self._endpoints) if pods else frozenset()

    @property
    def _own_first(self) -> Iterator[TargetFacts]:
        """The targets, that of the path before the others."""
        for place in (self.found.place[0], *self._places) if self.found else ():
            yield self.targets[place]

    @cached_property
    def _targets(self) -> list[TargetFacts]:
        return [self.targets[place] for place in self.found.targets] if self.found else []

    @cached_property
    def _of_pods(self) -> Sequence[int]:
        """The addresses of the pods, which are of one family, as numbers; that of the path first."""
        found = self.found
        if found is None or found.pods is None:
            return ()
        return list(dict.fromkeys(map(found.pods.numbers.__getitem__, (found.place[1], *found.endpoints))))

    @cached_property
    def _of_nodes(self) -> dict[int, Sequence[int]]:
        """What others see of the nodes, by family, as numbers; that of the path first."""
        nodes = [each.node.node for each in self._own_first if each.node]
        found = {family: [node.address_of(family) for node in nodes] for family in (4, 6)}
        return {family: list(dict.fromkeys(map(int, filter(None, every)))) for family, every in found.items()}


def members_of(answer: Trace) -> list[Members]:
    """What each path of an answer stands for."""
    if not answer.classes:
        return [Members(path) for path in answer.paths]
    return [Members(path, answer.targets, each) for path, each in zip(answer.paths, answer.classes, strict=True)]
