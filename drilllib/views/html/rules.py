"""A group's rules, what they say of one packet, and the health of targets, as tables."""

from collections.abc import Sequence

from drilllib.core.rules.rules import Decision, Flow, Rule
from drilllib.core.trace.answer import Trace
from drilllib.views.html.elements import Page, State, Table
from drilllib.views.html.words import OF_ACTION, columns
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.pieces import Code, Phrase, phrase
from drilllib.views.shown import Shown
from drilllib.views.text.rules import decided_by, decision_text, rule_rows, rules_text
from drilllib.views.text.trace import health_rows, health_text

_OF_HEALTH = {"Alive": "ok", "Dead": "no"}


def shown_rules(group_id: str, direction: str, rules: Sequence[Rule], language: str) -> Shown:
    """A group's list from the top; a column for descriptions only where a rule has one."""
    rows = [*rule_rows(rules, language)]
    noted = any(row.note for row in rows)
    cells = [(Code(row.place), State(row.rule, OF_ACTION[row.action]), *([row.note] if noted else ())) for row in rows]
    caption = Phrase.of([Code(group_id), " ", say(language, direction)])
    table = Table(caption, columns(language, "index", "rule", *(["note"] if noted else ())), cells)
    return Shown(rules_text(group_id, direction, rules, language), page=Page(language, (table,)))


def shown_decision(group_id: str, flow: Flow, decision: Decision, language: str) -> Shown:
    """What a group's list says of one packet, and by which rule."""
    asked = {"group": Code(group_id), "direction": say(language, decision.direction)}
    packet = {"protocol": Code(flow.protocol), "peer": Code(str(flow.peer)), "port": Code(flow.port)}
    row = (State(decision.action, OF_ACTION[decision.action]), decided_by(decision, language))
    table = Table(phrase(language, "rich_asked", **asked, **packet), columns(language, "action", "by"), [row])
    return Shown(decision_text(decision, language), page=Page(language, (table,)))


def shown_health(trace: Trace, language: str) -> Shown:
    """The health of every target."""
    rows = [
        (Code(target), State(words, _OF_HEALTH.get(state, "un")))
        for target, state, words in health_rows(trace, language)
    ]
    table = Table(say(language, "rich_health"), columns(language, "target", "health"), rows)
    return Shown(health_text(trace, language), page=Page(language, (table,)))
