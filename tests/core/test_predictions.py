"""What can be predicted: one right option, told by the engine, and options that do not give it away."""

import pytest

from drilllib.core.drills.faults import FAULTS, LISTENERS, open_fault
from drilllib.core.quiz.predictions import Prediction, Topic, predict
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import with_rules
from drilllib.core.trace.answer import Question
from drilllib.errors import InvalidInputError, LabStateError, UnknownNameError

CLIENT, NODE = "203.0.113.10", "sg-node0001"
# By hand, from what the lessons and docs/model.md say of each fault: what the client meets at an HTTP listener, where
# the packet stops, and the target's health.
TOLD = {
    "healthy": ("200", "nowhere", "Alive"),
    "first-steps": ("connect_timeout", "clb", "Alive"),
    "original-drill": ("connect_timeout", "clb", "Dead"),
    "group-1": ("connect_timeout", "clb", "Alive"),
    "group-2": ("504", "node", "Alive"),
    "group-3": ("504", "pod", "Dead"),
    "same-node": ("200", "nowhere", "Alive"),
    "inherited": ("504", "pod", "Dead"),
    "two-groups": ("504", "node", "Alive"),
    "direct-access": ("200", "nowhere", "Alive"),
    "direct-group-3": ("504", "pod", "Alive"),
    "pass-to-target": ("200", "nowhere", "Alive"),
    "local-policy": ("504", "no_group", "Dead"),
    "history": ("200", "nowhere", "Alive"),
}


def asked(
    fault: str, what: str, *, listener: str = "HTTP", client: str = CLIENT, group: str | None = None
) -> Prediction:
    return predict(
        open_fault(fault, listener=listener), Question(client=client, service="shop/web", port=80), what, group=group
    )


def right(prediction: Prediction) -> str:
    return prediction.options[prediction.right]


@pytest.mark.parametrize(("fault", "told"), TOLD.items())
def test_the_engine_says_what_the_lessons_say(fault: str, told: tuple[str, str, str]) -> None:
    assert tuple(right(asked(fault, what)) for what in ("outcome", "hop", "health")) == told
    assert right(asked(fault, "reach")) == ("yes" if told[0] == "200" else "no")


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("fault", FAULTS)
def test_exactly_one_option_is_right_and_none_comes_twice(fault: str, listener: str) -> None:
    for topic in [*Topic]:
        if topic is not Topic.RULE:
            options = asked(fault, topic, listener=listener).options
            assert len(set(options)) == len(options) >= 3


@pytest.mark.parametrize("topic", ["outcome", "hop", "health", "reach"])
def test_what_is_offered_does_not_depend_on_what_is_right(topic: str) -> None:
    """An option that is there only where it is right would be read off the list."""
    assert len({asked(fault, topic).options for fault in TOLD}) == 1


def test_the_deciding_rule_is_that_of_the_list_read_from_the_top() -> None:
    assert right(asked("group-2", "rule", group=NODE)) == f"{NODE}[2]"
    assert right(asked("two-groups", "rule", group=NODE)) == "sg-old00001[0]"
    assert right(asked("first-steps", "rule", group="sg-clb00001")) == "-"
    assert right(asked("pass-to-target", "rule", group=NODE)) == "not_asked"
    assert right(asked("history", "rule", group=NODE, client="198.51.100.100")) == f"{NODE}[0]"


def test_of_a_long_list_few_rules_are_offered_and_always_the_same() -> None:
    """Eleven rules to choose from are a list to scroll, no question."""
    first, again = (asked("history", "rule", group=NODE) for _ in range(2))

    assert first == again
    assert len(first.options) == 6
    assert [*first.options[:-2]] == sorted(first.options[:-2], key=lambda each: [*first.rules].index(each))


def test_a_rule_that_matches_too_and_stands_below_is_offered() -> None:
    """By hand: [3] and [4], the block that does not work, both match 198.51.100.100 to 30713, below [0]."""
    found = asked("history", "rule", group=NODE, client="198.51.100.100")

    assert {f"{NODE}[{place}]" for place in (0, 3, 4)} < {*found.options}
    assert len(found.options) == 6


def test_wherever_the_rule_stands_it_is_offered() -> None:
    """The choice of the others must never push it out."""
    for place in range(8):
        lines = [f"ACCEPT TCP 198.51.{each}.0/24 30713" for each in range(8)]
        lines.insert(place, f"ACCEPT TCP {CLIENT} 30713")
        rules = tuple(rule_from_text(each) for each in lines)
        snapshot = with_rules(open_fault("healthy"), NODE, Direction.INGRESS, rules)
        found = predict(snapshot, Question(client=CLIENT, service="shop/web"), "rule", group=NODE)
        assert right(found) == f"{NODE}[{place}]"
        assert len(found.options) == 6


def test_a_udp_service_is_asked_about_in_its_own_terms() -> None:
    prediction = asked("udp", "outcome")

    assert prediction.options == ("answered", "no_answer", "port_unreachable")
    assert right(prediction) == "no_answer"


@pytest.mark.parametrize(
    ("what", "group", "error", "said"),
    [
        ("weather", None, UnknownNameError, "outcome or hop or rule"),
        ("rule", None, InvalidInputError, "group="),
        ("rule", "sg-none0001", LabStateError, "does not come to 'sg-none0001'"),
    ],
)
def test_what_cannot_be_asked_says_why(what: str, group: str | None, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        asked("group-2", what, group=group)
