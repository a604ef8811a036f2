"""Imports that take a second, made while a lesson waits for other programs; the cell that needs them has them then."""

import contextlib
import sys
import threading
from collections.abc import Sequence
from importlib import import_module


def import_ahead(*names: str) -> None:
    """Begin to import these modules, in this order, in a thread; a problem is left to whoever needs them."""
    wanted = [name for name in names if name not in sys.modules]
    if wanted:
        threading.Thread(target=_import, args=(wanted,), name="import-ahead", daemon=True).start()


def _import(names: Sequence[str]) -> None:
    with contextlib.suppress(Exception):
        for name in names:
            import_module(name)
