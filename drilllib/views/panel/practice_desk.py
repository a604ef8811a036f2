"""
Practice without a page: what a learner does is carried out in the session, and the rest is asked from it.

The session (`drilllib.practice.session`) keeps the log; here stand only the history of the repair and what was tried.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from drilllib.core.drills.lab import Observation
from drilllib.core.drills.worlds.world import Cause, CauseKind, World
from drilllib.core.practice.grade import Grade
from drilllib.core.practice.looks import Evidence, Look, LookKind
from drilllib.core.practice.settings import with_setting
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.views.panel.bench import Bench
from drilllib.views.panel.commands import Command as RuleCommand
from drilllib.views.panel.commands import read_command as read_rule_command
from drilllib.views.panel.practice_messages import Command, StatedCause, read_command
from drilllib.views.panel.worktop import Worktop

GROUPS = "groups "  # the beginning of the key of a setting that the lab itself changes


class Session(Protocol):
    """What the panel asks of `practice.session.Session`; see there."""

    @property
    def world(self) -> World: ...
    @property
    def stage(self) -> str: ...
    @property
    def spent(self) -> int: ...
    @property
    def statement(self) -> tuple[Cause, ...] | None: ...
    @property
    def evidence(self) -> Sequence[Evidence]: ...
    @property
    def hints(self) -> Sequence[Any]: ...
    @property
    def next_hint(self) -> int | None: ...
    @property
    def attempt(self) -> Any: ...
    @property
    def grade(self) -> Grade | None: ...
    def ticket(self, language: str) -> Mapping[str, str]: ...
    def snapshot(self) -> Snapshot: ...
    def offered(self) -> tuple[Look, ...]: ...
    def look(self, look: Look) -> Evidence: ...
    def hint(self) -> Any: ...
    def state(self, causes: Sequence[Cause]) -> None: ...
    def replace_rules(self, group_id: str, direction: Direction, rules: Sequence[Rule]) -> None: ...
    def bind_groups(self, resource_id: str, group_ids: Sequence[str]) -> None: ...
    def edit(self, snapshot: Snapshot) -> None: ...
    def settings(self) -> Sequence[Any]: ...
    def probe(self) -> Observation: ...
    def finish(self) -> Grade: ...


class SessionLab:
    """The session as a lab: whatever is changed by way of it is in the log."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def snapshot(self) -> Snapshot:
        """The world as it is now."""
        return self._session.snapshot()

    def rules(self, group_id: str, direction: Direction) -> tuple[Rule, ...]:
        """The rules of one group, from the top; none where they were not read."""
        return self.snapshot().group(group_id).rules(direction) or ()

    def replace_rules(self, group_id: str, direction: Direction, rules: Sequence[Rule]) -> None:
        """Put *rules* in the place of the group's list."""
        self._session.replace_rules(group_id, direction, rules)

    def bind_groups(self, resource_id: str, group_ids: Sequence[str]) -> None:
        """Bind exactly these groups, in this order."""
        self._session.bind_groups(resource_id, group_ids)

    def alter(self, snapshot: Snapshot) -> None:
        """Go on from *snapshot*."""
        self._session.edit(snapshot)

    def probe(self, question: Question) -> Observation:
        """The ticket's request, whatever is asked."""
        return self._session.probe()

    def close(self) -> None:
        """Whoever began the session closes it."""


class PracticeDesk:
    """
    A *session* under a learner's hands. *chosen* is the place last pressed on the path, *tried* the last answer.

    *repeated*: the last command was a look that showed the same as before, for nothing.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.chosen = ""
        self.tried: Observation | None = None
        self.repeated = False
        self._bench: Bench | None = None
        self._evidence: tuple[int, Sequence[Evidence]] = (-1, ())

    @property
    def evidence(self) -> Sequence[Evidence]:
        """What all looks so far have shown, seen anew only after an action."""
        count = len(self.session.attempt.actions)
        if self._evidence[0] != count:
            self._evidence = count, self.session.evidence
        return self._evidence[1]

    def do(self, message: Mapping[str, object]) -> None:
        """
        Carry out a command of the panel's page. One that makes no sense, or comes too late, does nothing.

        Raises:
            DrillError: The place, the rule or the setting cannot be used, or it is not the time for it.
        """
        self.repeated = False
        rules, command = read_rule_command(message), read_command(message)
        if command is not None:
            self._practise(command)
        elif rules is not None and self.is_repairing:
            self._work(rules)

    @property
    def is_repairing(self) -> bool:
        """Has a cause been stated, and the attempt not been ended?"""
        return self.session.stage in ("stated", "repair")

    @property
    def bench(self) -> Bench:
        """The rule lists and what was done to them."""
        if self._bench is None:
            lab = SessionLab(self.session)
            self._bench = Bench(Worktop(lab, self.session.world.question, tuple(lab.snapshot().groups), {}))
        return self._bench

    @property
    def seen_groups(self) -> tuple[str, ...]:
        """The groups whose rules were looked at, in that order."""
        looks = (each.look for each in self.evidence)
        return tuple(dict.fromkeys(each.place for each in looks if each.kind is LookKind.RULES))

    def _practise(self, command: Command) -> None:
        session = self.session
        if command["do"] == "look":
            before = len(session.attempt.actions)
            session.look(Look(LookKind(command["kind"]), command["place"].strip()))
            self.repeated = len(session.attempt.actions) == before
        elif command["do"] == "hint":
            session.hint()
        elif command["do"] == "settings" and self.is_repairing:
            session.settings()
        elif command["do"] == "state" and session.stage != "repair":
            session.state(tuple(map(cause_of, command["causes"])))
        elif command["do"] == "change":
            self._set(command["key"], command["value"])
        elif command["do"] == "probe":
            self.tried = session.probe()
        elif command["do"] == "finish":
            session.finish()

    def _work(self, command: RuleCommand) -> None:
        """A change of a rule list or of the order of groups."""
        self.bench.sync()
        self.tried = None
        if command["do"] in ("undo", "redo", "reset"):
            self.bench.travel(command["do"])
        else:
            self.bench.change(_step(self.bench.top, command))

    def _set(self, key: str, value: str) -> None:
        """A change of a setting; it can be undone like one of a rule."""
        self.bench.sync()
        self.tried = None

        def step() -> str:
            if key.startswith(GROUPS):
                self.session.bind_groups(key.removeprefix(GROUPS), value.replace(",", " ").split())
            else:
                world, now = self.session.world, self.session.snapshot()
                self.session.edit(with_setting(now, world.question, key, value))
            return f"{key}: {value}"

        self.bench.change(step)


def cause_of(stated: StatedCause) -> Cause:
    """A statement of the page as the engine takes it."""
    direction = stated["direction"]
    return Cause(
        kind=CauseKind(stated["kind"]),
        resource=stated["resource"],
        group=stated["group"],
        direction=None if direction is None else Direction(direction),
        rule=stated["rule"],
    )


def _step(top: Worktop, command: RuleCommand) -> Callable[[], str]:
    if command["do"] == "order":
        return lambda: top.reorder(command)
    if command["do"] in ("switch", "delete", "move", "drop", "add"):
        return lambda: top.edit(command)
    return lambda: ""
