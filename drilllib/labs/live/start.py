"""How a drill begins in a cluster: its rules are written, and what no write to a group can make is told."""

from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot.bindings import bindings
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import DrillError, Message

Document = Mapping[str, Any]
Difference = tuple[Message, object, object]
ListChange = tuple[str, Direction, tuple[Rule, ...]]


class NotPlayableError(DrillError):
    """The drill needs another cluster than the one that is there."""


def require_playable(wanted: Snapshot, found: Snapshot) -> None:
    """
    Raises:
        NotPlayableError: *wanted* differs from *found* by more than rules and bindings of groups that are there.
    """
    for what, needed, there in _differences(wanted, found):
        if needed != there:
            raise NotPlayableError(
                "The drill needs {what}: {needed}; the cluster has: {there}",
                remedy="No rule makes that: have the cluster so before (`drill up` has --listener and --drill), or "
                "play it in the simulated lab",
                what=what,
                needed=_told(needed),
                there=_told(there),
            )


def rule_changes(wanted: Snapshot, found: Snapshot) -> Iterator[ListChange]:
    """The lists that have to be written."""
    for name in wanted.groups:
        for direction in Direction:
            rules, there = (each.group(name).rules(direction) or () for each in (wanted, found))
            if list(map(_whole, rules)) != list(map(_whole, there)):
                yield name, direction, tuple(rules)


def binding_changes(wanted: Snapshot, found: Snapshot) -> Iterator[tuple[str, list[str]]]:
    """The resources that need other groups."""
    there = bindings(found.to_dict())
    for name, (resource, field) in bindings(wanted.to_dict()).items():
        groups = list(resource.get(field) or ())
        if name in there and groups != list(there[name][0].get(field) or ()):
            yield name, groups


def _whole(rule: Rule) -> tuple[str, str]:
    return rule.text, str(rule.policy.get("PolicyDescription") or "")


def _differences(wanted: Snapshot, found: Snapshot) -> Iterator[Difference]:
    """What a write to a group cannot change, as it is needed and as it is."""
    yield Message("the semantics"), wanted.semantics, found.semantics
    missing = sorted(set(wanted.groups) - set(found.groups))
    yield Message("the security groups"), missing, []
    pairs = [_Shape(each.to_dict()) for each in (wanted, found)]
    for what, of in _PARTS:
        needed, there = (of(each) for each in pairs)
        yield what, needed, there


class _Shape:
    """What of a cluster decides beside its groups."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def listeners(self) -> list[str]:
        listed = [each for many in (self._document.get("listeners") or {}).values() for each in many or ()]
        return sorted(f"{each['Protocol']} {each['Port']}" for each in listed)

    def targets(self) -> list[str]:
        listed = [each for many in (self._document.get("listeners") or {}).values() for each in many or ()]
        places = [place for each in listed for place in (each, *(each.get("Rules") or ()))]
        targets = [target for place in places for target in place.get("Targets") or ()]
        return sorted(f"{(each.get('PrivateIpAddresses') or [''])[0]}:{each.get('Port')}" for each in targets)

    def policies(self) -> list[str]:
        specs = [each["spec"] for each in self._objects("Service") if each["spec"].get("type") == "LoadBalancer"]
        return sorted(str(each.get("externalTrafficPolicy") or "Cluster") for each in specs)

    def pods(self) -> list[str]:
        endpoints = [each for item in self._objects("EndpointSlice") for each in item.get("endpoints") or ()]
        return sorted(str(each.get("nodeName")) for each in endpoints)

    def passing(self) -> list[bool]:
        return [bool(each.get("LoadBalancerPassToTarget")) for each in self._document.get("load_balancers") or ()]

    def add_on(self) -> list[object]:
        setting = (self._document.get("cluster") or {}).get("eniipamd") or {}
        return [bool(setting.get("enableSecurityGroups")), *(setting.get("securityGroups") or ())]

    def _objects(self, kind: str) -> list[Document]:
        return [each for each in self._document.get("kubernetes") or () if each.get("kind") == kind]


_PARTS = (
    (Message("the listeners"), _Shape.listeners),
    (Message("the targets of the CLB"), _Shape.targets),
    (Message("externalTrafficPolicy"), _Shape.policies),
    (Message("pods on the nodes"), _Shape.pods),
    (Message("pass-to-target"), _Shape.passing),
    (Message("groups of the add-on eniipamd"), _Shape.add_on),
)


def _told(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return str(value)
