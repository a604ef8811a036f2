"""What a world about a door is judged by: connections that have to work, lists that drop them, what works beside."""

from collections.abc import Iterator
from functools import partial

from drilllib.core.connection.ends import both_ends
from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.drills.worlds.world import World
from drilllib.core.facts import Fact, fact
from drilllib.core.fix.connections import interface_of
from drilllib.core.practice.reasons import GradeCode
from drilllib.core.practice.stops import why
from drilllib.core.reach.doors import sources_of
from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Action
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.verdict import Verdict

Dropped = tuple[str, str, str, int | None]  # interface, group (none where no rule matches), direction, rule
_CODES = {
    Verdict.UNREACHABLE: GradeCode.UNSERVED,
    Verdict.INTERMITTENT: GradeCode.SOMETIMES,
    Verdict.UNDETERMINED: GradeCode.UNTOLD,
}


def connects(snapshot: Snapshot, question: Connection) -> bool:
    """Does the connection get through, whatever endpoint it goes to?"""
    return _answer(snapshot, question).verdict is Verdict.REACHABLE


def unserved(snapshot: Snapshot, world: World) -> Iterator[Fact]:
    """Those of the connections that have to work which do not."""
    for each in world.connections:
        answer = _answer(snapshot, each)
        if answer.verdict is not Verdict.REACHABLE:
            yield fact(_CODES[answer.verdict], clients=each.client, service=label_of(each), why=why(answer))


def cut_off(final: Snapshot, start: Snapshot, reference: Snapshot, world: World) -> Iterator[Fact]:
    """Connections of others that worked at the start and do with the reference, and no longer do."""
    for each in _others(start, world):
        if connects(start, each) and connects(reference, each) and not connects(final, each):
            yield fact(GradeCode.BROKEN, clients=each.client, service=label_of(each), why=why(_answer(final, each)))


def _others(snapshot: Snapshot, world: World) -> Iterator[Connection]:
    """From every node and pod, and from who asks from outside, to each port that a pod declares, and to the door."""
    sources = dict.fromkeys((*sources_of(snapshot), *world.served))
    meant = set(world.connections)
    for door, port in _doors(snapshot, world):
        asked = (Connection(client=each, door=door, port=port, protocol="TCP") for each in sources if each != door)
        yield from (each for each in asked if each not in meant)


def _doors(snapshot: Snapshot, world: World) -> Iterator[tuple[str, int]]:
    for name, pod in snapshot.kubernetes.pods.items():
        yield from ((f"pod/{name}", port) for transport, port in sorted(pod.declared) if transport == "TCP")
    meant = world.meant
    if isinstance(meant, Connection) and meant.port and not meant.door.startswith("pod/"):
        yield meant.door, meant.port


def client_of(world: World) -> str:
    """The address of the ticket's client."""
    asked = world.question
    return (
        str(both_ends(world.snapshot, asked.client, asked.door)[0]) if isinstance(asked, Connection) else asked.client
    )


def label_of(question: Connection) -> str:
    """The door and its port, as a grade says them."""
    return at(question.door, question.port)


def dropping(snapshot: Snapshot, question: Connection) -> set[Dropped]:
    """Each list that drops the connection on some path: at which interface, and by which rule."""
    hops = (hop for path in _answer(snapshot, question).paths for hop in path.hops)
    return {
        (interface_of(snapshot, hop), check.group or "", str(check.direction), check.policy_index)
        for hop in hops
        for check in hop.checks
        if check.action is Action.DROP
    }


def _answer(snapshot: Snapshot, question: Connection) -> Trace:
    ask = partial(trace, snapshot, question, all_paths=True)
    return snapshot.memo.once(("connection of practice", question), ask)
