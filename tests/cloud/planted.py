"""A lab with something secret wherever a cluster and its cloud keep it, and nobody has to know it."""

import json
from typing import Any

from drilllib.core.drills.faults import open_fault

SECRETS = [f"planted-{word}-{word}" for word in ("env", "token", "note", "applied", "tag", "label", "data", "command")]


def planted(fault: str = "healthy") -> dict[str, Any]:
    """The document of the course's lab with that fault in it, and with every one of `SECRETS` somewhere."""
    lab, words = open_fault(fault).to_dict(), iter(SECRETS)
    pod, node, service = (_first(lab, kind) for kind in ("Pod", "Node", "Service"))
    container = pod["spec"]["containers"][0]
    container["env"] = [{"name": "PASSWORD", "value": next(words)}, {"name": "TOKEN", "value": next(words)}]
    pod["metadata"].setdefault("annotations", {})["note"] = next(words)
    last = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps({"password": next(words)})}
    service["metadata"].setdefault("annotations", {}).update(last)
    lab["load_balancers"][0]["Tags"] = [{"TagKey": "owner", "TagValue": next(words)}]
    node["metadata"].setdefault("annotations", {})["kubeadm.example.com/token"] = next(words)
    lab["cluster"]["controller_config"] = {"EnableDefaultDirectAccess": "true", "KEY": next(words)}
    container["command"] = ["sh", "-c", next(words)]
    return lab


def _first(lab: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in lab["kubernetes"] if item["kind"] == kind)
    return found
