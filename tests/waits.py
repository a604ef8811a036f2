"""How the tests wait: for an event, with a bound that only what never happens reaches, however busy the machine is."""

import time
from collections.abc import Callable

PATIENCE_S = 120


def wait_until(true: Callable[[], object]) -> bool:
    """Does it come true in the end?"""
    end = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
