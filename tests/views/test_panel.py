"""The rule panel: a click changes the lab, the path and the transcript together."""

import pytest

pytest.importorskip("ipywidgets", reason="ipywidgets is not installed")

from drilllib.core.rules import Direction
from drilllib.lesson import Lesson

NODE = "sg-node0001"


def boxes(panel) -> list:
    return [box for box, _ in panel._boxes[NODE]]


def texts(lesson: Lesson) -> list[str]:
    return [rule.text for rule in lesson.lab.rules(NODE, Direction.INGRESS)]


def test_unticking_the_drop_lets_the_rule_below_decide() -> None:
    """One click, and lab, picture and transcript agree."""
    lesson = Lesson("group-2")
    panel = lesson.panel(NODE)
    assert "504" in panel._transcript.value

    next(box for box in boxes(panel) if box.description.startswith("DROP")).value = False

    assert lesson.trace().verdict == "reachable"
    assert "200 OK" in panel._transcript.value
    assert "200 OK" in panel._picture.value


def test_a_rule_ticked_again_returns_to_its_place() -> None:
    """Order decides, so it must survive a change of mind."""
    lesson = Lesson("group-2")
    before = texts(lesson)
    box = boxes(lesson.panel(NODE))[1]

    box.value = False
    assert texts(lesson) != before
    box.value = True

    assert texts(lesson) == before


def test_an_offered_rule_goes_on_top() -> None:
    """Appended below the DROP ALL of the original drill it would do nothing."""
    lesson = Lesson("original-drill")
    panel = lesson.panel(NODE)

    boxes(panel)[0].value = True

    assert texts(lesson) == ["ACCEPT TCP 203.0.113.0/24 30713", "DROP ALL 0.0.0.0/0 ALL"]


def test_the_panel_has_a_text_and_a_picture_for_places_without_a_kernel() -> None:
    """Reopened and exported notebooks show the stored form."""
    bundle = Lesson("group-2").panel(NODE)._repr_mimebundle_()

    assert "[x] DROP ALL 0.0.0.0/0 ALL" in bundle["text/plain"]
    assert "504 Gateway Time-out" in bundle["text/plain"]


def test_a_click_after_the_lab_was_closed_says_so() -> None:
    """A dead panel that looks alive would teach nonsense."""
    lesson = Lesson("group-2")
    panel = lesson.panel(NODE)
    lesson.close()

    boxes(panel)[0].value = False

    assert "This lab is closed" in panel._picture.value
