"""
One list of rules back to what was there: each walk is noted down with where it leads before its first call.

So a walk that is broken off is not guessed at the next time: what it may have taken out for a moment comes back, and
no call of it takes out a rule that none of our changes knows.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from drilllib.core.changes import undo
from drilllib.core.changes.change import RuleChange, policies_of, rules_from
from drilllib.core.changes.steps import steps
from drilllib.core.changes.undo import Unclear, Undone
from drilllib.core.rules.rules import Direction, Rule
from drilllib.guard.cloud import Listed
from drilllib.guard.errors import ConflictError
from drilllib.guard.journal import Journal
from drilllib.guard.lines import Intent
from drilllib.guard.writer import PAUSES_S, Writer

Did = tuple[int, tuple[tuple[Unclear, Rule], ...]]
Allow = Callable[[RuleChange], None]


def rule_change(fields: Mapping[str, Any]) -> RuleChange:
    """A change of rules from a journal. Raises InvalidRuleError where a rule of it cannot be read."""
    before, after = (rules_from(fields[name]) for name in ("before", "after"))
    return RuleChange(fields["group"], Direction(fields["direction"]), before, after, fields.get("region", ""))


def restored(
    writer: Writer, journal: Journal, intents: Sequence[Intent], listed: Listed, allow: Allow = lambda back: None
) -> Did:
    """
    Take back what *intents* did to one list, others' rules apart; *listed* is what was read of it.

    Gives how many calls it took, and what could not be told apart. *allow* raises where the way back must not be gone.

    Raises:
        ConflictError: Others write to the list all the time.
        WriteRefusedError, UncertainWriteError: As `Guard.replace_rules`.
    """
    first, own = rule_change(intents[0].fields), undo.own_keys([rule_change(each.fields) for each in intents])
    unclear = dict[tuple[Unclear, str], tuple[Unclear, Rule]]()
    for pause_s in (*PAUSES_S, None):
        found = goal(intents, listed.rules)
        unclear |= {(code, rule.text): (code, rule) for code, rule in found.unclear}
        back = RuleChange(*first.place, listed.rules, found.rules, first.region)
        taken = steps(back, writer.names, undo.strangers(back.before, own))
        try:
            if taken:
                allow(back)
                _note(journal, intents, back, listed.version)
            writer.walk(taken, listed.version)
            break
        except ConflictError:
            if pause_s is None:
                raise
            writer.cloud.pause(pause_s)
            listed = writer.cloud.rules(*first.place, first.region)
    return len(taken), tuple(unclear.values())


def goal(intents: Sequence[Intent], present: Sequence[Rule]) -> Undone:
    """
    The list *present* without *intents*, in memory, the latest first: a walk that was noted down stands for all intents
    that it was to take back.
    """
    rules, unclear, left = tuple(present), list[tuple[Unclear, Rule]](), list(intents)
    while left:
        part = _last_part(left)
        del left[-len(part) :]
        changes = [rule_change(each.fields) for each in part]
        walks = [_walk(each, walk) for each in part for walk in each.walks]
        if walks:
            found = undo.resumed(walks, changes, rules)
            rules, unclear = found.rules, [*unclear, *found.unclear]
            continue
        for change in reversed(undo.chained(changes)):
            found = undo.undone(change, rules, finished=part[-1].state == "done")
            rules, unclear = found.rules, [*unclear, *found.unclear]
    return Undone(rules, tuple(unclear))


def _walk(intent: Intent, noted: Mapping[str, Any]) -> RuleChange:
    return rule_change({**intent.fields, "before": noted["before"], "after": noted["after"]})


def _last_part(intents: Sequence[Intent]) -> Sequence[Intent]:
    """The last ones that are taken back together: those of a walk, one that was broken off, or all that were done."""
    last = intents[-1]
    if last.walks:
        return [each for each in intents if each.number >= last.walks[-1]["since"]]
    start = len(intents) - 1
    while last.state == "done" and start and intents[start - 1].state == "done" and not intents[start - 1].walks:
        start -= 1
    return intents[start:]


def _note(journal: Journal, intents: Sequence[Intent], back: RuleChange, version: str) -> None:
    """From now on *intents* may be taken back in part, on the way to where *back* leads."""
    lists = {"before": policies_of(back.before), "after": policies_of(back.after)}
    journal.undoing(intents[-1].number, since=intents[0].number, version=version, **lists)
