"""Repairs as they are typed: rules, bindings and settings changed by way of the session, and changes taken back."""

from collections.abc import Callable, Sequence
from functools import partial

from drilllib.core.practice.attempt import Action, Attempt, Changed
from drilllib.core.practice.replay import left
from drilllib.core.practice.settings import KINDS, settings_of, with_setting
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot.edits import require_place, rules_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, LabStateError
from drilllib.practice.session import Session
from drilllib.practice.typed import direction_of, number_of
from drilllib.views.phrases.catalog import say
from drilllib.views.text.practice import bound_text, setting_text
from drilllib.views.text.rules import rules_text

INSERT = "insert sg-... ACCEPT TCP 203.0.113.0/24 80 at 0"
DELETE, MOVE, BIND = "delete sg-... 2", "move sg-... 3 0", "bind lb-... sg-... sg-..."
SET = "set weight lbl-... 10"
NO_GROUPS = ("none", "nothing")


class Repairs:
    """What has been changed in a session, the last of it first to be taken back."""

    def __init__(self, session: Session, language: str) -> None:
        self._session, self._language = session, language
        actions = session.attempt.actions
        earlier = (place for place, each in enumerate(actions) if isinstance(each, Changed))
        self._back: list[Callable[[], str]] = [partial(self._resumed_back, actions[:place]) for place in earlier]

    def insert(self, words: Sequence[str]) -> str:
        """A new rule, at the top unless ``at N`` names another place; the group's list after it."""
        rest, direction = direction_of(words)
        place = 0
        if len(rest) > 2 and rest[-2] in ("at", "--at"):
            place, rest = number_of(rest[-1], INSERT), rest[:-2]
        group, *rule = _enough(rest, 2, INSERT)
        rules = self._rules(group, direction)
        require_place(group, place, len(rules) + 1)
        return self._replace(group, direction, [*rules[:place], rule_from_text(" ".join(rule)), *rules[place:]])

    def delete(self, words: Sequence[str]) -> str:
        """The rule at a place is taken out; the group's list after it."""
        rest, direction = direction_of(words)
        group, word = _exactly(rest, 2, DELETE)
        place, rules = number_of(word, DELETE), self._rules(group, direction)
        require_place(group, place, len(rules))
        return self._replace(group, direction, [*rules[:place], *rules[place + 1 :]])

    def move(self, words: Sequence[str]) -> str:
        """The rule at one place goes to another; the group's list after it."""
        rest, direction = direction_of([word for word in words if word != "to"])
        group, *places = _exactly(rest, 3, MOVE)
        start, end = (number_of(word, MOVE) for word in places)
        rules = self._rules(group, direction)
        for place in (start, end):
            require_place(group, place, len(rules))
        others = [*rules[:start], *rules[start + 1 :]]
        return self._replace(group, direction, [*others[:end], rules[start], *others[end:]])

    def bind(self, words: Sequence[str]) -> str:
        """Exactly these groups, in this order; ``none`` for no group at all."""
        resource, *groups = _enough(words, 2, BIND)
        return self._bind(resource, [] if groups[0] in NO_GROUPS else groups)

    def set(self, words: Sequence[str]) -> str:
        """One of the settings that `settings` lists."""
        kind, of, value = _exactly(words, 3, SET)
        if kind == KINDS[-1]:
            raise InvalidInputError("Groups are bound by another command", remedy="Type {form}", form=BIND)
        before = self._session.snapshot()
        self._session.edit(with_setting(before, self._session.world.question, f"{kind} {of}", value))
        self._back.append(lambda: self._restore(before, kind, of))
        return self._setting(kind, of)

    def undo(self) -> str:
        """
        Take the last change back.

        Raises:
            LabStateError: There is none, or the lab cannot become what it was.
        """
        if not self._back:
            raise LabStateError("There is no change to take back", remedy="Change it, or type done")
        said = self._back[-1]()
        self._back.pop()
        return said

    def _rules(self, group: str, direction: str) -> tuple[Rule, ...]:
        return rules_of(self._session.snapshot(), group, Direction(direction))

    def _replace(self, group: str, direction: str, rules: Sequence[Rule]) -> str:
        before = self._rules(group, direction)
        self._session.replace_rules(group, Direction(direction), rules)
        self._back.append(lambda: self._replaced_back(group, direction, before))
        return rules_text(group, direction, rules, self._language)

    def _replaced_back(self, group: str, direction: str, rules: Sequence[Rule]) -> str:
        self._session.replace_rules(group, Direction(direction), rules)
        return rules_text(group, direction, rules, self._language)

    def _bind(self, resource: str, groups: Sequence[str]) -> str:
        before = self._session.snapshot().bound_groups().get(resource) or ()
        self._session.bind_groups(resource, groups)
        self._back.append(lambda: self._bound_back(resource, before))
        return bound_text(resource, groups, self._language)

    def _bound_back(self, resource: str, groups: Sequence[str]) -> str:
        self._session.bind_groups(resource, groups)
        return bound_text(resource, groups, self._language)

    def _restore(self, before: Snapshot, kind: str, of: str) -> str:
        self._session.edit(before)
        return self._setting(kind, of)

    def _resumed_back(self, before: tuple[Action, ...]) -> str:
        """A change of an earlier sitting is taken back: the lab is what the log had made of it before."""
        world = self._session.world
        self._session.edit(left(world, Attempt(self._session.attempt.header, before)))
        return say(self._language, "practice.taken_back")

    def _setting(self, kind: str, of: str) -> str:
        found = settings_of(self._session.snapshot(), self._session.world.question)
        return "\n".join(setting_text(each) for each in found if (each.kind, each.of) == (kind, of))


def _exactly(words: Sequence[str], count: int, form: str) -> Sequence[str]:
    if len(words) != count:
        raise _unlike(form)
    return words


def _enough(words: Sequence[str], least: int, form: str) -> Sequence[str]:
    if len(words) < least:
        raise _unlike(form)
    return words


def _unlike(form: str) -> InvalidInputError:
    return InvalidInputError("This line lacks something, or has too much", remedy="Type {form}", form=form)
