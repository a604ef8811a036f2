"""
What is put before JupyterLite in the page that starts it: its language, the bar of the first load, a store for offline.

JupyterLite's own page and worker stay as they were built, but for one line of each that calls ours.
"""

import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path

from drilllib.errors import MissingToolError, quoted
from drilllib.site.lite.lists import plain
from drilllib.site.lite.packages import digest, of_kernel
from drilllib.views.phrases.catalog import LANGUAGES, say

WORKER, OF_JUPYTERLITE = "service-worker.js", "jupyterlite-worker.js"
STYLE = (
    "<style>#drill-loading { position: fixed; left: 50%; bottom: 32px; transform: translateX(-50%); z-index: 2000; "
    "display: flex; gap: 12px; align-items: center; padding: 8px 16px; background: #fff; color: #202124; border: 1px "
    "solid #5f6368; border-radius: 6px; font: 14px/1.4 system-ui, sans-serif; width: max-content; "
    "max-width: calc(100vw - 48px); box-sizing: border-box; } "
    "#drill-refused { max-width: 36em; margin: 0 auto; padding: 24px; font: 16px/1.5 system-ui, sans-serif; } "
    # A cell has the width of a phone for itself, not for the number beside it.
    "@media (max-width: 760px) { #jp-MainMenu .lm-MenuBar-item { padding: 0 4px; white-space: nowrap; } "
    ".jp-Notebook { --jp-cell-prompt-width: 12px; --jp-notebook-padding: 2px; } "
    ".jp-Notebook .jp-InputPrompt, .jp-Notebook .jp-OutputPrompt { visibility: hidden; } }</style>"
    '<script src="../keeps.js"></script>'
)
_FIRST = re.compile(r"'\.\./config-utils\.js\?[^']*'")  # which JupyterLite's page imports, and start.js in its place
_HEAD = '<script id="jupyter-config-data"'
_CORE = ("pyodide.asm.wasm", "pyodide.asm.mjs", "python_stdlib.zip")


def put_before(lite: Path, pyodide: Path) -> None:
    """
    Change the built JupyterLite in the folder *lite*, whose Python is in the folder *pyodide*.

    Raises:
        MissingToolError: The page is not as it was in the version that we know.
    """
    page = lite / "lab" / "index.html"
    text = page.read_text(encoding="utf-8")
    if len(_FIRST.findall(text)) != 1 or text.count(_HEAD) != 1:
        raise MissingToolError(
            "{page} is not the page of the JupyterLite that this drilllib was made for",
            remedy="Build with the versions that drill site fetches by itself",
            page=quoted(str(page)),
        )
    text = _FIRST.sub("'../start.js'", text)
    page.write_text(text.replace(_HEAD, f"{_told(lite, pyodide)}{STYLE}\n    {_HEAD}"), encoding="utf-8")
    (lite / WORKER).rename(lite / OF_JUPYTERLITE)
    for name in ("keeps.js", "start.js"):
        (lite / name).write_text(_asset(name), encoding="utf-8")
    (lite / WORKER).write_text(_asset(WORKER).replace("{digest}", _digest(lite)), encoding="utf-8")


def kernel_files(pyodide: Path) -> dict[str, int]:
    """What the kernel loads before it waits: names of files in *pyodide*, with their bytes."""
    lock = json.loads((pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))
    kernel = of_kernel(lock)
    wheels = [each["file_name"] for name, each in lock["packages"].items() if plain(name) in kernel]
    names = sorted((*_CORE, *wheels))
    return {name: (pyodide / name).stat().st_size for name in names}


def _later(lite: Path, pyodide: Path, language: str) -> list[str]:
    """What a lesson in that language may need after its kernel waits, from the folder *lite*."""
    wheels = [path for path in pyodide.glob("*.whl") if path.name not in kernel_files(pyodide)]
    lessons = (lite / "files" / language).glob("*.ipynb")
    return [path.relative_to(lite).as_posix() for path in sorted((*wheels, *lessons))]


def _told(lite: Path, pyodide: Path) -> str:
    """What start.js is told, as an element of the page."""
    words = {
        language: {
            "label": say(language, "site.python"),
            "loading": say(language, "site.python_loading", part="{part}", whole="{whole}"),
            "starting": say(language, "site.python_starting"),
            "framed": say(language, "site.keeps_nothing_in_a_frame"),
            "refused": say(language, "site.keeps_nothing"),
            "tab": say(language, "site.in_a_tab"),
        }
        for language in LANGUAGES
    }
    later = {language: _later(lite, pyodide, language) for language in LANGUAGES}
    told = {"files": kernel_files(pyodide), "later": later, "words": words}
    text = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="drill-start">{text}</script>'


def _digest(lite: Path) -> str:
    """Another one wherever any file is another."""
    found = hashlib.sha256()
    for path in sorted(lite.rglob("*")):
        if path.is_file():
            found.update(f"{path.relative_to(lite).as_posix()} {digest(path)}\n".encode())
    return found.hexdigest()[:16]


def _asset(name: str) -> str:
    return (files("drilllib.site.lite") / "assets" / name).read_text(encoding="utf-8")
