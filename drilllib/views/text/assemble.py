"""What saved answers were understood as: tables of what was read, of what was not, and the commands that remain."""

from collections.abc import Iterator, Sequence
from typing import Any

from drilllib.core.capture.assembly import Conflict, Understood
from drilllib.core.capture.saved import Assembled
from drilllib.core.capture.sources import base_name
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import said, say
from drilllib.views.text.columns import table

SCHEMA = "drilllib/assembly/1"
_SHOWN = 3  # sources of one kind; more are counted
_MARGIN = "  "


def assembled_text(found: Assembled, language: str, written: str | None, *, withheld: bool = False) -> str:
    """
    What was read of which files, what was not and why, what disagrees, and the commands for the rest.

    *written* is the snapshot's file, empty where none was written, None where nobody writes one. *withheld* lists the
    fields that were left out.
    """
    if not (found.assembly.understood or found.assembly.gaps or written):
        return terminal_text([say(language, "assemble.missing"), *(said(each, language) for each in found.commands)])
    lines = [
        *_understood(found, language),
        *_block(say(language, "assemble.gaps"), _gaps(found, language)),
        *_block(say(language, "assemble.conflicts"), [_conflict(each, language) for each in found.assembly.conflicts]),
        *_withheld(found, language, in_full=withheld),
        *_block(say(language, "assemble.missing"), [said(each, language) for each in found.commands], margin=""),
        *([say(language, "assemble.no_region")] if found.lacks_region else []),
        *_ending(language, written),
    ]
    return terminal_text(lines)


def _ending(language: str, written: str | None) -> Iterator[str]:
    """Where the snapshot is, or that it is nowhere."""
    if written is not None:
        yield ""
        yield say(language, "assemble.written", path=written) if written else say(language, "assemble.not_written")


def commands_text(found: Assembled, language: str) -> str:
    """The commands for what is missing, and nothing else: for a shell."""
    return terminal_text([said(each, language) for each in found.commands])


def _understood(found: Assembled, language: str) -> Iterator[str]:
    heads = (say(language, "assemble.kind"), say(language, "assemble.count"), say(language, "assemble.from"))
    rows = [
        (each.kind, _count(each, language), _sources(each.sources, language))
        for each in sorted(found.assembly.understood, key=lambda each: each.kind)
    ]
    yield from table([heads, *rows]) if rows else (say(language, "assemble.nothing"),)


def _count(found: Understood, language: str) -> str:
    return str(found.count) if found.is_used else say(language, "assemble.left_out", count=found.count)


def _sources(sources: Sequence[str], language: str) -> str:
    shown = ", ".join(base_name(each) for each in sources[:_SHOWN])
    more = len(sources) - _SHOWN
    return say(language, "assemble.more", shown=shown, more=more) if more > 0 else shown


def _gaps(found: Assembled, language: str) -> list[str]:
    gaps = found.assembly.gaps
    return list(table([(each.what, said(each.why, language)) for each in gaps])) if gaps else []


def _conflict(conflict: Conflict, language: str) -> str:
    told = {"what": conflict.what, "fields": ", ".join(conflict.fields)}
    return say(language, "assemble.conflict", **told, taken=conflict.taken, left=conflict.left)


def _withheld(found: Assembled, language: str, *, in_full: bool) -> Iterator[str]:
    """How many values were left out; *in_full* of which fields."""
    counts = found.assembly.withheld
    if counts:
        yield ""
        yield say(language, "assemble.withheld", values=sum(counts.values()), fields=len(counts))
        yield from (f"{_MARGIN}{place}  {count}" for place, count in counts.items() if in_full)


def _block(title: str, lines: Sequence[str], margin: str = _MARGIN) -> Iterator[str]:
    """A title and its lines after an empty one; nothing where there are none."""
    if lines:
        yield from ("", title, *(f"{margin}{each}" for each in lines))


def assembled_document(found: Assembled) -> dict[str, Any]:
    """The same for programs, in English."""
    assembly = found.assembly
    return {
        "schema": SCHEMA,
        "understood": [
            {"kind": each.kind, "count": each.count, "sources": list(each.sources), "used": each.is_used}
            for each in assembly.understood
        ],
        "gaps": [{"what": each.what, "why": str(each.why)} for each in assembly.gaps],
        "conflicts": [
            {"what": each.what, "fields": list(each.fields), "taken": each.taken, "left": each.left}
            for each in assembly.conflicts
        ],
        "withheld": dict(assembly.withheld),
        "missing": [str(each) for each in found.commands],
    }
