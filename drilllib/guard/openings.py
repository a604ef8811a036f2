"""Would something be open to the world by all of its groups together? They are read in their order as one list."""

from collections.abc import Callable, Iterable, Sequence

from drilllib.core.changes.change import Binding, RuleChange
from drilllib.core.changes.world import OPEN, groups_opened
from drilllib.core.rules.members import Directory
from drilllib.core.rules.rules import Direction, Rule, SecurityGroup
from drilllib.guard.cloud import Cloud
from drilllib.guard.scope import open_to_all

Lists = Callable[[str], tuple[Rule, ...]]


def require_binding_closed(cloud: Cloud, change: Binding, names: Directory | None, world: Iterable[str]) -> None:
    """
    Raises:
        WriteRefusedError: Other groups open the resource to the world, and neither it nor one of them is in *world*.
        UnknownNameError, LabStateError: A group is not there, or cannot be read.
    """
    if {change.resource, *change.before, *change.after} & {*world}:
        return
    for direction in Direction:
        known: dict[str, SecurityGroup] = {}
        for each in (*change.before, *change.after):
            known.setdefault(each, _group(each, cloud.rules(each, direction, change.region).rules, names))
        old, new = (_stack(change.resource, [known[each] for each in one]) for one in (change.before, change.after))
        if groups_opened(old, new, direction):
            raise open_to_all(change.resource, direction)


def require_stacks_closed(cloud: Cloud, change: RuleChange, names: Directory | None, resources: Iterable[str]) -> None:
    """
    What *change* no longer decides, another group below may accept: of what is bound to *resources* that is looked at.

    Raises as `require_binding_closed`.
    """
    old, new = (_group(change.group, each, names) for each in (change.before, change.after))
    if not groups_opened([old, OPEN], [new, OPEN], change.direction):
        return
    for resource in sorted(resources):
        bound = cloud.groups(resource, change.region)
        if change.group in bound:
            rest = {
                each: _group(each, cloud.rules(each, change.direction, change.region).rules, names)
                for each in bound
                if each != change.group
            }
            before, after = ([{**rest, change.group: one}[each] for each in bound] for one in (old, new))
            if groups_opened(before, after, change.direction):
                raise open_to_all(resource, change.direction)


def _group(name: str, rules: Sequence[Rule], names: Directory | None) -> SecurityGroup:
    return SecurityGroup(name, tuple(rules), tuple(rules), names or Directory())


def _stack(resource: str, groups: list[SecurityGroup]) -> list[SecurityGroup]:
    """A load balancer without a group accepts everything."""
    return groups or ([OPEN] if resource.startswith("lb-") else [])
