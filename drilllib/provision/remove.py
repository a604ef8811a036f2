"""
Remove a drill, found by its marks and its journal, in the order in which its parts let go of each other.

Only what has the mark of the drill and stands in its journal is removed. Whatever stops one part leaves the others to
be tried: what is left is told with why. It may be repeated until nothing is left.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from drilllib.core.capture.asks import CloudCall
from drilllib.core.capture.calls import TKE_2022, VPC
from drilllib.errors import DrillError, Message
from drilllib.guard.journal import Journal
from drilllib.guard.lines import WHOLE, Intent
from drilllib.provision import inventory, parts
from drilllib.provision.add_on import AddOn
from drilllib.provision.clients import Clients
from drilllib.provision.inventory import Found
from drilllib.provision.left import Left, Report
from drilllib.provision.parts import Kind
from drilllib.provision.sending import sent_until
from drilllib.provision.unmarked import unmarked
from drilllib.provision.workload import remove_workload

WAIT_S, MOST_WAITS = 3.0, 100  # for a pool's machines and a load balancer to be gone: five minutes
LATE_S, LOOK_S = 90.0, 10.0  # how long after it was begun a part may still come to be seen; between two looks for it


class Remover:
    """
    Removes the drill of that id from *clusters* and their region.

    Args:
        clients: reads and writes.
        drill: its id.
        clusters: in which it may have node pools.
        journal: what was noted when it was made; None: whatever has its mark is its own.
        told: hears of each part before it is removed.
    """

    def __init__(
        self,
        clients: Clients,
        drill: str,
        clusters: Iterable[str],
        journal: Journal | None,
        told: Callable[[Kind, str], None] = lambda kind, name: None,
    ) -> None:
        self._clients, self._drill, self._clusters = clients, drill, tuple(clusters)
        self._journal, self._told, self._report = journal, told, Report()

    def remove(self) -> Report:
        """
        Remove all that can be removed.

        Raises:
            RefusedError: It cannot be read what there is; then nothing was removed.
        """
        found = self._found()
        groups = self._of(found, Kind.GROUP)
        add_ons = [AddOn(self._clients, cluster, groups, self._journal) for cluster in self._clusters]
        for each in self._of(found, Kind.NAMESPACE):
            self._try(each, partial(remove_workload, self._clients, self._drill, each))
        self._await_unbound(groups, "CLB", Kind.NAMESPACE)
        for each in self._of(found, Kind.POOL):
            self._try(each, partial(self._delete_pool, each))
        self._await_unbound(groups, "CVM", Kind.POOL)
        for add_on in add_ons:
            add_on.restore(self._report)
        for each in groups:
            self._try(each, partial(self._delete_group, each))
        for add_on in add_ons:  # once more: what was late is there by now
            add_on.restore(self._report)
        self._close(add_ons)
        return self._report

    def _close(self, add_ons: Iterable[AddOn]) -> None:
        """Tell what is there all the same; where nothing is, close the journal."""
        told = {(each.kind, each.name) for each in self._report.left}
        remaining = unmarked(self._clients, self._intents(), self._clusters)
        self._report.left += [each for each in remaining if (each.kind, each.name) not in told]
        for add_on in add_ons:
            add_on.tell_what_is_left(self._report)
        if self._journal is not None and not self._report.left:
            self._journal.close("removed")

    def _found(self) -> list[Found]:
        """What has the mark; looked for until all that was begun is there, or should be: lists may be late."""
        for _ in self._clients.waits():
            found = self._marked()
            if not self._unseen(found):
                return found
        for _ in range(round(LATE_S / LOOK_S)):
            if not any(map(self._may_be_late, self._unseen(found))):
                break
            self._clients.pause(LOOK_S)
            found = self._marked()
        return found

    def _marked(self) -> list[Found]:
        """What has the mark, by one look."""
        every = [*inventory.groups(self._clients), *inventory.namespaces(self._clients)]
        every += [each for cluster in self._clusters for each in inventory.pools(self._clients, cluster)]
        return [each for each in every if each.drill == self._drill]

    def _unseen(self, found: Iterable[Found]) -> list[Intent]:
        """What was begun and is not among what was found."""
        seen = {each.name for each in found} | {parts.ADD_ON, parts.WORKLOAD}
        return [each for each in self._intents() if each.state not in WHOLE and each.fields.get("name") not in seen]

    def _may_be_late(self, intent: Intent) -> bool:
        """Was it begun so lately that it may still come to be seen?"""
        with suppress(ValueError):
            begun = datetime.fromisoformat(str(intent.fields.get("at")))
            return begun.tzinfo is not None and self._clients.now() - begun < timedelta(seconds=LATE_S)
        return False

    def _intents(self) -> list[Intent]:
        return list(self._journal.intents.values()) if self._journal is not None else []

    def _of(self, found: Iterable[Found], kind: Kind) -> list[Found]:
        """Those of a kind that are ours to remove; the others are told."""
        ours = []
        for each in found:
            if each.kind is not kind:
                continue
            if each.is_kept:
                self._report.left.append(Left(kind, each.name, Message("a default group is never touched")))
            elif self._journal is not None and not self._noted(each):
                why = Message("it has the drill's mark, and the journal does not know it")
                self._report.left.append(Left(kind, each.name, why))
            else:
                ours.append(each)
        return ours

    def _noted(self, found: Found) -> list[int]:
        """The numbers of the journal's intents to make it: by its id, by name alone where an answer was lost."""
        return [each.number for each in self._intents() if _is_of(each, found)]

    def _try(self, found: Found, remove: Callable[[], str | Message | None]) -> None:
        """Remove one part; note and report what became of it."""
        self._told(found.kind, found.name)
        numbers = self._noted(found)
        for number in numbers:
            assert self._journal is not None
            self._journal.undoing(number)
        try:
            why = remove()
        except DrillError as error:
            why = error.problem_message
        if why is not None:
            self._report.left.append(Left(found.kind, found.name, why))
            return
        self._report.removed.append((found.kind, found.name))
        for number in numbers:
            assert self._journal is not None
            self._journal.undone(number)

    def _delete_pool(self, pool: Found) -> Message | None:
        call = CloudCall.of(*TKE_2022, "DeleteNodePool", ClusterId=pool.cluster, NodePoolId=pool.id)
        return sent_until(self._clients, call, lambda: not _has(inventory.pools(self._clients, pool.cluster), pool))

    def _delete_group(self, group: Found) -> Message | None:
        call = CloudCall.of(*VPC, "DeleteSecurityGroup", SecurityGroupId=group.id)
        return sent_until(self._clients, call, lambda: not _has(inventory.groups(self._clients), group))

    def _await_unbound(self, groups: list[Found], what: str, needs: Kind) -> None:
        """
        Wait until no group of ours is bound to a load balancer (CLB) or a machine (CVM) any more, for a while.

        What is left of the kind that it *needs* to be gone is not waited for.
        """
        ids = [each.id for each in groups if each.role == {"CLB": "clb", "CVM": "node"}[what]]
        for _ in range(MOST_WAITS if ids else 0):
            call = CloudCall.of(*VPC, "DescribeSecurityGroupAssociationStatistics", SecurityGroupIds=ids)
            answer = self._clients.read(call)
            rows = [row for page in answer.pages for row in page.get("SecurityGroupAssociationStatisticsSet") or ()]
            is_unbound = answer.refusal is not None or not any(row.get(what) for row in rows)
            if is_unbound or any(each.kind is needs for each in self._report.left):
                return
            self._clients.pause(WAIT_S)


def _is_of(intent: Intent, found: Found) -> bool:
    """Is it what was meant to be made? A thing of the same name with another id is somebody's copy."""
    if (intent.kind, intent.fields.get("name")) != (found.kind, found.name):
        return False
    known = intent.result.get("id")
    return known in (None, found.id) or bool(intent.result.get("sent_again"))


def _has(every: Iterable[Found], wanted: Found) -> bool:
    return any(each.id == wanted.id for each in every)
