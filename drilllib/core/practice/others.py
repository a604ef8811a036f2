"""What a repair broke elsewhere: other listeners that worked at the start and in the reference, and no longer do."""

from collections.abc import Iterator

from drilllib.core.facts import Fact, fact
from drilllib.core.practice.openness import Openness, Port
from drilllib.core.practice.reasons import GradeCode
from drilllib.core.practice.stops import why
from drilllib.core.practice.telling import fact_of_clients
from drilllib.core.reach.clients import Reach
from drilllib.core.sets.flowsets import EMPTY
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.verdict import Verdict


def broken(final: Openness, start: Openness, reference: Openness) -> Iterator[Fact]:
    """Clients and targets of other Services that fare worse than at the start, though the reference leaves them."""
    if final.snapshot is start.snapshot:
        return
    for port in (each for each in start.listening if each not in start.own):
        before, meant = start.reached(port), reference.reached(port)
        if before is not None and meant is not None:
            yield from _lost(port, final, before, meant, final.reached(port))


def _lost(port: Port, final: Openness, before: Reach, meant: Reach, now: Reach | None) -> Iterator[Fact]:
    still = now.clients(Verdict.REACHABLE) if now else EMPTY
    lost = (before.clients(Verdict.REACHABLE) & meant.clients(Verdict.REACHABLE)) - still
    name = final.service_at(port)
    if lost:
        found = (each.trace for each in now.classes if each.clients & lost) if now else iter(())
        answer = next(found, None)
        reason = why(answer) if answer else fact(Reason.NO_LISTENER)
        yield fact(GradeCode.BROKEN, clients=fact_of_clients(lost), service=name, why=reason)
    states = health_of(now) if now else {}
    wanted = health_of(meant)
    for target, state in health_of(before).items():
        if state == wanted.get(target) == "Alive" and states.get(target, state) != "Alive":
            yield fact(GradeCode.SICKENED, target=target, service=name, state=states[target])


def health_of(reached: Reach) -> dict[str, str]:
    """The predicted health of the targets behind a port: which client asks makes no difference to it."""
    return reached.classes[0].trace.health_of_targets if reached.classes else {}
