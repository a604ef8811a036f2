"""What a proposal writes, list by list; and why it must not be written."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drilllib.core.changes.change import Binding, RuleChange
from drilllib.core.changes.world import OPEN, groups_opened, opened_to_world
from drilllib.core.fix.over_quota import over_quota
from drilllib.core.fix.proposal import Proposal
from drilllib.core.fix.steps import StepCode
from drilllib.core.rules.rules import Direction, SecurityGroup
from drilllib.core.snapshot.edits import changed_lists, rules_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import Message


@dataclass(frozen=True, slots=True)
class Plan:
    """
    The *rules* and *bindings* of *proposal*, which lead from the snapshot *before* to *after*.

    Bindings are written first, as a proposal says.
    """

    proposal: Proposal
    rules: tuple[RuleChange, ...]
    bindings: tuple[Binding, ...]
    before: Snapshot
    after: Snapshot

    @property
    def groups(self) -> frozenset[str]:
        """The groups whose rules it changes."""
        return frozenset(each.group for each in self.rules)

    @property
    def resources(self) -> frozenset[str]:
        """The resources whose groups it changes."""
        return frozenset(each.resource for each in self.bindings)

    def by_hand(self) -> tuple[Message, ...]:
        """What of it nothing here writes: objects of the cluster, switches of a load balancer, groups set elsewhere."""
        return tuple(_by_others(self))

    def bound(self) -> dict[str, frozenset[str]]:
        """What each of its groups is bound to, as far as was read."""
        found = self.before.bound_groups().items()
        return {group: frozenset(name for name, listed in found if group in (listed or ())) for group in self.groups}


def plan_of(proposal: Proposal, snapshot: Snapshot) -> Plan:
    """The lists and bindings that *proposal* changes. Raises UnknownNameError, LabStateError where one was not read."""
    lists = changed_lists(snapshot, proposal.changes)
    rules = tuple(
        RuleChange(group, way, rules_of(snapshot, group, way), tuple(after), region_of(snapshot, group))
        for (group, way), after in lists.items()
    )
    present = snapshot.bound_groups()
    bindings = tuple(
        Binding(name, present.get(name) or (), tuple(groups), region_of(snapshot, name))
        for name, groups in proposal.orders.items()
    )
    return Plan(proposal, rules, bindings, snapshot, proposal.made(snapshot))


def region_of(snapshot: Snapshot, name: str) -> str:
    """The region of a load balancer, or of a group of one, that stands in another than the cluster; else that."""
    elsewhere = snapshot.regions
    named = (each for each in snapshot.load_balancers if each.balancer_id in elsewhere)
    found = (elsewhere[each.balancer_id] for each in named if name in (each.balancer_id, *(each.groups or ())))
    return next(found, snapshot.region or "")


def refusals(plan: Plan, *, also: Collection[str] = (), world: Collection[str] = ()) -> tuple[Message, ...]:
    """
    Why *plan* must not be written, nothing where it may.

    *also* are groups that may be bound to something outside, *world* those that may be opened to everybody.
    """
    found = [*plan.by_hand(), *_crowded(plan)]
    found += [each for group in sorted(plan.groups - {*also}) for each in _bound_outside(plan, group)]
    for each in plan.rules:
        if each.group not in world and _opens(plan, each):
            found.append(
                Message(
                    "{group} ({direction}) would be open to the whole world, which --open-to-world {group} allows",
                    group=each.group,
                    direction=each.direction,
                )
            )
    return (*found, *_opened_together(plan, world))


def _opened_together(plan: Plan, world: Collection[str]) -> Iterator[Message]:
    """Is something opened by its groups together: by a deny that goes, above a group that accepts, or by a binding?"""
    before, after = plan.before.bound_groups(), plan.after.bound_groups()
    changed = plan.groups - {*world}
    seen: set[object] = set()
    for name, groups in before.items():
        bound = after.get(name)
        stacks = groups, bound, name.startswith("lb-")
        if groups is None or bound is None or stacks in seen or (groups == bound and not changed & {*groups}):
            continue
        seen.add(stacks)
        old, new = (_stack(snapshot, name, each) for snapshot, each in ((plan.before, groups), (plan.after, bound)))
        for direction in Direction:
            if not {name, *groups, *bound} & {*world} and groups_opened(old, new, direction):
                yield Message(
                    "{where} would be open to the whole world ({direction}), which --open-to-world {where} allows",
                    where=name,
                    direction=direction,
                )


def _stack(snapshot: Snapshot, name: str, groups: Collection[str]) -> list[SecurityGroup]:
    """What is read as one list; a load balancer without a group accepts everything."""
    return [snapshot.group(each) for each in groups] or ([OPEN] if name.startswith("lb-") else [])


def _opens(plan: Plan, change: RuleChange) -> bool:
    names = plan.before.group(change.group).names
    return opened_to_world(change.before, change.after, change.direction, names)


def _by_others(plan: Plan) -> Iterator[Message]:
    for each in plan.proposal.steps:
        if each.code is not StepCode.GROUP_ORDER or each.where not in plan.resources:
            yield Message("{code} of {where} is to be done by hand first", code=each.code, where=each.where)
    for balancer in plan.before.load_balancers:
        if balancer.balancer_id in plan.resources and any(one.groups for one in plan.before.services_on(balancer)):
            yield Message("The groups of {where} are set by an annotation of its Service", where=balancer.balancer_id)


def _crowded(plan: Plan) -> Iterator[Message]:
    for use in over_quota(plan.before, plan.proposal.changes):
        yield Message("{where} would be over its quota ({code})", where=use.where, code=use.code)


def _bound_outside(plan: Plan, group: str) -> Iterator[Message]:
    """Is the group bound to what is neither the Service's load balancer nor a node, nor an interface of node or pod?"""
    nodes = {each.instance_id for each in plan.before.nodes if each.instance_id}
    inside = nodes | _interfaces(plan.before, nodes) | {each.balancer_id for each in plan.before.load_balancers}
    outside = sorted(plan.bound()[group] - inside)
    if outside:
        yield Message(
            "{group} is bound to {names} too, outside of what was asked about, which --also {group} allows",
            group=group,
            names=", ".join(outside),
        )


def _interfaces(snapshot: Snapshot, nodes: Collection[str]) -> set[str]:
    """Those of nodes, and those that nothing says whose they are with an address of a node or a pod."""
    pods = (each.addresses for each in snapshot.kubernetes.pods.values())
    known = {str(one) for found in (*pods, *(each.addresses for each in snapshot.nodes)) for one in found}
    return {
        item["NetworkInterfaceId"]
        for item in snapshot.part("network_interfaces") or ()
        if (item.get("Attachment") or {}).get("InstanceId") in nodes
        or (not item.get("Attachment") and not known.isdisjoint(_addresses(item)))
    }


def _addresses(interface: Mapping[str, Any]) -> set[str]:
    return {str(each.get("PrivateIpAddress") or "") for each in interface.get("PrivateIpAddressSet") or ()}
