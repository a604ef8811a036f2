"""Exports: the columns that Canvas and Moodle read, statements as xAPI has them, names only where asked for."""

import csv
import json
import re
import sys
from pathlib import Path
from uuid import UUID

import pytest

from drilllib._version import __version__
from drilllib.classes.export import Who, canvas_export, csv_export, moodle_export, xapi_export
from drilllib.classes.judge import Standing
from drilllib.classes.parquet import write_parquet
from drilllib.classes.place import Place
from drilllib.classes.roster import Learner
from drilllib.classes.secret import Secret
from drilllib.classes.tally import COLUMNS, counted, csv_text
from drilllib.cli import main
from drilllib.errors import InvalidInputError, MissingToolError
from tests.classes.rooms import class_in
from tests.classes.test_board import LATE, PLAN, A, B, C, log

NAMES = {"l1": "Ada", "l2": "=HYPERLINK(1)", "l3": "", "l4": "李雷"}
LOGS = [
    log("l1", A, passed=True, spent=3, started="2026-11-30T15:00:00Z", seed=11),
    log("l1", B, seed=12, started="yesterday", ended="never"),
    log("l1", C, standing=Standing.UNFINISHED),
    log("l2", A, passed=True, ended=LATE),
    log("l3", A, standing=Standing.COPIED, other="l1"),
]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    from dataclasses import replace

    plan = replace(PLAN, learners={each: Learner(each, name) for each, name in NAMES.items()})
    return Place(plan, tmp_path, Secret(b"s" * 32))


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()))


def logs() -> list:
    return list(counted(PLAN, LOGS))


def test_no_export_has_an_id_or_a_name_unless_asked(place: Place) -> None:
    who = Who(place, names=False)
    texts = [make(place, logs(), who) for make in (csv_export, canvas_export, moodle_export, xapi_export)]
    assert [re.findall(r"\bl[1-4]\b|Ada|李雷|HYPERLINK", text) for text in texts] == [[], [], [], []]
    first = place.secret.pseudonym("l1")
    assert [first in text for text in texts] == [True, True, True, True]
    assert len({place.secret.pseudonym(each) for each in NAMES}) == 4
    assert Secret(b"t" * 32).pseudonym("l1") != first  # nobody without the secret can make it


def test_what_canvas_reads(place: Place) -> None:
    """`header?` and `process_pp` of its importer: Student first, then ID; Section is the last about the student."""
    head, possible, ada, second, third, _ = rows(canvas_export(place, logs(), Who(place, names=True)))
    assert head == [
        *("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
        *("monday a 1", "monday b 1", "monday c 1", "monday d 1"),
    ]
    assert "Points Possible" in possible[0]
    assert possible[5:] == ["1"] * 4
    assert ada == ["Ada", "", "", "l1", "", "1", "0", "", ""]
    assert second == ["l2", "", "", "l2", "", "1", "", "", ""]  # a name that a spreadsheet would run is left out
    assert third == ["l3", "", "", "l3", "", "", "", "", ""]


def test_what_moodle_reads(place: Place) -> None:
    head, ada, *_ = rows(moodle_export(place, logs(), Who(place, names=True)))
    assert head == ["username", "monday a 1", "monday b 1", "monday c 1", "monday d 1"]
    assert ada == ["l1", "1", "0", "-", "-"]


def test_the_rows_for_analysis(place: Place) -> None:
    head, ada, *_, copied = rows(csv_export(place, logs(), Who(place, names=True)))
    assert head == [*COLUMNS, "name", "pseudonym"]
    assert (ada[0], ada[-2:]) == ("l1", ["Ada", place.secret.pseudonym("l1")])
    assert copied[head.index("other")] == "l1"
    hidden = rows(csv_export(place, logs(), Who(place, names=False)))
    assert hidden[0] == [*COLUMNS]
    assert hidden[-1][head.index("other")] == place.secret.pseudonym("l1")


def test_parquet_has_the_rows_of_the_csv_with_types(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    write_parquet(tmp_path / "grades", logs())
    table = parquet.read_table(tmp_path / "grades")
    assert table.column_names == [*COLUMNS]
    kinds = dict(zip(table.column_names, map(str, table.schema.types), strict=True))
    assert (kinds["passed"], kinds["spent"], kinds["seed"]) == ("bool", "int64", "string")
    found = [
        [str(int(each)) if isinstance(each, bool) else str(each) for each in row.values()] for row in table.to_pylist()
    ]
    assert found == rows(csv_text(logs()))[1:]
    assert {row[-1] for row in found} == {__version__}
    with pytest.raises(InvalidInputError, match="cannot be written"):
        write_parquet(tmp_path / "nowhere" / "grades", logs())


def test_without_pyarrow_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingToolError, match=r"pip install 'drilllib\[parquet\]'"):
        write_parquet(tmp_path / "grades", logs())
    assert not list(tmp_path.iterdir())


def test_statements_are_as_the_specification_has_them(place: Place) -> None:
    """xAPI-Data.md: required parts, one identifier an agent, UUIDs, no null and no other property; only what counts."""
    text = xapi_export(place, logs(), Who(place, names=True), "https://school.example")
    found = [json.loads(line) for line in text.splitlines()]
    assert [(each["actor"]["account"]["name"], each["verb"]["id"].rpartition("/")[2]) for each in found] == [
        *(("l1", "passed"), ("l1", "failed"), ("l2", "passed")),
    ]
    for each in found:
        assert set(each) <= {"id", "actor", "verb", "object", "result", "context", "timestamp"}
        assert str(UUID(each["id"])) == each["id"]
        assert set(each["actor"]) == {"objectType", "name", "account"}
        assert set(each["actor"]["account"]) == {"homePage", "name"}
        assert set(each["result"]) <= {"success", "completion", "score", "duration", "extensions"}
        assert "null" not in json.dumps(each)
        assert all(re.match(r"https?://", name) for name in each["result"]["extensions"])
    first, second, third = found
    assert (first["timestamp"], first["result"]["duration"]) == ("2026-11-30T15:59:59+00:00", "PT3599.00S")
    assert (first["result"]["score"], second["result"]["score"]) == ({"scaled": 1}, {"scaled": 0})
    assert "timestamp" not in second  # its log has no time there
    assert third["result"]["extensions"]["https://school.example/extensions/late"] is True


def test_a_statement_that_is_sent_twice_is_one(place: Place) -> None:
    def ids(*, names: bool) -> list[str]:
        lines = xapi_export(place, logs(), Who(place, names=names)).splitlines()
        return [json.loads(line)["id"] for line in lines]

    assert ids(names=False) == ids(names=False)
    assert len({*ids(names=False), *ids(names=True)}) == 6  # of other content another id


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("yaml", reason="a class's file is YAML")
    pytest.importorskip("sqlalchemy", reason="grades are kept by SQLAlchemy")
    class_in(tmp_path)
    name, out = str(tmp_path / "monday.yaml"), tmp_path / "out.csv"
    assert main(["class", "export", name, "--as", "moodle"]) == 0
    assert "alice" not in capsys.readouterr().out
    assert main(["class", "export", name, "--as", "canvas", "--names", "--out", str(out)]) == 0
    assert ",alice," in out.read_text("utf-8")
    assert out.stat().st_mode & 0o077 == 0
    assert main(["class", "export", name, "--as", "xapi", "--home-page", "school"]) == 2
    assert "is no address" in capsys.readouterr().err
    assert main(["class", "export", name, "--as", "csv", "--home-page", "https://a.example"]) == 2
