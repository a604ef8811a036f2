"""
The three parts of a grade without the reasons: what a class is judged by, in a fraction of the time.

What is found is what `grade` finds. Reasons need every client; a part that is lost needs one who shows it, and a world
that is left as the reference has it, or as it was found, needs nobody.
"""

from dataclasses import dataclass, replace
from ipaddress import ip_network

from drilllib.core.practice.attempt import Attempt
from drilllib.core.practice.grade import GOOD, Yardstick, failures, localised, openings
from drilllib.core.practice.openness import Openness, Port, surplus
from drilllib.core.reach.clients import Reach, clients_from, inside_clients, unseen_clients
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Worth:
    """Whether each part is held, as in `Grade`."""

    localised: bool
    repaired: bool
    restrained: bool

    @property
    def passed(self) -> bool:
        """All three parts."""
        return self.localised and self.repaired and self.restrained


def worth(attempt: Attempt, yardstick: Yardstick) -> Worth:
    """
    The parts of the attempt's grade. Where rules overlap too much to give a reason, a part that is surely lost is told.

    Raises:
        InvalidInputError: A change of its log does not fit the world.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    measured = yardstick.begun(attempt)
    final = measured.final(attempt)
    return Worth(
        localised=all(each.code in GOOD for each in localised(attempt.statement, measured.world.causes)),
        repaired=final is measured.reference or _is_repaired(final, measured),
        restrained=final in (measured.start, measured.reference) or _is_restrained(final, measured),
    )


def _is_repaired(final: Openness, yardstick: Yardstick) -> bool:
    served = final.among(yardstick.served)
    if any(_is_lost(port, each, yardstick) for port, each in served.items()):
        return False
    return next(failures(final, yardstick, served), None) is None


def _is_lost(port: Port, reached: Reach, yardstick: Yardstick) -> bool:
    """Is somebody served at that port who does not get through, and does with the reference?"""
    stopped = (each.trace.question.client for each in reached.classes if each.trace.verdict is not Verdict.REACHABLE)
    return port in yardstick.reference.own and any(_is_meant(port, client, yardstick) for client in stopped)


def _is_meant(port: Port, client: str, yardstick: Yardstick) -> bool:
    """Is the client served, and gets through with the reference, as `reach` has it?"""
    snapshot, address = yardstick.reference.snapshot, ip_network(client)
    asked = replace(yardstick.reference.asked, client=client, port=port[1], protocol=port[2])
    left_out = inside_clients(snapshot, address.version) | unseen_clients(snapshot, asked, address.version)
    is_served = clients_from([address]) <= yardstick.served - left_out
    return is_served and trace(snapshot, asked).verdict is Verdict.REACHABLE


def _is_restrained(final: Openness, yardstick: Yardstick) -> bool:
    over = any(True for _ in surplus(final, yardstick.start, yardstick.reference))
    return not over and next(openings(final, yardstick), None) is None
