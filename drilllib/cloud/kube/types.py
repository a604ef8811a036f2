"""
The types of Kubernetes' own API, version 1.36: the fields of an object, their texts, and their numbers in protobuf.

They lie in types.json.gz, which docs/kubernetes_types.py writes; that says what it is made of.
"""

import gzip
import json
from functools import cache
from importlib import resources
from typing import Any

from drilllib.cloud.kube.kinds import Kind

Schema = dict[str, Any]
_PACKAGES = {  # by API group
    "": "core",
    "apps": "apps",
    "autoscaling": "autoscaling",
    "authentication.k8s.io": "authentication",
    "authorization.k8s.io": "authorization",
    "coordination.k8s.io": "coordination",
    "discovery.k8s.io": "discovery",
}
META = "io.k8s.apimachinery.pkg.apis.meta.v1"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
TIMES = (f"{META}.Time", f"{META}.MicroTime")


@cache
def _read() -> dict[str, Any]:
    data = resources.files("drilllib.cloud.kube").joinpath("types.json.gz").read_bytes()
    found: dict[str, Any] = json.loads(gzip.decompress(data))
    return found


def definitions() -> dict[str, Schema]:
    """Every type by its name, such as ``io.k8s.api.core.v1.Service``, as OpenAPI 2 has it."""
    found: dict[str, Schema] = _read()["definitions"]
    return found


def numbers() -> dict[str, dict[str, Any]]:
    """By type and number in protobuf the field; a list names the type whose fields stand in the outer one."""
    found: dict[str, dict[str, Any]] = _read()["numbers"]
    return found


def name_of_type(group: str, version: str, kind: str) -> str | None:
    """The type of a kind; None where it is not Kubernetes' own."""
    name = f"io.k8s.api.{_PACKAGES.get(group)}.{version}.{kind}"
    return name if name in definitions() else None


def type_of(kind: Kind) -> str | None:
    """The name of a served kind's type; None for custom resources."""
    return name_of_type(kind.group, kind.version, kind.name)
