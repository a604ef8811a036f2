"""
The built-in drills, one YAML file each, read when they are asked for: in `drills` those about requests to a Service by
its VIP, in `drills/doors` those about connections between a source and any other door.
"""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from drilllib.core.drills.worlds.drill import Drill
from drilllib.documents import yaml_document
from drilllib.errors import UnknownNameError, listed, quoted

_FOLDER = files("drilllib.practice") / "drills"
_DOORS = _FOLDER / "doors"
_ENDING = ".yaml"


@cache
def names() -> tuple[str, ...]:
    """What the drills about requests are called, in the order of the alphabet."""
    return _names_in(_FOLDER)


@cache
def door_names() -> tuple[str, ...]:
    """What the drills about doors are called, in the order of the alphabet."""
    return _names_in(_DOORS)


def _names_in(folder: Traversable) -> tuple[str, ...]:
    found = (each.name for each in folder.iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in found if name.endswith(_ENDING)))


def drills() -> tuple[Drill, ...]:
    """Every built-in drill, by name, those about doors last. See `drill` for errors."""
    return tuple(map(drill, (*names(), *door_names())))


@cache
def drill(name: str) -> Drill:
    """
    The built-in drill of that name.

    Raises:
        UnknownNameError: There is none.
        MissingToolError: PyYAML is not installed.
    """
    every = (*names(), *door_names())
    if name not in every:
        raise UnknownNameError(
            "There is no drill {name}", remedy="Use one of {choices}", name=quoted(name), choices=listed(every)
        )
    text = ((_FOLDER if name in names() else _DOORS) / f"{name}{_ENDING}").read_text(encoding="utf-8")
    return Drill.from_document(yaml_document(text, f"{name}{_ENDING}"), name)
