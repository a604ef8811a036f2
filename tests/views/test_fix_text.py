"""What `drill fix` prints, in both languages; and that a name in a snapshot can add no line to it."""

import json
from collections.abc import Callable

import pytest

from drilllib.core.drills.default_lab import BALANCER, CLB_GROUP, NODE_GROUP, POD_GROUP, SERVICE, default_lab, policy
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.variants import add_group, local_policy, other_port, set_ingress
from drilllib.core.fix.proposals import fix
from drilllib.core.rules.addresses import parse_block
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.views.text.fix import fix_text

Document = dict
CLIENTS = "203.0.113.0/24"


def kind(document: Document, name: str) -> Document:
    return next(each for each in document["kubernetes"] if each["kind"] == name)


def probes_from_vip(document: Document) -> None:
    """Group 2 drops clients and probes, and the CLB has no group."""
    document["load_balancers"][0]["SecureGroups"] = []
    document["listeners"][BALANCER][0]["HealthCheck"]["SourceIpType"] = 0
    set_ingress(document, NODE_GROUP, policy("DROP", "ALL", "0.0.0.0/0", "ALL"))


def target_port(document: Document) -> None:
    """The Service sends to 8080, the pods declare 80; both would need a rule."""
    kind(document, "Service")["spec"]["ports"][0]["targetPort"] = 8080
    kind(document, "EndpointSlice")["ports"][0]["port"] = 8080
    set_ingress(document, POD_GROUP)


def undeclared(document: Document) -> None:
    """The sidecar declares a port, the web server none; group 3 is closed."""
    other_port(document)
    kind(document, "Pod")["spec"]["containers"].append({"name": "side"})
    set_ingress(document, POD_GROUP)


def maybe_listening(document: Document) -> None:
    """The same where a pod may listen on a port that no container declares."""
    undeclared(document)
    document["semantics"]["containers_declare_all_ports"] = False


def unapplied(document: Document) -> None:
    """The pod is older than the policy that asks for a group for it."""
    add_group(document, "sg-app")
    set_ingress(document, "sg-app", policy("ACCEPT", "TCP", "10.0.35.0/24", "80"))
    document["network_interfaces"][0]["GroupSet"] = [NODE_GROUP]
    spec = {"podSelector": {"matchLabels": {"app": "web"}}, "securityGroups": {"groupIds": ["sg-app"]}}
    named = {"metadata": {"name": "app", "namespace": "shop"}, "spec": spec}
    document["kubernetes"].append(
        {"apiVersion": "vpcresources.tke.cloud.tencent.com/v1beta1", "kind": "SecurityGroupPolicy", **named}
    )
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "1", "controller": True}
    kind(document, "Pod")["metadata"]["ownerReferences"] = [owner]


def selector(document: Document) -> None:
    """One label of the selector is wrong, and group 1 is closed."""
    kind(document, "Service")["spec"]["selector"] = {"app": "nginx"}
    kind(document, "EndpointSlice")["endpoints"] = []
    set_ingress(document, CLB_GROUP)


def not_ready(document: Document) -> None:
    kind(document, "EndpointSlice")["endpoints"][0]["conditions"]["ready"] = False


def order_of_pods(document: Document) -> None:
    """The first of two groups on the pods' interface drops everything, as the add-on's setting has them."""
    add_group(document, "sg-deny")
    set_ingress(document, "sg-deny", policy("DROP", "TCP", "0.0.0.0/0", "ALL"))
    document["network_interfaces"][0]["GroupSet"] = ["sg-deny", POD_GROUP]
    document["cluster"]["eniipamd"]["securityGroups"] = ["sg-deny", POD_GROUP]


LABS: dict[str, Callable[[Document], None]] = {
    each.__name__.replace("_", "-"): each
    for each in (
        probes_from_vip,
        target_port,
        undeclared,
        maybe_listening,
        unapplied,
        selector,
        not_ready,
        local_policy,
        order_of_pods,
    )
}


def said(snapshot: Snapshot, language: str) -> str:
    answer = fix(snapshot, Question(service=SERVICE), [parse_block(CLIENTS, "A block")])
    return fix_text(snapshot, answer, language)


def lab(change: Callable[[Document], None]) -> Snapshot:
    document = default_lab()
    change(document)
    return Snapshot(document)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", LABS)
def test_a_fix_reads_as_it_always_did(name: str, language: str, golden) -> None:
    golden(f"fix-{name}.{language}.txt", said(lab(LABS[name]), language))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("fault", ["original-drill", "two-groups"])
def test_a_fix_of_an_example_reads_as_it_always_did(fault: str, language: str, golden) -> None:
    golden(f"fix-{fault}.{language}.txt", said(open_fault(fault), language))


def test_a_name_adds_no_line() -> None:
    """Lines are there to be pasted; a snapshot may have been written by somebody else."""
    name = "shop\ntouch PWNED\x1b[2J"
    for change in LABS.values():
        text = json.dumps(lab(change).to_dict()).replace('"shop"', json.dumps(name))
        text = text.replace('"sg-', json.dumps(f"{name}-sg-")[:-1])
        snapshot = Snapshot(json.loads(text))
        answer = fix(snapshot, Question(service=f"{name}/web"), [parse_block(CLIENTS, "A block")])
        lines = fix_text(snapshot, answer, "en").splitlines()
        assert all(line.isprintable() for line in lines)
        assert not any(line.strip().startswith("touch") for line in lines)
