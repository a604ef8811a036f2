"""What the groups bound to one resource of a snapshot accept."""

from collections.abc import Iterable, Iterator, Sequence

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.rules import Direction, SecurityGroup, decide
from drilllib.core.sets.accepted import OPEN, UNREAD, Accepted, accepted
from drilllib.core.sets.boxes import boxes
from drilllib.core.sets.flowsets import FlowSet
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import Message, UnknownNameError, quoted

LISTED = 8  # as many names as one line of an error can hold


def groups_of(snapshot: Snapshot, resource: str) -> tuple[str, ...] | None:
    """
    The groups of a CLB, an instance or an interface, by its id, in order; None where they were not read.

    Raises:
        UnknownNameError: The snapshot has no such resource.
    """
    bound = snapshot.bound_groups()
    if resource in bound:
        return bound[resource]
    raise UnknownNameError(
        "The snapshot has no CLB, instance or interface {resource}",
        remedy="It has {bound} and {more} more" if len(bound) > LISTED else "It has {bound}",
        resource=quoted(resource),
        bound=", ".join(list(bound)[:LISTED]) or Message("none"),
        more=len(bound) - LISTED,
    )


def accepted_by(snapshot: Snapshot, resource: str, direction: Direction) -> Accepted:
    """
    The flows that a resource's groups accept; all where it has none, undetermined where they were not read.

    Raises:
        UnknownNameError: The snapshot has no such resource.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    return accepted_by_list(snapshot, groups_of(snapshot, resource), direction)


def accepted_by_list(snapshot: Snapshot, names: Sequence[str] | None, direction: Direction) -> Accepted:
    """The same for a list of groups as `Snapshot.bound_groups` has it: empty for none, None where it was not read."""
    if not names:
        return UNREAD if names is None else OPEN
    return accepted([snapshot.group(name) for name in names], direction)


def facts_of_groups(groups: Sequence[SecurityGroup], direction: Direction, flows: FlowSet) -> Iterator[Fact]:
    """What is missing where *groups*, read as one list, leave these flows undetermined."""
    for box in boxes(flows):
        yield from decide(groups, direction, box.example).unresolved


def facts_of_resources(
    snapshot: Snapshot, bound: Iterable[tuple[str, Sequence[str] | None]], direction: Direction, flows: FlowSet
) -> Iterator[Fact]:
    """The same for resources, each with its groups; None where nobody read which those are."""
    listed: dict[tuple[str, ...], None] = {}
    for resource, names in bound:
        if names is None:
            yield fact(FactCode.GROUPS_OF_RESOURCE, resource=resource)
        else:
            listed[tuple(names)] = None
    for names in listed:
        yield from facts_of_groups([snapshot.group(name) for name in names], direction, flows)
