"""An index of rectangles finds exactly those that a scan finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drilllib.core.sets.grid import Budget
from drilllib.core.sets.overlaps import Overlaps, spans
from drilllib.core.sets.rectangles import overlap
from drilllib.errors import TooComplexError

LAST = {4: (1 << 32) - 1, 6: (1 << 128) - 1}


def ranges(last: int) -> st.SearchStrategy[tuple[int, int]]:
    """Few different ends, so that ranges nest, touch and equal each other often; and aligned blocks, as peers are."""
    near = st.integers(0, 40)
    ends = st.one_of(near, near.map(lambda each: last - each), near.map(lambda each: last // 2 + each))
    free = st.tuples(ends, ends).map(lambda pair: (min(pair), max(pair)))
    size = last.bit_length()
    blocks = st.tuples(st.integers(0, size), st.integers(0, 3)).map(lambda pair: _block(size, *pair))
    return st.one_of(free, blocks)


def _block(size: int, length: int, place: int) -> tuple[int, int]:
    first = (place << length) % (1 << size)
    return first, first + (1 << length) - 1


def boxes(family: int) -> st.SearchStrategy[tuple[int, int, int, int]]:
    ports = st.one_of(st.just((0, 0)), ranges(65535).map(lambda pair: (max(pair[0], 1), max(pair[1], 1))))
    return st.tuples(ranges(LAST[family]), ports).map(lambda pair: (*pair[0], *pair[1]))


@pytest.mark.parametrize("family", [4, 6])
@given(data=st.data())
def test_the_index_finds_what_a_scan_finds(family: int, data: st.DataObject) -> None:
    """A rectangle that is missed would be a cover that is not named."""
    listed, asked = data.draw(st.lists(boxes(family), max_size=20)), data.draw(boxes(family))

    found = Overlaps(listed).of(asked, Budget())

    assert found == [number for number, box in enumerate(listed) if overlap(box, asked)]


@given(ranges(65535))
def test_spans_are_aligned_and_make_up_the_range(pair: tuple[int, int]) -> None:
    first, last = pair
    found = list(spans(first, last))

    assert all(start % (1 << size) == 0 for size, start in found)
    assert [start for _, start in found] == [first, *(start + (1 << size) for size, start in found)][:-1]
    assert sum(1 << size for size, _ in found) == last - first + 1
    assert len(found) <= 2 * 16


def test_looking_has_its_price() -> None:
    """A search over rules that all overlap ends with one clear error and not in hours."""
    index = Overlaps([(0, 255, 1, 65535)] * 100)

    assert index.of((0, 0, 80, 80), Budget(1 << 20)) == list(range(100))
    with pytest.raises(TooComplexError):
        index.of((0, 0, 80, 80), Budget(1 << 10))
