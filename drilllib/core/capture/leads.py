"""
Which load balancers does a request for a Service go through: what the Kubernetes objects say of them.

Tried in this order [TKE-SVC]: the annotation that the controller writes, the one of an existing load balancer, the id
in its domain name; else the tag with the Service's uid, and the addresses in its status. A Service that is not of type
LoadBalancer is reached by an Ingress, or by a Gateway, whose own Service has the load balancer (Envoy Gateway).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from drilllib.core.capture.asks import Wanted
from drilllib.core.capture.known import Item, Known, full_name, inside, items_in, text_of, texts_in
from drilllib.core.snapshot.annotations import EXISTING_LOAD_BALANCER_ID, LOAD_BALANCER_ID
from drilllib.core.snapshot.shapes import is_address

CROSS_REGION = ("service.cloud.tencent.com/cross-region-id", "ingress.cloud.tencent.com/cross-region-id")
_INGRESS_IDS = ("kubernetes.io/ingress.qcloud-loadbalance-id", "kubernetes.io/ingress.existLbId")
_OWNING_GATEWAY = ("gateway.envoyproxy.io/owning-gateway-namespace", "gateway.envoyproxy.io/owning-gateway-name")
_ID_IN_NAME = re.compile(r"(lb-[a-z0-9]+)-[^.]*\.")
_BALANCER, _REGION = re.compile(r"lb-[A-Za-z0-9]{1,32}"), re.compile(r"[a-z]{2,}(-[a-z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Lead:
    """What an object says of its load balancers: their *ids*, else its *uid* and their *vips*. *region*: of another."""

    ids: tuple[str, ...] = ()
    uid: str = ""
    vips: tuple[str, ...] = ()
    region: str = ""


def leads(known: Known, wanted: Wanted) -> list[Lead]:
    """Every lead to a load balancer that is known so far."""
    found = [Lead(ids=(wanted.load_balancer,))] if wanted.load_balancer else []
    return found + [lead(each) for each in entries(known, wanted)]


def entries(known: Known, wanted: Wanted) -> list[Item]:
    """The objects that have a load balancer, and that lead to the Service: itself, Ingresses, Services of Gateways."""
    service = wanted_service(known, wanted)
    if service is None:
        return []
    if is_balanced(service):
        return [service]
    return [*ingresses_to(known, service), *services_of_gateways(known, service), *gateways_to(known, service)]


def wanted_service(known: Known, wanted: Wanted) -> Item | None:
    """The Service that was asked for, where it was read."""
    namespace, _, name = wanted.service.partition("/")
    return next((each for each in known.objects("Service") if full_name(each) == (namespace, name)), None)


def is_balanced(service: Item) -> bool:
    """Is it of type LoadBalancer?"""
    return text_of(inside(service, "spec", "type")) == "LoadBalancer"


def services_behind(known: Known, wanted: Wanted) -> list[Item]:
    """The Services whose pods a request comes to: the one asked for, those of Gateways before it, or a balancer's."""
    service = wanted_service(known, wanted)
    if service is not None:
        return [
            service,
            *(each for each in entries(known, wanted) if each["kind"] == "Service" and each is not service),
        ]
    vips = {text for row in known.rows("DescribeLoadBalancers") for text in texts_in(row.get("LoadBalancerVips"))}
    return [each for each in known.objects("Service") if _belongs(lead(each), wanted.load_balancer, vips)]


def _belongs(told: Lead, balancer: str, vips: Iterable[str]) -> bool:
    return bool(balancer) and (balancer in told.ids or (not told.ids and not set(vips).isdisjoint(told.vips)))


def lead(item: Item) -> Lead:
    """What one object says."""
    annotations = item["metadata"].get("annotations")
    places = items_in(inside(item, "status", "loadBalancer", "ingress")) or items_in(
        inside(item, "status", "addresses")
    )
    texts = [text_of(each.get(field)) for each in places for field in ("ip", "hostname", "value")]
    named = [text_of(inside(annotations, key)) for key in (LOAD_BALANCER_ID, EXISTING_LOAD_BALANCER_ID, *_INGRESS_IDS)]
    ids = [each.strip() for text in named for each in text.split(",") if _BALANCER.fullmatch(each.strip())]
    ids += [found[1] for text in texts if (found := _ID_IN_NAME.match(text))]
    regions = [text for key in CROSS_REGION if _REGION.fullmatch(text := text_of(inside(annotations, key)))]
    vips = tuple(text for text in texts if is_address(text))
    return Lead(tuple(dict.fromkeys(ids)), text_of(item["metadata"].get("uid")), vips, (regions or [""])[0])


def ingresses_to(known: Known, service: Item) -> list[Item]:
    """The Ingresses of its namespace with a backend that names it."""
    space, name = full_name(service)
    return [
        each for each in known.objects("Ingress") if full_name(each)[0] == space and name in backends(each.get("spec"))
    ]


def backends(spec: object) -> Iterator[str]:
    """The names of the Services that an Ingress's spec leads to."""
    rules = items_in(inside(spec, "rules"))
    paths = [path for rule in rules for path in items_in(inside(rule, "http", "paths"))]
    for backend in (inside(spec, "defaultBackend"), *(path.get("backend") for path in paths)):
        yield text_of(inside(backend, "service", "name"))


def parents_of_routes(known: Known, service: Item) -> list[tuple[str, str]]:
    """The Gateways, by namespace and name, that HTTPRoutes to it name."""
    routes = [each for each in known.objects("HTTPRoute") if full_name(service) in set(route_backends(each))]
    return [parent for route in routes for parent in parents(route)]


def parents(route: Item) -> list[tuple[str, str]]:
    """The Gateways, by namespace and name, that an HTTPRoute is for."""
    return [
        (text_of(parent.get("namespace")) or full_name(route)[0], text_of(parent.get("name")))
        for parent in items_in(inside(route, "spec", "parentRefs"))
        if parent.get("kind") in (None, "Gateway")
    ]


def route_backends(route: Item) -> Iterator[tuple[str, str]]:
    """The Services, by namespace and name, that an HTTPRoute leads to."""
    for rule in items_in(inside(route, "spec", "rules")):
        for each in items_in(rule.get("backendRefs")):
            yield text_of(each.get("namespace")) or full_name(route)[0], text_of(each.get("name"))


def services_of_gateways(known: Known, service: Item) -> list[Item]:
    """The Services of type LoadBalancer that Gateways before it own, by the labels of Envoy Gateway."""
    parents = set(parents_of_routes(known, service))
    return [each for each in known.objects("Service") if is_balanced(each) and _owner(each) in parents]


def _owner(service: Item) -> tuple[str, str]:
    space, name = (text_of(inside(service, "metadata", "labels", key)) for key in _OWNING_GATEWAY)
    return space, name


def gateways_to(known: Known, service: Item) -> list[Item]:
    """The Gateways before it whose own Service was not read; their status has the address."""
    owned = {_owner(each) for each in services_of_gateways(known, service)}
    parents = set(parents_of_routes(known, service)) - owned
    return [each for each in known.objects("Gateway") if full_name(each) in parents]
