"""What counts as yes, when a command asks before it writes."""

import io
import sys

import pytest

from drilllib.cli.lines import agreed


class Interrupted(io.StringIO):
    """A terminal at which Ctrl+C is pressed."""

    def readline(self, *_: object) -> str:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("y\n", True), ("YES\n", True), (" yes \n", True), ("yeah\n", False), ("\n", False), ("", False)],
)
def test_only_y_and_yes_are_yes(typed: str, wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert agreed("Write this? [y/N]") is wanted


def test_ctrl_c_at_the_question_is_no(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the command says that nothing was written, where "interrupted" alone left it open."""
    monkeypatch.setattr(sys, "stdin", Interrupted())
    assert agreed("Write this? [y/N]") is False
