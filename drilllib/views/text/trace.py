"""Traces, rules and the cloud's own listings as text. Everything is read from the same Trace and Snapshot."""

import unicodedata
from collections.abc import Iterable, Sequence

from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Action, Decision, Rule
from drilllib.core.trace.answer import Health, Question, Trace
from drilllib.core.trace.curl import REASONS
from drilllib.core.trace.path import Blocker, Outcome, Path, Symptom
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import printable
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import facts_text
from drilllib.views.text.hops import check_text, hop_lines


def trace_text(trace: Trace, language: str) -> str:
    """The whole answer: headline, every path hop by hop, health, blockers, assumptions."""
    lines = [
        headline(trace, language),
        say(language, trace.verdict) + f"  [{trace.reason}: {say(language, trace.reason)}]",
    ]
    lines += _finding_lines(trace, language)
    for number, path in enumerate(trace.paths, start=1):
        lines += ["", *path_lines(trace, path, number, language)]
    lines += ["", *_foot(trace, language)]
    return "\n".join(lines)


def headline(trace: Trace, language: str) -> str:
    """Who asked what, and what they met."""
    request = request_text(trace.question)
    symptom = symptoms_text(trace, language)
    return say(language, "headline", request=request, client=trace.question.client, symptom=symptom)


def request_text(question: Question) -> str:
    """The request as one would send it."""
    host = question.host or question.vip or question.service or "?"
    if question.protocol == "UDP":
        return f"UDP {at(host, question.port)}"
    bracketed = f"[{host}]" if ":" in host else host
    port = "" if question.port in (None, 443 if question.scheme == "https" else 80) else f":{question.port}"
    path = "" if question.path == "/" else question.path
    return f"curl -I {question.scheme or 'http'}://{bracketed}{port}{path}"


def symptoms_text(trace: Trace, language: str) -> str:
    """What the client meets; every possibility where there are several."""
    if not trace.symptoms:
        return say(language, "undetermined")
    texts = [symptom_text(symptom, language) for symptom in trace.symptoms]
    if trace.verdict is Verdict.INTERMITTENT:
        return say(language, "comma").join(say(language, "sometimes", what=text) for text in texts)
    if trace.verdict is Verdict.REACHABLE and len(texts) > 1:
        key = "maybe_slow" if trace.gaps else "slow"
        return say(language, key, what=texts[-1], seconds=trace.symptoms[0].seconds)
    return say(language, "or").join(texts)


def symptom_text(symptom: Symptom, language: str) -> str:
    """One symptom in a few words."""
    if symptom.status is None:
        return say(language, "refused_symptom" if symptom.kind == "refused" else symptom.kind)
    what = f"{symptom.status} {REASONS[symptom.status]}"
    return say(language, "after", what=what, seconds=symptom.seconds) if symptom.seconds else what


def path_lines(trace: Trace, path: Path, number: int, language: str) -> list[str]:
    """One path: its name, then a numbered line for each hop with its checks and rewrites below."""
    title = say(
        language,
        "path",
        number=number,
        count=len(trace.paths),
        target=path.target or say(language, "no_endpoint"),
        health=health_of(trace, path, language),
        endpoint=path.endpoint or say(language, "no_endpoint"),
        outcome=say(language, path.outcome) + say(language, "idle") * (path.target in trace.idle_targets),
    )
    lines = [title, f"  1  {padded(say(language, 'client'), 9)} {trace.question.client}"]
    for place, hop in enumerate(path.hops, start=2):
        protocol = f" {trace.listener.protocol}" if hop.hop == "clb" and trace.listener else ""
        note = f"  {say(language, 'not_reached')}" if hop.hypothetical else ""
        where = f"{hop.name} {at(hop.address, hop.port)}{protocol}"
        lines.append(f"  {place}  {padded(say(language, hop.hop), 9)} {where}{note}")
        lines += [f"       {line}" for line in hop_lines(trace, hop, language)]
    return lines


def health_of(trace: Trace, path: Path, language: str) -> str:
    """The health of the path's target, as the CLB sees it where that was read, else as predicted."""
    return say(language, trace.health_of_targets.get(path.target or "", "Unknown"))


def blocker_text(blocker: Blocker, language: str) -> str:
    """Where, which group and rule, and whether it hides behind another."""
    behind = say(language, "behind") if blocker.hypothetical else ""
    place = {"hop": say(language, blocker.hop), "name": blocker.name, "behind": behind}
    if blocker.check is None:
        return say(language, "blocker", what=say(language, blocker.reason), **place)
    group = say(language, f"group_of_{blocker.hop}")
    return say(language, "blocking_group", what=check_text(blocker.check, language), group=group, **place)


def health_text(trace: Trace, language: str) -> str:
    """Each target's health on one line; where what was observed is not what was predicted, both."""
    return say(language, "health", entries=", ".join(_health_entry(each, language) for each in trace.health))


def _health_entry(health: Health, language: str) -> str:
    state = say(language, health.observed or health.predicted)
    if health.observed in (None, health.predicted):
        return say(language, "health_entry", target=health.target, state=state)
    predicted = say(language, health.predicted)
    return say(language, "health_differs", target=health.target, state=state, predicted=predicted)


def _probe_lines(trace: Trace, language: str) -> Iterable[str]:
    """Why a target is predicted Dead, where no client's path tells."""
    told = {blocker.check for blocker in trace.blockers}
    for health in trace.health:
        if health.blocker and health.blocker.check not in told:
            what = blocker_text(health.blocker, language)
            yield say(language, "probe_blocked", target=health.target, what=what)


def decision_text(decision: Decision, language: str) -> str:
    """One line for `drill decide`."""
    if decision.action is Action.UNDETERMINED:
        return say(language, "decided_by_unknown", facts=facts_text(decision.unresolved, language))
    if decision.rule is None:
        return say(language, "decided_by_default", action=decision.action)
    place = f"{decision.group} {decision.direction}[{decision.policy_index}]"
    return f"{decision.action}: {place} {decision.rule.text}"


def rules_text(group_id: str, direction: str, rules: Sequence[Rule], language: str) -> str:
    """A group's list, numbered from the top, with the deny that ends every list."""
    lines = [f"{group_id} {say(language, direction)}"]
    lines += [f"  [{index}] {rule.text}{_note(rule)}" for index, rule in enumerate(rules)]
    return "\n".join([*lines, f"  [-] {say(language, 'implicit')}"])


def _note(rule: Rule) -> str:
    """What somebody wrote beside the rule."""
    note = rule.policy.get("PolicyDescription")
    return f"  # {printable(note)}" if isinstance(note, str) and note else ""


def _finding_lines(trace: Trace, language: str) -> list[str]:
    """What else is worth knowing, before the details: it may change how they are read."""
    if not trace.findings:
        return []
    lines = [f"  {each.code}: {say(language, each.code, where=each.where, **each.facts)}" for each in trace.findings]
    return [say(language, "findings"), *lines]


def _foot(trace: Trace, language: str) -> Iterable[str]:
    if trace.health:
        yield health_text(trace, language)
        states = set(trace.health_of_targets.values())
        if states == {"Dead"}:
            yield say(language, "all_dead")
        yield from _probe_lines(trace, language)
    if trace.blockers:
        yield say(language, "blockers")
        yield from (
            f"  {number}. {blocker_text(each, language)}" for number, each in enumerate(trace.blockers, start=1)
        )
    elif not any(path.outcome is Outcome.UNDETERMINED for path in trace.paths) and trace.paths:
        yield say(language, "no_blockers")
    if trace.gaps:
        yield say(language, "missing", gaps=facts_text(trace.gaps, language))
    if trace.assumptions:
        yield say(language, "assumed")
        yield from (f"  {code}: {say(language, code)}" for code in trace.assumptions)


def columns(text: str) -> int:
    """How many terminal columns *text* takes: East Asian wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def padded(text: str, width: int) -> str:
    """*text* filled with spaces to *width* columns."""
    return text + " " * max(0, width - columns(text))
