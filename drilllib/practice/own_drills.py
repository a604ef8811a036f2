"""
Drills that are not built in: played from a file, and kept beside the logs, so that these can be graded and resumed.

A file that is played again after a change takes the place of the old one; logs of the old one are then refused, as they
are of another drilllib's worlds.
"""

from pathlib import Path

from drilllib import files
from drilllib.core.drills.worlds.drill import Drill
from drilllib.errors import InvalidInputError, quoted
from drilllib.practice import library
from drilllib.practice.authored import read_drill
from drilllib.practice.worlds import BUILT_IN, Worlds

DRILLS = "drills"  # in the folder of the logs
_ENDINGS = (".yaml", ".yml", ".json")
_worlds: dict[tuple[object, ...], Worlds] = {}


def is_file(name: str) -> bool:
    """Is what was typed in the place of a drill's name a file?"""
    return name == "-" or "/" in name or name.lower().endswith(_ENDINGS)


def kept(folder: Path, name: str) -> Drill:
    """
    The drill in the file of that *name*, a copy of which is put beside the logs of *folder*.

    Raises:
        InvalidInputError: It is no drill, it has the name of a built-in one, or the folder cannot be written.
    """
    text = files.read_text(name)
    found = read_drill(name, text)
    if found.name in library.names():
        raise InvalidInputError(
            "{name} is called as a built-in drill is, {drill}",
            remedy="Give it another name",
            name=quoted(name),
            drill=found.name,
        )
    place = folder / DRILLS
    files.make_folder(place)
    files.write_atomically(place / f"{found.name}.yaml", text)  # JSON is YAML, and is told by its first character
    return found


def worlds_of(folder: Path) -> Worlds:
    """The worlds of the built-in drills and of those kept in the folder of a log."""
    try:
        state = tuple(sorted((each.name, each.stat().st_mtime_ns) for each in (folder / DRILLS).iterdir()))
    except OSError:
        return BUILT_IN
    key = (str(folder), state)
    if key not in _worlds:
        _worlds.clear()
        _worlds[key] = Worlds(lambda name: _drill(folder / DRILLS, name))
    return _worlds[key]


def _drill(place: Path, name: str) -> Drill:
    path = place / f"{name}.yaml"
    if name in library.names() or not path.is_file():
        return library.drill(name)
    return read_drill(str(path))
