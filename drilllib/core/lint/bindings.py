"""What the groups of a snapshot are bound to: CLBs, nodes, pods' interfaces, and how those read them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.core.lint.findings import LintCode, LintFinding, Severity, Statement
from drilllib.core.lint.lists import Binding
from drilllib.core.lint.texts import finding_about
from drilllib.core.lint.world import GroupUse
from drilllib.core.rules.members import Reference
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.resources import Listener, LoadBalancer
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import HopKind

IPAMD = "eniipamd"  # the add-on that binds the groups of its setting to interfaces of pods [ENI-SG]
_PRIMARY = 1  # EniType of VPC 2017-03-12


@dataclass(frozen=True, slots=True)
class BoundResource:
    """Something that groups are bound to: its id, the kind of hop it is, and the groups in their order."""

    owner: str
    kind: HopKind
    groups: tuple[str, ...]


def resources_of(snapshot: Snapshot, document: Mapping[str, Any]) -> list[BoundResource]:
    """Every place of a snapshot, which is also given as its document; places without groups are left out."""
    interfaces = document.get("network_interfaces") or ()
    primary = {each["NetworkInterfaceId"] for each in interfaces if _is_primary(each)}
    kinds = dict.fromkeys(primary | {each.instance_id for each in snapshot.nodes}, HopKind.NODE)
    kinds |= dict.fromkeys((each.balancer_id for each in snapshot.load_balancers), HopKind.CLB)
    setting = (document.get("cluster") or {}).get("eniipamd") or {}
    listed = setting.get("securityGroups") or () if setting.get("enableSecurityGroups") else ()
    bound = {**snapshot.bound_groups(), IPAMD: tuple(listed)}
    return [BoundResource(owner, kinds.get(owner, HopKind.POD), groups) for owner, groups in bound.items() if groups]


def _is_primary(interface: Mapping[str, Any]) -> bool:
    return interface.get("Primary") is True or interface.get("EniType") == _PRIMARY


def bindings_of(snapshot: Snapshot, places: Iterable[BoundResource], direction: Direction) -> list[Binding]:
    """
    Each list of groups once, with everything that has it. The egress rules of a CLB's groups are never asked [CLB-SG].

    A group that is bound twice at one place is read once there.
    """
    owners: dict[tuple[str, ...], list[str]] = {}
    for place in places:
        if not (place.kind is HopKind.CLB and direction is Direction.EGRESS):
            owners.setdefault(tuple(dict.fromkeys(place.groups)), []).append(place.owner)
    return [Binding(tuple(map(snapshot.group, names)), tuple(each)) for names, each in owners.items()]


def uses_of(snapshot: Snapshot, places: Iterable[BoundResource]) -> Mapping[str, GroupUse]:
    """Where the rules of each group lead."""
    by_group: dict[str, list[BoundResource]] = {name: [] for name in snapshot.groups}
    for place in places:
        for name in place.groups:
            by_group.setdefault(name, []).append(place)
    whole = (each for each in snapshot.load_balancers if not snapshot.may_lack_listeners(each.balancer_id))
    listeners = {each.balancer_id: listeners_of(snapshot, each) for each in whole}
    return {name: _reach(each, listeners) for name, each in by_group.items()}


def _reach(places: Sequence[BoundResource], listeners: Mapping[str, Sequence[Listener] | None]) -> GroupUse:
    heard = [listeners.get(place.owner) for place in places if place.kind is HopKind.CLB]
    kinds = frozenset(place.kind for place in places)
    if None in heard:
        return GroupUse(kinds)
    every = (listener for found in heard for listener in found or ())
    return GroupUse(kinds, frozenset((each.transport or each.protocol, each.port) for each in every))


def listeners_of(snapshot: Snapshot, balancer: LoadBalancer) -> Sequence[Listener] | None:
    """Every listener, at layer 7 once for each forwarding rule; None where they were not read."""
    listeners = snapshot.listeners(balancer.balancer_id)
    return None if listeners is None else [each for whole in listeners for each in whole.by_rule]


def about_empty(snapshot: Snapshot, places: Iterable[BoundResource], direction: Direction) -> Iterator[LintFinding]:
    """
    Groups that are bound and have no rule in that direction; where nothing else is bound either, nothing passes.

    The egress rules of a CLB's groups are never asked [CLB-SG].
    """
    unasked = (HopKind.CLB,) if direction is Direction.EGRESS else ()
    asked = [each for each in places if each.kind not in unasked and each.owner != IPAMD]
    for name in [name for name, group in snapshot.groups.items() if group.rules(direction) == ()]:
        here = [each for each in asked if name in each.groups]
        shut = [each.owner for each in here if all(snapshot.group(one).rules(direction) == () for one in each.groups)]
        if here:
            key = f"EMPTY_GROUP.{direction}" if shut else "EMPTY_GROUP.beside"
            evidence = Statement(key, {"owners": tuple(shut or (each.owner for each in here))})
            yield LintFinding(
                code=LintCode.EMPTY_GROUP,
                severity=Severity.WARNING if shut else Severity.INFO,
                group=name,
                direction=direction,
                evidence=evidence,
                remedy=Statement("EMPTY_GROUP.remedy" if shut else "EMPTY_GROUP.beside.remedy"),
            )


# For each kind: the parts with templates and with groups of templates, how ids of the latter begin, and their list.
_TEMPLATES = {
    "AddressTemplate": ("address_templates", "address_template_groups", "ipmg-", "AddressTemplateIdSet"),
    "ServiceTemplate": ("service_templates", "service_template_groups", "ppmg-", "ServiceTemplateIdSet"),
}


def about_names(
    snapshot: Snapshot, document: Mapping[str, Any], places: Iterable[BoundResource]
) -> Iterator[LintFinding]:
    """Findings about groups and templates that are missing, as far as those parts of the document were read."""
    bound: dict[str, list[str]] = {}
    for place in places:
        for name in place.groups:
            bound.setdefault(name, []).append(place.owner)
    if snapshot.has("security_groups"):
        yield from (_bound(name, owners) for name, owners in bound.items() if name not in snapshot.groups)
    for group in snapshot.groups.values():
        for direction in Direction:
            for index, rule in enumerate(group.rules(direction) or ()):
                for reference in rule.references:
                    code, statement = _missing(snapshot, document, bound, reference)
                    if statement:
                        remedy = Statement(f"{code}.remedy")
                        spot = group.group_id, index
                        yield finding_about(code, Severity.WARNING, direction, spot, rule, statement, remedy)


def _bound(name: str, owners: list[str]) -> LintFinding:
    evidence = Statement("UNKNOWN_GROUP.bound", {"owners": tuple(owners)})
    code, remedy = LintCode.UNKNOWN_GROUP, Statement("UNKNOWN_GROUP.bound.remedy")
    return LintFinding(code=code, severity=Severity.WARNING, group=name, evidence=evidence, remedy=remedy)


def _missing(
    snapshot: Snapshot, document: Mapping[str, Any], bound: Mapping[str, Any], reference: Reference
) -> tuple[LintCode, Statement | None]:
    """What is not there of what a rule names; a group that is bound was reported as such."""
    name = reference.name
    if reference.kind == "SecurityGroupId":
        is_ours = snapshot.has("security_groups") and not reference.is_of_another_account
        gone = is_ours and name not in snapshot.groups and name not in bound
        return LintCode.UNKNOWN_GROUP, Statement("UNKNOWN_GROUP", {"name": name}) if gone else None
    templates, groups, prefix, listed = _TEMPLATES[reference.kind]
    known = document.get(templates) or {}, document.get(groups) or {}
    if not any(name in part for part in known):
        read = snapshot.has(groups if name.startswith(prefix) else templates)
        return LintCode.UNKNOWN_TEMPLATE, Statement("UNKNOWN_TEMPLATE", {"name": name}) if read else None
    members = known[1].get(name, {}).get(listed) or () if snapshot.has(templates) else ()
    lost = next((member for member in members if member not in known[0]), None)
    facts = {"name": name, "member": lost}
    return LintCode.UNKNOWN_TEMPLATE, Statement("UNKNOWN_TEMPLATE.member", facts) if lost else None
