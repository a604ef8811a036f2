"""A diagnosis in words: a first screen of ten lines that says it all, then the details."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from drilllib.core.diagnosis.answer import Client, Diagnosis
from drilllib.core.diagnosis.observation import Comparison
from drilllib.core.diagnosis.unknowns import Result, Unknown
from drilllib.core.fix.answer import Fix
from drilllib.core.fix.calls import commands, kubectl_lines
from drilllib.core.rules.addresses import at
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.path import Hop, Path, PathOutcome
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import Message
from drilllib.quoting import line_to_paste, terminal_text
from drilllib.views.phrases.catalog import error_text, said, say
from drilllib.views.phrases.facts import fact_text
from drilllib.views.phrases.gaps import gap_reason
from drilllib.views.text import steps, trace
from drilllib.views.text.causes import cause_text, way_lines
from drilllib.views.text.columns import columns, padded
from drilllib.views.text.diagnosed import observed_lines, odd_type_text
from drilllib.views.text.fix import besides, sections

ROWS = ("sees", "path", "stops", "probes", "found", "change", "run", "way", "opens", "assumed", "unknown", "next")
MARKS = ("passes", "stops", "unknown", "unreached")
FEW = 2  # commands, changes and clients that the first screen names; of more it says how many


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the first screen: what it is about, in a word, and what is so. *is_code*: it can be pasted."""

    label: str
    text: str
    is_code: bool = False


def diagnosis_text(snapshot: Snapshot, found: Diagnosis, language: str, compared: Comparison | None = None) -> str:
    """
    The first screen, then what it rests on; no name in it can end a line or begin one.

    *compared* is a real request of the client who fares worst.
    """
    lines = [*screen_lines(snapshot, found, language), *observed_lines(compared, language)]
    return terminal_text([*lines, *_details(snapshot, found, language)])


def screen_lines(snapshot: Snapshot, found: Diagnosis, language: str) -> Iterator[str]:
    """The first screen: the title, and a line for each row."""
    rows = [*screen(snapshot, found, language)]
    width = max(columns(row.label) for row in rows)
    yield title(found, language)
    yield from (f"{padded(row.label, width)}  {'$ ' if row.is_code else ''}{row.text}" for row in rows)


def title(found: Diagnosis, language: str) -> str:
    """Which Service at which port, and how requests to it fare."""
    answer, question = found.worst.answer, found.question
    place = at(question.vip, question.port) if question.vip and question.port else question.vip or ""
    name = " ".join(dict.fromkeys(each for each in (question.service, place) if each))
    return say(language, "diagnose.title", name=name, verdict=say(language, answer.verdict), reason=answer.reason)


def screen(snapshot: Snapshot, found: Diagnosis, language: str) -> Iterator[Row]:
    """What the client sees, where it stops and why, what to change, what that opens, what is assumed, what unknown."""
    yield _row("sees", _seen(found, language), language)
    yield from _stop_rows(found, language)
    if found.odd_type:
        yield _row("found", odd_type_text(found, language), language)
    yield from _repair_rows(snapshot, found, language)
    yield _row("assumed", _assumed(found, language), language)
    yield _row("unknown", _unknown_in_short(found, language), language)
    for look in found.looks[:1]:
        line = line_to_paste(look.line(snapshot))
        yield _row("next", said(line, language), language, is_code=isinstance(line, str))


def _assumed(found: Diagnosis, language: str) -> str:
    taken = found.assumptions
    if not taken:
        return say(language, "diagnose.nothing")
    named = ", ".join(taken[:FEW]) + (", ..." if len(taken) > FEW else "")
    return say(language, "diagnose.assumptions", count=len(taken), named=named)


def _row(name: str, text: str, language: str, *, is_code: bool = False) -> Row:
    return Row(say(language, f"diagnose.row_{name}"), text, is_code)


def _seen(found: Diagnosis, language: str) -> str:
    """What the client who fares worst meets, and the others in short."""
    worst = found.worst
    text = trace.headline(_in_short(worst.answer), language)
    others = [each for each in found.clients if each is not worst]
    told = [f"{each.address} {trace.symptoms_text(each.answer, language)}" for each in others[:FEW]]
    more = [say(language, "and_more", count=len(others) - FEW)] if len(others) > FEW else []
    listed = say(language, "diagnose.semicolon").join(told + more)
    return say(language, "diagnose.others", first=text, others=listed) if others else text


def _in_short(answer: Trace) -> Trace:
    """Of many possible symptoms the worst and the best."""
    symptoms = answer.symptoms
    return replace(answer, symptoms=symptoms[:: len(symptoms) - 1]) if len(symptoms) > FEW else answer


def _stop_rows(found: Diagnosis, language: str) -> Iterator[Row]:
    """The path with the place where it stops, and by which rule or other cause."""
    client = found.worst
    path = _path(client)
    if path:
        yield _row("path", path_line(client, path, language), language)
    codes = ", ".join(dict.fromkeys(each.code for each in found.findings))
    probes = [each.blocker for each in client.answer.health if each.blocker]
    if client.stop and client.answer.verdict is not Verdict.REACHABLE:
        more = len(client.answer.blockers) - 1
        text = trace.blocker_text(client.stop, language)
        text += say(language, "diagnose.more_stops", count=more) if more else ""
        yield _row("stops", text + (say(language, "diagnose.and_found", codes=codes) if codes else ""), language)
    elif client.answer.verdict is not Verdict.REACHABLE:
        yield _row("stops", _may_stop(client, language), language)
    elif probes:
        yield _row("probes", trace.blocker_text(probes[0], language), language)
    if codes and not client.stop:
        yield _row("found", say(language, "diagnose.found", codes=codes), language)


def _may_stop(client: Client, language: str) -> str:
    """Where a missing fact may stop requests; else why the answer is as it is."""
    for each in client.unknown:
        for hop, name in each.at:
            what = fact_text(each.gap, language)
            return say(language, "diagnose.may_stop", hop=say(language, hop), name=name, what=what)
    return f"[{client.answer.reason}] {trace.reason_text(client.answer, language)}"


def _path(client: Client) -> Path | None:
    """The path that shows best how the client fares: of those in use one that fails, where any does."""
    answer = client.answer
    used = [each for each in answer.paths if each.target not in answer.idle_targets] or [*answer.paths]
    wanted = PathOutcome.UNDETERMINED if answer.verdict is Verdict.UNDETERMINED else None
    failing = (each for each in used if each.outcome is wanted or (not wanted and _fails(each)))
    return next(failing, next(iter(used), None))


def _fails(path: Path) -> bool:
    return path.outcome in (PathOutcome.DROPPED, PathOutcome.REFUSED)


def path_line(client: Client, path: Path, language: str) -> str:
    """The hops of a path on one line, each with a mark: passes, stops, may stop, or is not reached."""
    told = [f"{say(language, 'client')} {client.address}"]
    for hop in path.hops:
        mark = say(language, f"diagnose.hop_{_mark(hop)}")
        told.append(f"{say(language, hop.hop)} {hop.name}{mark}")
    return " -> ".join(told)


def _mark(hop: Hop) -> str:
    if hop.hypothetical:
        return "unreached"
    best, worst = hop.end(unknown_passes=True), hop.end(unknown_passes=False)
    if best is None or best[0] is PathOutcome.DELIVERED:
        return "passes" if worst is None or worst[0] is PathOutcome.DELIVERED else "unknown"
    return "unknown" if best[0] is PathOutcome.UNDETERMINED else "stops"


def _repair_rows(snapshot: Snapshot, found: Diagnosis, language: str) -> Iterator[Row]:
    """The one change to make, as a command where there is one, and what else it would let in."""
    repair = found.repair
    refused = say(language, "diagnose.no_change", why=error_text(found.no_repair, language)) if found.no_repair else ""
    if repair is None:
        nothing = found.verdict is Verdict.REACHABLE
        yield _row("change", say(language, "diagnose.nothing_to_change") if nothing else refused, language)
        return
    told = [_change(snapshot, repair, language)]
    if found.no_repair and found.verdict is not Verdict.REACHABLE:
        told += [say(language, "diagnose.no_change_for_some", why=error_text(found.no_repair, language))]
    yield _row("change", say(language, "diagnose.semicolon").join(told), language)
    if not repair.proposals:
        ways = [line for cause in repair.causes_left for line in way_lines(cause)]
        yield from (_row("way", said(each, language), language, is_code=isinstance(each, str)) for each in ways[:FEW])
        return
    lines = [line_to_paste(each) for each in _commands(snapshot, repair)]
    for line in lines[:1]:
        label = say(language, "diagnose.row_run_of" if len(lines) > 1 else "diagnose.row_run", count=len(lines))
        yield Row(label, said(line, language), isinstance(line, str))
    opens = besides(repair.best, language)
    of_groups = repair.best.changes or repair.best.orders  # other interfaces may have them, which nobody has read
    yield _row("opens", say(language, "diagnose.of_what_was_read", what=opens) if of_groups else opens, language)


def _commands(snapshot: Snapshot, repair: Fix) -> list[str | Message]:
    return [*kubectl_lines(repair.best), *commands(snapshot, repair.best)]


def _change(snapshot: Snapshot, repair: Fix, language: str) -> str:
    if not repair.proposals:
        if repair.works:
            return say(language, "diagnose.nothing_to_change")
        left = [cause_text(each, language) for each in repair.causes_left]
        untold = repair.gaps or repair.verdict is Verdict.UNDETERMINED
        if left:
            return say(language, "diagnose.no_change", why=say(language, "diagnose.semicolon").join(left[:FEW]))
        return say(language, "diagnose.unknown_change" if untold else "diagnose.no_change_of_ours")
    best = repair.best
    told = [steps.step_text(each, language) for each in best.steps]
    told += [str(steps.sentence(snapshot, each, language)) for each in best.changes]
    more = say(language, "diagnose.more_changes", count=len(told) - FEW) if len(told) > FEW else ""
    count = len(_commands(snapshot, repair))
    more += say(language, "diagnose.more_commands", count=count) if count > 1 else ""
    enough = "" if repair.works else say(language, "diagnose.not_enough")
    if not repair.works and repair.verdict is Verdict.UNDETERMINED:
        enough = say(language, "diagnose.maybe_enough")
    return say(language, "diagnose.semicolon").join(told[:FEW]) + more + enough


def _unknown_in_short(found: Diagnosis, language: str) -> str:
    """The first fact that decides, else that none does; and what could not be read, and why."""
    told = _deciding(found, language)
    if found.other_vips:
        others = say(language, "diagnose.other_addresses", vips=", ".join(found.other_vips))
        told = say(language, "diagnose.semicolon").join((told, others))
    for what, why in found.unread[:1]:
        facts = {"count": len(found.unread), "what": what, "why": gap_reason(why, language)}
        told += say(language, "diagnose.and_unread", **facts) + (", ..." if len(found.unread) > 1 else "")
    return told


def _deciding(found: Diagnosis, language: str) -> str:
    deciding, after = [each for each in found.unknown if each.decides], found.open_after
    if after and not deciding:
        more = say(language, "diagnose.more_unknown", count=len(after) - 1) if len(after) > 1 else ""
        return say(language, "diagnose.open_after", what=fact_text(after[0], language)) + more
    if not deciding:
        count = len(found.unknown)
        return say(language, "diagnose.none_decides", count=count) if count else say(language, "diagnose.all_known")
    more = say(language, "diagnose.more_unknown", count=len(found.unknown) - 1) if len(found.unknown) > 1 else ""
    return unknown_text(deciding[0], language) + more


def unknown_text(unknown: Unknown, language: str) -> str:
    """A missing fact, and how requests fare if it is one way or the other."""
    what = fact_text(unknown.gap, language)
    if unknown.if_passes is None or unknown.if_stops is None:
        return say(language, "diagnose.unknown_alone", what=what)
    if unknown.if_passes.verdict is unknown.if_stops.verdict is Verdict.UNDETERMINED:
        return say(language, "diagnose.unknown_among", what=what)
    passes, stops = (_result_text(each, language) for each in (unknown.if_passes, unknown.if_stops))
    if not unknown.decides and passes == stops:
        return say(language, "diagnose.unknown_either", what=what, result=passes)
    return say(language, "diagnose.unknown_both", what=what, passes=passes, stops=stops)


def _result_text(result: Result, language: str) -> str:
    if result.verdict is Verdict.UNDETERMINED:
        return say(language, "diagnose.still_open")
    texts = [trace.symptom_text(each, language) for each in result.symptoms]
    return say(language, "or").join(dict.fromkeys(texts))


def _details(snapshot: Snapshot, found: Diagnosis, language: str) -> Iterator[str]:
    """Every different answer hop by hop, the repair with its commands, and each missing fact."""
    for client in found.followed():
        yield from ("", say(language, "diagnose.details", client=client.address))
        yield from trace.trace_text(client.answer, language).split("\n")
    if found.repair and (found.repair.proposals or not found.repair.works):
        yield from ("", say(language, "diagnose.repair"))
        yield from repair_lines(snapshot, found.repair, language)
    if found.unknown or found.unread or found.open_after:
        yield from ("", say(language, "diagnose.not_known"))
        yield from (f"  {each}" for each in unknown_lines(snapshot, found, language))


def unknown_lines(snapshot: Snapshot, found: Diagnosis, language: str) -> Iterator[str]:
    """The missing facts with what each could change, what was not read, and the commands that would tell."""
    yield from (unknown_text(each, language) for each in found.unknown)
    yield from (say(language, "diagnose.open_after", what=fact_text(each, language)) for each in found.open_after)
    yield from (
        say(language, "diagnose.unread", what=what, why=gap_reason(why, language)) for what, why in found.unread
    )
    for look in found.looks:
        line = line_to_paste(look.line(snapshot))
        yield f"{'$ ' if isinstance(line, str) else ''}{said(line, language)}"


def repair_lines(snapshot: Snapshot, repair: Fix, language: str) -> Iterator[str]:
    """What `drill fix` says of it, without how the clients fare."""
    for section in sections(snapshot, repair, language):
        yield from ([section.title] if section.title else ())
        yield from section.lines
        yield from (f"  {line}" for line in section.commands)
        for name, lines in section.scripts.items():
            yield from (name, *(f"  {line}" for line in lines))
