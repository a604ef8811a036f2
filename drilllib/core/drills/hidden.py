"""Faults whose name a lesson does not give away: three cases, and a seed that says which fault is in which."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drilllib.core.drills import variants
from drilllib.core.drills.faults import open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError

Document = dict[str, Any]
CASES = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is planted in a case: a fault, and perhaps something on top of it that *inject* does in place."""

    fault: str
    inject: Callable[[Document], None] = lambda document: None


# A case draws from one row, so that the three differ: silence in front of a node or a pod, silence elsewhere, refusal.
POOLS = (
    (Hidden("group-2"), Hidden("two-groups"), Hidden("group-3"), Hidden("inherited")),
    (Hidden("group-1"), Hidden("local-policy"), Hidden("healthy", variants.closed_egress)),
    (Hidden("healthy", variants.not_ready), Hidden("healthy", variants.other_port)),
)


def open_hidden(case: int, seed: int, **variant: str) -> Snapshot:
    """
    The default lab with the fault of that case in it; the same *seed* hides the same faults on every machine.

    *variant* is what `open_fault` takes: listener, semantics, client.

    Raises:
        InvalidInputError: There is no such case, or what `open_fault` raises it for.
    """
    if case not in CASES:
        raise InvalidInputError("The case is {case}", remedy="Use 1, 2 or 3", case=case)
    drawn = random.Random(seed)
    rows = drawn.sample(POOLS, k=len(POOLS))
    chosen = [drawn.choice(row) for row in rows][case - 1]
    document = open_fault(chosen.fault, **variant).to_dict()
    chosen.inject(document)
    return Snapshot(document)
