"""The worker behind a panel: in order, one at a time, and it survives what goes wrong."""

import asyncio
import threading
import time

import pytest

from drilllib.views.panel.worker import Worker
from tests.waits import wait_until


def test_items_are_worked_on_in_order_and_each_once() -> None:
    """Four threads that click as fast as they can."""
    done: list[tuple[int, int]] = []
    worker = Worker(lambda items: done.extend(items), lambda result: None, lambda result: None)

    def click(thread: int) -> None:
        for number in range(200):
            worker.put((thread, number))

    threads = [threading.Thread(target=click, args=(each,)) for each in range(4)]
    for each in threads:
        each.start()
    assert wait_until(lambda: len(done) == 800)

    for thread in range(4):
        assert [number for owner, number in done if owner == thread] == list(range(200))


def test_nothing_runs_twice_at_a_time_and_no_thread_is_left() -> None:
    busy, most, done = 0, 0, 0

    def work(items: list[int]) -> None:
        nonlocal busy, most, done
        busy += 1
        most = max(most, busy)
        time.sleep(0.001)
        done += len(items)
        busy -= 1

    worker = Worker(work, lambda result: None, lambda result: None)
    for number in range(50):
        worker.put(number)
        if number % 10 == 0:
            worker.do(number)
    assert wait_until(lambda: done == 55)

    assert most == 1
    assert wait_until(lambda: not any(each.name == "drill-panel" for each in threading.enumerate()))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_after_a_failure_the_next_item_is_worked_on() -> None:
    """A panel that died in silence would look alive."""
    delivered: list[int] = []

    def deliver(items: list[int]) -> None:
        if items == [1]:
            raise OSError("the page is gone")
        delivered.extend(items)

    worker = Worker(lambda items: items, deliver, lambda result: None)
    worker.put(1)
    assert wait_until(lambda: not any(each.name == "drill-panel" for each in threading.enumerate()))
    worker.put(2)
    assert wait_until(lambda: delivered == [2])


def test_at_rest_the_last_result_is_left_behind_and_a_command_from_code_leaves_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What takes long and nobody waits for must not be in the way of the next click."""
    monkeypatch.setattr("drilllib.views.panel.worker.REST_S", 1.0)
    delivered: list[int] = []
    left: list[int] = []
    worker = Worker(lambda items: items[-1], delivered.append, left.append)
    for number in range(5):
        worker.put(number)
        wait_until(lambda number=number: delivered[-1:] == [number])

    assert wait_until(lambda: left == [4])
    worker.do(7)
    assert left == [4, 7]


def test_where_no_thread_can_be_started_a_click_is_worked_on_at_once_and_the_rest_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a browser's Python a thread that cannot start would leave the panel dead, and nobody would hear of it."""
    monkeypatch.setattr("drilllib.views.panel.worker.THREADS", False)
    monkeypatch.setattr("drilllib.views.panel.worker.REST_S", 0.01)
    monkeypatch.setattr(threading.Thread, "start", lambda self: pytest.fail("a thread was started"))
    delivered: list[int] = []
    left: list[int] = []

    async def clicks() -> None:
        worker = Worker(lambda items: items[-1], delivered.append, left.append)
        for number in range(3):
            worker.put(number)
            assert delivered[-1] == number
        assert left == []
        while not left:
            await asyncio.sleep(0.01)

    asyncio.run(clicks())
    assert (delivered, left) == ([0, 1, 2], [2])
