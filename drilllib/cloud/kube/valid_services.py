"""What a Service must fulfil. Source: Kubernetes, pkg/apis/core/validation, ValidateService and its update."""

from collections.abc import Mapping, Sequence
from typing import Any

from drilllib.cloud.kube.objects import Object
from drilllib.cloud.kube.wording import (
    REQUIRED,
    Problems,
    duplicate,
    label_problems,
    labels_problems,
    port_problem,
    unsupported,
    wrong,
)
from drilllib.core.snapshot.kubernetes import NODE_PORTS
from drilllib.core.snapshot.shapes import is_address

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
PROTOCOLS = ("SCTP", "TCP", "UDP")
_POLICIES = ("Cluster", "Local")


def service_problems(item: Object) -> Problems:
    """Each field with what is wrong with it, in Kubernetes' own order."""
    spec = item["spec"]
    ports = spec.get("ports") or []
    external = spec["type"] == "ExternalName"
    if not ports and not external and spec.get("clusterIP") != "None":
        yield "spec.ports", REQUIRED
    if external and not spec.get("externalName"):
        yield "spec.externalName", REQUIRED
    yield from _ports(ports)
    yield from labels_problems(spec.get("selector") or {}, "spec.selector")
    for name, known in (("sessionAffinity", ("ClientIP", "None")), ("type", TYPES)):
        if spec[name] not in known:
            yield f"spec.{name}", unsupported(spec[name], known)
    for name in ("externalTrafficPolicy", "internalTrafficPolicy"):
        if spec.get(name, "Cluster") not in _POLICIES:
            yield f"spec.{name}", unsupported(spec[name], _POLICIES)
    yield from _addresses(spec)


def service_changes(item: Object, before: Object) -> Problems:
    """An address stays what it is, as long as the type has one."""
    old, new = before.get("spec") or {}, item["spec"]
    kept = "ExternalName" not in (old.get("type"), new["type"])
    if kept and old.get("clusterIP") and new.get("clusterIP") != old["clusterIP"]:
        yield "spec.clusterIPs[0]", wrong(new.get("clusterIPs") or [], "may not change once set")


def _addresses(spec: Mapping[str, Any]) -> Problems:
    if spec.get("clusterIP") not in (None, "", "None") and not is_address(spec["clusterIP"]):
        text = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
        yield "spec.clusterIPs[0]", wrong(spec["clusterIP"], text)
    for place, block in enumerate(spec.get("loadBalancerSourceRanges") or ()):
        if not is_address(block.partition("/")[0]):
            text = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
            yield f"spec.loadBalancerSourceRanges[{place}]", wrong(block, text)


def _ports(ports: Sequence[Mapping[str, Any]]) -> Problems:
    names: set[str] = set()
    for place, port in enumerate(ports):
        yield from _port(port, f"spec.ports[{place}]", names, len(ports) > 1)
    seen: set[tuple[str, int]] = set()
    for place, port in enumerate(ports):
        where = port["protocol"], port.get("port", 0)
        if where in seen:
            yield f"spec.ports[{place}]", duplicate({"port": where[1], "protocol": where[0]})
        seen.add(where)


def _port(port: Mapping[str, Any], where: str, names: set[str], several: bool) -> Problems:
    name, target = port.get("name"), port.get("targetPort")
    if several and not name:
        yield f"{where}.name", REQUIRED
    elif name:
        yield from label_problems(name, f"{where}.name")
        if name in names:
            yield f"{where}.name", duplicate(name)
        names.add(name)
    if text := port_problem(port.get("port", 0)):
        yield f"{where}.port", text
    if port["protocol"] not in PROTOCOLS:
        yield f"{where}.protocol", unsupported(port["protocol"], PROTOCOLS)
    if isinstance(target, int) and (text := port_problem(target)):
        yield f"{where}.targetPort", text
    if port.get("nodePort") and port["nodePort"] not in NODE_PORTS:
        valid = f"{NODE_PORTS[0]}-{NODE_PORTS[-1]}"
        text = f"provided port is not in the valid range. The range of valid ports is {valid}"
        yield f"{where}.nodePort", wrong(port["nodePort"], text)
