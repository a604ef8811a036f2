"""How a drill begins in a cluster: its rules are written, and what no write to a group can make is told."""

from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot.bindings import bindings
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import DrillError, Message
from drilllib.guard.schema import SETTINGS
from drilllib.guard.settings import POLICY, value_of

Document = Mapping[str, Any]
Difference = tuple[Message, object, object, Message]
ListChange = tuple[str, Direction, tuple[Rule, ...]]


class NotPlayableError(DrillError):
    """The drill needs another cluster than the one that is there."""


def require_playable(wanted: Snapshot, found: Snapshot, *, is_set: bool = True) -> None:
    """
    Raises:
        NotPlayableError: *wanted* differs from *found* by more than rules and bindings of groups that are there; where
            it is not *is_set*, by more than those and settings of the Service, with what follows from them.
    """
    for what, needed, there, remedy in _differences(wanted, found):
        if needed != there and (is_set or what not in _OF_SETTINGS):
            raise NotPlayableError(
                "The drill needs {what}: {needed}; the cluster has: {there}",
                remedy=remedy,
                what=what,
                needed=_told(needed),
                there=_told(there),
            )


def setting_changes(wanted: Snapshot, found: Snapshot) -> Iterator[tuple[str, str]]:
    """The settings of the Service that have to be another, and what."""
    needed, there = (_Shape(each.to_dict()).settings() for each in (wanted, found))
    for name, value in needed.items():
        if value in SETTINGS[name] and value != there[name]:
            yield name, value


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
    yield Message("the semantics"), wanted.semantics, found.semantics, _ELSE
    missing = sorted(set(wanted.groups) - set(found.groups))
    yield Message("the security groups"), missing, [], _ELSE
    pairs = [_Shape(each.to_dict()) for each in (wanted, found)]
    for what, of in _PARTS:
        needed, there = (of(each) for each in pairs)
        yield what, needed, there, _CHOSEN if what is _PASSING else _ELSE


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

    def _services(self) -> list[Document]:
        return [each for each in self._objects("Service") if each["spec"].get("type") == "LoadBalancer"]

    def policies(self) -> list[str]:
        return sorted(value_of(each, POLICY) or "Cluster" for each in self._services())

    def settings(self) -> dict[str, str]:
        """What the only Service says; of several nothing is said."""
        services = self._services()
        return {name: value_of(services[0], name) if len(services) == 1 else "" for name in SETTINGS}

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


_PASSING, _TARGETS, _POLICY = (
    Message("pass-to-target"),
    Message("the targets of the CLB"),
    Message("externalTrafficPolicy"),
)
_ELSE = Message(
    "No rule makes that: have the cluster so before (`drill up` has --listener and --drill), or play it in the "
    "simulated lab"
)
_CHOSEN = Message(
    "With it the group of the load balancer is the only gate, and the lesson then takes that away too: that is not "
    "done to a real cluster"
)
_OF_SETTINGS = (_TARGETS, _POLICY)
_PARTS = (
    (Message("the listeners"), _Shape.listeners),
    (_TARGETS, _Shape.targets),
    (_POLICY, _Shape.policies),
    (Message("pods on the nodes"), _Shape.pods),
    (_PASSING, _Shape.passing),
    (Message("groups of the add-on eniipamd"), _Shape.add_on),
)


def _told(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return str(value)
