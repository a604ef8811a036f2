"""Remove the drill's workload from the cluster: the Service first, for its load balancer, in the end the namespace."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drilllib.clients.kubernetes_kinds import namespaced_kinds
from drilllib.core.capture.asks import KubernetesRead
from drilllib.core.capture.calls import NAMESPACES, SERVICES
from drilllib.errors import Message, printable
from drilllib.guard import marks
from drilllib.provision.clients import Clients, RefusedError
from drilllib.provision.inventory import Found
from drilllib.provision.parts import DEPLOYMENTS, WORKLOAD

WAIT_S, MOST_WAITS = 3.0, 100  # until an object is gone: five minutes
SHOWN = 3  # things that a message names
# What every namespace has by itself, and the Endpoints that are made of the drill's Service and go after it.
_USUAL = (
    *(("configmaps", "kube-root-ca.crt"), ("configmaps", "istio-ca-root-cert"), ("serviceaccounts", "default")),
    ("endpoints", WORKLOAD),
)
_TOKEN, _OF_ACCOUNT = "kubernetes.io/service-account-token", "kubernetes.io/service-account.name"
_TOLD_ONLY = ("metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io")  # groups of what is measured


def remove_workload(clients: Clients, drill: str, namespace: Found) -> Message | None:
    """
    Remove the drill's objects, and the namespace with them; why something is left, or None.

    Where somebody else has put something into the namespace, or what is in it cannot all be listed, it stays.

    Raises:
        RefusedError: It cannot be read what there is of the drill.
    """
    for kind in (SERVICES, DEPLOYMENTS):
        for item in clients.objects(_in(kind, namespace.name)):
            if marks.labels_of(item).get(marks.DRILL) == drill and item["metadata"]["name"] == WORKLOAD:
                why = _deleted(clients, _in(kind, namespace.name, WORKLOAD), item["metadata"]["uid"])
                if why is not None:
                    return why
    why = _why_it_stays(clients, namespace.name)
    if why is not None:
        return why
    place = KubernetesRead(
        NAMESPACES.group, NAMESPACES.version, NAMESPACES.resource, NAMESPACES.kind, "", namespace.name
    )
    return _deleted(clients, place, namespace.id)


def _why_it_stays(clients: Clients, namespace: str) -> Message | None:
    """Looks at every kind of object that the cluster has; None where all that is there is Kubernetes' own."""
    kinds, unread = namespaced_kinds(clients.kubernetes)
    things: list[str] = []
    for kind in kinds:
        if kind.group in _TOLD_ONLY or kind.resource == "events":
            continue
        try:
            items = clients.objects(_in(kind, namespace))
        except RefusedError:
            unread.append(kind.resource)
            continue
        things += [_called(kind, item) for item in items if _is_theirs(item, kind, kinds)]
    if things:
        return Message("somebody else has put {things} into it", things=", ".join(_first(things)))
    if unread:
        return Message(
            "its Service is gone, and it stays, because what else is in it was not told: {what} cannot be listed",
            what=", ".join(_first(unread)),
        )
    return None


def _called(kind: KubernetesRead, item: Mapping[str, Any]) -> str:
    """How an object is called in a message: its kind and its name, which are the cluster's words."""
    return printable(f"{kind.kind} {item['metadata']['name']}")


def _first(names: list[str]) -> Iterator[str]:
    yield from sorted(set(names))[:SHOWN]
    more = len(set(names)) - SHOWN
    if more > 0:
        yield f"+ {more}"


def _is_theirs(item: Mapping[str, Any], kind: KubernetesRead, kinds: Iterable[KubernetesRead]) -> bool:
    """Neither every namespace's own, nor made of something else that is in the namespace and is looked at itself."""
    metadata = item["metadata"]
    name, annotations = str(metadata["name"]), metadata.get("annotations") or {}
    if (kind.resource, name) in _USUAL:
        return False
    if item.get("type") == _TOKEN and name.startswith("default-token-") and annotations.get(_OF_ACCOUNT) == "default":
        return False
    known = {(each.group, each.kind) for each in kinds}
    return not any(_owner(each) in known for each in metadata.get("ownerReferences") or ())


def _owner(reference: Mapping[str, Any]) -> tuple[str, str]:
    group, slash, _ = str(reference.get("apiVersion") or "").partition("/")
    return group if slash else "", str(reference.get("kind"))


def _in(kind: KubernetesRead, namespace: str, name: str = "") -> KubernetesRead:
    return KubernetesRead(kind.group, kind.version, kind.resource, kind.kind, namespace, name)


def _deleted(clients: Clients, read: KubernetesRead, uid: str) -> Message | None:
    """Delete an object and wait until it is gone; why it is not, or None."""
    failure = clients.kubernetes.delete(read, uid)
    for _ in range(MOST_WAITS if failure is None or failure.again else 1):
        if _is_gone(clients.get(read), uid):
            return None
        if failure is None:
            clients.pause(WAIT_S)
    if failure is not None:
        return Message("delete {what} was refused: {code}", what=read.resource, code=failure.code)
    return Message("{what} is being deleted, and is still there", what=f"{read.kind} {read.name}")


def _is_gone(item: Mapping[str, Any] | None, uid: str) -> bool:
    return item is None or item["metadata"].get("uid") != uid
