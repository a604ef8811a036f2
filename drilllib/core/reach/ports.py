"""Which ports a question leaves open: a Service's, or those that a load balancer listens on."""

from collections.abc import Sequence

from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.entry import UnanswerableError, balancer_of


def ports_of_service(snapshot: Snapshot, name: str) -> tuple[tuple[int, str], ...]:
    """The ports of a Service, each with its transport protocol. Raises UnknownNameError where it is not there."""
    return tuple((port.port, port.transport) for port in snapshot.service(name).ports)


def ports_asked(snapshot: Snapshot, question: Question) -> tuple[tuple[int | None, str | None], ...]:
    """Each port that a question is about, with its protocol; the question's own where the snapshot lists none."""
    fitting = [
        (port, protocol)
        for port, protocol in _ports(snapshot, question)
        if question.port in (None, port) and question.protocol in (None, protocol)
    ]
    return tuple(dict.fromkeys(fitting)) or ((question.port, question.protocol),)


def _ports(snapshot: Snapshot, question: Question) -> Sequence[tuple[int, str | None]]:
    """The ports of the Service, or those that the load balancer listens on."""
    if question.service is not None and snapshot.has("kubernetes"):
        return ports_of_service(snapshot, question.service)
    try:
        listeners = snapshot.listeners(balancer_of(snapshot, question).balancer_id)
    except UnanswerableError:
        return ()
    return [(each.port, each.transport) for each in listeners or ()]
