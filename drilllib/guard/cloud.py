"""Rules and bindings as a guard reads and writes them, one after another, with what became of a write."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drilllib.clients.access import Access, cloud_by_sdk, writer_of
from drilllib.clients.checks import login_refused
from drilllib.clients.kubernetes_api import find_cluster
from drilllib.clients.kubernetes_writes import KubernetesWriter
from drilllib.clients.parallel import Until
from drilllib.clients.settings import Settings
from drilllib.clients.writes import VERSION_MISMATCH, may_be_done
from drilllib.core.capture.asks import Answer, CloudCall, Refusal, RefusalKind
from drilllib.core.capture.calls import rules_of
from drilllib.core.changes.bindings import groups_in, read_call
from drilllib.core.rules.policies import group_from_policy_set
from drilllib.core.rules.rules import Direction, Rule
from drilllib.errors import DrillError, LabStateError, MissingToolError, UnknownNameError, quoted
from drilllib.guard.errors import UncertainWriteError, WriteRefusedError

WAITS_S = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)  # between looks until a change is seen
LONGEST_S = 1e9  # a guard lives as long as whoever uses it; each request has its own limits
Asked = Callable[[CloudCall], Answer]
Page = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """One list as it is now, and the Version it was read with."""

    rules: tuple[Rule, ...]
    version: str


class Outcome(str):
    """What became of a write: ``done``, ``stale`` (another Version by then) or ``unknown``."""


DONE, STALE, UNKNOWN = Outcome("done"), Outcome("stale"), Outcome("unknown")


def _no_cluster() -> KubernetesWriter:
    raise LabStateError("No cluster is known here", remedy="Name it with --kubeconfig and --context")


@dataclass(frozen=True, slots=True)
class Cloud:
    """
    *read* answers calls that change nothing, *write* those that do; *pause* waits for so many seconds.

    *region* is where calls go that name none. *kubernetes* gives what writes to the cluster, where that is needed; it
    raises DrillError where there is none.
    """

    read: Asked
    write: Asked
    pause: Callable[[float], None] = time.sleep
    region: Callable[[], str] = lambda: ""
    kubernetes: Callable[[], KubernetesWriter] = _no_cluster

    @classmethod
    def by_sdk(cls, settings: Settings, environment: Mapping[str, str], home: Path) -> "Cloud":
        """
        The cloud by the user's keys alone; no cluster is needed, but where settings of a Service are written.

        Raises:
            DrillError: There are no keys, or the SDK is not installed.
        """
        if settings.via == "tools":
            raise _by_tools()
        until = Until(LONGEST_S)
        reader, _ = cloud_by_sdk(settings, environment, home, until)

        def kubernetes() -> KubernetesWriter:
            cluster = find_cluster(environment, kubeconfig=settings.kubeconfig, context=settings.context)
            return writer_of(cluster, settings, until)

        return cls(reader, reader.write, region=lambda: reader.region, kubernetes=kubernetes)

    @classmethod
    def of(cls, access: Access) -> "Cloud":
        """
        The cloud behind what a capture reads by.

        Raises:
            MissingToolError: It is read by the user's own tools, by which nothing is written.
        """
        if access.write is None:
            raise _by_tools()
        kubernetes = access.kubernetes_writer or _no_cluster
        return cls(access.cloud, access.write, region=lambda: access.region, kubernetes=kubernetes)

    def page(self, call: CloudCall) -> Page:
        """
        The one page of an answer.

        Raises:
            UnknownNameError: There is no such thing.
            LabStateError: It cannot be read.
        """
        answer = self.read(call)
        if answer.refusal is None and answer.pages:
            return answer.pages[0]
        raise _unread(call, answer.refusal)

    def pages(self, call: CloudCall) -> Iterator[Page]:
        """All pages of an answer. Raises as `page` does."""
        answer = self.read(call)
        if answer.refusal is not None:
            raise _unread(call, answer.refusal)
        yield from answer.pages

    def rules(self, group: str, direction: Direction, region: str = "") -> Listed:
        """One list of a group. Raises as `page` does."""
        found = self.page(rules_of(group, region)).get("SecurityGroupPolicySet") or {}
        lists = {name: found.get(name) or [] for name in ("Ingress", "Egress")}
        rules = group_from_policy_set(group, lists).rules(direction)
        return Listed(rules or (), str(found.get("Version") or "0"))

    def groups(self, resource: str, region: str = "") -> tuple[str, ...]:
        """The groups of a resource. Raises as `page` does."""
        found = groups_in(resource, self.page(read_call(resource, region)))
        if found is None:
            raise UnknownNameError(
                "There is no {resource} here", remedy="Another account or region may have it", resource=quoted(resource)
            )
        return found

    def send(self, call: CloudCall) -> Outcome:
        """
        Send a call that changes something, once.

        Raises:
            WriteRefusedError: It was surely not done, for another reason than its Version.
        """
        refusal = self.write(call).refusal
        if refusal is None:
            return DONE
        if refusal.code == VERSION_MISMATCH:
            return STALE
        if may_be_done(refusal):
            return UNKNOWN
        raise _refused(call, refusal)


def _by_tools() -> MissingToolError:
    return MissingToolError("Nothing is written by the user's own tools", remedy="Leave out --via tools")


def uncertain(call: CloudCall, journal: str) -> UncertainWriteError:
    """Nobody can say whether *call* was done."""
    return UncertainWriteError(
        "It is not known whether {action} was done: no answer came, and it is not to be seen",
        remedy="Look with `drill changes`; `drill rollback {journal}` takes back whatever was done",
        action=call.action,
        journal=journal,
    )


def _unread(call: CloudCall, refusal: Refusal | None) -> DrillError:
    if refusal and refusal.kind is RefusalKind.ABSENT:
        return UnknownNameError(
            "{action} finds no such thing: {code}",
            remedy="Another account or region may have it",
            action=call.action,
            code=refusal.code,
        )
    login = login_refused(refusal)
    if login is not None:
        return LabStateError(login[0], remedy=login[1])
    return LabStateError(
        "{action} cannot be read: {code}{detail}",
        remedy="Grant {permission}" if refusal and refusal.permission else "Try again when it can be read",
        action=call.action,
        code=refusal.code if refusal else "EmptyAnswer",
        detail=f": {refusal.message}" if refusal and refusal.message else "",
        permission=refusal.permission if refusal else "",
    )


def _refused(call: CloudCall, refusal: Refusal) -> WriteRefusedError:
    login = login_refused(refusal)
    if login is not None:
        return WriteRefusedError(login[0], remedy=login[1])
    return WriteRefusedError(
        "{action} was refused: {code}{detail}",
        remedy="Grant {permission}" if refusal.permission else "Nothing was written by this call",
        action=call.action,
        code=refusal.code,
        detail=f": {refusal.message}" if refusal.message else "",
        permission=refusal.permission,
    )
