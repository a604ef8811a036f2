"""
What is worth knowing about the groups and settings on a path, though it decides nothing: quotas, and settings that
disagree. A finding never changes a verdict.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from drilllib.core.plain import plain
from drilllib.core.rules.addresses import Address
from drilllib.core.rules.quotas import GROUPS_PER_INTERFACE, Quota, Use, use_of_binding, use_of_template, uses_of_group
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.port_names import port_names
from drilllib.core.snapshot.resources import GLOBAL_ROUTE, Frontend, Listener, LoadBalancer, Redirect
from drilllib.core.snapshot.services import Service
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.path import Hop, Path
from drilllib.core.trace.sources import is_unseen
from drilllib.errors import quoted


class FindingCode(StrEnum):
    """What was found. Codes are never renamed, only added."""

    ACCESS_MODE_DIFFERS = "ACCESS_MODE_DIFFERS"
    ADDON_GROUPS_DIFFER = "ADDON_GROUPS_DIFFER"
    ADDON_IS_OFF = "ADDON_IS_OFF"
    CLIENT_IS_PRIVATE = "CLIENT_IS_PRIVATE"
    GROUP_ANNOTATION_DIFFERS = "GROUP_ANNOTATION_DIFFERS"
    GROUP_POLICY_DIFFERS = "GROUP_POLICY_DIFFERS"
    HEALTH_DIFFERS = "HEALTH_DIFFERS"
    LISTENERS = "LISTENERS"
    LISTENER_OF_ANOTHER_SERVICE = "LISTENER_OF_ANOTHER_SERVICE"
    LISTENER_PROTOCOL_DIFFERS = "LISTENER_PROTOCOL_DIFFERS"
    NETWORK_POLICY_IGNORED = "NETWORK_POLICY_IGNORED"
    PASS_TO_TARGET_DIFFERS = "PASS_TO_TARGET_DIFFERS"
    PORT_NAMES = "PORT_NAMES"
    TARGET_PORT_NAME = "TARGET_PORT_NAME"
    POLICY_INDEX_REORDERS = "POLICY_INDEX_REORDERS"
    POLICY_INDEX_REPEATS = "POLICY_INDEX_REPEATS"
    QUOTA_CLB_GROUP_RULES = Quota.QUOTA_CLB_GROUP_RULES
    QUOTA_EXPANDED_RULES = Quota.QUOTA_EXPANDED_RULES
    QUOTA_GROUPS = Quota.QUOTA_GROUPS
    QUOTA_REFERENCES = Quota.QUOTA_REFERENCES
    QUOTA_RULES = Quota.QUOTA_RULES
    QUOTA_TEMPLATE_MEMBERS = Quota.QUOTA_TEMPLATE_MEMBERS
    REDIRECTS = "REDIRECTS"
    SERVICES_DISAGREE_ON_GROUPS = "SERVICES_DISAGREE_ON_GROUPS"
    SERVICE_IS_SKIPPED = "SERVICE_IS_SKIPPED"
    SOURCE_RANGES_ARE_NO_FILTER = "SOURCE_RANGES_ARE_NO_FILTER"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: its code, the resource it is about, and the facts it rests on."""

    code: FindingCode
    where: str
    facts: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """All fields."""
        return plain(self)


def findings(
    snapshot: Snapshot, balancer: LoadBalancer, listener: Listener, service: str | None, paths: Sequence[Path]
) -> tuple[Finding, ...]:
    """Everything worth knowing about what *paths* cross, each once."""
    hops = [hop for path in paths for hop in path.hops]
    asked = dict.fromkeys([(hop.name, check.groups) for hop in hops for check in hop.checks])
    groups = dict.fromkeys([each for _, names in asked for each in names])
    found = [*_about_services(snapshot, balancer, listener, service), *_about_bindings(asked)]
    found += _about_port_names(snapshot, listener, hops)
    for group_id in groups:
        found += _about_group(snapshot, group_id, on_clb=group_id in (balancer.groups or ()))
    found += _about_templates(snapshot, groups)
    return _once(found)


def about_listeners(balancer: LoadBalancer, listeners: Sequence[Listener]) -> Finding:
    """Where the CLB does listen, for a question that met no listener."""
    ports = [f"{each.port}/{each.protocol}" for each in listeners]
    return Finding(FindingCode.LISTENERS, balancer.balancer_id, {"listeners": ", ".join(ports) or "-"})


def about_redirect(redirect: Redirect, listeners: Sequence[Listener]) -> Finding:
    """Where the CLB sends the client, which is another question."""
    found = next((each for each in listeners if each.listener_id == redirect.listener_id), None)
    facts = {"rule": redirect.location_id or "-", "place": f"{found.port}/{found.protocol}" if found else "?"}
    return Finding(FindingCode.REDIRECTS, redirect.listener_id, facts)


def about_client(balancer: LoadBalancer, frontend: Frontend, client: Address) -> tuple[Finding, ...]:
    """A public VIP is reached from a private address by an EIP or a NAT gateway alone, whose address the CLB sees."""
    if not is_unseen(balancer, frontend, client):
        return ()
    return (Finding(FindingCode.CLIENT_IS_PRIVATE, balancer.balancer_id, {"client": str(client)}),)


def about_health(target: str, predicted: str, observed: str | None) -> tuple[Finding, ...]:
    """Where the CLB sees something else than the rules let expect, the cause may be outside of them."""
    if observed not in ("Alive", "Dead") or predicted not in ("Alive", "Dead") or observed == predicted:
        return ()
    return (Finding(FindingCode.HEALTH_DIFFERS, target, {"observed": observed, "predicted": predicted}),)


def _once(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple({(each.code, each.where, str(each.facts)): each for each in found}.values())


def _about_services(
    snapshot: Snapshot, balancer: LoadBalancer, listener: Listener, name: str | None
) -> Iterable[Finding]:
    if name is not None:
        service = snapshot.service(name)
        key = "targets of", service.name
        yield from snapshot.ungrouped.of(listener, key, lambda: _about_targets(snapshot, service, listener))
    wanted = {each.name: each.groups for each in snapshot.services_on(balancer) if each.groups is not None}
    if len(set(wanted.values())) > 1:  # [TKE-SVC]: they conflict, and the outcome is not defined
        facts = {"services": ", ".join(sorted(wanted))}
        yield Finding(FindingCode.SERVICES_DISAGREE_ON_GROUPS, balancer.balancer_id, facts)
    elif wanted and balancer.groups is not None and next(iter(wanted.values())) != balancer.groups:
        facts = {"wanted": ", ".join(next(iter(wanted.values()))), "bound": ", ".join(balancer.groups) or "-"}
        yield Finding(FindingCode.GROUP_ANNOTATION_DIFFERS, balancer.balancer_id, facts)


def _about_targets(snapshot: Snapshot, service: Service, listener: Listener) -> tuple[Finding, ...]:
    """Which no client changes, and no rule."""
    return _once([*_about_access(snapshot, service, listener), *_about_owner(snapshot, service.name, listener)])


def _about_access(snapshot: Snapshot, service: Service, listener: Listener) -> Iterable[Finding]:
    """Do the registered targets fit what the annotation, else the cluster's switch, asks for? [TKE-SW]"""
    direct = service.direct_access
    if direct is None:
        direct = snapshot.direct_access_is_default()
    kinds = {target.kind for target in listener.targets or ()}
    wanted = (GLOBAL_ROUTE if snapshot.is_routed else "ENI") if direct else "CVM"
    if direct is None or not kinds or kinds <= ({"ENI", wanted} if direct else {wanted}):
        return
    facts = {"wanted": wanted, "found": ", ".join(sorted(kinds))}
    yield Finding(FindingCode.ACCESS_MODE_DIFFERS, service.name, facts)


def _about_owner(snapshot: Snapshot, name: str, listener: Listener) -> Iterable[Finding]:
    """Does the listener lead to NodePorts of another Service, or to pods that are none of its endpoints?"""
    transport, kubernetes = listener.transport or "TCP", snapshot.kubernetes
    own = kubernetes.addresses_of(name) if any(each.is_pod for each in listener.targets or ()) else None
    for target in listener.targets or ():
        owner = None
        if target.is_node:
            service = kubernetes.service_on_node_port(transport, target.port)
            owner = service.name if service else None
        elif target.is_pod and target.address is not None and own is not None and target.address not in own:
            owner = kubernetes.pods_by_address.get(target.address, target.name)
        if owner not in (None, name):
            yield Finding(FindingCode.LISTENER_OF_ANOTHER_SERVICE, name, {"port": listener.port, "owner": owner})


def _about_port_names(snapshot: Snapshot, listener: Listener, hops: Iterable[Hop]) -> Iterable[Finding]:
    """The names that keep a Service and its ready endpoints apart; where they do, a hop has one of these reasons."""
    for hop in hops:
        if hop.problem in (Reason.PORT_NAME_DIFFERS, Reason.TARGET_PORT_NAME_UNKNOWN):
            transport, family = listener.transport or "TCP", 6 if ":" in hop.address else 4
            names = port_names(snapshot.kubernetes, transport, hop.port, family)
            if names.target_is_unknown:
                yield Finding(FindingCode.TARGET_PORT_NAME, names.service, {"target": quoted(names.target)})
            else:
                found = ", ".join(map(quoted, sorted(names.found or ()))) or "-"
                yield Finding(FindingCode.PORT_NAMES, names.service, {"wanted": quoted(names.wanted), "found": found})


def _about_bindings(asked: Iterable[tuple[str, Sequence[str]]]) -> Iterable[Finding]:
    for name, groups in dict.fromkeys([(name, len(groups)) for name, groups in asked]):
        yield from _over([use_of_binding(name, groups)] if groups > GROUPS_PER_INTERFACE else ())


def _over(uses: Iterable[Use]) -> Iterable[Finding]:
    return (Finding(FindingCode(use.code), use.where, use.facts) for use in uses if use.is_over)


def _about_group(snapshot: Snapshot, group_id: str, *, on_clb: bool) -> tuple[Finding, ...]:
    """What a group's own lists say, found once for all questions."""

    def found() -> tuple[Finding, ...]:
        return (*_about_order(snapshot, group_id), *_over(uses_of_group(snapshot.group(group_id), on_clb=on_clb)))

    return snapshot.memo.once(("findings", group_id, on_clb), found)


def _about_order(snapshot: Snapshot, group_id: str) -> Iterable[Finding]:
    """Somebody who edits a saved group by hand sees the order of the list; PolicyIndex is what counts."""
    for direction in Direction:
        listed = snapshot.policy_indices(group_id, direction)
        facts = {"direction": direction}
        if listed and listed != sorted(listed):
            yield Finding(FindingCode.POLICY_INDEX_REORDERS, group_id, facts)
        for index in sorted(index for index, times in Counter(listed).items() if times > 1):
            yield Finding(FindingCode.POLICY_INDEX_REPEATS, group_id, {**facts, "index": index})


def _about_templates(snapshot: Snapshot, groups: Iterable[str]) -> Iterable[Finding]:
    used = {reference.name for name in groups for reference in snapshot.group(name).references}
    sizes = snapshot.template_sizes().items()
    return _over(use_of_template(name, count) for name, count in sizes if name in used)
