"""Causes that no proposal repairs, in words: what could be changed, the commands, and where to look."""

from collections.abc import Iterator

from drilllib.core.fix.causes import Cause
from drilllib.errors import Message, printable
from drilllib.quoting import line_to_paste
from drilllib.views.phrases.catalog import said, say


def cause_text(cause: Cause, language: str) -> str:
    """A cause in one sentence, with the ways to put it right."""
    told = say(language, f"fix.cause_{cause.code}", where=cause.where, **dict(cause.facts))
    ways = [say(language, f"fix.way_{each.code}", **dict(each.facts)) for each in cause.ways]
    if ways:
        told = say(language, "fix.cause_and_ways", cause=told, ways=say(language, "fix.or").join(ways))
    return printable(told)


def cause_lines(cause: Cause, language: str) -> Iterator[str]:
    """A cause, the command of each way that has one, and the command that shows more."""
    yield f"  {cause_text(cause, language)}"
    for line in way_lines(cause):
        yield say(language, "fix.way", command=said(line, language))
    yield say(language, "fix.look", command=said(line_to_paste(cause.look.line), language))


def way_lines(cause: Cause) -> list[str | Message]:
    """The commands of the ways; see `line_to_paste`."""
    return [line_to_paste(each.command.line) for each in cause.ways if each.command]
