"""
Health checks: every target is probed, and what becomes of the probes predicts what the CLB sees.

A TCP or HTTP probe has to be answered. A UDP probe is a ping and a UDP packet: healthy means that the ping is answered
and the packet is not refused, silence included; on an IPv6 VIP only the ping counts [CLB-UDP].
"""

from collections.abc import Sequence

from drilllib.core.rules.rules import Action
from drilllib.core.snapshot.resources import Target
from drilllib.core.trace.answer import Health
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.path import Blocker, Outcome, Path, blocker_of, blockers
from drilllib.core.trace.standing import TargetFacts
from drilllib.core.trace.walker import Walker

Prediction = tuple[str, Blocker | None, tuple[Assumption, ...]]


def health_of(walker: Walker, target: Target) -> tuple[Health, tuple[Assumption, ...]]:
    """The target's health, and what its prediction takes for granted."""
    paths = walker.probe_paths(target) if walker.listener.probes else ()
    predicted, blocker, assumptions = predict(walker, walker.facts(target), paths)
    observed = observed_by(walker, target)
    return Health(target=target.name, predicted=predicted, observed=observed, blocker=blocker), assumptions


def observed_by(walker: Walker, target: Target) -> str | None:
    """What the CLB saw; None where that was not read."""
    seen = walker.snapshot.health.of(walker.balancer.balancer_id, walker.listener, target)
    doubted = walker.listener.probes and walker.snapshot.doubts.of_health(walker.balancer, walker.listener)
    return "Unknown" if seen and doubted else seen


def predict(walker: Walker, facts: TargetFacts, paths: Sequence[Path]) -> Prediction:
    """The health that follows from all *paths* of a target's probes, what stops them, and what is taken for granted."""
    if not walker.listener.probes:
        return "Close", None, ()
    predicted, blocker, assumptions = (_over_udp if walker.transport == "UDP" else _over_tcp)(walker, facts, paths)
    if walker.snapshot.doubts.of_probes(walker.listener) and (predicted == "Alive" or walker.transport == "UDP"):
        predicted = "Unknown"
    forwarded = (Assumption.PROBE_IS_FORWARDED_LIKE_A_FLOW,) if facts.target.kind == "CVM" else ()
    return predicted, blocker, (*assumptions, *forwarded)


def _over_tcp(walker: Walker, facts: TargetFacts, paths: Sequence[Path]) -> Prediction:
    """Alive where every probe passes, Dead where none can, Unknown between."""
    ends = [_ends(path) for path in paths]
    if all(end == {Outcome.DELIVERED} for end in ends):
        return "Alive", None, _assumed(paths)
    state = "Unknown" if any(Outcome.DELIVERED in end for end in ends) else "Dead"
    return state, next(iter(blockers(paths)), None), _assumed(paths)


def _over_udp(walker: Walker, facts: TargetFacts, paths: Sequence[Path]) -> Prediction:
    """The ping first; then the UDP packet, which must not be refused."""
    first = paths[0].hops[0]
    if first.problem is Reason.NOT_MODELLED:
        return "Unknown", None, ()
    ping = walker.probe_check(facts, "ICMPV6" if ":" in first.address else "ICMP")
    if ping.action is Action.DROP:
        return "Dead", blocker_of(first, ping), ping.assumptions
    refused = set() if walker.frontend.family == 6 else {_refuses(path) for path in paths}
    assumptions = (*ping.assumptions, *_assumed(paths))
    if refused == {True}:
        return "Dead", next(iter(blockers(paths)), None), assumptions
    if ping.action is Action.ACCEPT and refused <= {False}:
        return "Alive", None, assumptions
    return "Unknown", next(iter(blockers(paths)), None), assumptions


def _refuses(path: Path) -> bool | None:
    """Is the packet refused? None where that depends on what is not known; behind an unread part it may be."""
    ends = _ends(path)
    if Outcome.DELIVERED in ends and any(hop.gap or hop.doubts for hop in path.hops):
        ends.add(Outcome.REFUSED)
    if Outcome.REFUSED not in ends:
        return False
    return True if len(ends) == 1 else None


def _ends(path: Path) -> set[Outcome]:
    """How a probe may end, whatever the facts are that are missing."""
    return {path.end(unknown_passes=passes)[0] for passes in (True, False)}


def _assumed(paths: Sequence[Path]) -> tuple[Assumption, ...]:
    return tuple(assumption for path in paths for hop in path.hops for assumption in hop.all_assumptions)
