"""
The controllers, one after another, on the document. Each is idempotent: on a document that is as it should be, it does
nothing. They run inside the write that made work for them, so that the next read sees the effect.
"""

from drilllib.cloud.kube.controllers.balancers import adopt_balancers, balancers
from drilllib.cloud.kube.controllers.endpoints import endpoint_slices
from drilllib.cloud.kube.controllers.interfaces import adopt_interfaces, interfaces
from drilllib.cloud.kube.controllers.pods import evict, schedule, start
from drilllib.cloud.kube.controllers.system import adopt_namespaces, nodes, system
from drilllib.cloud.kube.controllers.workloads import collect_garbage, deployments, replica_sets, statuses
from drilllib.cloud.kube.defaults import admit, fill_defaults
from drilllib.cloud.kube.kinds import kind_of
from drilllib.cloud.kube.objects import DEEPEST, SHARED, Document, Tools, fill_in, objects, own
from drilllib.cloud.kube.validation import require_readable
from drilllib.core.snapshot.reuse import copied

PARTS = ("kubernetes", "load_balancers", "listeners", "network_interfaces", "cluster", "cloud")
MOST_ROUNDS = 6  # a rolling update takes three


def draft_of(document: Document) -> Document:
    """A document whose parts that Kubernetes changes may be changed without changing *document*; see `SHARED`."""
    draft = {part: copied(document[part], DEEPEST) for part in PARTS if part in document and part != "kubernetes"}
    items = document.get("kubernetes") or ()
    draft["kubernetes"] = [each if each["kind"] in SHARED else copied(each, DEEPEST) for each in items]
    return {**document, **draft}


def adopt(document: Document, tools: Tools, tencent: bool = True) -> None:
    """
    Take over a snapshot: fill in what it has not said, and remember what its Services and nodes have.

    Raises:
        InvalidInputError: An object has a field of a type that the controllers cannot read.
    """
    draft = {**document, **{part: copied(document[part], DEEPEST) for part in PARTS if part in document}}
    _fill_in(draft, tools)
    for item in objects(draft):
        if kind := kind_of(item):
            require_readable(item)
            fill_defaults(kind, item)
            admit(kind, item)
    adopt_namespaces(draft, tools)
    if tencent:
        adopt_interfaces(draft, tools)
        adopt_balancers(draft)
    reconcile(draft, tools, tencent)
    document.update(draft)


def reconcile(document: Document, tools: Tools, tencent: bool = True, before: Document | None = None) -> None:
    """Make the document what its Kubernetes objects ask for; *before* is the same document, which stays as it is."""
    for _ in range(MOST_ROUNDS):
        before = before or draft_of(document)
        _round(document, tools, tencent)
        if all(document.get(part) == before.get(part) for part in PARTS):
            return
        before = None


def reconcile_in_place(document: Document, tools: Tools, tencent: bool = True) -> None:
    """As `reconcile`, but where it fails the document is left as it was."""
    draft = draft_of(document)
    reconcile(draft, tools, tencent, document)
    document.update(draft)


def _round(document: Document, tools: Tools, tencent: bool) -> None:
    _fill_in(document, tools)
    system(document, tools, tencent)
    evict(document, nodes(document, tools))
    collect_garbage(document)
    deployments(document, tools)
    replica_sets(document, tools)
    schedule(document, tools)
    start(document, tools)
    statuses(document, tools)
    if tencent:
        interfaces(document, tools)
    endpoint_slices(document, tools)
    if tencent:
        balancers(document, tools)


def _fill_in(document: Document, tools: Tools) -> None:
    """Fill in what objects lack that the Tencent side wrote, or that a snapshot had."""
    for item in objects(document):
        kind = kind_of(item)
        if kind is not None and not (item["metadata"].get("uid") and item["metadata"].get("creationTimestamp")):
            require_readable(item)
            fill_in(own(document, item), kind, tools)
