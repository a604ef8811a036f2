"""A log that somebody has edited is graded as what it says, or refused in one line that names the line."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from drilllib.cli import main
from drilllib.core.practice.attempt import Header
from drilllib.core.practice.looks import Look, LookKind
from drilllib.practice import log as logs
from drilllib.practice.session import Session
from drilllib.practice.worlds import find_world
from tests.thorough import how_many

NAMED = Header(drill="node-source", seed=7, level=1, engine="", world="", started="")
Lines = list[dict[str, Any]]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The log of an attempt that passed: header, two looks, a statement, a change, a probe and the end."""
    path, world = tmp_path_factory.mktemp("played") / "attempt.jsonl", find_world(NAMED)
    with Session.begin(world, path, clock=lambda: "2026-11-30T04:00:00Z") as session:
        session.look(Look(LookKind.CURL, "client"))
        session.look(Look(LookKind.HEALTH))
        session.state(world.causes)
        session.edit(world.reference)
        session.probe()
        session.finish()
    return path.read_bytes()


@pytest.fixture
def grade(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[bytes], tuple[int, str]]:
    """Grade a log of these bytes: the exit status, and what was complained of without the file's name."""

    def run(content: bytes) -> tuple[int, str]:
        path = tmp_path / "attempt.jsonl"
        path.write_bytes(content)
        status = main(["grade", str(path), "--lang", "en"])
        said = capsys.readouterr().err
        assert said.count("\n") == (status == 2)
        return status, said.replace(f"'{path}'", "LOG").rstrip()

    return run


def edited(played: bytes, change: Callable[[Lines], Any]) -> bytes:
    """The log after *change* has edited its lines in place."""
    documents = [json.loads(line) for line in played.splitlines()]
    change(documents)
    return b"".join(json.dumps(each).encode() + b"\n" for each in documents)


def test_it_passes_as_it_was_written(played: bytes, grade: Callable) -> None:
    assert grade(played) == (0, "")


def set_to(line: int, name: str, value: Any) -> Callable[[Lines], None]:
    return lambda lines: lines[line].__setitem__(name, value)


def patch_of(*operations: dict[str, Any]) -> Callable[[Lines], None]:
    return set_to(4, "patch", list(operations))


DEEP: list[Any] = []
for _ in range(90):
    DEEP = [DEEP]
REFUSED: dict[str, tuple[Callable[[Lines], Any], str]] = {
    "a line twice": (lambda lines: lines.insert(2, lines[1]), "line 3: The action's number is 1, and 2 was expected"),
    "a line less": (lambda lines: lines.pop(2), "line 3: The action's number is 3, and 2 was expected"),
    "two lines exchanged": (lambda lines: lines.insert(1, lines.pop(2)), "line 2: The action's number is 2"),
    "no header": (lambda lines: lines.pop(0), "line 1: The attempt's schema is None"),
    "an action after the end": (
        lambda lines: lines.append({**lines[1], "n": 7}),
        "line 8: the attempt was finished before",
    ),
    "another schema": (
        set_to(0, "schema", "drilllib/attempt/2"),
        "line 1: The attempt's schema is 'drilllib/attempt/2'",
    ),
    "a seed of text": (set_to(0, "seed", "7"), "line 1: attempt.seed is '7'"),
    "a level that is true": (set_to(0, "level", True), "line 1: attempt.level is True"),
    "no such drill": (set_to(0, "drill", "nodesource"), "There is no drill 'nodesource'"),
    "no such level": (set_to(0, "level", 9), "The level of node-source is 9"),
    "another world": (set_to(0, "world", "0" * 64), "its world is not the same now"),
    "another seed's world": (set_to(0, "seed", 8), "its world is not the same now"),
    "a list": (lambda lines: lines.__setitem__(1, []), "line 2: action is []"),
    "an unknown action": (set_to(1, "action", "peek"), "line 2: The action is 'peek'"),
    "an unknown look": (set_to(1, "kind", "telescope"), "line 2: 'telescope' is not known here"),
    "a negative price": (set_to(1, "price", -1), "line 2: -1 is not a number from 0 to 1000"),
    "a cause of no kind": (set_to(3, "causes", [{"kind": "gremlin"}]), "line 4: 'gremlin' is not known here"),
    "a cause that is a text": (set_to(3, "causes", ["group"]), "line 4: statement.causes[0] is 'group'"),
    "causes that are an object": (set_to(3, "causes", {}), "line 4: statement.causes is {}"),
    "a rule that is a text": (
        set_to(3, "causes", [{"kind": "group", "rule": "0"}]),
        "line 4: statement.causes[0].rule is '0'",
    ),
    "no patch": (lambda lines: lines[4].pop("patch"), "line 5: change has no patch"),
    "an unknown operation": (patch_of({"op": "copy", "from": "", "path": "/x"}), "Line 5 of the log: The operation is"),
    "a pointer to nowhere": (
        patch_of({"op": "remove", "path": "/instances/99"}),
        "Line 5 of the log: The snapshot has no place '/instances/99'",
    ),
    "a pointer that is none": (
        patch_of({"op": "remove", "path": "instances"}),
        "Line 5 of the log: The snapshot has no",
    ),
    "the whole document": (
        patch_of({"op": "replace", "path": "", "value": {}}),
        "Line 5 of the log: The change is one",
    ),
    "how it is read": (
        patch_of({"op": "add", "path": "/semantics/tcp_listener_answers_504", "value": True}),
        "Line 5 of the log: The change is one of how the snapshot is read",
    ),
    "instances that are none": (
        patch_of({"op": "replace", "path": "/instances", "value": "none"}),
        "Line 5 of the log: snapshot.instances is 'none'",
    ),
    "a rule that cannot be read": (
        patch_of({"op": "add", "path": "/security_groups/sg-x", "value": {"SecurityGroupPolicySet": {"Ingress": [7]}}}),
        "Line 5 of the log: ",
    ),
    "too deep": (patch_of({"op": "add", "path": "/x" * 60, "value": DEEP}), "Line 5 of the log: "),
    "a change by nobody": (set_to(4, "by", "nobody"), "line 5: The change is by 'nobody'"),
    "a later change by the lab": (set_to(4, "by", "lab"), "line 5: The change is by 'lab'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_log_that_says_nothing_that_can_be_graded_is_refused(played: bytes, grade: Callable, name: str) -> None:
    """One line with the line's number; the exit status is that of a log that is not there."""
    change, said = REFUSED[name]

    status, complaint = grade(edited(played, change))

    assert status == 2
    assert said in complaint, complaint


RAW: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda text: b"", " is empty. Give the log of an attempt"),
    "no JSON": (lambda text: text.replace(b'{"n": 2', b"{n: 2"), "line 3: the line is not JSON"),
    "an empty line": (lambda text: text.replace(b'{"n": 2', b'\n{"n": 2'), "line 3: the line is empty"),
    "no UTF-8": (lambda text: text.replace(b"client", b"\xff"), "line 2: not UTF-8 text"),
    "half a character": (lambda text: text.replace(b"client", b"\\ud800"), "line 2: the line has half a character"),
    "no number": (lambda text: text.replace(b'"price": 1', b'"price": NaN', 1), "line 2: the line is not JSON"),
    "a number without end": (lambda text: text.replace(b'"n": 1', b'"n": ' + b"1" * 5000), "line 2: the line nests"),
    "brackets without end": (lambda text: text + b"[" * 200_000 + b"\n", "line 8: the line nests too deeply"),
    "a line without end": (lambda text: text + b" " * (logs.LONGEST + 1), "line 8: more than 16 MiB"),
    "a picture": (lambda text: b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "line 1: not UTF-8 text"),
}


@pytest.mark.parametrize("name", RAW)
def test_bytes_that_are_no_log_are_refused(played: bytes, grade: Callable, name: str) -> None:
    change, said = RAW[name]

    status, complaint = grade(change(played))

    assert status == 2
    assert said in complaint, complaint


def test_a_header_that_was_cut_off_is_refused(played: bytes, grade: Callable) -> None:
    assert grade(played[:40])[0] == 2


def test_wherever_it_is_cut_off_the_whole_lines_count(played: bytes, tmp_path: Path) -> None:
    """A process was killed, or a disk was full: each whole line was acknowledged, the torn one was not."""
    path, head = tmp_path / "cut.jsonl", played.index(b"\n") + 1
    places = range(head, len(played) + 1, 7)
    for end in places:
        path.write_bytes(played[:end])
        whole = played[:end].count(b"\n") - 1
        actions = len(logs.read(path).actions)
        assert actions == whole or (actions == whole + 1 and played[end : end + 1] == b"\n")


def test_a_log_without_an_end_is_graded_as_it_stands_and_tells_no_repair(
    played: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who has not finished can look at the grade, and find no repair in it."""
    path = tmp_path / "attempt.jsonl"
    path.write_bytes(b"".join(played.splitlines(keepends=True)[:-3]))

    assert main(["grade", str(path), "--lang", "en"]) == 1
    out = capsys.readouterr().out
    assert "the attempt was not finished" in out
    assert "one right repair" not in out


def test_as_many_lines_the_grade_is_of_what_they_say(played: bytes, grade: Callable) -> None:
    """An edit that leaves a whole log makes another attempt: no statement, or another cause, does not pass."""
    assert grade(edited(played, lambda lines: lines[3].update(causes=[])))[0] == 1
    assert grade(edited(played, lambda lines: lines[4].update(patch=[])))[0] == 1


def _mutated(value: Any, random: Random) -> Any:
    """Something else in the place of any one thing in a document."""
    odd = (None, True, -1, 10**30, 1.5, "", "\u202e", [], {}, [[]], {"a": {}}, "/", "~", "0.0.0.0/0", value)
    inside = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    if not inside or random.random() < 0.2:
        return random.choice(odd)
    key, each = random.choice(inside)
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[key] = _mutated(each, random)
    return copied


def test_whatever_is_changed_there_is_a_grade_or_one_line(played: bytes, grade: Callable) -> None:
    """Seeded: one thing in one line is another; never a traceback, which would be exit status 70."""
    documents = [json.loads(line) for line in played.splitlines()]
    for seed in range(how_many(150, thorough=1500, long=5000)):
        random = Random(seed)
        changed = list(documents)
        place = random.randrange(len(changed))
        changed[place] = _mutated(changed[place], random)
        status, _ = grade(b"".join(json.dumps(each).encode() + b"\n" for each in changed))
        assert status in (0, 1, 2), seed
