"""
The model held against a witness: what really happened to one request, told as a trace.

A witness sees one of the ways that the model says are possible, and only as far as the packet got.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from drilllib.core.answers import Question, Trace
from drilllib.core.evidence import Check, Hop, Outcome, Path, Symptom, blockers
from drilllib.core.requests import Verdict
from drilllib.core.rules import Action
from drilllib.core.semantics import Reason


@dataclass(frozen=True, slots=True)
class Difference:
    """A point where the two disagree: *what* is symptom, path or health; *seen* and *expected* as text."""

    what: str
    seen: str
    expected: str


def trace_of(question: Question, model: Trace, symptom: Symptom, paths: tuple[Path, ...]) -> Trace:
    """What a witness saw, as a trace: one request, its attempts, what blocked them."""
    failed = next((path.reason for path in reversed(paths) if path.outcome is not Outcome.DELIVERED), None)
    return Trace(
        question=question,
        listener=model.listener,
        verdict=Verdict.REACHABLE if symptom.works else Verdict.UNREACHABLE,
        reason=Reason.DELIVERED if symptom.works else failed or model.reason,
        symptoms=(symptom,),
        paths=paths,
        blockers=blockers(paths),
    )


def differences(seen: Trace, model: Trace) -> list[Difference]:
    """Where what was seen is not among what the model says can be; nothing where the model does not know."""
    found = []
    undetermined = model.verdict is Verdict.UNDETERMINED
    if not undetermined and seen.symptoms[0] not in model.symptoms:
        found.append(Difference("symptom", _text(seen.symptoms[0]), "; ".join(map(_text, model.symptoms))))
    for path in seen.paths:
        if not any(_agree(path, each) for each in model.paths):
            expected = "; ".join(dict.fromkeys(path_text(each) for each in model.paths))
            found.append(Difference("path", path_text(path), expected))
    return found


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
    ends = {model.end(unknown_passes=passes)[0] for passes in (True, False)}
    return seen.end()[0] in ends if seen.target is not None or len(real) == 1 else seen.end()[0] is Outcome.DROPPED


def _same(seen: Hop, model: Hop) -> bool:
    if (seen.hop, seen.name, seen.address, seen.port) != (model.hop, model.name, model.address, model.port):
        return False
    ours, theirs = list(_asked(seen)), list(_asked(model))
    said = _rewritten(model)
    if any(kind not in said or not _is_in(after, said[kind]) for kind, after in _rewritten(seen).items()):
        return False
    return len(ours) <= len(theirs) and all(_fits(*pair) for pair in zip(ours, theirs, strict=False))


def _asked(hop: Hop) -> Iterator[Check]:
    """The checks up to the first that ended it."""
    for check in hop.checks:
        yield check
        if check.action is Action.DROP:
            return


def _facts(check: Check) -> tuple[object, ...]:
    return check.direction, check.protocol, check.port, check.action, check.reason, check.group, check.policy_index


def _fits(seen: Check, model: Check) -> bool:
    if not _is_in(seen.peer, model.peer):
        return False
    if model.action is Action.UNDETERMINED:
        return _facts(seen)[:3] == _facts(model)[:3]
    return _facts(seen) == _facts(model)


def _rewritten(hop: Hop) -> dict[str, str]:
    return {each.kind: each.after for each in hop.rewrites}


def _is_in(address: str, place: str) -> bool:
    """Is that the address the model names, or in one of the blocks it names?"""
    if address == place or "/" not in place:
        return address == place
    return any(ip_address(address) in ip_network(each) for each in place.split(", "))


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


def _text(symptom: Symptom) -> str:
    after = "" if symptom.seconds is None else f" after {symptom.seconds:g} s"
    return f"{symptom.kind}{f' {symptom.status}' if symptom.status else ''}{after}"
