"""
Mutated snapshots, groups and expectations through every command: an answer or one clear line, in bounded time.

``python -m tests.fuzz.test_mutated FIRST COUNT`` makes a part of the long run by itself, and prints what it found.
"""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from drilllib.core.drills.default_lab import default_lab
from tests.fuzz.hostile import is_harmless
from tests.fuzz.mutations import mutated
from tests.fuzz.running import run
from tests.fuzz.test_paste import EXPECTATIONS, LANGUAGES, asked, bases, drawn_safely
from tests.thorough import how_many, thorough

SNAPSHOTS, DOCUMENTS = 200_000, 8_000
SMALL = how_many(60, thorough=DOCUMENTS // 10, long=DOCUMENTS // 2)
PARTS = 8  # of the long run, which processes share
Found = Counter[str]


def _yaml(path: Path) -> Any:
    import yaml

    return yaml.safe_load(path.read_text("utf-8"))


class Fuzzer:
    """Files in a folder, mutated by number; what came of each command is counted, and what must not be is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.statuses, self.wrong = folder, Counter[str](), list[str]()
        self.labs = bases()
        self.groups = [each["SecurityGroupPolicySet"] for lab in self.labs for each in lab["security_groups"].values()]
        self.expectations = _yaml(EXPECTATIONS)
        self._write("before.json", default_lab())
        self._write("expectations.json", self.expectations)

    def _write(self, name: str, document: Any) -> str:
        path = self.folder / name
        path.write_text(json.dumps(document), encoding="utf-8")
        return str(path)

    def snapshot(self, number: int) -> None:
        """One mutated snapshot and one command about it."""
        random = Random(number)
        document = mutated(random, random.choice(self.labs), random.choice(self.labs))
        if not isinstance(document, dict):
            return
        commands = asked(self._write("snapshot.json", document), _tame(document), self.folder)
        name = random.choice(list(commands))
        self._run(number, name, commands[name], random)
        if name == "picture" and (self.folder / "path.svg").exists():
            drawn_safely((self.folder / "path.svg").read_text("utf-8"))

    def group(self, number: int) -> None:
        """One mutated group, bare or in its envelope."""
        random = Random(number)
        document = mutated(random, random.choice(self.groups), random.choice(self.labs))
        envelope = random.choice((document, {"Response": {"SecurityGroupPolicySet": document}}))
        name, other = self._write("sg-a.json", envelope), self._write("sg-b.json", random.choice(self.groups))
        self._run(number, *random.choice(_about_groups(name, other)), random)

    def expectation(self, number: int) -> None:
        """Mutated expectations of a sound snapshot."""
        random = Random(number)
        document = mutated(random, self.expectations, random.choice(self.labs))
        names = self._write("lab.json", random.choice(self.labs)), self._write("expected.json", document)
        self._run(number, "check", ["check", *names, *random.choice(([], ["--json"]))], random)

    def _run(self, number: int, name: str, arguments: list[str], random: Random) -> None:
        ran = run(*arguments, "--lang", random.choice(LANGUAGES))
        self.statuses[f"{name} {ran.status}"] += 1
        objection = ran.objection
        if not objection and not all(map(is_harmless, f"{ran.out}{ran.err}".split("\n"))):
            objection = f"not harmless: {ran.out[:300]!r}"
        if objection:
            self.wrong.append(f"{number}: {' '.join(arguments)}: {objection}")

    def told(self) -> str:
        """How many runs of each command ended how."""
        by_status: Found = Counter()
        for name, count in self.statuses.items():
            by_status[name.rpartition(" ")[2]] += count
        return f"{self.statuses.total()} runs, statuses {dict(sorted(by_status.items()))}, {len(self.wrong)} wrong"


def _tame(document: Any) -> Any:
    """What `asked` looks at, whatever has become of it."""
    kept = {"security_groups": document.get("security_groups"), "instances": document.get("instances")}
    wanted = {"security_groups": dict, "instances": list}
    fitting = {name: each for name, each in kept.items() if isinstance(each, wanted[name])}
    items = document.get("kubernetes")
    return {**fitting, "kubernetes": items if isinstance(items, list) else []}


def _about_groups(name: str, other: str) -> list[tuple[str, list[str]]]:
    flow = ["--from", "203.0.113.10", "--port", "80"]
    return [
        ("decide", ["decide", name, other, *flow]),
        ("decide json", ["decide", name, *flow, "--json"]),
        ("lint groups", ["lint", name, other]),
        ("lint groups json", ["lint", name, "--json"]),
        ("reach groups", ["reach", name, "--direction", "egress"]),
        ("reach groups json", ["reach", name, other, "--json"]),
        ("diff groups", ["diff", name, other]),
        ("diff groups json", ["diff", other, name, "--json"]),
    ]


def _all(folder: Path, step: Callable[[Fuzzer], Callable[[int], None]], count: int, first: int = 0) -> Fuzzer:
    fuzzer = Fuzzer(folder)
    for number in range(first, first + count):
        step(fuzzer)(number)
    print(fuzzer.told())
    return fuzzer


@pytest.mark.parametrize("part", [0, *(pytest.param(number, marks=thorough) for number in range(1, PARTS))])
def test_a_mutated_snapshot_gets_an_answer_or_one_line(part: int, tmp_path: Path) -> None:
    count = SNAPSHOTS // PARTS
    fuzzer = _all(
        tmp_path, lambda fuzzer: fuzzer.snapshot, how_many(60, thorough=count // 80, long=count), part * count
    )
    assert fuzzer.wrong == []


def test_a_mutated_group_gets_an_answer_or_one_line(tmp_path: Path) -> None:
    assert _all(tmp_path, lambda fuzzer: fuzzer.group, SMALL).wrong == []


def test_mutated_expectations_get_an_answer_or_one_line(tmp_path: Path) -> None:
    assert _all(tmp_path, lambda fuzzer: fuzzer.expectation, SMALL).wrong == []


def main() -> None:
    """A part of the long run: the kind, the first number, and how many."""
    kind, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        fuzzer = _all(Path(folder), lambda fuzzer: getattr(fuzzer, kind), count, first)
    print("\n".join(fuzzer.wrong))
    print(sorted(fuzzer.statuses.items()))


if __name__ == "__main__":
    main()
