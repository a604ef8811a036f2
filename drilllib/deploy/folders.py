"""Several generated files in a folder of the user's: written all or none, and never over an edited one."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from drilllib import files
from drilllib.errors import InvalidInputError, quoted

_RECORD = ".drill-render.json"


def write_files(folder: Path, contents: Mapping[str, str]) -> list[str]:
    """
    Bring *folder* up to date, all files or none, and return the names of those that changed.

    A file that is still as it was written here is replaced. One that was edited since, or came from elsewhere, is not:
    then nothing is written.

    Raises:
        InvalidInputError: The folder cannot be written, or has such files.
    """
    files.make_folder(folder)
    record = _read_record(folder)
    wanted = {name: _digest(text.encode()) for name, text in contents.items()}
    present = {name: _digest_on_disk(folder / name) for name in contents}
    changed = [name for name in contents if present[name] != wanted[name]]
    foreign = [name for name in changed if present[name] not in (None, *record.get(name, []))]
    if foreign:
        raise InvalidInputError(
            "{folder} has {foreign}, edited or not written by drilllib",
            remedy="Move them away or name another folder; nothing was written",
            folder=folder,
            foreign=", ".join(foreign),
        )
    if changed:
        # Both digests, and the record first: whatever an interruption leaves behind is known as ours the next time.
        known = record | {name: sorted({wanted[name], present[name] or wanted[name]}) for name in contents}
        texts = {_RECORD: json.dumps(known, indent=1, sort_keys=True) + "\n"}
        _replace(folder, texts | {name: contents[name] for name in changed})
    return changed


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _digest_on_disk(path: Path) -> str | None:
    """None where there is no file; what cannot be read is like no file we wrote."""
    try:
        return _digest(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError:
        return "unreadable"


def _read_record(folder: Path) -> dict[str, list[str]]:
    """The digests of what was written here; where the record is gone or spoilt, every file counts as edited."""
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        return {name: [str(digest) for digest in digests] for name, digests in record.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _replace(folder: Path, contents: Mapping[str, str]) -> None:
    """Write everything aside first, then move it into place; a failure half-way puts back what was there."""
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".drill-render-") as name:
            staging = Path(name)
            for each, text in contents.items():
                (staging / each).write_text(text, encoding="utf-8", newline="\n")
            _swap(staging, folder, contents)
    except OSError as error:
        raise InvalidInputError(
            "{folder} cannot be written: {reason}",
            remedy="Name a folder that lets you write; nothing was written",
            folder=quoted(str(folder)),
            reason=error.strerror or error,
        ) from None


def _swap(staging: Path, folder: Path, names: Iterable[str]) -> None:
    begun = []
    try:
        for name in names:
            if (folder / name).exists():
                shutil.copy2(folder / name, staging / f"{name}.before")
            begun.append(name)
            os.replace(staging / name, folder / name)
    except BaseException:
        for name in begun:
            before = staging / f"{name}.before"
            if before.exists():
                os.replace(before, folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
        raise
