"""Which language to speak: named, set in the environment, given by the folder of a notebook, or the locale's."""

import locale
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from drilllib.errors import InvalidInputError
from drilllib.views.phrases.catalog import LANGUAGES, require_language, translate

LOCALE = "DRILL_LOCALE"  # the user's own, where a program between us and them has another


def language(named: str | None = None) -> str:
    """
    *named* if given, else DRILL_LANG, else the working folder's name where that is ``zh`` or ``en``, else the locale.

    Kernels start in their notebook's folder, so notebooks/zh and notebooks/en can share every code cell.

    Raises:
        InvalidInputError: *named* or DRILL_LANG is neither zh nor en.
    """
    chosen = named or os.environ.get("DRILL_LANG")
    if chosen:
        return require_language(chosen)
    folder = _working_folder()
    return folder if folder in LANGUAGES else of_locale()


def _working_folder() -> str:
    """Its name; empty where it is gone."""
    try:
        return Path.cwd().name
    except FileNotFoundError:
        return ""


def translator(named: str | None = None) -> Callable[[str], str]:
    """What gives a sentence in the reader's language; in English where it is the language that cannot be told."""
    try:
        return partial(translate, language=language(named))
    except InvalidInputError:
        return str


def of_locale() -> str:
    """The language of the user's locale, where there is a catalogue for it, else en."""
    found = [os.environ[name] for name in (LOCALE, "LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)]
    name = (found[0] if found else locale.getlocale()[0] or "").lower()
    if name.startswith("chinese"):  # so Windows calls it
        return "zh"
    return next((each for each in LANGUAGES if name.startswith(each)), "en")
