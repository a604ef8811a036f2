"""What a level of reveal hides is not in what the page is sent; what it shows is."""

import json
from typing import get_args

import pytest

from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.path import Check
from drilllib.core.trace.request import trace
from drilllib.views.picture.reveal import Level, revealed
from drilllib.views.picture.scene import scene
from tests.views.test_scene import two_targets

pytest.importorskip("anywidget", reason="anywidget is not installed")

from drilllib.views.panel.path_view import PathView

CLIENT = "203.0.113.10"


def answer(name: str) -> Trace:
    return trace(open_fault(name), Question(client=CLIENT, service="shop/web", port=80))


def sent(found: Trace, level: int) -> str:
    """The whole message to the page."""
    return json.dumps(PathView(found, "en", reveal=level).state)


def checks(found: Trace) -> list[Check]:
    return [check for path in found.paths for hop in path.hops for check in hop.checks]


@pytest.mark.parametrize("name", FAULTS)
def test_the_first_level_has_no_verdict_and_no_rule(name: str) -> None:
    found = answer(name)
    message = sent(found, 1)

    assert not any(
        word in message for word in ("ACCEPT", "DROP", "stopped", "unreached", "not reached", "Alive", "Dead")
    )
    assert not any(check.rule in message or str(check.group) in message for check in checks(found) if check.rule)
    assert all(hop.name in message for path in found.paths for hop in path.hops)


@pytest.mark.parametrize("name", FAULTS)
def test_the_second_level_has_the_verdicts_and_no_rule(name: str) -> None:
    found = answer(name)
    drawn = revealed(scene(found, "en"), 2)
    message = sent(found, 2)

    assert [card.state for card in drawn.cards] == [card.state for card in scene(found, "en").cards]
    for check in (check for check in checks(found) if check.rule):
        assert check.rule not in message
        assert check.rule.split(" ", 1)[1] not in message
        assert f"[{check.policy_index}]" not in message


@pytest.mark.parametrize("name", FAULTS)
def test_the_third_level_is_the_scene(name: str) -> None:
    assert revealed(scene(answer(name), "zh"), 3) == scene(answer(name), "zh")


def test_the_order_of_lanes_tells_nothing_at_the_first_level() -> None:
    """Broken ones come last later on."""
    first, last = scene(two_targets(), "en").lanes
    shown = revealed(scene(two_targets(), "en"), 1).lanes

    assert [lane.cards for lane in shown] == sorted([first.cards, last.cards])
    assert not any(lane.title or lane.outcome or lane.steps or lane.folded for lane in shown)


def test_a_pressed_place_is_passed_on_and_anything_else_is_not() -> None:
    heard: list[str] = []
    view = PathView(answer("group-2"), "en", reveal=1, on_where=heard.append)

    for message in ({"where": "node-node-a"}, {"where": 3}, {"do": "where"}, {}):
        view._heard(None, message, None)

    assert heard == ["node-node-a"]


def test_levels_are_three() -> None:
    assert get_args(Level) == (1, 2, 3)
