"""Somebody's own outage: what is wrong in a snapshot of theirs, and what it is once it is repaired."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from ipaddress import ip_network
from itertools import chain, islice

from drilllib.core.drills.worlds.own import Own
from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.fix.proposals import fix
from drilllib.core.fix.service_objects import declared_ports, of_kind
from drilllib.core.practice.found import Found, found_causes
from drilllib.core.practice.settings import settings_of, with_setting
from drilllib.core.reach.clients import clients_from, reach
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import DrillError

MOST_WAYS = 20  # of mending one object that are tried
MOST_OBJECTS = 4  # causes that are no group's, one behind the other
USUAL_WEIGHT = "10"


@dataclass(frozen=True, slots=True)
class Outage:
    """
    A snapshot with what was found out of it. *own*: as a drill has it; its reference is its snapshot where no repair
    was found, and *is_repaired* is False. *others* are what the engine finds wrong that nobody can state.
    """

    own: Own
    is_repaired: bool
    others: tuple[Reason, ...] = ()


def outage(
    snapshot: Snapshot, question: Question, served: Sequence[str], stated: Sequence[Cause] | None = None
) -> Outage:
    """
    What is wrong for the client of *question*, one of the *served*, and the repair that serves them all.

    The causes are those that the engine finds, or those *stated*. See `trace` and `fix` for errors.
    """
    ways = islice(_ways_out(snapshot, question, served, Found((), ())), MOST_WAYS)
    first = next(ways)
    found, after = next((each for each in chain([first], ways) if is_served(each[1], question, served)), first)
    works = is_served(after, question, served)
    own = Own(
        snapshot=snapshot,
        reference=after if works else snapshot,
        question=question,
        served=tuple(served),
        causes=found.causes if stated is None else tuple(stated),
    )
    return Outage(own, works, found.others if stated is None else ())


def _ways_out(
    now: Snapshot, question: Question, served: Sequence[str], before: Found, depth: int = MOST_OBJECTS
) -> Iterator[tuple[Found, Snapshot]]:
    """
    Snapshots after a repair that may be one, with what was found on the way: objects one behind the other, each in
    every way, and then the groups.
    """
    found = found_causes(now, question)
    causes = dict.fromkeys((*before.causes, *found.causes))
    told = Found(tuple(causes), tuple(dict.fromkeys((*before.others, *found.others))))
    objects = [each for each in found.causes if each.kind is not CauseKind.GROUP]
    afters = (each for one in objects for each in _mended(now, question, one))
    after = None
    for after in afters if depth else ():
        yield from _ways_out(after, question, served, told, depth - 1)
    if after is None:
        yield told, _groups_repaired(now, question, served)


def is_served(snapshot: Snapshot, question: Question, served: Sequence[str]) -> bool:
    """Do all of them get through, and is every target Alive?"""
    asked = replace(question, client="")
    wanted = clients_from(map(ip_network, served))
    if not all(wanted <= each.clients(Verdict.REACHABLE) for each in reach(snapshot, asked)):
        return False
    first = str(next(iter(ip_network(served[0]))))
    answer = trace(snapshot, replace(question, client=first))
    return all(each.state in ("Alive", "Close") for each in answer.health)


def _groups_repaired(snapshot: Snapshot, question: Question, served: Sequence[str]) -> Snapshot:
    """The snapshot after what `fix` proposes first; as it was where that has nothing."""
    with suppress(DrillError):
        found = fix(snapshot, replace(question, client=""), [ip_network(each) for each in served])
        if found.proposals:
            return found.best.made(snapshot)
    return snapshot


def _mended(snapshot: Snapshot, question: Question, cause: Cause) -> Iterator[Snapshot]:
    """The snapshot with that object as it has to be, each way after which the engine does not blame it any more."""
    for place, changes in enumerate(_ways(snapshot, question, cause)):
        now = snapshot
        with suppress(DrillError):
            for key, value in changes:
                now = with_setting(now, question, key, value)
            blamed = {each.kind for each in found_causes(now, question).causes}
            if cause.kind not in blamed and not _is_untold(now, question):
                yield now
        if place >= MOST_WAYS:
            return


def _is_untold(snapshot: Snapshot, question: Question) -> bool:
    return trace(snapshot, question).verdict is Verdict.UNDETERMINED


def _ways(snapshot: Snapshot, question: Question, cause: Cause) -> Iterator[list[tuple[str, str]]]:
    """Settings to be made, each a way to mend the cause."""
    own = {each.kind: each for each in settings_of(snapshot, question)}
    match cause.kind:
        case CauseKind.SELECTOR:
            yield from ([(own["selector"].key, each)] for each in own["selector"].choices)
        case CauseKind.NOT_READY:
            yield [(own["pods"].key, "ready")]
        case CauseKind.TARGET_PORT:
            pods = of_kind(snapshot.to_dict(), "Pod")
            ports = declared_ports(pods, question.protocol or "TCP")
            yield from ([(own["target_port"].key, str(each))] for each in ports)
        case CauseKind.LOCAL_POLICY:
            yield [(own["policy"].key, "Cluster")]
        case CauseKind.LISTENER:
            listeners = snapshot.listeners(cause.resource) or ()
            yield from ([(f"listener {each.listener_id}", str(question.port))] for each in listeners)
        case CauseKind.WEIGHT:
            yield [(f"weight {cause.resource}", USUAL_WEIGHT)]
        case CauseKind.STOPPED:
            yield [(f"state {each}", "RUNNING") for each in (cause.resource, *cause.alike)]
