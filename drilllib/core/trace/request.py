"""
The whole answer to one question: every path, the verdict over them, what the client meets, what blocks, and the health
of the targets.

A question has several paths: the CLB may pick any registered target, and kube-proxy any endpoint behind it. Health
probes are walked like any flow.
"""

from collections.abc import Iterable
from dataclasses import replace

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.snapshot.resources import Listener, Redirect
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Health, Question, Trace
from drilllib.core.trace.blockers import Blocker, blockers
from drilllib.core.trace.causes import Causes, and_more
from drilllib.core.trace.codes import Assumption, HopKind, Reason
from drilllib.core.trace.entry import Entry, UnanswerableError, entry_of
from drilllib.core.trace.fates import Crowd, alone, fates, few, in_use
from drilllib.core.trace.findings import Finding, about_client, about_health, about_listeners, about_redirect, findings
from drilllib.core.trace.loopback import LoopbackWalker
from drilllib.core.trace.own_node import OwnNodeWalker
from drilllib.core.trace.path import Hop, Path, Symptom, SymptomKind
from drilllib.core.trace.redirects import location_of
from drilllib.core.trace.survey import Survey
from drilllib.core.trace.unmet_settings import about_wishes
from drilllib.core.trace.verdict import Verdict, silence, worst_first
from drilllib.core.trace.walker import Walker


def trace(snapshot: Snapshot, question: Question, *, all_paths: bool = False) -> Trace:
    """
    Follow a request on every path it may take: does it succeed, what does the client meet, and what blocks it?

    `one_client.trace` says more of it, and is for clients that somebody named; this one takes any address.

    Raises:
        InvalidInputError, UnknownNameError, TooComplexError: As there.
    """
    try:
        about = entry_of(snapshot, question)
    except UnanswerableError as end:
        verdict = Verdict.UNDETERMINED
        return Trace(question=end.question, listener=None, verdict=verdict, reason=end.reason, gaps=(end.gap,))
    if about.listener is None:
        return _without_listener(about)
    found = _Answer(walker_for(snapshot, about, about.listener), about, all_paths=all_paths).trace()
    return found if about.own_node is None else _without_balancer(found)


def walker_for(snapshot: Snapshot, about: Entry, listener: Listener) -> Walker:
    """Who walks the attempts of a client at a listener: by way of the CLB, or on the client's own node."""
    asked = snapshot, about.balancer, about.frontend, listener
    if about.insider is None:
        return Walker(*asked)
    if about.own_node is None:
        return LoopbackWalker(*asked, about.insider)
    return OwnNodeWalker(*asked, about.insider, about.own_node)


def _without_balancer(answer: Trace) -> Trace:
    """What a client inside meets that its own node answers: no target of the CLB is asked, and no probe."""
    paths = tuple(replace(path, target=None) for path in answer.paths)
    return replace(answer, paths=paths, health=(), findings=(), probes=())


def _without_listener(about: Entry) -> Trace:
    """No security group can repair this; ports without a listener are closed [CLB-SG]."""
    name = about.balancer.balancer_id
    blocker = Blocker(hop=HopKind.CLB, name=name, interface=None, reason=Reason.NO_LISTENER, hypothetical=False)
    return Trace(
        question=about.question,
        listener=None,
        verdict=Verdict.UNREACHABLE,
        reason=Reason.NO_LISTENER,
        symptoms=(silence(about.question.protocol or "TCP"),),
        blockers=(blocker,),
        assumptions=(Assumption.PORT_WITHOUT_LISTENER_IS_SILENT,),
        findings=(about_listeners(about.balancer, about.listeners),),
    )


class _Answer:
    """One question at one listener; `trace` puts the answer together."""

    def __init__(self, walker: Walker, about: Entry, *, all_paths: bool) -> None:
        self.walker, self.about = walker, about
        self.is_followed = about.problem is None and about.redirect is None
        known = (walker.listener.targets or ()) if self.is_followed else ()
        self.survey = Survey(walker, about.client, known, each=all_paths)

    def trace(self) -> Trace:
        clb, survey = self.walker.clb_hop(self.about.client), self.survey
        walked = survey.paths or (self._dead_end(clb),)
        verdicts, symptoms = self._requests(clb)
        assumptions = survey.probed.assumptions
        if not survey.paths and self.is_followed and not clb.end(unknown_passes=True):
            assumptions.add(Assumption.LISTENER_WITHOUT_TARGETS)
        verdict = verdicts.pop() if len(verdicts) == 1 else Verdict.UNDETERMINED
        labels, memo = survey.probed.listed.labels, self.walker.snapshot.memo
        causes = Causes(survey.classes, survey.targets, labels, memo) if survey.classes else None
        return Trace(
            question=self.about.question,
            listener=self.walker.listener,
            verdict=verdict,
            reason=self._reason(verdict, clb, self._in_use(walked), symptoms),
            symptoms=worst_first(symptoms),
            paths=walked,
            blockers=causes.blockers() if causes else blockers(walked),
            health=survey.health,
            assumptions=self._assumptions(walked, symptoms, assumptions),
            gaps=(causes.gaps() if causes else _gaps(walked)) or self._other_gaps(verdict),
            findings=self._findings(walked, survey.health),
            classes=tuple(survey.classes),
            probes=tuple(survey.probed.classes),
            targets=tuple(survey.targets),
        )

    def _findings(self, paths: tuple[Path, ...], health: tuple[Health, ...]) -> tuple[Finding, ...]:
        walker, service = self.walker, self.about.question.service
        asked = walker.snapshot, walker.balancer, walker.listener, service, paths
        differing = (about_health(each.target, each.predicted, each.observed) for each in health)
        sent = [about_redirect(self.about.redirect, self.about.listeners)] if self.about.redirect else []
        sent += about_client(walker.balancer, walker.frontend, self.about.client)
        return (*sent, *findings(*asked), *about_wishes(*asked), *(finding for each in differing for finding in each))

    def _dead_end(self, clb: Hop) -> Path:
        """The path of a request that the CLB can send nowhere, or we cannot say where."""
        reason, gap = self.about.problem or (Reason.REDIRECTED if self.about.redirect else Reason.NO_TARGETS, None)
        return Path(target=None, endpoint=None, hops=(replace(clb, problem=reason, gap=gap),))

    def _in_use(self, paths: tuple[Path, ...]) -> list[Path]:
        """The paths of every target that may be in use."""
        state_of = self.survey.state_of
        used = in_use({state_of(path.target) for path in paths if path.target is not None})
        return [path for path in paths if path.target is None or state_of(path.target) in used]

    def _other_gaps(self, verdict: Verdict) -> tuple[Fact, ...]:
        """Where an answer hangs on the place that a client stays with, or on health alone, what would tell that."""
        return () if verdict is not Verdict.UNDETERMINED else self.survey.affinities() or self._health_gaps()

    def _health_gaps(self) -> tuple[Fact, ...]:
        """Which target's health is not known, and what about the probes is not understood."""
        unknown = [each for each in self.survey.health if each.state == "Unknown"]
        if not unknown:
            return ()
        targets = (and_more(fact(FactCode.HEALTH, target=each.target), each.count) for each in unknown)
        doubts, balancer, listener = self.walker.snapshot.doubts, self.walker.balancer, self.walker.listener
        why = (gap for each in unknown for gap in each.gaps)
        found = (*targets, *why, *doubts.of_probes(listener), *doubts.of_health(balancer, listener))
        return tuple(dict.fromkeys(found))

    def _requests(self, clb: Hop) -> tuple[set[Verdict], set[Symptom]]:
        """Every verdict and symptom possible, over what is unknown about rules and about health."""
        known = [self._request(clb, unknown_passes=passes) for passes in (True, False)]
        if any(each.path.may_refuse for each in self.survey.classes):
            known.append(self._request(clb, unknown_passes=True, refuses=True))
        verdicts = {verdict for found, _ in known for verdict in found}
        return verdicts, few({symptom for _, found in known for symptom in found})

    def _request(self, clb: Hop, *, unknown_passes: bool, refuses: bool = False) -> tuple[set[Verdict], set[Symptom]]:
        if clb.end(unknown_passes=unknown_passes):
            return {Verdict.UNREACHABLE}, {silence(self.walker.transport)}
        if self.about.problem:
            return {Verdict.UNDETERMINED}, set()
        if self.about.redirect:
            return {Verdict.REACHABLE}, {self._redirected(self.about.redirect)}
        if not self.survey.classes:
            return {Verdict.UNREACHABLE}, {self._no_targets()}
        crowds, walker = tuple(self.survey.crowds(unknown_passes=unknown_passes, refuses=refuses)), self.walker
        key = "fates", walker.listener.layer, walker.transport, walker.listener.keeps_client, crowds
        return walker.snapshot.memo.once(key, lambda: self._fates(crowds))

    def _fates(self, crowds: tuple[Crowd, ...]) -> tuple[set[Verdict], set[Symptom]]:
        """What may become of requests at these targets."""
        walker = self.walker
        choices = [(each,) for each in alone(crowds)] if walker.listener.keeps_client else [crowds]
        found = [fates(walker.listener.layer, walker.transport, each, walker.semantics) for each in choices]
        verdicts, symptoms = zip(*found, strict=True)
        return set().union(*verdicts), set().union(*symptoms)

    def _redirected(self, redirect: Redirect) -> Symptom:
        location = location_of(redirect, self.about.listeners, self.about.question)
        return Symptom(kind=SymptomKind.HTTP, status=redirect.status, seconds=0.0, location=location)

    def _no_targets(self) -> Symptom:
        """A layer-7 listener still answers; a layer-4 port cannot be connected [CLB-FAQ]."""
        if self.walker.listener.layer == 7:
            return Symptom(kind=SymptomKind.HTTP, status=502, seconds=0.0)
        return silence(self.walker.transport)

    def _reason(self, verdict: Verdict, clb: Hop, paths: list[Path], symptoms: set[Symptom]) -> Reason:
        """Why, by the paths of the targets in use."""
        if verdict is Verdict.REACHABLE and self.about.redirect:
            return Reason.REDIRECTED
        if verdict is Verdict.REACHABLE:
            return Reason.DELIVERED_AFTER_RETRY if len(symptoms) > 1 else Reason.DELIVERED
        if verdict is Verdict.INTERMITTENT:
            return Reason.SOME_PATHS_FAIL
        if clb.end(unknown_passes=True):
            return Reason.CLB_GROUP_DROPPED
        if verdict is Verdict.UNDETERMINED:
            return self._what_is_untold(paths)
        reasons = {path.reason for path in paths}
        return reasons.pop() if len(reasons) == 1 else Reason.SEVERAL_CAUSES

    @staticmethod
    def _what_is_untold(paths: list[Path]) -> Reason:
        """The first telling reason for which some path is undetermined, if there is one."""
        telling = (Reason.NOT_MODELLED, Reason.NO_FORWARDING_RULE, Reason.PORT_NOT_DECLARED)
        met = [path for path in paths if not {hop.problem for hop in path.hops}.isdisjoint(telling)]
        reasons = {path.reason for path in met}
        return next((reason for reason in telling if reason in reasons), Reason.FACT_MISSING)

    def _assumptions(
        self, paths: tuple[Path, ...], symptoms: set[Symptom], noted: set[Assumption]
    ) -> tuple[Assumption, ...]:
        """Everything taken for granted, by code."""
        found = noted | {assumption for path in paths for hop in path.hops for assumption in hop.all_assumptions}
        layer_7 = self.walker.listener.layer == 7
        found |= {_TAKEN_FOR_GRANTED[symptom.kind] for symptom in symptoms if symptom.kind in _TAKEN_FOR_GRANTED}
        statuses = {symptom.status for symptom in symptoms}
        if 200 in statuses:
            found.add(Assumption.APPLICATION_ANSWERS_200)
        if self.walker.semantics.dropped_status in statuses:
            found.add(Assumption.DROPPED_AT_LAYER7_IS_504 if layer_7 else Assumption.TCP_LISTENER_ANSWERS_504)
        if layer_7 and 502 in statuses and Assumption.LISTENER_WITHOUT_TARGETS not in found:
            found.add(Assumption.REFUSED_AT_LAYER7_IS_502)
        if layer_7 and len({path.target for path in paths}) + paths[0].targets > 2:
            found.add(Assumption.EVERY_TARGET_IS_TRIED)
        return tuple(sorted(found))


_TAKEN_FOR_GRANTED = {
    SymptomKind.ANSWERED: Assumption.UDP_APPLICATION_ANSWERS,
    SymptomKind.PORT_UNREACHABLE: Assumption.ICMP_ERRORS_REACH_CLIENT,
}


def _gaps(paths: Iterable[Path]) -> tuple[Fact, ...]:
    return tuple(dict.fromkeys(gap for path in paths for hop in path.hops for gap in hop.gaps))
