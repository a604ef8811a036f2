"""What a guard refuses."""

from drilllib.errors import DrillError


class ConflictError(DrillError):
    """Somebody else has changed, or is changing, what was about to be written."""


class WriteRefusedError(DrillError):
    """The cloud, or the plan, does not allow it; nothing was written."""


class OpenToWorldError(WriteRefusedError):
    """It would let everybody in, or out to everybody: *name* is the group or resource that may be named as meant."""

    name = ""


class UncertainWriteError(DrillError):
    """Nobody can say whether a call was done; the journal knows what to look at."""
