"""A world as its author sees it: ticket, symptom, what may be looked at, and where it is asked for, what is wrong."""

from collections.abc import Mapping

from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.looks import CLIENT, Look, LookKind, offered, see
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.text.looks import evidence_text
from drilllib.views.text.practice import menu_text, stated_text, ticket_text


def preview_text(world: World, language: str, *, solution: bool) -> str:
    """Line by line as a terminal shows it."""
    curl = see(world.snapshot, world.question, Look(LookKind.CURL, CLIENT))
    parts = [
        ticket_text(world.ticket[language]),
        evidence_text(curl, language),
        menu_text(offered(world.snapshot, world.question), None, 0, language),
    ]
    if solution:
        parts.append(say(language, "author.solution"))
        parts.append(stated_text(world.causes, language))
    return "\n\n".join(parts)


def replaced_text(replaced: Mapping[str, str], withheld: Mapping[str, int], language: str) -> str:
    """What was replaced by what, and what was left out, a line each: for the owner of the snapshot alone."""
    width = max(map(len, replaced), default=0)
    lines = [say(language, "author.replaced", count=len(replaced))]
    lines += [f"  {old:<{width}}  {new}" for old, new in sorted(replaced.items())]
    lines.append(say(language, "author.withheld", count=sum(withheld.values())))
    lines += [f"  {count:>5}  {place}" for place, count in withheld.items()]
    return terminal_text(lines)
