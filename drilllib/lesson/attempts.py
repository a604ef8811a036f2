"""Which attempt of practice a notebook plays: the one that was left open, else a new one; its log is the learner's."""

import sys
from contextlib import ExitStack
from pathlib import Path

from drilllib.core.connection.question import Connection
from drilllib.core.drills.lab import Lab
from drilllib.core.drills.scenario import OFFICE
from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import World
from drilllib.errors import DrillError, InvalidInputError, quoted
from drilllib.lesson import record
from drilllib.lesson.labs import SIMULATED, open_between, open_lab
from drilllib.lesson.repairs import solving
from drilllib.practice import attempts, library
from drilllib.practice import folder as places
from drilllib.practice.log import read
from drilllib.practice.session import Session
from drilllib.views.phrases.catalog import error_text
from drilllib.views.phrases.language import language

FIRST = "node-source"  # what is played where nobody chose, and nothing is known of the learner
Wanted = tuple[str | None, int | None, int | None]  # drill, seed and level, as far as they were chosen
_held: dict[Path, "Attempting"] = {}  # the attempts that this process plays


class Attempting:
    """A session, and the lock of its log, which is let go when it is closed. *resumed*: it was left open before."""

    def __init__(self, session: Session, path: Path, lock: ExitStack, *, resumed: bool) -> None:
        self.session, self.resumed = session, resumed
        self._path, self._lock = path, lock
        _held[path] = self

    def close(self) -> None:
        """Let go of the log; it can be gone on with."""
        _held.pop(self._path, None)
        self.session.close()
        self._lock.close()


def attempt_at(drill: str | None, seed: int | str | None, level: int | str | None, lab: str | None) -> Attempting:
    """
    The attempt that was left open at what is wanted, or a new one; *lab* is a kind of lab, by default simulated.

    Raises:
        UnknownNameError: There is no such drill.
        InvalidInputError: The seed is no whole number, the drill has no such level, or there is no such kind of lab.
    """
    wanted = _wanted(drill, _whole("seed", seed), _whole("level", level))
    folder = _folder()
    if lab in (None, SIMULATED):
        for path in reversed(places.logs(folder) if folder else ()):
            if found := _resumed(path, wanted):
                return found
    return _begun(folder, _world(folder, *wanted), lab)


def _wanted(drill: str | None, seed: int | None, level: int | None) -> Wanted:
    """A seed alone names a world, too: what was practised has no say in it."""
    if drill is None and seed is not None:
        chosen = attempts.drill_of_seed(seed)
        return chosen.name, seed, attempts.playable_level(chosen, level or 1)
    return drill, seed, level


def _whole(name: str, given: int | str | None) -> int | None:
    """The number; `drill run -p seed=4` gives a text."""
    try:
        return None if given is None else int(given)
    except ValueError:
        raise InvalidInputError(
            "The seed is {given}" if name == "seed" else "The level is {given}",
            remedy="Use a whole number",
            given=quoted(given),
        ) from None


def _folder() -> Path | None:
    """Where attempts are kept; None where nobody is learning, or not in a folder of the course."""
    learner = record.learner_folder()
    return None if learner is None or solving() else places.practice_folder(learner)


def _resumed(path: Path, wanted: Wanted) -> Attempting | None:
    """The attempt of that log, if it is one that is wanted, is not over, and is played by nobody else."""
    if not _is_open(path, wanted):
        return None
    if path in _held:
        _held[path].close()
    lock = ExitStack()
    try:
        if lock.enter_context(places.holding(path)):
            return Attempting(Session.resume(path), path, lock, resumed=True)
    except DrillError:  # one that cannot be gone on with is left as it is
        pass
    lock.close()
    return None


def _is_open(path: Path, wanted: Wanted) -> bool:
    try:
        attempt = read(path)
    except DrillError:
        return False
    header = attempt.header
    found = (header.drill, header.seed, header.level)
    return not attempt.finished and all(want in (None, have) for want, have in zip(wanted, found, strict=True))


def _world(folder: Path | None, name: str | None, seed: int | None, level: int | None) -> World:
    """The world that is wanted; what was not chosen follows from what the learner has done so far."""
    played = attempts.mastery_of(folder).played() if folder else ()
    if name is None and folder:
        drill, suited = attempts.following(played, attempts.standings_of(folder))
    else:
        drill, suited = library.drill(name or FIRST), 1
    chosen = level or attempts.playable_level(drill, suited)
    return make_world(drill, attempts.fresh_seed(drill, chosen, played) if seed is None else seed, chosen)


def _begun(folder: Path | None, world: World, kind: str | None) -> Attempting:
    path = _new_log(folder)
    lock = ExitStack()
    lock.enter_context(places.holding(path))
    lab = None if kind in (None, SIMULATED) else _lab_of(world, kind)
    return Attempting(Session.begin(world, path, lab), path, lock, resumed=False)


def _lab_of(world: World, kind: str | None) -> Lab:
    """A lab of that kind, or the simulated one in its place with a line that says why."""
    asked = world.question
    if isinstance(asked, Connection):
        return open_between(world.snapshot, OFFICE, asked.door, kind)
    return open_lab(world.snapshot, asked.client, kind)


def _new_log(folder: Path | None) -> Path:
    """In the learner's folder; where that cannot be written, one line says so, and the attempt is kept for now."""
    if folder is not None:
        try:
            return places.new_log(folder)
        except InvalidInputError as error:
            print(error_text(error, language()), file=sys.stderr)
    return places.log_for_now()
