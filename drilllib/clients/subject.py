"""What the user means by SERVICE or URL: a Service, or the load balancer at an address."""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from drilllib.core.capture import calls
from drilllib.core.capture.asks import Answer, Ask
from drilllib.core.capture.known import Known, full_name
from drilllib.core.capture.leads import backends, parents, route_backends
from drilllib.core.capture.paging import rows
from drilllib.core.snapshot.shapes import is_address
from drilllib.errors import InvalidInputError, UnknownNameError, quoted

_KINDS = dict.fromkeys(("svc", "service", "services"), "Service")
_KINDS |= dict.fromkeys(("ing", "ingress", "ingresses"), "Ingress") | dict.fromkeys(("gateway", "gateways"), "Gateway")
_NO_WAYS_IN = (
    "deploy|(deployment|statefulset|daemonset|replicaset|pod|node|endpointslice)s?"  # kinds that kubectl knows
)
_BALANCER = re.compile(r"lb-[a-z0-9]+")
_ID_IN_NAME = re.compile(r"(lb-[a-z0-9]+)-[a-z0-9]+\.")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Subject:
    """
    A *service* (`NAMESPACE/NAME`), or a *load_balancer* by its id, or the *host* of a URL, with its *port*.

    Or a *route*: kind (Ingress or Gateway), namespace and name of what leads to a Service.
    """

    service: str = ""
    load_balancer: str = ""
    host: str = ""
    port: int | None = None
    route: tuple[str, str, str] | None = None


def subject_of(text: str, namespace: str) -> Subject:
    """
    Reads ``web``, ``svc/web``, ``shop/web``, ``ingress/web``, ``gateway/web``, ``lb-1a2b3c4d``, an address or a URL.

    *namespace* is for a name without one.

    Raises:
        InvalidInputError: It is none of them.
    """
    if "://" in text:
        return _of_url(text)
    if _BALANCER.fullmatch(text):
        return Subject(load_balancer=text)
    if is_address(text):
        return Subject(host=text)
    *places, name = text.split("/")
    kind = _KINDS.get(places[0], "") if places else ""
    places = places[1:] if kind else places
    of_another_kind = not kind and bool(places) and re.fullmatch(_NO_WAYS_IN, places[0])
    if len(places) > 1 or of_another_kind or not all(map(_NAME.fullmatch, (*places, name))):
        raise InvalidInputError(
            "{text} names no Service",
            remedy="Give one as web, svc/web or shop/web, a URL, or the id of a load balancer",
            text=quoted(text),
        )
    place = places[0] if places else namespace
    return Subject(service=f"{place}/{name}") if kind in ("", "Service") else Subject(route=(kind, place, name))


def require_namespace(text: str, subject: Subject, namespace: str) -> None:
    """
    Raises:
        InvalidInputError: *text* names a namespace that is not the *namespace* that was said beside it.
    """
    place = subject.route[1] if subject.route else subject.service.partition("/")[0]
    if namespace and place and place != namespace:
        raise InvalidInputError(
            "{text} is in the namespace {place}, and -n says {namespace}",
            remedy="Leave one of them out",
            text=quoted(text),
            place=quoted(place),
            namespace=quoted(namespace),
        )


def _of_url(text: str) -> Subject:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in ("http", "https"):
        raise InvalidInputError(
            "{text} is no URL of a web server",
            remedy="Give one such as https://www.example.com/path",
            text=quoted(text),
        )
    found = _ID_IN_NAME.match(host)
    port = port or (443 if parts.scheme == "https" else 80)
    return Subject(load_balancer=found[1], port=port) if found else Subject(host=host, port=port)


def addresses_of(host: str) -> tuple[str, ...]:
    """
    The addresses of a host, by the machine's own resolver where it is a name.

    Raises:
        UnknownNameError: The name has none.
    """
    try:
        return (str(ipaddress.ip_address(host)),)
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UnknownNameError(
            "The name {host} has no address here",
            remedy="Give the address of the load balancer, or the Service",
            host=quoted(host),
        ) from None
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def routed(subject: Subject, ask: Callable[[Iterable[Ask]], tuple[Answer, ...]]) -> tuple[Subject, tuple[Answer, ...]]:
    """
    The Service that an Ingress, or HTTPRoutes of a Gateway, lead to; and what was read for it.

    Raises:
        UnknownNameError: There is none that can be read.
        InvalidInputError: There are several.
    """
    assert subject.route is not None
    kind, space, name = subject.route
    if kind == "Ingress":
        read = ask([replace(calls.INGRESSES, namespace=space, name=name)])
        found = {(space, each) for item in Known(read).objects("Ingress") for each in backends(item.get("spec"))}
    else:
        read = ask([replace(calls.HTTP_ROUTES, namespace=space)])
        routes = [each for each in Known(read).objects("HTTPRoute") if (space, name) in parents(each)]
        found = {each for route in routes for each in route_backends(route)}
    names = sorted("/".join(each) for each in found if all(each))
    said = {"kind": kind, "name": quoted(f"{space}/{name}"), "names": ", ".join(names)}
    if not names:
        raise UnknownNameError(
            "There is no Service behind the {kind} {name} that can be read", remedy="Name the Service", **said
        )
    if len(names) > 1:
        raise InvalidInputError(
            "The {kind} {name} leads to several Services: {names}", remedy="Name the one that is meant", **said
        )
    return Subject(service=names[0]), read


def found_behind(
    subject: Subject, addresses: Iterable[str], ask: Callable[[Iterable[Ask]], tuple[Answer, ...]]
) -> tuple[Subject, tuple[Answer, ...]]:
    """
    The Service, else the load balancer, at the addresses of a URL's host; and what was read for it.

    Raises:
        UnknownNameError: None has them.
        InvalidInputError: Several have.
    """
    vips = set(addresses)
    read = ask([calls.SERVICES])
    services = [each for each in Known(read).objects("Service") if _is_at(each, subject, vips)]
    services = [each for each in services if subject.port in _ports(each)] or services
    if len(services) == 1:
        return Subject(service="/".join(full_name(services[0])), port=subject.port), read
    if services:
        raise _several(subject, ["/".join(full_name(each)) for each in services])
    read += ask(calls.balancers_at(vips))
    ids = _ids(read, "DescribeLoadBalancers", "LoadBalancerId")
    if not ids:  # a private one has an EIP at most, which VPC knows
        read += ask(calls.addresses_at(vips))
        ids = [each for each in _ids(read, "DescribeAddresses", "InstanceId") if each.startswith("lb-")]
    if len(ids) == 1:
        return Subject(load_balancer=ids[0], port=subject.port), read
    if ids:
        raise _several(subject, ids)
    raise UnknownNameError(
        "Neither a Service nor a load balancer that can be read here has the address of {host}",
        remedy="Name the Service; another account, cluster or --region may have it",
        host=quoted(subject.host),
    )


def _ids(read: Iterable[Answer], action: str, name: str) -> list[str]:
    return [str(row.get(name)) for _, each in Known(read).calls(action) for row in rows(action, each.pages)]


def _several(subject: Subject, names: Iterable[str]) -> InvalidInputError:
    return InvalidInputError(
        "Several have the address of {host}: {names}",
        remedy="Name the one that is meant",
        host=quoted(subject.host),
        names=", ".join(sorted(names)),
    )


def _is_at(service: Mapping[str, Any], subject: Subject, vips: set[str]) -> bool:
    return any(each.get("ip") in vips or each.get("hostname") == subject.host for each in _ingress(service))


def _ingress(service: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    status = service.get("status")
    balancer = status.get("loadBalancer") if isinstance(status, dict) else None
    listed = balancer.get("ingress") if isinstance(balancer, dict) else None
    yield from (each for each in listed or () if isinstance(each, dict))


def _ports(service: Mapping[str, Any]) -> set[object]:
    spec = service.get("spec")
    return {each.get("port") for each in (spec.get("ports") or () if isinstance(spec, dict) else ()) if each}
