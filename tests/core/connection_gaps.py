"""Every missing fact that an answer about a connection names."""

from collections.abc import Iterator

from connection_answers import question_of
from connection_comparison import asked_of_engine
from test_connection_truths import SITUATIONS
from worlds_connections import world

from drilllib.core.facts import Fact

WORLDS = 60


def in_connections() -> Iterator[Fact]:
    """Those of the situations with a known answer, and of some random worlds."""
    for item in SITUATIONS:
        yield from asked_of_engine(item.document(), question_of(item)).gaps
    for case in map(world, range(WORLDS)):
        yield from asked_of_engine(case.document, case.question).gaps
