"""A slip of the fingers costs nobody a file: a command replaces only such files as it writes itself."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib.errors import InvalidInputError, quoted

REPLACED = "drilllib/replaced/1"  # the schema of what --replaced writes


def require_snapshot_or_nothing(path: Path) -> None:
    """
    Raises:
        InvalidInputError: There is something of that name, and it is no snapshot.
    """
    if _is_another(path, files.is_snapshot):
        raise InvalidInputError(
            "{path} exists and is no snapshot", remedy="Name another file; it was not changed", path=quoted(str(path))
        )


def require_list_or_nothing(path: Path) -> None:
    """
    Raises:
        InvalidInputError: There is something of that name, and it is no list of what was replaced.
    """
    if _is_another(path, lambda found: isinstance(found, Mapping) and found.get("schema") == REPLACED):
        raise InvalidInputError(
            "{path} exists and is none that --replaced wrote",
            remedy="Name another file; it was not changed",
            path=quoted(str(path)),
        )


def _is_another(path: Path, is_ours: Callable[[Any], bool]) -> bool:
    """Is something there that is not ours, or that cannot even be read?"""
    try:
        return path.exists() and not is_ours(files.read_json(str(path)))
    except InvalidInputError:
        return True
