"""Output that is closed, full or not read any more, and a machine that has run out: what any Unix tool does."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from drilllib.cli import main, output
from drilllib.core.drills.default_lab import default_lab
from tests.thorough import one_in
from tests.waits import PATIENCE_S

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full and these limits are Linux's")
ASKED = ["--service", "shop/web", "--from", "203.0.113.10"]
CLOSED, FULL, UNREAD = "closed", "full", "unread"
NO_ROOM = "Standard output cannot be written: No space left on device. Make room, or send it elsewhere.\n"
NOT_OPEN = "Standard output cannot be written: Bad file descriptor. Make room, or send it elsewhere.\n"
TOLD = {CLOSED: (74, NOT_OPEN), FULL: (74, NO_ROOM), UNREAD: (141, "")}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a snapshot, a group and flows."""
    monkeypatch.chdir(tmp_path)
    lab = default_lab()
    Path("lab.json").write_text(json.dumps(lab))
    Path("group.json").write_text(json.dumps(lab["security_groups"]["sg-node0001"]["SecurityGroupPolicySet"]))
    Path("flows").write_text(json.dumps({"from": "203.0.113.10", "port": 80}) + "\n")
    Path("expected.json").write_text(json.dumps({"schema": "drilllib/expectations/1", "expectations": []}))
    return tmp_path


COMMANDS: list[list[str]] = [
    *(["--help"], ["trace", "lab.json", *ASKED], ["fix", "lab.json", "--from", "203.0.113.0/24", "--json"]),
    *(["decide", "group.json", "--flows", "flows"], ["example", "healthy", "made"]),
]


def drill(*arguments: str, before: Callable[[], object] = lambda: None, **files: int) -> tuple[int, str, str]:
    """The command in a process of its own: its status and what it wrote; *before* is called in it first."""
    environment = {**os.environ, "DRILL_LANG": "", "LC_ALL": "C.UTF-8"}
    kept = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **files}
    command = [sys.executable, "-m", "drilllib", *arguments]
    ran = subprocess.run(command, env=environment, preexec_fn=before, text=True, timeout=PATIENCE_S, **kept)
    return ran.returncode, ran.stdout or "", ran.stderr or ""


def writing_to(kind: str, *arguments: str) -> tuple[int, str]:
    """The status, and what stood on standard error."""
    if kind == CLOSED:
        status, _, errors = drill(*arguments, before=lambda: os.close(1))
        return status, errors
    if kind == FULL:
        with open("/dev/full", "w") as full:
            status, _, errors = drill(*arguments, stdout=full.fileno())
        return status, errors
    reader, writer = os.pipe()
    os.close(reader)
    status, _, errors = drill(*arguments, stdout=writer)
    os.close(writer)
    return status, errors


@linux
@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("buffered", "kind", "arguments"), one_in(5, [*product((True, False), TOLD, COMMANDS)]), ids=str
)
def test_output_that_nobody_can_have_is_told_and_never_a_verdict(
    buffered: bool, kind: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script that looks at the status alone must not take 0 or 1 for an answer that was not written."""
    monkeypatch.setenv("PYTHONUNBUFFERED", "" if buffered else "1")
    found, errors = writing_to(kind, *arguments)

    assert (found, errors.partition(": ")[2]) == TOLD[kind]
    assert errors.count("\n") <= 1


@linux
@pytest.mark.usefixtures("here")
def test_errors_that_cannot_be_told_leave_the_status() -> None:
    with open("/dev/full", "w") as full:
        assert drill("trace", "no.json", stderr=full.fileno()) == (2, "", "")
    assert drill("trace", "no.json", before=lambda: os.close(2)) == (2, "", "")
    assert drill("trace", "no.json", before=lambda: os.closerange(0, 3))[0] == 2


@linux
def test_no_file_takes_the_number_of_a_closed_stream(here: Path) -> None:
    """The next file that is opened would be standard output or errors, and get what is printed."""
    pytest.importorskip("drilllib.views.picture.graphviz")
    status = drill("trace", "lab.json", *ASKED, "--svg", "path.svg", before=lambda: os.closerange(0, 3))[0]
    picture = here / "path.svg"

    assert status in (74, 2)
    assert not picture.exists() or picture.read_text().rstrip().endswith("</svg>")
    assert drill("lint", "-", before=lambda: os.close(0))[0] == 2


@pytest.mark.usefixtures("here")
def test_a_reader_that_wants_no_more_is_no_error() -> None:
    """As `| head -1` does."""
    command = [sys.executable, "-m", "drilllib", "decide", "group.json", "--flows", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdin
        assert running.stdout
        assert running.stderr
        flow = Path("flows").read_bytes()
        running.stdin.write(flow * 2)
        running.stdin.flush()
        running.stdout.close()
        try:
            running.stdin.write(flow * 20_000)
            running.stdin.close()
        except BrokenPipeError:
            pass
        running.stdin = None
        assert running.stderr.read() == b""
        assert running.wait(PATIENCE_S) == 141


def gone(folder: Path) -> Callable[[], None]:
    """Go to a folder that is no more."""

    def go() -> None:
        folder.mkdir()
        os.chdir(folder)
        folder.rmdir()

    return go


@linux
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_working_folder_that_is_gone_is_one_line_where_it_is_needed(arguments: list[str], here: Path) -> None:
    status, _, errors = drill(*arguments, before=gone(here / "gone"))

    assert (status, errors.count("\n")) in ((0, 0), (2, 1), (74, 1)), errors


@linux
def test_where_it_is_not_needed_there_is_an_answer(here: Path) -> None:
    status, said, errors = drill("trace", str(here / "lab.json"), *ASKED, before=gone(here / "gone"))

    assert (status, errors) == (0, "")
    assert "200 OK" in said
    assert "The working folder is gone" in drill("doctor", before=gone(here / "gone"))[2]


def at_most(limit: int, count: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(limit, (count, count))


@linux
@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("arguments", COMMANDS[2:4], ids=" ".join)
def test_with_few_descriptors_there_is_an_answer_or_one_line(arguments: list[str]) -> None:
    """Python itself needs five."""
    usual = drill(*arguments)
    for count in (5, 7, 9):
        found = drill(*arguments, before=at_most(resource.RLIMIT_NOFILE, count))
        assert found == usual or (found[0], found[2].count("\n")) == (74, 1), found
    status, _, errors = drill("doctor", before=at_most(resource.RLIMIT_NOFILE, 6))  # which asks other programs

    assert (status, errors.count("\n")) == (74, 1)
    assert "needs more file descriptors than it can have" in errors


@linux
@pytest.mark.usefixtures("here")
def test_no_more_memory_is_asked_for_than_is_used() -> None:
    """Address space, in bytes: five times what `drill --version` needs."""
    assert drill("trace", "lab.json", *ASKED, before=at_most(resource.RLIMIT_AS, 100 << 20))[0] == 0


@linux
@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("megabytes", [24, 100])
def test_without_memory_it_is_one_line(megabytes: int) -> None:
    Path("much.json").write_text("[" + "[],[{}]," * (2 << 20) + "[]]")
    status, said, errors = drill("lint", "much.json", before=at_most(resource.RLIMIT_AS, megabytes << 20))

    assert (status, said) == (74, "")
    assert "needs more memory than it can have" in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize("words", [["cloud", "up"], ["lab", "up", "few"], ["verify", "--seed", "1"]], ids=" ".join)
def test_without_processes_it_is_one_line(words: list[str], tmp_path: Path, monkeypatch, capsys) -> None:
    """The kernel refuses to start another with EAGAIN."""

    def refused(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr("subprocess.Popen.__init__", refused)
    monkeypatch.setattr("os.fork", refused)
    monkeypatch.setenv("DRILL_LANG", "en")
    status, errors = main(words), capsys.readouterr().err

    assert (status, errors.count("\n")) == (74, 1), errors
    assert "needs more processes than it can have" in errors


def test_nothing_else_in_the_commands_prints() -> None:
    """What goes past cli/output.py would reach a terminal raw."""
    folder = Path(output.__file__).parent
    prints = [
        path.name
        for path in folder.glob("*.py")
        if path.name != "output.py"
        and ("print(" in path.read_text("utf-8") or "stdout.write" in path.read_text("utf-8"))
    ]
    assert prints == []


def test_one_log_of_both_streams_has_a_complaint_behind_what_was_printed_before() -> None:
    """`drill fix --apply 2>&1 | tee log`: the reason is the last line."""
    script = "from drilllib.cli import output; output.tell('the plan'); output.complain('the reason')"
    run = subprocess.run(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )

    assert run.stdout.split("\n") == ["the plan", "the reason", ""]
