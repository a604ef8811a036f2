"""What has to change before an attempt can pass: the checks that drop, and the other causes that end it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from drilllib.core.plain import plain
from drilllib.core.rules.rules import Action
from drilllib.core.trace.codes import HopKind, Reason
from drilllib.core.trace.path import ENDS, Check, Hop, Path, PathOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """
    Something that has to change before the attempt can pass.

    *direction*, *groups* and *check* are empty where the cause is not a security group. *hypothetical*: on every
    path it stands behind another blocker, and shows only once that one is gone. It stands for *count* nodes or pods
    that are blocked alike, itself included; *like* names some of the others. *policies* are NetworkPolicies.
    """

    hop: HopKind
    name: str
    interface: str | None
    reason: Reason
    hypothetical: bool
    check: Check | None = None
    count: int = 1
    like: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The blocker as formats.md fixes it."""
        more = [*(["count", "like"] if self.count > 1 else []), *(["policies"] if self.policies else [])]
        names = ("hop", "name", "interface", "reason", "hypothetical", *more)
        check = self.check
        return {
            **plain(self, *names),
            "direction": check and check.direction,
            "groups": list(check.groups) if check else [],
            "group": check and check.group,
            "policy_index": check and check.policy_index,
            "peer": check and str(check.peer),
            "protocol": check and check.protocol,
            "port": check and check.port,
        }


def blockers(paths: Iterable[Path]) -> tuple[Blocker, ...]:
    """Everything that certainly blocks on any of the paths, each once, in the order met."""
    found: dict[tuple[Any, ...], Blocker] = {}
    for path in paths:
        for hop in path.hops:
            for blocker in blockers_at(hop):
                key = (blocker.hop, blocker.name, blocker.reason, blocker.check)
                if key not in found or not blocker.hypothetical:
                    found[key] = blocker
    return tuple(found.values())


def blockers_at(hop: Hop) -> list[Blocker]:
    """What certainly blocks at one hop."""
    drops: list[Check | Reason] = [check for check in hop.checks if check.action is Action.DROP]
    if hop.problem is not None and ENDS[hop.problem] not in (PathOutcome.UNDETERMINED, PathOutcome.DELIVERED):
        drops.append(hop.problem)
    if not drops:
        return []
    return [blocker_of(hop, each, hypothetical=hop.hypothetical or place > 0) for place, each in enumerate(drops)]


def blocker_of(hop: Hop, cause: Check | Reason, *, hypothetical: bool = False) -> Blocker:
    """One of the hop's checks as a blocker, or what else ends the attempt there: a NetworkPolicy is no group's."""
    check, reason = (cause, cause.reason) if isinstance(cause, Check) else (None, cause)
    policies, groups = (check.policies, None if check.policies else check) if check else ((), None)
    return Blocker(
        hop=hop.hop,
        name=hop.name,
        interface=hop.interface,
        reason=reason,
        hypothetical=hypothetical,
        check=groups,
        policies=policies,
    )
