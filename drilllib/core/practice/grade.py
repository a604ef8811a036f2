"""The grade of an attempt, recomputed from its log and its world alone."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from drilllib.core.drills.worlds.world import Cause, World
from drilllib.core.facts import Fact, fact
from drilllib.core.plain import plain
from drilllib.core.practice.attempt import Attempt
from drilllib.core.practice.doors import client_of, cut_off, label_of, unserved
from drilllib.core.practice.feedback import next_steps
from drilllib.core.practice.hypotheses import SEVERAL
from drilllib.core.practice.looks import Look
from drilllib.core.practice.openness import Openness, Port, Surplus, at_once, health_behind, port_of, surplus, through
from drilllib.core.practice.others import broken
from drilllib.core.practice.plans import price_of
from drilllib.core.practice.reasons import PARTS, GradeCode, Part, cause_fact
from drilllib.core.practice.replay import begun, left
from drilllib.core.practice.stops import why
from drilllib.core.practice.telling import fact_of_clients, told
from drilllib.core.reach.clients import ClientClass, Reach, clients_from
from drilllib.core.sets.boxes import boxes
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.verdict import Verdict

SCHEMA = "drilllib/grade/1"
GOOD = (*(GradeCode.NAMED, GradeCode.NOTHING_WRONG, GradeCode.SERVED, GradeCode.LEFT_ALONE, GradeCode.NOTHING_MORE),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """
    Three parts, all of which it takes to pass, and what the looks and hints cost against the *best* plan.

    *plan* are the looks of the best plan. *reasons* say for each part why it is as it is, and what next; *surplus* is
    all that the interfaces accept too much.
    """

    localised: bool
    repaired: bool
    restrained: bool
    looks: int
    best: int
    reasons: tuple[Fact, ...]
    surplus: tuple[Surplus, ...] = ()
    plan: tuple[Look, ...] = ()

    @property
    def passed(self) -> bool:
        """All three parts."""
        return self.localised and self.repaired and self.restrained

    def of(self, part: Part) -> tuple[Fact, ...]:
        """The reasons of one part."""
        return tuple(each for each in self.reasons if PARTS[GradeCode(each.code)] is part)

    def to_dict(self) -> dict[str, Any]:
        """The `drilllib/grade/1` document."""
        parts = {name: getattr(self, name) for name in ("localised", "repaired", "restrained", "passed")}
        return {
            "schema": SCHEMA,
            **parts,
            "looks": self.looks,
            "best": self.best,
            "plan": [plain(each) for each in self.plan],
            "reasons": [_reason(each) for each in self.reasons],
            "surplus": [_surplus(each) for each in self.surplus],
        }


def _reason(reason: Fact) -> dict[str, Any]:
    code = GradeCode(reason.code)
    values = {name: str(value) for name, value in reason.values}
    return {"part": PARTS[code], "code": code.name, "values": values, "text": str(reason)}


def _surplus(each: Surplus) -> dict[str, Any]:
    flows = [box.to_dict() for box in boxes(each.flows)]
    return {"resource": each.resource, "direction": each.direction, "flows": flows}


class Yardstick:
    """A world as grades are measured by it: what it lets through as it is found, and after the reference repair."""

    def __init__(self, world: World) -> None:
        self.world, self.start = world, Openness(world.snapshot, world.meant)
        self.reference = Openness(world.reference, world.meant)
        self.served = clients_from(map(ip_network, () if world.connections else world.served))

    def begun(self, attempt: Attempt) -> "Yardstick":
        """The same, where a lab began otherwise than the world's snapshot: what it has of its own is nobody's doing."""
        start = begun(self.world, attempt)
        if start is self.world.snapshot:
            return self
        found = copy(self)
        found.start = Openness(start, self.world.meant)
        return found

    def final(self, attempt: Attempt) -> Openness:
        """What the attempt left; the reference or the start themselves, where nothing of it is another. See `left`."""
        found = Openness(left(self.world, attempt), self.world.meant)
        same = (each for each in (self.reference, self.start) if each.is_like(found))
        return next(same, found)


def grade(attempt: Attempt, yardstick: Yardstick, plan: Sequence[Look] = ()) -> Grade:
    """
    What the attempt is worth; *plan* are the looks of the best plan.

    Raises:
        InvalidInputError: A change of its log does not fit the world.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    world = yardstick.world
    measured = yardstick.begun(attempt)
    final = measured.final(attempt)
    over = tuple(surplus(final, measured.start, measured.reference))
    found = {
        Part.LOCALISED: tuple(localised(attempt.statement, world.causes)),
        Part.REPAIRED: tuple(repaired(final, measured)),
        Part.RESTRAINED: tuple(restrained(final, measured, over)),
    }
    held = {part: all(each.code in GOOD for each in reasons) for part, reasons in found.items()}
    best = price_of(plan)
    found[Part.LOOKS] = tuple(looked(attempt, best))
    found[Part.NEXT] = tuple(next_steps(attempt, world, passed=all(held.values()), best=best))
    reasons = tuple(each for listed in found.values() for each in listed)
    return Grade(**held, looks=attempt.spent_before, best=best, reasons=reasons, surplus=over, plan=tuple(plan))


def looked(attempt: Attempt, best: int) -> Iterator[Fact]:
    """What the search has cost, against the best plan."""
    yield fact(GradeCode.SPENT, spent=attempt.spent_before, best=best)
    if attempt.header.level >= SEVERAL:
        yield fact(GradeCode.SINGLY)
    if attempt.hints:
        yield fact(GradeCode.HINTS, count=attempt.hints)


def localised(stated: Sequence[Cause] | None, causes: Sequence[Cause]) -> Iterator[Fact]:
    """Is every cause named, and nothing else blamed?"""
    if stated is None:
        yield fact(GradeCode.NOT_STATED)
        return
    if not causes and not stated:
        yield fact(GradeCode.NOTHING_WRONG)
    if causes and not stated:
        yield fact(GradeCode.BLAMED_NOTHING)
    missed = [cause for cause in causes if not any(cause.names(each) for each in stated)]
    for cause in causes:
        yield fact(GradeCode.MISSED if cause in missed else GradeCode.NAMED, cause=cause_fact(cause))
    for each in dict.fromkeys(stated):
        if not any(cause.names(each) for cause in causes):
            nearly = each.group and each.group in [cause.group for cause in missed]
            yield fact(GradeCode.NEARLY if nearly else GradeCode.BLAMED, cause=cause_fact(each))


def repaired(final: Openness, yardstick: Yardstick) -> Iterator[Fact]:
    """Do those who are meant to get through wherever the reference lets them, and is nothing else broken?"""
    failed = list(failures(final, yardstick, final.service))
    if failed:
        yield from failed
    elif yardstick.world.causes:
        world = yardstick.world
        service = label_of(world.connections[0]) if world.connections else world.meant.service or ""
        yield fact(GradeCode.SERVED, clients=", ".join(world.served), service=service)
    else:
        yield fact(GradeCode.LEFT_ALONE)


def failures(final: Openness, yardstick: Yardstick, service: Mapping[Port, Reach]) -> Iterator[Fact]:
    """What speaks against it that it is repaired; *service* is how all clients fare in the end, or those served."""
    world = yardstick.world
    if world.connections and final is not yardstick.reference:
        yield from unserved(final.snapshot, world)
        yield from cut_off(final.snapshot, yardstick.start.snapshot, yardstick.reference.snapshot, world)
    elif final is not yardstick.reference:
        yield from _unserved(service, yardstick)
        yield from _unhealthy(service, yardstick)
        yield from broken(final, yardstick.start, yardstick.reference)


def _unserved(service: Mapping[Port, Reach], yardstick: Yardstick) -> Iterator[Fact]:
    """At each port: those who do not get through on every path, by how they fare."""
    for port, meant in yardstick.reference.service.items():
        wanted = yardstick.served & meant.clients(Verdict.REACHABLE)
        prompt = yardstick.served & at_once(meant)
        found = service.get(port)
        if found is None and wanted:
            values = {"clients": fact_of_clients(wanted), "service": _service(meant), "why": fact(Reason.NO_LISTENER)}
            yield fact(GradeCode.UNSERVED, **values)
        for each in found.classes if found else ():
            missing = each.clients & (prompt if _is_late(each) else wanted)
            if missing and (each.trace.verdict is not Verdict.REACHABLE or _is_late(each)):
                yield fact(
                    _CODES[each.trace.verdict],
                    clients=fact_of_clients(missing),
                    service=_service(meant),
                    why=why(each.trace),
                )


_CODES = {
    Verdict.UNREACHABLE: GradeCode.UNSERVED,
    Verdict.INTERMITTENT: GradeCode.SOMETIMES,
    Verdict.UNDETERMINED: GradeCode.UNTOLD,
    Verdict.REACHABLE: GradeCode.LATE,
}


def _is_late(each: ClientClass) -> bool:
    return each.trace.verdict is Verdict.REACHABLE and each.trace.reason is Reason.DELIVERED_AFTER_RETRY


def _unhealthy(service: Mapping[Port, Reach], yardstick: Yardstick) -> Iterator[Fact]:
    """Targets that are not as the reference has them; of those that it has not, every one has to be Alive."""
    reference = health_behind(yardstick.reference.service)
    for target, state in health_behind(service).items():
        wanted = reference.get(target, "Alive")
        if state != wanted:
            yield fact(GradeCode.UNHEALTHY, target=target, state=state, wanted=wanted)


def restrained(final: Openness, yardstick: Yardstick, over: Sequence[Surplus]) -> Iterator[Fact]:
    """Is nothing open that is neither from the start nor after the reference repair?"""
    asked = yardstick.world.meant.protocol or "TCP"
    found = [*told(over, final, asked, client_of(yardstick.world)), *openings(final, yardstick)]
    yield from found or [fact(GradeCode.NOTHING_MORE)]


def openings(final: Openness, yardstick: Yardstick) -> Iterator[Fact]:
    """What is open from a CLB to the end, or past groups, besides what interfaces accept too much."""
    start, reference = yardstick.start, yardstick.reference
    if final is start or final is reference:
        return
    for reached, clients in through(final, start, reference):
        yield fact(GradeCode.THROUGH, clients=fact_of_clients(clients), service=_service(reached))
    for balancer in sorted(final.unasked - start.unasked - reference.unasked):
        yield fact(GradeCode.UNASKED, balancer=balancer)


def _service(reached: Reach) -> str:
    """What is asked, as in ``shop/web:80``."""
    vip, port, _, _ = port_of(reached)
    return f"{reached.question.service or vip}:{port}"
