"""
The answer to a question with every path walked by itself: slow and plain, a witness against the classes of paths.

It shares walker, gates and health checks with the engine, and none of what sorts targets and endpoints.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.snapshot.resources import Target
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Health, Question
from drilllib.core.trace.blockers import Blocker, blockers
from drilllib.core.trace.codes import Assumption
from drilllib.core.trace.entry import entry_of
from drilllib.core.trace.fates import few
from drilllib.core.trace.health import health_of
from drilllib.core.trace.path import Path, Symptom, SymptomKind
from drilllib.core.trace.request import walker_for
from drilllib.core.trace.verdict import Verdict, judge, symptoms_of
from drilllib.core.trace.walker import Walker


@dataclass(frozen=True)
class EachPath:
    """Every path by target, and what follows from them; *is_of_targets* is False where a client's own node answers."""

    paths: dict[str, tuple[Path, ...]]
    health: tuple[Health, ...]
    is_of_targets: bool
    verdicts: frozenset[Verdict]
    symptoms: frozenset[Symptom]
    assumptions: frozenset[Assumption]

    @property
    def every(self) -> list[Path]:
        """The paths in their order."""
        found = [path for each in self.paths.values() for path in each]
        return found if self.is_of_targets else [replace(each, target=None) for each in found]

    @property
    def blockers(self) -> tuple[Blocker, ...]:
        """What blocks them."""
        return blockers(self.every)

    @property
    def gaps(self) -> list[Fact]:
        """What is not known of them."""
        return list(dict.fromkeys(gap for path in self.every for hop in path.hops for gap in hop.gaps))


def each_path(snapshot: Snapshot, question: Question) -> EachPath | None:
    """All of it; None where there are no targets to be asked."""
    about = entry_of(snapshot, question)
    if about.listener is None or about.problem or about.redirect or not about.listener.targets:
        return None
    walker = walker_for(snapshot, about, about.listener)
    asked = [target for target in walker.listener.targets if target.weight != 0]
    found = [health_of(walker, target) for target in walker.listener.targets]
    health = tuple(each for each, _ in found)
    known = {each.target: each for each in health}
    paths = {each.name: walker.paths(each, about.client, *_doubts(each, known[each.name])) for each in asked}
    if not paths:
        return None
    assumed = {one for _, taken in found for one in taken}
    assumed |= {one for each in paths.values() for path in each for hop in path.hops for one in hop.all_assumptions}
    unweighed = {each.name for each in asked if each.weight is None}
    states = {each.target: each.observed or each.predicted for each in health if each.target in paths}
    states |= dict.fromkeys(unweighed, "Unknown")
    states |= walker.own_states([walker.facts(each) for each in asked])
    verdicts, symptoms = _requests(walker, paths, states, about.client)
    is_of_targets = about.own_node is None
    health = health if is_of_targets else ()
    return EachPath(paths, health, is_of_targets, frozenset(verdicts), frozenset(symptoms), frozenset(assumed))


def _doubts(target: Target, health: Health) -> list[Fact]:
    """Of a target as requests meet it."""
    found = [fact(FactCode.TARGET_WEIGHT, target=target.name)] if target.weight is None else []
    if (health.observed, health.predicted) == ("Dead", "Alive"):
        found.append(fact(FactCode.DEAD_TARGET, target=target.name))
    return found


def _requests(walker: Walker, paths: dict, states: dict[str, str], client: object) -> tuple[set, set]:
    """Every set of targets that may be in use, one after the other."""
    verdicts, symptoms = set(), set()
    for passes, refuses in ((True, False), (False, False), (True, True)):
        if walker.clb_hop(client).end(unknown_passes=passes):
            verdicts.add(Verdict.UNREACHABLE)
            symptoms.add(Symptom(kind=SymptomKind.NO_ANSWER if walker.transport == "UDP" else "connect_timeout"))
            continue
        ends = {name: _ends(each, passes, refuses) for name, each in paths.items()}
        targets = {each.name: each for each in walker.listener.targets}
        sticky = {name for name in paths if walker.sticks(walker.facts(targets[name]), client)}
        for names in _sets_in_use(states, alone=walker.listener.keeps_client):
            for counts in _each_end(names, ends, sticky):
                verdicts.add(judge(walker.listener.layer, counts))
                symptoms |= symptoms_of(walker.listener.layer, walker.transport, counts, counts, walker.semantics)
    return verdicts, few(symptoms)


def _each_end(names: Iterable[str], ends: dict, sticky: set[str]) -> Iterator[dict]:
    """A sticky target ends all attempts of one client alike."""
    choices = [[frozenset({one}) for one in ends[name]] if name in sticky else [ends[name]] for name in names]
    for chosen in product(*choices):
        yield Counter(chosen)


def _ends(paths: Iterable[Path], passes: bool, refuses: bool) -> frozenset:
    return frozenset(path.end(unknown_passes=passes, behind_clb=True, refuses=refuses)[0] for path in paths)


def _sets_in_use(states: dict[str, str], *, alone: bool) -> list[frozenset[str]]:
    """With *alone* one client stays with one target."""
    sets = _any_sets_in_use(states)
    return [frozenset({name}) for names in sets for name in names] if alone else sets


def _any_sets_in_use(states: dict[str, str]) -> list[frozenset[str]]:
    sure = frozenset(name for name, state in states.items() if state in ("Alive", "Close"))
    maybe = [name for name, state in states.items() if state not in ("Alive", "Close", "Dead")]
    if len(maybe) > 10:
        raise ValueError("so many sets take too long")
    chosen = (sure | set(some) for size in range(len(maybe) + 1) for some in combinations(maybe, size))
    return [each or frozenset(states) for each in chosen]


def targets_of(snapshot: Snapshot, question: Question) -> tuple[Target, ...]:
    """The targets of the listener that a question is about."""
    about = entry_of(snapshot, question)
    return (about.listener and about.listener.targets) or ()
