"""
The controllers, one after another, on the document. Each is idempotent: on a document that is as it should be, it does
nothing. They run inside the write that made work for them, so that the next read sees the effect.
"""

import copy

from drilllib.cloud.kube.kinds import kind_of
from drilllib.cloud.kube.objects import Document, Tools, fill_in, objects

PARTS = ("kubernetes", "load_balancers", "listeners", "network_interfaces", "cluster", "cloud")


def draft_of(document: Document) -> Document:
    """A document whose parts that Kubernetes changes may be changed without changing *document*."""
    return {**document, **{part: copy.deepcopy(document[part]) for part in PARTS if part in document}}


def reconcile(document: Document, tools: Tools) -> None:
    """Make the document what its Kubernetes objects ask for."""
    for item in objects(document):
        kind = kind_of(item)
        if kind is not None:
            fill_in(item, kind, tools)


def reconcile_in_place(document: Document, tools: Tools) -> None:
    """As `reconcile`, but where it fails the document is left as it was."""
    draft = draft_of(document)
    reconcile(draft, tools)
    document.update(draft)
