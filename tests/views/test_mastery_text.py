"""How far a learner is in practice, in words: categories have names, and the transfer drill has its own rule."""

from drilllib.core.practice.schedule import Practised, Standing
from drilllib.practice.library import drills
from drilllib.views.text.mastery import mastery_html, mastery_text

PRACTISED = Practised(
    standings=(
        Standing(category="group-2", streak=3, tries=4, passed=3),
        Standing(category="several-groups", tries=1, transfer=True),
        Standing(category="my-own", streak=1, tries=1, passed=1),
    )
)


def test_the_transfer_drill_says_that_one_right_attempt_is_enough() -> None:
    *_, nodes, several, own = mastery_text(PRACTISED, "en").splitlines()
    assert nodes.endswith("3 / 3  3 of 4 passed, mastered")
    assert several.endswith("0 / 1  0 of 1 passed (transfer: one right attempt without hints is enough)")
    assert own.split()[0] == "my-own"  # of a drill that is not ours: as it is written


def test_categories_have_names_in_chinese() -> None:
    said = mastery_text(PRACTISED, "zh")
    assert "group-2" not in said + mastery_html(PRACTISED, "zh")
    assert "节点安全组" in said
    assert "，已掌握" in said
    ours = {each.category for each in drills()}
    named = mastery_text(Practised(standings=tuple(Standing(category=each, tries=1) for each in ours)), "zh")
    assert not [each for each in ours if "-" in each and each in named]
