"""What has to be read of the API server: get and list only, in the Service's namespace wherever that does."""

from collections.abc import Iterator
from dataclasses import replace

from drilllib.core.capture import calls
from drilllib.core.capture.asks import KubernetesRead, Wanted
from drilllib.core.capture.known import Known, full_name, inside, items_in, text_of
from drilllib.core.capture.leads import is_balanced, parents_of_routes, services_behind, wanted_service
from drilllib.core.snapshot.shapes import is_address

OF_A_NAMESPACE = (calls.ENDPOINT_SLICES, calls.PODS, calls.NETWORK_POLICIES, calls.GROUP_POLICIES)
OF_A_MESH = (calls.PEER_AUTHENTICATIONS, calls.AUTHORIZATION_POLICIES)
MESH, _PROXY = (
    "istio-system",
    "istio-proxy",
)  # where policies hold for the whole mesh, and the container that obeys them
SETTINGS = replace(calls.CONFIG_MAPS, namespace=calls.SETTINGS_NAMESPACE, name=calls.SERVICE_SETTINGS)


def kubernetes_reads(known: Known, wanted: Wanted) -> Iterator[KubernetesRead]:
    """
    Every read that the answers so far ask for, those that were made among them.

    All Services: another one may own a NodePort. Where that list is refused, those of the namespace.
    """
    if not (wanted.service or wanted.load_balancer):
        return
    if wanted.service:
        namespace, _, name = wanted.service.partition("/")
        yield _object(calls.SERVICES, namespace, name)
    yield from (calls.SERVICES, calls.NODES, SETTINGS)
    for space in namespaces(known, wanted):
        if known.is_refused(calls.SERVICES):
            yield replace(calls.SERVICES, namespace=space)
        yield from (replace(each, namespace=space) for each in OF_A_NAMESPACE)
        if _is_in_mesh(known, space):
            yield from (replace(each, namespace=place) for each in OF_A_MESH for place in (space, MESH))
    yield from _ways_in(known, wanted)
    if _asks_about_namespaces(known):
        yield calls.NAMESPACES


def namespaces(known: Known, wanted: Wanted) -> list[str]:
    """The namespaces of the Services that a request comes to, the one that was asked for first."""
    named = [wanted.service.partition("/")[0]] if wanted.service else []
    return list(dict.fromkeys([*named, *(full_name(each)[0] for each in services_behind(known, wanted))]))


def _object(kind: KubernetesRead, namespace: str, name: str) -> KubernetesRead:
    return replace(kind, namespace=namespace, name=name)


def _is_in_mesh(known: Known, namespace: str) -> bool:
    """Has a pod of the namespace Istio's proxy beside it, whose policies filter what comes in?"""
    pods = (each for each in known.objects("Pod") if full_name(each)[0] == namespace)
    lists = (inside(pod, "spec", name) for pod in pods for name in ("containers", "initContainers"))
    return any(each.get("name") == _PROXY for listed in lists for each in items_in(listed))


def _ways_in(known: Known, wanted: Wanted) -> Iterator[KubernetesRead]:
    """Of a Service without a load balancer: what may lead to it from one."""
    service = wanted_service(known, wanted)
    if service is None or is_balanced(service):
        return
    yield from (replace(each, namespace=full_name(service)[0]) for each in (calls.INGRESSES, calls.HTTP_ROUTES))
    if known.is_refused(calls.SERVICES):
        yield from (_object(calls.GATEWAYS, *each) for each in parents_of_routes(known, service) if all(each))


def _asks_about_namespaces(known: Known) -> bool:
    """Does a NetworkPolicy select by the labels of namespaces?"""
    rules = [
        (rule, side)
        for each in known.objects("NetworkPolicy")
        for direction, side in (("ingress", "from"), ("egress", "to"))
        for rule in items_in(inside(each, "spec", direction))
    ]
    return any(peer.get("namespaceSelector") is not None for rule, side in rules for peer in items_in(rule.get(side)))


def pod_addresses(known: Known, wanted: Wanted) -> set[str]:
    """
    The addresses of the endpoints of the Services that a request comes to.

    From their EndpointSlices; where those were not read, of the pods that the Services select. Addresses of nodes are
    left out: their groups are their machines'.
    """
    found: set[str] = set()
    for service in services_behind(known, wanted):
        found |= set(_endpoints(known, *full_name(service))) or set(_selected(known, full_name(service)[0], service))
    return found - node_addresses(known)


def node_addresses(known: Known) -> set[str]:
    """The addresses of the nodes."""
    entries = (each for node in known.objects("Node") for each in items_in(inside(node, "status", "addresses")))
    return {text_of(each.get("address")) for each in entries}


def _endpoints(known: Known, namespace: str, name: str) -> Iterator[str]:
    for each in known.objects("EndpointSlice"):
        labels = each["metadata"].get("labels")
        if full_name(each)[0] == namespace and inside(labels, "kubernetes.io/service-name") == name:
            for endpoint in items_in(each.get("endpoints")):
                yield from _addresses(endpoint.get("addresses"))


def _selected(known: Known, namespace: str, service: object) -> Iterator[str]:
    selector = inside(service, "spec", "selector")
    if not isinstance(selector, dict) or not selector:
        return
    for pod in known.objects("Pod"):
        labels = inside(pod, "metadata", "labels")
        fits = isinstance(labels, dict) and all(labels.get(key) == value for key, value in selector.items())
        if fits and full_name(pod)[0] == namespace:
            yield from _addresses([inside(pod, "status", "podIP")])
            yield from _addresses([each.get("ip") for each in items_in(inside(pod, "status", "podIPs"))])


def _addresses(values: object) -> Iterator[str]:
    yield from (
        each for each in (values if isinstance(values, list) else ()) if isinstance(each, str) and is_address(each)
    )
