"""Which ports a question leaves open: a Service's, or those that a load balancer listens on; in which families."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from drilllib.core.snapshot.shapes import is_address
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


def families_of(snapshot: Snapshot, question: Question) -> list[int]:
    """The address families that the load balancer serves; IPv4 where nothing tells."""
    if question.vip is not None and not _is_domain(question.vip):
        return [ip_network(question.vip).version]
    try:
        balancer = balancer_of(snapshot, question)
    except UnanswerableError:
        return [ip_address(question.client).version if is_address(question.client) else 4]
    return sorted({vip.version for vip in balancer.vips}) or [balancer.family or 4]


def _is_domain(name: str) -> bool:
    return any(each.isalpha() for each in name) and ":" not in name
