"""Our own picture of a path, for where no Graphviz is: the words of Graphviz's, and nothing on top of another."""

from itertools import combinations
from xml.etree import ElementTree

import pytest

from drilllib.core.drills import faults
from drilllib.core.trace.answer import Trace
from drilllib.views.picture import graphviz, still
from tests.views.test_picture import answer_to, many_targets, needs_renderer, texts

PARTS = "{http://www.w3.org/2000/svg}"


def rectangles(drawn: str) -> list[tuple[float, float, float, float]]:
    """The cards: left, top, right, bottom."""
    root = ElementTree.fromstring(drawn)
    found = [group.find(f"{PARTS}rect") for group in root.iter(f"{PARTS}g")]
    sizes = [
        [float(each.get(name, "")) for name in ("x", "y", "width", "height")] for each in found if each is not None
    ]
    return [(x, y, x + wide, y + high) for x, y, wide, high in sizes]


def traces() -> dict[str, Trace]:
    return {**{name: answer_to(name) for name in faults.FAULTS}, "many": many_targets(30)}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["group-2", "original-drill", "many"])
@needs_renderer
def test_it_has_the_words_of_graphvizs(name: str, language: str) -> None:
    found = traces()[name]

    def words(drawn: str) -> list[str]:
        return sorted(filter(None, (text for each in texts(drawn) if (text := (each.text or "").strip()))))

    assert words(still.svg(found, language)) == words(graphviz.svg(found, language))


@pytest.mark.parametrize("name", [*faults.FAULTS, "many"])
def test_cards_stand_apart_and_inside_the_picture(name: str) -> None:
    drawn = still.svg(traces()[name], "zh")
    wide, high = map(float, ElementTree.fromstring(drawn).get("viewBox", "").split()[2:])
    cards = rectangles(drawn)

    assert len(cards) > 1
    assert all(left >= 0 and right <= wide and top >= 0 and bottom <= high for left, top, right, bottom in cards)
    for one, other in combinations(cards, 2):
        beside, below = one[2] <= other[0] or other[2] <= one[0], one[3] <= other[1] or other[3] <= one[1]
        assert beside or below
