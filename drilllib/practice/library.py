"""The built-in drills, one YAML file each in `drills`, read when they are asked for."""

from functools import cache
from importlib.resources import files

from drilllib.core.drills.worlds.drill import Drill
from drilllib.documents import yaml_document
from drilllib.errors import UnknownNameError, listed, quoted

_FOLDER = files("drilllib.practice") / "drills"
_ENDING = ".yaml"


@cache
def names() -> tuple[str, ...]:
    """What the drills are called, in the order of the alphabet."""
    found = (each.name for each in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in found if name.endswith(_ENDING)))


def drills() -> tuple[Drill, ...]:
    """Every built-in drill, by name. See `drill` for errors."""
    return tuple(map(drill, names()))


@cache
def drill(name: str) -> Drill:
    """
    The built-in drill of that name.

    Raises:
        UnknownNameError: There is none.
        MissingToolError: PyYAML is not installed.
    """
    if name not in names():
        raise UnknownNameError(
            "There is no drill {name}", remedy="Use one of {choices}", name=quoted(name), choices=listed(names())
        )
    text = (_FOLDER / f"{name}{_ENDING}").read_text(encoding="utf-8")
    return Drill.from_document(yaml_document(text, f"{name}{_ENDING}"), name)
