"""
From attempts to what a client meets (sections 8 and 9 of docs/model.md), by trying everything that can happen.

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations, permutations, product

# What one step of a way does with a packet, and how an attempt ends.
PASS, DROP, REFUSE, UNKNOWN = "pass", "drop", "refuse", "unknown"
DELIVERED, DROPPED, REFUSED = "delivered", "dropped", "refused"

WAIT = 4.0
Symptom = tuple  # kind, status, seconds
Way = list["Step"]


@dataclass(frozen=True)
class Step:
    """
    One thing that can stop a packet, and what it does.

    *cause* is (hop, name, direction, group, policy index, reason) and *about* what was asked, which tells two checks of
    the same rule apart.
    """

    effect: str
    cause: tuple = ()
    about: tuple = ()


# What was not read, and may refuse as well: a port's owner, what a pod declares, a pod itself, or anything else.
UNREAD, UNOWNED, UNDECLARED, NO_POD = (
    Step(UNKNOWN, about=(what,)) for what in ("unread", "unowned", "undeclared", "no pod")
)
REFUTED = Step(UNKNOWN, about=("refuted",))  # what ends probes that were answered
NOT_RUNNING, NOT_READY = Step(UNKNOWN, about=("not running",)), Step(UNKNOWN, about=("not ready",))
LOST_NODE, LOST_PLACE = Step(UNKNOWN, about=("lost node",)), Step(UNKNOWN, about=("lost place",))
MAY_REFUSE = (UNREAD, UNOWNED, UNDECLARED, NO_POD, NOT_RUNNING, NOT_READY, REFUTED)


@dataclass(frozen=True)
class Target:
    """
    A target that takes requests: its ways, and its health.

    *is_held* says that a client stays with one endpoint, so that all its attempts go one way.
    """

    ways: list[Way]
    health: str
    is_held: bool = False


def end_of(way: Way, unknown_passes: bool, refuses: bool = False) -> str:
    """
    How an attempt ends when everything unknown passes, or when everything unknown drops, or refuses (a port).

    *refuses*: what would pass so and may refuse does refuse.
    """
    for step in way:
        if (step == UNDECLARED and not unknown_passes) or (refuses and step in MAY_REFUSE):
            return REFUSED
        if step.effect == DROP or (step.effect == UNKNOWN and not unknown_passes):
            return DROPPED
        if step.effect == REFUSE:
            return REFUSED
    return DELIVERED


def blockers_of(ways: list[Way]) -> set[tuple]:
    """Every certain stop of any way; hypothetical if on each of its ways another certain stop comes before it."""
    behind_another: dict[tuple, list[bool]] = {}
    for way in ways:
        stopped = False
        for step in way:
            if step.effect in (DROP, REFUSE):
                behind_another.setdefault((step.cause, step.about), []).append(stopped)
                stopped = True
    return {(*cause, all(later)) for (cause, _), later in behind_another.items()}


def sets_in_use(health: list[str]) -> list[tuple[int, ...]]:
    """Every set of targets that may be in use; where none is, all are."""
    certain = [number for number, status in enumerate(health) if status in ("Alive", "Close")]
    doubtful = [number for number, status in enumerate(health) if status == "Unknown"]
    everything = tuple(range(len(health)))
    return [
        tuple(certain + list(some)) or everything
        for size in range(len(doubtful) + 1)
        for some in combinations(doubtful, size)
    ]


def verdict_of(successes: list[bool]) -> str:
    """One verdict on all requests that are possible."""
    if all(successes):
        return "reachable"
    return "intermittent" if any(successes) else "unreachable"


LAYER4 = {
    "TCP": {
        DELIVERED: ("http", 200, 0.0),
        DROPPED: ("connect_timeout", None, None),
        REFUSED: ("refused", None, 0.0),
    },
    "UDP": {
        DELIVERED: ("answered", None, 0.0),
        DROPPED: ("no_answer", None, None),
        REFUSED: ("port_unreachable", None, 0.0),
    },
}


def silence(protocol: str) -> Symptom:
    """What a client meets whose packets vanish."""
    return LAYER4[protocol][DROPPED]


def layer4(ends: list[frozenset[str]], protocol: str) -> tuple[str, set[Symptom]]:
    """A layer-4 request is one attempt at one target; each end of each target can be met."""
    possible = [end for target in ends for end in target]
    return verdict_of([end == DELIVERED for end in possible]), {LAYER4[protocol][end] for end in possible}


def layer7_request(ends: tuple[str, ...]) -> tuple[int, float]:
    """One request tries its targets in order until one delivers: the status, and how long the CLB waited."""
    waited = 0.0
    for end in ends:
        if end == DELIVERED:
            return 200, waited
        waited += WAIT if end == DROPPED else 0.0
    return (504 if ends[-1] == DROPPED else 502), waited


@cache
def layer7(ends: tuple[frozenset[str], ...]) -> tuple[str, set[Symptom]]:
    """Every order of the targets, and every possible end of each."""
    answers = {layer7_request(chosen) for order in permutations(ends) for chosen in product(*order)}
    listed = {answer for answer in answers if answer == (200, 0.0)}
    for status in (200, 502, 504):
        waits = [waited for found, waited in answers if found == status]
        listed |= {(status, max(waits))} if waits else set()
    return verdict_of([status == 200 for status, _ in answers]), {("http", *answer) for answer in listed}


def requests(
    clb: Step, targets: list[Target], protocol: str, is_layer_7: bool, *, one_target: bool = False
) -> tuple[str, set[Symptom]]:
    """
    The verdict and all symptoms, worked out with every unknown passing, with every unknown dropping, and with what may
    refuse refusing.

    *targets* are those that take requests; *one_target* says that the listener keeps a client with one of them.
    """
    verdicts, symptoms = set(), set()
    for world in ((True, False), (False, False), (True, True)):
        for verdict, met in cases(clb, targets, protocol, is_layer_7, world, one_target):
            verdicts.add(verdict)
            symptoms |= met
    return (verdicts.pop() if len(verdicts) == 1 else "undetermined"), symptoms


def cases(
    clb: Step, targets: list[Target], protocol: str, is_layer_7: bool, world: tuple[bool, bool], one_target: bool
) -> list[tuple[str, set[Symptom]]]:
    """One world's answers, one for each set of targets that may be in use and each endpoint that may be held to."""
    if end_of([clb], *world) == DROPPED:
        return [("unreachable", {silence(protocol)})]
    if not targets:
        return [("unreachable", {("http", 502, 0.0) if is_layer_7 else silence(protocol)})]
    sets = sets_in_use([target.health for target in targets])
    if one_target:
        sets = [(number,) for in_use in sets for number in in_use]
    found = []
    for in_use in sets:
        for used in product(*(ends_of(targets[number], *world) for number in in_use)):
            found.append(layer7(tuple(sorted(used, key=sorted))) if is_layer_7 else layer4(list(used), protocol))
    return found


def ends_of(target: Target, unknown_passes: bool, refuses: bool) -> list[frozenset[str]]:
    """The ends that attempts at a target can have; several such sets where a client is held to one way."""
    ends = frozenset(end_of(way, unknown_passes, refuses) for way in target.ways)
    return [frozenset({end}) for end in ends] if target.is_held else [ends]
