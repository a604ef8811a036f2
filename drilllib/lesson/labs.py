"""
Where lessons are played: in the simulated lab, with real packets where the machine can and somebody chose so, or in
somebody's real cluster.

DRILL_LAB=netns or live chooses, as `drill course --lab netns` and `drill run --lab netns` do; DRILL_SLOWNESS says how
long a documented second of real packets takes.
"""

import os
import sys
from functools import cache

from drilllib.core.drills.lab import Lab
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import DrillError, InvalidInputError, Message, MissingToolError, either, quoted
from drilllib.labs.netns.lab import SLOWNESS, NetnsLab
from drilllib.labs.netns.sandbox import why_not
from drilllib.labs.simulated import SimulatedLab
from drilllib.views.phrases.catalog import error_text, say, translate
from drilllib.views.phrases.language import language

LAB, SPEED = "DRILL_LAB", "DRILL_SLOWNESS"
SIMULATED, NETNS, LIVE = "simulated", "netns", "live"
LABS = (SIMULATED, NETNS, LIVE)
INSTEAD = Message("no real packets here, so the simulated lab is used")
CONNECTIONS = Message("this connection is not played there, so the simulated lab is used")
NOT_LIVE = Message("this drill is not played in the cluster, so the simulated lab is used")


def open_lab(snapshot: Snapshot, client: str, name: str | None = None) -> Lab:
    """
    A lab that starts as *snapshot*, of the kind *name*, or else of the one chosen by DRILL_LAB.

    Where real packets, or the cluster, cannot play it, the simulated lab does, and one line on the error stream says
    why.

    Raises:
        InvalidInputError: There is no such kind of lab, or DRILL_SLOWNESS is no number.
        DrillError: The cluster cannot be read, or nobody has consented to drills in it.
    """
    kind = _kind(name)
    if kind == NETNS:
        problem = no_real_packets()
        try:
            if problem is None:
                return NetnsLab(snapshot, client=client, slowness=slowness())
        except DrillError as error:
            problem = error_text(error, language())
        print(instead(problem), file=sys.stderr)
    return _live(snapshot, client) if kind == LIVE else SimulatedLab(snapshot)


def open_between(snapshot: Snapshot, client: str, door: str, name: str | None = None) -> Lab:
    """
    A lab for a connection to *door*, of the kind *name* or else the one chosen by DRILL_LAB; *client* is its host
    outside of the cluster.

    Real packets know no ClusterIP, and of these scenarios no VIP, and a cluster plays none of it: there the simulated
    lab does, and one line says so.

    Raises:
        InvalidInputError: There is no such kind of lab, or DRILL_SLOWNESS is no number.
    """
    kind = _kind(name)
    if kind == NETNS and door.startswith(("pod/", "node/")):
        return open_lab(snapshot, client, kind)
    if kind != SIMULATED:
        print(translate(CONNECTIONS.template, language()), file=sys.stderr)
    return SimulatedLab(snapshot)


def _kind(name: str | None) -> str:
    """
    Raises:
        InvalidInputError: There is no such kind of lab.
    """
    kind = name or os.environ.get(LAB) or SIMULATED
    if kind not in LABS:
        raise InvalidInputError("The lab is {lab}", remedy="Use {choices}", lab=quoted(kind), choices=either(LABS))
    return kind


def take_back_what_is_due() -> None:
    """
    Take back the openings whose time is up, and say so on the error stream.

    Raises:
        DrillError: There are no keys to do so with, or the folder of the journals cannot be read.
    """
    from drilllib.guard.journals import Entry
    from drilllib.labs.live.opening import close_what_is_due

    for each in close_what_is_due(os.environ):
        if isinstance(each, Entry):
            print(say(language(), "changes.due", journal=each.id, until=each.head["until"]), file=sys.stderr)
        else:
            why = error_text(each.error, language())
            print(say(language(), "rollback.failed", where=each.path.stem, why=why), file=sys.stderr)


def _live(snapshot: Snapshot, client: str) -> Lab:
    from drilllib.labs.live.opening import open_live
    from drilllib.labs.live.start import NotPlayableError

    take_back_what_is_due()
    try:
        return open_live(snapshot, client, os.environ)
    except NotPlayableError as error:
        print(f"{translate(NOT_LIVE.template, language())}: {error_text(error, language())}", file=sys.stderr)
    return SimulatedLab(snapshot)


def what_stands(lab: Lab) -> str:
    """What a lab leaves behind when it is closed, in the reader's language; "" where that is nothing."""
    journal = getattr(lab, "journal", "")
    return say(language(), "live_stands", journal=journal) if journal else ""


def of_rehearsal(name: str | None) -> str | None:
    """The kind of lab for a copy of one that was opened as *name*: there is one cluster, and it is not copied."""
    return SIMULATED if (name or os.environ.get(LAB)) == LIVE else name


def instead(problem: str) -> str:
    """The line that says why the simulated lab is used, in the reader's language."""
    return f"{translate(INSTEAD.template, language())}: {problem}"


def require_machine() -> None:
    """
    Raises:
        MissingToolError: This is the Python of a browser tab, which no process and no socket can be had from.
    """
    if sys.platform == "emscripten":
        raise MissingToolError(
            "This lesson starts programs and opens sockets, which a browser tab cannot do",
            remedy="Run the course on a computer: clone drilllib, then make course",
        )


@cache
def no_real_packets() -> str | None:
    """Why this machine cannot play with real packets; None where it can. Tried once."""
    try:
        require_machine()
    except MissingToolError as error:
        return error_text(error, language())
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
