"""Work that may take long, kept off the event loop: a panel's page stays alive while a slow lab answers."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Worker(Generic[Item, Result]):
    """
    Does *work* on what is put in, in order and one at a time, and hands the result to *deliver*.

    Items that come while work is under way are done together afterwards; what they overtook is not delivered. A thread
    lives only while there is work. Both callables are called from it, never twice at a time.
    """

    def __init__(self, work: Callable[[list[Item]], Result], deliver: Callable[[Result], None]) -> None:
        self._work, self._deliver = work, deliver
        self._waiting: list[Item] = []
        self._at_work = False
        self._state = threading.Lock()
        self._turn = threading.Lock()

    def put(self, item: Item) -> None:
        """Have *item* worked on, and return at once."""
        with self._state:
            self._waiting.append(item)
            if self._at_work:
                return
            self._at_work = True
        threading.Thread(target=self._run, name="drill-panel", daemon=True).start()

    def do(self, item: Item) -> None:
        """Work on *item* and deliver before returning."""
        with self._turn:
            self._deliver(self._work([item]))

    def _run(self) -> None:
        try:
            while items := self._take():
                with self._turn:
                    result = self._work(items)
                    if not self._waiting:
                        self._deliver(result)
        except BaseException:
            self._at_work = False  # so that the next item finds somebody
            raise

    def _take(self) -> list[Item]:
        """Everything that waits; nothing, and the thread is about to end."""
        with self._state:
            items, self._waiting = self._waiting, []
            self._at_work = bool(items)
            return items
