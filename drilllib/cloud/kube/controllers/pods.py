"""Pods get a node, an address and a running container, or a reason why not."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from itertools import islice
from typing import Any

from drilllib.cloud.kube.controllers.events import report
from drilllib.cloud.kube.controllers.super_nodes import is_super, subnet_of
from drilllib.cloud.kube.kinds import NODE, POD
from drilllib.cloud.kube.objects import (
    Document,
    Object,
    Tools,
    labels_of,
    name_of,
    namespace_of,
    node_address,
    node_is_ready,
    of_kind,
    own,
    remove,
)

_SCHEDULER, _KUBELET, _CONTROLLER = "default-scheduler", "kubelet", "node-controller"
LARGEST_BLOCK = 65536
_ENDED = ("Succeeded", "Failed")


def evict(document: Document, gone: list[str]) -> None:
    """Remove the pods of Nodes that are gone."""
    for pod in of_kind(document, POD):
        if (pod.get("spec") or {}).get("nodeName") in gone:
            remove(document, pod)


def schedule(document: Document, tools: Tools) -> None:
    """Give each new pod the fitting node with the fewest pods, or the reason why there is none."""
    nodes, pods = of_kind(document, NODE), of_kind(document, POD)
    placed = Counter((pod.get("spec") or {}).get("nodeName") for pod in pods)
    for pod in pods:
        spec = pod.get("spec") or {}
        if spec.get("nodeName") or _phase(pod) in _ENDED:
            continue
        obstacles = {name_of(node): _obstacle(node, spec) for node in nodes}
        fitting = [name for name, obstacle in obstacles.items() if obstacle is None]
        if not fitting:
            _wait(document, tools, pod, [each for each in obstacles.values() if each])
            continue
        chosen = min(fitting, key=lambda name: (placed[name], name))
        own(document, pod).setdefault("spec", {})["nodeName"] = chosen
        placed[chosen] += 1
        message = f"Successfully assigned {namespace_of(pod)}/{name_of(pod)} to {chosen}"
        report(document, tools, pod, "Scheduled", message, _SCHEDULER)


def start(document: Document, tools: Tools) -> None:
    """Give each placed pod an address, and run it; a pod is Ready where its node is."""
    nodes = {name_of(node): node for node in of_kind(document, NODE)}
    free: dict[str, Iterator[str]] = {}
    for pod in of_kind(document, POD):
        node = nodes.get((pod.get("spec") or {}).get("nodeName") or "")
        if node is None or _phase(pod) in _ENDED:
            continue
        if not (pod.get("status") or {}).get("podIP") and _phase(pod) == "Pending" and node_is_ready(node):
            _run(document, tools, pod, node, _free_for(document, name_of(node), free))
        elif _stale(pod, node_is_ready(node)):
            _set_ready(own(document, pod), node_is_ready(node), tools)


def _free_for(document: Document, node: str, known: dict[str, Iterator[str]]) -> Iterator[str]:
    """The free addresses for pods of a node; *known* keeps those that are being given out, by their block."""
    subnet = subnet_of(document, node) or pod_subnet(document) or {}
    block = subnet.get("CidrBlock") or ""
    return known.setdefault(block, free_addresses(document, block) if block else iter(()))


def free_addresses(document: Document, block: str) -> Iterator[str]:
    """The addresses of a block that nothing has, the lowest first; the block's first one is the gateway's."""
    taken, network = set(_addresses(document)), ip_network(block, strict=False)
    if network.num_addresses <= LARGEST_BLOCK:
        yield from (str(each) for each in islice(network.hosts(), 1, None) if str(each) not in taken)


def pod_subnet(document: Document) -> dict[str, Any] | None:
    """The subnet for pods: the first IPv4 one that holds no node, else the last of all."""
    subnets = [each for each in document.get("subnets") or () if each.get("CidrBlock")]
    nodes = [address for each in document.get("instances") or () for address in each["PrivateIpAddresses"]]
    blocks = [(each, ip_network(each["CidrBlock"], strict=False)) for each in subnets]
    free = [each for each, block in blocks if not any(ip_address(node) in block for node in nodes)]
    found: dict[str, Any] | None = (free or subnets[-1:] or [None])[0]
    return found


def _addresses(document: Document) -> list[str]:
    found = [address for each in document.get("instances") or () for address in each["PrivateIpAddresses"]]
    for item in document.get("network_interfaces") or ():
        found += [entry["PrivateIpAddress"] for entry in item["PrivateIpAddressSet"]]
    for item in document.get("load_balancers") or ():
        found += item.get("LoadBalancerVips") or ()
    found += [(pod.get("status") or {}).get("podIP") or "" for pod in of_kind(document, POD)]
    return found + [node_address(node) for node in of_kind(document, NODE)]


def _phase(pod: Object) -> str:
    return (pod.get("status") or {}).get("phase") or "Pending"


def _obstacle(node: Object, spec: dict[str, Any]) -> str | None:
    """Why the node is not for the pod, in the scheduler's words; None where it is."""
    if not node_is_ready(node):
        return "node(s) were not ready"
    if (node.get("spec") or {}).get("unschedulable"):
        return "node(s) were unschedulable"
    fits = not (spec.get("hostNetwork") and is_super(name_of(node)))
    fits &= (spec.get("nodeSelector") or {}).items() <= labels_of(node).items()
    return None if fits else "node(s) didn't match Pod's node affinity/selector"


def _wait(document: Document, tools: Tools, pod: Object, obstacles: list[str]) -> None:
    counts = [f"{obstacles.count(each)} {each}" for each in sorted(set(obstacles))]
    message = "no nodes available to schedule pods"
    if counts:
        among = f"0/{len(obstacles)} nodes are available:"
        helpless = f"preemption: {among} {len(obstacles)} Preemption is not helpful for scheduling."
        message = f"{among} {', '.join(counts)}. no new claims to deallocate, {helpless}"
    condition: Object = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    condition |= {"lastProbeTime": None}
    before: Mapping[str, Any] = next(iter((pod.get("status") or {}).get("conditions") or ()), {})
    if before.get("message") != message:
        status = own(document, pod).setdefault("status", {})
        status |= {"phase": "Pending", "conditions": [{**condition, "lastTransitionTime": tools.timestamp()}]}
        report(document, tools, pod, "FailedScheduling", message, _SCHEDULER, warning=True)


def _run(document: Document, tools: Tools, pod: Object, node: Object, free: Iterator[str]) -> None:
    host = pod["spec"].get("hostNetwork")
    address = node_address(node) if host else next(free, None)
    if not address:
        message = "no address is free for the pod in the snapshot's subnets"
        if not (pod.get("status") or {}).get("message"):
            own(document, pod).setdefault("status", {}).update({"reason": "ContainerCreating", "message": message})
            report(document, tools, pod, "FailedCreatePodSandBox", message, _KUBELET, warning=True)
        return
    own(document, pod)["status"] = _running(pod, node, address, tools.timestamp())
    for each in pod["spec"].get("containers") or ():
        present = f'Container image "{each.get("image")}" already present on machine'
        report(document, tools, pod, "Pulled", present, _KUBELET)
        report(document, tools, pod, "Created", f"Created container: {each.get('name')}", _KUBELET)
        report(document, tools, pod, "Started", f"Started container {each.get('name')}", _KUBELET)


def _running(pod: Object, node: Object, address: str, now: str) -> Object:
    containers = pod["spec"].get("containers") or ()
    dated = {"lastProbeTime": None, "lastTransitionTime": now}
    kinds = ("PodScheduled", "Initialized", "ContainersReady", "Ready")
    return {
        "phase": "Running",
        "conditions": [{"type": kind, "status": "True", **dated} for kind in kinds],
        "hostIP": node_address(node),
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": now,
        "containerStatuses": [_container(each, pod, now) for each in containers],
        "qosClass": qos_class(pod["spec"]),
    }


def qos_class(spec: Mapping[str, Any]) -> str:
    """What of its memory and processors the pod is promised: all of it, some, or nothing."""
    resources = [each.get("resources") or {} for each in spec.get("containers") or ()]
    if not any(each.get("requests") or each.get("limits") for each in resources):
        return "BestEffort"
    whole = all({"cpu", "memory"} <= (each.get("limits") or {}).keys() for each in resources)
    same = all(each["limits"] == (each.get("requests") or each["limits"]) for each in resources if each.get("limits"))
    return "Guaranteed" if whole and same else "Burstable"


def _container(container: Object, pod: Object, now: str) -> Object:
    mark = hashlib.sha256(f"{pod['metadata']['uid']} {container.get('name')}".encode()).hexdigest()
    image = container.get("image") or ""
    names = {"name": container.get("name"), "image": image, "imageID": "", "containerID": f"simulated://{mark}"}
    running = {"state": {"running": {"startedAt": now}}, "lastState": {}}
    return {**names, **running, "ready": True, "started": True, "restartCount": 0}


def _stale(pod: Object, ready: bool) -> list[Object]:
    """The conditions that have to follow the node; a snapshot's pod without conditions has none."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return [
        each
        for each in conditions
        if each["type"] == "Ready" and each["status"] != str(ready) and _follows_node(pod, each, ready)
    ]


def _set_ready(pod: Object, ready: bool, tools: Tools) -> None:
    """Nodes that are not Ready make their pods so."""
    for condition in _stale(pod, ready):
        condition |= {"status": str(ready), "lastTransitionTime": tools.timestamp()}
        condition |= {"reason": "NodeNotReady"} if not ready else {}
        if ready:
            condition.pop("reason", None)


def _follows_node(pod: Object, condition: Object, ready: bool) -> bool:
    """A pod that is not Ready for a reason of its own stays so."""
    return pod["status"].get("phase") == "Running" and (not ready or condition.get("reason") == "NodeNotReady")
