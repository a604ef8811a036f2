"""The changes that a lesson makes by code: rules of groups, and which groups are bound."""

from collections.abc import Callable, Sequence

from drilllib.core.drills.lab import Lab
from drilllib.core.rules.edits import Change
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot.edits import changed_lists, require_place
from drilllib.core.trace.blockers import Blocker
from drilllib.errors import InvalidInputError
from drilllib.views.html.rules import shown_rules
from drilllib.views.phrases.catalog import say
from drilllib.views.shown import Shown, below

INGRESS = Direction.INGRESS


class GroupEditor:
    """Changes a lab's groups, shows the list that was changed, and tells *notify* after each change."""

    def __init__(self, lab: Lab, language: str, notify: Callable[[], None]) -> None:
        self._lab, self._language, self._notify = lab, language, notify

    def insert(self, where: Blocker | str, line: str, at: int, direction: Direction = INGRESS) -> Shown:
        """One rule at a place of a list; see `Lesson.insert`."""
        group_id, direction = list_of(where, direction)
        rules, rule = list(self._lab.rules(group_id, direction)), rule_from_text(line)
        require_place(group_id, at, len(rules) + 1)
        if rule.text in [each.text for each in rules]:
            return Shown(_there_already(group_id, rules, rule, self._language))
        rules.insert(at, rule)
        return self._replaced(group_id, direction, rules)

    def delete(self, group_id: str, places: Sequence[int], direction: Direction = INGRESS) -> Shown:
        """A list without the rules at these places; see `Lesson.delete`."""
        listed = self._lab.rules(group_id, direction)
        for place in places:
            require_place(group_id, place, len(listed))
        return self._replaced(group_id, direction, [rule for place, rule in enumerate(listed) if place not in places])

    def move(self, group_id: str, place: int, to: int, direction: Direction = INGRESS) -> Shown:
        """The rule at one place of a list at another; see `Lesson.move`."""
        rules = list(self._lab.rules(group_id, direction))
        for each in (place, to):
            require_place(group_id, each, len(rules))
        rules.insert(to, rules.pop(place))
        return self._replaced(group_id, direction, rules)

    def replace(self, group_id: str, lines: Sequence[str], direction: Direction = INGRESS) -> Shown:
        """These rules as the whole list."""
        return self._replaced(group_id, direction, [rule_from_text(line) for line in lines])

    def apply(self, changes: Sequence[Change]) -> Shown:
        """All changes of a proposal, and the lists that they changed."""
        lists = changed_lists(self._lab.snapshot(), changes)
        return below(*(self._replaced(*place, rules) for place, rules in lists.items()))

    def bind(self, resource_id: str, group_ids: Sequence[str]) -> Shown:
        """Exactly these groups, in this order, bound to a resource."""
        self._lab.bind_groups(resource_id, group_ids)
        self._notify()
        groups = ", ".join(group_ids) or say(self._language, "no_groups")
        return Shown(say(self._language, "order", resource=resource_id, groups=groups))

    def _replaced(self, group_id: str, direction: Direction, rules: Sequence[Rule]) -> Shown:
        self._lab.replace_rules(group_id, direction, rules)
        self._notify()
        return shown_rules(group_id, direction, rules, self._language)


def _there_already(group_id: str, rules: Sequence[Rule], rule: Rule, language: str) -> str:
    """That the list has this very rule, where it is, and the nearest rule above it that does the opposite."""
    place = [each.text for each in rules].index(rule.text)
    said = say(language, "insert_twice", group=group_id, place=place, rule=rule.text)
    above = next((each for each in range(place - 1, -1, -1) if rules[each].action is not rule.action), None)
    if above is None:
        return said
    return f"{said}\n{say(language, 'insert_twice_below', place=above, rule=rules[above].text)}"


def list_of(where: Blocker | str, direction: Direction = INGRESS) -> tuple[str, Direction]:
    """The list that stops something, of its first group; of a group that is named the one of that direction."""
    if isinstance(where, str):
        return where, direction
    if where.check is None:
        raise InvalidInputError(
            "No security group blocks at {name}", remedy="Name a group, such as sg-node0001", name=where.name
        )
    return where.check.groups[0], where.check.direction
