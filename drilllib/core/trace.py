"""
Trace a question along every path it can take, and say how its requests fare.

A *path* is one connection attempt: one target, one endpoint. The *verdict* speaks of requests. The trace walks on past
the first blocker, so that every blocker is in one answer. Health probes are walked like any flow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from drilllib.core.addresses import Address, parse_address, parse_client
from drilllib.core.answers import Health, Question, Trace
from drilllib.core.evidence import Blocker, Hop, Outcome, Path, Symptom, blockers
from drilllib.core.parts import TRANSPORT, Listener, LoadBalancer, Target, read_listener
from drilllib.core.requests import Verdict, judge, symptoms_of, used_sets, worst_first
from drilllib.core.rules import LAST_PORT
from drilllib.core.semantics import Assumption, Reason
from drilllib.core.topology import Snapshot
from drilllib.core.walk import Walker
from drilllib.errors import InvalidInputError, UnknownNameError, quoted

_MODELLED = ("TCP", "HTTP", "HTTPS")


def trace(snapshot: Snapshot, question: Question) -> Trace:
    """
    Answer *question* on *snapshot*.

    Raises:
        InvalidInputError: An address, the port or the protocol of the question cannot be used.
        UnknownNameError: The Service is not in the snapshot.
    """
    client = parse_client(question.client)
    _require_sense(question)
    if snapshot.is_inside(client):
        return _undetermined(question, "how a client inside the cluster reaches the VIP", Reason.NOT_MODELLED)
    missing = "load_balancers" if question.service is None else "kubernetes"
    if not snapshot.has(missing):
        return _undetermined(question, missing)
    balancer = _balancer(snapshot, question)
    if balancer is None or not balancer.vips:
        return _undetermined(question, "the load balancer and its VIP")
    vip = balancer.vips[0] if question.vip is None else parse_address(question.vip, "The VIP")
    if vip.version != client.version:
        problem = f"The client {client} is IPv{client.version} and the VIP {vip} is IPv{vip.version}"
        raise InvalidInputError(problem, remedy="Ask with an address of the VIP's family")
    listeners = snapshot.listeners(balancer.balancer_id)
    question = replace(question, vip=str(vip), host=question.host or str(vip))
    if listeners is None:
        return _undetermined(question, f"listeners of {balancer.balancer_id}")
    question = replace(question, port=question.port or _only_port(balancer, listeners))
    item = next((each for each in listeners if _accepts(each, question)), None)
    if item is None:
        return _without_listener(balancer, question)
    question = replace(question, scheme="https" if item["Protocol"].upper() == "HTTPS" else "http")
    listener, problem = _listener(snapshot, item, question)
    return _Answer(Walker(snapshot, balancer, vip, listener), question, client, problem).trace()


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


def _require_sense(question: Question) -> None:
    if question.service is not None and question.vip is not None:
        raise InvalidInputError("The question names a Service and a VIP", remedy="Name one of them")
    if not question.path.startswith("/"):
        raise InvalidInputError(f"The path is {quoted(question.path)}", remedy="Begin it with /")
    if question.protocol not in ("TCP", "UDP"):
        raise InvalidInputError(f"The protocol is {quoted(question.protocol)}", remedy="Ask with TCP or UDP")
    port = question.port
    if port is not None and (isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= LAST_PORT):
        raise InvalidInputError(f"The port is {quoted(port)}", remedy="Give one port from 1 to 65535")


def _only_port(balancer: LoadBalancer, listeners: list[dict[str, Any]]) -> int:
    ports = sorted({item["Port"] for item in listeners})
    if len(ports) == 1:
        return ports[0]
    problem = f"{balancer.balancer_id} listens on {', '.join(map(str, ports)) or 'no port'}, and none was named"
    raise InvalidInputError(problem, remedy="Name a port")


def _accepts(item: Mapping[str, Any], question: Question) -> bool:
    last = max(item["Port"], item.get("EndPort") or 0)
    return item["Port"] <= question.port <= last and TRANSPORT.get(item["Protocol"].upper()) == question.protocol


def _undetermined(question: Question, gap: str, reason: Reason = Reason.FACT_MISSING) -> Trace:
    return Trace(question=question, listener=None, verdict=Verdict.UNDETERMINED, reason=reason, gaps=(gap,))


def _without_listener(balancer: LoadBalancer, question: Question) -> Trace:
    """No security group can repair this; ports without a listener are closed [CLB-SG]."""
    blocker = Blocker(
        hop="clb", name=balancer.balancer_id, interface=None, reason=Reason.NO_LISTENER, hypothetical=False
    )
    return Trace(
        question=question,
        listener=None,
        verdict=Verdict.UNREACHABLE,
        reason=Reason.NO_LISTENER,
        symptoms=(_silence(question.protocol),),
        blockers=(blocker,),
        assumptions=(Assumption.PORT_WITHOUT_LISTENER_IS_SILENT,),
    )


def _silence(transport: str) -> Symptom:
    return Symptom(kind="connect_timeout" if transport == "TCP" else "no_answer")


def _listener(
    snapshot: Snapshot, item: Mapping[str, Any], question: Question
) -> tuple[Listener, tuple[Reason, str] | None]:
    """The listener, and what about it cannot be told: a behaviour that is not modelled, a host without a rule."""
    listener = read_listener(item)
    unknown = snapshot.not_modelled(item, parse_address(question.vip, "The VIP"))
    if listener.protocol not in _MODELLED:
        unknown = f"how a {listener.protocol} listener behaves"
    if unknown is not None:
        return listener, (Reason.NOT_MODELLED, unknown)
    if listener.layer == 4:
        return listener, None
    rule = _forwarding_rule(item, question)
    if rule is not None:
        return read_listener(item, rule), None
    hosts = ", ".join(dict.fromkeys(each.get("Domain") or "?" for each in item.get("Rules") or ())) or "none"
    gap = f"what the CLB does with host {question.host} and path {question.path} (its hosts: {hosts})"
    return listener, (Reason.NO_FORWARDING_RULE, gap)


def _forwarding_rule(item: Mapping[str, Any], question: Question) -> Mapping[str, Any] | None:
    """The rule for the question's host, in any case, with the longest path that begins the question's."""
    host = question.host.casefold()
    rules = [rule for rule in item.get("Rules") or () if (rule.get("Domain") or "").casefold() == host]
    fitting = [rule for rule in rules if question.path.startswith(rule.get("Url") or "/")]
    return max(fitting, key=lambda rule: len(rule.get("Url") or "/"), default=None)


@dataclass(frozen=True)
class _Answer:
    """One question at one listener; `trace` puts the answer together."""

    walker: Walker
    question: Question
    client: Address
    problem: tuple[Reason, str] | None
    notes: set[Assumption] = field(default_factory=set)

    def trace(self) -> Trace:
        clb = self.walker.clb_hop(self.client)
        known = self.walker.listener.targets if self.problem is None else ()
        targets = [target for target in known if target.weight != 0]
        paths = {target.name: self.walker.paths(target, self.client) for target in targets}
        walked = tuple(path for each in paths.values() for path in each) or (self._dead_end(clb),)
        health = self._health(known)
        used = used_sets({each.target: each.observed or each.predicted for each in health if each.target in paths})
        verdicts, symptoms = self._requests(clb, paths, used)
        verdict = verdicts.pop() if len(verdicts) == 1 else Verdict.UNDETERMINED
        in_use = self._in_use(walked, used)
        return Trace(
            question=self.question,
            listener=self.walker.listener,
            verdict=verdict,
            reason=self._reason(verdict, clb, in_use, symptoms),
            symptoms=worst_first(symptoms),
            paths=walked,
            blockers=blockers(walked),
            health=health,
            assumptions=self._assumptions(walked, symptoms),
            gaps=_gaps(walked) or self._health_gaps(verdict, health),
        )

    def _dead_end(self, clb: Hop) -> Path:
        """The path of a request that the CLB can send nowhere, or we cannot say where."""
        reason, gap = self.problem or (Reason.NO_TARGETS, None)
        return Path(target=None, endpoint=None, hops=(replace(clb, problem=reason, gap=gap),))

    @staticmethod
    def _in_use(paths: tuple[Path, ...], used: list[frozenset[str]]) -> list[Path]:
        """The paths of every target that may be in use."""
        names = frozenset().union(*used)
        return [path for path in paths if path.target is None or path.target in names]

    @staticmethod
    def _health_gaps(verdict: Verdict, health: tuple[Health, ...]) -> tuple[str, ...]:
        """Where an answer hangs on health alone, which target's."""
        unknown = (each.target for each in health if (each.observed or each.predicted) == "Unknown")
        return tuple(f"health of {name}" for name in unknown) if verdict is Verdict.UNDETERMINED else ()

    def _health(self, targets: Iterable[Target]) -> tuple[Health, ...]:
        return tuple(self._health_of(target) for target in targets)

    def _health_of(self, target: Target) -> Health:
        """Alive where every probe passes, Dead where none can, Unknown between."""
        walker = self.walker
        observed = walker.snapshot.observed_health(walker.balancer.balancer_id, walker.listener, target)
        if not walker.listener.probes:
            return Health(target=target.name, predicted="Close", observed=observed)
        paths = walker.probe_paths(target)
        self.notes.update(assumption for path in paths for assumption in _assumed(path.hops))
        self.notes.add(Assumption.PROBE_IS_FORWARDED_LIKE_A_FLOW)
        predicted = _state_of_probes({path.outcome for path in paths})
        blocker = next(iter(blockers(paths)), None) if predicted != "Alive" else None
        return Health(target=target.name, predicted=predicted, observed=observed, blocker=blocker)

    def _requests(
        self, clb: Hop, paths: Mapping[str, tuple[Path, ...]], used: list[frozenset[str]]
    ) -> tuple[set[Verdict], set[Symptom]]:
        """Every verdict and symptom possible, over what is unknown about rules and about health."""
        verdicts: set[Verdict] = set()
        symptoms: set[Symptom] = set()
        for unknown_passes in (True, False):
            if clb.end(unknown_passes=unknown_passes):
                verdicts.add(Verdict.UNREACHABLE)
                symptoms.add(_silence(self.question.protocol))
            elif self.problem:
                verdicts.add(Verdict.UNDETERMINED)
            elif not paths:
                verdicts.add(Verdict.UNREACHABLE)
                symptoms.add(self._no_targets())
            else:
                self._through(paths, used, unknown_passes, verdicts, symptoms)
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

    def _reason(self, verdict: Verdict, clb: Hop, paths: list[Path], symptoms: set[Symptom]) -> Reason:
        """Why, by the paths of the targets in use."""
        if verdict is Verdict.REACHABLE:
            return Reason.DELIVERED_AFTER_RETRY if len(symptoms) > 1 else Reason.DELIVERED
        if verdict is Verdict.INTERMITTENT:
            return Reason.SOME_PATHS_FAIL
        if clb.end(unknown_passes=True):
            return Reason.CLB_GROUP_DROPPED
        reasons = {path.reason for path in paths}
        if verdict is Verdict.UNDETERMINED:
            telling = (Reason.NOT_MODELLED, Reason.NO_FORWARDING_RULE)
            return next((reason for reason in telling if reason in reasons), Reason.FACT_MISSING)
        return reasons.pop() if len(reasons) == 1 else Reason.SEVERAL_CAUSES

    def _assumptions(self, paths: tuple[Path, ...], symptoms: set[Symptom]) -> tuple[Assumption, ...]:
        """Everything taken for granted, by code."""
        found = self.notes | {assumption for path in paths for assumption in _assumed(path.hops)}
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


def _state_of_probes(outcomes: set[Outcome]) -> str:
    if outcomes == {Outcome.DELIVERED}:
        return "Alive"
    return "Unknown" if outcomes & {Outcome.DELIVERED, Outcome.UNDETERMINED} else "Dead"


def _assumed(hops: Iterable[Hop]) -> Iterable[Assumption]:
    for hop in hops:
        yield from hop.assumptions
        for check in hop.checks:
            yield from check.assumptions


def _gaps(paths: Iterable[Path]) -> tuple[str, ...]:
    found = (gap for path in paths for hop in path.hops for gap in (hop.gap, *(check.gap for check in hop.checks)))
    return tuple(dict.fromkeys(gap for gap in found if gap))
