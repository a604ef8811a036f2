"""What lesson 06 calls: who gets through, what a group lets in, what changed, what is dead, and the smallest fix."""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from drilllib.core.check.expectations import read_expectations
from drilllib.core.check.outcomes import verify
from drilllib.core.diff import difference_of_snapshots
from drilllib.core.drills import default_lab
from drilllib.core.drills.lab import Lab
from drilllib.core.fix.proposals import Fix, fix
from drilllib.core.lint.linter import lint_snapshot
from drilllib.core.reach.clients import reach
from drilllib.core.rules.addresses import parse_written_block
from drilllib.core.rules.edits import changed
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.accepted import accepted
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import InvalidInputError, Message
from drilllib.views.shown import Shown
from drilllib.views.text import trace
from drilllib.views.text.check import check_text
from drilllib.views.text.diff import diff_text
from drilllib.views.text.fix import fix_text
from drilllib.views.text.lint import lint_text
from drilllib.views.text.reach import accepted_text, reach_text

INGRESS = Direction.INGRESS


class ExactAnswers:
    """The exact answers of a lesson; `lesson.Lesson` has them."""

    lab: Lab
    language: str
    question: Question

    @property
    def client_block(self) -> str:
        """The /24 that the lab's rules admit, around this lesson's client."""
        return str(ip_network(f"{self.question.client}/24", strict=False))

    def snapshot(self) -> Snapshot:
        """The lab as it is now, to be compared with later."""
        return self.lab.snapshot()

    def reach(self) -> Shown:
        """Every client that gets through, and every one that does not, with the reason."""
        return Shown(reach_text(reach(self.lab.snapshot(), self.question), self.language))

    def accepted(self, group_id: str) -> Shown:
        """All that a group's ingress list lets in, in few lines; they may overlap."""
        self.lab.rules(group_id, INGRESS)
        group = self.lab.snapshot().group(group_id)
        return Shown(accepted_text(group_id, [group], accepted([group], INGRESS), INGRESS, self.language))

    def lint(self, group_id: str) -> Shown:
        """What is wrong with a group's rules: dead, too wide, misleading."""
        self.lab.rules(group_id, INGRESS)
        found = [each for each in lint_snapshot(self.lab.snapshot()) if each.group == group_id]
        return Shown(lint_text(found, self.language, of_snapshot=True))

    def diff(self, before: Snapshot) -> Shown:
        """What has changed since *before*, for clients and for every flow at every interface."""
        return Shown(diff_text(difference_of_snapshots(before, self.lab.snapshot()), "", self.language))

    def check(self, document: Mapping[str, Any]) -> Shown:
        """Do these expectations hold? Raises InvalidInputError where one cannot be read."""
        return Shown(check_text(verify(self.lab.snapshot(), read_expectations(document)), self.language))

    def delete(self, group_id: str, *places: int) -> Shown:
        """
        Delete the rules at these places of a group's ingress list, all counted before the first one goes.

        Raises:
            InvalidInputError: There is no such place.
        """
        listed = self.lab.rules(group_id, INGRESS)
        for place in places:
            require_place(group_id, place, len(listed))
        rules = [rule for place, rule in enumerate(listed) if place not in places]
        self.lab.replace_rules(group_id, INGRESS, rules)
        self._refresh()
        return Shown(trace.rules_text(group_id, INGRESS, rules, self.language))

    def fix(self, *clients: str) -> Shown:
        """The smallest change that lets *clients* through, as a proposal."""
        return Shown(fix_text(self.lab.snapshot(), self._fix(clients), self.language))

    def apply_fix(self, *clients: str) -> Shown:
        """Make that change, and show the groups it has changed."""
        answer, snapshot = self._fix(clients), self.lab.snapshot()
        shown = []
        for group_id, direction in dict.fromkeys((each.group, each.direction) for each in answer.changes):
            rules = changed(snapshot.group(group_id), answer.changes).rules(direction) or ()
            self.lab.replace_rules(group_id, direction, rules)
            shown.append(trace.rules_text(group_id, direction, rules, self.language))
        self._refresh()
        return Shown("\n".join(shown))

    def _fix(self, clients: tuple[str, ...]) -> Fix:
        blocks = [parse_written_block(each, Message("The client block is")) for each in clients]
        question = Question(client="", service=default_lab.SERVICE, port=self.question.port)
        return fix(self.lab.snapshot(), question, blocks)

    def _refresh(self) -> None:
        """Let the panels show what code has changed."""
        raise NotImplementedError


def require_place(group_id: str, place: int, count: int) -> None:
    """Raises InvalidInputError where *place* is none of the first *count* of a list."""
    if not 0 <= place < count:
        raise InvalidInputError(
            "{group} has no place {place}",
            remedy="Give one from 0 to {last}" if count else "Its list is empty",
            group=group_id,
            place=place,
            last=count - 1,
        )
