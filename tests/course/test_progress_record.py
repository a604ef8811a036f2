"""The learner's record: kept beside the notebooks, never half a line, and no failure where it cannot be kept."""

import json
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

import drilllib
from drilllib import InvalidInputError, UnknownNameError
from drilllib.cli import main
from drilllib.course import copies
from drilllib.course.copies import copy_notebooks, older_copies
from drilllib.lesson import record
from tests.waits import PATIENCE_S


@pytest.fixture
def learner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy_notebooks(tmp_path)
    monkeypatch.chdir(tmp_path / "en")
    monkeypatch.setattr(record, "_said", set())
    monkeypatch.delenv("DRILL_LANG", raising=False)
    return tmp_path


def answer(*, lesson: str = "02-node", what: str = "prediction", key: str = "x", right: bool = True) -> None:
    record.note(what, key, right=right, lesson=lesson)


def test_a_table_says_what_was_predicted_verified_and_answered(learner: Path) -> None:
    answer(right=False)
    answer(what="verified")
    answer(what="quiz", key="1.0")
    answer(what="quiz", key="1.1", right=False)
    table = drilllib.progress()

    (row,) = (line.split("  ") for line in repr(table).splitlines() if "02-node" in line)
    cells = [cell.strip() for cell in row if cell.strip()]
    assert cells[0] == "02-node"
    assert cells[1].startswith("○")
    assert cells[2:] == ["✓ verified", "●·· 1/3 (+ 0/1 of others)"]
    assert "Next: 00-start" in repr(table)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_html_is_a_table_with_a_caption_and_named_rows_and_columns(
    learner: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """Dots alone would be read as bullets, or not at all."""
    monkeypatch.setenv("DRILL_LANG", language)
    seen: list[tuple[str, dict]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list) -> None:
            seen.append((tag, dict(attrs)))

    bundle = drilllib.progress()._repr_mimebundle_()
    Parser().feed(bundle["text/html"])

    headers = [attributes["scope"] for tag, attributes in seen if tag == "th"]
    assert headers == ["col"] * 4 + ["row"] * len(copies.notebook_names())
    assert any(tag == "caption" for tag, _ in seen)
    assert sum(attributes.get("aria-hidden") == "true" for _, attributes in seen) == 2 * len(copies.notebook_names())
    assert "progress." not in bundle["text/html"] + bundle["text/plain"]


def test_a_kernel_that_is_killed_leaves_whole_lines(learner: Path) -> None:
    code = (
        "from drilllib.lesson import record\nwhile True: record.note('quiz', 'k' * 900, right=True, lesson='02-node')"
    )
    writer = subprocess.Popen([sys.executable, "-c", code], cwd=learner / "en")
    path, deadline = learner / record.RECORD, time.monotonic() + PATIENCE_S
    while not (path.exists() and path.stat().st_size > 50_000) and time.monotonic() < deadline:
        time.sleep(0.01)
    writer.send_signal(signal.SIGKILL)
    writer.wait()

    lines = path.read_text().splitlines()
    assert len(lines) > 40
    assert all(json.loads(line)["lesson"] == "02-node" for line in lines)


@pytest.mark.parametrize("torn", ['{"lesson": "02-no', "\x00\x00", "[1]", '{"lesson": 1, "what": 2}', "[" * 100_000])
def test_a_line_that_is_no_event_is_passed_over_and_harms_no_other(learner: Path, torn: str) -> None:
    """As a full disk or an editor may leave it."""
    answer(key="before")
    with (learner / record.RECORD).open("a") as file:
        file.write(torn)
    answer(key="after")

    assert [each["key"] for each in record.events(learner)] == ["before", "after"]


def test_a_record_that_cannot_be_written_is_one_line_and_no_failure(
    learner: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (learner / record.RECORD).mkdir()
    answer()
    answer(key="y")

    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("Your progress is not kept")


def test_a_record_that_leads_elsewhere_is_not_followed(learner: Path, tmp_path: Path) -> None:
    """A folder from a stranger must not make us write into a file of the learner's."""
    other = tmp_path / "other"
    other.write_text("mine")
    (learner / record.RECORD).symlink_to(other)
    answer()

    assert other.read_text() == "mine"


def test_outside_of_a_learners_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer()

    assert [*tmp_path.iterdir()] == []
    with pytest.raises(InvalidInputError, match="in no folder of the course"):
        drilllib.progress()


def test_nothing_is_written_where_nobody_looks(learner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILL_HEADLESS", "1")
    answer()

    assert not (learner / record.RECORD).exists()


def test_a_lesson_begins_anew(learner: Path) -> None:
    answer()
    answer(lesson="03-pod")

    found = {each.lesson: each for each in drilllib.progress(reset="02").lessons}

    assert not found["02-node"].begun
    assert found["03-pod"].begun
    with pytest.raises(UnknownNameError, match="No notebook"):
        drilllib.progress(reset="99")


def test_a_copy_older_than_the_course_is_told(learner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert older_copies(learner) == []
    name = "en/02-node.ipynb"
    (learner / name).write_text("my notes")
    written = json.loads((learner / record.COPIES).read_text())
    (learner / record.COPIES).write_text(json.dumps({**written, name: "another digest"}))

    assert older_copies(learner) == [name]
    assert "Older than the course: en/02-node." in repr(drilllib.progress())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_command_says_the_same_and_gives_json(
    learner: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("DRILL_LANG", language)
    answer()
    assert main(["progress", "--dir", str(learner)]) == 0
    assert capsys.readouterr().out == f"{drilllib.progress()!r}\n"

    assert main(["progress", "--dir", str(learner), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "drilllib/progress/1"
    assert [each["lesson"] for each in document["lessons"]] == copies.notebook_names()
    assert document["lessons"][2]["predictions"] == [True]


def test_a_folder_without_the_course_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["progress", "--dir", str(tmp_path), "--lang", "en"]) == 2
    assert "There are no notebooks of the course in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "lesson"), [("/x/zh/05-practice.ipynb", "05-practice"), ("/x/Untitled.ipynb", "02-node")]
)
def test_which_lesson_it_is_follows_from_the_notebook_else_from_its_first_fault(
    learner: Path, monkeypatch: pytest.MonkeyPatch, path: str, lesson: str
) -> None:
    monkeypatch.setattr(record, "_current", [])
    monkeypatch.setenv("JPY_SESSION_NAME", path)
    record.begin("group-2")
    record.begin("group-3")
    record.note("prediction", "x", right=True)

    assert [each["lesson"] for each in record.events(learner)] == [lesson]


ASKED = """
from drilllib import Lesson
lesson = Lesson("group-2")
"""
PREDICTED = "lesson.predict('outcome').record('a')"


def test_the_same_question_in_another_cell_counts_and_a_cell_run_again_does_not(
    learner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lesson 02 asks before and after a rule that changes nothing; JupyterLab tells a kernel which cell it runs."""
    client = pytest.importorskip("jupyter_client", reason="jupyter_client is not installed")
    monkeypatch.setenv("IPYTHONDIR", str(learner / "ipython"))
    manager, kernel = client.manager.start_new_kernel(cwd=str(learner / "en"))
    try:
        for code, cell in ((ASKED, "c0"), (PREDICTED, "c1"), (PREDICTED, "c1"), (PREDICTED, "c2")):
            content = {"code": f"{code}\nlesson.curl()", "silent": False, "allow_stdin": False}
            message = kernel.session.msg("execute_request", content, metadata={"cellId": cell})
            kernel.shell_channel.send(message)
            answers = iter(lambda: kernel.get_shell_msg(timeout=PATIENCE_S), None)  # the first may be about the start
            reply = next(each for each in answers if each["parent_header"]["msg_id"] == message["header"]["msg_id"])
            assert reply["content"]["status"] == "ok"
    finally:
        kernel.stop_channels()
        manager.shutdown_kernel(now=True)

    predicted = [each["key"] for each in record.events(learner) if each["what"] == "prediction"]
    assert len(predicted) == 3
    assert len({*predicted}) == 2
