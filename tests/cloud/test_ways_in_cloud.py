"""The ways that are named under the policy Local, each done to the local cluster, whose controllers act."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from drilllib.core.drills import variants
from drilllib.core.drills.default_lab import CLIENT, POD_GROUP, SERVICE, default_lab, policy
from drilllib.core.fix.proposals import fix
from drilllib.core.fix.steps import Kubectl, Tccli
from drilllib.core.fix.ways import Way
from drilllib.core.rules.addresses import parse_block
from drilllib.core.snapshot.annotations import BACKENDS_LABEL
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from tests.cloud.helpers import ask, new_api
from tests.cloud.kubernetes_cluster import Cluster

PATH = "/api/v1/namespaces/shop/services/web"
ONLY_WITH_POD = "service.kubernetes.io/local-svc-only-bind-node-with-pod"
Document = dict[str, Any]


def of_kind(document: Document, kind: str) -> list[Document]:
    return [each for each in document["kubernetes"] if each["kind"] == kind]


def local(document: Document) -> None:
    """The pod's group admits anybody: whom a pod sees is another matter."""
    variants.local_policy(document)
    variants.set_ingress(document, POD_GROUP, policy("ACCEPT", "TCP", "0.0.0.0/0", "ALL"))


def without_label(document: Document) -> None:
    del of_kind(document, "Service")[0]["metadata"]["annotations"][BACKENDS_LABEL]


def both_labelled(document: Document) -> None:
    for node in of_kind(document, "Node"):
        node["metadata"]["labels"]["drill"] = "front"


def by_hand(document: Document) -> None:
    of_kind(document, "Service")[0]["spec"]["type"] = "NodePort"


WORLDS: dict[str, tuple[Callable[[Document], None] | None, list[str]]] = {
    "the label leaves out the node with the pod": (None, ["CLUSTER_POLICY", "POD_ON_LABELLED_NODE"]),
    "every node is registered": (without_label, ["CLUSTER_POLICY", "ONLY_NODES_WITH_POD"]),
    "both nodes have the label": (both_labelled, ["CLUSTER_POLICY", "ONLY_NODES_WITH_POD"]),
    "no controller reads the annotations": (by_hand, ["CLUSTER_POLICY"]),
}


def world(change: Callable[[Document], None] | None) -> Document:
    document = default_lab()
    for each in (local, change):
        if each:
            each(document)
    return document


def ways(document: Document) -> list[Way]:
    found = fix(Snapshot(document), Question(service=SERVICE), [parse_block(CLIENT, "A block")])
    return [way for cause in found.causes_left for way in cause.ways]


def done(cluster: Cluster, words: tuple[str, ...]) -> None:
    """What kubectl sends for the words of *patch* and *annotate*."""
    assert words[:2] == ("-n", "shop")
    if words[2] == "patch":
        assert words[3:7] == ("service", "web", "--type", "json")
        cluster.done("PATCH", PATH, json.loads(words[8]), content_type="application/json-patch+json")
    else:
        assert (words[2:5], words[6]) == (("annotate", "service", "web"), "--overwrite")
        name, _, value = words[5].partition("=")
        change = {"metadata": {"annotations": {name: value}}}
        cluster.done("PATCH", PATH, change, content_type="application/merge-patch+json")


def answer(cluster: Cluster) -> Trace:
    return trace(cluster.state.snapshot(), Question(client=CLIENT, service=SERVICE))


def every_target_delivers(cluster: Cluster) -> bool:
    found = answer(cluster)
    return str(found.verdict) == "reachable" and not found.blockers


@pytest.mark.parametrize(("change", "named"), WORLDS.values(), ids=WORLDS)
def test_those_ways_are_named_that_help(change: Callable[[Document], None] | None, named: list[str]) -> None:
    assert [each.code for each in ways(world(change))] == named


@pytest.mark.parametrize("change", [None, without_label, both_labelled])
def test_after_each_command_every_target_delivers(change: Callable[[Document], None] | None) -> None:
    document = world(change)
    for way in (each for each in ways(document) if each.command):
        cluster = Cluster(document)
        assert not every_target_delivers(cluster)
        assert isinstance(way.command, Kubectl)
        done(cluster, way.command.words)
        assert every_target_delivers(cluster), way


@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
@pytest.mark.parametrize("direct", [False, True])
def test_targets_of_weight_0_get_one_by_the_call_that_is_named(listener: str, direct: bool) -> None:
    document = default_lab(listener=listener)
    if direct:
        variants.direct_access(document)
    for target in targets_of(document):
        target["Weight"] = 0
    (way,) = ways(document)
    assert isinstance(way.command, Tccli)
    words = way.command.words
    given = dict(zip((each.removeprefix("--") for each in words[5::2]), words[6::2], strict=True))
    api = new_api(document)
    ask(api, words[1], words[2], given | {"Targets": json.loads(given["Targets"])})

    assert words[:2] == ("tccli", "clb")
    assert [each["Weight"] for each in targets_of(api.snapshot().to_dict())] == [10]


def targets_of(document: Document) -> list[Document]:
    (listener,) = document["listeners"]["lb-lab00001"]
    found: list[Document] = (listener.get("Rules") or [listener])[0]["Targets"]
    return found


def test_the_annotation_that_is_not_named_would_leave_no_target() -> None:
    cluster = Cluster(world(None))
    done(cluster, ("-n", "shop", "annotate", "service", "web", f"{ONLY_WITH_POD}=true", "--overwrite"))

    assert answer(cluster).reason == "NO_TARGETS"
