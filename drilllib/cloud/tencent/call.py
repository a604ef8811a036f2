"""One request that is about to be answered, and the table of all actions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from drilllib.cloud.tencent.faults import Faults
from drilllib.core.drills.lab import Observation
from drilllib.core.snapshot.snapshot import Snapshot

Document = dict[str, Any]
Tasks = dict[str, tuple[datetime, list[str]]]  # CLB tasks by id: when each is done, and the CLBs it is about
Checked = tuple[str, str | None, str]  # listener, forwarding rule (None at layer 4), name of a target
Ask = Callable[..., Observation]  # of an address; port, path and host by name
Health = Callable[[], Mapping[Checked, str]]


class Services(Protocol):
    """What actions need besides the document."""

    kubeconfig: Callable[[], str] | None
    health: Health | None
    ask: Ask | None
    pool_seconds: float
    faults: Faults
    tasks: Tasks
    task_seconds: float

    def now(self) -> datetime: ...
    def new_id(self, prefix: str, length: int = 8) -> str: ...
    def snapshot(self) -> Snapshot: ...


@dataclass(frozen=True, slots=True)
class Call:
    """
    A request whose form is right. *params* have been tidied; *given* is what was sent, where "" has a meaning.

    *document* is the snapshot document, to be changed only by actions that write.
    """

    params: Mapping[str, Any]
    given: Mapping[str, Any]
    document: Document
    request_id: str
    services: Services = field(repr=False)

    @property
    def time(self) -> str:
        """Now, as the VPC and CLB services write it; in UTC here, whatever the vendor's clocks say."""
        return self.services.now().strftime("%Y-%m-%d %H:%M:%S")


Function = Callable[[Call], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Action:
    """
    *function* answers a call, *shape* is what parameters it takes; see `schema`. *settled*: it writes only what no
    controller looks at, such as the rules of a group, so that none has to run after it.
    """

    function: Function
    shape: Mapping[str, Any]
    writes: bool
    settled: bool


ACTIONS: dict[tuple[str, str, str], Action] = {}  # by service, version and name


def action(
    service: str,
    version: str,
    name: str,
    shape: Mapping[str, Any],
    *,
    writes: bool = False,
    settled: bool = False,
) -> Callable[[Function], Function]:
    """Enter a function into the table as that action."""

    def enter(function: Function) -> Function:
        ACTIONS[service, version, name] = Action(function, shape, writes, settled)
        return function

    return enter


def part(document: Document, name: str, kind: type) -> Any:
    """A part of the document to be changed, a list or a dict; made where it is not there."""
    if document.get(name) is None:
        document[name] = kind()
    return document[name]
