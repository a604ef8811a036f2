"""Imports that take a second, made while a lesson waits for other programs; the cell that needs them has them then."""

import contextlib
import sys
import threading
from collections.abc import Callable, Sequence
from importlib import import_module


def import_ahead(*names: str) -> Callable[[], None]:
    """
    Begin to import these modules, in this order, in a thread; a problem is left to whoever needs them.

    What is given back waits for the thread. Call it before anybody may import the same: packages whose modules import
    each other in a circle, such as requests, cannot be imported by two threads at a time.
    """
    wanted = [name for name in names if name not in sys.modules]
    if not wanted:
        return lambda: None
    thread = threading.Thread(target=_import, args=(wanted,), name="import-ahead", daemon=True)
    thread.start()
    return thread.join


def _import(names: Sequence[str]) -> None:
    with contextlib.suppress(Exception):
        for name in names:
            import_module(name)
