"""
Health checks: every target is probed, and what becomes of the probes predicts what the CLB sees.

A TCP or HTTP probe has to be answered. A UDP probe is a ping and a UDP packet: healthy means that the ping is answered
and the packet is not refused, silence included; on an IPv6 VIP only the ping counts [CLB-UDP].
"""

from collections.abc import Sequence
from typing import NamedTuple

from drilllib.core.facts import Fact
from drilllib.core.rules.rules import Action
from drilllib.core.snapshot.resources import Listener, Target
from drilllib.core.trace.answer import Health
from drilllib.core.trace.blockers import Blocker, blocker_of, blockers
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.node_facts import TargetFacts
from drilllib.core.trace.path import Path, PathOutcome
from drilllib.core.trace.walker import Walker

HTTP = ("HTTP", "HTTPS")  # kinds of probes that look at the status of an answer


class Prediction(NamedTuple):
    """The state that the CLB would see, what stops probes, what is taken for granted, and what would tell more."""

    state: str
    blocker: Blocker | None = None
    assumptions: tuple[Assumption, ...] = ()
    gaps: tuple[Fact, ...] = ()


def health_of(walker: Walker, target: Target) -> tuple[Health, tuple[Assumption, ...]]:
    """The target's health, and what its prediction takes for granted."""
    paths = walker.probe_paths(target) if walker.listener.probes is not False else ()
    found = predict(walker, walker.facts(target), paths)
    (observed,) = observed_by(walker, [target])
    health = Health(
        target=target.name, predicted=found.state, observed=observed, blocker=found.blocker, gaps=found.gaps
    )
    return health, found.assumptions


def observed_by(walker: Walker, targets: Sequence[Target]) -> list[str | None]:
    """What the CLB saw of each target; None where that was not read."""
    if not walker.snapshot.has("target_health"):
        return [None] * len(targets)
    probed = walker.listener.probes is not False
    doubted = probed and walker.snapshot.doubts.of_health(walker.balancer, walker.listener)
    return ["Unknown" if seen and doubted else seen for seen in map(walker.observed, targets)]


def predict(walker: Walker, facts: TargetFacts, paths: Sequence[Path]) -> Prediction:
    """The health that follows from all *paths* of a target's probes, what stops them, and what is taken for granted."""
    if walker.listener.probes is False:
        return Prediction("Close")
    over_udp = walker.transport == "UDP"
    found = (_of_kube_proxy if facts.asks_kube_proxy else _over_udp if over_udp else _over_tcp)(walker, facts, paths)
    doubts = walker.snapshot.doubts.of_probes(walker.listener)
    if doubts and found.state == "Alive":
        found = found._replace(state="Unknown")
    if walker.listener.probes is None and found.state == "Dead":
        found = found._replace(state="Unknown")  # what is not probed is in use
    forwarded = (Assumption.PROBE_IS_FORWARDED_LIKE_A_FLOW,) if facts.target.is_node else ()
    return found._replace(assumptions=(*found.assumptions, *forwarded))


def _over_tcp(walker: Walker, facts: TargetFacts, paths: Sequence[Path]) -> Prediction:
    """Alive where every probe passes and its answer will do, Dead where none can, Unknown between."""
    ends = [_ends(path) for path in paths]
    if all(end == {PathOutcome.DELIVERED} for end in ends):
        return Prediction(_answered(walker.listener, 200), None, _assumed(paths))
    state = "Unknown" if any(PathOutcome.DELIVERED in end for end in ends) else "Dead"
    return Prediction(state, next(iter(blockers(paths)), None), _assumed(paths), _missing(paths))


def _of_kube_proxy(walker: Walker, facts: TargetFacts, paths: Sequence[Path]) -> Prediction:
    """A probe of `healthCheckNodePort`, which kube-proxy answers on every node by itself [KP-HEALTH]."""
    hop, status, listener = paths[0].hops[0], facts.status, walker.listener
    if hop.problem is Reason.NOT_MODELLED and not hop.checks:
        return Prediction("Unknown", gaps=hop.gaps)
    check = walker.probe_check(facts, "TCP")
    if check.action is Action.DROP or hop.problem is Reason.INSTANCE_NOT_RUNNING:
        cause = check if check.action is Action.DROP else Reason.INSTANCE_NOT_RUNNING
        return Prediction("Dead", blocker_of(hop, cause), check.assumptions)
    states = {_answered_by_kube_proxy(listener, each) for each in ([status] if status else (200, 503))}
    if check.action is Action.UNDETERMINED or hop.doubts or len(states) > 1 or "Unknown" in states:
        return Prediction("Unknown", None, check.assumptions, tuple(filter(None, [check.gap, *hop.doubts])))
    state, untold = states.pop(), listener.http_code is None and status != 200
    taken = [Assumption.UNAVAILABLE_IS_UNHEALTHY] if untold and state == "Dead" else []
    elsewhere = blocker_of(hop, Reason.NO_LOCAL_ENDPOINT) if state == "Dead" else None
    return Prediction(state, elsewhere, (*check.assumptions, *taken))


def _answered_by_kube_proxy(listener: Listener, status: int) -> str:
    """What the CLB makes of kube-proxy's 200 or 503."""
    if status == 503 and listener.probe_type is None:
        return "Unknown"
    if status == 503 and listener.http_code is None and listener.probe_type in HTTP:
        return "Dead"
    return _answered(listener, status, otherwise="Dead")


def _answered(listener: Listener, status: int, *, otherwise: str = "Unknown") -> str:
    """What the CLB makes of an HTTP answer; other checks than those over HTTP ask for no more than a connection."""
    kind = listener.probe_type or ("HTTP" if listener.layer == 7 else "TCP")
    if kind not in HTTP or listener.http_code is None:
        return "Alive"
    return "Alive" if listener.http_code & 1 << status // 100 - 1 else otherwise


def _over_udp(walker: Walker, facts: TargetFacts, paths: Sequence[Path]) -> Prediction:
    """The ping first; then the UDP packet, which must not be refused."""
    first = paths[0].hops[0]
    if first.problem is Reason.NOT_MODELLED and not first.checks:
        return Prediction("Unknown", gaps=_missing(paths))
    ping = walker.probe_check(facts, "ICMPV6" if ":" in first.address else "ICMP")
    if ping.action is Action.DROP or first.problem is Reason.INSTANCE_NOT_RUNNING:
        cause = ping if ping.action is Action.DROP else Reason.INSTANCE_NOT_RUNNING
        return Prediction("Dead", blocker_of(first, cause), (*ping.assumptions, *first.assumptions))
    refused = set() if walker.frontend.family == 6 else {_refuses(path) for path in paths}
    assumptions, filtered = (*ping.assumptions, *_assumed(paths)), walker.ping_doubt(facts)
    if refused == {True}:
        return Prediction("Dead", next(iter(blockers(paths)), None), assumptions)
    if ping.action is Action.ACCEPT and refused <= {False} and not first.doubts and not filtered:
        return Prediction("Alive", None, assumptions)
    return Prediction("Unknown", next(iter(blockers(paths)), None), assumptions, _missing(paths, ping.gap, filtered))


def _refuses(path: Path) -> bool | None:
    """Is the packet refused? None where that depends on what is not known; behind an unread part it may be."""
    ends = _ends(path)
    if PathOutcome.DELIVERED in ends and any(hop.gap for hop in path.hops):
        ends.add(PathOutcome.REFUSED)
    if PathOutcome.REFUSED not in ends:
        return False
    return True if len(ends) == 1 else None


def _ends(path: Path) -> set[PathOutcome]:
    """How a probe may end, whatever the facts are that are missing."""
    return {path.end(unknown_passes=passes)[0] for passes in (True, False)}


def _assumed(paths: Sequence[Path]) -> tuple[Assumption, ...]:
    return tuple(assumption for path in paths for hop in path.hops for assumption in hop.all_assumptions)


def _missing(paths: Sequence[Path], *others: Fact | None) -> tuple[Fact, ...]:
    """What is not known of the ways of a probe, each once."""
    found = (*others, *(gap for path in paths for hop in path.hops for gap in hop.gaps))
    return tuple(dict.fromkeys(gap for gap in found if gap))
