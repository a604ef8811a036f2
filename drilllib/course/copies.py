"""Where the course's notebooks are, and the learner's own copy of them, which is never overwritten once edited."""

import hashlib
import json
import sys
from pathlib import Path

from drilllib import files
from drilllib.errors import Message, MissingToolError, UnknownNameError, quoted
from drilllib.practice.folder import COPIES, DRIVE
from drilllib.views.phrases.catalog import LANGUAGES


def source_folder() -> Path:
    """
    The notebooks that came with this installation: inside the package, beside it in a checkout, or a browser tab's.

    Raises:
        MissingToolError: There are none.
    """
    package = Path(__file__).resolve().parent.parent
    tab = [DRIVE] if sys.platform == "emscripten" else []
    for folder in (package / "notebooks", package.parent / "notebooks", *tab):
        if _of_one_language(folder):
            return folder
    raise MissingToolError(
        "This installation of drilllib has no notebooks beside {package}",
        remedy="Install drilllib again",
        package=package,
    )


def _of_one_language(folder: Path) -> list[Path]:
    """The notebooks in whichever language is there: a browser tab without a network has kept one."""
    found = (sorted((folder / language).glob("*.ipynb")) for language in LANGUAGES)
    return next(filter(None, found), [])


def notebooks() -> list[Path]:
    """The course's notebooks in one language, in its order; code is alike in all."""
    return _of_one_language(source_folder())


def notebook_names() -> list[str]:
    """The names of the notebooks, in the order of the course, such as 02-node."""
    return [path.stem for path in notebooks()]


def find_notebook(name: str) -> str:
    """
    The notebook's full name, from its number, what follows that, or any part that no other has: 2, node, 02-node.ipynb.

    Raises:
        UnknownNameError: No notebook, or more than one, is called so.
    """
    names = notebook_names()
    wanted = name.removesuffix(".ipynb")
    found = [each for each in names if _is_called(each, wanted)] or [
        each for each in names if wanted and wanted in each
    ]
    if len(found) != 1:
        raise UnknownNameError(
            "Several notebooks are called {name}" if found else "No notebook is called {name}",
            remedy="Use one of {choices}",
            name=quoted(name),
            choices=", ".join(names),
        )
    return found[0]


def _is_called(name: str, wanted: str) -> bool:
    """By its number, with or without zeros, or by its title alone."""
    number, _, title = name.partition("-")
    return wanted == title or (wanted.isdecimal() and int(number) == int(wanted))


def copy_notebooks(folder: Path) -> list[str]:
    """
    Bring the learner's *folder* up to date and say what was kept. Copies have no outputs.

    A copy that is still as we wrote it is replaced by a newer version; an edited one is left alone.

    Raises:
        InvalidInputError: The folder cannot be made or written.
    """
    source = source_folder()
    written = _read_record(folder)
    kept = []
    for language in LANGUAGES:
        files.make_folder(folder / language, remedy=Message("Name another folder with --dir"))
        for path in sorted((source / language).glob("*.ipynb")):
            name = f"{language}/{path.name}"
            text = _without_outputs(path.read_text(encoding="utf-8"))
            if _is_edited(folder / name, written.get(name)):
                kept += [name] if _digest(text) != written.get(name) else []
                continue
            files.write_atomically(folder / name, text)
            written[name] = _digest(text)
    files.write_atomically(folder / COPIES, json.dumps(written, indent=1, sort_keys=True) + "\n")
    return kept


def copy_read_only(folder: Path) -> None:
    """
    Bring a folder up to date that everybody reads and only its owner writes: the notebooks, without outputs.

    Raises:
        InvalidInputError: The folder cannot be made or written.
    """
    source = source_folder()
    for language in LANGUAGES:
        files.make_folder(folder / language, remedy=Message("Name another --folder"))
        (folder / language).chmod(0o755)
        for path in sorted((source / language).glob("*.ipynb")):
            copy = folder / language / path.name
            files.write_atomically(copy, _without_outputs(path.read_text(encoding="utf-8")))
            copy.chmod(0o644)


def older_copies(folder: Path) -> list[str]:
    """The copies in a learner's *folder*, such as zh/02-node.ipynb, of which this installation has a newer version."""
    source, written = source_folder(), _read_record(folder)
    copied = [name for name in sorted(written) if (folder / name).exists() and (source / name).exists()]
    return [
        name
        for name in copied
        if _digest(_without_outputs((source / name).read_text(encoding="utf-8"))) != written[name]
    ]


def _without_outputs(text: str) -> str:
    """The notebook as a learner begins it: the lessons ask to predict an answer before it is seen."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _is_edited(path: Path, recorded: str | None) -> bool:
    return path.exists() and _digest(path.read_text(encoding="utf-8", errors="replace")) != recorded


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read_record(folder: Path) -> dict[str, str]:
    """What we wrote last; where the record is gone or spoilt, every copy counts as edited."""
    try:
        record = json.loads((folder / COPIES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
