"""Rules that a group has no room for: the API refuses them, LimitExceeded or ClbPolicyExceedLimit [API-VPC]."""

from collections.abc import Iterator, Sequence

from drilllib.core.rules.edits import Change, changed
from drilllib.core.rules.quotas import Use, uses_of_group
from drilllib.core.snapshot.snapshot import Snapshot


def over_quota(snapshot: Snapshot, changes: Sequence[Change]) -> tuple[Use, ...]:
    """
    What the changed groups would use beyond the vendor's default quotas, where the changes add to it.

    An account's own quotas may be others; they are not in a snapshot.
    """
    return tuple(_grown(snapshot, changes))


def _grown(snapshot: Snapshot, changes: Sequence[Change]) -> Iterator[Use]:
    on_clbs = {name for each in snapshot.load_balancers for name in each.groups or ()}
    for name in dict.fromkeys(each.group for each in changes):
        group, on_clb = snapshot.group(name), name in on_clbs
        before = uses_of_group(group, on_clb=on_clb)
        after = uses_of_group(changed(group, changes), on_clb=on_clb)
        yield from (now for was, now in zip(before, after, strict=True) if now.is_over and now.count > was.count)
