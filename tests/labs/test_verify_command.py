"""`drill verify`: a table, every disagreement, and a clear word where the machine lacks something."""

from functools import partial
from pathlib import Path

import pytest
from broken_engines import BROKEN

from drilllib.cli import main
from drilllib.labs.netns import kernel
from drilllib.labs.netns.verify import decisions


def test_it_shows_what_was_compared_and_that_all_agrees(needs_namespaces: None, capsys: pytest.CaptureFixture) -> None:
    """The same seed prints the same."""
    outputs = []
    for _ in range(2):
        assert main(["verify", "--lab", "netns", "--decisions", "1500", "--paths", "0", "--seed", "9"]) == 0
        outputs.append(capsys.readouterr())

    assert outputs[0] == outputs[1]
    assert outputs[0].err == ""
    *table, blank, last = outputs[0].out.rstrip().splitlines()
    assert table[0].split() == ["IPv4", "ACCEPT", "IPv4", "DROP", "IPv6", "ACCEPT", "IPv6", "DROP"]
    assert sum(int(word.replace(",", "")) for line in table[1:] for word in line.split()[2:]) == 2000
    assert (blank, last) == ("", "2,000 decisions, 2 sets of groups, seed 9: no disagreement between engine and kernel")


def test_every_disagreement_is_printed(
    needs_namespaces: None, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the exit status is 1."""
    broken = partial(decisions.check_decisions, decide=BROKEN["policy indexes begin at 1"])
    monkeypatch.setattr(decisions, "check_decisions", broken)

    assert main(["verify", "--decisions", "100", "--paths", "0", "--seed", "9"]) == 1
    said, *told = capsys.readouterr().out.split("\n\n")[1].splitlines()
    assert said == f"100 decisions, 1 set of groups, seed 9: {len(told)} disagreements between engine and kernel"
    assert all(line.startswith("seed 9/0: ") for line in told)


def test_without_nftables_it_says_how_to_get_it(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit status 2 and one line, not a traceback."""
    monkeypatch.setattr(kernel, "LIBRARY", "libnothere.so.1")
    kernel.load_library.cache_clear()

    assert main(["verify"]) == 2
    said = "nftables is not installed (no libnftables.so.1). On Debian or Ubuntu: apt-get install nftables."
    assert capsys.readouterr().err == f"drill verify: {said}\n"


@pytest.mark.parametrize(("tool", "package"), [("ip", "iproute2"), ("unshare", "util-linux")])
def test_without_a_tool_it_says_how_to_get_it(
    tool: str, package: str, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The package is not named like the tool."""
    monkeypatch.setattr("drilllib.labs.netns.verify.packets.load_library", lambda: None)
    monkeypatch.setattr("shutil.which", lambda name, path: None if name == tool else f"/bin/{name}")

    assert main(["verify"]) == 2
    said = f"{tool} is not installed. On Debian or Ubuntu: apt-get install {package}."
    assert capsys.readouterr().err == f"drill verify: {said}\n"


def test_where_namespaces_are_forbidden_it_says_so(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As in a container without the right to make them."""
    monkeypatch.setattr("drilllib.labs.netns.verify.packets.load_library", lambda: None)
    monkeypatch.setattr("drilllib.labs.netns.sandbox.require", lambda *tools: None)
    refusing = tmp_path / "unshare"
    refusing.write_text("#!/bin/sh\necho unshare: unshare failed: Operation not permitted >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert main(["verify"]) == 2
    said = "has ended: unshare: unshare failed: Operation not permitted. Run drill doctor; a container has to allow"
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("name", ["--decisions", "--paths", "--first"])
def test_a_number_that_means_nothing_is_refused(name: str, capsys: pytest.CaptureFixture) -> None:
    assert main(["verify", name, "-5"]) == 2
    assert f"{name} is -5. Give a number from 0." in capsys.readouterr().err


def test_comparing_nothing_does_not_count_as_agreement(capsys: pytest.CaptureFixture) -> None:
    assert main(["verify", "--decisions", "0", "--paths", "0"]) == 2
    assert "Neither decisions nor paths are wanted" in capsys.readouterr().err


def test_whole_paths_are_compared_too(needs_namespaces: None, capsys: pytest.CaptureFixture) -> None:
    assert main(["verify", "--decisions", "0", "--paths", "6", "--seed", "9"]) == 0
    assert " whole-path cases, 0 disagreements" in capsys.readouterr().out
