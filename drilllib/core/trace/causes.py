"""What blocks the paths of a question, and which facts are missing, each once for all nodes or pods that are alike."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.trace.answer import NAMED
from drilllib.core.trace.blockers import Blocker, blockers_at
from drilllib.core.trace.classes import PathClass
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.local_facts import TargetFacts
from drilllib.core.trace.path import Check, Hop
from drilllib.core.trace.shape import names_in, shape

_ITSELF = (0,)


@dataclass(slots=True)
class _Blocking:
    """One blocker, and the names of all nodes or pods that it stands for."""

    blocker: Blocker
    names: dict[str, None] = field(default_factory=dict)
    _lists: dict[int, Sequence[int]] = field(default_factory=dict)

    def stands_for(self, places: Sequence[int], names: Sequence[str]) -> None:
        """All these places too, by their names; many classes share one list of them."""
        if id(places) not in self._lists:
            self._lists[id(places)] = places
            self.names |= dict.fromkeys(map(names.__getitem__, places))

    def meet(self, blocker: Blocker) -> None:
        """Once more: what is met on some path is not hypothetical."""
        if not blocker.hypothetical and (self.blocker.hypothetical or self.blocker.name == blocker.name):
            self.blocker = blocker

    @property
    def counted(self) -> Blocker:
        """The blocker with its count."""
        others = [name for name in self.names if name != self.blocker.name]
        return replace(self.blocker, count=1 + len(others), like=tuple(others[:NAMED])) if others else self.blocker


class Causes:
    """The blockers and the gaps of classes of paths to *targets*, whose nodes or pods are called by these *labels*."""

    def __init__(self, classes: Sequence[PathClass], targets: Sequence[TargetFacts], labels: Sequence[str]) -> None:
        self._classes, self._targets, self._labels = classes, targets, labels

    def blockers(self) -> tuple[Blocker, ...]:
        """Everything that certainly blocks, in the order met; `path.blockers` for paths that stand for many."""
        by_key: dict[Hashable, _Blocking] = {}
        for each in self._classes:
            for hop in each.path.hops:
                for blocker in blockers_at(hop):
                    keys = self._keys(each, hop, blocker)
                    found = next((by_key[key] for key in keys if key in by_key), None) or _Blocking(blocker)
                    found.meet(blocker)
                    self._name(found, each, hop)
                    by_key |= dict.fromkeys(keys, found)
        return tuple({id(each): each.counted for each in by_key.values()}.values())

    def _keys(self, found: PathClass, hop: Hop, blocker: Blocker) -> tuple[Hashable, Hashable]:
        """A blocker is known by its own place, and by what it has in common with those of its class."""
        own = blocker.hop, blocker.name, blocker.reason, blocker.check
        if hop.hop is HopKind.CLB:
            return own, own
        kinds = found.kinds[:1] if hop.hop is HopKind.NODE else found.kinds
        return own, (blocker.hop, kinds, blocker.reason, blocker.check and self._alike(found, blocker.check))

    def _alike(self, found: PathClass, check: Check) -> Hashable:
        """A check without names; whose address is at its far end counts in their place."""
        node, address = self._targets[found.place[0]].node, check.peer.address
        if node and address in node.node.addresses:
            return shape(check), "node", found.kinds[0]
        if found.pods and address == found.pods.endpoints[found.place[1]].address:
            return shape(check), "pod", found.kinds[1]
        return shape(check), check.peer

    def _name(self, blocking: _Blocking, found: PathClass, hop: Hop) -> None:
        """What all those are called that stand where *hop* is."""
        if found.count == 1 or hop.hop is HopKind.CLB:
            blocking.names[hop.name] = None
        elif hop.hop is HopKind.POD and found.pods:
            blocking.stands_for(found.endpoints, found.pods.names)
        else:
            blocking.stands_for(found.targets, self._labels)

    def gaps(self) -> tuple[Fact, ...]:
        """The missing facts, in the order met; where one is missing of many that are alike, it says of how many."""
        counts: dict[Fact, dict[str, dict[int, Sequence[int]]]] = {}
        first: dict[Hashable, Fact] = {}
        for each in self._classes:
            for hop in each.path.hops:
                for number, gap in enumerate(dict.fromkeys(hop.gaps)):
                    alike = shape(gap), each.kinds, hop.hop, number
                    known = first.setdefault(alike if names_in(gap) else gap, gap)
                    what, places = self._missing_of(each, gap)
                    counts.setdefault(gap if gap in counts else known, {}).setdefault(what, {})[id(places)] = places
        return tuple(and_more(gap, sum(map(_how_many, found.values()))) for gap, found in counts.items())

    @staticmethod
    def _missing_of(found: PathClass, gap: Fact) -> tuple[str, Sequence[int]]:
        """The pods or the targets of which that fact is missing."""
        if not names_in(gap) or found.count == 1:
            return "", _ITSELF
        of_pods = "pod" in names_in(gap) and found.endpoints
        return ("pod", found.endpoints) if of_pods else ("target", found.targets)


def _how_many(lists: Mapping[int, Sequence[int]]) -> int:
    """How many different places are in some lists, each under its identity."""
    return len(frozenset[int]().union(*lists.values()))


def and_more(what: Fact, count: int) -> Fact:
    """A fact that is missing of *count* nodes, pods or targets that are alike, itself included."""
    return what if count < 2 else fact(FactCode.AND_MORE, fact=what, count=count - 1)
