"""What lets one source open a connection to a door, in words."""

from collections.abc import Iterator

from drilllib.core.fix.connections import ConnectionFix
from drilllib.core.fix.proposal import Proposal
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.verdict import Verdict
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import fact_text
from drilllib.views.text import steps
from drilllib.views.text.connection import reason_words, stop_text
from drilllib.views.text.fix import proposal_lines, scripts, size_text
from drilllib.views.text.trace import assumption_lines


def fix_connection_text(snapshot: Snapshot, answer: ConnectionFix, language: str) -> str:
    """The whole answer, the decision first and the steps last."""
    return terminal_text(_lines(snapshot, answer, language))


def _lines(snapshot: Snapshot, answer: ConnectionFix, language: str) -> Iterator[str]:
    asked = answer.question
    yield f"{asked.client} -> {asked.label}"
    yield f"  {say(language, 'fix.now')}{_fate(answer.before, language)}"
    if answer.proposals:
        yield f"  {say(language, 'fix.then')}{_fate(answer.after, language)}"
    yield ""
    if not answer.proposals:
        yield from _without_proposal(answer, language)
        return
    if not answer.works:
        is_told = answer.after.verdict is not Verdict.UNDETERMINED
        yield say(language, "fix.not_enough" if is_told else "fix.maybe_enough")
        yield from _left(answer.after, language)
    yield say(language, "fix.stopping")
    yield from dict.fromkeys(f"  {stop_text(each, language)}" for each in answer.before.blockers if each.check)
    yield from _proposed(snapshot, answer, language)
    yield from ("", *assumption_lines(answer.after.assumptions, language))


def _fate(answer: Trace, language: str) -> str:
    return f"{say(language, answer.verdict)} ({reason_words(answer, language)})"


def _without_proposal(answer: ConnectionFix, language: str) -> Iterator[str]:
    if answer.works:
        yield say(language, "fix.nothing", sources=answer.question.client)
    elif answer.gaps or answer.before.verdict is Verdict.UNDETERMINED:
        yield say(language, "fix.undetermined")
        gaps = (*answer.gaps, *answer.before.gaps)
        yield from dict.fromkeys(f"  {fact_text(gap, language)}" for gap in gaps)
    else:
        yield say(language, "fix.not_a_group")
        yield from _left(answer.before, language)


def _left(answer: Trace, language: str) -> list[str]:
    """What still stops the connection, or is not known."""
    stops = [f"  {stop_text(each, language)}" for each in answer.blockers]
    gaps = [f"  {fact_text(gap, language)}" for gap in answer.gaps]
    return list(dict.fromkeys((*stops, *gaps))) or [f"  [{answer.reason}] {say(language, answer.reason)}"]


def _proposed(snapshot: Snapshot, answer: ConnectionFix, language: str) -> Iterator[str]:
    best, *others = answer.proposals
    yield from ("", say(language, "fix.smallest", size=size_text(best, language)))
    yield from proposal_lines(snapshot, best, answer.stops, language)
    yield say(language, "fix.addresses_of_today")
    yield say(language, "fix.only_here")
    for title, lines in scripts(snapshot, best, language).items():
        yield from (title, *(f"  {line}" for line in lines))
    for other in others:
        yield from _other(snapshot, other, answer, language)


def _other(snapshot: Snapshot, other: Proposal, answer: ConnectionFix, language: str) -> Iterator[str]:
    yield from ("", say(language, "fix.instead", size=size_text(other, language)))
    yield from proposal_lines(snapshot, other, answer.stops, language)
    yield from (f"  {line}" for line in steps.command_lines(snapshot, other, language))
