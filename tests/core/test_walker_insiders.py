"""The engine against the walker where a node or a pod of the cluster asks: its author had not seen the engine."""

import json
from collections import Counter
from pathlib import Path

import pytest
from walker import walk
from walker_comparison import difference, engine, in_the_walkers_terms, smaller
from worlds_insiders import world

from tests.thorough import how_many

CASES = range(how_many(150, thorough=1_000, long=50_000))
VERDICTS = {"reachable": 0.05, "unreachable": 0.15, "intermittent": 0.005, "undetermined": 0.3}


def test_engine_and_walker_agree_on_whoever_asks_from_inside(tmp_path: Path) -> None:
    """Five thousand clusters in all, private CLBs and public ones, targets on the client's node and elsewhere."""
    met: Counter[str] = Counter()
    for seed in CASES:
        case = world(seed)
        if difference(case.document, case.question):
            path, document = tmp_path / f"insider-{seed}.json", smaller(case.document, case.question)
            path.write_text(json.dumps(document, indent=1), encoding="utf-8")
            answers = in_the_walkers_terms(engine(document, case.question)), walk(document, case.question)
            pytest.fail("\n".join(map(str, (path, case.question, *answers))), pytrace=False)
        met[walk(case.document, case.question).verdict] += 1

    assert {name for name, share in VERDICTS.items() if met[name] < len(CASES) * share} == set()
