"""What the cluster's objects and settings ask for; what is bound and registered may be something else."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from drilllib.core.snapshot.annotations import MODE, PASS_TO_TARGET, SOURCE_RANGES, SPECIFIED_PROTOCOL
from drilllib.core.snapshot.interfaces import SHARED_ENI, Interfaces
from drilllib.core.snapshot.kubernetes import KubernetesObjects
from drilllib.core.snapshot.objects_by_kind import KubernetesObject
from drilllib.core.snapshot.resources import Node, object_name
from drilllib.core.snapshot.selectors import may_select

Groups = tuple[str, ...]
OPERATORS = frozenset({"In", "NotIn", "Exists", "DoesNotExist"})  # of other ones nobody knows what they select


class GroupPolicy(NamedTuple):
    """
    A SecurityGroupPolicy, called NAMESPACE/NAME, and the groups it binds to the pods that it selects [SGP].

    *made* is its creationTimestamp (RFC 3339, in UTC); None where that was not read.
    """

    name: str
    groups: Groups
    made: str | None = None


def group_policies(kubernetes: KubernetesObjects, pod: str) -> list[GroupPolicy]:
    """
    The policies that certainly select a pod, NAMESPACE/NAME, and say which groups.

    Certainly: the Pod was read, and its labels are all that the policy asks about.
    """
    labels = kubernetes.labels_of(pod) if kubernetes.of_kind("SecurityGroupPolicy") else None
    if labels is None:
        return []
    namespace = pod.partition("/")[0]
    items = [
        item for item in kubernetes.of_kind("SecurityGroupPolicy") if object_name(item).startswith(f"{namespace}/")
    ]
    return [
        GroupPolicy(object_name(item), tuple(groups), item["metadata"].get("creationTimestamp"))
        for item in items
        if (groups := ((item.get("spec") or {}).get("securityGroups") or {}).get("groupIds")) is not None
        and _selects(item["spec"], labels)
    ]


def _selects(spec: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    selector = spec.get("podSelector")
    if selector is None or spec.get("serviceAccountSelector"):
        return False
    operators = {each.get("operator") for each in selector.get("matchExpressions") or ()}
    return operators <= OPERATORS and may_select(selector, labels)


class AddOnSetting(NamedTuple):
    """What the add-on eniipamd binds to interfaces of pods: nothing where it is off, *groups*, or the node's own."""

    on: bool
    groups: Groups

    def for_node(self, node: Node | None) -> Groups | None:
        """What it binds to the shared interfaces of a node; None where that is not known [ENI-SG]."""
        if not self.on:
            return ()
        return self.groups or (node.groups if node else None)


def add_on_setting(cluster: Mapping[str, Any], interfaces: Interfaces) -> AddOnSetting | None:
    """The setting of a cluster with shared interfaces; None where it was not read, or for others [ENI-SG, ENI-LOG]."""
    setting = cluster.get("eniipamd")
    if setting is None or setting.get("enableSecurityGroups") is None or interfaces.mode != SHARED_ENI:
        return None
    return AddOnSetting(setting["enableSecurityGroups"], tuple(setting.get("securityGroups") or ()))


class ServiceWishes(NamedTuple):
    """
    What a Service asks for beside groups and direct access, None where it does not say.

    *protocols* are those that `specify-protocol` names, by port. *is_skipped*: the controller leaves it alone.
    """

    pass_to_target: bool | None
    protocols: Mapping[int, Sequence[str]]
    source_ranges: tuple[str, ...]
    is_skipped: bool


def service_wishes(kubernetes: KubernetesObjects, name: str) -> ServiceWishes:
    """The wishes of the Service called NAMESPACE/NAME [TKE-SVC]."""
    item: KubernetesObject = next(each for each in kubernetes.of_kind("Service") if object_name(each) == name)
    annotations = item["metadata"].get("annotations") or {}
    passes, ranges = annotations.get(PASS_TO_TARGET), item["spec"].get("loadBalancerSourceRanges") or ()
    listed = annotations.get(SOURCE_RANGES)
    if not ranges and isinstance(listed, str):
        ranges = [each.strip() for each in listed.split(",") if each.strip()]
    return ServiceWishes(
        pass_to_target=passes == "true" if passes in ("true", "false") else None,
        protocols=_protocols(annotations.get(SPECIFIED_PROTOCOL)),
        source_ranges=tuple(ranges),
        is_skipped=annotations.get(MODE) == "skip",
    )


def _protocols(text: object) -> dict[int, list[str]]:
    """``{"80": {"protocol": ["HTTP"]}}``; what cannot be read asks for nothing."""
    try:
        found = json.loads(text) if isinstance(text, str) else {}
    except (ValueError, RecursionError):
        return {}
    entries = found.items() if isinstance(found, dict) else ()
    ports = ((port, each) for port, each in entries if port.isdecimal() and len(port) <= 5 and isinstance(each, dict))
    named = ((port, each.get("protocol")) for port, each in ports)
    return {int(port): [str(each).upper() for each in names] for port, names in named if isinstance(names, list)}
