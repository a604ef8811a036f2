"""
Other orders of the groups on one interface: an earlier group's DROP takes the effect from a later group's ACCEPT.

Of long lists, and for many blocks of clients, only such orders count as let more of what is needed pass by themselves.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, permutations, product

from drilllib.core.fix.needs import Need
from drilllib.core.fix.steps import Call, Kubectl, Step, StepCode, annotate
from drilllib.core.fix.unmet_needs import Groups, missing
from drilllib.core.rules.edits import Change, changed
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.accepted import accepted
from drilllib.core.snapshot.annotations import GROUPS
from drilllib.core.snapshot.snapshot import Snapshot

PERMUTED = 5  # groups of which every order is tried, as many as an instance may have; of more, none
BEST = 2  # orders of one interface that are kept
TOGETHER = 12  # combinations of orders
INTERFACES = 6  # on the way of which other orders are tried; on more of them one rule takes fewer edits
FEW = 100  # rules and missing blocks up to which an order counts that helps only together with rules

Orders = Mapping[str, tuple[str, ...]]  # groups by resource


@dataclass(frozen=True, slots=True)
class _Order:
    resource: str
    groups: tuple[str, ...]
    lacking: int  # far ends that still do not pass


def orders(snapshot: Snapshot, lacking: Sequence[Need]) -> Iterator[Orders]:
    """Combinations of other orders that are worth a comparison, the present one of all interfaces first."""
    bound = snapshot.bound_groups()
    needs: dict[str, list[Need]] = {}
    for need in lacking:
        is_made = "/" not in need.resource  # an interface yet to be made is called by its pod
        if is_made and bound.get(need.resource) == need.groups:
            needs.setdefault(need.resource, []).append(need)
    choices = [(None, *_best(snapshot, *each)) for each in needs.items()] if len(needs) <= INTERFACES else []
    for chosen in islice(product(*choices), TOGETHER):
        yield {each.resource: each.groups for each in chosen if each}


def ordered(needs: Sequence[Need], found: Orders) -> list[Need]:
    """*needs* where the groups stand in that order."""
    return [need._replace(groups=found.get(need.resource, need.groups)) for need in needs]


def order_step(snapshot: Snapshot, resource: str, groups: tuple[str, ...]) -> Step:
    """
    The step that puts a resource's groups into that order.

    Every call takes the whole list. A CLB whose groups a Service's annotation names gets them from there [TKE-SVC].
    """
    return Step(StepCode.GROUP_ORDER, resource, {"groups": ", ".join(groups)}, _command(snapshot, resource, [*groups]))


def _command(snapshot: Snapshot, resource: str, groups: list[str]) -> Call | Kubectl:
    balancer = next((each for each in snapshot.load_balancers if each.balancer_id == resource), None)
    if balancer:
        named = [each.name for each in snapshot.services_on(balancer) if each.groups]
        if len(named) == 1:
            return annotate("service", named[0], GROUPS, ",".join(groups))
        return Call("SetLoadBalancerSecurityGroups", {"LoadBalancerId": resource, "SecurityGroups": groups}, "clb")
    if snapshot.node_of_instance(resource):
        return Call("ModifyInstancesAttribute", {"InstanceIds": [resource], "SecurityGroups": groups}, "cvm")
    named_interface = {"NetworkInterfaceId": resource, "SecurityGroupIds": groups}
    return Call("ModifyNetworkInterfaceAttribute", named_interface)


def _best(snapshot: Snapshot, resource: str, needs: Sequence[Need]) -> Sequence[_Order]:
    """The orders that leave the fewest far ends out."""
    present, groups = needs[0].groups, Groups(snapshot.groups)
    if not 1 < len(present) <= PERMUTED or len(set(present)) < len(present):
        return ()
    now = _lacking(needs, present, groups)
    rules = sum(len(groups[name].rules(need.direction) or ()) for need in needs for name in present)
    blocks = sum(len(missing(need, groups)) for need in needs)
    found = [_Order(resource, each, _lacking(needs, each, groups)) for each in permutations(present) if each != present]
    better = [each for each in found if each.lacking < now or rules + blocks <= FEW]
    return sorted(better, key=lambda each: each.lacking)[:BEST]


def _lacking(needs: Sequence[Need], order: tuple[str, ...], groups: Groups) -> int:
    spans = (missing(need._replace(groups=order), groups) for need in needs)
    return sum(last - first + 1 for span in spans for first, last in span)


def loses(snapshot: Snapshot, found: Orders, changes: Sequence[Change]) -> bool:
    """Is anything dropped after *changes* that passed, on an interface whose groups stand in another order?"""
    bound = snapshot.bound_groups()
    return any(
        _loses(snapshot, bound[resource] or (), groups, changes, direction)
        for resource, groups in found.items()
        for direction in Direction
    )


def _loses(
    snapshot: Snapshot, before: Sequence[str], after: Sequence[str], changes: Sequence[Change], direction: Direction
) -> bool:
    old = accepted([snapshot.group(name) for name in before], direction)
    new = accepted([changed(snapshot.group(name), changes) for name in after], direction)
    return not (old.sure <= new.sure and old.possible <= new.possible)
