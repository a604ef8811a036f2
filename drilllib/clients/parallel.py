"""Many reads at once, until a deadline, and ended at once by Ctrl-C."""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")
WORKERS = 8
MOST_A_SECOND = 8  # of one action; the lowest documented rate is 20 a second, shared with whoever has the same account
MOST_OF = {  # those documented with 100 a second [215/15804, 215/15817]
    "vpc.DescribeSecurityGroupPolicies": 40,
    "vpc.DescribeNetworkInterfaces": 40,
}


class Stopped(Exception):  # noqa: N818  it is no error
    """Nobody waits for this any more: the time was up, or the user has interrupted."""


class Until:
    """When to give up: a moment of `time.monotonic`, or sooner where `stop` is called."""

    def __init__(self, seconds: float) -> None:
        self._end, self._stopped = time.monotonic() + seconds, threading.Event()

    @property
    def left_s(self) -> float:
        """Seconds that are left; 0 where nobody waits any more."""
        return 0.0 if self._stopped.is_set() else max(0.0, self._end - time.monotonic())

    def stop(self) -> None:
        """Whoever works or pauses gives up."""
        self._stopped.set()

    def renew(self, seconds: float) -> None:
        """Begin anew, for those who read again later: give up *seconds* from now."""
        self._end = time.monotonic() + seconds
        self._stopped.clear()

    def pause(self, seconds: float) -> None:
        """
        Raises:
            Stopped: The time is up before, or somebody has called `stop`.
        """
        if seconds >= self.left_s or self._stopped.wait(seconds):
            raise Stopped


class Pace:
    """At most *most* starts of one name in any second, more where `MOST_OF` says so; those beyond wait."""

    def __init__(self, until: Until, most: int = MOST_A_SECOND) -> None:
        self._until, self._most, self._lock = until, most, threading.Lock()
        self._started: dict[str, deque[float]] = {}

    def wait(self, name: str) -> None:
        """
        Raises:
            Stopped: The turn comes after the time is up.
        """
        with self._lock:
            started = self._started.setdefault(name, deque(maxlen=MOST_OF.get(name, self._most)))
            now = time.monotonic()
            turn = max(now, started[0] + 1.0) if len(started) == started.maxlen else now
            started.append(turn)
        if turn > now:
            self._until.pause(turn - now)


class Parallel(Generic[Item, Found]):
    """
    *work* on many items by threads that end with the process, so that no slow answer keeps anybody waiting.

    *told* hears how many of an `each` are done, and of how many.
    """

    def __init__(
        self,
        work: Callable[[Item], Found],
        until: Until,
        *,
        workers: int = WORKERS,
        told: Callable[[int, int], None] | None = None,
    ) -> None:
        self._work, self._until, self._workers = work, until, workers
        self._told = told or (lambda done, of: None)

    def each(self, items: Sequence[Item]) -> tuple[Found | None, ...]:
        """What *work* made of each; None where the time was up first. An exception in *work* is raised here."""
        todo: queue.SimpleQueue[int] = queue.SimpleQueue()
        done: queue.SimpleQueue[tuple[int, Found | BaseException]] = queue.SimpleQueue()
        for place in range(len(items)):
            todo.put(place)
        for _ in range(min(self._workers, len(items))):
            threading.Thread(target=self._run, args=(items, todo, done), daemon=True).start()
        try:
            return self._collected(len(items), done)
        except BaseException:
            self._until.stop()
            raise

    def _run(
        self,
        items: Sequence[Item],
        todo: "queue.SimpleQueue[int]",
        done: "queue.SimpleQueue[tuple[int, Found | BaseException]]",
    ) -> None:
        with suppress(queue.Empty, Stopped):
            while self._until.left_s:
                place = todo.get_nowait()
                try:
                    done.put((place, self._work(items[place])))
                except Stopped:
                    raise
                except BaseException as error:
                    done.put((place, error))

    def _collected(
        self, number: int, done: "queue.SimpleQueue[tuple[int, Found | BaseException]]"
    ) -> tuple[Found | None, ...]:
        found: list[Found | None] = [None] * number
        for count in range(1, number + 1):
            try:
                place, made = done.get(timeout=self._until.left_s)
            except queue.Empty:
                break
            if isinstance(made, BaseException):
                raise made
            found[place] = made
            self._told(count, number)
        return tuple(found)
