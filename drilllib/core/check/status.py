"""How an expectation fares, and which verdicts speak against one."""

from enum import StrEnum

from drilllib.core.trace.verdict import Verdict


class Status(StrEnum):
    """Whether an expectation holds. UNDETERMINED: none of its flows surely fails, and some may."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDETERMINED = "undetermined"


AGAINST = {
    "allow": (Verdict.UNREACHABLE, Verdict.INTERMITTENT),
    "forbid": (Verdict.REACHABLE, Verdict.INTERMITTENT),
}


def status_against(kind: str, verdict: Verdict) -> Status:
    """What one source that fares so says of an expectation of that kind, ``allow`` or ``forbid``."""
    if verdict is Verdict.UNDETERMINED:
        return Status.UNDETERMINED
    return Status.FAILS if verdict in AGAINST[kind] else Status.HOLDS
