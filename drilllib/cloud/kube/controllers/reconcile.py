"""
Takes a document over, and makes it what its objects ask for. The controllers run inside the write that made work for
them, so that the next read sees the effect. Each is idempotent: on a document that is as it should be, it does nothing.
"""

from drilllib.cloud.kube.controllers.balancers import adopt_balancers
from drilllib.cloud.kube.controllers.interfaces import adopt_interfaces
from drilllib.cloud.kube.controllers.order import PARTS, Changed, differences, run
from drilllib.cloud.kube.controllers.system import adopt_namespaces
from drilllib.cloud.kube.defaults import admit, fill_defaults
from drilllib.cloud.kube.kinds import kind_of
from drilllib.cloud.kube.objects import DEEPEST, SHARED, Document, Tools, fill_in, objects, own
from drilllib.cloud.kube.validation import require_readable
from drilllib.core.snapshot.reuse import copied

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


def reconcile(
    document: Document,
    tools: Tools,
    tencent: bool = True,
    *,
    before: Document | None = None,
    changed: Changed | None = None,
) -> bool:
    """
    Make the document what its Kubernetes objects ask for; *before* is the same document, which stays as it is.

    *changed* is what is new in a document that was settled: only the controllers that look at it work. None: all do.
    Returns whether it is settled now, so that nothing is left to do.
    """
    for _ in range(MOST_ROUNDS):
        before = before or draft_of(document)
        if changed is None:
            _fill_in(document, tools)
        run(document, tools, tencent, changed)
        changed = differences(before, document)
        if not changed:
            return True
        before = None
    return False


def reconcile_in_place(document: Document, tools: Tools, tencent: bool = True) -> bool:
    """As `reconcile`, but where it fails the document is left as it was."""
    draft = draft_of(document)
    settled = reconcile(draft, tools, tencent, before=document)
    document.update(draft)
    return settled


def _fill_in(document: Document, tools: Tools) -> None:
    """Fill in what objects lack that the Tencent side wrote, or that a snapshot had."""
    for item in objects(document):
        kind = kind_of(item)
        if kind is not None and not (item["metadata"].get("uid") and item["metadata"].get("creationTimestamp")):
            require_readable(item)
            fill_in(own(document, item), kind, tools)
