"""What a guard refuses."""

from drilllib.errors import DrillError


class ConflictError(DrillError):
    """Somebody else has changed, or is changing, what was about to be written."""


class WriteRefusedError(DrillError):
    """The cloud, or the plan, does not allow it; nothing was written."""


class UncertainWriteError(DrillError):
    """Nobody can say whether a call was done; the journal knows what to look at."""
