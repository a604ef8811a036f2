"""
Where lessons are played: in the simulated lab, or with real packets where the machine can and somebody chose so.

DRILL_LAB=netns chooses, as `drill course --lab netns` and `drill run --lab netns` do; DRILL_SLOWNESS says how long a
documented second then takes.
"""

import os
import sys
from functools import cache

from drilllib.core.drills.lab import Lab
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import DrillError, InvalidInputError, Message, either, quoted
from drilllib.labs.netns.lab import SLOWNESS, NetnsLab
from drilllib.labs.netns.sandbox import why_not
from drilllib.labs.simulated import SimulatedLab
from drilllib.views.phrases.catalog import error_text, translate
from drilllib.views.phrases.language import language

LAB, SPEED = "DRILL_LAB", "DRILL_SLOWNESS"
SIMULATED, NETNS = "simulated", "netns"
LABS = (SIMULATED, NETNS)
INSTEAD = Message("no real packets here, so the simulated lab is used")


def open_lab(snapshot: Snapshot, client: str, name: str | None = None) -> Lab:
    """
    A lab that starts as *snapshot*, of the kind *name*, or else of the one chosen by DRILL_LAB.

    Where real packets cannot play it, the simulated lab does, and one line on the error stream says why.

    Raises:
        InvalidInputError: There is no such kind of lab, or DRILL_SLOWNESS is no number.
    """
    kind = name or os.environ.get(LAB) or SIMULATED
    if kind not in LABS:
        raise InvalidInputError("The lab is {lab}", remedy="Use {choices}", lab=quoted(kind), choices=either(LABS))
    if kind == NETNS:
        problem = no_real_packets()
        try:
            if problem is None:
                return NetnsLab(snapshot, client=client, slowness=slowness())
        except DrillError as error:
            problem = error_text(error, language())
        print(instead(problem), file=sys.stderr)
    return SimulatedLab(snapshot)


def instead(problem: str) -> str:
    """The line that says why the simulated lab is used, in the reader's language."""
    return f"{translate(INSTEAD.template, language())}: {problem}"


@cache
def no_real_packets() -> str | None:
    """Why this machine cannot play with real packets; None where it can. Tried once."""
    return why_not()


def slowness() -> float:
    """
    How long a documented second takes with real packets, by DRILL_SLOWNESS.

    Raises:
        InvalidInputError: It is no number.
    """
    text = os.environ.get(SPEED) or str(SLOWNESS)
    try:
        return float(text)
    except ValueError:
        raise InvalidInputError(
            "{speed} is {text}", remedy="Give a number from 0.01 to 1", speed=SPEED, text=quoted(text)
        ) from None
