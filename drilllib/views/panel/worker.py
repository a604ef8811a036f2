"""A worker thread, so that a panel's page stays responsive while a slow lab answers; in a browser's Python, none."""

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
REST_S = 0.3  # without an item, so long, is a rest
THREADS = sys.platform != "emscripten"  # no thread can be started there; its labs answer in milliseconds


class Worker(Generic[Item, Result]):
    """
    Calls *work* on the items put in, in order and one call at a time, and passes the result to *deliver*.

    *rest* is called with the result delivered last, once no item has arrived for `REST_S`: for what may wait.
    Items that arrive during a call are worked on together in the next one, and the overtaken result is not delivered.
    A thread exists only while there is work; the callables run in it, and never concurrently. Where there are no
    threads, an item is worked on at once, and the rest is left to the event loop.
    """

    def __init__(
        self, work: Callable[[list[Item]], Result], deliver: Callable[[Result], None], rest: Callable[[Result], None]
    ) -> None:
        self._work, self._deliver, self._rest = work, deliver, rest
        self._waiting: list[Item] = []
        self._at_work = False
        self._arrived = threading.Event()
        self._latest: list[Result] = []
        self._state = threading.Lock()
        self._turn = threading.Lock()
        self._rests: asyncio.TimerHandle | None = None

    def put(self, item: Item) -> None:
        """Queue *item* and return at once; where there are no threads, when its result is delivered."""
        if not THREADS:
            self._put_here(item)
            return
        with self._state:
            self._waiting.append(item)
            self._arrived.set()
            if self._at_work:
                return
            self._at_work = True
        threading.Thread(target=self._run, name="drill-panel", daemon=True).start()

    def _put_here(self, item: Item) -> None:
        self._deliver_now(self._work([item]))
        if self._rests:
            self._rests.cancel()
        self._rests = asyncio.get_running_loop().call_later(REST_S, lambda: self._rest(*self._latest))

    def do(self, item: Item) -> None:
        """Work on *item* and deliver the result before returning."""
        with self._turn:
            self._deliver_now(self._work([item]))
            self._rest(*self._latest)

    def _deliver_now(self, result: Result) -> None:
        self._deliver(result)
        self._latest = [result]

    def _run(self) -> None:
        try:
            while items := self._take():
                with self._turn:
                    result = self._work(items)
                    if not self._waiting:
                        self._deliver_now(result)
                if not self._arrived.wait(REST_S):
                    with self._turn:
                        self._rest(*self._latest)
        except BaseException:
            self._at_work = False  # so that the next item starts a thread
            raise

    def _take(self) -> list[Item]:
        """Everything that waits. If nothing does, the thread ends."""
        with self._state:
            items, self._waiting = self._waiting, []
            self._arrived.clear()
            self._at_work = bool(items)
            return items
