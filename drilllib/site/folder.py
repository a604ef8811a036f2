"""The folder that a site is written into: empty before, or one of ours, so that a slip costs nobody a file."""

import json
from pathlib import Path

from drilllib import files
from drilllib._version import __version__
from drilllib.errors import InvalidInputError, Message, quoted

MARK = "drilllib-site.json"  # says what is in the folder: the version, and whether the course is


def begin(folder: Path, *, lite: bool) -> None:
    """
    Make the folder, and mark it as a site.

    Raises:
        InvalidInputError: It has something in it that is no site, or cannot be made or written.
    """
    if folder.exists() and not (folder.is_dir() and (_is_empty(folder) or (folder / MARK).is_file())):
        raise InvalidInputError(
            "{folder} is there already, and is no site of drilllib",
            remedy="Name another folder; it was not changed",
            folder=quoted(str(folder)),
        )
    files.make_folder(folder, remedy=Message("Name another folder"))
    files.write_atomically(folder / MARK, json.dumps({"drilllib": __version__, "lite": lite}) + "\n")


def _is_empty(folder: Path) -> bool:
    return next(folder.iterdir(), None) is None
