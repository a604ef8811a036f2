"""The map of the eleven scenarios: the same as the page of docs, links to notebooks that are there, progress beside."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import drilllib
from drilllib import InvalidInputError
from drilllib.cli import main
from drilllib.core.drills.matrix import MATRIX
from drilllib.core.drills.scenarios import SCENARIOS
from drilllib.course.copies import copy_notebooks, notebook_names
from drilllib.lesson import record

PAGE = Path(__file__).parents[2] / "docs" / "scenarios.md"


@pytest.fixture
def learner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy_notebooks(tmp_path)
    monkeypatch.chdir(tmp_path / "en")
    monkeypatch.setenv("DRILL_LANG", "en")
    return tmp_path


def lines(text: str, row: int) -> list[str]:
    """What a row of the map says: its line, and those of its further lessons."""
    found = re.search(rf"^{row} .*(?:\n +.*)*", text, re.MULTILINE)
    assert found
    return found[0].splitlines()


def test_the_page_of_docs_has_the_same_rows_and_lessons() -> None:
    rows = re.findall(r"^\| (\d+) \|.*\| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    told = {int(number): tuple(re.findall(r"notebooks/en/([\w-]+)\.ipynb", cell)) for number, cell in rows}

    assert told == MATRIX


def test_every_short_lesson_is_on_the_map_at_a_row_of_its_scenario() -> None:
    for name, lesson in record.SCENARIOS.items():
        rows = {number for number, lessons in MATRIX.items() if lesson in lessons}
        assert rows & {int(each) for each in SCENARIOS[name].rows.split(", ")}
    assert {each for lessons in MATRIX.values() for each in lessons} <= set(notebook_names())


def test_what_is_on_record_stands_beside_the_lesson(learner: Path) -> None:
    """Done is verified: these lessons have no quiz."""
    for key, right in (("a", True), ("b", False)):
        record.note("prediction", key, right=right, lesson="26-global-router")
    record.note("verified", "global-router", right=True, lesson="26-global-router")
    record.note("verified", "node-to-pod", right=False, lesson="24-node-to-pod")
    text = repr(drilllib.scenario_map())

    assert lines(text, 8)[0].endswith("26-global-router  done · 1/2 predicted right · ✓ verified")
    assert "24-node-to-pod  begun · 0/2 predicted right · ✗ not yet" in lines(text, 7)[0]
    assert lines(text, 9)[0].endswith("27-global-router-node")
    assert text.endswith("Done: 1 of 11 rows")


def test_a_row_is_done_when_each_of_its_lessons_is(learner: Path) -> None:
    record.note("verified", "pod-to-pod", right=True, lesson="20-pod-to-pod")
    assert "Done: 0 of 11 rows" in repr(drilllib.scenario_map())
    record.note("verified", "pod-egress", right=True, lesson="21-pod-egress")
    record.note("verified", "super-node", right=True, lesson="25-super-node")
    assert "Done: 3 of 11 rows" in repr(drilllib.scenario_map()), "rows 6, 10 and 11"


def test_nobody_and_nowhere_have_begun_nothing(learner: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So that stored outputs are the same whoever runs them; and a folder that is none of the course's is said so."""
    record.note("verified", "super-node", right=True, lesson="25-super-node")
    monkeypatch.setenv("DRILL_HEADLESS", "1")
    assert "done" not in repr(drilllib.scenario_map())
    monkeypatch.delenv("DRILL_HEADLESS")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert "begun" not in repr(drilllib.scenario_map())
    with pytest.raises(InvalidInputError, match="no notebooks of the course"):
        drilllib.scenario_map(folder=tmp_path / "elsewhere")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_has_named_rows_and_links_to_notebooks_beside_it(learner: Path, language: str) -> None:
    """What is clicked, or reached by Tab, opens; what a screen reader says of a cell names its row and column."""
    seen: list[tuple[str, dict]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list) -> None:
            seen.append((tag, dict(attrs)))

    Parser().feed(drilllib.scenario_map(lang=language).html())
    tags = [tag for tag, _ in seen]

    assert tags.count("caption") == 1
    assert [attrs.get("scope") for tag, attrs in seen if tag == "th"] == ["col"] * 4 + ["row"] * 11
    links = [attrs["href"] for tag, attrs in seen if tag == "a"]
    assert links == [f"{each}.ipynb" for lessons in MATRIX.values() for each in lessons]
    assert all((learner / language / each).is_file() for each in links)


def test_the_command_says_it_and_takes_nothing_beside(learner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["progress", "--map", "--lang", "zh"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "已完成 0/11 行"
    for beside in (["--json"], ["--reset", "05"]):
        assert main(["progress", "--map", *beside]) == 2
        assert f"--map and {beside[0]} do not go together" in capsys.readouterr().err
