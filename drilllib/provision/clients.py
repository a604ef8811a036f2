"""Whom a drill is made by: reads of the cloud and the cluster, and writes of both."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from drilllib.clients.access import Access, by_sdk, permission_of
from drilllib.clients.checks import login_refused, require_answers
from drilllib.clients.kubernetes_writes import KubernetesWriter
from drilllib.clients.parallel import Until
from drilllib.clients.settings import Settings
from drilllib.core.capture.asks import Answer, Ask, CloudCall, KubernetesRead, Refusal, RefusalKind
from drilllib.core.capture.calls import NODES
from drilllib.errors import DrillError, quoted
from drilllib.guard.cloud import Cloud
from drilllib.guard.journal import utc_now

PAGE = 100
MOST_PAGES = 50
WAITS_S = (0.0, 0.5, 1.0, 2.0, 4.0)  # between looks for what was made, while a list may still be late
Asked = Callable[[CloudCall], Answer]


class RefusedError(DrillError):
    """Something that has to be known was not told, or a step is not allowed."""


class NotDoneError(RefusedError):
    """A step was refused, and it is certain that nothing of it was done."""


@dataclass(slots=True)
class Clients:
    """
    *read* answers calls that change nothing, *write* sends one that does; *kubernetes* reads and writes the cluster.

    *pause* waits so many seconds, *now* is the clock. *region* is where calls go.
    """

    read: Asked
    write: Asked
    kubernetes: KubernetesWriter
    region: str
    pause: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = utc_now

    @property
    def server(self) -> str:
        """The API server's address."""
        return self.kubernetes.cluster.server

    def guarded(self) -> Cloud:
        """The cloud as a guard of changes reads and writes it."""
        return Cloud(self.read, self.write, self.pause, lambda: self.region, lambda: self.kubernetes)

    def ask(self, ask: Ask) -> Answer:
        """The answer to any read."""
        return self.read(ask) if isinstance(ask, CloudCall) else self.kubernetes(ask)

    def page(self, call: CloudCall) -> Mapping[str, Any]:
        """The first page of the answer to a read. Raises RefusedError."""
        return whole(self.read(call))[0]

    def rows(self, page: Callable[[int], CloudCall], name: str) -> list[dict[str, Any]]:
        """
        What the pages of a read list under *name*; *page* makes the call from an offset on.

        Raises:
            RefusedError: It is not answered, or never ends.
        """
        found: list[dict[str, Any]] = []
        for _ in range(MOST_PAGES):
            answer = self.page(page(len(found)))
            rows = answer.get(name) or []
            found += [dict(each) for each in rows]
            if not rows or len(found) >= int(answer.get("TotalCount") or 0):
                return found
        raise RefusedError("{what} does not come to an end", remedy="Try again", what=page(0).action)

    def get(self, read: KubernetesRead) -> dict[str, Any] | None:
        """An object; None where it is not there. Raises RefusedError."""
        answer = self.kubernetes(read)
        if answer.refusal is not None and answer.refusal.kind is RefusalKind.ABSENT:
            return None
        return dict(whole(answer)[0])

    def objects(self, read: KubernetesRead) -> list[dict[str, Any]]:
        """A list of objects; empty where there is no such kind. Raises RefusedError."""
        answer = self.kubernetes(read)
        if answer.refusal is not None and answer.refusal.kind is RefusalKind.ABSENT:
            return []
        return [dict(item) for page in whole(answer) for item in page.get("items") or ()]

    def waits(self) -> Iterator[int]:
        """The number of each look, with a pause before it that grows."""
        for number, wait_s in enumerate(WAITS_S):
            self.pause(wait_s)
            yield number


def whole(answer: Answer) -> tuple[Mapping[str, Any], ...]:
    """The pages of an answer. Raises RefusedError where there is none, or not all of it."""
    if answer.refusal is None and answer.pages:
        return answer.pages
    assert answer.ask is not None
    raise refused(answer.ask, answer.refusal)


def refused(
    ask: Ask, refusal: Refusal | None, kind: type[RefusedError] = RefusedError, *, verb: str = ""
) -> RefusedError:
    """Why an ask has no answer, with what to grant where it is not allowed; *verb* of one that is no read."""
    what = f"{verb} {ask.resource}" if verb and isinstance(ask, KubernetesRead) else spelled(ask)
    login = login_refused(refusal)
    if login is not None:
        return kind(login[0], remedy=login[1])
    if refusal is not None and refusal.kind is RefusalKind.FORBIDDEN:
        return kind(
            "{what} is not allowed",
            remedy="Grant {right}; drill up --print-policy prints all that is needed",
            what=what,
            right=refusal.permission or what,
        )
    code = refusal.code if refusal else "no page"
    return kind("{what} was refused: {code}", remedy="Try again later", what=what, code=quoted(code))


def spelled(ask: Ask) -> str:
    """How an ask is called in a message: its action, or the verb and the resource."""
    if isinstance(ask, CloudCall):
        return ask.action
    return f"{'get' if ask.name else 'list'} {ask.resource}"


def opened(settings: Settings, environment: Mapping[str, str], home: Path) -> Clients:
    """
    The SDK and the Kubernetes client, by the user's keys.

    Raises:
        DrillError: There are no keys or no cluster, or one of them does not answer.
    """
    until = Until(settings.deadline_s)
    access = by_sdk(settings, environment, home, until)
    _learn_region(access)
    cluster = access.readers[1].cluster
    writer = KubernetesWriter(cluster, until, permission=permission_of, impersonated=settings.impersonated)
    assert access.write is not None  # as of every SDK
    return Clients(access.cloud, access.write, writer, access.region, until.pause)


def _learn_region(access: Access) -> None:
    """The nodes tell the region where nothing else does, and whether the cluster answers."""
    answers = [access.kubernetes(NODES)]
    require_answers(answers, access)
    if not access.region:
        access.learn_region(answers)
    if not access.region:
        raise RefusedError(
            "The region of the cluster is not known", remedy="Say it with --region, such as --region ap-guangzhou"
        )
