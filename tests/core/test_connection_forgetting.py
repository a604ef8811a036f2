"""The law of forgetting over connections: a fact that is taken out may leave an answer open, never turn it around."""

from random import Random

from connection_comparison import connect
from forgettings import Document, is_excepted, name_of, places, without
from worlds_connections import world

from drilllib.errors import DrillError
from tests.thorough import how_many

WORLDS = range(how_many(60, thorough=1_000, long=20_000))
FACTS = 5  # of each world
DEFAULTS = ("kubernetes.[Service].spec.internalTrafficPolicy",)  # absent: Cluster, as docs/connections.md says


def verdict(document: Document, question: dict) -> str:
    """An error is no answer: it says what to add."""
    try:
        return str(connect(document, question).verdict)
    except DrillError:
        return "undetermined"


def test_no_fact_is_forgotten_into_another_answer_about_a_connection() -> None:
    broken, tried = {}, 0
    for seed in WORLDS:
        case, random = world(seed), Random(seed)
        before = verdict(case.document, case.question)
        every = [] if before == "undetermined" else list(places(case.document))
        for place in random.sample(every, min(FACTS, len(every))):
            null = random.random() < 0.3
            name, left = name_of(case.document, place), without(case.document, place, null=null)
            if is_excepted(name, null=null) or name in DEFAULTS:
                continue
            tried += 1
            after = verdict(left, case.question)
            if after not in (before, "undetermined"):
                broken[seed] = f"{name}: {before} -> {after}"

    assert broken == {}
    assert tried > len(WORLDS)
