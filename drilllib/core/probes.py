"""
Health checks: every target is probed, and what becomes of the probes predicts what the CLB sees.

A TCP or HTTP probe has to be answered. A UDP probe is a ping and a UDP packet: healthy means that the ping is answered
and the packet is not refused, silence included; on an IPv6 VIP only the ping counts [CLB-UDP].
"""

from collections.abc import Sequence

from drilllib.core.answers import Health
from drilllib.core.evidence import Blocker, Outcome, Path, blocker_of, blockers
from drilllib.core.parts import Target
from drilllib.core.rules import Action
from drilllib.core.semantics import Assumption, Reason
from drilllib.core.walk import Walker


def health_of(walker: Walker, target: Target) -> tuple[Health, tuple[Assumption, ...]]:
    """The target's health, and what its prediction takes for granted."""
    observed = walker.snapshot.observed_health(walker.balancer.balancer_id, walker.listener, target)
    if not walker.listener.probes:
        return Health(target=target.name, predicted="Close", observed=observed), ()
    predict = _over_udp if walker.transport == "UDP" else _over_tcp
    predicted, blocker, assumptions = predict(walker, target)
    health = Health(target=target.name, predicted=predicted, observed=observed, blocker=blocker)
    forwarded = (Assumption.PROBE_IS_FORWARDED_LIKE_A_FLOW,) if target.kind == "CVM" else ()
    return health, (*assumptions, *forwarded)


def _over_tcp(walker: Walker, target: Target) -> tuple[str, Blocker | None, tuple[Assumption, ...]]:
    """Alive where every probe passes, Dead where none can, Unknown between."""
    paths = walker.probe_paths(target)
    outcomes = {path.outcome for path in paths}
    if outcomes == {Outcome.DELIVERED}:
        return "Alive", None, _assumed(paths)
    state = "Unknown" if outcomes & {Outcome.DELIVERED, Outcome.UNDETERMINED} else "Dead"
    return state, next(iter(blockers(paths)), None), _assumed(paths)


def _over_udp(walker: Walker, target: Target) -> tuple[str, Blocker | None, tuple[Assumption, ...]]:
    """The ping first; then the UDP packet, which must not be refused."""
    paths = walker.probe_paths(target)
    first = paths[0].hops[0]
    if first.problem is Reason.NOT_MODELLED:
        return "Unknown", None, ()
    ping = walker.probe_check(target, "ICMPV6" if ":" in first.address else "ICMP")
    if ping.action is not Action.ACCEPT:
        dropped = ping.action is Action.DROP
        return "Dead" if dropped else "Unknown", blocker_of(first, ping) if dropped else None, ping.assumptions
    refused = set() if walker.frontend.family == 6 else {_refuses(path) for path in paths}
    assumptions = (*ping.assumptions, *_assumed(paths))
    if refused <= {False}:
        return "Alive", None, assumptions
    return "Dead" if refused == {True} else "Unknown", next(iter(blockers(paths)), None), assumptions


def _refuses(path: Path) -> bool | None:
    """Is the packet refused? None where it depends on what is not known."""
    ends = {path.end(unknown_passes=passes)[0] is Outcome.REFUSED for passes in (True, False)}
    return ends.pop() if len(ends) == 1 else None


def _assumed(paths: Sequence[Path]) -> tuple[Assumption, ...]:
    return tuple(assumption for path in paths for hop in path.hops for assumption in hop.all_assumptions)
