"""`drill site` writes over nothing of others, and says what it lacks before it writes."""

import json
from pathlib import Path

import pytest

from drilllib.cli import main
from drilllib.site.lite.lists import NEEDED, locked
from drilllib.site.lite.packages import cut, of_kernel


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    assert main(["site", str(tmp_path)]) == 2

    assert "is no site of drilllib" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_without_npm_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert main(["site", str(tmp_path / "made"), "--parts", str(tmp_path / "parts")]) == 2

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "npm is not installed" in said
    assert not (tmp_path / "parts").exists()


def test_what_a_cell_may_import_has_a_version_in_the_list() -> None:
    lists = locked()

    assert set(NEEDED) <= set(lists.python)
    assert list(lists.npm) == ["pyodide"]


def test_the_lock_of_the_site_names_only_what_is_there(tmp_path: Path) -> None:
    """Pyodide's own names 350 packages, and its loader would ask another host for each."""
    names = {
        "micropip": [],
        "ipython": ["prompt_toolkit"],
        "prompt-toolkit": [],
        "jedi": [],
        "packaging": [],
        "numpy": [],
    }
    packages = {
        name: {"name": name, "version": "1", "depends": needs, "sha256": "theirs"} for name, needs in names.items()
    }
    lock = {"info": {"python": "3.14.2"}, "packages": packages}
    wheel = tmp_path / "any-1-py3-none-any.whl"
    wheel.write_bytes(b"")
    wanted = of_kernel(lock)

    found = cut(lock, dict.fromkeys(wanted, wheel), [])

    assert set(found["packages"]) == set(names) - {"numpy"}
    assert "theirs" not in json.dumps(found)
