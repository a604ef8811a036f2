"""Files and folders that nobody but their user can read, whatever the umask is."""

import os
import tempfile
from pathlib import Path

FILE, PROGRAM, FOLDER = 0o600, 0o700, 0o700


def write(path: Path, text: str, mode: int = FILE) -> None:
    """
    Write a file that is nobody else's at any moment.

    Raises:
        OSError: It cannot be written, or is a link.
    """
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with open(os.open(path, flags, mode), "w", encoding="utf-8") as file:
        if hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), mode)  # before anything is in it: it may have been there, or the umask be odd
        file.truncate()
        file.write(text)


def replace(path: Path, text: str) -> None:
    """
    Write such a file as a whole: who reads it finds the old or the new one.

    Raises:
        OSError: It cannot be written.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    if hasattr(os, "fchmod"):
        os.fchmod(handle, FILE)
    os.close(handle)
    try:
        write(Path(temporary), text)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def folder(path: Path) -> Path:
    """Make such a folder; one that is there becomes so."""
    path.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    path.chmod(FOLDER)
    return path
