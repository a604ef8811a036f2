"""Every fact that can be taken out of a snapshot document, and the few whose absence says something."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

Place = tuple[str | int, ...]
Document = dict[str, Any]

# Lists whose items are whole objects that may not have been read, one by one.
OBJECTS = ("kubernetes", "instances", "network_interfaces", "load_balancers", "subnets")
OURS = ("schema", "semantics", "gaps", "complete", "region")  # what we say of a snapshot, not facts of the cloud

# Where absence is how the API says "none", or a default that it documents. docs/model.md has the same list.
EXCEPTIONS = {
    "InstanceState": r"instances(\.\[\](\.InstanceState)?)?",
    "redirects": r"listeners\..*\.RewriteTarget(\.TargetListenerId|\.RewriteCode)?",
    "session persistence": r"listeners\..*\.SessionExpireTime",
    "health check details": r"listeners\..*\.HealthCheck(\.(CheckPort|HttpCode|CheckType))?",
    "SnatPro, keep-alive by default": r"load_balancers\.\[\]\.(SnatPro|SnatIps|EndPort|LoadBalancerType|Forward)",
    "ports of rules": r"security_groups\..*gress\.\[\]\.(Port|PolicyIndex)",
    "observed health": r"target_health(\..*)?",
    "endpoint conditions": r"kubernetes\.\[EndpointSlice\]\.endpoints\.\[\]\.conditions(\.ready)?",
    "topology hints": r"kubernetes\.\[(EndpointSlice\]\.endpoints\.\[\]\.hints|Node\]\.metadata\.labels)(\..*)?",
    "names of ports": r"kubernetes\.\[(Service|EndpointSlice|Pod)\]\.(.*\.)?ports\.\[\]\.(name|protocol)",
    "the CLB of a Service": r"kubernetes\.\[Service\]\.metadata\.annotations(\..*)?|load_balancers\.\[\]",
    "EndpointSlices": r"kubernetes\.\[EndpointSlice\](\.metadata\.labels(\..*)?|\.endpoints\.\[\]\.targetRef\..*)?",
    "ports of containers": r"kubernetes\.\[Pod\]\.spec\.(initC|c)ontainers(\.\[\]\.ports)?",
    "namespaces": r"kubernetes\.\[\w+\]\.metadata(\.namespace)?",
    "labels": r"kubernetes\.\[(Pod|Namespace)\]\.metadata\.labels(\..*)?",
    "NetworkPolicies": r"kubernetes\.\[NetworkPolicy\]\.spec\..*",
    "session affinity": r"kubernetes\.\[Service\]\.spec\.sessionAffinity",
}

# As the vendor's SDK and Kubernetes write an empty list.
NULL_IS_EMPTY = r"security_groups\..*\.(In|E)gress|kubernetes\.\[EndpointSlice\]\.(endpoints|ports(\.\[\]\.port)?)"


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Every key, and every object in the lists of `OBJECTS`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if at or key not in OURS:
                yield (*at, key)
                yield from places(inner, (*at, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            if at[-1] in OBJECTS:
                yield (*at, number)
            yield from places(inner, (*at, number))


def without(document: Document, place: Place, *, null: bool = False) -> Document:
    """The document without what is at *place*, or with null in its place; it is not complete in it any more."""
    copy = deepcopy(document)
    holder = copy
    for key in place[:-1]:
        holder = holder[key]
    if null and isinstance(holder, dict):
        holder[place[-1]] = None
    else:
        del holder[place[-1]]
    if place[0] == "kubernetes":
        _claim_less(copy, document, place)
        copy["kubernetes"] = copy.get("kubernetes") or None
    return copy


def _claim_less(copy: Document, document: Document, place: Place) -> None:
    """Say no more that all objects of the kind that was touched are here, or of any kind where all are gone."""
    kind = document["kubernetes"][place[1]].get("kind") if len(place) > 1 else None
    told = (copy.pop("complete", None) or {}).get("kubernetes") or []
    if kind is not None:
        copy["complete"] = {"kubernetes": [each for each in told if each.rpartition("/")[2] != kind]}


def name_of(document: Document, place: Place) -> str:
    """The place with the kinds of Kubernetes' objects: ``kubernetes.[Pod].spec.nodeName``."""
    words, value = [], document
    for key in place:
        value = value[key]
        kind = value.get("kind", "") if isinstance(value, dict) and place[0] == "kubernetes" else ""
        words.append(f"[{kind}]" if isinstance(key, int) else key)
    return ".".join(words)


def is_excepted(name: str, *, null: bool = False) -> bool:
    """Does its absence say something, or a null in its place?"""
    if null and re.fullmatch(NULL_IS_EMPTY, name):
        return True
    return any(re.fullmatch(pattern, name) for pattern in EXCEPTIONS.values())
