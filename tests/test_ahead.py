"""What a lesson needs later is imported while it waits; what goes wrong then is said by the cell that needs it."""

import sys
import threading
from pathlib import Path

import pytest

from drilllib.lesson.ahead import import_ahead


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """One that waits until it is let go on, and one behind it."""
    (tmp_path / "slow_to_import.py").write_text("import threading\nthreading.go_on.wait(60)\nready = True\n")
    (tmp_path / "imported_next.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(threading, "go_on", threading.Event(), raising=False)
    for name in ("slow_to_import", "imported_next"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return "slow_to_import"


def finish() -> None:
    for thread in threading.enumerate():
        if thread.name == "import-ahead":
            thread.join(60)


def test_nobody_waits_for_it_until_it_is_needed(module: str) -> None:
    wait = import_ahead(module, "imported_next")
    assert not hasattr(sys.modules.get(module), "ready")

    threading.go_on.set()
    wait()
    assert sys.modules[module].ready
    assert "imported_next" in sys.modules


def test_a_module_that_is_not_there_is_no_error_yet(capfd: pytest.CaptureFixture[str]) -> None:
    import_ahead("there_is_no_such_module")
    finish()

    assert capfd.readouterr() == ("", "")
