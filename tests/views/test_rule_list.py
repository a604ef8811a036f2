"""A rule list under a learner's hands loses nothing and keeps its order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drilllib.core.rules.policies import rule_from_text
from drilllib.views.panel.rule_list import RuleList

LINES = [f"ACCEPT TCP 10.0.0.{number} 80" for number in range(6)]
RULES = [rule_from_text(line) for line in LINES]


def texts(rules: RuleList) -> list[str]:
    return [("" if entry.on else "off ") + entry.rule.peer.compressed[7:8] for entry in rules.entries]


def test_offered_rules_stand_above_and_aside() -> None:
    made = RuleList.of(RULES[:2], offered=RULES[1:3])

    assert texts(made) == ["off 2", "0", "1"]
    assert made.rules == tuple(RULES[:2])


@pytest.mark.parametrize(
    ("key", "by", "order"), [(0, 1, "102"), (2, -1, "021"), (0, -1, "012"), (2, 1, "012"), (1, 5, "021")]
)
def test_a_rule_moves_by_one_place_and_not_over_the_end(key: int, by: int, order: str) -> None:
    assert "".join(texts(RuleList.of(RULES[:3]).move(key, by))) == order


def test_somebody_elses_change_keeps_what_is_put_aside_in_its_place() -> None:
    """A cell may write to the same group."""
    made = RuleList.of(RULES[:4]).switch(1, False)

    assert texts(made.synced([RULES[0], RULES[5], RULES[3]])) == ["0", "5", "off 1", "3"]


changes = st.lists(
    st.tuples(st.sampled_from(("on", "off", "delete", "up", "down", "add")), st.integers(0, 8)), max_size=12
)


def play(rules: RuleList, steps: list[tuple[str, int]]) -> RuleList:
    for step, key in steps:
        if step == "add":
            rules = rules.add(RULES[key % 6])
        elif step in ("on", "off"):
            rules = rules.switch(key, step == "on")
        else:
            rules = rules.delete(key) if step == "delete" else rules.move(key, {"up": -1, "down": 1}[step])
    return rules


@given(changes)
def test_keys_stay_unique(steps: list[tuple[str, int]]) -> None:
    keys = [entry.key for entry in play(RuleList.of(RULES[:3]), steps).entries]

    assert len(keys) == len(set(keys))


@given(changes)
def test_switching_back_restores_the_list(steps: list[tuple[str, int]]) -> None:
    made = play(RuleList.of(RULES[:3]), steps)
    for entry in made.entries:
        assert made.switch(entry.key, not entry.on).switch(entry.key, entry.on) == made
        assert len(made.move(entry.key, 1).entries) == len(made.entries)


@given(changes, changes)
def test_syncing_yields_exactly_the_rules_of_the_lab(
    ours: list[tuple[str, int]], theirs: list[tuple[str, int]]
) -> None:
    made, wanted = play(RuleList.of(RULES[:3]), ours), play(RuleList.of(RULES[:3]), theirs).rules

    synced = made.synced(wanted)

    assert synced.rules == wanted
    aside = [entry.key for entry in made.entries if not entry.on]
    still = [entry.key for entry in synced.entries if not entry.on]
    assert still == [key for key in aside if key in still]
    gone = [entry.rule for entry in made.entries if not entry.on and entry.key not in still]
    assert all(rule in wanted for rule in gone)


def test_a_suggestion_that_somebody_else_took_up_is_no_suggestion_any_more() -> None:
    """Ticked once more it would be in the group twice."""
    made = RuleList.of(RULES[:1], offered=RULES[1:2])

    assert texts(made.synced([RULES[1], RULES[0]])) == ["1", "0"]
