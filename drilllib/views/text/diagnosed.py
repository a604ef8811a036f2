"""What comes beside a diagnosis: a table of many, a real request held against it, what changed since the last."""

from collections import Counter
from collections.abc import Iterator, Sequence

from drilllib.core.diagnosis.answer import Diagnosis
from drilllib.core.diagnosis.changes import Change, ChangeKind
from drilllib.core.diagnosis.observation import Comparison
from drilllib.core.rules.addresses import at
from drilllib.core.trace.path import Symptom, SymptomKind
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import printable
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import fact_text
from drilllib.views.text import trace
from drilllib.views.text.columns import table

COLUMNS = ("service", "place", "client", "verdict", "why")


def observed_lines(compared: Comparison | None, language: str) -> Iterator[str]:
    """What a real request met, whether that was predicted, and what it tells; nothing where none was sent."""
    if compared is None:
        return
    seen = compared.observation
    facts = {"source": seen.source or "?", "symptom": _met(seen.symptom, language)}
    if compared.agrees:
        yield say(language, "diagnose.observed_agrees", **facts)
    else:
        suspects = ", ".join(compared.suspects) or say(language, "diagnose.nothing")
        yield say(language, "diagnose.observed_differs", suspects=suspects, **facts)
        yield from (f"  {code}: {say(language, code)}" for code in compared.suspects)
    for unknown, passes in compared.tells:
        what = fact_text(unknown.gap, language)
        yield "  " + (
            say(language, "diagnose.tells_passes", what=what)
            if passes
            else say(language, "diagnose.tells_stops", what=what)
        )


def _met(symptom: Symptom, language: str) -> str:
    """A symptom that was met, of which some no request is predicted to meet."""
    if symptom.kind is SymptomKind.RESET:
        return say(language, "diagnose.met_reset")
    if symptom.kind is SymptomKind.OTHER:
        return say(language, "diagnose.met_other")
    return trace.symptom_text(symptom, language)


def change_lines(found: Sequence[Change], language: str) -> Iterator[str]:
    """What is otherwise than at the last look."""
    for each in found:
        facts = {"service": each.service, "client": each.client}
        if each.kind is ChangeKind.VERDICT:
            now, then = (say(language, f"diagnose.is_{verdict}") for verdict in (each.before, each.after))
            yield say(language, "diagnose.changed_verdict", before=now, after=then, **facts)
        elif each.kind is ChangeKind.STOP:
            old, new = (trace.blocker_text(one, language) if one else "-" for one in each.stops)
            yield say(language, "diagnose.changed_stop", before=old, after=new, **facts)
        elif each.kind is ChangeKind.HEALTH:
            states = {"before": say(language, each.before), "after": say(language, each.after)}
            yield say(language, "diagnose.changed_health", **states, **facts)
        elif each.kind is ChangeKind.KNOWN:
            yield say(language, "diagnose.changed_known", what=each.before, service=each.service)
        else:
            yield say(language, "diagnose.changed_unknown", what=each.after, service=each.service)


def summary_lines(found: Sequence[Diagnosis], language: str) -> Iterator[str]:
    """A table of many diagnoses, a line each, and how many of them fare how."""
    heads = tuple(say(language, f"diagnose.col_{name}") for name in COLUMNS)
    yield from table([heads, *(summary_row(each, language) for each in found)])
    counts = Counter(each.verdict for each in found)
    told = (f"{say(language, f'diagnose.is_{verdict}')} {count}" for verdict, count in counts.items())
    yield from ("", say(language, "comma").join(told))
    yield from dict.fromkeys(note for each in found for note in _notes(each, language))


def _notes(found: Diagnosis, language: str) -> Iterator[str]:
    """What the first screen of that diagnosis says of its Service besides."""
    name = found.question.service or ""
    if found.odd_type:
        yield printable(say(language, "diagnose.note", service=name, note=odd_type_text(found, language)))
    if found.other_vips:
        note = say(language, "diagnose.other_addresses", vips=", ".join(found.other_vips))
        yield printable(say(language, "diagnose.note", service=name, note=note))


def odd_type_text(found: Diagnosis, language: str) -> str:
    """That its Service is of another type than its load balancer lets expect."""
    return say(language, "diagnose.odd_type", type=found.odd_type)


def summary_row(found: Diagnosis, language: str) -> tuple[str, ...]:
    """One line of a table of many Services: name, place, clients, verdict, and what stops the one who fares worst."""
    client, question = found.worst, found.question
    stop = client.stop
    why = (f"{stop.name}: " if stop else "") + trace.reason_text(client.answer, language)
    place = at(question.vip, question.port) if question.vip and question.port else question.vip or "-"
    told = "-" if client.answer.verdict is Verdict.REACHABLE else why
    return question.service or "-", place, client.address, say(language, f"diagnose.is_{found.verdict}"), told
