"""`drill practice`: a fault nobody has seen, played in a terminal or by a script of lines."""

import argparse
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drilllib.cli.lines import Script, Typist
from drilllib.cli.output import complain, tell_text
from drilllib.cli.parsers import command, whole_number
from drilllib.errors import DrillError, InvalidInputError, LabStateError
from drilllib.views.phrases.catalog import LANGUAGES, error_text, say
from drilllib.views.phrases.language import language

if TYPE_CHECKING:  # what an attempt is made of is loaded when one is played
    from drilllib.core.drills.lab import Lab
    from drilllib.core.drills.worlds.drill import Drill
    from drilllib.core.drills.worlds.world import World
    from drilllib.practice.play import Play, Shell
    from drilllib.practice.start import Task

PASSED, NOT_PASSED, KEPT, INTERRUPTED = 0, 1, 3, 130
MOST_SEED = 10**12 - 1


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "practice",
        _practice,
        "find, state and repair a fault that you have not seen",
        """\
        Without DRILL an attempt that waits goes on; else the next one is chosen by what you should practise. Lines
        come from the terminal or, where standard input is none, from there. `help` says what can be typed.
        examples:
          drill practice
          drill practice --list
          drill practice node-source --seed 7
          drill practice ours.yaml
          printf '%s\\n' curl health quit | drill practice node-source --seed 7""",
    )
    parser.add_argument("drill", nargs="?", metavar="DRILL", help="one of --list, or a file (docs/practice.md)")
    parser.add_argument("--list", action="store_true", help="list the drills, one a line")
    parser.add_argument(
        "--seed",
        type=whole_number(0, MOST_SEED),
        metavar="N",
        help="which world of DRILL, which has to be named (drawn)",
    )
    parser.add_argument(
        "--level",
        type=whole_number(1, 3),
        metavar="N",
        help="1 to 3 (1; of a drill chosen for you: by how far you are)",
    )
    parser.add_argument("--new", action="store_true", help="begin another, although an attempt waits")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--lab",
        choices=("simulated", "netns", "live"),
        default="simulated",
        help="what carries packets; live: the cluster that `drill up --drill DRILL --seed N` made (%(default)s)",
    )
    where.add_argument("--cloud", action="store_true", help="repair with kubectl, tccli, Terraform on a local cloud")
    parser.add_argument(
        "--on-call", type=whole_number(1, 600), metavar="MINUTES", help="a clock, and a second ticket after the first"
    )
    parser.add_argument(
        "--dir",
        type=Path,
        help="your folder (where a class's start is or the course's copies are, else your data directory)",
    )
    parser.add_argument("--lang", choices=LANGUAGES, help="language of the text (from the locale)")


def _practice(options: argparse.Namespace) -> int:
    if options.list:
        from drilllib.practice.library import drills
        from drilllib.views.text.practice import drills_text

        tell_text(drills_text(drills()))
        return 0
    if options.drill is None and options.seed is not None:
        raise InvalidInputError("A seed is of a drill", remedy="Name the drill: drill practice DRILL --seed N")
    if options.lab == "live":
        from drilllib.cli.practice_cluster import require_named

        require_named(options.drill, options.seed)
    return _Sitting(options).play()


class _Sitting:
    """One run of the command: an attempt, or with --on-call two of them against one clock."""

    def __init__(self, options: argparse.Namespace) -> None:
        from drilllib.practice.attempts import mastery_of
        from drilllib.practice.folder import practice_folder

        self._options, self._language = options, language(options.lang)
        self._folder = practice_folder(options.dir)
        self._mastery = mastery_of(self._folder)
        self._lines = Typist() if sys.stdin.isatty() else Script()
        self._named = self._drill_named(options.drill)
        self._journal = ""  # of what is written to a cluster
        self._until = None if options.on_call is None else time.monotonic() + 60 * options.on_call

    def play(self) -> int:
        """The exit status."""
        first = self._attempt(self._named)
        if self._until is None or first not in (PASSED, NOT_PASSED) or self._is_late():
            return first
        tell_text(say(self._language, "practice.second_ticket"))
        self._options.new = True
        return max(first, self._attempt(None))

    def _attempt(self, name: str | None) -> int:
        with ExitStack() as stack:
            found = self._gone_on(stack, name)
            path, play = found or self._opened(stack, *self._begun(name), named=name is not None)
            play.titled = name is not None or play.session.attempt.header.named
            self._head(play, named=play.titled, resumed=found is not None)
            try:
                status = self._through(play)
            except KeyboardInterrupt:
                tell_text("")
                status = INTERRUPTED
            self._end(play, path)
            return status

    def _gone_on(self, stack: ExitStack, name: str | None) -> tuple[Path, "Play"] | None:
        """
        The attempt that waits, if there is one. What the lab cannot play goes on waiting, where nobody named it:
        another is begun.
        """
        path = None if self._options.new else self._waiting(name)
        if path is None:
            return None
        held = stack.enter_context(ExitStack())
        try:
            return self._opened(held, path)
        except LabStateError:
            if name is not None or not self._elsewhere:
                raise
            held.close()
            complain(say(self._language, "practice.goes_on_waiting"))
            return None

    @property
    def _elsewhere(self) -> bool:
        """Is it not the simulated lab, which plays every world?"""
        return self._kind != "simulated"

    @property
    def _kind(self) -> str:
        return "cloud" if self._options.cloud else str(self._options.lab)

    def _waiting(self, name: str | None) -> Path | None:
        """The attempt to go on with: the newest, or where a world is named, that one's."""
        from drilllib.practice.attempts import waiting

        options = self._options
        if name is None:
            return waiting(self._mastery.rows(), self._folder)
        task = self._task(name)
        if task is not None:
            return waiting(self._mastery.rows(), self._folder, (task.drill, task.seed, task.level))
        if options.seed is None:
            return None
        return waiting(self._mastery.rows(), self._folder, (name, options.seed, self._level(name)))

    def _task(self, name: str | None) -> "Task | None":
        """What the class of the learner's folder sets next, of the drill that is named; None where there is none."""
        from drilllib.practice.log import utc_now
        from drilllib.practice.start import start_beside

        start = None if self._options.seed is not None else start_beside(self._folder)
        return start.next_task(self._mastery.played(), name, utc_now()) if start else None

    def _drill_named(self, name: str | None) -> str | None:
        """The drill's name; of one in a file a copy is kept beside the logs."""
        from drilllib.practice import own_drills

        if name is None or not own_drills.is_file(name):
            return name
        return own_drills.kept(self._folder, name).name

    def _drill(self, name: str) -> "Drill":
        from drilllib.practice.own_drills import worlds_of

        return worlds_of(self._folder).drill(name)

    def _level(self, name: str) -> int:
        from drilllib.practice.attempts import playable_level

        return self._options.level or playable_level(self._drill(name), 1)

    def _begun(self, name: str | None) -> tuple[Path, "World"]:
        """A new world, and its empty log: in a temporary folder where none can be kept."""
        from drilllib.practice import folder

        world = self._new_world(name)
        try:
            return folder.new_log(self._folder), world
        except InvalidInputError as error:
            complain(error_text(error, self._language))
            return folder.log_for_now(), world

    def _new_world(self, name: str | None) -> "World":
        """Of the drill that is named, or of what is due: one that the lab can play."""
        from drilllib.practice import attempts, choosing

        played, require, task = self._mastery.played(), self._require, self._task(name)
        if task is not None:
            return choosing.seeded_world(self._drill(task.drill), task.seed, task.level, require)
        if name is None:
            standings = attempts.standings_of(self._folder)
            return choosing.due_world(played, standings, self._options.level, require)
        chosen, level, seed = self._drill(name), self._level(name), self._options.seed
        if chosen.own is not None:  # it is the same world whatever the seed
            seed = 0
        if seed is None:
            return choosing.drawn_world(chosen, level, played, require)
        return choosing.seeded_world(chosen, seed, level, require)

    def _require(self, world: "World") -> None:
        """Raises LabStateError where the lab that was asked for cannot play the world."""
        if self._elsewhere:
            from drilllib.cli.practice_labs import require_playable

            require_playable(world, self._kind)

    def _opened(
        self, stack: ExitStack, path: Path, world: "World | None" = None, *, named: bool = False
    ) -> tuple[Path, "Play"]:
        """The session, new where a world is given, on the lab that was asked for."""
        from drilllib.practice.folder import holding
        from drilllib.practice.play import Play
        from drilllib.practice.session import Session

        if not stack.enter_context(holding(path)):
            raise LabStateError("This attempt is played elsewhere", remedy="Go on there, or begin another with --new")
        lab, shell = self._lab(path, world)
        session = Session.resume(path, lab) if world is None else Session.begin(world, path, lab, named=named)
        return path, Play(stack.enter_context(session), self._language, shell=shell)

    def _lab(self, path: Path, world: "World | None") -> tuple["Lab | None", "Shell | None"]:
        """The lab that was asked for, none for the simulated one; where it is refused, an attempt leaves no log."""
        if not self._elsewhere:
            return None, None
        from drilllib.cli.practice_labs import opened

        try:
            lab, shell = opened(path, world, self._kind)
            self._journal = str(getattr(lab, "journal", ""))
            return lab, shell
        except DrillError:
            if world is not None:
                path.unlink()
            raise

    def _head(self, play: "Play", *, named: bool, resumed: bool) -> None:
        from drilllib.views.text.practice import begun_text, ticket_text

        header = play.session.attempt.header
        if resumed:
            tell_text(say(self._language, "practice.resumed", started=header.started))
        tell_text(begun_text(header.drill if named else None, header.seed, header.level, self._language))
        tell_text("\n" + ticket_text(play.session.ticket(self._language), titled=named) + "\n")
        tell_text(say(self._language, "practice.how"))

    def _through(self, play: "Play") -> int:
        """Line by line, until it is over or left; the exit status."""
        while not play.over:
            self._lines.offer(play.words)
            line = self._lines.read(self._clock() + play.prompt)
            late = self._is_late()
            if line is None and not late:
                return KEPT
            if late:
                tell_text(say(self._language, "practice.time_over"))
            answer = play.answer("done yes" if late else line or "")
            if play.left:
                return KEPT
            if answer:
                tell_text(answer)
            if late and not play.over:  # it cannot be graded now, and the time is over all the same
                return KEPT
        grade = play.session.grade
        return PASSED if play.session.withheld or (grade is not None and grade.passed) else NOT_PASSED

    def _end(self, play: "Play", path: Path) -> None:
        """What it was, once it is over, and where it is kept."""
        header = play.session.attempt.header
        if play.over and not play.session.withheld:
            tell_text("")
            tell_text(say(self._language, "practice.was", drill=header.drill, seed=header.seed, level=header.level))
        elif not play.over and path.parent == self._folder:
            tell_text(say(self._language, "practice.kept"))
        if path.parent == self._folder:
            complain(say(self._language, "practice.where", path=path))
        if self._journal and self._stands():
            complain(say(self._language, "live_stands", journal=self._journal))

    def _stands(self) -> bool:
        from drilllib.cli.practice_cluster import stands

        return stands(self._journal)

    def _clock(self) -> str:
        if self._until is None:
            return ""
        return f"[{max(0, int(self._until - time.monotonic()) // 60)} min] "

    def _is_late(self) -> bool:
        return self._until is not None and time.monotonic() >= self._until
