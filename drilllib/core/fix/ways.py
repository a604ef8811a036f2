"""The ways to put right what has several: each one is somebody's to choose, so none of them is proposed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from drilllib.core.fix.service_objects import ServicePortOf, labels_of, of_kind
from drilllib.core.fix.steps import Kubectl, Tccli, annotate, patch
from drilllib.core.snapshot.annotations import BACKENDS_LABEL, MODE, ONLY_NODES_WITH_POD


class WayCode(StrEnum):
    """What could be changed. Codes are never renamed, only added."""

    CLUSTER_POLICY = "CLUSTER_POLICY"
    ONLY_NODES_WITH_POD = "ONLY_NODES_WITH_POD"
    POD_ON_LABELLED_NODE = "POD_ON_LABELLED_NODE"
    TARGET_WEIGHT = "TARGET_WEIGHT"


@dataclass(frozen=True, slots=True)
class Way:
    """*facts* are what its sentence names; *command* makes the change, None where no one command does."""

    code: WayCode
    facts: tuple[tuple[str, str], ...] = ()
    command: Kubectl | Tccli | None = None

    def to_dict(self) -> dict[str, Any]:
        """The way as plain data."""
        command = None if self.command is None else str(self.command.line)
        return {"code": self.code, "facts": dict(self.facts), "command": command}


def ways_to_a_local_pod(found: ServicePortOf) -> Iterator[Way]:
    """
    What helps a Service with the policy Local whose CLB sends to a node without a pod of it [TKE-SVC].

    The annotation that leaves such nodes out is named only where some node with a pod remains: together with
    `BACKENDS_LABEL`, of no node that has one, it would leave none.
    """
    policy = {"op": "replace", "path": "/spec/externalTrafficPolicy", "value": "Cluster"}
    yield Way(WayCode.CLUSTER_POLICY, (), patch("service", found.name, [policy]))
    annotations = found.item["metadata"].get("annotations") or {}
    if found.item["spec"].get("type") != "LoadBalancer" or annotations.get(MODE) == "skip":
        return  # nobody reads the annotations
    label = str(annotations.get(BACKENDS_LABEL) or "")
    if label and not _has_pod_on_labelled_node(found, label):
        yield Way(WayCode.POD_ON_LABELLED_NODE, (("label", label),))
    elif annotations.get(ONLY_NODES_WITH_POD) != "true":
        only = annotate("service", found.name, ONLY_NODES_WITH_POD, "true")
        yield Way(WayCode.ONLY_NODES_WITH_POD, (), only)


def _has_pod_on_labelled_node(found: ServicePortOf, label: str) -> bool:
    wanted = dict(each.partition("=")[::2] for each in label.split(","))
    nodes: dict[str, Mapping[str, str]] = {
        item["metadata"]["name"]: labels_of(item) for item in of_kind(found.document, "Node")
    }
    endpoints = (each for item in found.slices for each in item.get("endpoints") or ())
    ready = (each for each in endpoints if (each.get("conditions") or {}).get("ready") is not False)
    return any(wanted.items() <= nodes.get(each.get("nodeName") or "", {}).items() for each in ready)
