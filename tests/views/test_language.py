"""Which language is spoken where nobody named one."""

from pathlib import Path

import pytest

from drilllib.errors import InvalidInputError
from drilllib.views.phrases.language import language


@pytest.fixture(autouse=True)
def plain_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DRILL_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_a_notebooks_folder_names_its_language(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The notebooks of both languages share every code cell, so the folder has to tell."""
    (tmp_path / "zh").mkdir()
    monkeypatch.chdir(tmp_path / "zh")
    assert language() == "zh"


@pytest.mark.parametrize(("locale", "spoken"), [("zh_CN.UTF-8", "zh"), ("de_DE.UTF-8", "en"), ("C", "en")])
def test_elsewhere_the_locale_decides(locale: str, spoken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", locale)
    assert language() == spoken


def test_a_named_language_wins_over_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILL_LANG", "zh")
    assert (language("en"), language()) == ("en", "zh")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="Use zh or en"):
        language("fr")
