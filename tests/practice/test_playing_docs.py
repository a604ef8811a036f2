"""What the documents say to type is typed, by a shell in an empty home, and prints what they show."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = {"README.md": "en", "README.zh-CN.md": "zh", "docs/practice.md": "en"}
SKIPPED = "...\n"


def typed(page: str) -> Iterator[tuple[str, str]]:
    """Each command of `drill practice` in a console block, with what is shown below it."""
    for block in re.findall(r"```console\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            with_lines = re.match(r"(.*<<'(\w+)'\n.*?^\2\n)(.*)", part, re.DOTALL | re.MULTILINE)
            command, _, shown = with_lines.groups() if with_lines else part.partition("\n")
            if "drill practice" in command:
                yield command, shown


@pytest.mark.parametrize(("page", "command", "shown"), [(page, *each) for page in PAGES for each in typed(page)])
def test_a_command_in_the_documents_prints_what_they_show(page: str, command: str, shown: str, tmp_path: Path) -> None:
    script = f'drill() {{ "{sys.executable}" -m drilllib "$@"; }}\n{command}'
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": "", "DRILL_LANG": PAGES[page]}
    run = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env={**os.environ, **home}, stdin=subprocess.DEVNULL, capture_output=True
    )
    assert run.returncode in (0, 1, 3), run.stderr
    rest = run.stdout.decode()
    assert rest
    for chunk in shown.split(SKIPPED):
        assert chunk in rest
        rest = rest[rest.index(chunk) + len(chunk) :]
    assert SKIPPED in shown or not shown or not rest.strip()


def test_every_page_says_something_to_type() -> None:
    assert [len(list(typed(page))) for page in PAGES] == [3, 2, 1]
