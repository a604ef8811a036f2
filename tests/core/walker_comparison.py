"""Engine and walker side by side: the engine's answer in the walker's terms, and what to print when they differ."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from walker import Walk, walk
from worlds import EVERY, World, world

from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace import request
from drilllib.core.trace.answer import Question

if TYPE_CHECKING:
    from walker_answers import Answer

# What is compared: all of docs/model.md. Fewer features narrow a search down.
FEATURES = EVERY

CASES, CHUNKS = 50_000, 25
BLOCKER = ("hop", "name", "direction", "group", "policy_index", "reason", "hypothetical")
SYMPTOM = ("kind", "status", "seconds")

Engine = Callable[[dict, dict], dict]


def engine(document: dict, question: dict) -> dict:
    """The engine's answer as plain data, every path by itself."""
    return request.trace(Snapshot(document), Question(**question), all_paths=True).to_dict()


def in_the_walkers_terms(answer: dict) -> Walk:
    """As much of the engine's answer as the walker answers, too."""
    return Walk(
        verdict=str(answer["verdict"]),
        blockers=frozenset(tuple(plain(blocker[name]) for name in BLOCKER) for blocker in answer["blockers"]),
        symptoms=frozenset(tuple(plain(symptom[name]) for name in SYMPTOM) for symptom in answer["symptoms"]),
        health=tuple(str(target["predicted"]) for target in answer["health"]),
    )


def plain(value: object) -> object:
    """A member of an enumeration as the text it stands for; anything else as it is."""
    return str(value) if isinstance(value, str) else value


def difference(document: dict, question: dict, asked: Engine = engine) -> tuple | None:
    """What engine and walker disagree about: both verdicts, and which parts of their answers differ."""
    theirs, ours = in_the_walkers_terms(asked(document, question)), walk(document, question)
    if theirs == ours:
        return None
    parts = ("verdict", "blockers", "symptoms", "health")
    return theirs.verdict, ours.verdict, *(part for part in parts if getattr(theirs, part) != getattr(ours, part))


def seeds(chunk: int) -> range:
    """The seeds of one of the chunks that the cases are cut into."""
    size = CASES // CHUNKS
    return range(chunk * size, (chunk + 1) * size)


def assert_agreement(answers: Iterable["Answer"], folder: Path) -> None:
    """Look for the first disagreement; it is cut down, written to *folder* and shown."""
    for answer in answers:
        if not answer.agrees:
            pytest.fail(report(world(answer.seed, FEATURES), folder), pytrace=False)


def report(case: World, folder: Path) -> str:
    """What a person needs to see who is right."""
    document = smaller(case.document, case.question)
    path = folder / f"seed-{case.seed}.json"
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    theirs, ours = in_the_walkers_terms(engine(document, case.question)), walk(document, case.question)
    lines = [f"Seed {case.seed}, its snapshot without what does not matter: {path}", f"question  {case.question}"]
    for name in ("verdict", "blockers", "symptoms", "health"):
        pair = [getattr(answer, name) for answer in (theirs, ours)]
        shown = [sorted(item, key=str) if isinstance(item, frozenset) else item for item in pair]
        lines += [f"{name:9} engine {shown[0]}", f"{'':9} walker {shown[1]}"] if shown[0] != shown[1] else []
    return "\n".join(lines)


def smaller(document: dict, question: dict) -> dict:
    """The document without every list entry that this disagreement does not need."""
    wanted = difference(document, question)
    shrunk = True
    while shrunk:
        shrunk = False
        for parent, index in list(entries(document)):
            taken = parent[index : index + 1]
            parent[index : index + 1] = []
            if difference_or_none(document, question) == wanted:
                shrunk = True
                break
            parent[index:index] = taken
    return document


def entries(part: object) -> Iterator[tuple[list, int]]:
    """Every list in a document with each of its places, outer lists first."""
    if isinstance(part, list):
        yield from ((part, index) for index in range(len(part)))
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from entries(inner)


def difference_or_none(document: dict, question: dict) -> tuple | None:
    """The same for a document that may have lost too much to be read."""
    try:
        return difference(document, question)
    except Exception:
        return None
