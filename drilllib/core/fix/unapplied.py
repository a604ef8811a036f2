"""
Groups that are asked for and not yet bound: a SecurityGroupPolicy binds them when a pod is created [SGP], the add-on's
setting when an interface is made or its node is synchronised [ENI-SG].

To open the groups that are bound by mistake would be the wrong repair, so these go before changes of groups. What the
groups that are asked for accept beside what was asked is collateral, too; what only the old ones accept is lost.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.core.fix.needs import Need
from drilllib.core.fix.search import newly
from drilllib.core.fix.situation import Situation, stays_untold
from drilllib.core.fix.steps import Step, StepCode, annotate_node, delete_pod
from drilllib.core.rules.addresses import Address
from drilllib.core.rules.rules import Action, Direction
from drilllib.core.sets.flowsets import FlowSet
from drilllib.core.snapshot.interfaces import SUPER_NODE, TRUNK
from drilllib.core.snapshot.objects_by_kind import KubernetesObject
from drilllib.core.snapshot.resources import Endpoint, Node, object_name
from drilllib.core.snapshot.settings import GroupPolicy, group_policies
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.members import members_of

Flows = dict[tuple[str, Direction], FlowSet]
Item = dict[str, Any]  # a NetworkInterface object
SYNC = "tke.cloud.tencent.com/need-sync-security-groups"  # on a node, from v3.5.8 of the add-on


@dataclass(frozen=True, slots=True)
class _Unapplied:
    """A pod's interface, or the interface of a node's pods, with the groups that are bound and those asked for."""

    pod: Endpoint
    interface: str
    bound: tuple[str, ...]
    wanted: tuple[str, ...]
    policy: str | None  # None: it is the add-on that asks for them


@dataclass(frozen=True, slots=True)
class Applied:
    """The steps, the snapshot after them, and what interfaces newly accept and no longer do, by id and direction."""

    steps: tuple[Step, ...]
    start: Snapshot
    more: Flows
    lost: Flows


def unapplied_groups(now: Situation) -> Applied | None:
    """
    What binds the groups that are asked for, where the bound ones drop.

    None where none are, or where a list elsewhere was not read, without which nobody can tell whether that is enough.
    """
    if stays_untold(now, _is_of_no_pod(now.snapshot)):
        return None
    found = {(each.interface, each.policy and each.pod.pod): each for each in _dropping(now)}
    if not found:
        return None
    items = [dict(each) for each in now.snapshot.part("network_interfaces")]
    by_id, beside = {each["NetworkInterfaceId"]: each for each in reversed(items)}, _by_instance(items)
    last = {_instance_of(by_id[each.interface]) if each.policy is None else id(each): each for each in found.values()}
    changed = {name: each for each in last.values() for name in _apply(items, by_id[each.interface], beside, each)}
    before = now.snapshot.bound_groups()
    more, lost = Flows(), Flows()
    known: dict[object, FlowSet] = {}
    for name, each in changed.items():
        old = before.get(name) or each.bound
        for direction in Direction:
            for flows, pair in ((more, (old, each.wanted)), (lost, (each.wanted, old))):
                if (pair, direction) not in known:  # many interfaces of one kind gain and lose the same
                    known[pair, direction] = newly(now.snapshot, *pair, direction, ())
                if known[pair, direction]:
                    flows[name, direction] = known[pair, direction]
    after = now.snapshot.with_parts(network_interfaces=items, target_health=None)
    steps = {(step.code, step.where): step for step in map(_step, found.values())}
    return Applied(tuple(steps.values()), after, more, lost)


def _is_of_no_pod(snapshot: Snapshot) -> Callable[[Need], bool]:
    """Is a need surely none of a pod's interface, and so one that no other groups on these change?"""
    names = {each["NetworkInterfaceId"] for each in snapshot.part("network_interfaces") or ()}
    return lambda need: "/" not in need.resource and need.resource not in names


def _dropping(now: Situation) -> Iterator[_Unapplied]:
    """The pods whose own interface drops something, with groups that nothing asks for."""
    setting = now.snapshot.add_on_setting
    if not (setting and setting.on) and not now.snapshot.kubernetes.of_kind("SecurityGroupPolicy"):
        return
    seen: set[Address] = set()
    nodes = {each.name: each for each in reversed(now.snapshot.nodes)}
    for members in (members for each in now.classes for members in members_of(each.trace)):
        for hop in members.path.hops[-1:]:
            if hop.hop is HopKind.POD and any(check.groups and check.action is Action.DROP for check in hop.checks):
                for _, address in members.at(hop):
                    if address not in seen:
                        seen.add(address)
                        pod = now.snapshot.kubernetes.pod_at(address, hop.port, hop.checks[0].protocol)
                        yield from _unapplied(now.snapshot, pod, nodes) if pod else ()


def _unapplied(snapshot: Snapshot, pod: Endpoint, nodes: Mapping[str | None, Node]) -> Iterator[_Unapplied]:
    interface = snapshot.interfaces.at(pod.address)
    if interface is None or not interface.groups or snapshot.interfaces.is_node(pod.address):
        return
    bound = interface.groups
    policies = group_policies(snapshot.kubernetes, pod.pod)
    if policies:
        asked = len(policies) == 1 and policies[0].groups and set(policies[0].groups) != set(bound)
        if asked and _would_help(snapshot, pod.pod, policies[0]):
            yield _Unapplied(pod, interface.interface_id, bound, policies[0].groups, policies[0].name)
        return
    setting = snapshot.add_on_setting
    if setting and setting.on and snapshot.interfaces.shared(pod) and not pod.node_name.startswith(SUPER_NODE):
        wanted = setting.for_node(nodes.get(pod.node_name))
        if wanted and wanted != bound:
            yield _Unapplied(pod, interface.interface_id, bound, wanted, None)


def _would_help(snapshot: Snapshot, pod: str, policy: GroupPolicy) -> bool:
    """
    Would the pod's successor get the policy's groups?

    A controller has to make one, and the pod has to be older than the policy: one made under it that did not get the
    groups is where policies do nothing [SGP].
    """
    pods = (each for each in snapshot.kubernetes.of_kind("Pod") if object_name(each) == pod)
    found: KubernetesObject = next(pods, {"metadata": {}})["metadata"]
    has_controller = any(each.get("controller") is True for each in found.get("ownerReferences") or ())
    made = found.get("creationTimestamp")
    return has_controller and not (made and policy.made and str(made) >= str(policy.made))


def _apply(items: list[Item], item: Item, beside: Mapping[object, Sequence[Item]], found: _Unapplied) -> Iterator[str]:
    """
    Bind the groups that are asked for; the interfaces whose groups change.

    A pod under a policy gets an interface of its own. The add-on changes all interfaces of the node's pods.
    """
    if found.policy is None:
        for each in beside.get(_instance_of(item), (item,)):
            each["GroupSet"] = list(found.wanted)
            yield each["NetworkInterfaceId"]
        return
    name, address = {"NetworkInterfaceId": found.pod.pod, "Primary": False}, str(found.pod.address)
    moved: Item = {**name, "GroupSet": list(found.wanted)}
    for part, field in (("PrivateIpAddressSet", "PrivateIpAddress"), ("Ipv6AddressSet", "Address")):
        listed = item.get(part) or []
        moved[part] = [each for each in listed if each[field] == address]
        item[part] = [each for each in listed if each[field] != address]
    items.append(moved)
    yield found.pod.pod


def _instance_of(item: Item) -> object:
    """The instance that an interface is attached to; of an interface that is attached to none the interface itself."""
    attached = (item.get("Attachment") or {}).get("InstanceId")
    return attached or id(item)


def _by_instance(items: Iterable[Item]) -> dict[object, list[Item]]:
    """The interfaces for the pods of each node, whose groups were read."""
    found: dict[object, list[Item]] = {}
    for each in items:
        if not each.get("Primary") and each.get("EniType") != TRUNK and each.get("GroupSet") is not None:
            found.setdefault(_instance_of(each), []).append(each)
    return found


def _step(found: _Unapplied) -> Step:
    pod, node, groups = found.pod.pod, found.pod.node_name, ", ".join(found.wanted)
    if found.policy:
        return Step(StepCode.RECREATE_POD, pod, {"groups": groups, "policy": found.policy}, delete_pod(pod))
    return Step(StepCode.SYNC_GROUPS, node, {"groups": groups}, annotate_node(node, SYNC, "true"))
