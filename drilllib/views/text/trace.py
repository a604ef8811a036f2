"""A trace as text, hop by hop."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from drilllib.core.connection.question import Connection
from drilllib.core.rules.addresses import at
from drilllib.core.trace.answer import Health, Question, Trace
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.codes import Assumption, HopKind, Reason
from drilllib.core.trace.curl import status_text
from drilllib.core.trace.findings import Finding
from drilllib.core.trace.path import Path, PathOutcome, Symptom, SymptomKind
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import printable, quoted
from drilllib.quoting import Option, line_to_paste, shell_line, terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import facts_text
from drilllib.views.text.columns import padded
from drilllib.views.text.hops import check_text, group_text, hop_address, hop_lines, is_on_node_network

_T = TypeVar("_T")
LinesOf = Callable[[Trace, Path, int, str], list[str]]
PATH_LINES = 70  # of all paths together; where they need more, those that fail are told first
LISTED = 12  # of blockers and findings, and of the causes of failing probes, so many are told one by one


def trace_text(trace: Trace, language: str, *, whole: bool = False) -> str:
    """The answer: headline, paths hop by hop, health, blockers, assumptions; *whole*: however long that is."""
    lines = [headline(trace, language), verdict_text(trace, language), *_finding_lines(trace, language, whole=whole)]
    lines += all_path_lines(trace, path_lines, language, whole=whole)
    lines += ["", *_health_lines(trace, language), *_blocker_lines(trace, language, whole=whole)]
    lines += gap_lines(trace, language, whole=whole)
    return terminal_text([*lines, *assumption_lines(trace.assumptions, language)])


def gap_lines(trace: Trace, language: str, *, whole: bool) -> list[str]:
    """The facts that are missing."""
    if not trace.gaps:
        return []
    told, more = _first(trace.gaps, whole=whole)
    return [say(language, "missing", gaps=facts_text(told, language)), *_more_lines(more, language)]


def headline(trace: Trace, language: str) -> str:
    """Who sent which request, and the symptom."""
    request = request_text(trace.question)
    symptom = symptoms_text(trace, language)
    return say(language, "headline", request=request, client=trace.question.client, symptom=symptom)


def verdict_text(trace: Trace, language: str) -> str:
    """The verdict and its reason, in words and as a code."""
    return f"{say(language, trace.verdict)}  [{trace.reason}: {reason_text(trace, language)}]"


def reason_text(trace: Trace, language: str) -> str:
    """The reason in words; a pod on its node's own network has no interface that could drop anything."""
    stops = [each for each in trace.blockers if each.hop is HopKind.POD and each.check and not each.hypothetical]
    if trace.reason is Reason.POD_GROUP_DROPPED and stops and all(map(is_on_node_network, stops)):
        return say(language, "pods_node_dropped")
    return say(language, trace.reason)


def request_text(question: Question) -> str:
    """The request as a command that sends it; the URL alone where that cannot be pasted, a connection by its door."""
    if isinstance(question, Connection):
        return question.label
    host = question.host or question.vip or question.service or "?"
    if question.protocol == "UDP":
        return f"UDP {at(host, question.port)}"
    bracketed = f"[{host}]" if ":" in host else host
    scheme = question.scheme or ("https" if question.port == 443 else "http")  # no listener tells it
    port = "" if question.port in (None, 443 if scheme == "https" else 80) else f":{question.port}"
    path = "" if question.path == "/" else question.path
    url = f"{scheme}://{bracketed}{port}{path}"
    literally = (Option("-g"),) if set("{}[]") & set(f"{host}{path}") else ()  # else curl takes them for patterns
    command = line_to_paste(shell_line(("curl", Option("-I"), *literally, url)))
    return command if isinstance(command, str) else quoted(url)


def symptoms_text(trace: Trace, language: str) -> str:
    """What the client sees; all possibilities if there are several."""
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
        return say(language, "refused_symptom" if symptom.kind is SymptomKind.REFUSED else symptom.kind)
    what = status_text(symptom.status or 0)
    return say(language, "after", what=what, seconds=symptom.seconds) if symptom.seconds else what


def all_path_lines(trace: Trace, lines_of: LinesOf, language: str, *, whole: bool) -> list[str]:
    """Every path as *lines_of* it, or as many as there is room for: failing ones before others, one at least."""
    urgent = sorted(range(len(trace.paths)), key=lambda place: trace.paths[place].outcome is PathOutcome.DELIVERED)
    texts: dict[int, list[str]] = {}
    for place in urgent:
        lines = ["", *lines_of(trace, trace.paths[place], place + 1, language)]
        if texts and not whole and sum(map(len, (*texts.values(), lines))) > PATH_LINES:
            break
        texts[place] = lines
    left = sum(path.count for place, path in enumerate(trace.paths) if place not in texts)
    note = ["", say(language, "paths_left", kinds=len(trace.paths) - len(texts), count=left)] if left else []
    return [line for place in sorted(texts) for line in texts[place]] + note


def _first(items: Sequence[_T], *, whole: bool) -> tuple[Sequence[_T], int]:
    """The first few, and how many more there are."""
    told = items if whole else items[:LISTED]
    return told, len(items) - len(told)


def _more_lines(count: int, language: str) -> list[str]:
    return [f"  {say(language, 'and_more', count=count)}"] if count else []


def path_lines(trace: Trace, path: Path, number: int, language: str) -> list[str]:
    """One path: its title, then a numbered line for each hop with its checks and rewrites below."""
    client = f"  1  {padded(say(language, 'client'), 9)} {trace.question.client}"
    lines = [_path_title(trace, path, number, language), *_like_lines(path, language), client]
    for place, hop in enumerate(path.hops, start=2):
        note = f"  {say(language, 'not_reached')}" if hop.hypothetical else ""
        where = f"{hop.name} {hop_address(trace, hop)}{note}"
        label = say(language, "own_node" if place == 2 and hop.hop is HopKind.NODE else hop.hop)
        lines.append(f"  {place}  {padded(label, 9)} {where}")
        lines += [f"       {line}" for line in hop_lines(trace, hop, language)]
    return lines


def _path_title(trace: Trace, path: Path, number: int, language: str) -> str:
    if path.hops[0].hop is not HopKind.CLB:
        facts = {"endpoint": path.endpoint or say(language, "no_endpoint"), "number": number}
        outcome = outcome_text(trace, path, language)
        return say(language, "path_on_own_node", count=len(trace.paths), outcome=outcome, **facts)
    return say(
        language,
        "path",
        number=number,
        count=len(trace.paths),
        target=path.target or say(language, "no_endpoint"),
        health=health_of(trace, path, language),
        endpoint=path.endpoint or say(language, "no_endpoint"),
        outcome=outcome_text(trace, path, language),
    )


def _like_lines(path: Path, language: str) -> list[str]:
    """What else the path stands for."""
    kinds = (("more_targets", path.targets, path.like), ("more_endpoints", path.endpoints, path.like_endpoints))
    others = [
        say(language, key, count=count - 1, names=_names(names, count - 1)) for key, count, names in kinds if count > 1
    ]
    told = say(language, "comma").join(others)
    return [f"  {say(language, 'paths_alike', others=told, count=path.count)}"] if others else []


def _names(names: Sequence[str], count: int) -> str:
    """Some names of *count* things."""
    shown = names[:3]
    return ", ".join(shown) + (", ..." if count > len(shown) else "")


def outcome_text(trace: Trace, path: Path, language: str) -> str:
    """How the path ends, and whether its target gets no requests."""
    return say(language, path.outcome) + (say(language, "idle") if path.target in trace.idle_targets else "")


def health_of(trace: Trace, path: Path, language: str) -> str:
    """The health of the path's target: as the CLB reported it if that was read, otherwise as predicted."""
    return say(language, trace.health_of_targets.get(path.target or "", "Unknown"))


def blocker_text(blocker: Blocker, language: str) -> str:
    """The place, the group and rule, and whether another blocker comes first."""
    behind = say(language, "behind") if blocker.hypothetical else ""
    place = {"hop": say(language, blocker.hop), "name": blocker.name, "behind": behind}
    text = say(language, "blocker", what=say(language, blocker.reason), **place)
    if blocker.check is not None:
        what, group = check_text(blocker.check, language), group_text(blocker, language)
        text = say(language, "blocking_group", what=what, group=group, **place)
    if blocker.policies:
        what, policies = say(language, blocker.reason), ", ".join(blocker.policies)
        text = say(language, "blocking_policies", what=what, policies=policies, **place)
    more = blocker.count - 1
    return text + (say(language, "blocked_alike", count=more, names=_names(blocker.like, more)) if more else "")


def health_text(trace: Trace, language: str) -> str:
    """The health of all targets on one line; observed and predicted where they differ."""
    entries = (
        say(language, "health_entry", target=target, state=told) for target, _, told in health_rows(trace, language)
    )
    return printable(say(language, "health", entries=", ".join(entries)))


def health_rows(trace: Trace, language: str) -> Iterator[tuple[str, str, str]]:
    """Each target, the code of its state, and the state in words: with what was predicted where that differs."""
    for each in trace.health:
        words = say(language, each.state)
        if each.observed not in (None, each.predicted):
            words = say(language, "health_observed", state=words, predicted=say(language, each.predicted))
        yield target_text(each, language), each.state, words


def target_text(health: Health, language: str) -> str:
    """The target, and how many others that is true of."""
    more = len(health.others)
    return say(language, "target_and_more", target=health.target, count=more) if more else health.target


def _probe_lines(trace: Trace, language: str) -> Iterable[str]:
    """Why a target is predicted Dead, where that is not what clients meet first."""
    listed = {(each.hop, each.name, each.reason, each.check) for each in trace.blockers if not each.hypothetical}
    for health in trace.health:
        stop = health.blocker
        if stop and (stop.hop, stop.name, stop.reason, stop.check) not in listed:
            what = blocker_text(stop, language)
            yield say(language, "probe_blocked", target=target_text(health, language), what=what)


def _finding_lines(trace: Trace, language: str, *, whole: bool) -> list[str]:
    """What else was found. It comes first, because it may change how the details are read."""
    if not trace.findings:
        return []
    told, more = _first(trace.findings, whole=whole)
    lines = (f"  {finding_text(each, language)}" for each in told)
    return [say(language, "findings"), *lines, *_more_lines(more, language)]


def finding_text(finding: Finding, language: str) -> str:
    """One finding, with its code."""
    return printable(f"{finding.code}: {say(language, finding.code, where=finding.where, **finding.facts)}")


def _health_lines(trace: Trace, language: str) -> Iterator[str]:
    if trace.health:
        yield health_text(trace, language)
        if set(trace.health_of_targets.values()) == {"Dead"}:
            yield say(language, "all_dead")
        yield from _probe_lines(trace, language)


def _blocker_lines(trace: Trace, language: str, *, whole: bool) -> Iterator[str]:
    if trace.blockers:
        told, more = _first(trace.blockers, whole=whole)
        yield say(language, "blockers")
        for number, blocker in enumerate(told, start=1):
            yield f"  {number}. {blocker_text(blocker, language)}"
        yield from _more_lines(more, language)
    elif trace.paths and not any(path.outcome is PathOutcome.UNDETERMINED for path in trace.paths):
        yield say(language, "no_blockers")


def assumption_lines(codes: Iterable[Assumption], language: str) -> list[str]:
    """What was assumed, under a title; nothing without assumptions."""
    lines = [f"  {code}: {words}" for code, words in assumption_rows(codes, language)]
    return [say(language, "assumed"), *lines] if lines else []


def assumption_rows(codes: Iterable[Assumption], language: str) -> Iterator[tuple[str, str]]:
    """Each assumption as a code and in words."""
    yield from ((code, say(language, code)) for code in codes)
