"""Changes of the default lab for what `fix` repairs besides rules, and what is said of a proposal."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from ipaddress import ip_network

from changes import Document, ingress, probe
from changes_cluster import (
    endpoint_slice,
    objects,
    pod_on_node_a,
    service,
)

from drilllib.core.drills.default_lab import NODE_GROUP, NODE_PORT, VIP, default_lab
from drilllib.core.drills.variants import add_group
from drilllib.core.fix.answer import Fix
from drilllib.core.fix.proposal import Proposal
from drilllib.core.fix.proposals import fix
from drilllib.core.fix.steps import Kubectl
from drilllib.core.rules.addresses import Block
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question

ASKED = Question(service="shop/web")
CLIENTS = "203.0.113.0/24"


Change = Callable[[Document], object]


def lab(*changes: Change) -> Snapshot:
    document = default_lab()
    for change in changes:
        change(document)
    return Snapshot(document)


def blocks(*texts: str) -> list[Block]:
    return [ip_network(text) for text in texts]


def repaired(*changes: Change, clients: Sequence[str] = (CLIENTS,), nodes: Sequence[str] = ()) -> Fix:
    """What is proposed for the default lab with *changes*."""
    return fix(lab(*changes), ASKED, blocks(*clients), blocks(*nodes))


def said(proposal: Proposal) -> list[str]:
    """A proposal in short: ``insert sg-pod00001 0: ACCEPT TCP 10.0.35.0/24 80``; what is taken out comes last."""
    lines = [f"{each.code} {each.where}: {', '.join(each.facts.values())}" for each in proposal.steps]
    for each in proposal.changes:
        rule, old = (one.text if one else "" for one in (each.rule, each.old))
        out = "egress " if each.direction is Direction.EGRESS else ""
        lines.append(f"{each.edit} {each.group} {out}{each.place}: {' for '.join(filter(None, (rule, old)))}")
    return lines


def best(answer: Fix) -> list[str]:
    assert answer.works
    return said(answer.proposals[0])


def codes(proposal: Proposal) -> list[str]:
    return [each.code for each in proposal.steps]


def rules(proposal: Proposal) -> list[str]:
    return [f"{each.group}: {each.rule.text}" for each in proposal.changes if each.rule]


def with_step(answer: Fix, code: str) -> Proposal:
    return next(each for each in answer.proposals if code in codes(each))


def works(proposal: Proposal) -> bool:
    return all(each.trace.verdict == "reachable" for each in proposal.after)


def command(proposal: Proposal) -> str:
    (step,) = proposal.steps
    return step.command.line if isinstance(step.command, Kubectl) else step.command.command("ap-guangzhou")


node_closed = ingress(NODE_GROUP)


def annotated(name: str, value: str | None) -> Change:
    def change(document: Document) -> None:
        found = service(document)["metadata"]["annotations"]
        found.pop(name, None)
        found.update({name: value} if value else {})

    return change


def shadowed(document: Document) -> None:
    """An earlier group's DROP takes the effect from a later group's ACCEPT, on node-a only."""
    add_group(document, "sg-deny")
    ingress("sg-deny", "DROP TCP 0.0.0.0/0 30000-32767")(document)
    document["instances"][0]["SecurityGroupIds"] = ["sg-deny", NODE_GROUP]


def to_8080(document: Document) -> None:
    """The Service sends to 8080; its pods declare 80 only."""
    service(document)["spec"]["ports"][0]["targetPort"] = 8080
    endpoint_slice(document)["ports"][0]["port"] = 8080


def named(target: str, declared: str | None) -> Change:
    def change(document: Document) -> None:
        service(document)["spec"]["ports"][0]["targetPort"] = target
        endpoint_slice(document)["ports"] = []
        port = next(objects(document, "Pod"))["spec"]["containers"][0]["ports"][0]
        port.update({"name": declared} if declared else {})

    return change


def select(**labels: str) -> Change:
    def change(document: Document) -> None:
        service(document)["spec"]["selector"] = labels
        endpoint_slice(document)["endpoints"] = []

    return change


def label(**labels: str) -> Change:
    def change(document: Document) -> None:
        next(objects(document, "Pod"))["metadata"]["labels"] = labels

    return change


def slice_without_name(document: Document) -> None:
    service(document)["spec"]["ports"][0]["name"] = "web"


def managed(document: Document) -> None:
    endpoint_slice(document)["metadata"]["labels"]["endpointslice.kubernetes.io/managed-by"] = (
        "endpointslice-controller.k8s.io"
    )


def policy(*groups: str, controller: bool = True, made: tuple[str, str] | None = None) -> Change:
    """A SecurityGroupPolicy for the pod; *made*: when the pod was, and when the policy."""

    def change(document: Document) -> None:
        pod = next(item for item in document["kubernetes"] if item["kind"] == "Pod")
        owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "1", "controller": True}
        pod["metadata"]["ownerReferences"] = [owner] if controller else []
        add_group(document, "sg-app")
        ingress("sg-app", "ACCEPT TCP 10.0.35.0/24 80")(document)
        document["kubernetes"].append(
            {
                "apiVersion": "vpcresources.tke.cloud.tencent.com/v1beta1",
                "kind": "SecurityGroupPolicy",
                "metadata": {"name": "app", "namespace": "shop"},
                "spec": {
                    "podSelector": {"matchLabels": {"app": "web"}},
                    "securityGroups": {"groupIds": list(groups)},
                },
            }
        )
        for item, time in zip((pod, document["kubernetes"][-1]), made or (), strict=bool(made)):
            item["metadata"]["creationTimestamp"] = time

    return change


def workload(kind: str, replicas: int, **labels: str) -> Change:
    """A workload whose pods would have the labels."""

    def change(document: Document) -> None:
        spec = {"replicas": replicas, "template": {"metadata": {"labels": labels}}}
        metadata = {"name": "web", "namespace": "shop"}
        document["kubernetes"].append({"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec})

    return change


def two_groups(*lines: str, first: str, second: str) -> Change:
    def change(document: Document) -> None:
        add_group(document, "sg-extra")
        ingress("sg-extra", *lines)(document)
        for instance in document["instances"]:
            instance["SecurityGroupIds"] = [first, second]

    return change


def not_ready(document: Document) -> None:
    for each in endpoint_slice(document)["endpoints"]:
        each["conditions"]["ready"] = False
    next(objects(document, "Pod"))["status"]["conditions"] = [{"type": "Ready", "status": "False"}]


def stale_node_port(document: Document) -> None:
    service(document)["spec"]["ports"][0]["nodePort"] = 31000


def declare(document: Document, *ports: int) -> None:
    pod = next(objects(document, "Pod"))
    pod["spec"]["containers"][0]["ports"] = [{"containerPort": port} for port in ports]


def another_service(document: Document) -> None:
    """The only pod that fits otherwise belongs to another Service."""
    other = deepcopy(service(document))
    other["metadata"] = {"name": "other", "namespace": "shop", "annotations": {}}
    other["spec"] |= {"type": "ClusterIP", "ports": [{"port": 80, "targetPort": 80}], "selector": {"app": "web"}}
    document["kubernetes"].append(other)


def sidecar(document: Document) -> None:
    """The web server declares no port, its sidecar the one of its metrics."""
    pod = next(objects(document, "Pod"))
    ports = [{"containerPort": 9113}]
    pod["spec"]["containers"] = [{"name": "web"}, {"name": "metrics", "ports": ports}]


def two_kinds(document: Document) -> None:
    """Two pods fit otherwise, and are not alike."""
    document["kubernetes"].append(deepcopy(next(objects(document, "Pod"))))
    document["kubernetes"][-1]["metadata"]["name"] = "web-2"
    for number, pod in enumerate(objects(document, "Pod")):
        pod["metadata"]["labels"] = {"app": f"web-{number}"}


def on_the_node(document: Document) -> None:
    """A pod on its node's network, which declares the port of its metrics only."""
    pod = next(objects(document, "Pod"))
    pod["spec"] |= {"hostNetwork": True}
    declare(document, 9964)


def metrics_only(document: Document) -> None:
    declare(document, 9113)
    next(objects(document, "Pod"))["spec"]["containers"][0]["ports"][0]["name"] = "http-metrics"


def answered_by_kube_proxy(document: Document) -> None:
    """Under Local kube-proxy answers probes there; group 2 admits the VIP at the NodePort only."""
    pod_on_node_a(document)
    service(document)["spec"] |= {"externalTrafficPolicy": "Local", "healthCheckNodePort": 31999}
    probe(CheckPort=31999, SourceIpType=0)(document)
    admitted = (f"ACCEPT TCP {peer} {NODE_PORT}" for peer in (CLIENTS, VIP))
    ingress(NODE_GROUP, *admitted)(document)
