"""What a change of rules or bindings makes of a snapshot: the same for every lab."""

from collections.abc import Iterable, Mapping, Sequence

from drilllib.core.rules.edits import Change, changed
from drilllib.core.rules.policies import numbered
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot.bindings import bindings
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, LabStateError, Message, UnknownNameError, quoted

LONGEST_VERSION = 18  # digits
Lists = Mapping[tuple[str, Direction], Sequence[Rule]]


def rules_of(snapshot: Snapshot, group_id: str, direction: Direction) -> tuple[Rule, ...]:
    """
    The rules of one group, from the top.

    Raises:
        UnknownNameError: There is no such group.
        LabStateError: They were not read.
    """
    _require(group_id in snapshot.groups, Message("security group"), group_id, snapshot.groups)
    rules = snapshot.group(group_id).rules(Direction(direction))
    if rules is None:
        raise LabStateError(
            "The {direction} rules of {group_id} were not read",
            remedy="Add them to the snapshot",
            direction=Direction(direction),
            group_id=group_id,
        )
    return rules


def changed_lists(snapshot: Snapshot, changes: Sequence[Change]) -> Lists:
    """The lists that *changes* touch, as they are after them, by group and direction."""
    touched = dict.fromkeys((each.group, each.direction) for each in changes)
    return {
        (name, direction): changed(snapshot.group(name), changes).rules(direction) or () for name, direction in touched
    }


def require_place(group_id: str, place: int, count: int) -> None:
    """Raises InvalidInputError where *place* is none of the first *count* of the group's list."""
    if not 0 <= place < count:
        raise InvalidInputError(
            "Place {place} is not in the list of {group}",
            remedy="Use 0 to {last}" if count else "The list is empty",
            last=count - 1,
            place=quoted(place),
            group=group_id,
        )


def with_rules(snapshot: Snapshot, group_id: str, direction: Direction, rules: Sequence[Rule]) -> Snapshot:
    """*rules* in the place of the group's list. The group's Version goes up by one, as the API's does."""
    rules_of(snapshot, group_id, direction)
    return _with_lists(snapshot, {(group_id, Direction(direction)): rules})


def with_changes(snapshot: Snapshot, changes: Sequence[Change]) -> Snapshot:
    """The snapshot after *changes*."""
    return _with_lists(snapshot, changed_lists(snapshot, changes)) if changes else snapshot


def with_binding(snapshot: Snapshot, resource_id: str, group_ids: Sequence[str]) -> Snapshot:
    """Exactly these groups, in this order, on a CLB, an instance or an interface."""
    for group_id in group_ids:
        _require(group_id in snapshot.groups, Message("security group"), group_id, snapshot.groups)
    parts = {name: snapshot.part(name) for name in ("load_balancers", "instances", "network_interfaces")}
    resources = bindings(parts)
    _require(resource_id in resources, Message("resource"), resource_id, resources)
    resource, field = resources[resource_id]
    changed = {**resource, field: list(group_ids)}
    touched = {name: items for name, items in parts.items() if any(each is resource for each in items or ())}
    found = {name: [changed if each is resource else each for each in items or ()] for name, items in touched.items()}
    return snapshot.with_parts(**found, target_health=None)


def version_number(version: object) -> int | None:
    """The Version of a group, which the API counts up; None where it is no number that a count can reach."""
    text = str(version)
    return int(text) if text.isdecimal() and len(text) <= LONGEST_VERSION else None


def _with_lists(snapshot: Snapshot, lists: Lists) -> Snapshot:
    """What the CLB had observed no longer holds once something changed."""
    groups = dict(snapshot.part("security_groups"))
    for (group_id, direction), rules in lists.items():
        policy_set = dict(groups[group_id]["SecurityGroupPolicySet"])
        policy_set[direction.capitalize()] = numbered(tuple(rules))
        version = version_number(policy_set.get("Version") or "0")
        policy_set["Version"] = "1" if version is None else str(version + 1)
        groups[group_id] = {**groups[group_id], "SecurityGroupPolicySet": policy_set}
    return snapshot.with_parts(security_groups=groups, target_health=None)


def _require(found: bool, what: Message, name: str, known: Iterable[str]) -> None:
    if not found:
        raise UnknownNameError(
            "There is no {what} {name}",
            remedy="There are {known}",
            what=what,
            name=quoted(name),
            known=", ".join(known),
        )
