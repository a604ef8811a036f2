"""The manifests fit Kubernetes, TKE and each other, and play the lab of the course."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from configuration import ROOT, resources
from jsonschema import Draft202012Validator

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, POD_GROUP, default_lab
from drilllib.core.snapshot.annotations import LOAD_BALANCER_ID
from drilllib.deploy import manifests

HERE = Path(__file__).parent
SCHEMA = json.loads((HERE / "kubernetes-schema.json").read_text(encoding="utf-8"))
DOCUMENTED = json.loads((HERE / "annotations.json").read_text(encoding="utf-8"))
IDS = {
    "region": "ap-guangzhou",
    "cluster_id": "cls-lab00001",
    "clb_security_group": CLB_GROUP,
    "node_security_group": NODE_GROUP,
    "pod_security_group": POD_GROUP,
}
SERVICES = {"HTTP": "service-http.yaml", "TCP": "service-tcp.yaml"}
PROTOCOL = "service.cloud.tencent.com/specify-protocol"
BACKENDS = "service.kubernetes.io/qcloud-loadbalancer-backends-label"


def rendered(**given: str) -> dict[str, Any]:
    """Every manifest, read as YAML or JSON, by its file name."""
    texts = manifests.render(manifests.settle(None, IDS | given))
    return {name: yaml.safe_load(text) if name.endswith(".yaml") else json.loads(text) for name, text in texts.items()}


def objects() -> dict[str, Any]:
    return {name: document for name, document in rendered().items() if name.endswith(".yaml")}


def problems(document: dict[str, Any]) -> list[str]:
    schema = {"$ref": f"#/$defs/{SCHEMA['kinds'][document['kind']]}", "$defs": SCHEMA["$defs"]}
    return [error.message for error in Draft202012Validator(schema).iter_errors(document)]


def lab_object(kind: str, listener: str = "HTTP") -> dict[str, Any]:
    return next(each for each in default_lab(listener=listener)["kubernetes"] if each["kind"] == kind)


@pytest.mark.parametrize("name", objects())
def test_kubernetes_knows_every_field(name: str) -> None:
    """A misspelt field is dropped by some servers without a word."""
    assert problems(objects()[name]) == []


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("namespace.yaml", ("metadata", "nmae"), "shop"),
        ("service-http.yaml", ("spec", "ports", 0, "port"), "80"),
        ("service-http.yaml", ("spec", "externalTraficPolicy"), "Cluster"),
        ("service-tcp.yaml", ("metadata", "annotations", "x"), False),
        ("deployment.yaml", ("spec", "replicas"), "1"),
        ("deployment.yaml", ("spec", "template", "spec", "containers", 0, "image"), 1.27),
        ("deployment.yaml", ("spec", "template", "spec", "containers", 0, "readinessProbe", "httpget"), {}),
    ],
)
def test_a_planted_wrong_field_is_caught(name: str, path: tuple, value: object) -> None:
    """A check that never fails protects nothing."""
    document = objects()[name]
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value

    assert problems(document)


@pytest.mark.parametrize("name", objects())
def test_every_annotation_is_documented(name: str) -> None:
    """The controller ignores one it does not know, and the drill plays something else."""
    document = objects()[name]
    used = document["metadata"].get("annotations", {}).keys()
    used |= document.get("spec", {}).get("template", {}).get("metadata", {}).get("annotations", {}).keys()

    assert used <= DOCUMENTED.keys() - {"about"}


@pytest.mark.parametrize("service", SERVICES.values())
def test_the_service_selects_the_pods_of_the_deployment(service: str) -> None:
    """Those of the original never met: its Service had no endpoint, so that even the healthy path failed."""
    found = rendered()
    deployment, selector = found["deployment.yaml"]["spec"], found[service]["spec"]["selector"]

    assert selector.items() <= deployment["template"]["metadata"]["labels"].items()
    assert deployment["selector"]["matchLabels"].items() <= deployment["template"]["metadata"]["labels"].items()
    for kind in ("deployment.yaml", service):
        assert found[kind]["metadata"]["namespace"] == found["namespace.yaml"]["metadata"]["name"]


@pytest.mark.parametrize("service", SERVICES.values())
def test_the_clb_sends_to_one_pool_and_the_pod_runs_on_the_other(service: str) -> None:
    """On one node the request would never cross the interface of group 3."""
    pools = [pool for pool in resources().values() if pool.kind.endswith("native_node_pool")]
    front, back = ({each.arguments["name"]: each.arguments["value"] for each in pool.each("labels")} for pool in pools)
    found = rendered()

    assert [found[service]["metadata"]["annotations"][BACKENDS]] == [f"{key}={value}" for key, value in front.items()]
    assert found["deployment.yaml"]["spec"]["template"]["spec"]["nodeSelector"] == back
    assert front != back


@pytest.mark.parametrize(("listener", "name"), SERVICES.items())
def test_the_service_is_the_one_of_the_lab(listener: str, name: str) -> None:
    """What was learnt on the simulated lab must hold on the cluster."""
    ours, lab = rendered()[name], lab_object("Service", listener)
    del lab["metadata"]["annotations"][LOAD_BALANCER_ID], lab["spec"]["clusterIP"], lab["status"]

    assert ours == lab


def test_the_pod_and_its_interface_are_the_ones_of_the_lab() -> None:
    found, pod = rendered(), lab_object("Pod")
    template = found["deployment.yaml"]["spec"]["template"]
    (container,) = template["spec"]["containers"]
    setting = found["eniipamd.json"]["vpcCni"]["securityGroups"]

    assert template["metadata"]["labels"] == pod["metadata"]["labels"]
    assert [each["containerPort"] for each in container["ports"]] == [80]
    assert container["readinessProbe"]["httpGet"]["port"] in {each["name"] for each in container["ports"]}
    assert setting == default_lab()["cluster"]["eniipamd"]


def test_switching_the_addon_off_sets_the_same_two_values() -> None:
    """Merged into the add-on's values, it must undo all that was merged before."""
    found = rendered()
    on, off = (found[name]["vpcCni"]["securityGroups"] for name in ("eniipamd.json", "eniipamd-off.json"))

    assert on.keys() == off.keys()
    assert off == {"enableSecurityGroups": False, "securityGroups": []}


def test_the_two_services_differ_in_the_listener_only() -> None:
    """Applying one over the other must change the layer, and nothing else."""
    http, tcp = (rendered()[name] for name in SERVICES.values())
    assert json.loads(http["metadata"]["annotations"].pop(PROTOCOL)) == {"80": {"protocol": ["HTTP"]}}

    assert http == tcp


def test_other_values_arrive_wherever_they_are_used() -> None:
    given = {"listener_port": "8080", "node_port": "31234", "pod_port": "8000", "image": "mirror/nginx@sha256:0a"}
    found = rendered(**given)
    port = {"port": 8080, "protocol": "TCP", "targetPort": 8000, "nodePort": 31234}
    (container,) = found["deployment.yaml"]["spec"]["template"]["spec"]["containers"]

    assert all(found[name]["spec"]["ports"] == [port] for name in SERVICES.values())
    assert json.loads(found["service-http.yaml"]["metadata"]["annotations"][PROTOCOL]).keys() == {"8080"}
    assert container["ports"] == [{"name": "http", "containerPort": 8000}]
    assert container["image"] == given["image"]


@pytest.mark.parametrize("word", ["1", "on", "true", "null", "1e3", "0x1"])
def test_a_label_stays_text(word: str) -> None:
    """YAML reads on, 1 and null as something else, and Kubernetes refuses the object."""
    found = rendered(node_label=word, back_label=word, front_label="front", image=word)
    spec = found["deployment.yaml"]["spec"]["template"]["spec"]

    assert spec["nodeSelector"] == {word: word}
    assert spec["containers"][0]["image"] == word
    assert problems(found["deployment.yaml"]) == []


def test_no_placeholder_is_left() -> None:
    assert not any("$" in text for text in manifests.render(manifests.settle(None, IDS)).values())


def test_the_page_about_the_original_names_files_that_exist() -> None:
    page = (ROOT / "docs" / "original-drill.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:rendered/|`)([\w-]+\.(?:yaml|json))", page))

    assert named - rendered().keys() == {"addservice.yaml", "service.yaml"}  # the original's
