"""`drill doctor`: what works here, what is reduced."""

import shutil
import subprocess
import sys
from importlib import metadata

import pytest

from drilllib.cli import main
from drilllib.course import copies, doctor
from drilllib.errors import LabStateError, MissingToolError
from drilllib.labs.netns import sandbox
from drilllib.views.picture import graphviz


def test_everything_here_is_listed_with_its_version(capsys) -> None:
    main(["doctor"])

    said = capsys.readouterr().out
    assert f"{metadata.version('drilllib')}" in said
    assert "01-clb, 02-node" in said


def test_a_missing_renderer_reduces_but_does_not_fail(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(graphviz, "renderer", lambda: None)

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


def real_packets(said: str) -> str:
    return next(line for line in said.splitlines() if " real packets " in line)


def test_real_packets_are_found_by_making_some(capsys: pytest.CaptureFixture) -> None:
    main(["doctor"])

    line = real_packets(capsys.readouterr().out)
    assert line.startswith("ok" if sandbox.why_not() is None else "reduced  real packets   the simulated lab is used: ")


@pytest.mark.parametrize("tool", ["ip", "unshare", "curl"])
def test_a_missing_tool_is_named_with_its_package(
    tool: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    which = shutil.which
    monkeypatch.setattr(sandbox, "load_library", lambda: None)
    monkeypatch.setattr(sandbox.shutil, "which", lambda name, **path: None if name == tool else which(name, **path))

    assert main(["doctor"]) == 0
    line = real_packets(capsys.readouterr().out)
    assert line.startswith("reduced")
    assert f"the simulated lab is used: {tool} is not installed. On Debian or Ubuntu: apt-get install " in line


def test_what_only_a_real_lab_finds_out_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    """A container may allow namespaces, and keep settings from being written."""

    def refuse(*_: object, **__: object) -> None:
        raise LabStateError("The setting /proc/sys/net/ipv4/ip_forward cannot be written here", remedy="Run elsewhere")

    monkeypatch.setattr(sandbox, "why_not", lambda: None)
    monkeypatch.setattr(doctor, "NetnsLab", refuse)

    assert main(["doctor"]) == 0
    assert "the simulated lab is used: The setting /proc/sys/net/ipv4/ip_forward" in capsys.readouterr().out


@pytest.mark.skipif(sandbox.why_not() is not None, reason=f"no real packets here: {sandbox.why_not()}")
def test_a_machine_that_allows_no_namespaces_is_told_the_switch() -> None:
    """Such a machine is made here: a user namespace that may not have more of them."""
    limits = 'for each in user net; do echo 0 >/proc/sys/user/max_${each}_namespaces || exit 77; done; exec "$@"'
    line = [
        "unshare",
        "--user",
        "--map-root-user",
        "sh",
        "-c",
        limits,
        "sh",
        sys.executable,
        "-m",
        "drilllib",
        "doctor",
    ]
    run = subprocess.run(line, capture_output=True, text=True, check=False)

    if run.returncode == 77:
        pytest.skip("the limits cannot be set")
    assert "No space left on device). User namespaces are switched off" in real_packets(run.stdout)


def test_tools_that_a_lab_can_do_without_are_listed(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(doctor.shutil, "which", lambda name, **_: None)

    assert main(["doctor"]) == 0
    assert "reduced  tcpdump" in capsys.readouterr().out
