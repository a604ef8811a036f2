"""The attempts of a learner: which one waits to be gone on with, what the logs say of each, what to play next."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from secrets import randbelow

from drilllib.core.drills.worlds.drill import Drill
from drilllib.core.practice.grade import grade
from drilllib.core.practice.replay import require_world
from drilllib.core.practice.schedule import Played, Practised, Standing, drill_of, level_of, standings, upcoming
from drilllib.errors import DrillError, UnknownNameError
from drilllib.practice.folder import is_held, set_aside
from drilllib.practice.library import drill, drills, names
from drilllib.practice.log import read
from drilllib.practice.mastery import Mastery, Row, played_of
from drilllib.practice.own_drills import worlds_of

TRANSFER = "several-groups"  # the category that is kept for the end
ALL = "practice"  # what is forgotten by this name is every drill
SEEDS = 1_000_000


def mastery_of(folder: Path) -> Mastery:
    """How far the learner is whose attempts are in *folder*."""
    return Mastery(folder, read_row)


def read_row(path: Path, row: Row) -> Row:
    """What a log says, and its grade; why there is none, where there is none. That costs nobody anything."""
    try:
        attempt = read(path)
        header = attempt.header
        found = replace(row, drill=header.drill, seed=str(header.seed), level=header.level, hints=attempt.hints)
        worlds = worlds_of(path.parent)
        found = replace(found, category=worlds.drill(header.drill).category, finished=attempt.finished)
        require_world(header, worlds.digest(header))  # else it could not be gone on with either
        if not attempt.finished:
            return found
        told = grade(attempt, worlds.yardstick(header))  # without the best plan, which takes longest
    except DrillError as error:
        return replace(row, problem=str(error))
    return replace(found, localised=told.localised, repaired=told.repaired, restrained=told.restrained)


def categories() -> tuple[str, ...]:
    """The categories of the built-in drills, the one that is kept for the end at the end."""
    found = dict.fromkeys(each.category for each in drills())
    return (*(each for each in found if each != TRANSFER), *(each for each in found if each == TRANSFER))


def standings_of(folder: Path) -> tuple[Standing, ...]:
    """How far the learner is in each category."""
    return standings(mastery_of(folder).played(), categories(), TRANSFER)


def practised(folder: Path) -> Practised:
    """All of it: categories, and the attempts that do not count."""
    mastery = mastery_of(folder)
    rows = mastery.rows()
    return Practised(
        standings=standings(played_of(rows), categories(), TRANSFER),
        waiting=sum(not row.finished and not row.problem for row in rows),
        ungraded=sum(bool(row.problem) for row in rows),
    )


def forget(folder: Path, name: str) -> int:
    """
    Set aside the attempts at the drill of that *name*, or all where it is `practice`; how many were.

    Raises:
        UnknownNameError: There is no such drill.
        InvalidInputError: They cannot be moved.
    """
    if name != ALL:
        worlds_of(folder).drill(name)
    rows = mastery_of(folder).rows()
    return len(set_aside(tuple(folder / row.log for row in rows if name in (ALL, row.drill))))


def waiting(rows: Sequence[Row], folder: Path, world: tuple[str, int, int] | None = None) -> Path | None:
    """
    The newest attempt that is not finished and that nobody plays at the moment; of one *world* (drill, seed, level)
    where one is named.
    """
    for row in reversed(rows):
        wanted = world in (None, (row.drill, int(row.seed or 0), row.level))
        if wanted and not row.finished and not row.problem and not is_held(folder / row.log):
            return folder / row.log
    return None


def following(
    played: Sequence[Played], found: Sequence[Standing], *, without: Collection[str] = ()
) -> tuple[Drill, int]:
    """
    The drill to play next, and its level; none of a category that is left out.

    Raises:
        UnknownNameError: There are no drills.
    """
    standing = upcoming(_in_any_order(found), without)
    if standing is None:
        raise UnknownNameError("There are no drills", remedy="Install drilllib again")
    chosen = drill(drill_of([each.name for each in drills() if each.category == standing.category], played))
    return chosen, playable_level(chosen, level_of(standing))


def _in_any_order(found: Sequence[Standing]) -> list[Standing]:
    """What comes first of those that are equally due is drawn: else the first tickets of everybody were the same."""
    left = list(found)
    return [left.pop(randbelow(len(left))) for _ in found]


def drill_of_seed(seed: int) -> Drill:
    """The drill, about a request, of a seed that was given without one: the same everywhere, whatever was practised."""
    every = tuple(map(drill, names()))
    return every[int(Random(f"ticket/{seed}").random() * len(every))]


def playable_level(chosen: Drill, wanted: int) -> int:
    """The highest level of the drill that is not above the wanted one, else its lowest."""
    return max((level for level in chosen.levels if level <= wanted), default=min(chosen.levels))


def fresh_seed(chosen: Drill, level: int, played: Collection[Played]) -> int:
    """A seed by the system's randomness, of a world that the learner has not met."""
    met = {each.seed for each in played if (each.drill, each.level) == (chosen.name, level)}
    while str(seed := randbelow(SEEDS)) in met:
        pass
    return seed
