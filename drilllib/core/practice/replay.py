"""What an attempt made of its world: the snapshot after every change of its log."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.attempt import Attempt, Changed, Header
from drilllib.core.snapshot.patch import applied, part_of
from drilllib.core.snapshot.reuse import Memo
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import DrillError, InvalidInputError

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))  # json.dumps would make one at each call
_HOW_IT_IS_READ = ("", "schema", "semantics")  # the whole document, too


def digest(world: World) -> str:
    """The SHA-256 of all that a grade depends on: as long as it is the same, so is what is graded."""
    once = Memo()  # of parts that both snapshots have
    told = {
        "snapshot": _text_of(world.snapshot, once),
        "reference": _text_of(world.reference, once),
        "question": _text(world.question.to_dict()),
        "meant": _text(world.meant.to_dict()),
        "served": _text(list(world.served)),
        "causes": _text([each.to_dict() for each in world.causes]),
    }
    return hashlib.sha256(_object(told).encode()).hexdigest()


def _text_of(snapshot: Snapshot, once: Memo) -> str:
    return _object({name: _text_of_part(snapshot.part(name), once) for name in snapshot.parts})


def _text_of_part(part: Any, once: Memo) -> str:
    return once.of(part, "text", lambda: _text(part))


def _text(value: Any) -> str:
    return _ENCODER.encode(value)


def _object(texts: Mapping[str, str]) -> str:
    """An object of JSON by its members' texts, as `_text` writes it."""
    return "{" + ",".join(f"{_text(name)}:{texts[name]}" for name in sorted(texts)) + "}"


def header_of(world: World, engine: str, started: str, *, named: bool = False) -> Header:
    """The first line of the log of an attempt at the world, by that version of drilllib, at that time."""
    return Header(
        drill=world.drill,
        seed=world.seed,
        level=world.level,
        engine=engine,
        world=digest(world),
        started=started,
        named=named,
    )


def require_world(header: Header, found: str) -> None:
    """
    Do nothing where *found* is the digest of the world that was played.

    Raises:
        InvalidInputError: The world is not the same now.
    """
    if header.world != found:
        raise InvalidInputError(
            "This attempt was made with drilllib {engine}: its world is not the same now",
            remedy="Grade it with that version, or play the drill again",
            engine=header.engine,
        )


def with_patch(snapshot: Snapshot, patch: Sequence[Mapping[str, Any]]) -> Snapshot:
    """
    The snapshot after RFC 6902 operations on its document.

    Raises:
        InvalidInputError: They do not fit it, make something else of it, or change how it is read.
    """
    touched = {part_of(str(each.get("path"))) for each in patch}
    if not touched.isdisjoint(_HOW_IT_IS_READ):
        raise InvalidInputError("The change is one of how the snapshot is read", remedy="Change what stands there only")
    before = {name: snapshot.part(name) for name in touched}
    after = applied(before, patch)
    changed = {name: after.get(name) for name in touched if after.get(name) is not before[name]}
    return snapshot.with_parts(**changed) if changed else snapshot


def moments(world: World, attempt: Attempt) -> Iterator[Snapshot]:
    """
    The world as it stood at each action of the attempt, and once more as the attempt left it.

    Raises:
        InvalidInputError: A change does not fit; the message names its line in the log.
    """
    now = world.snapshot
    for action in attempt.actions:
        if isinstance(action, Changed):
            now = _after(now, action)
        yield now
    yield now


def begun(world: World, attempt: Attempt) -> Snapshot:
    """The world as the lab began with it; see `moments` for the error."""
    first = attempt.actions[0] if attempt.actions else None
    return _after(world.snapshot, first) if isinstance(first, Changed) and first.by_lab else world.snapshot


def left(world: World, attempt: Attempt) -> Snapshot:
    """The world as the attempt left it; see `moments` for the error."""
    *_, last = moments(world, attempt)
    return last


def _after(snapshot: Snapshot, change: Changed) -> Snapshot:
    try:
        return with_patch(snapshot, change.patch)
    except DrillError as error:
        raise InvalidInputError(
            "Line {line} of the log: {detail}",
            remedy="Grade the log as it was written",
            line=change.number + 1,
            detail=error.problem_message,
        ) from None
