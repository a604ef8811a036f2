"""Who reaches a Service, and what groups accept, as tables."""

from collections.abc import Sequence

from drilllib.core.reach.clients import Reach
from drilllib.core.rules.rules import Direction, SecurityGroup
from drilllib.core.sets.accepted import Accepted
from drilllib.views.html.elements import Block, Page, Stack, State, Table
from drilllib.views.html.words import OF_ACTION, OF_VERDICT, columns, folded_assumptions
from drilllib.views.phrases.pieces import Code
from drilllib.views.shown import Shown
from drilllib.views.text import reach as text


def shown_reach(answers: Sequence[Reach], language: str) -> Shown:
    """A table for each port, which clients were left out, and, folded, what was assumed."""
    blocks: list[Block] = []
    for answer in answers:
        blocks += [_table(answer, language), *text.port_findings(answer, language)]
    blocks += [*text.inside_lines(answers, language), *folded_assumptions(text.assumed(answers), language)]
    return Shown(text.reach_text(answers, language), page=Page(language, blocks))


def _table(answer: Reach, language: str) -> Table:
    rows = [
        (State(row.label, OF_VERDICT[row.verdict]), row.clients, Stack((row.why, Code(row.reason))))
        for row in text.reach_rows(answer, language)
    ]
    return Table(text.port_headline(answer, language), columns(language, "result", "clients", "reason"), rows)


def shown_accepted(
    group_id: str, groups: Sequence[SecurityGroup], found: Accepted, direction: Direction, language: str
) -> Shown:
    """All that a group's list lets in, and what becomes of everything else."""
    found_rows = text.accepted_rows(groups, found, direction, language)
    rows = [(State(action, OF_ACTION[action]), flows) for action, flows in found_rows]
    table = Table(text.accepted_headline(group_id, direction, language), columns(language, "action", "traffic"), rows)
    return Shown(text.accepted_text(group_id, groups, found, direction, language), page=Page(language, (table,)))
