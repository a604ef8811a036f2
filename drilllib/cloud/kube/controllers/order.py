"""
The controllers in their order, and what each looks at: after a write only those work that look at something that
changed, among objects or among parts of the document.
"""

from collections.abc import Callable
from dataclasses import dataclass

from drilllib.cloud.kube.controllers.balancers import balancers
from drilllib.cloud.kube.controllers.endpoints import endpoint_slices
from drilllib.cloud.kube.controllers.interfaces import interfaces
from drilllib.cloud.kube.controllers.pods import evict, schedule, start
from drilllib.cloud.kube.controllers.system import machines, nodes, switches, system, tke
from drilllib.cloud.kube.controllers.workloads import collect_garbage, deployments, replica_sets, statuses
from drilllib.cloud.kube.objects import Document, Object, Tools, objects

PARTS = ("kubernetes", "load_balancers", "listeners", "network_interfaces", "cluster", "cloud")
Changed = frozenset[str]  # names of kinds and of parts of the document
NOTHING: Changed = frozenset()


@dataclass(frozen=True, slots=True)
class Controller:
    """
    *watches* is what it looks at; empty: any change may concern it. What no request can change, such as the namespaces
    that are always there, nobody watches. *touches* is what it may change in place, for those after it in the round;
    objects that it adds, removes or puts into another's place are seen without that.
    """

    work: Callable[[Document, Tools], None]
    watches: Changed = NOTHING
    touches: Changed = NOTHING
    tencent: bool = False


def _settle_nodes(document: Document, tools: Tools) -> None:
    evict(document, nodes(document, tools))


def _collect_garbage(document: Document, _: Tools) -> None:
    collect_garbage(document)


_WORKLOADS = Changed({"Deployment", "ReplicaSet"})
_INTERFACES = Changed({"Node", "NodeENIConfig", "network_interfaces", "cloud"})
_BALANCERS = Changed({"Service", "load_balancers", "listeners", "cloud"})
CONTROLLERS = (
    Controller(system, Changed({"Service"})),
    Controller(tke, Changed({"Deployment"}), tencent=True),
    Controller(switches, Changed({"ConfigMap"}), Changed({"cluster"}), tencent=True),
    Controller(_settle_nodes, Changed({"Node", "cluster"}), Changed({"Node", "cloud"})),
    Controller(machines, Changed({"Node"}), Changed({"Node"}), tencent=True),
    Controller(_collect_garbage),
    Controller(deployments, _WORKLOADS, _WORKLOADS),
    Controller(replica_sets, Changed({"ReplicaSet", "Pod"})),
    Controller(schedule, Changed({"Pod", "Node"})),
    Controller(start, Changed({"Pod", "Node", "load_balancers", "network_interfaces"})),
    Controller(statuses, _WORKLOADS | {"Pod"}, _WORKLOADS),
    Controller(interfaces, _INTERFACES | {"Pod", "cluster"}, _INTERFACES, tencent=True),
    Controller(endpoint_slices, Changed({"Service", "EndpointSlice", "Pod"})),
    Controller(balancers, _BALANCERS | {"Pod", "Node", "network_interfaces", "cluster"}, _BALANCERS, tencent=True),
)


def run(document: Document, tools: Tools, tencent: bool, changed: Changed | None) -> None:
    """One round: those that look at what *changed*, or at what another changed before them in it. None: all of them."""
    for each in CONTROLLERS:
        concerned = changed is None or bool(changed if not each.watches else changed & each.watches)
        if not concerned or (each.tencent and not tencent):
            continue
        before = _by_kind(document)
        each.work(document, tools)
        if changed is not None:
            changed |= each.touches | _different(before, _by_kind(document))


def differences(before: Document, after: Document) -> Changed:
    """The kinds of objects, and the parts, that are not the same in both."""
    parts = {part for part in PARTS if part != "kubernetes" and before.get(part) != after.get(part)}
    return _different(_by_kind(before), _by_kind(after)) | parts


def _by_kind(document: Document) -> dict[str, list[Object]]:
    found: dict[str, list[Object]] = {}
    for item in objects(document):
        found.setdefault(item["kind"], []).append(item)
    return found


def _different(before: dict[str, list[Object]], after: dict[str, list[Object]]) -> Changed:
    return Changed(kind for kind in before.keys() | after.keys() if before.get(kind) != after.get(kind))
