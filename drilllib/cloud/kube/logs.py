"""
What `kubectl logs` prints. Containers are not run, so a pod's log says only that; tke-eni-ipamd's has a line for each
interface that carries pods, laid out so that the original drill's query finds the groups in its 24th field. The layout
is an assumption: no public sample of the real line exists.
"""

from datetime import datetime

from drilllib.cloud.kube.cells import read_time
from drilllib.cloud.kube.controllers.interfaces import instance_of
from drilllib.cloud.kube.controllers.system import IPAMD
from drilllib.cloud.kube.errors import bad_request, not_found
from drilllib.cloud.kube.kinds import NODE, POD
from drilllib.cloud.kube.objects import Document, Object, find, labels_of, name_of, of_kind
from drilllib.cloud.kube.reads import number
from drilllib.cloud.kube.requests import Request, Response, Target


def pod_log(document: Document, request: Request, target: Target) -> Response:
    """
    The log of one container as plain text. A log that is followed ends at once: nothing will be added.

    Raises:
        KubeError: There is no such pod or container, or it has not started.
    """
    pod = find(document, POD, target.namespace or "", target.name or "")
    if pod is None:
        raise not_found(POD, target.name or "")
    container = _container(pod, request.query.get("container", ""))
    if request.flag("previous"):
        raise bad_request(f'previous terminated container "{container}" in pod "{name_of(pod)}" not found')
    if (pod.get("status") or {}).get("phase") != "Running":
        why = f'container "{container}" in pod "{name_of(pod)}" is waiting to start: ContainerCreating'
        raise bad_request(why)
    since = (pod.get("status") or {}).get("startTime") or pod["metadata"]["creationTimestamp"]
    lines = _ipamd_lines(document, since) if labels_of(pod).get("k8s-app") == IPAMD else _lines(pod, container)
    lines = lines[max(0, len(lines) - number(request, "tailLines", len(lines))) :]
    if request.flag("timestamps"):
        lines = [f"{since} {line}" for line in lines]
    return Response(200, "".join(f"{line}\n" for line in lines).encode(), "text/plain")


def _container(pod: Object, asked: str) -> str:
    names = [each.get("name") or "" for each in (pod.get("spec") or {}).get("containers") or ()]
    if asked and asked not in names:
        raise bad_request(f"container {asked[:60]} is not valid for pod {name_of(pod)}")
    if not asked and len(names) > 1:
        choice = " ".join(names)
        raise bad_request(f"a container name must be specified for pod {name_of(pod)}, choose one of: [{choice}]")
    return asked or "".join(names[:1])


def _lines(pod: Object, container: str) -> list[str]:
    return [f"container {container} of {name_of(pod)} (simulated: the local cloud runs no containers)"]


def _ipamd_lines(document: Document, since: str) -> list[str]:
    """One line an interface, in the layout of Kubernetes' own event log (klog)."""
    then = read_time(since) or datetime(1970, 1, 1)
    head = f"I{then:%m%d %H:%M:%S}.000000       1"
    lines = [f"{head} main.go:1] tke-eni-ipamd (simulated; the layout of the real log is not documented)"]
    for node in of_kind(document, NODE):
        instance = instance_of(document, node) or {}
        for item in document.get("network_interfaces") or ():
            owner = (item.get("Attachment") or {}).get("InstanceId")
            if not item.get("Primary") and owner and owner == instance.get("InstanceId"):
                lines.append(f"{head} event.go:1] {_event(node, item)}")
    return lines


def _event(node: Object, item: Object) -> str:
    """Fields 5 and on of the line; the groups are field 24."""
    reference = f'Kind:"Node", Namespace:"", Name:"{name_of(node)}", UID:"{node["metadata"]["uid"]}"'
    reference += ', APIVersion:"v1", ResourceVersion:"", FieldPath:""'
    groups = ",".join(item.get("GroupSet") or ())
    what = f"interface {item['NetworkInterfaceId']} bound in order: security groups from [{groups}]"
    return f"Event(v1.ObjectReference{{{reference}}}): type: 'Normal' reason: 'SyncSecurityGroups' {what}"
