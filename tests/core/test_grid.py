"""Boxes with one range of ports are drawn without a grid, and come out as the grid draws them."""

from hypothesis import given
from hypothesis import strategies as st

from drilllib.core.rules.rules import LAST_PORT
from drilllib.core.sets.grid import painted

RANGES = st.tuples(st.integers(0, 30), st.integers(0, 9), st.booleans())


@given(st.lists(RANGES, max_size=12), st.integers(1, LAST_PORT - 1))
def test_sets_with_one_range_of_ports_are_drawn_as_any_others(drawn: list[tuple[int, int, bool]], port: int) -> None:
    """A box on the port behind, which shares no flow with them, makes the grid draw them."""
    layers = [((first, first + more, port, port), covers) for first, more, covers in drawn]
    other = (1000, 1000, port + 1, port + 1)

    assert painted(layers) == tuple(box for box in painted([*layers, (other, True)]) if box != other)
