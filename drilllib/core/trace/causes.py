"""What blocks the paths of a question, and which facts are missing, each once for all nodes or pods that are alike."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.snapshot.reuse import Memo
from drilllib.core.trace.answer import NAMED
from drilllib.core.trace.blockers import Blocker, blockers_at
from drilllib.core.trace.classes import PathClass
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.node_facts import TargetFacts
from drilllib.core.trace.path import Check, Hop
from drilllib.core.trace.shape import names_in, shape

_ITSELF = (0,)


@dataclass(slots=True)
class _Blocking:
    """One blocker, and who it stands for: names, or places with the names of all places, each list once."""

    blocker: Blocker
    named: dict[Hashable, tuple[Sequence[int], Sequence[str]]] = field(default_factory=dict)

    def meet(self, blocker: Blocker) -> None:
        """Once more: what is met on some path is not hypothetical."""
        if not blocker.hypothetical and (self.blocker.hypothetical or self.blocker.name == blocker.name):
            self.blocker = blocker

    def counted(self, memo: Memo) -> Blocker:
        """The blocker with its count, which is found once for all questions that meet the same lists."""
        key = "named", self.blocker.name, *self.named
        _, count, like = memo.once(key, lambda: (self.named, *self._count(memo)))  # kept: `named` is by identities
        return replace(self.blocker, count=count, like=like) if count > 1 else self.blocker

    def _count(self, memo: Memo) -> tuple[int, tuple[str, ...]]:
        """How many have different names, the blocker itself among them, and the first of the others."""
        own, lists = self.blocker.name, [each for each in self.named.values() if each[0] is not _ITSELF]
        singles = (each[1][0] for each in self.named.values() if each[0] is _ITSELF)
        sets = [memo.of(places, "names", partial(_names_at, places, names)) for places, names in lists]
        every = (names[place] for places, names in self.named.values() for place in places)
        like = _first(NAMED, (name for name in every if name != own))
        return len(frozenset((own, *singles)).union(*sets)), like


def _names_at(places: Sequence[int], names: Sequence[str]) -> frozenset[str]:
    return frozenset(map(names.__getitem__, places))


def _first(count: int, names: Iterable[str]) -> tuple[str, ...]:
    """The first of them, each once."""
    found: dict[str, None] = {}
    for name in names:
        found[name] = None
        if len(found) == count:
            break
    return tuple(found)


class Causes:
    """
    The blockers and the gaps of classes of paths to *targets*, whose nodes or pods are called by these *labels*.

    *memo* is the snapshot's.
    """

    def __init__(
        self, classes: Sequence[PathClass], targets: Sequence[TargetFacts], labels: Sequence[str], memo: Memo
    ) -> None:
        self._classes, self._targets, self._labels, self._memo = classes, targets, labels, memo

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
        return tuple(each.counted(self._memo) for each in {id(each): each for each in by_key.values()}.values())

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
        """What all those are called that stand where *hop* is; many classes share one list of them."""
        if found.count == 1 or hop.hop is HopKind.CLB:
            blocking.named.setdefault(hop.name, (_ITSELF, (hop.name,)))
        elif hop.hop is HopKind.POD and found.pods:
            blocking.named.setdefault(id(found.endpoints), (found.endpoints, found.pods.names))
        else:
            blocking.named.setdefault(id(found.targets), (found.targets, self._labels))

    def gaps(self) -> tuple[Fact, ...]:
        """The missing facts, in the order met; where one is missing of many that are alike, it says of how many."""
        counts: dict[Fact, dict[str, dict[int, Sequence[int]]]] = {}
        first: dict[Hashable, Fact] = {}
        for each in self._classes:
            for hop in each.path.hops:
                for number, gap in enumerate(dict.fromkeys(hop.gaps)):
                    names = names_in(gap)
                    known = first.setdefault((shape(gap), each.kinds, hop.hop, number) if names else gap, gap)
                    what, places = self._missing_of(each, names)
                    counts.setdefault(gap if gap in counts else known, {}).setdefault(what, {})[id(places)] = places
        return tuple(and_more(gap, sum(map(_how_many, found.values()))) for gap, found in counts.items())

    @staticmethod
    def _missing_of(found: PathClass, names: Collection[str]) -> tuple[str, Sequence[int]]:
        """The pods or the targets of which a fact is missing that names such things."""
        if not names or found.count == 1:
            return "", _ITSELF
        return ("pod", found.endpoints) if "pod" in names and found.endpoints else ("target", found.targets)


def _how_many(lists: Mapping[int, Sequence[int]]) -> int:
    """How many different places are in some lists, each under its identity."""
    return len(frozenset[int]().union(*lists.values()))


def and_more(what: Fact, count: int) -> Fact:
    """A fact that is missing of *count* nodes, pods or targets that are alike, itself included."""
    return what if count < 2 else fact(FactCode.AND_MORE, fact=what, count=count - 1)
