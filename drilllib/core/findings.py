"""
What is worth knowing about the groups and settings on a path, though it decides nothing: quotas, and settings that
disagree. A finding never changes a verdict.

Quotas: product pages 213/15379 (groups), 215/31867 (templates), 214/14733 (CLB). An account's own may differ;
DescribeSecurityGroupLimits tells.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from drilllib.core.evidence import Hop, Path
from drilllib.core.members import Members
from drilllib.core.parts import Listener, LoadBalancer, object_name
from drilllib.core.rules import Direction, Reference, Rule, SecurityGroup
from drilllib.core.topology import Snapshot

DIRECT_ACCESS = "service.cloud.tencent.com/direct-access"
GROUPS = "service.cloud.tencent.com/security-groups"

RULES_PER_DIRECTION = 100
RULES_OF_A_CLB_GROUP = 512
RULES_EXPANDED = 2000
GROUPS_PER_INTERFACE = 5
REFERENCES_PER_GROUP = 10
MEMBERS_PER_TEMPLATE = 20


class FindingCode(StrEnum):
    """What was found. Codes are never renamed, only added."""

    ACCESS_MODE_DIFFERS = "ACCESS_MODE_DIFFERS"
    GROUP_ANNOTATION_DIFFERS = "GROUP_ANNOTATION_DIFFERS"
    HEALTH_DIFFERS = "HEALTH_DIFFERS"
    LISTENERS = "LISTENERS"
    LISTENER_OF_ANOTHER_SERVICE = "LISTENER_OF_ANOTHER_SERVICE"
    POLICY_INDEX_REORDERS = "POLICY_INDEX_REORDERS"
    POLICY_INDEX_REPEATS = "POLICY_INDEX_REPEATS"
    QUOTA_CLB_GROUP_RULES = "QUOTA_CLB_GROUP_RULES"
    QUOTA_EXPANDED_RULES = "QUOTA_EXPANDED_RULES"
    QUOTA_GROUPS = "QUOTA_GROUPS"
    QUOTA_REFERENCES = "QUOTA_REFERENCES"
    QUOTA_RULES = "QUOTA_RULES"
    QUOTA_TEMPLATE_MEMBERS = "QUOTA_TEMPLATE_MEMBERS"
    SERVICES_DISAGREE_ON_GROUPS = "SERVICES_DISAGREE_ON_GROUPS"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: its code, the resource it is about, and the facts it rests on."""

    code: FindingCode
    where: str
    facts: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """All fields."""
        return {"code": self.code, "where": self.where, "facts": dict(self.facts)}


def findings(
    snapshot: Snapshot, balancer: LoadBalancer, listener: Listener, service: str | None, paths: Sequence[Path]
) -> tuple[Finding, ...]:
    """Everything worth knowing about what *paths* cross, each once."""
    found = [*_about_services(snapshot, balancer, listener, service), *_about_bindings(paths)]
    for group_id in dict.fromkeys(each for hop in _hops(paths) for check in hop.checks for each in check.groups):
        found += _about_order(snapshot, group_id)
        found += _about_group(snapshot.group(group_id), on_clb=group_id in (balancer.groups or ()))
    found += _about_templates(snapshot, paths)
    return _once(found)


def about_listeners(balancer: LoadBalancer, listeners: Sequence[Mapping[str, Any]]) -> Finding:
    """Where the CLB does listen, for a question that met no listener."""
    ports = [f"{item['Port']}/{item['Protocol']}" for item in listeners]
    return Finding(FindingCode.LISTENERS, balancer.balancer_id, {"listeners": ", ".join(ports) or "-"})


def about_health(target: str, predicted: str, observed: str | None) -> tuple[Finding, ...]:
    """Where the CLB sees something else than the rules let expect, the cause may be outside of them."""
    if observed not in ("Alive", "Dead") or predicted not in ("Alive", "Dead") or observed == predicted:
        return ()
    return (Finding(FindingCode.HEALTH_DIFFERS, target, {"observed": observed, "predicted": predicted}),)


def _once(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple({(each.code, each.where, str(each.facts)): each for each in found}.values())


def _hops(paths: Sequence[Path]) -> Iterable[Hop]:
    return (hop for path in paths for hop in path.hops)


def _about_services(
    snapshot: Snapshot, balancer: LoadBalancer, listener: Listener, name: str | None
) -> Iterable[Finding]:
    if name is not None:
        service = snapshot.service(name)
        yield from _about_access(snapshot, object_name(service), service, listener)
        yield from _about_owner(snapshot, object_name(service), listener)
    annotated = {object_name(each): _annotated(each) for each in snapshot.services_on(balancer)}
    wanted = {each: tuple(groups) for each, groups in annotated.items() if groups is not None}
    if len(set(wanted.values())) > 1:  # [TKE-SVC]: they conflict, and the outcome is not defined
        facts = {"services": ", ".join(sorted(wanted))}
        yield Finding(FindingCode.SERVICES_DISAGREE_ON_GROUPS, balancer.balancer_id, facts)
    elif wanted and balancer.groups is not None and next(iter(wanted.values())) != balancer.groups:
        facts = {"wanted": ", ".join(next(iter(wanted.values()))), "bound": ", ".join(balancer.groups) or "-"}
        yield Finding(FindingCode.GROUP_ANNOTATION_DIFFERS, balancer.balancer_id, facts)


def _annotated(service: Mapping[str, Any]) -> list[str] | None:
    """The groups that a Service asks to be bound to its CLB, in their order; None where it asks for none."""
    text = (service["metadata"].get("annotations") or {}).get(GROUPS)
    return [each.strip() for each in text.split(",")] if isinstance(text, str) and text.strip() else None


def _about_access(snapshot: Snapshot, name: str, service: Mapping[str, Any], listener: Listener) -> Iterable[Finding]:
    """Do the registered targets fit what the annotation, else the cluster's switch, asks for? [TKE-SW]"""
    said = (service["metadata"].get("annotations") or {}).get(DIRECT_ACCESS)
    direct = said == "true" if said in ("true", "false") else snapshot.direct_access_is_default()
    kinds = {target.kind for target in listener.targets or ()}
    if direct is None or not kinds or kinds == {"ENI" if direct else "CVM"}:
        return
    facts = {"wanted": "ENI" if direct else "CVM", "found": ", ".join(sorted(kinds))}
    yield Finding(FindingCode.ACCESS_MODE_DIFFERS, name, facts)


def _about_owner(snapshot: Snapshot, name: str, listener: Listener) -> Iterable[Finding]:
    """Does the listener lead to NodePorts of another Service?"""
    transport = listener.transport or "TCP"
    for target in listener.targets or ():
        owner = snapshot.kubernetes.service_on_node_port(transport, target.port) if target.kind == "CVM" else None
        if owner is not None and object_name(owner) != name:
            facts = {"port": listener.port, "owner": object_name(owner)}
            yield Finding(FindingCode.LISTENER_OF_ANOTHER_SERVICE, name, facts)


def _about_bindings(paths: Sequence[Path]) -> Iterable[Finding]:
    for hop in _hops(paths):
        for check in hop.checks:
            if len(check.groups) > GROUPS_PER_INTERFACE:
                facts = {"count": len(check.groups), "quota": GROUPS_PER_INTERFACE}
                yield Finding(FindingCode.QUOTA_GROUPS, hop.name, facts)


def _about_order(snapshot: Snapshot, group_id: str) -> Iterable[Finding]:
    """Somebody who edits a saved group by hand sees the order of the list; PolicyIndex is what counts."""
    for direction in Direction:
        listed = snapshot.policy_indices(group_id, direction)
        facts = {"direction": direction}
        if listed and listed != sorted(listed):
            yield Finding(FindingCode.POLICY_INDEX_REORDERS, group_id, facts)
        for index in sorted(index for index, times in Counter(listed).items() if times > 1):
            yield Finding(FindingCode.POLICY_INDEX_REPEATS, group_id, {**facts, "index": index})


def _about_group(group: SecurityGroup, *, on_clb: bool) -> Iterable[Finding]:
    lists = {direction: group.rules(direction) or () for direction in Direction}
    for direction, rules in lists.items():
        if len(rules) > RULES_PER_DIRECTION:
            facts = {"direction": direction, "count": len(rules), "quota": RULES_PER_DIRECTION}
            yield Finding(FindingCode.QUOTA_RULES, group.group_id, facts)
    every = [rule for rules in lists.values() for rule in rules]
    names = {rule.peer.name for rule in every if isinstance(rule.peer, Reference)}
    named = sum(name.startswith("sg-") for name in names)
    if named > REFERENCES_PER_GROUP:
        facts = {"count": named, "quota": REFERENCES_PER_GROUP}
        yield Finding(FindingCode.QUOTA_REFERENCES, group.group_id, facts)
    quota = RULES_OF_A_CLB_GROUP if on_clb else RULES_EXPANDED
    count = sum(_expanded(group, rule) for rule in every)
    if count > quota:
        code = FindingCode.QUOTA_CLB_GROUP_RULES if on_clb else FindingCode.QUOTA_EXPANDED_RULES
        yield Finding(code, group.group_id, {"count": count, "quota": quota})


def _expanded(group: SecurityGroup, rule: Rule) -> int:
    """How many rules one with templates stands for, as far as their members are known."""
    peers = 1
    if isinstance(rule.peer, Reference) and rule.peer.kind == "AddressTemplate":
        peers = len(group.names.peers.get(rule.peer.name, Members()).certain)
    services = group.names.services.get(rule.service.name, ()) if rule.service else (None,)
    return max(1, peers) * max(1, len(services))


def _about_templates(snapshot: Snapshot, paths: Sequence[Path]) -> Iterable[Finding]:
    """A template holds so many members, a group of templates so many templates [TPL]."""
    used = {reference.name for name in _groups_of(paths) for reference in _references(snapshot.group(name))}
    for name, count in snapshot.template_sizes().items():
        if name in used and count > MEMBERS_PER_TEMPLATE:
            facts = {"count": count, "quota": MEMBERS_PER_TEMPLATE}
            yield Finding(FindingCode.QUOTA_TEMPLATE_MEMBERS, name, facts)


def _groups_of(paths: Sequence[Path]) -> set[str]:
    return {each for hop in _hops(paths) for check in hop.checks for each in check.groups}


def _references(group: SecurityGroup) -> Iterable[Reference]:
    for direction in Direction:
        for rule in group.rules(direction) or ():
            yield from rule.references
