"""
Trace a question along every path it can take, and say how its requests fare.

A *path* is one connection attempt: one target, one endpoint. The *verdict* speaks of requests. The trace walks on past
the first blocker, so that every blocker is in one answer. Health probes are walked like any flow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from drilllib.core.answers import Health, Question, Trace
from drilllib.core.evidence import Blocker, Hop, Outcome, Path, Symptom, blockers
from drilllib.core.parts import LoadBalancer, Target, read_listener
from drilllib.core.requests import Verdict, judge, symptoms_of, used_sets, worst_first
from drilllib.core.semantics import Assumption, Reason
from drilllib.core.topology import Snapshot
from drilllib.core.walk import Walker, parse_address
from drilllib.errors import InvalidInputError, UnknownNameError, quoted

_TRANSPORT = {"TCP": "TCP", "HTTP": "TCP", "HTTPS": "TCP", "TCP_SSL": "TCP", "UDP": "UDP", "QUIC": "UDP"}
_MODELLED = ("TCP", "HTTP", "HTTPS")


def trace(snapshot: Snapshot, question: Question) -> Trace:
    """
    Answer *question* on *snapshot*.

    Raises:
        InvalidInputError: An address, the port or the protocol of the question cannot be used.
        UnknownNameError: The Service is not in the snapshot.
    """
    client = parse_address(question.client, "The client")
    balancer = _balancer(snapshot, question)
    if balancer is None or not balancer.vips:
        return _undetermined(question, Reason.FACT_MISSING, "the load balancer and its VIP")
    vip = balancer.vips[0]
    if vip.version != client.version:
        problem = f"The client {client} is IPv{client.version} and the VIP {vip} is IPv{vip.version}"
        raise InvalidInputError(problem, remedy="Ask with an address of the VIP's family")
    listeners = snapshot.listeners(balancer.balancer_id)
    question = replace(question, vip=str(vip), host=question.host or str(vip))
    if listeners is None:
        return _undetermined(question, Reason.FACT_MISSING, f"listeners of {balancer.balancer_id}")
    question = replace(question, port=_port(question, balancer, listeners))
    item = next((each for each in listeners if _accepts(each, question)), None)
    if item is None:
        return _without_listener(snapshot, balancer, question)
    return _through_listener(snapshot, balancer, item, question)


def _balancer(snapshot: Snapshot, question: Question) -> LoadBalancer | None:
    if question.service is not None:
        return snapshot.balancer_of_service(snapshot.service(question.service))
    if question.vip is None:
        raise InvalidInputError("The question names neither a Service nor a VIP", remedy="Name one of them")
    balancer = snapshot.balancer_with_vip(parse_address(question.vip, "The VIP"))
    if balancer is None:
        known = ", ".join(str(vip) for each in snapshot.load_balancers for vip in each.vips) or "none"
        raise UnknownNameError(f"No load balancer has the VIP {quoted(question.vip)}", remedy=f"VIPs: {known}")
    return balancer


def _port(question: Question, balancer: LoadBalancer, listeners: list[dict[str, Any]]) -> int:
    if question.port is None:
        ports = sorted({item["Port"] for item in listeners})
        if len(ports) == 1:
            return ports[0]
        problem = f"{balancer.balancer_id} listens on {', '.join(map(str, ports)) or 'no port'}, and none was named"
        raise InvalidInputError(problem, remedy="Name a port")
    if isinstance(question.port, bool) or not isinstance(question.port, int) or not 1 <= question.port <= 65535:
        raise InvalidInputError(f"The port is {quoted(question.port)}", remedy="Give one port from 1 to 65535")
    return question.port


def _accepts(item: Mapping[str, Any], question: Question) -> bool:
    transport = _TRANSPORT.get(item["Protocol"].upper())
    if question.protocol not in _TRANSPORT.values():
        raise InvalidInputError(f"The protocol is {quoted(question.protocol)}", remedy="Ask with TCP or UDP")
    return item["Port"] == question.port and transport == question.protocol


def _undetermined(question: Question, reason: Reason, gap: str, **known: Any) -> Trace:
    known.setdefault("listener", None)
    return Trace(question=question, verdict=Verdict.UNDETERMINED, reason=reason, gaps=(gap,), **known)


def _without_listener(snapshot: Snapshot, balancer: LoadBalancer, question: Question) -> Trace:
    """No security group can repair this; ports without a listener are closed [CLB-SG]."""
    blocker = Blocker(
        hop="clb", name=balancer.balancer_id, interface=None, reason=Reason.NO_LISTENER, hypothetical=False
    )
    return Trace(
        question=question,
        listener=None,
        verdict=Verdict.UNREACHABLE,
        reason=Reason.NO_LISTENER,
        symptoms=(Symptom(kind="connect_timeout"),),
        blockers=(blocker,),
        assumptions=(Assumption.PORT_WITHOUT_LISTENER_IS_SILENT,),
    )


def _through_listener(snapshot: Snapshot, balancer: LoadBalancer, item: Mapping[str, Any], question: Question) -> Trace:
    listener = read_listener(item)
    if listener.protocol not in _MODELLED:
        gap = f"how a {listener.protocol} listener behaves"
        return _undetermined(question, Reason.NOT_MODELLED, gap, listener=listener)
    if listener.layer == 7:
        rule = _forwarding_rule(item, question)
        if rule is None:
            gap = f"what the CLB does with host {question.host} and path {question.path}"
            return _undetermined(question, Reason.NO_FORWARDING_RULE, gap, listener=listener)
        listener = read_listener(item, rule)
    return _Answer(Walker(snapshot, balancer, listener), question).trace()


def _forwarding_rule(item: Mapping[str, Any], question: Question) -> Mapping[str, Any] | None:
    """The rule for the question's host with the longest path that begins the question's."""
    rules = [rule for rule in item.get("Rules") or () if rule.get("Domain") == question.host]
    fitting = [rule for rule in rules if question.path.startswith(rule.get("Url") or "/")]
    return max(fitting, key=lambda rule: len(rule.get("Url") or "/"), default=None)


@dataclass(frozen=True)
class _Answer:
    """One question at one listener; `trace` puts the answer together."""

    walker: Walker
    question: Question
    notes: set[Assumption] = field(default_factory=set)

    def trace(self) -> Trace:
        listener = self.walker.listener
        client = parse_address(self.question.client, "The client")
        clb = self.walker.clb_hop(client)
        targets = [target for target in listener.targets if target.weight != 0]
        paths = {target.name: self.walker.paths(target, client) for target in targets}
        health = self._health(listener.targets)
        verdicts, symptoms = self._requests(clb, paths, health)
        verdict = verdicts.pop() if len(verdicts) == 1 else Verdict.UNDETERMINED
        walked = tuple(path for each in paths.values() for path in each)
        return Trace(
            question=self.question,
            listener=listener,
            verdict=verdict,
            reason=self._reason(verdict, clb, walked, symptoms),
            symptoms=worst_first(symptoms),
            paths=walked or (Path(target=None, endpoint=None, hops=(clb,)),),
            blockers=self._blockers(clb, walked),
            health=health,
            assumptions=self._assumptions(clb, walked, symptoms),
            gaps=_gaps((clb, *(hop for path in walked for hop in path.hops))),
        )

    def _health(self, targets: Iterable[Target]) -> tuple[Health, ...]:
        snapshot, balancer, listener = self.walker.snapshot, self.walker.balancer, self.walker.listener
        return tuple(
            Health(
                target=target.name,
                predicted=self._predicted(target),
                observed=snapshot.observed_health(balancer.balancer_id, listener.listener_id, target),
            )
            for target in targets
        )

    def _predicted(self, target: Target) -> str:
        """Alive where every probe passes, Dead where none can, Unknown between."""
        if not self.walker.listener.probes:
            return "Close"
        paths = self.walker.probe_paths(target)
        self.notes.update(assumption for path in paths for assumption in _assumed(path.hops))
        self.notes.add(Assumption.PROBE_IS_FORWARDED_LIKE_A_FLOW)
        outcomes = {path.outcome for path in paths}
        if outcomes == {Outcome.DELIVERED}:
            return "Alive"
        return "Unknown" if outcomes & {Outcome.DELIVERED, Outcome.UNDETERMINED} else "Dead"

    def _requests(
        self, clb: Hop, paths: Mapping[str, tuple[Path, ...]], health: tuple[Health, ...]
    ) -> tuple[set[Verdict], set[Symptom]]:
        """Every verdict and symptom possible, over what is unknown about rules and about health."""
        states = {each.target: each.observed or each.predicted for each in health if each.target in paths}
        verdicts: set[Verdict] = set()
        symptoms: set[Symptom] = set()
        for unknown_passes in (True, False):
            if clb.end(unknown_passes=unknown_passes):
                verdicts.add(Verdict.UNREACHABLE)
                symptoms.add(Symptom(kind="connect_timeout"))
            elif not paths:
                verdicts.add(Verdict.UNREACHABLE)
                symptoms.add(self._no_targets())
            else:
                self._through(paths, used_sets(states), unknown_passes, verdicts, symptoms)
        return verdicts, symptoms

    def _through(
        self,
        paths: Mapping[str, tuple[Path, ...]],
        sets: list[frozenset[str]],
        unknown_passes: bool,
        verdicts: set[Verdict],
        symptoms: set[Symptom],
    ) -> None:
        layer, semantics = self.walker.listener.layer, self.walker.semantics
        ends = {
            name: frozenset(_behind_clb(path).end(unknown_passes=unknown_passes)[0] for path in each)
            for name, each in paths.items()
        }
        for used in sets:
            outcomes = {name: ends[name] for name in used}
            verdicts.add(judge(layer, outcomes))
            symptoms |= symptoms_of(layer, outcomes, semantics)

    def _no_targets(self) -> Symptom:
        """A layer-7 listener still answers; a layer-4 port cannot be connected [CLB-FAQ]."""
        self.notes.add(Assumption.LISTENER_WITHOUT_TARGETS)
        if self.walker.listener.layer == 7:
            return Symptom(kind="http", status=502, seconds=0.0)
        return Symptom(kind="connect_timeout")

    def _reason(self, verdict: Verdict, clb: Hop, paths: tuple[Path, ...], symptoms: set[Symptom]) -> Reason:
        if verdict is Verdict.REACHABLE:
            return Reason.DELIVERED_AFTER_RETRY if len(symptoms) > 1 else Reason.DELIVERED
        if verdict is Verdict.INTERMITTENT:
            return Reason.SOME_PATHS_FAIL
        if clb.end(unknown_passes=True):
            return Reason.CLB_GROUP_DROPPED
        reasons = {path.reason for path in paths} or {Reason.NO_TARGETS}
        if verdict is Verdict.UNDETERMINED:
            return Reason.NOT_MODELLED if Reason.NOT_MODELLED in reasons else Reason.FACT_MISSING
        return reasons.pop() if len(reasons) == 1 else Reason.SEVERAL_CAUSES

    def _blockers(self, clb: Hop, paths: tuple[Path, ...]) -> tuple[Blocker, ...]:
        if paths:
            return blockers(paths)
        name = self.walker.balancer.balancer_id
        missing = Blocker(hop="clb", name=name, interface=None, reason=Reason.NO_TARGETS, hypothetical=False)
        return (*blockers((Path(target=None, endpoint=None, hops=(clb,)),)), missing)

    def _assumptions(self, clb: Hop, paths: tuple[Path, ...], symptoms: set[Symptom]) -> tuple[Assumption, ...]:
        """Everything taken for granted, by code."""
        found = self.notes | set(_assumed((clb, *(hop for path in paths for hop in path.hops))))
        statuses = {symptom.status for symptom in symptoms}
        layer_7 = self.walker.listener.layer == 7
        if 200 in statuses:
            found.add(Assumption.APPLICATION_ANSWERS_200)
        if self.walker.semantics.dropped_status in statuses:
            found.add(Assumption.DROPPED_AT_LAYER7_IS_504 if layer_7 else Assumption.TCP_LISTENER_ANSWERS_504)
        if layer_7 and 502 in statuses:
            found.add(Assumption.REFUSED_AT_LAYER7_IS_502)
        if layer_7 and len({path.target for path in paths}) > 1:
            found.add(Assumption.EVERY_TARGET_IS_TRIED)
        return tuple(sorted(found))


def _behind_clb(path: Path) -> Path:
    return replace(path, hops=path.hops[1:])


def _assumed(hops: Iterable[Hop]) -> Iterable[Assumption]:
    for hop in hops:
        yield from hop.assumptions
        for check in hop.checks:
            yield from check.assumptions


def _gaps(hops: Iterable[Hop]) -> tuple[str, ...]:
    found = (gap for hop in hops for gap in (hop.gap, *(check.gap for check in hop.checks)))
    return tuple(dict.fromkeys(gap for gap in found if gap))
