"""Hints lead somewhere, and the help says what comes out."""

import json
from pathlib import Path

import pytest

from drilllib.cli import main
from drilllib.cli.parsers import EXIT
from drilllib.core.drills.default_lab import default_lab


def error(arguments: list[str], capsys: pytest.CaptureFixture) -> str:
    assert main(arguments) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("command", EXIT)
def test_the_help_of_every_command_that_answers_has_its_exit_statuses(command: str, capsys) -> None:
    for arguments in ([command, "--help"], ["--help"]):
        with pytest.raises(SystemExit):
            main(arguments)
        said = " ".join(capsys.readouterr().out.split())
        assert EXIT[command] in said
    assert "help is in English" in said


@pytest.mark.parametrize("command", ["diff", "reach", "lint", "check", "decide"])
def test_standard_input_is_one_file(command: str, capsys) -> None:
    """The second would find nothing, and be called empty though there was data."""
    more = ["--from", "203.0.113.10", "--port", "80"] if command == "decide" else []
    assert "Standard input can be only one of the files. Name the others." in error([command, "-", "-", *more], capsys)


@pytest.mark.parametrize(("option", "said"), [("--fail-on", "'error'"), ("--direction", "'ingress'")])
def test_choices_are_told_as_they_are_typed(option: str, said: str, capsys) -> None:
    with pytest.raises(SystemExit):
        main(["lint" if option == "--fail-on" else "reach", "x.json", option, "fatal"])
    message = capsys.readouterr().err
    assert f"choose from {said}" in message
    assert "<" not in message


def test_a_group_where_a_snapshot_is_wanted_leads_to_the_commands_about_groups(tmp_path: Path, capsys) -> None:
    group = tmp_path / "sg.json"
    group.write_text('{"Ingress": []}', encoding="utf-8")
    for command in (["fix", str(group), "--from", "203.0.113.0/24"], ["check", str(group), "e.json"]):
        assert "Give a snapshot; about groups ask drill decide, drill reach or drill lint." in error(command, capsys)


def test_expectations_that_are_no_json_are_to_be_corrected(tmp_path: Path, capsys) -> None:
    """They are nobody's answer, so there is none to save."""
    lab, bad = tmp_path / "lab.json", tmp_path / "bad.json"
    lab.write_text(json.dumps(default_lab()), encoding="utf-8")
    bad.write_text("{]", encoding="utf-8")
    assert error(["check", str(lab), str(bad)], capsys).endswith("Correct the file.\n")


def test_files_in_the_wrong_order_are_noticed(tmp_path: Path, capsys) -> None:
    said = error(["check", "expectations.yaml", str(tmp_path / "lab.json")], capsys)
    assert said.endswith("is YAML, and a snapshot is JSON. Name the snapshot first, then the expectations.\n")
