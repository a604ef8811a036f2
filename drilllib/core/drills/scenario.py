"""
What a scenario is: a planted fault on one connection, and what may be open once it is repaired.

Each has a name that somebody would search for, one connection that has to work, and what may be open once it does:
what was open before, and *may* on top of it. `core.check.connections` holds a snapshot against that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from drilllib.core.drills.intents import RulePut
from drilllib.core.drills.networks import GROUPS, MYSQL, PORT, WEB, two_workloads
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot

Document = dict[str, Any]
INGRESS, EGRESS = Direction.INGRESS, Direction.EGRESS
WEB_GROUP, MYSQL_GROUP, NODE_A_GROUP, NODE_B_GROUP = (GROUPS[each] for each in (WEB, MYSQL, "node-a", "node-b"))
OFFICE = "10.1.0.5"  # of a network that a dedicated line joins to the VPC
DROP_ALL = "DROP ALL 0.0.0.0/0 ALL"


class Ends(NamedTuple):
    """One connection: who asks, which door, which port."""

    source: str
    door: str
    port: int = PORT

    def __str__(self) -> str:
        return f"{self.source} → {self.door}:{self.port}"


class Place(NamedTuple):
    """A list of an interface: *resource* is its id."""

    resource: str
    direction: Direction = INGRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """
    A planted fault on the way from one workload, or a client, to another.

    *rows* are those of the playbook's matrix (docs/scenarios.md), *level* 1 to 3 is how much there is to find, *cause*
    what is wrong. *ends* is the connection that fails, *also* are others that have to work. *may* is what each list may
    let through more than it does now, *keep* what of that it must not lose; *reference* is one repair that is right.
    *network*, *beside* and *lists* make the snapshot: the arguments of `two_workloads`, what is put into it besides, as
    a CLB, and lists other than the healthy ones.
    """

    name: str
    rows: str
    level: int
    cause: str
    ends: Ends
    also: tuple[Ends, ...] = ()
    may: Mapping[Place, tuple[str, ...]]
    reference: tuple[RulePut, ...]
    network: Mapping[str, Any] = field(default_factory=dict)
    beside: Callable[[Document], None] | None = None
    lists: Mapping[tuple[str, Direction], tuple[str, ...]]
    keep: Mapping[Place, tuple[str, ...]] = field(default_factory=dict)

    @property
    def served(self) -> tuple[Ends, ...]:
        """Every connection that has to work."""
        return (self.ends, *self.also)

    @property
    def summary(self) -> str:
        """One line for a list."""
        return f"between workloads: {self.cause}"

    def open(self) -> Snapshot:
        """The scenario with its fault, as a new snapshot."""
        document = two_workloads(**self.network)
        if self.beside is not None:
            self.beside(document)
        for (group, direction), lines in self.lists.items():
            _put(document, group, direction, lines)
        return Snapshot(document)


def _put(document: Document, group: str, direction: Direction, lines: Sequence[str]) -> None:
    policies = [{**rule_from_text(line).policy, "PolicyIndex": place} for place, line in enumerate(lines)]
    document["security_groups"][group]["SecurityGroupPolicySet"][direction.value.capitalize()] = policies
