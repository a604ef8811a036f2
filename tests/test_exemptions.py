"""Every check that a line switches off has its code and its reason beside it; a bare one hides the next error, too."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("bench", "docs", "drilllib", "notebooks", "tests")
BARE = re.compile(r"# type: ignore(?!\[[\w, -]+\]  # \w)|# noqa(?!: [A-Z]+\d+(, [A-Z]+\d+)*  \w)")


def test_every_exemption_has_its_reason() -> None:
    files = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if path.name != Path(__file__).name)
    bare = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if BARE.search(line)
    ]
    assert bare == []


@pytest.mark.parametrize(
    "line", ["# type: ignore", "# type: ignore[misc]", "# noqa", "# noqa: E402", "# noqa: E402 why"]
)
def test_a_bare_one_is_seen(line: str) -> None:
    assert BARE.search(f"x = y  {line}")


@pytest.mark.parametrize("line", ["# type: ignore[misc]  # the stub lacks z", "# noqa: E402  only now can it be found"])
def test_one_with_a_reason_is_not(line: str) -> None:
    assert not BARE.search(f"x = y  {line}")
