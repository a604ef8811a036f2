"""Journals as a disk or an editor spoils them: what can be read can be taken back, and everything else is told."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from drilllib.cli import main
from drilllib.core.changes.change import Binding, RuleChange, policies_of
from drilllib.guard.apply import binding_fields, rule_fields
from drilllib.guard.journal import Journal
from drilllib.guard.scope import Scope
from tests.fuzz.hostile import HOSTILE, is_harmless
from tests.guard.guarding import IN, NODE, Place, rules
from tests.thorough import how_many

MUTANTS = how_many(100, thorough=400, long=3_000)
HEAD = {"schema": "drilllib/journal/1", "id": "20260101-000000-aaaaaa", "opened": "2026-01-01T00:00:00Z", "what": "fix"}
POLICY = {"Protocol": "TCP", "Port": "80", "CidrBlock": "10.0.0.0/8", "Action": "ACCEPT"}
ODD = (
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    [],
    {},
    [{}],
    [[1]],
    {"a": {}},
    "sg-other001",
    "ins-nodea001",
    [POLICY],
    *HOSTILE,
)
THERE = rules("DROP ALL 10.0.0.0/8", "ACCEPT TCP 203.0.113.0/24 30080")
LINES: list[dict[str, Any]] = [
    HEAD,
    {"line": "intent", "number": 1, "kind": "rules", **rule_fields(RuleChange(NODE, IN, THERE, THERE[1:]))},
    {"line": "done", "number": 1},
    {
        "line": "intent",
        "number": 2,
        "kind": "binding",
        **binding_fields(Binding("ins-nodea001", (NODE,), (NODE, "sg-clb00001"))),
    },
    {"line": "undoing", "number": 2},
    {
        "line": "undoing",
        "number": 1,
        "at": "2026-01-01T00:00:01Z",
        "since": 1,
        "version": "1",
        "before": policies_of(THERE[1:]),
        "after": policies_of(THERE),
    },
]


def mutated(line: dict[str, Any], random: Random) -> dict[str, Any]:
    """One field of a line is gone, or is another's, or odd."""
    name = random.choice(list(line) or ["line"])
    way = random.randrange(3)
    if way == 0:
        return {key: each for key, each in line.items() if key != name}
    return {**line, name: random.choice(list(line.values()) or [0]) if way == 1 else random.choice(ODD)}


def mutant(random: Random) -> bytes:
    """A journal of rules, a binding and their ends, with a few lines or bytes changed."""
    lines = list(LINES)
    for _ in range(random.randint(1, 2)):
        place = random.randrange(len(lines))
        lines[place] = mutated(lines[place], random)
    if random.random() < 0.2:
        random.shuffle(lines)
    data = b"".join(json.dumps(each).encode() + b"\n" for each in lines)
    if random.random() < 0.2:
        at = random.randrange(len(data))
        data = data[:at] + random.choice((b"", b"\0", b"\n", b"\r", b"\xff", b"{", b"9")) + data[at + 1 :]
    return data


def test_mutated_journals_are_used_or_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`drill changes` has it as open, or names the file; a guard that goes back by it says what it cannot do."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path, place, read = tmp_path / "drilllib" / "changes" / f"{HEAD['id']}.jsonl", Place(), 0
    path.parent.mkdir(parents=True)
    for seed in range(MUTANTS):
        path.write_bytes(mutant(Random(seed)))
        status = main(["changes", "--all", "--lang", "en"])
        said = capsys.readouterr()
        told = said.out + said.err
        assert status in (0, 2), (seed, told)
        assert all(map(is_harmless, told.split("\n"))), seed
        assert "2026" in said.out if status == 0 else path.name in said.err, seed
        if status == 0:
            read += 1
            with place.guard(tmp_path, journal=Journal.open(path), scope=Scope()) as guard:
                guard.rollback()
    assert 0 < read < MUTANTS
