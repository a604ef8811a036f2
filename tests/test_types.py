"""mypy --strict over the package: what is clean stays clean, and what is not yet clean gets no worse."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

import drilllib

ROOT = Path(drilllib.__file__).parent
RECORD = Path(__file__).with_name("type_errors.toml")


def tally(report: str) -> Counter[str]:
    """The errors in mypy's *report*: ``views`` counts views/text/hops.py, ``files.py`` itself; notes do not count."""
    return Counter(re.findall(r"^drilllib/([^/:]+)[^:]*:\d+: error: ", report, re.MULTILINE))


def objections(found: Counter[str], recorded: dict[str, int]) -> list[str]:
    """What to do about each folder whose errors differ from the record."""
    advice = {True: "correct the new ones", False: f"write the lower number into {RECORD.name}, or drop a line of 0"}
    return [
        f"drilllib/{name}: {found[name]} errors, {recorded.get(name, 0)} on record: "
        + advice[found[name] > recorded.get(name, 0)]
        for name in sorted(found.keys() | recorded.keys())
        if found[name] != recorded.get(name, 0)
    ]


def test_type_errors_stay_at_none_and_the_recorded_ones_only_fall() -> None:
    """Where types are checked, a reader can believe a signature; a folder that is not on record has no errors."""
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed")
    run = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT.parent, capture_output=True, text=True)
    assert run.returncode in (0, 1), run.stdout + run.stderr

    found = objections(tally(run.stdout), tomllib.loads(RECORD.read_text()))
    assert not found, "\n".join([*found, run.stdout])


@pytest.mark.parametrize(
    ("report", "recorded", "start"),
    [
        ("drilllib/core/sets/grid.py:3: error: x  [misc]", {}, "drilllib/core: 1 errors, 0 on record: correct"),
        ("drilllib/files.py:3: error: x  [misc]", {"cli": 0}, "drilllib/files.py: 1 errors, 0 on record: correct"),
        ("Success: no issues found", {"views": 1}, "drilllib/views: 0 errors, 1 on record: write the lower number"),
    ],
)
def test_a_rise_fails_and_a_fall_asks_for_a_lower_record(report: str, recorded: dict[str, int], start: str) -> None:
    """A record that is too high would let new errors in under the old number."""
    (objection,) = objections(tally(report), recorded)

    assert objection.startswith(start)


def test_an_error_on_record_and_a_note_are_let_through() -> None:
    """Else nobody could add the check to a package that is not yet clean."""
    report = "drilllib/cli/lint.py:3: error: x  [misc]\ndrilllib/core/diff.py:3: note: see above\nFound 1 error"

    assert objections(tally(report), {"cli": 1}) == []
