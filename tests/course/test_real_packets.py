"""The course on real packets: the same notebooks, the same answers, the real curl."""

import json
import re
from itertools import zip_longest
from pathlib import Path

import pytest

pytest.importorskip("papermill", reason="papermill is not installed")

from drilllib.cli import main
from drilllib.course.copies import source_folder
from drilllib.course.normalise import normalise
from drilllib.lesson import labs
from tests.thorough import thorough

SILENT = re.compile(r"curl: \(\d+\) Failed to connect to \S+ port \d+[^\n]*(timed out|Timeout was reached)")
SLOW = re.compile(r"curl: \(28\) (Failed to connect to \S+ port \d+|Connection timeout)[^\n]*")  # either, by chance
REFUSED = re.compile(r"curl: \(7\) Failed to connect to (\S+) port (\d+)[^\n]*")
DATE = re.compile(r"Date: \w{3}, [^\n]* GMT")
ON_BOTH = ["00", "01", "02", "03", "04", "05", "06"]
lacking = labs.no_real_packets()
real = pytest.mark.skipif(lacking is not None, reason=f"no real packets here: {lacking}")


def in_common_words(text: str) -> str:
    """What a lab of real packets says otherwise by nature, said alike: curl's own wording, and the date."""
    for pattern in (SILENT, SLOW):
        text = pattern.sub("curl: no answer", text)
    return DATE.sub("Date: any", REFUSED.sub(r"curl: refused by \1 port \2", text))


def texts(path: Path) -> list[str]:
    """What every cell shows as text, in words that do not depend on the lab."""
    notebook = normalise(json.loads(path.read_text(encoding="utf-8")))
    cells = [each for each in notebook["cells"] if "injected-parameters" not in (each["metadata"].get("tags") or [])]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    shown = ("".join(each.get("text") or each.get("data", {}).get("text/plain", "")) for each in outputs)
    return [in_common_words(text) for text in shown]


@thorough
@real
@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=thorough)])
def test_the_lessons_say_the_same_on_real_packets(language: str, tmp_path: Path, monkeypatch, capfd) -> None:
    """Every exercise, from its first time-out to its last 200, as the kernel plays it."""
    monkeypatch.delenv(labs.LAB, raising=False)
    monkeypatch.delenv(labs.SPEED, raising=False)

    assert main(["run", *ON_BOTH, "--lab", "netns", "--lang", language, "--jobs", "2", "--out", str(tmp_path)]) == 0

    assert str(labs.INSTEAD) not in capfd.readouterr().err
    ran = sorted((tmp_path / language).glob("*.ipynb"))
    assert len(ran) == len(ON_BOTH)
    assert any(" ms: " in path.read_text(encoding="utf-8") for path in ran), "the real curl says how long it waited"
    for path in ran:
        pairs = zip_longest(texts(source_folder() / language / path.name), texts(path))
        assert [pair for pair in pairs if pair[0] != pair[1]] == [], path.name


def test_without_real_packets_the_simulated_lab_is_used_and_said_so(tmp_path: Path, monkeypatch, capfd) -> None:
    monkeypatch.setattr(labs, "no_real_packets", lambda: "nftables is not installed")
    monkeypatch.delenv(labs.LAB, raising=False)

    assert main(["run", "02", "--lab", "netns", "--lang", "en", "--out", str(tmp_path)]) == 0

    assert f"{labs.INSTEAD}: nftables is not installed" in capfd.readouterr().err


def test_what_differs_by_nature_is_said_alike() -> None:
    original = "curl: (7) Failed to connect to 192.0.2.10 port 80: Connection timed out"
    newer = "curl: (28) Failed to connect to 192.0.2.10 port 80 after 401 ms: Timeout was reached"
    waited = "curl: (28) Failed to connect to 192.0.2.10 port 80 after 2048 ms: Couldn't connect to server"
    early = "curl: (28) Connection timeout after 2003 ms"
    refused = "curl: (7) Failed to connect to 192.0.2.10 port 80 after 0 ms: Couldn't connect to server"

    assert in_common_words(original) == in_common_words(newer) == in_common_words(waited)
    assert in_common_words(early) == in_common_words(waited)
    assert in_common_words(refused) != in_common_words(waited)
    assert in_common_words("Date: Tue, 22 Jul 2025 12:41:43 GMT") == in_common_words(
        "Date: Wed, 01 Jan 2020 00:00:00 GMT"
    )
