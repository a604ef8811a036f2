"""What a guard may write to: the groups and resources of its plan, and those tagged as the drill's own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drilllib.core.capture.asks import CloudCall
from drilllib.core.capture.calls import VPC
from drilllib.core.changes.world import opened_to_world
from drilllib.core.rules.members import Directory
from drilllib.core.rules.rules import Direction, Rule
from drilllib.errors import LabStateError, quoted
from drilllib.guard.cloud import Cloud
from drilllib.guard.errors import OpenToWorldError, WriteRefusedError
from drilllib.guard.marks import DRILL

STATISTICS = "DescribeSecurityGroupAssociationStatistics"
# What the vendor counts for a group, and how ids of that kind begin; databases are never known here.
_COUNTED: Mapping[str, tuple[str, ...]] = {"CVM": ("ins-", "eks-", "np-"), "ENI": ("eni-",), "CLB": ("lb-",), "CDB": ()}
REST = "other kinds"  # what only TotalCount has, such as Redis


@dataclass(frozen=True, slots=True)
class Scope:
    """
    *groups* and *resources* are named by the plan; tagged groups may be written besides. *world* are groups that may be
    opened to everybody, as the user said by name. *bound* tells what a group may be bound to; one that is not in it may
    be bound to anything.
    """

    groups: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()
    world: frozenset[str] = frozenset()
    bound: Mapping[str, Collection[str]] = field(default_factory=dict)

    def require_group(self, cloud: Cloud, group: str, region: str = "") -> None:
        """
        Raises:
            WriteRefusedError: *group* is a default group, or neither named by the plan nor tagged as the drill's own.
            UnknownNameError, LabStateError: It is not there, or cannot be read.
        """
        row = own_group(cloud, group, region)
        tagged = any(each.get("Key") == DRILL for each in row.get("TagSet") or ())
        if group not in self.groups and not tagged:
            raise WriteRefusedError(
                "{group} is neither named by the plan nor tagged {tag}",
                remedy="Only what a plan names, and what `drill up` made, is changed",
                group=quoted(group),
                tag=DRILL,
            )
        if group in self.bound:
            self._require_bound(cloud, group, region)

    def _require_bound(self, cloud: Cloud, group: str, region: str) -> None:
        """Raises WriteRefusedError where the cloud counts more that *group* is bound to than is known, of any kind."""
        row = _row(cloud, STATISTICS, f"{STATISTICS.removeprefix('Describe')}Set", group, region)
        counts = {name: int(row.get(name) or 0) for name in _COUNTED}
        counts[REST] = int(row.get("TotalCount") or 0) - sum(counts.values())
        for name, count in counts.items():
            prefixes = _COUNTED.get(name)
            known = sum(each.startswith(prefixes) for each in self.bound[group]) if prefixes else 0
            if count > known:
                raise WriteRefusedError(
                    "{group} is bound to {count} of {kind}, of which {known} are known here",
                    remedy="Name it in --also where a change for all of them is meant",
                    group=quoted(group),
                    count=count,
                    kind=name,
                    known=known,
                )

    def require_closed(
        self,
        group: str,
        direction: Direction,
        before: Sequence[Rule],
        after: Sequence[Rule],
        names: Directory | None = None,
    ) -> None:
        """Raises WriteRefusedError where *after* lets everybody in at a port, or out to everybody, and *before* not."""
        if group not in self.world and opened_to_world(before, after, direction, names):
            raise open_to_all(group, direction)

    def require_resource(self, resource: str) -> None:
        """Raises WriteRefusedError where the plan does not name it."""
        if resource not in self.resources:
            raise WriteRefusedError(
                "{resource} is not named by the plan",
                remedy="Only what a plan names is changed",
                resource=quoted(resource),
            )


def own_group(cloud: Cloud, group: str, region: str = "") -> Mapping[str, Any]:
    """
    A group as the cloud describes it.

    Raises:
        WriteRefusedError: It is a default group.
        UnknownNameError, LabStateError: It is not there, or cannot be read.
    """
    row = _row(cloud, "DescribeSecurityGroups", "SecurityGroupSet", group, region)
    if row.get("IsDefault"):
        raise WriteRefusedError(
            "{group} is a default group, which is never changed",
            remedy="Bind a group of its own to what the change is for",
            group=quoted(group),
        )
    return row


def open_to_all(name: str, direction: Direction) -> OpenToWorldError:
    """The group, or the resource by its groups, would let everybody in, or out to everybody."""
    error = OpenToWorldError(
        "{group} would be open to the whole world ({direction})",
        remedy="Name it in --open-to-world where that is meant",
        group=quoted(name),
        direction=direction,
    )
    error.name = name
    return error


def _row(cloud: Cloud, action: str, rows: str, group: str, region: str) -> Mapping[str, Any]:
    """What an answer says of *group*. Raises LabStateError where that is nothing: nothing is allowed by it."""
    page = cloud.page(CloudCall.of(*VPC, action, region, SecurityGroupIds=[group]))
    for each in page.get(rows) or ():
        if each.get("SecurityGroupId") == group:
            return dict(each)
    raise LabStateError(
        "{action} says nothing of {group}",
        remedy="Try again when it can be read",
        action=action,
        group=quoted(group),
    )
