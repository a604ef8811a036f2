"""The facts that would settle flows of which nobody can say whether groups accept them."""

from collections.abc import Iterable, Iterator, Sequence

from drilllib.core.boxes import boxes
from drilllib.core.flowsets import FlowSet
from drilllib.core.rules import Direction, SecurityGroup, decide
from drilllib.core.topology import Snapshot


def facts_of_groups(groups: Sequence[SecurityGroup], direction: Direction, flows: FlowSet) -> Iterator[str]:
    """What is missing where *groups*, read as one list, leave these flows undetermined."""
    for box in boxes(flows):
        yield from decide(groups, direction, box.example).unresolved


def facts_of_resources(
    snapshot: Snapshot, bound: Iterable[tuple[str, Sequence[str] | None]], direction: Direction, flows: FlowSet
) -> Iterator[str]:
    """The same for resources, each with its groups; None where nobody read which those are."""
    listed: dict[tuple[str, ...], None] = {}
    for resource, names in bound:
        if names is None:
            yield f"the groups of {resource}"
        else:
            listed[tuple(names)] = None
    for names in listed:
        yield from facts_of_groups([snapshot.group(name) for name in names], direction, flows)
