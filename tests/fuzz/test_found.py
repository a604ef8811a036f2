"""What the fuzzers found, each as its smallest case."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drilllib.core.drills.default_lab import default_lab
from tests.fuzz.running import run
from tests.views.test_fix_text import LABS

Document = dict[str, Any]


def of_kind(document: Document, kind: str) -> Document:
    return next(each for each in document["kubernetes"] if each["kind"] == kind)


def sctp(document: Document) -> None:
    """A protocol of Kubernetes that no rule of a security group can speak of."""
    for kind, part in (("Service", "spec"), ("EndpointSlice", "")):
        item = of_kind(document, kind)
        (item[part] if part else item)["ports"][0]["protocol"] = "SCTP"


def pods_on_a_primary_interface(document: Document) -> None:
    """Whose groups stand under its instance, so that nothing is bound to those of the interface."""
    for interface in document["network_interfaces"]:
        interface |= {"Primary": True, "GroupSet": ["sg-other001", "sg-pod00001"]}


def an_owner_that_is_a_text(document: Document) -> None:
    """Beside a policy that asks for other groups than the pod has."""
    LABS["unapplied"](document)
    of_kind(document, "Pod")["metadata"]["ownerReferences"] = ["web"]


def a_container_whose_name_is_a_list(document: Document) -> None:
    of_kind(document, "Pod")["spec"]["containers"][0]["name"] = ["web"]


def a_probe_of_a_port_that_is_a_list(document: Document) -> None:
    pod = of_kind(document, "Pod")
    pod["status"]["conditions"] = [{"type": "Ready", "status": "True"}]
    pod["spec"]["containers"][0]["readinessProbe"] = {"tcpSocket": {"port": ["http"]}}


def an_api_version_that_is_a_number(document: Document) -> None:
    of_kind(document, "Pod")["apiVersion"] = 1


def a_version_of_5000_digits(document: Document) -> None:
    for node in document["kubernetes"]:
        node.setdefault("status", {})["nodeInfo"] = {"kubeProxyVersion": f"v1.{'9' * 5_000}"}


def a_network_that_is_a_list_in_a_text(document: Document) -> None:
    del document["cluster"]["NetworkType"]
    document["cluster"]["Property"] = '{"NetworkType": ["GR"]}'


def a_thousand_groups_that_were_not_read(document: Document) -> None:
    """Facts of which all are missing stood in each other."""
    document["load_balancers"][0]["SecureGroups"] = [f"sg-{number}" for number in range(1_000)]


def a_label_that_is_an_object(document: Document) -> None:
    """A pod without endpoint, beside a Service that selects by one label."""
    for item in document["kubernetes"]:
        if item["kind"] == "Pod":
            item["metadata"]["labels"] = {"app": {}}
        if item["kind"] == "EndpointSlice":
            item["endpoints"] = []


CASES: list[tuple[Callable[[Document], None], list[str]]] = [
    (sctp, ["lint", "{lab}"]),
    (an_owner_that_is_a_text, ["fix", "{lab}", "--from", "203.0.113.0/24"]),
    (a_container_whose_name_is_a_list, ["trace", "{lab}", "--from", "203.0.113.10"]),
    (a_probe_of_a_port_that_is_a_list, ["trace", "{lab}", "--from", "203.0.113.10"]),
    (an_api_version_that_is_a_number, ["trace", "{lab}", "--from", "203.0.113.10"]),
    (a_version_of_5000_digits, ["trace", "{lab}", "--from", "203.0.113.10"]),
    (a_network_that_is_a_list_in_a_text, ["trace", "{lab}", "--from", "203.0.113.10"]),
    (a_thousand_groups_that_were_not_read, ["trace", "{lab}", "--from", "203.0.113.10"]),
    (a_label_that_is_an_object, ["fix", "{lab}", "--from", "203.0.113.0/24"]),
    (pods_on_a_primary_interface, ["lint", "{lab}"]),
]


@pytest.mark.parametrize(("change", "arguments"), CASES, ids=[each.__name__ for each, _ in CASES])
def test_it_is_answered_or_one_line(change: Callable[[Document], None], arguments: list[str], tmp_path: Path) -> None:
    document, path = default_lab(), tmp_path / "lab.json"
    change(document)
    path.write_text(json.dumps(document))
    ran = run(*(each.format(lab=path) for each in arguments))

    assert ran.objection == ""
