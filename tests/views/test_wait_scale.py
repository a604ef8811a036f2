"""The bar of a wait: its scale has room for it."""

import pytest

from drilllib.lesson.lesson import Lesson
from drilllib.views.panel.symptom_state import _scale

SCALES = {0.0: 6, 4.0: 6, 6.0: 6, 6.1: 60, 60.0: 60, 75.0: 150, 127.0: 150, 151.0: 300, 900.0: 1500}


@pytest.mark.parametrize(("seconds", "last"), SCALES.items())
def test_the_scale_is_the_shortest_that_the_wait_fits(seconds: float, last: int) -> None:
    assert _scale(seconds) == [0, last // 3, 2 * last // 3, last]


def test_a_connect_timeout_fits_its_bar() -> None:
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    state = Lesson("first-steps").panel(reveal=3).symptom.state

    assert state["seconds"] > 60
    assert state["seconds"] <= state["scale"][-1]
