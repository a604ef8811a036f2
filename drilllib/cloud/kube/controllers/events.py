"""The Events that the controllers leave behind. API: core/v1 Event."""

import hashlib

from drilllib.cloud.kube.kinds import EVENT, NAMESPACE
from drilllib.cloud.kube.objects import Document, Object, Tools, find, name_of, new_object, of_kind, own, remove

MOST = 300  # of a cluster; the oldest go first
WARNING, NORMAL = "Warning", "Normal"


def report(
    document: Document, tools: Tools, about: Object, reason: str, message: str, component: str, warning: bool = False
) -> None:
    """Leave an Event about an object; the same one again counts up, as in Kubernetes."""
    namespace = about["metadata"].get("namespace", "default")
    if find(document, NAMESPACE, "", namespace) is None:
        return  # it was just deleted
    involved = {"kind": about["kind"], "name": name_of(about), "apiVersion": about["apiVersion"]}
    involved |= {"uid": about["metadata"]["uid"]}
    involved |= {"namespace": namespace} if "namespace" in about["metadata"] else {}
    digest = hashlib.sha256(f"{involved['uid']} {reason} {message}".encode()).hexdigest()[:16]
    name = f"{name_of(about)}.{digest}"
    now, event = tools.timestamp(), find(document, EVENT, namespace, name)
    if event is None:
        parts = {"involvedObject": involved, "reason": reason, "message": message, "count": 0, "firstTimestamp": now}
        parts |= {"type": WARNING if warning else NORMAL, "source": {"component": component}}
        event = new_object(EVENT, name, namespace, tools, **parts)
        document["kubernetes"].append(event)
    event = own(document, event)
    event |= {"count": event["count"] + 1, "lastTimestamp": now}
    for oldest in of_kind(document, EVENT)[:-MOST]:
        remove(document, oldest)


class UnsyncedError(Exception):
    """What a Service asks for cannot be had; the message goes into an Event, and the CLB stays as it is."""
