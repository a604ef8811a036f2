"""A log that is no honest attempt is told for what it is, and the class goes on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from drilllib.classes.grader import grade_all
from drilllib.classes.handed_in import collect
from drilllib.classes.judge import Standing, Verdict
from drilllib.classes.place import Place
from drilllib.classes.store import Store
from drilllib.cli import main
from drilllib.core.practice.signed import parted
from drilllib.practice.start import read_start
from tests.classes.rooms import class_in, played, practice_of, tasks_of
from tests.classes.signing import signed

pytest.importorskip("yaml", reason="a class's file is YAML")
pytest.importorskip("sqlalchemy", reason="grades are kept by SQLAlchemy")
Change = Callable[[list[bytes]], list[bytes]]


@pytest.fixture(autouse=True)
def _in_either(store: str) -> None:
    """All of it in both stores."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class in which alice passed her first task, and bob his."""
    folder = tmp_path_factory.mktemp("class")
    class_in(folder)
    for learner in ("alice", "bob"):
        played(practice_of(folder, learner) / "1.jsonl", tasks_of(folder, learner)[0])
    return folder


def alone(folder: Path, tmp_path: Path, learner: str, data: bytes) -> Verdict:
    """How this is judged, where the learner hands in nothing else; the class has the same secret."""
    place = class_of(folder, tmp_path)
    log = tmp_path / learner / "1.jsonl"
    log.parent.mkdir()
    log.write_bytes(data)
    collect(place, [log])
    grade_all(place, workers=1)
    with Store(place.grades) as store:
        (found,) = store.verdicts()
    return found


def class_of(folder: Path, tmp_path: Path) -> Place:
    """A class with the secret of the other."""
    (tmp_path / "monday.class").mkdir(mode=0o700)
    (tmp_path / "monday.class" / "secret").write_text((folder / "monday.class" / "secret").read_text())
    (tmp_path / "monday.class" / "secret").chmod(0o600)
    return class_in(tmp_path)


def log_of(folder: Path, learner: str) -> bytes:
    return (practice_of(folder, learner) / "1.jsonl").read_bytes()


def swapped(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[3], lines[2], *lines[4:]]


CHANGES: dict[str, tuple[Change, Standing, int]] = {
    "as it is": (lambda lines: lines, Standing.GRADED, 0),
    "without the last newline": (lambda lines: [*lines[:-1], lines[-1][:-1]], Standing.GRADED, 0),
    "a price edited": (
        lambda lines: [*lines[:2], lines[2].replace(b'"price": 1', b'"price": 0'), *lines[3:]],
        Standing.EDITED,
        3,
    ),
    "the seed edited": (lambda lines: [lines[0].replace(b'"seed": ', b'"seed": 1'), *lines[1:]], Standing.EDITED, 1),
    "a look left out": (lambda lines: [*lines[:2], *lines[3:]], Standing.MISSING, 3),
    "a look left out, numbers made to fit": (
        lambda lines: [
            *lines[:2],
            *(line.replace(b'"n": %d' % n, b'"n": %d' % (n - 1)) for n, line in enumerate(lines[3:], 3)),
        ],
        Standing.EDITED,
        3,
    ),
    "two looks swapped": (swapped, Standing.REORDERED, 3),
    "a look twice": (lambda lines: [*lines[:3], lines[2], *lines[3:]], Standing.REPEATED, 4),
    "all of it twice": (lambda lines: [*lines, *lines], Standing.REPEATED, 8),
    "a line put in unsigned": (
        lambda lines: [*lines[:-1], b'{"n": 6, "at": "", "action": "probe"}\n', lines[-1]],
        Standing.EDITED,
        7,
    ),
    "the end left out": (lambda lines: lines[:-1], Standing.UNFINISHED, 0),
    "cut off in the last line": (lambda lines: [*lines[:-1], lines[-1][:40]], Standing.CUT_OFF, 7),
    "cut off in the first line": (lambda lines: [lines[0][:40]], Standing.NO_LOG, 0),
    "no log": (lambda lines: [b"\x00\xff" * 50, b"\n"], Standing.NO_LOG, 0),
    "a list": (lambda lines: [b"[]\n"], Standing.NO_LOG, 0),
    "deep": (lambda lines: [lines[0], b"[" * 100_000 + b"\n"], Standing.EDITED, 2),
    "not signed": (lambda lines: [parted(line)[0] + b"\n" for line in lines], Standing.UNSIGNED, 1),
}


@pytest.mark.parametrize(("change", "standing", "line"), CHANGES.values(), ids=CHANGES)
def test_a_log_is_told_for_what_it_is(
    folder: Path, tmp_path: Path, change: Change, standing: Standing, line: int
) -> None:
    lines = log_of(folder, "alice").splitlines(keepends=True)
    assert len(lines) == 7
    found = alone(folder, tmp_path, "alice", b"".join(change(lines)))
    assert (found.standing, found.line) == (standing, line)
    assert found.passed == (standing is Standing.GRADED)


def key_of(folder: Path, learner: str) -> bytes:
    return read_start(practice_of(folder, learner) / "start.json").secret


def test_anothers_log_is_told_to_be_his(folder: Path, tmp_path: Path) -> None:
    found = alone(folder, tmp_path, "bob", log_of(folder, "alice"))
    assert (found.standing, found.other, found.passed) == (Standing.COPIED, "alice", False)


def test_anothers_log_under_ones_own_name_is_told_to_be_edited(folder: Path, tmp_path: Path) -> None:
    found = alone(folder, tmp_path, "bob", log_of(folder, "alice").replace(b'"alice"', b'"bob"'))
    assert found.standing in (Standing.EDITED, Standing.COPIED)
    assert not found.passed


def test_anothers_log_that_is_signed_anew_is_of_a_world_that_is_not_set(folder: Path, tmp_path: Path) -> None:
    """Who writes a program that signs with his own key has not played his own world."""
    lines = log_of(folder, "alice").replace(b'"alice"', b'"bob"').splitlines(keepends=True)
    assert alone(folder, tmp_path, "bob", signed(lines, key_of(folder, "bob"))).standing is Standing.NOT_SET


def test_a_log_signed_with_a_key_that_was_made_up_is_forged(folder: Path, tmp_path: Path) -> None:
    lines = log_of(folder, "alice").replace(b', "learner": "alice"', b"").splitlines(keepends=True)
    assert alone(folder, tmp_path, "alice", signed(lines, b"made up")).standing is Standing.FORGED


@pytest.mark.parametrize(
    ("old", "new", "standing"),
    [
        (b'"at": "', b'"at": "\\u0000', Standing.GRADED),
        (b'"at": "', b'"at": "\\ud800', Standing.NO_LOG),
        (b'"level": 1', b'"level": 1%s' % (b"0" * 40), Standing.NOT_SET),
        (b'"price": 1', b'"price": 1%s' % (b"0" * 40), Standing.NO_LOG),
    ],
)
def test_what_no_database_takes_is_kept_in_a_form_that_it_does(
    folder: Path, tmp_path: Path, old: bytes, new: bytes, standing: Standing
) -> None:
    """Signed by the learner's own program: a time that is none, and numbers beyond all numbers."""
    key = read_start(practice_of(folder, "alice") / "start.json").secret
    lines = [parted(line.rstrip(b"\n"))[0] + b"\n" for line in log_of(folder, "alice").splitlines()]
    found = alone(folder, tmp_path, "alice", signed([line.replace(old, new) for line in lines], key))
    assert found.standing is standing


def test_a_log_that_was_changed_after_it_was_handed_in_is_told(folder: Path, tmp_path: Path) -> None:
    place = class_of(folder, tmp_path)
    collect(place, [folder / "starts"])
    kept = next((place.handed_in / "bob").iterdir())
    kept.write_bytes(b"\0" * (100 << 20))
    assert grade_all(place, workers=1) == {"graded": 1, "damaged": 1}


def test_the_class_goes_on_and_the_command_tells_each(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 1; to grade again says the same and judges nothing."""
    place = class_of(folder, tmp_path)
    copy = tmp_path / "returned" / "carol" / "1.jsonl"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(log_of(folder, "alice"))
    collect(place, [folder / "starts", tmp_path / "returned"])
    name, table = str(tmp_path / "monday.yaml"), tmp_path / "grades.csv"
    assert main(["class", "grade", name, "--csv", str(table), "--workers", "2", "--lang", "en"]) == 1
    first = capsys.readouterr().out.splitlines()
    assert first[0] == "Judged now: 3. In all: 3 logs."
    assert first[1:4] == ["       2  graded", "       1  copied from another learner", ""]
    assert first[4].startswith("  carol, rule-order, ")
    assert first[4].endswith("copied from another learner: alice")
    heads, *rows = [line.split(",") for line in table.read_text().splitlines()]
    assert [row[heads.index("passed")] for row in rows] == ["1", "1", "0"]
    assert main(["class", "grade", name, "--lang", "en"]) == 1
    assert capsys.readouterr().out.splitlines() == ["Judged now: 0. In all: 3 logs.", *first[1:]]
