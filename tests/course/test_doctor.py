"""`drill doctor`: what works here, what is reduced."""

from importlib import metadata

import pytest

from drilllib.cli import main
from drilllib.course import copies, doctor
from drilllib.errors import MissingToolError
from drilllib.views import picture


def test_everything_here_is_listed_with_its_version(capsys) -> None:
    main(["doctor"])

    said = capsys.readouterr().out
    assert f"{metadata.version('drilllib')}" in said
    assert "01-clb, 02-node" in said


def test_a_missing_renderer_reduces_but_does_not_fail(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(picture, "renderer", lambda: None)

    main(["doctor"])

    assert "reduced  renderer" in capsys.readouterr().out


def test_what_the_course_cannot_do_without_is_missing(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def absent(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    def nowhere() -> list[str]:
        raise MissingToolError("No notebooks", remedy="Install again")

    monkeypatch.setattr(doctor.metadata, "version", absent)
    monkeypatch.setattr(doctor, "notebook_names", nowhere)

    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "missing  jupyterlab" in said
    assert "missing  notebooks" in said
    assert copies.notebook_names()
