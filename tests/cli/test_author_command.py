"""`drill author` as a terminal sees it: a drill is begun, checked, proved, and seen as a learner does."""

from collections import Counter
from pathlib import Path

import pytest

from drilllib.cli import main
from drilllib.core.practice import wrongs
from drilllib.core.practice.grade import Grade
from drilllib.practice import library
from drilllib.practice.proving import objections
from tests.thorough import how_many

SEEDS = how_many(1, thorough=4, long=100)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    assert main(["author", "new", "mine", "--out", str(path)]) == 0
    return path


def test_a_new_drill_is_right_as_it_stands_and_is_never_overwritten(mine: Path, capsys) -> None:
    assert main(["author", "check", str(mine), "--lang", "en"]) == 0
    assert main(["author", "prove", str(mine), "--seeds", "3", "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{mine}: mine is as it has to be.\n")
    assert f"{mine}: proved over 3 seeds." in told
    assert all(f"  {way}\n" in told for way in (wrongs.REFERENCE, *set(wrongs.WRONGS) - {"wrong-place"}))
    assert main(["author", "new", "mine", "--out", str(mine)]) == 2
    assert main(["author", "new", "My Drill"]) == 2


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("base: node-port", "base: nodeport", 4, "drill.base is 'nodeport'. Use node-port"),
        ("edit: below-drop", "edit: above-drop", 7, "drill.faults[0].edit is 'above-drop'. Use wrong-source"),
        ("    texts:\n", "    text:\n", 10, "drill.ticket.en has no texts. Add it"),
        ("{url}. {service}", "{url} by {rule}. {service}", 13, "drill.ticket.en.texts[0] is 'rule'. Use client"),
        (
            "{url}. {service}",
            "{url}: a DROP. {service}",
            13,
            "drill.ticket.en.texts[0] names 'DROP'. Leave it to be found",
        ),
        ("没有响应", "sg-7c02 没有响应", 15, "drill.ticket.zh.title names 'sg-7c02'."),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(
    mine: Path, old: str, new: str, line: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mine.write_text(mine.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")

    assert main(["author", "check", str(mine), "--lang", "en"]) == 2
    assert capsys.readouterr().err.startswith(f"drill author: {mine}:{line}: {told}")


def test_a_preview_tells_no_solution_unless_it_is_asked_for(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["author", "preview", str(mine), "--seed", "3", "--lang", "en"]) == 0
    first = capsys.readouterr().out
    assert main(["author", "preview", str(mine), "--seed", "3", "--lang", "en", "--solution"]) == 0
    second = capsys.readouterr().out

    assert second.startswith(first.rstrip("\n"))
    assert "does not answer" in first
    assert "What is wrong:" in second.removeprefix(first.rstrip("\n"))
    assert "state group" not in first


def test_a_drill_whose_grades_are_wrong_is_not_proved(mine: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    """Here whatever is left passes; each wrong attempt is told by its name."""
    lenient = property(lambda grade: True)
    monkeypatch.setattr(Grade, "passed", lenient)

    assert main(["author", "prove", str(mine), "--seeds", "1", "--lang", "en"]) == 1
    told = capsys.readouterr().out
    assert {way for way in wrongs.WRONGS if f"The attempt {way} passes" in told} >= {
        "nothing-done",
        "too-wide",
        "one-left",
    }
    assert told.endswith("1 of 1 worlds are not as they have to be.\n")


@pytest.mark.parametrize("name", library.names())
def test_a_built_in_drill_passes_with_the_reference_and_with_nothing_wrong(name: str) -> None:
    """Over all seeds in CI: proved, no leak, and every wrong attempt fails."""
    counts: Counter[str] = Counter()
    drill = library.drill(name)
    for seed in range(SEEDS):
        assert list(map(str, objections(drill, seed, drill.levels[seed % len(drill.levels)], counts))) == [], seed
    assert counts[wrongs.REFERENCE] == SEEDS
