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
"""


class DrillError(Exception):
    """Something the user can put right. *problem* names the thing and the value found, *remedy* the next move."""

    def __init__(self, problem: str, *, remedy: str) -> None:
        self.problem = printable(problem)
        self.remedy = printable(remedy)
        super().__init__(f"{self.problem}. {self.remedy}.")

    def _render_traceback_(self) -> list[str]:
        """What Jupyter shows: the message says all there is to say, and the way through our code helps nobody."""
        return [f"{type(self).__name__}: {self}"]


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
