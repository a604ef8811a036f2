"""`%%host` in a notebook: a cell's lines run in a host, and what comes of it is shown. No notebook is needed here."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drilllib import load_ipython_extension
from drilllib.core.drills.faults import open_fault
from drilllib.errors import InvalidInputError, LabStateError, UnknownNameError
from drilllib.labs.netns import registry
from drilllib.labs.netns.lab import NetnsLab
from drilllib.labs.netns.results import CommandResult
from drilllib.labs.netns.sandbox import why_not
from drilllib.lesson import magic
from tests.waits import PATIENCE_S

needs_real_packets = pytest.mark.skipif(why_not() is not None, reason=f"no real packets here: {why_not()}")


@pytest.fixture(scope="module")
def lab() -> Iterator[NetnsLab]:
    with NetnsLab(open_fault("group-2"), slowness=0.05) as made:
        yield made


@pytest.fixture
def used(lab: NetnsLab) -> Iterator[NetnsLab]:
    magic.use(lab)
    yield lab
    magic.use(None)


@needs_real_packets
def test_a_cell_is_run_in_its_host(used: NetnsLab, capsys: pytest.CaptureFixture) -> None:
    magic.host("client", "curl -sI http://192.0.2.10 | head -1\nip -br addr show eth0\n")

    first, second = capsys.readouterr().out.splitlines()
    assert first == "HTTP/1.1 504 Gateway Time-out"
    assert "203.0.113.10/32" in second


@needs_real_packets
def test_errors_and_the_exit_status_are_shown(used: NetnsLab, capsys: pytest.CaptureFixture) -> None:
    magic.host("node-a", "echo one; echo two >&2; exit 28")

    assert capsys.readouterr().out == "one\ntwo\n(exit status 28)\n"


@needs_real_packets
def test_output_comes_as_it_is_made(lab: NetnsLab) -> None:
    """Who runs tcpdump in a cell wants to see packets, not a silent minute."""
    told: list[str] = []
    script = r"echo first; sleep 0.3; printf '\344\270'; sleep 0.3; printf '\255\n'"
    assert lab.stream("client", script, told.append) == 0

    assert told[0] == "first\n"
    assert "".join(told) == "first\n中\n"


@needs_real_packets
def test_an_interrupted_cell_ends_its_command_and_spoils_nothing(lab: NetnsLab) -> None:
    """Kernel > Interrupt raises KeyboardInterrupt wherever we are; the next cell finds the lab as it was."""

    def interrupt(text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab.stream("client", "echo started; exec sleep 88", interrupt)

    assert lab.run("client", "sleep 0.2; pgrep -fc '^sleep 8[8]'").out == "0\n"
    assert lab.run("client", "echo here").out == "here\n"


@needs_real_packets
def test_an_interrupted_question_is_not_the_next_ones_answer(lab: NetnsLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer still comes, and has to be passed over."""
    with monkeypatch.context() as broken:
        broken.setattr(lab._inbox, "receive", lambda: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            lab.snapshot()

    assert "hosts" in lab.status()


@needs_real_packets
def test_commands_start_in_the_notebooks_folder(
    used: NetnsLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """So that `tcpdump -w here.pcap` is where one looks for it."""
    monkeypatch.chdir(tmp_path)

    magic.host("client", "pwd")
    assert capsys.readouterr().out == f"{tmp_path}\n"
    assert used.run("client", "pwd").out == f"{tmp_path}\n"


@needs_real_packets
def test_a_wrong_host_is_named_with_those_there_are(used: NetnsLab) -> None:
    with pytest.raises(UnknownNameError, match=r"no host 'node-x'. There are client, clb, node-a"):
        magic.host("node-x", "true")


def test_without_a_lab_it_says_so_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "names", list)

    with pytest.raises(LabStateError) as raised:
        magic.host("client", "true")
    assert raised.value._render_traceback_() == ["LabStateError: No lab is up. Start one with drill lab up."]


@pytest.mark.parametrize("line", ["", "client node-a", "client --lab", "--lab x client y", "client --name x"])
def test_a_line_that_names_no_host_is_refused(line: str) -> None:
    with pytest.raises(InvalidInputError, match="Name a host, such as %%host client"):
        magic.host(line, "true")


def test_the_extension_makes_the_magic_known() -> None:
    known = {}

    class Shell:
        def register_magic_function(self, function, magic_kind: str, magic_name: str) -> None:
            known[magic_kind, magic_name] = function

    load_ipython_extension(Shell())

    assert known == {("cell", "host"): magic.host}


@needs_real_packets
def test_a_real_ipython_runs_it() -> None:
    pytest.importorskip("IPython")
    script = r"""
from IPython.core.interactiveshell import InteractiveShell
from drilllib.lesson import magic
from drilllib.labs.netns.lab import NetnsLab
from drilllib.core.drills.faults import open_fault
shell = InteractiveShell.instance()
with NetnsLab(open_fault("healthy"), slowness=0.05) as lab:
    magic.use(lab)
    shell.run_cell("%%host client\ncurl -sI http://192.0.2.10 | head -1", store_history=False)
    shell.user_ns["lab"] = lab
    shell.run_cell("lab.run('client', 'echo out; echo err >&2; exit 3')")
shell.run_cell("%%host client\ntrue")
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE_S)

    assert run.stdout.startswith("HTTP/1.1 200 OK\n")
    assert "out\nerr\n(exit status 3)\n" in run.stdout
    assert "This lab is closed. Open a new one: in a notebook, run the cell with lesson = ... again." in run.stdout
    assert "File " not in run.stdout + run.stderr


def test_what_ran_looks_like_a_terminal() -> None:
    assert repr(CommandResult(0, "one\ntwo\n", "")) == "one\ntwo"
    assert repr(CommandResult(7, "", "curl: (7) refused\n")) == "curl: (7) refused\n(exit status 7)"
    assert repr(CommandResult(0, "", "")) == ""
