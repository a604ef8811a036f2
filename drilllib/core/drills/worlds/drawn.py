"""What every making of a world shares: which faults are drawn, and how a changed document becomes a snapshot."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from drilllib.core.drills.worlds.draws import Draws
from drilllib.core.drills.worlds.drill import Drill, Entry
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, quoted


class Drawable(Protocol):
    """A fault by its edit, where it is made and in which way."""

    @property
    def edit(self) -> str: ...

    @property
    def where(self) -> str: ...

    @property
    def way(self) -> str: ...


F = TypeVar("F", bound=Drawable)


def require_level(drill: Drill, level: int) -> None:
    """Do nothing where the drill is played at that level. Raises InvalidInputError where it is not."""
    if level not in drill.levels:
        raise InvalidInputError(
            "The level of {drill} is {level}",
            remedy="Use {levels}",
            drill=drill.name,
            level=quoted(level),
            levels=", ".join(map(str, drill.levels)),
        )


def drawn_faults(
    drill: Drill, level: int, draws: Draws, every: Sequence[F], collide: Callable[[F, F], bool]
) -> tuple[F, ...]:
    """
    All that the drill plants, and at level 3 none to two besides; *every* is what the scene could have.

    Raises:
        InvalidInputError: One of the drill's faults fits none of its worlds.
    """
    found: list[F] = []
    for place, entry in enumerate(drill.faults):
        fitting = _fitting([entry], every, found, collide)
        if not fitting:
            raise InvalidInputError(
                "{drill}.faults[{place}] fits no world on its base",
                remedy="Choose another base, place or way",
                drill=drill.name,
                place=place,
            )
        found.append(_drawn(fitting, draws))
    for _ in range(draws.below(3) if level > 2 and found else 0):
        fitting = _fitting(drill.also, every, found, collide)
        found += [_drawn(fitting, draws)] if fitting and len(found) < 3 else []
    return tuple(found)


def _fitting(
    entries: Sequence[Entry], every: Sequence[F], taken: Sequence[F], collide: Callable[[F, F], bool]
) -> list[F]:
    """The faults of these entries that the scene could have besides those that are *taken*."""
    return [
        fault
        for fault in every
        if any(_is_meant(entry, fault) for entry in entries) and not any(collide(fault, other) for other in taken)
    ]


def _is_meant(entry: Entry, fault: Drawable) -> bool:
    return (
        fault.edit in entry.edits
        and fault.where in (entry.where or (fault.where,))
        and fault.way in (entry.way or (fault.way,))
    )


def _drawn(faults: Sequence[F], draws: Draws) -> F:
    """One of the faults; an edit at a place is as likely with many ways as with one."""
    kinds = list(dict.fromkeys((each.edit, each.where) for each in faults))
    kind = draws.one(kinds)
    return draws.one([each for each in faults if (each.edit, each.where) == kind])


def changed_to(before: Snapshot, document: Mapping[str, Any]) -> Snapshot:
    """The snapshot of another document of the same parts; what is as *before* is not read again."""
    changed = {name: part for name, part in document.items() if part != before.part(name)}
    if "security_groups" in changed:
        known = before.part("security_groups")
        groups = changed["security_groups"].items()
        changed["security_groups"] = {
            name: known[name] if known.get(name) == group else group for name, group in groups
        }
    return before.with_parts(**changed)
