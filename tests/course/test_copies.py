"""The learner's copies: brought up to date, never overwritten once edited."""

import json
from pathlib import Path

import pytest

from drilllib.course import copies
from drilllib.errors import InvalidInputError, UnknownNameError

NAME = "zh/02-node.ipynb"


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An installation whose notebooks differ from the ones copied before."""
    source = tmp_path / "newer"
    for path in copies.source_folder().glob("*/*.ipynb"):
        target = source / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text(encoding="utf-8").replace("CLB", "the new CLB"), encoding="utf-8")
    return source


def test_every_notebook_is_copied_in_both_languages(tmp_path: Path) -> None:
    copies.copy_notebooks(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {"zh", "en", ".drilllib.json"}
    assert len(list(tmp_path.glob("*/*.ipynb"))) == 2 * len(copies.notebook_names())


def test_an_edited_copy_is_kept_and_named(tmp_path: Path, newer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An evening's work must survive an upgrade."""
    folder = tmp_path / "mine"
    copies.copy_notebooks(folder)
    (folder / NAME).write_text("my notes", encoding="utf-8")
    monkeypatch.setattr(copies, "source_folder", lambda: newer)

    assert copies.copy_notebooks(folder) == [NAME]
    assert (folder / NAME).read_text(encoding="utf-8") == "my notes"


def test_an_untouched_copy_becomes_the_newer_version(tmp_path: Path, newer: Path, monkeypatch) -> None:
    folder = tmp_path / "mine"
    copies.copy_notebooks(folder)
    monkeypatch.setattr(copies, "source_folder", lambda: newer)

    assert copies.copy_notebooks(folder) == []
    assert "the new CLB" in (folder / NAME).read_text(encoding="utf-8")


def test_copies_show_no_answer_before_it_was_predicted(tmp_path: Path) -> None:
    """The lessons ask for a prediction right above each answer."""
    copies.copy_notebooks(tmp_path)

    for path in tmp_path.glob("*/*.ipynb"):
        cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
        assert cells
        assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


def test_without_its_record_every_copy_counts_as_edited(tmp_path: Path, newer: Path, monkeypatch) -> None:
    """When in doubt, nothing is lost."""
    folder = tmp_path / "mine"
    copies.copy_notebooks(folder)
    (folder / ".drilllib.json").write_text("half a reco")
    before = (folder / NAME).read_text(encoding="utf-8")
    monkeypatch.setattr(copies, "source_folder", lambda: newer)

    copies.copy_notebooks(folder)

    assert (folder / NAME).read_text(encoding="utf-8") == before


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInputError, match="--dir"):
        copies.copy_notebooks(tmp_path / "file")


@pytest.mark.parametrize("name", ["02", "2", "node", "02-node", "02-node.ipynb"])
def test_a_notebook_is_found_by_any_part_of_its_name(name: str) -> None:
    assert copies.find_notebook(name) == "02-node"


def test_a_number_or_a_title_is_the_notebooks_own_though_others_have_it_in_their_names() -> None:
    """2 is lesson 02, not one of the twenties, and node is no part of node-to-pod."""
    found = [copies.find_notebook(each) for each in ("0", "02", "20", "pod", "nodeport", "egress")]
    assert found == ["00-start", "02-node", "20-pod-to-pod", "03-pod", "22-nodeport", "21-pod-egress"]


@pytest.mark.parametrize("name", ["", "router", "99", "nodes"])
def test_a_name_that_fits_none_or_several_lists_them_all(name: str) -> None:
    with pytest.raises(UnknownNameError, match="01-clb, 02-node"):
        copies.find_notebook(name)
