"""What a learner changes in a lesson's lab by code, and the check of it."""

from collections.abc import Callable
from types import EllipsisType

from drilllib.core.drills.intents import RulePut
from drilllib.core.drills.lab import Lab
from drilllib.core.rules.rules import Direction
from drilllib.core.trace.blockers import Blocker
from drilllib.lesson import record
from drilllib.lesson.editor import GroupEditor, list_of
from drilllib.lesson.repairs import Repair, is_blank
from drilllib.views.repair_page import ShownRepair
from drilllib.views.shown import Shown

INGRESS = Direction.INGRESS


class Edits:
    """Rules of groups and bindings, changed by a line of code each; `verify` says whether the repair is right."""

    lab: Lab
    _editor: GroupEditor
    _repair: Repair

    def insert(self, where: Blocker | str, line: str, *, at: int | EllipsisType = 0, direction: str = INGRESS) -> Shown:
        """
        Put a rule, such as ``ACCEPT TCP 203.0.113.10 80``, into a list of a group; 0 is the top.

        A rule or a place with ``...`` in it is not written yet: nothing is changed, and a line says so.

        *where* is something that blocks, whose first group and direction are meant, or the id of a group, whose list of
        that *direction* (ingress or egress) is. The API refuses a rule that the list has already (DuplicatePolicy):
        nothing is changed then, and a line says where it is.

        Raises:
            InvalidInputError: There is no such place.
        """
        if isinstance(at, EllipsisType) or is_blank(line):
            return self._fill(where, at, direction, self._insert_step)
        return self._editor.insert(where, line, at, Direction(direction))

    def _insert_step(self, step: RulePut) -> Shown:
        return self._editor.insert(step.group, step.rule, step.place, step.direction)

    def move(self, group_id: str, place: int, *, to: int | EllipsisType, direction: str = INGRESS) -> Shown:
        """
        Move the rule at a place of a group's list to another; ``to=...`` is not written yet, as in `insert`.

        Raises:
            InvalidInputError: There is no such place.
        """
        if isinstance(to, EllipsisType):
            towards = Direction(direction)
            return self._fill(
                group_id, to, direction, lambda step: self._editor.move(group_id, place, step.place, towards)
            )
        return self._editor.move(group_id, place, to, Direction(direction))

    def _fill(
        self, where: Blocker | str, at: int | EllipsisType, direction: str, put: Callable[[RulePut], Shown]
    ) -> Shown:
        group_id, listed = list_of(where, Direction(direction))
        self.lab.rules(group_id, listed)  # a group that is not there is said so
        return self._repair.fill(group_id, listed, at, put)

    def delete(self, group_id: str, *places: int, direction: str = INGRESS) -> Shown:
        """
        Delete the rules at these places of a group's list, all counted before the first one goes.

        Raises:
            InvalidInputError: There is no such place.
        """
        return self._editor.delete(group_id, places, Direction(direction))

    def replace(self, group_id: str, *lines: str, direction: str = INGRESS) -> Shown:
        """Make these rules the group's whole list."""
        return self._editor.replace(group_id, lines, Direction(direction))

    def bind(self, resource_id: str, *group_ids: str) -> Shown:
        """Bind exactly these groups, in this order, to a CLB, an instance or an interface."""
        return self._editor.bind(resource_id, group_ids)

    def verify(self) -> ShownRepair:
        """
        Is the drill repaired: whoever is meant to get through does, health is as it should be, and nothing else gets to
        any interface, past the CLB either? By exact sets; what is not so comes with one packet that shows it.
        """
        shown = self._repair.verify()
        record.note("verified", self._repair.drill, right=shown.passed)
        return shown
