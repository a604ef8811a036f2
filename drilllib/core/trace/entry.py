"""From a question to the listener it is about: which CLB, by which address, on which port, by which forwarding rule."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import Address, parse_address, parse_client
from drilllib.core.rules.rules import LAST_PORT
from drilllib.core.snapshot.resources import Frontend, Listener, LoadBalancer, Redirect
from drilllib.core.snapshot.services import Service
from drilllib.core.snapshot.shapes import is_address
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.forwarding_rules import forwarding_rule
from drilllib.core.trace.inside import Insider, OwnNode, insider_at, way_of
from drilllib.errors import InvalidInputError, Message, UnknownNameError, quoted

_MODELLED = ("TCP", "UDP", "HTTP", "HTTPS")


class UnanswerableError(Exception):
    """Internal: the question cannot be followed further. *question* has the defaults found so far."""

    def __init__(self, question: Question, gap: Fact, reason: Reason = Reason.FACT_MISSING) -> None:
        super().__init__(str(gap))
        self.question, self.gap, self.reason = question, gap, reason


class Entry(NamedTuple):
    """
    What a question is about, with its defaults filled in. *listener* is None where the CLB has none there.

    *problem* is what cannot be told about the listener: a behaviour that is not modelled, a host without a rule.
    *redirect* is where the CLB itself sends the client. *insider* is a client inside the cluster, whose own node
    answers it where *own_node* says so.
    """

    question: Question
    client: Address
    balancer: LoadBalancer
    frontend: Frontend
    listener: Listener | None
    problem: tuple[Reason, Fact] | None = None
    listeners: Sequence[Listener] = ()
    redirect: Redirect | None = None
    insider: Insider | None = None
    own_node: OwnNode | None = None


def entry_of(snapshot: Snapshot, question: Question) -> Entry:
    """
    Find the listener.

    Raises:
        InvalidInputError: An address, the port or the protocol of the question cannot be used.
        UnknownNameError: The Service is not in the snapshot.
        UnanswerableError: The snapshot lacks what leads there.
    """
    client = parse_client(question.client)
    _require_sense(question)
    insider = _insider(snapshot, question, client)
    balancer = balancer_of(snapshot, question)
    frontend = _frontend(balancer, question, client)
    question = replace(question, vip=frontend.name, host=question.host or frontend.name)
    listeners = snapshot.listeners(balancer.balancer_id)
    if listeners is None:
        raise UnanswerableError(question, fact(FactCode.LISTENERS, balancer=balancer.balancer_id))
    found = _found(snapshot, balancer, listeners, question)
    if found is None:
        port, protocol = _meant(snapshot, question, listeners)
        question = replace(question, port=port, protocol=protocol)
        if insider is not None:
            gap = fact(FactCode.CLIENT_PORT, port=port, vip=frontend.name)
            raise UnanswerableError(question, gap, Reason.NOT_MODELLED)
        if snapshot.may_lack_listeners(balancer.balancer_id):
            raise UnanswerableError(question, fact(FactCode.LISTENERS, balancer=balancer.balancer_id))
        return Entry(question, client, balancer, frontend, None, listeners=listeners)
    transport = found.transport or "TCP"
    scheme = None if transport == "UDP" else "https" if found.protocol == "HTTPS" else "http"
    question = replace(question, port=question.port or found.port, protocol=transport, scheme=scheme)
    way = _way_of(snapshot, insider, balancer, frontend, found, question) if insider else None
    if way is not None:
        return Entry(question, client, balancer, frontend, found, None, listeners, None, insider, way)
    listener, problem, redirect = _listener(snapshot, balancer, found, question)
    return Entry(question, client, balancer, frontend, listener, problem, listeners, redirect, insider)


def _insider(snapshot: Snapshot, question: Question, client: Address) -> Insider | None:
    """The node or the pod of the cluster that asks; None for a client outside."""
    insiders = snapshot.insiders
    if client not in insiders.certain:
        if client in insiders.addresses or insiders.may_be(client):
            raise UnanswerableError(question, fact(FactCode.CLIENT_PLACE), Reason.NOT_MODELLED)
        return None
    found = insider_at(snapshot, client)
    if isinstance(found, Fact):
        raise UnanswerableError(question, found, Reason.NOT_MODELLED)
    return found


def _way_of(
    snapshot: Snapshot,
    insider: Insider,
    balancer: LoadBalancer,
    frontend: Frontend,
    listener: Listener,
    question: Question,
) -> OwnNode | None:
    """How packets of a client inside get to the VIP: answered on its own node; None: by way of the CLB."""
    unknown = snapshot.not_modelled(balancer, listener)
    if listener.protocol not in _MODELLED:
        unknown = fact(FactCode.LISTENER_PROTOCOL, protocol=listener.protocol)
    way = unknown or way_of(snapshot, insider, balancer, frontend, listener)
    if isinstance(way, Fact):
        raise UnanswerableError(question, way, Reason.NOT_MODELLED)
    return way


def _require_sense(question: Question) -> None:
    if question.service is not None and question.vip is not None:
        raise InvalidInputError("The question names a Service and a VIP", remedy="Name one of them")
    if question.service is None and question.vip is None:
        raise InvalidInputError("The question names neither a Service nor a VIP", remedy="Name one of them")
    if not question.path.startswith("/"):
        raise InvalidInputError("The path is {path}", remedy="Begin it with /", path=quoted(question.path))
    name, colon, number = (question.host or "").partition(":")
    if colon and (not number or number.isdecimal()):
        raise InvalidInputError(
            "The host is {host}", remedy="Name it without a port: {name}", host=quoted(question.host), name=quoted(name)
        )
    if question.protocol not in ("TCP", "UDP", None):
        raise InvalidInputError(
            "The protocol is {protocol}", remedy="Ask with TCP or UDP", protocol=quoted(question.protocol)
        )
    port = question.port
    if port is not None and (isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= LAST_PORT):
        raise InvalidInputError("The port is {port}", remedy="Give one port from 1 to 65535", port=quoted(port))


def balancer_of(snapshot: Snapshot, question: Question) -> LoadBalancer:
    """The CLB that a question is about. Raises UnknownNameError, or UnanswerableError where the snapshot lacks it."""
    missing = "load_balancers" if question.service is None else "kubernetes"
    if not snapshot.has(missing):
        raise UnanswerableError(question, fact(FactCode.PART, part=missing))
    if question.service is None:
        return _balancer_named(snapshot, question)
    service = snapshot.service(question.service)
    found = snapshot.balancer_of_service(service)
    if found is None:
        raise UnanswerableError(question, _balancer_missing(snapshot, service))
    return found


def _balancer_missing(snapshot: Snapshot, service: Service) -> Fact:
    """
    What would tell the CLB of a Service.

    Raises:
        InvalidInputError: A Service of its type has none.
    """
    named = (*service.balancer_ids, *map(str, sorted(service.vips, key=int)), *sorted(service.domains))
    found = () if service.balancer_ids else snapshot.balancers_at(service.vips, service.domains)
    if found:
        return _one_of_several(found, named[0])
    if named:
        return fact(FactCode.BALANCER_NAMED, balancer=named[0], service=service.name)
    if service.type not in ("ClusterIP", "NodePort", "ExternalName"):
        return fact(FactCode.BALANCER_OF_SERVICE, service=service.name)
    raise InvalidInputError(
        "Service {service} is of type {type}, which gets no load balancer",
        remedy="Ask by the VIP that leads to it, an Ingress's for instance, or for a Service of type LoadBalancer",
        service=service.name,
        type=service.type,
    )


def _one_of_several(found: Sequence[LoadBalancer], vip: str) -> Fact:
    return fact(FactCode.BALANCER_OF_SEVERAL, names=", ".join(sorted(each.balancer_id for each in found)), vip=vip)


def _balancer_named(snapshot: Snapshot, question: Question) -> LoadBalancer:
    """The CLB with that VIP or domain name."""
    vip = question.vip
    address = parse_address(vip, Message("The VIP")) if is_address(vip) else None
    found = snapshot.balancers_at([address] if address else [], [vip] if vip else [])
    if len(found) == 1:
        return found[0]
    if found:
        raise UnanswerableError(question, _one_of_several(found, str(vip)))
    known = [str(vip) for each in snapshot.load_balancers for vip in (*each.vips, each.domain) if vip]
    raise UnknownNameError(
        "No load balancer has the VIP or the domain name {vip}",
        remedy="There are {known}",
        vip=quoted(vip),
        known=", ".join(known) or Message("none"),
    )


def _frontend(balancer: LoadBalancer, question: Question, client: Address) -> Frontend:
    """The VIP asked for, else the first of the client's family; else the CLB's domain name."""
    if question.vip is not None and is_address(question.vip):
        vip: Address | None = parse_address(question.vip, Message("The VIP"))
    else:
        same_family = [each for each in balancer.vips if each.version == client.version]
        vip = next(iter(same_family or balancer.vips), None)
    if vip is None and not balancer.domain:
        raise UnanswerableError(question, fact(FactCode.VIP, balancer=balancer.balancer_id))
    by_name = vip is None or question.vip == balancer.domain
    name = balancer.domain if by_name else str(vip)
    family = vip.version if vip else balancer.family or client.version
    if family != client.version:
        raise InvalidInputError(
            "The client {client} is IPv{version} and {name} is IPv{family}",
            remedy="Ask with an address of the VIP's family",
            client=client,
            version=client.version,
            name=name,
            family=family,
        )
    return Frontend(name, vip, family)


def _found(
    snapshot: Snapshot, balancer: LoadBalancer, listeners: Sequence[Listener], question: Question
) -> Listener | None:
    """The listener asked for, or the only one that fits; None where the CLB has none there."""
    fitting = [each for each in listeners if _fits(each, question)]
    if question.port is not None:
        over_tcp = [each for each in fitting if each.transport == "TCP"]
        return next(iter(over_tcp or fitting), None)
    service = None if question.service is None else snapshot.service(question.service)
    if service is not None and not service.ports_read:
        raise UnanswerableError(question, fact(FactCode.SERVICE_PORTS, service=service.name))
    ours = fitting if service is None else _of_service(service, fitting)
    if len(ours) == 1:
        return ours[0]
    if not ours and (question.service or len({each.port for each in listeners}) < 2):
        return None
    named = ", ".join(f"{each.port}/{each.protocol}" for each in ours or listeners)
    raise InvalidInputError(
        "{balancer_id} listens on {named}, and no port was named",
        remedy="Name a port, and the protocol where two share one",
        balancer_id=balancer.balancer_id,
        named=named,
    )


def _meant(snapshot: Snapshot, question: Question, listeners: Sequence[Listener]) -> tuple[int | None, str]:
    """The port and protocol of a question that met no listener: as asked, else the Service's first, else the CLB's."""
    ports = snapshot.service(question.service).ports if question.service else ()
    own, transport = (ports[0].port, ports[0].transport) if ports else (None, "TCP")
    number = question.port or own or next((each.port for each in listeners), None)
    return number, question.protocol or ("TCP" if question.port else transport)


def _fits(listener: Listener, question: Question) -> bool:
    """A listener of a protocol that we do not know may be the one that was meant."""
    right_port = question.port is None or listener.port <= question.port <= listener.last_port
    return right_port and (listener.transport is None or question.protocol in (None, listener.transport))


def _of_service(service: Service, listeners: Sequence[Listener]) -> list[Listener]:
    """The listeners on the Service's own ports."""
    ports = {(port.transport, port.port) for port in service.ports}
    return [each for each in listeners if (each.transport, each.port) in ports]


def _listener(
    snapshot: Snapshot, balancer: LoadBalancer, listener: Listener, question: Question
) -> tuple[Listener, tuple[Reason, Fact] | None, Redirect | None]:
    """The listener with the targets of its forwarding rule, what about it cannot be told, and where it redirects."""
    unknown = snapshot.not_modelled(balancer, listener)
    if listener.protocol not in _MODELLED:
        unknown = fact(FactCode.LISTENER_PROTOCOL, protocol=listener.protocol)
    if unknown is not None:
        return listener, (Reason.NOT_MODELLED, unknown), None
    if listener.layer == 4:
        return listener, _unread(listener), None
    rule, undecided = forwarding_rule(listener.rules, question.host or "", question.path)
    if rule is not None:
        unknown = snapshot.not_modelled(balancer, rule.listener)
        problem = (Reason.NOT_MODELLED, unknown) if unknown else None if rule.redirect else _unread(rule.listener)
        return rule.listener, problem, None if unknown else rule.redirect
    if undecided:
        return listener, (Reason.NOT_MODELLED, undecided), None
    known = ", ".join(f"{host or '?'}{each.url}" for each in listener.rules for host in each.hosts) or "none"
    gap = fact(FactCode.UNMATCHED_REQUEST, host=question.host, path=question.path, rules=known)
    return listener, (Reason.NO_FORWARDING_RULE, gap), None


def _unread(listener: Listener) -> tuple[Reason, Fact] | None:
    """DescribeListeners tells no targets; where nobody put those of DescribeTargets in, they are not known."""
    targets = fact(FactCode.TARGETS, listener=listener.listener_id)
    return (Reason.FACT_MISSING, targets) if listener.targets is None else None
