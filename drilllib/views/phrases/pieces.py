"""Sentences that know which of their words are code, so that a page can set them in a font of their own."""

from collections.abc import Iterable
from string import Formatter
from typing import Self

from drilllib.errors import printable
from drilllib.views.phrases.catalog import translate


class Code(str):
    """What stands in rules, commands and names of resources: a page shows it in the code font and never breaks it."""

    __slots__ = ()


class Phrase(str):
    """A sentence, which also knows its *pieces*: those that are `Code`, and the words between them."""

    __slots__ = ("pieces",)
    pieces: tuple[str, ...]

    @classmethod
    def of(cls, pieces: Iterable[str]) -> Self:
        """The pieces as one text; a phrase among them counts by its own pieces."""
        flat = tuple(inner for each in pieces for inner in (each.pieces if isinstance(each, Phrase) else (each,)))
        made = cls("".join(flat))
        made.pieces = flat
        return made

    @classmethod
    def joined(cls, separator: str, items: Iterable[str]) -> Self:
        """The items with *separator* between them."""
        return cls.of(piece for place, item in enumerate(items) for piece in ((separator, item) if place else (item,)))

    def printable(self) -> Self:
        """The same with what a terminal would obey or hide written as escapes."""
        return self.of(Code(printable(each)) if isinstance(each, Code) else printable(each) for each in self.pieces)


def phrase(language: str, key: str, **values: object) -> Phrase:
    """The sentence for *key* as `say` has it; what is `Code` or a `Phrase` among *values* stays that."""
    pieces: list[str] = []
    for words, name, how, _ in Formatter().parse(translate(key, language)):
        pieces.append(words)
        if name is not None:
            value = values[name]
            pieces.append(value if isinstance(value, str) and not how else format(value, how or ""))
    return Phrase.of(each for each in pieces if each)
