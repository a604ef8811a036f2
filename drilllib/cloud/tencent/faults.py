"""What can go wrong with a request on purpose, for tests and lessons: set per action, counted or by chance."""

import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from threading import Lock
from typing import Any


class Kind(StrEnum):
    """
    How it goes wrong. Before the work: throttled, denied, server_error, page, dropped, crash_before; nothing has
    changed. After it: answer_lost, cut, crash_after, slow; it was done, and the caller may not know. late: it was done,
    and for a while everybody still reads what was before. page: the login page of a proxy comes, with status 200; cut:
    half of the answer comes.
    """

    THROTTLED = "throttled"
    DENIED = "denied"
    SERVER_ERROR = "server_error"
    PAGE = "page"
    DROPPED = "dropped"
    CRASH_BEFORE = "crash_before"
    CRASH_AFTER = "crash_after"
    ANSWER_LOST = "answer_lost"
    CUT = "cut"
    SLOW = "slow"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    One fault of requests for *action*: its name, or what CAM calls the right to it; "*" for all of Tencent Cloud's API.
    Requests of the Kubernetes API are called as `kube.rbac.names_of` says, ``kubernetes list shop/pods``.

    *times* is how many requests it still strikes, None for all; *probability*, from 0 to 1, how likely it strikes
    each. *seconds* is how long an answer is slow or a change is late; *status* the HTTP status of a server_error.
    """

    kind: Kind
    action: str = "*"
    times: int | None = 1
    probability: float = 1.0
    seconds: float = 0.0
    status: int = 503


class Faults:
    """The faults that are set. *seed* makes chance repeat itself."""

    def __init__(self, faults: Iterable[Fault] = (), *, seed: int | None = None) -> None:
        self._faults = list(faults)
        self._random = random.Random(seed)
        self._lock = Lock()

    def set(self, kind: Kind | str, action: str = "*", **details: Any) -> Fault:
        """Add a fault; see `Fault` for the details. Raises ValueError where the kind is unknown."""
        fault = Fault(kind=Kind(kind), action=action, **details)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self, action: str | None = None) -> None:
        """Forget the faults of one action, or all."""
        with self._lock:
            self._faults = [each for each in self._faults if action not in (None, each.action)]

    def listed(self) -> list[dict[str, Any]]:
        """Every fault that may still strike, as plain data."""
        with self._lock:
            return [asdict(each) for each in self._faults]

    def strike(self, *names: str) -> dict[Kind, Fault]:
        """The faults that strike this one request, which has these names; they are counted down."""
        struck: dict[Kind, Fault] = {}
        with self._lock:
            for place, fault in enumerate(self._faults):
                due = fault.action in names and fault.times != 0 and fault.kind not in struck
                if due and self._random.random() < fault.probability:
                    struck[fault.kind] = fault
                    left = None if fault.times is None else fault.times - 1
                    self._faults[place] = replace(fault, times=left)
            self._faults = [each for each in self._faults if each.times != 0]
        return struck
