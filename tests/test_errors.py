"""Errors speak the reader's language, and no value in one can spoil what is said."""

import ast
import io
import re
from pathlib import Path

import pytest

import drilllib
from drilllib.cli import main
from drilllib.errors import InvalidInputError, LabStateError, Message, either
from drilllib.labs.netns import messages
from drilllib.views.phrases.catalog import error_text
from tests.messages import calls, errors, trees

ROOT = Path(drilllib.__file__).parent
HOSTILE = "{name}{0.__class__}\x1b[31m\n\u202e%s"


def shouting(template: str) -> str:
    return re.sub(r"(?<!{)\b\w+\b(?!})", lambda word: word[0].upper(), template)


def test_a_value_is_never_taken_for_a_template() -> None:
    """A name from a file would else put other values, or the program's insides, into the message."""
    error = InvalidInputError("There is no {name}", remedy="Look at {name}", name=HOSTILE)

    shown = "{name}{0.__class__}\\x1b[31m\\n\\u202e%s"
    assert str(error) == f"There is no {shown}. Look at {shown}."
    assert error.text(shouting) == f"THERE IS NO {shown}. LOOK AT {shown}."


def test_a_message_inside_of_a_message_is_translated_with_it() -> None:
    error = InvalidInputError("{what} is 3", remedy="Write {choices}", what=Message("The peer"), choices=either("ab"))

    assert str(error) == "The peer is 3. Write a or b."
    assert error_text(error, "zh") == "对端为 3。Write a 或 b。".replace("对端为 3", "对端 is 3")


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (["trace", "nowhere.json"], "'nowhere.json' cannot be read: ", "无法读取 'nowhere.json'："),
        (
            ["example", "group-9", "DIR"],
            "There is no example 'group-9'. Use one of ",
            "没有名为 'group-9' 的示例。请从",
        ),
        (["decide", "-"], "'-' is empty. Save JSON into it.", "'-' 为空。请把 JSON 存进去。"),
    ],
)
def test_the_command_line_speaks_the_readers_language(
    arguments: list[str], english: str, chinese: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys
) -> None:
    """Whoever reads the answers in Chinese reads the errors in Chinese; the exit status is the same."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    for language, expected in (("en", english), ("zh", chinese)):
        monkeypatch.setenv("DRILL_LANG", language)
        assert main(arguments) == 2
        assert expected in capsys.readouterr().err


def test_an_unknown_language_is_said_in_english(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("DRILL_LANG", "fr")

    assert main(["trace", "nowhere.json"]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_notebook_shows_errors_in_its_language(monkeypatch: pytest.MonkeyPatch) -> None:
    import drilllib.lesson  # noqa: F401  the import makes errors speak

    monkeypatch.setenv("DRILL_LANG", "zh")
    with pytest.raises(LabStateError) as caught:
        raise LabStateError(
            "This lab is closed", remedy="Open a new one: in a notebook, run the cell with lesson = ... again"
        )

    assert caught.value._render_traceback_() == [
        "实验环境已关闭。请打开新的实验环境：在 notebook 中重新运行 lesson = ... 那个单元格。"
    ]
    assert (
        str(caught.value) == "This lab is closed. Open a new one: in a notebook, run the cell with lesson = ... again."
    )


def test_an_error_of_the_labs_process_is_still_translated_here() -> None:
    """The process that ran into it may be a root's, with another locale."""
    there = LabStateError("The lab has no host {host}", remedy="There are {known}", host=HOSTILE, known=either("ab"))

    here = messages.error_of(messages.error_message(there)["error"])

    assert str(here) == str(there)
    assert error_text(here, "zh") == error_text(there, "zh") != str(there)


def put_together(root: Path) -> list[str]:
    """Errors whose words are put together where they are made, so that nobody could translate them."""
    known = errors(trees(root))
    asked = (call for tree in trees(root) for name, call in calls(tree) if name in known or name == "Message")
    parts = [
        part for call in asked for part in (*call.args[:1], *(k.value for k in call.keywords if k.arg == "remedy"))
    ]
    return [
        ast.unparse(part) for part in parts if any(isinstance(n, ast.JoinedStr | ast.BinOp) for n in ast.walk(part))
    ]


def test_no_error_is_put_together_from_pieces() -> None:
    """An f-string is filled before anyone can translate it."""
    assert put_together(ROOT) == []


def test_an_error_put_together_is_found(tmp_path: Path) -> None:
    lines = [
        "class DrillError(Exception): ...",
        "DrillError(f'There is no {name}', remedy='a' + b)",
        "DrillError('There is no {name}', remedy=c)",
    ]
    (tmp_path / "errors.py").write_text("\n".join(lines), encoding="utf-8")

    assert put_together(tmp_path) == ["f'There is no {name}'", "'a' + b"]
