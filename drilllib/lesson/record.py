"""
What the learner has done, kept beside their notebooks: one line of JSON an event, only ever added.

A learner's folder is one that `drill course` has filled. Elsewhere, and where nobody is looking, nothing is written.
"""

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib.errors import InvalidInputError, quoted
from drilllib.practice.folder import COPIES as COPIES
from drilllib.practice.folder import is_course_folder
from drilllib.views.panel.static import headless
from drilllib.views.phrases.catalog import error_text
from drilllib.views.phrases.language import language

RECORD = ".drilllib-progress.jsonl"
FIRST_FAULTS = {  # the lesson that opens this fault first; others are known by their notebook's name alone
    "first-steps": "00-start",
    "group-1": "01-clb",
    "group-2": "02-node",
    "group-3": "03-pod",
    "original-drill": "04-investigation",
    "two-groups": "05-practice",
    "history": "06-exact",
}
SCENARIOS = {  # lessons 20 to 29: the scenario that each opens first
    "pod-to-pod": "20-pod-to-pod",
    "pod-egress": "21-pod-egress",
    "nodeport": "22-nodeport",
    "private-clb": "23-private-clb",
    "node-to-pod": "24-node-to-pod",
    "super-node": "25-super-node",
    "global-router": "26-global-router",
    "global-router-node": "27-global-router-node",
    "global-router-direct": "28-global-router-clb",
    "super-node-direct": "29-super-node-clb",
}
LATER = ("07-real-packets", "08-cloud", "09-tickets", "10-own-service", "11-production", "12-study")
LESSONS = (*FIRST_FAULTS.values(), *LATER, *SCENARIOS.values())
Event = dict[str, Any]
_said: set[str] = set()  # what was said already; once is enough
_current: list[str] = []  # the lesson of this kernel, once it is known


def learner_folder() -> Path | None:
    """The folder of the learner's copies that this process works in; None where there is none."""
    try:
        here = Path.cwd()
    except FileNotFoundError:
        return None
    return next(filter(is_course_folder, (here, here.parent)), None)


def begin(fault: str) -> None:
    """A lesson has been opened: which one, follows from the notebook's name, else from the first fault."""
    if not _current:
        stem = Path(os.environ.get("JPY_SESSION_NAME", "")).stem
        known = {**FIRST_FAULTS, **SCENARIOS}
        _current[:] = [stem] if stem in LESSONS else [known[fault]] if fault in known else []


def cell() -> str:
    """The id of the notebook's cell that runs; empty where the front end does not tell it, as JupyterLab does."""
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython else None
    message = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return str(message.get("metadata", {}).get("cellId", ""))


def note(what: str, key: str, *, right: bool, lesson: str | None = None) -> None:
    """
    Keep an event of *lesson*, by default the one that is open: a `prediction`, a `quiz` answer, a `verified` repair.

    A folder that cannot be written is told in one line, and harms nothing.
    """
    name, folder = lesson or next(iter(_current), ""), learner_folder()
    if headless() or folder is None or not name:
        return
    event = {"lesson": name, "what": what, "key": key, "right": right}
    problem = append(folder, event)
    if problem and str(problem) not in _said:
        _said.add(str(problem))
        print(error_text(problem, language()), file=sys.stderr)


def append(folder: Path, event: Event) -> InvalidInputError | None:
    """Add an event to the folder's record; what went wrong, or None."""
    stamped = {**event, "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    try:
        _add_line(folder / RECORD, json.dumps(stamped))
    except OSError as error:
        return InvalidInputError(
            "Your progress is not kept, {path}: {reason}",
            remedy="Go on; to keep it, make the folder writable",
            path=quoted(str(folder / RECORD)),
            reason=error.strerror or error,
        )
    return None


def _add_line(path: Path, line: str) -> None:
    """In one write, so that no line is ever half there; behind a torn one, from a full disk, a new one begins."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags, 0o644)
    try:
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        os.write(handle, ("\n" * torn + line + "\n").encode("ascii"))
    finally:
        os.close(handle)


def events(folder: Path) -> Iterator[Event]:
    """
    What is on record, the oldest first. Lines that are no events, such as a torn one, are passed over.

    Raises:
        InvalidInputError: The record is there and cannot be read.
    """
    path = folder / RECORD
    if not path.exists():
        return
    for line in files.read_lines(str(path)):
        event = _event(line)
        if event:
            yield event


def _event(line: str) -> Event | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    texts = ("lesson", "what", "key")
    fits = isinstance(found, dict) and all(isinstance(found.get(name), str) for name in texts)
    return found if fits and isinstance(found.get("right"), bool) else None
