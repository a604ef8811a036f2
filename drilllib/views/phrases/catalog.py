"""
Every sentence that a person reads, by key and language: gettext catalogues, views/locale/LANGUAGE/LC_MESSAGES.

A sentence that only views say has a symbolic key, in every catalogue. One that the engine writes in English (an error)
is its own key, and only the other languages' catalogues have it. Edit drilllib.po, then `make messages`.
"""

from functools import cache, lru_cache
from gettext import GNUTranslations
from pathlib import Path

from drilllib.errors import DrillError, InvalidInputError, Message, either, quoted

LANGUAGES = ("zh", "en")
LOCALE = Path(__file__).parents[1] / "locale"


def say(language: str, key: str, **values: object) -> str:
    """The sentence for *key*, with *values* filled in."""
    return translate(key, language).format(**values)


@lru_cache(maxsize=4096)
def translate(template: str, language: str) -> str:
    """An English sentence, with named blanks such as ``{name}``, in *language*; as it is where nobody translated it."""
    return _catalog(language).gettext(template)


def said(text: str | Message, language: str) -> str:
    """A message in *language*; a text as it is."""
    return text.text(lambda template: translate(template, language)) if isinstance(text, Message) else text


def error_text(error: DrillError, language: str) -> str:
    """What an error says, on one line."""
    return error.text(lambda template: translate(template, language))


def require_language(language: str) -> str:
    """
    The language, checked.

    Raises:
        InvalidInputError: It is neither zh nor en.
    """
    if language not in LANGUAGES:
        raise InvalidInputError(
            "The language is {language}",
            remedy="Use {choices}",
            language=quoted(language),
            choices=either(LANGUAGES),
        )
    return language


@cache
def _catalog(language: str) -> GNUTranslations:
    with (LOCALE / language / "LC_MESSAGES" / "drilllib.mo").open("rb") as compiled:
        return GNUTranslations(compiled)
