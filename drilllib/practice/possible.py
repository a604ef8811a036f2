"""Can a stated cause be one at all? What is a slip of the pen is told before it is kept."""

from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import UnknownNameError, quoted


def require_possible(snapshot: Snapshot, stated: Cause) -> None:
    """
    Do nothing where a group that is stated is bound there and has the rule that is stated, or where none is stated.
    The error tells nothing that a look would have cost.

    Raises:
        UnknownNameError: It is not bound there, or its list has no such place.
    """
    if stated.kind is not CauseKind.GROUP:
        return
    bound = snapshot.bound_groups().get(stated.resource)
    if stated.group and bound is not None and stated.group not in bound:
        raise UnknownNameError(
            "{group} is not bound to {resource}",
            remedy="Look at what is bound there: groups {resource}",
            group=quoted(stated.group),
            resource=quoted(stated.resource),
        )
    rules = snapshot.group(stated.group).rules(stated.direction or Direction.INGRESS)
    if stated.rule is not None and rules is not None and not 0 <= stated.rule < len(rules):
        raise UnknownNameError(
            "{group} has no rule {rule} in that direction",
            remedy="Look at the list: rules {group}",
            group=quoted(stated.group),
            rule=stated.rule,
        )
