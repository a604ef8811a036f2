"""
An attempt while it is played: the ticket, looks, hints, the statement, the repair and the grade.

Terminal, panel and notebook all play by a `Session`. It alone writes the attempt's log, and tells of nothing that is
not on the disk.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from drilllib._version import __version__
from drilllib.core.drills.lab import AlterableLab, Lab, Observation
from drilllib.core.drills.worlds.world import Cause, World
from drilllib.core.practice.attempt import Action, Attempt, Changed, Finished, Hinted, Looked, Probed, Stated, Told
from drilllib.core.practice.grade import Grade
from drilllib.core.practice.hints import Hint, hint
from drilllib.core.practice.looks import CURL, HINT_PRICES, Evidence, Look, offered, see
from drilllib.core.practice.replay import digest, header_of, left, moments, require_world
from drilllib.core.practice.settings import Setting, settings_of
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot.patch import difference
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import LabStateError
from drilllib.labs.simulated import SimulatedLab
from drilllib.practice.graded import grade_of
from drilllib.practice.log import Log, utc_now
from drilllib.practice.own_drills import worlds_of
from drilllib.practice.possible import require_possible
from drilllib.practice.stage import Stage as Stage
from drilllib.practice.stage import require_stage, stage_of
from drilllib.practice.start import is_tested
from drilllib.practice.worlds import Worlds


class Session:
    """
    One attempt at a world; `begin` or `resume` makes it. Close it when done.

    Whatever it is asked out of order raises LabStateError, and a log that cannot be written InvalidInputError.
    """

    def __init__(self, world: World, log: Log, attempt: Attempt, lab: Lab, now: Snapshot, worlds: Worlds) -> None:
        self.world, self.attempt, self._worlds = world, attempt, worlds
        self._log, self._lab, self._logged = log, lab, now
        self._grade: Grade | None = None

    @classmethod
    def begin(
        cls,
        world: World,
        path: Path,
        lab: Lab | None = None,
        *,
        worlds: Worlds | None = None,
        named: bool = False,
        clock: Callable[[], str] = utc_now,
    ) -> "Session":
        """
        A new attempt at one of *worlds* (`worlds_of` its folder), its log in a file that is not there yet or is empty.

        Raises:
            InvalidInputError: The log cannot be written, or has an attempt in it.
        """
        header = header_of(world, engine=__version__, started=clock(), named=named)
        log = Log.begin(path, header, clock=clock)
        lab = lab or SimulatedLab(world.snapshot, client=CURL)
        session = cls(world, log, Attempt(header), lab, world.snapshot, worlds or worlds_of(path.parent))
        session._keep_difference(by_lab=True)
        return session

    @classmethod
    def resume(
        cls, path: Path, lab: Lab | None = None, *, worlds: Worlds | None = None, clock: Callable[[], str] = utc_now
    ) -> "Session":
        """
        An attempt to go on with, on a fresh simulated lab as the log left it, or on the *lab* that is still there.

        Raises:
            InvalidInputError: The log cannot be read or written, or its world is not the same now.
            UnknownNameError: There is no such drill any more.
        """
        log, attempt = Log.resume(path, clock=clock)
        worlds = worlds or worlds_of(path.parent)
        try:
            world = worlds.world(attempt.header)
            require_world(attempt.header, digest(world))
            now = left(world, attempt)
        except BaseException:
            log.close()
            raise
        session = cls(world, log, attempt, lab or SimulatedLab(now, client=CURL), now, worlds)
        if not attempt.finished:
            session.changed()
        return session

    @property
    def stage(self) -> Stage:
        """How far it has come."""
        return stage_of(self.attempt)

    @property
    def spent(self) -> int:
        """What looks and hints have cost so far."""
        return self.attempt.spent

    @property
    def statement(self) -> tuple[Cause, ...] | None:
        """The causes that are stated; None where nothing is."""
        return self.attempt.statement

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What every look so far has shown."""
        return tuple(each for each in self._shown if isinstance(each, Evidence))

    @property
    def hints(self) -> tuple[Hint, ...]:
        """What every hint so far has told."""
        return tuple(each for each in self._shown if isinstance(each, Hint))

    @property
    def next_hint(self) -> int | None:
        """The price of the next hint; None where there is no further one."""
        return HINT_PRICES[self.attempt.hints] if self.attempt.hints < len(HINT_PRICES) else None

    @cached_property
    def withheld(self) -> bool:
        """Is it of a study's test, of which nothing is told here, lest who is tested learns of it?"""
        return is_tested(self._log.path.parent, self.attempt.header)

    @property
    def grade(self) -> Grade | None:
        """The grade, once it is over; none that is `withheld`."""
        if self._grade is None and self.attempt.finished:
            self._grade = grade_of(self.attempt, self._worlds)
        return None if self.withheld else self._grade

    def ticket(self, language: str) -> Mapping[str, str]:
        """The ticket's title and text."""
        return self.world.ticket[language]

    def snapshot(self) -> Snapshot:
        """The lab as it is now."""
        return self._lab.snapshot()

    def offered(self) -> tuple[Look, ...]:
        """Every look that can be taken."""
        return offered(self.snapshot(), self.world.question)

    def look(self, look: Look) -> Evidence:
        """
        Take a look at its price. One that was taken before costs nothing while nothing has changed, and is not logged.

        Raises:
            UnknownNameError: Its place is not there. That costs nothing.
        """
        self._require_open()
        seen, shown = see(self.snapshot(), self.world.question, look), self._shown
        if self.attempt.is_known(look) and seen in shown:  # a lab from elsewhere may have changed by itself
            return seen
        self._add(Looked(look, look.price))
        shown.append(seen)
        return seen

    def hint(self) -> Hint:
        """Take the next hint at its price, for nothing where it has nothing to tell."""
        self._require(Stage.LOOK, Stage.STATED)
        price = self.next_hint
        if price is None:
            raise LabStateError("There is no further hint", remedy="State the cause")
        rung, shown = self.attempt.hints + 1, self._shown
        told = self._hint(rung, self.evidence)
        tells = any(each.about != "done" for each in told.told)
        self._add(Hinted(rung, price if tells else 0))
        shown.append(told)
        return told

    def state(self, causes: Iterable[Cause]) -> None:
        """
        State the causes, none where nothing is wrong. Until the first change, probe or `settings` the last one counts.

        Raises:
            UnknownNameError: A group is not bound there, or its list has no such rule. Nothing is kept then.
        """
        self._require(Stage.LOOK, Stage.STATED)
        stated = tuple(causes)
        for each in stated:
            require_possible(self.snapshot(), each)
        self._add(Stated(stated))

    def replace_rules(self, group_id: str, direction: Direction, rules: Sequence[Rule]) -> None:
        """Put *rules* in the place of the group's list; see `Lab.replace_rules` for further errors."""
        self._require(Stage.STATED, Stage.REPAIR)
        self._lab.replace_rules(group_id, direction, rules)
        self.changed()

    def bind_groups(self, resource_id: str, group_ids: Sequence[str]) -> None:
        """Bind exactly these groups; see `Lab.bind_groups` for further errors."""
        self._require(Stage.STATED, Stage.REPAIR)
        self._lab.bind_groups(resource_id, group_ids)
        self.changed()

    def edit(self, snapshot: Snapshot) -> None:
        """Change anything: the lab goes on from *snapshot*. Only a simulated lab can."""
        self._require(Stage.STATED, Stage.REPAIR)
        if not isinstance(self._lab, AlterableLab):
            raise LabStateError(
                "In this lab settings are changed by its own clients",
                remedy="Type kubectl or tccli; help has an example",
            )
        self._lab.alter(snapshot)
        self.changed()

    def changed(self) -> bool:
        """Keep what has become otherwise in the lab, whoever changed it; False where nothing has."""
        self._require_open()
        return self._keep_difference(by_lab=False)

    def probe(self) -> Observation:
        """Send the ticket's request once more, to see what the repair has done."""
        self._require(Stage.STATED, Stage.REPAIR)
        seen = self._lab.probe(self.world.question)
        self._add(Probed())
        return seen

    def settings(self) -> tuple[Setting, ...]:
        """How everything is set that a repair may change. It tells what looks would cost: the statement stands then."""
        self.tell()
        return settings_of(self.snapshot(), self.world.question)

    def tell(self) -> None:
        """Keep in the log that who plays is told more from now on, by settings or by a cloud's own commands."""
        self._require(Stage.STATED, Stage.REPAIR)
        if self.stage is Stage.STATED:
            self._add(Told())

    def finish(self) -> Grade:
        """
        End the attempt and grade it. Where that cannot be done, it goes on.

        Raises:
            TooComplexError: The rules overlap in too many ways for an exact answer.
        """
        self._require_open()
        self.changed()
        over = Attempt(self.attempt.header, (*self.attempt.actions, Finished()))
        found = grade_of(over, self._worlds)
        self._add(Finished())
        self._grade = found
        return found

    def close(self) -> None:
        """Let go of the log and the lab; the attempt can be resumed."""
        self._log.close()
        self._lab.close()

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _keep_difference(self, *, by_lab: bool) -> bool:
        now = self._lab.snapshot()
        patch = difference(self._logged.to_dict(), now.to_dict())
        if patch:
            self._add(Changed(self._log.next_number, patch, by_lab))
            self._logged = now
        return bool(patch)

    @cached_property
    def _shown(self) -> list[Evidence | Hint]:
        """What looks and hints have shown, in their order; made of the log where that is resumed."""
        found: list[Evidence | Hint] = []
        for action, now in zip(self.attempt.actions, moments(self.world, self.attempt), strict=False):
            if isinstance(action, Looked):
                found.append(see(now, self.world.question, action.look))
            elif isinstance(action, Hinted):
                found.append(self._hint(action.rung, [each for each in found if isinstance(each, Evidence)]))
        return found

    def _hint(self, rung: int, evidence: Sequence[Evidence]) -> Hint:
        return hint(rung, self._worlds.candidates(self.attempt.header), evidence)

    def _add(self, action: Action) -> None:
        self._log.add(action)
        self.attempt = Attempt(self.attempt.header, (*self.attempt.actions, action))

    def _require_open(self) -> None:
        if self.attempt.finished:
            raise LabStateError("This attempt is over", remedy="Begin a new one")

    def _require(self, *stages: Stage) -> None:
        self._require_open()
        require_stage(self.attempt, stages)
