"""
Every error that drilllib raises on purpose.

* DrillError
  - InvalidRuleError       a rule that cannot be read or means nothing
  - InvalidInputError      a file, snapshot, address or argument that cannot be used
  - UnknownNameError       a name that is not there: a fault, a service, a group, a notebook
  - LabStateError          a step out of order, such as probing a closed lab
  - MissingToolError       a program or package this step needs is not on the machine
  - TooComplexError        an exact answer would take more time or memory than anyone would wait for

A blocked packet is never an error: it is a verdict, the thing we teach.

A message is a template in English with named values. Whoever shows it translates the template, never the values.
"""

import re
from collections.abc import Callable, Iterable

Translate = Callable[[str], str]
_NAMED = re.compile(r"\{(\w+)\}")


def _english(template: str) -> str:
    return template


def _text(value: object, translate: Translate) -> str:
    return value.text(translate) if isinstance(value, Message) else str(value)


class Message:
    """
    A sentence or a part of one: a template such as ``There is no group {name}``, and its values by name.

    A value that is a Message itself is translated with the whole; any other is shown as it is, braces and all.
    """

    __slots__ = ("template", "values")

    def __init__(self, template: str, /, **values: object) -> None:
        self.template, self.values = template, values

    def __str__(self) -> str:
        return self.text(_english)

    def text(self, translate: Translate) -> str:
        """The sentence, its template as *translate* gives it in another language."""
        values = {name: _text(value, translate) for name, value in self.values.items()}
        return _NAMED.sub(lambda found: values.get(found[1], found[0]), translate(self.template))


def either(choices: Iterable[object]) -> object:
    """The choices as in ``HTTP or TCP``."""
    first, *others = choices
    return Message("{first} or {others}", first=first, others=either(others)) if others else first


def listed(choices: Iterable[object]) -> object:
    """The choices as in ``HTTP, TCP``, with the comma of the reader's language; empty where there are none."""
    level = list(choices)
    while len(level) > 1:  # in pairs: however many there are, few stand in each other
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [*(Message("{first}, {second}", first=a, second=b) for a, b in pairs), *level[len(level) // 2 * 2 :]]
    return level[0] if level else ""


class DrillError(Exception):
    """
    Something the user can put right.

    Args:
        problem: names the thing and the value found; a template, or a Message that came from elsewhere.
        remedy: the next move; likewise.
        values: what stands for the names in both templates.
    """

    translate: Translate = staticmethod(_english)  # into the language of the notebook: see `speak`

    def __init__(self, problem: str | Message, *, remedy: str | Message, **values: object) -> None:
        self.problem_message, self.remedy_message = (
            part if isinstance(part, Message) else Message(part, **values) for part in (problem, remedy)
        )
        self.problem, self.remedy = printable(str(self.problem_message)), printable(str(self.remedy_message))
        super().__init__(self.text(_english))

    def text(self, translate: Translate) -> str:
        """Problem and remedy on one line, safe to print, their templates as *translate* gives them."""
        problem, remedy = (printable(part.text(translate)) for part in (self.problem_message, self.remedy_message))
        return Message("{problem}. {remedy}.", problem=problem, remedy=remedy).text(translate)

    def _render_traceback_(self) -> list[str]:
        """
        What Jupyter shows: the message says all there is to say, and the way through our code helps nobody.

        The name of the class is English, and stands before an English message only.
        """
        text = self.text(DrillError.translate)
        return [f"{type(self).__name__}: {text}" if text == str(self) else text]


def speak(translate: Translate) -> None:
    """Let Jupyter show errors as *translate* gives them."""
    DrillError.translate = staticmethod(translate)


class InvalidRuleError(DrillError):
    """A rule cannot be read, or means nothing."""


class InvalidInputError(DrillError):
    """A file, a snapshot, an address or an argument cannot be used."""


class UnknownNameError(DrillError):
    """A name that is not there. The remedy lists the names that are."""


class LabStateError(DrillError):
    """A step out of order, such as probing a closed lab."""


class MissingToolError(DrillError):
    """A program or package that this step needs is not on the machine."""


class TooComplexError(DrillError):
    """An exact answer would take more time or memory than anyone would wait for."""


def quoted(value: object, limit: int = 60) -> str:
    """*value* as it would be typed, on one line, safe to print anywhere and cut at *limit* characters."""
    try:
        text = ascii(value) if not isinstance(value, str) or not value.isprintable() else f"'{value}'"
    except (RecursionError, ValueError):  # nested too deeply, or a number too long to be written out
        return f"a {type(value).__name__}"
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def printable(text: str) -> str:
    """*text* on one line, with whatever would spoil a terminal written as an escape."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
