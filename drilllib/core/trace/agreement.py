"""
The model held against a witness: what really happened to one request, told as a trace.

A witness sees one of the ways that the model says are possible, and only as far as the packet got.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from drilllib.core.rules.rules import Action
from drilllib.core.snapshot.semantics import DOCUMENTED, Semantics
from drilllib.core.trace.answer import Health, Question, Trace
from drilllib.core.trace.blockers import blockers
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.path import Check, Hop, Path, PathOutcome, Rewrite, Symptom
from drilllib.core.trace.verdict import Verdict, symptoms_of, used


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A point where the two disagree: *what* is symptom, path, health or attempts; *seen* and *expected* as text."""

    what: str
    seen: str
    expected: str


def trace_of(
    question: Question, model: Trace, symptom: Symptom, paths: tuple[Path, ...], health: Mapping[str, str] | None = None
) -> Trace:
    """
    What a witness saw, as a trace: one request, its attempts, what blocked them, each target's measured *health*.

    *model* has every path by itself.
    """
    asking = {each.target for each in model.health if each.takes_requests}
    failed = next((path.reason for path in reversed(paths) if path.outcome is not PathOutcome.DELIVERED), None)
    return Trace(
        question=question,
        listener=model.listener,
        verdict=Verdict.REACHABLE if symptom.works else Verdict.UNREACHABLE,
        reason=Reason.DELIVERED if symptom.works else failed or model.reason,
        symptoms=(symptom,),
        paths=paths,
        blockers=blockers(paths),
        health=tuple(
            Health(target=name, predicted="Unknown", observed=found, takes_requests=name in asking)
            for name, found in (health or {}).items()
        ),
    )


def differences(seen: Trace, model: Trace, semantics: Semantics = DOCUMENTED) -> list[Disagreement]:
    """Where what was seen is not among what the model says can be; nothing where the model does not know."""
    found = []
    undetermined = model.verdict is Verdict.UNDETERMINED
    if not undetermined and not any(_can_be(seen.symptoms[0], each) for each in model.symptoms):
        found.append(
            Disagreement("symptom", symptom_text(seen.symptoms[0]), "; ".join(map(symptom_text, model.symptoms)))
        )
    found += _of_paths(seen, model)
    found += _of_health(seen, model)
    return [*found, *_of_attempts(seen, model, semantics)]


def _can_be(seen: Symptom, model: Symptom) -> bool:
    """The model names the longest wait; a request that is lucky with its first targets waits less."""
    if (seen.kind, seen.status) != (model.kind, model.status):
        return False
    return seen.seconds == model.seconds or (seen.seconds or 0) < (model.seconds or 0)


def _of_paths(seen: Trace, model: Trace) -> Iterator[Disagreement]:
    """Without a listener the model has no path at all, and a witness sees the packet at the CLB and no further."""
    for path in seen.paths:
        fits = any(_agree(path, each) for each in model.paths) if model.paths else path.target is None
        if not fits:
            expected = "; ".join(dict.fromkeys(path_text(each) for each in model.paths)) or "no target"
            yield Disagreement("path", path_text(path), expected)


def _of_health(seen: Trace, model: Trace) -> Iterator[Disagreement]:
    """A prediction that is Unknown fits whatever was measured."""
    measured = {each.target: each.observed for each in seen.health}
    for each in model.health if measured else ():
        if measured.get(each.target) != each.predicted != "Unknown":
            yield Disagreement(
                "health", f"{each.target} {measured.get(each.target)}", f"{each.target} {each.predicted}"
            )


def _of_attempts(seen: Trace, model: Trace, semantics: Semantics) -> Iterator[Disagreement]:
    """Each target in use is tried once at most, until one takes the request; what the client met follows from them."""
    tried = [path.target for path in seen.paths if path.target is not None]
    if not tried or model.listener is None or not seen.health:
        return
    takes_requests = {path.target for path in model.paths}
    in_use = used({each.target: each.observed or "" for each in seen.health if each.target in takes_requests})
    enough = len(tried) == 1
    if model.listener.layer == 7:
        enough = set(tried) == in_use or seen.paths[-1].outcome is PathOutcome.DELIVERED
    if len(set(tried)) < len(tried) or not set(tried) <= in_use or not enough:
        yield Disagreement("attempts", ", ".join(tried), f"each once, of {', '.join(sorted(in_use))}")
    expected = _followed(seen.paths, model, model.listener.layer, semantics)
    if seen.symptoms[0] != expected:
        yield Disagreement("attempts", symptom_text(seen.symptoms[0]), f"{symptom_text(expected)} after these attempts")


def _followed(attempts: tuple[Path, ...], model: Trace, layer: int, semantics: Semantics) -> Symptom:
    """What a client meets after these attempts: the last one decides, and each silent one costs layer 7 its timeout."""
    transport = model.question.protocol or "TCP"
    last = {frozenset({attempts[-1].outcome}): 1}
    (meets,) = symptoms_of(layer, transport, last, last, semantics)
    silent = sum(path.outcome is PathOutcome.DROPPED for path in attempts)
    return replace(meets, seconds=semantics.connect_timeout_s * silent) if layer == 7 else meets


def _agree(seen: Path, model: Path) -> bool:
    """Did the packet go the way of the model's path, as far as it got?"""
    real = [hop for hop in model.hops if not hop.hypothetical]
    if seen.target is not None and (seen.target, seen.endpoint) != (
        model.target,
        model.endpoint if seen.endpoint else None,
    ):
        return False
    if len(seen.hops) > len(real) or not all(_same(*pair) for pair in zip(seen.hops, real, strict=False)):
        return False
    passed = seen.hops if seen.outcome is PathOutcome.DELIVERED else seen.hops[:-1]
    if not all(_as_much(*pair) for pair in zip(passed, real, strict=False)):
        return False
    ends = {model.end(unknown_passes=passes)[0] for passes in (True, False)}
    ends.add(model.end(unknown_passes=True, refuses=True)[0])
    return seen.end()[0] in ends if seen.target is not None or len(real) == 1 else seen.end()[0] is PathOutcome.DROPPED


def _same(seen: Hop, model: Hop) -> bool:
    if (seen.hop, seen.name, seen.address, seen.port) != (model.hop, model.name, model.address, model.port):
        return False
    ours, theirs = list(_asked(seen)), list(_asked(model))
    if seen.problem != model.problem and seen.problem is not None and model.gap is None:
        return False
    if not all(any(_covers(each, rewrite) for each in model.rewrites) for rewrite in seen.rewrites):
        return False
    return len(ours) <= len(theirs) and all(_fits(*pair) for pair in zip(ours, theirs, strict=False))


def _as_much(seen: Hop, model: Hop) -> bool:
    """Was everything asked and rewritten, at a hop that the packet passed?"""
    kinds, expected = ({each.kind for each in hop.rewrites} for hop in (seen, model))
    return len(seen.checks) == len(model.checks) and kinds == expected


def _asked(hop: Hop) -> Iterator[Check]:
    """The checks up to the first that ended it."""
    for check in hop.checks:
        yield check
        if check.action is Action.DROP:
            return


def _facts(check: Check) -> tuple[object, ...]:
    return check.direction, check.protocol, check.port, check.action, check.reason, check.group, check.policy_index


def _fits(seen: Check, model: Check) -> bool:
    if not model.peer.holds(seen.peer):
        return False
    if model.action is Action.UNDETERMINED:
        return _facts(seen)[:3] == _facts(model)[:3]
    return _facts(seen) == _facts(model)


def _covers(model: Rewrite, seen: Rewrite) -> bool:
    """Is what was written one of those that the model names?"""
    if seen.kind != model.kind:
        return False
    return model.source.holds(seen.source) if model.source and seen.source else seen.after == model.after


def path_text(path: Path) -> str:
    """A path on one line: each hop with what its groups said."""
    return " -> ".join(_hop_text(hop) for hop in path.hops if not hop.hypothetical)


def _hop_text(hop: Hop) -> str:
    said = [
        f"{each.direction} {each.protocol} {each.peer} {each.port}: {each.action} "
        f"{f'{each.group}[{each.policy_index}]' if each.group else each.reason}"
        for each in hop.checks
    ]
    return f"{hop.name} {', '.join([*said, *([hop.problem] if hop.problem else [])]) or '-'}"


def symptom_text(symptom: Symptom) -> str:
    """A symptom in few words."""
    after = "" if symptom.seconds is None else f" after {symptom.seconds:g} s"
    return f"{symptom.kind}{f' {symptom.status}' if symptom.status else ''}{after}"
