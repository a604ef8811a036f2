"""Follow a question of either form: a request to a Service by its VIP, or a connection to any other door."""

from dataclasses import replace
from ipaddress import ip_network

from drilllib.core.connection.answered import answer_of
from drilllib.core.connection.ends import (
    Door,
    NotToldError,
    addresses_from,
    addresses_of,
    both_ends,
    door_at,
    insider_of,
)
from drilllib.core.connection.question import Connection
from drilllib.core.connection.ways import Ways
from drilllib.core.facts import Fact, FactCode, fact, several
from drilllib.core.rules.addresses import Address
from drilllib.core.rules.rules import LAST_PORT
from drilllib.core.snapshot.anonymous.asked import require_renamed
from drilllib.core.snapshot.services import Service, ServicePort
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace import one_client
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.inside import Insider
from drilllib.core.trace.path import Path
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import InvalidInputError, TooComplexError, quoted

MOST = 5000  # endpoints of one answer


def trace(snapshot: Snapshot, question: Question, *, all_paths: bool = False) -> Trace:
    """
    Follow a request, or a connection, on every path it may take: does it succeed, what is met, and what blocks it?

    The answer has all its evidence: the rule behind every decision, each target's health, each assumption and each
    missing fact. A blocked request is an answer, not an error; where a missing fact decides, the verdict is
    undetermined. Times are documented seconds. Behaviour: docs/model.md and docs/connections.md, sources docs/codes.md.

    Targets and endpoints that no check tells apart are walked once and counted; with *all_paths* each is by itself.

    Args:
        snapshot: the moment that is asked about.
        question: a `Question` about a Service or a VIP, whose client may also be ``node/NAME`` or
            ``pod/NAMESPACE/NAME``; or a `Connection`.
        all_paths: tell each path by itself.

    Raises:
        InvalidInputError: An address, the port or the protocol of the question cannot be used, or the client is none of
            an anonymous snapshot's.
        UnknownNameError: A Service, node or pod is not in the snapshot.
        TooComplexError: Thousands of paths differ, or with *all_paths* there are thousands.
    """
    if not isinstance(question, Connection):
        return one_client.trace(snapshot, _by_address(snapshot, question), all_paths=all_paths)
    _require_protocol(question.protocol)
    try:
        return _followed(snapshot, question, all_paths=all_paths)
    except NotToldError as end:
        return _untold(question, end.gap)


def families_of(snapshot: Snapshot, text: str) -> tuple[int, ...]:
    """
    The address families of a source or a door; IPv4 where its address is not known.

    Raises:
        InvalidInputError, UnknownNameError: It is none, or not in the snapshot.
    """
    try:
        return tuple(sorted({each.version for each in addresses_of(snapshot, text)}))
    except NotToldError:
        return (4,)


def door_of(snapshot: Snapshot, text: str, family: int) -> Door | None:
    """
    What a door is by its first address of a *family*; None where that is not known.

    Raises:
        InvalidInputError, UnknownNameError: It is none, or not in the snapshot.
    """
    try:
        address = next(each for each in addresses_of(snapshot, text) if each.version == family)
        return door_at(snapshot, text, address)
    except NotToldError:
        return None


def _by_address(snapshot: Snapshot, question: Question) -> Question:
    """The old question, its client as an address."""
    if not question.client.startswith(("node/", "pod/")):
        return question
    found = addresses_from(snapshot, question.client)
    family = 6 if ":" in (question.vip or "") else 4
    return replace(question, client=str(next((each for each in found if each.version == family), found[0])))


def _followed(snapshot: Snapshot, question: Connection, *, all_paths: bool) -> Trace:
    source, address = both_ends(snapshot, question.client, question.door)
    _require_known(snapshot, question, source, address)
    door = door_at(snapshot, question.door, address)
    if door.vip:
        asked = Question(client=str(source), vip=str(address), port=question.port, protocol=question.protocol)
        return one_client.trace(snapshot, asked, all_paths=all_paths)
    question = replace(question, protocol=question.protocol or "TCP")
    insider = insider_of(snapshot, question.client, source)
    port = _port(question, door, is_inside=insider is not None)
    _require_cluster(question, door, insider)
    question = replace(question, port=port.port if isinstance(port, ServicePort) else port)
    unknown = snapshot.unknown_network()
    doubts = [unknown] if unknown else list(snapshot.doubts.of_cluster())
    if doubts:
        return _untold(question, several(doubts))
    ways = Ways(snapshot, source, insider, question.protocol or "TCP")
    paths = _paths(ways, door, port)
    if len(paths) > MOST:
        raise TooComplexError(
            "The connection has more than {most} paths", remedy="Ask one of the Service's pods", most=MOST
        )
    return answer_of(question, paths, _sticks(ways, door, port))


def _paths(ways: Ways, door: Door, port: ServicePort | int) -> list[Path]:
    """Every way to the door."""
    if door.service is not None:
        return ways.to_service(door.service, port, door.address)
    if isinstance(port, ServicePort):
        raise LookupError(door.address)
    if door.node is not None:
        return ways.to_node(door, ways.node_at(door), port)
    return ways.to_pod(door.address, port) if door.is_pod else ways.to_outside(door.address, port)


def _sticks(ways: Ways, door: Door, port: ServicePort | int) -> Fact | None:
    """The endpoint that one source stays with, where the Service of the door keeps it with one."""
    service = door.service or (ways.service_on(port) if door.node and isinstance(port, int) else None)
    return fact(FactCode.ENDPOINT_OF_CLIENT, service=service.name) if service and service.sticky else None


def _untold(question: Connection, gap: Fact) -> Trace:
    verdict, reason = Verdict.UNDETERMINED, Reason.NOT_MODELLED
    reason = Reason.FACT_MISSING if gap.code in (FactCode.CLUSTER_IP, FactCode.SERVICE_PORTS) else reason
    return Trace(question=question, listener=None, verdict=verdict, reason=reason, gaps=(gap,))


def _port(question: Connection, door: Door, *, is_inside: bool) -> ServicePort | int:
    """The port asked: of a Service one of its own, but for who asks from outside, where all ports fare alike."""
    port = question.port
    if port is not None and (isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= LAST_PORT):
        raise InvalidInputError("The port is {port}", remedy="Give one port from 1 to 65535", port=quoted(port))
    if door.service is not None and (is_inside or port is None):
        return _port_of(door.service, port, question.protocol or "TCP")
    if port is None:
        raise InvalidInputError(
            "No port of {door} was named", remedy="Name one with --port", door=quoted(question.door)
        )
    return port


def _port_of(service: Service, port: int | None, transport: str) -> ServicePort:
    if not service.ports_read:
        raise NotToldError(fact(FactCode.SERVICE_PORTS, service=service.name))
    ours = [each for each in service.ports if each.transport == transport and port in (None, each.port)]
    if len(ours) == 1:
        return ours[0]
    if port is not None:
        raise NotToldError(fact(FactCode.SERVICE_PORT, transport=transport, port=port, service=service.name))
    raise InvalidInputError(
        "Service {service} has {count} {transport} ports, and none was named",
        remedy="Name one with --port, and --protocol where it is UDP",
        service=service.name,
        count=len(ours),
        transport=transport,
    )


def _require_protocol(protocol: str | None) -> None:
    if protocol not in ("TCP", "UDP", None):
        raise InvalidInputError("The protocol is {protocol}", remedy="Ask with TCP or UDP", protocol=quoted(protocol))


def _require_cluster(question: Connection, door: Door, insider: Insider | None) -> None:
    if insider is None and not (door.is_inside or door.vip):
        raise InvalidInputError(
            "Neither {source} nor {door} is in the cluster",
            remedy="Ask from a node or a pod, or for one: node/NAME, pod/NAMESPACE/NAME",
            source=quoted(question.client),
            door=quoted(question.door),
        )


def _require_known(snapshot: Snapshot, question: Connection, source: Address, door: Address) -> None:
    """Of an anonymous snapshot no address is taken that was somebody's before."""
    if snapshot.public_blocks is not None:
        written = [each for text, each in ((question.client, source), (question.door, door)) if "/" not in text]
        require_renamed(snapshot, [ip_network(each) for each in written])
