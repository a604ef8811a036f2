"""Who stands for whom: the addresses of all nodes and pods of a class of paths, where a check or a hop names one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address

from drilllib.core.rules.addresses import Address, Block
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.classes import PathClass
from drilllib.core.trace.origin import from_address
from drilllib.core.trace.path import Hop, Path
from drilllib.core.trace.standing import TargetFacts


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
        if hop.hop == "pod" and found.pods:
            pods = (found.pods.endpoints[place] for place in found.endpoints)
            return [(pod.pod, pod.address) for pod in pods]
        return [(each.label, each.address) for each in self._targets]

    def names_at(self, hop: Hop) -> list[str]:
        """The names alone; the CLB's own at the CLB."""
        return [hop.name] if hop.hop == "clb" else [name for name, _ in self.at(hop)]

    def far_ends(self, address: Address) -> list[Block] | None:
        """The addresses of all nodes or pods like the one with that *address*; None where it is neither's."""
        if self.found is None:
            return None
        if address in self._of_pods:
            return [from_address(each).blocks[0] for each in self._of_pods if each.version == address.version]
        own = self._of_nodes.get(address.version, [])
        return [from_address(each).blocks[0] for each in own] if own[:1] == [address] else None

    @cached_property
    def _targets(self) -> list[TargetFacts]:
        return [self.targets[place] for place in self.found.targets] if self.found else []

    @cached_property
    def _of_pods(self) -> list[Address]:
        """The pod of the path first."""
        found = self.found
        if found is None or found.pods is None:
            return []
        every = (found.pods.endpoints[place].address for place in (found.place[1], *found.endpoints))
        return list(dict.fromkeys(every))

    @cached_property
    def _of_nodes(self) -> dict[int, list[Address]]:
        """What others see of the nodes, by family; that of the path first."""
        first = [self.targets[self.found.place[0]]] if self.found else []
        nodes = [each.node.node for each in (*first, *self._targets) if each.node]
        found = {family: [node.address_of(family) for node in nodes] for family in (4, 6)}
        return {family: list(filter(None, dict.fromkeys(addresses))) for family, addresses in found.items()}


def members_of(answer: Trace) -> list[Members]:
    """What each path of an answer stands for."""
    if not answer.classes:
        return [Members(path) for path in answer.paths]
    return [Members(path, answer.targets, each) for path, each in zip(answer.paths, answer.classes, strict=True)]
