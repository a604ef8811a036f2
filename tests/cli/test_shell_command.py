"""`drill shell`: a real terminal in a host of a lab, in its network and in no other."""

import fcntl
import os
import signal
import socket
import struct
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from standing_labs import Commands, Screen, commands, needs_real_packets

from drilllib.cli import split
from drilllib.labs.netns import terminal
from tests.thorough import one_in, thorough
from tests.waits import PATIENCE_S, wait_until

pytestmark = needs_real_packets
PROMPT = r"\[client\] \$ "


@pytest.fixture(scope="module")
def drill() -> Iterator[Commands]:
    with commands() as mine:
        assert mine.up().returncode == 0
        yield mine


@pytest.fixture
def screen(drill: Commands, tmp_path: Path) -> Iterator[Screen]:
    opened = Screen(drill.line("shell", "--lab", drill.lab), drill.environment, tmp_path)
    opened.waits_for(PROMPT)
    yield opened
    opened.type("\x03\nexit\n")
    opened.status()


def running(drill: Commands, program: str) -> int:
    """How many processes of these commands run that program."""
    names = (Path(f"/proc/{process}/comm") for process in drill.processes())
    return [name.read_text().strip() for name in names if name.exists()].count(program)


def answer(screen: Screen, command: str) -> str:
    """What a command prints on the screen."""
    screen.type(command + "\n")
    screen.waits_for("\n")  # what was typed
    return screen.waits_for(PROMPT).rsplit("[client]", 1)[0].replace("\r", "").strip()


def test_the_prompt_names_the_host_and_tools_are_there(screen: Screen, tmp_path: Path) -> None:
    assert answer(screen, "echo $PWD") == str(tmp_path)
    assert answer(screen, "curl -sI http://192.0.2.10 | head -1") == "HTTP/1.1 200 OK"
    assert "203.0.113.10/32" in answer(screen, "ip -br addr show eth0")
    assert answer(screen, "command -v nft") == "/usr/sbin/nft"


def test_ctrl_c_interrupts_the_command_and_not_the_shell(drill: Commands, screen: Screen) -> None:
    screen.type("sleep 600\n")
    screen.waits_for("sleep 600\r\n")
    assert wait_until(lambda: running(drill, "sleep") == 1)
    screen.type("\x03")
    screen.waits_for(PROMPT)

    assert answer(screen, "echo $?") == "130"


def test_the_window_size_goes_along(screen: Screen) -> None:
    """At the start and with every change, so that less and vim fit."""
    for rows, columns in ((40, 133), (24, 80)):
        fcntl.ioctl(screen.file, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
        size = f"{rows} {columns}"
        assert wait_until(lambda size=size: answer(screen, "stty size") == size)


def test_the_exit_status_passes_through(drill: Commands) -> None:
    screen = Screen(drill.line("shell", "--lab", drill.lab), drill.environment)
    screen.waits_for(PROMPT)
    screen.type("exit 37\n")
    assert screen.status() == 37

    assert drill.shell("client", "sh", "-c", "exit 41").returncode == 41
    assert drill.shell("client", "sh", "-c", "kill -9 $$").returncode == 137


@pytest.mark.parametrize("told_to_end", [False, True])
def test_our_terminal_is_what_it_was(drill: Commands, told_to_end: bool) -> None:
    """Raw mode ends with the shell, and also when `drill shell` itself is told to end."""
    line = drill.line("shell", "--lab", drill.lab)
    screen = Screen(["sh", "-c", 'stty -g; "$@"; echo status $?; stty -g', "sh", *line], drill.environment)
    before = screen.waits_for(PROMPT).splitlines()[0]
    if told_to_end:
        os.kill(int(Path(f"/proc/{screen.process}/task/{screen.process}/children").read_text()), signal.SIGTERM)
    else:
        screen.type("exit 143\n")
    screen.waits_for("status 143\r\n")

    assert screen.status() == 0
    assert screen.shown.splitlines()[-1] == before


def test_much_that_is_typed_and_much_that_is_printed_arrives(screen: Screen) -> None:
    assert answer(screen, "seq 20000 | tail -1") == "20000"
    screen.type("cat >/dev/null\n" + "x" * 60 + "\n")
    for _ in range(400):
        screen.type("y" * 60 + "\n")
        screen._more()
    screen.type("\x04")
    screen.waits_for(PROMPT)


def test_what_was_typed_is_kept_in_no_file(drill: Commands, tmp_path: Path) -> None:
    home = {**drill.environment, "HOME": str(tmp_path)}
    screen = Screen(drill.line("shell", "--lab", drill.lab), home)
    screen.waits_for(PROMPT)
    screen.type("true\nexit\n")

    assert screen.status() == 0
    assert list(tmp_path.iterdir()) == []


def test_pipes_pass_straight_through(drill: Commands) -> None:
    """Input, output and errors apart, every byte: in a script as on a terminal."""
    data = bytes(range(256)) * 4000
    run = drill.shell("node-a", "sh", "-c", "cat; echo aside >&2; exit 3", input=data, text=False)

    assert (run.returncode, run.stdout, run.stderr) == (3, data, b"aside\n")
    typed = drill.run("shell", "--lab", drill.lab, input="ip -br addr show eth0; exit 5\n")
    assert typed.returncode == 5
    assert "203.0.113.10" in typed.stdout


def test_commands_that_are_not_there_are_said_so(drill: Commands, tmp_path: Path) -> None:
    run = drill.shell("client", "no-such-command")
    assert (run.returncode, run.stderr) == (127, "no-such-command: not found on this machine\n")

    (tmp_path / "plain").write_text("")
    run = drill.shell("client", str(tmp_path / "plain"))
    assert (run.returncode, run.stderr) == (126, f"{tmp_path}/plain: Permission denied\n")


def test_a_wrong_host_is_named_with_those_there_are(drill: Commands) -> None:
    run = drill.shell("node-x", "true")

    assert run.returncode == 2
    assert run.stderr == ("drill shell: The lab has no host 'node-x'. There are client, clb, node-a, node-b, web-1.\n")


def test_without_a_lab_nothing_is_run(tmp_path: Path) -> None:
    """A command that was meant for a lab must never reach the machine's own network."""
    with commands() as mine:
        run = mine.shell("client", "touch", str(tmp_path / "run"))

        assert run.returncode == 2
        assert run.stderr.startswith("drill shell: No lab ")
        assert run.stderr.count("\n") == 1
        assert not (tmp_path / "run").exists()


def test_a_command_that_did_not_get_into_a_network_of_its_own_is_not_run(tmp_path: Path) -> None:
    class Stuck:
        def enter(self) -> None:
            pass

    with pytest.raises(subprocess.SubprocessError):
        subprocess.run(["touch", tmp_path / "run"], preexec_fn=terminal.enter(Stuck()), check=False)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("host", one_in(4, ["node-a", "client", "clb", "web-1"]))
def test_no_host_has_a_way_to_the_machines_network(drill: Commands, host: str) -> None:
    """Neither a route nor an interface; not even the machine's loopback answers."""
    routes = drill.shell(host, "ip", "-4", "route", "show").stdout.splitlines()
    assert all(line.split(" dev ")[1].split()[0].startswith(("eth", "pod")) for line in routes), routes
    links = drill.shell(host, "ip", "-br", "link").stdout.split()
    assert not {name for _, name in socket.if_nameindex() if name != "lo"} & {each.split("@")[0] for each in links} - {
        "eth0"
    }

    with socket.create_server(("0.0.0.0", 0)) as ours:
        port = ours.getsockname()[1]
        for address in ("127.0.0.1", *own_addresses()):
            run = drill.shell(host, "curl", "-s", "--max-time", "1", f"http://{address}:{port}")
            assert run.returncode in (7, 28), (address, run)
        ours.settimeout(0.2)
        with pytest.raises(TimeoutError):
            ours.accept()


def own_addresses() -> list[str]:
    said = subprocess.run(["ip", "-4", "-o", "addr", "show", "scope", "global"], capture_output=True, text=True)
    return [line.split()[3].split("/")[0] for line in said.stdout.splitlines()]


def test_the_networks_differ(drill: Commands) -> None:
    inside = drill.shell("client", "readlink", "/proc/self/ns/net").stdout.strip()

    assert inside
    assert inside != os.readlink("/proc/self/ns/net")


def test_inside_a_shell_one_is_told_to_leave_it(drill: Commands) -> None:
    run = drill.shell("client", *drill.line("lab", "status"))

    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("drill lab: No lab is up here. This shell is in host client of a lab:")


def test_a_killed_shell_takes_its_command_along(drill: Commands) -> None:
    """Whether it has a terminal or not; the lab stands on."""
    before = set(drill.processes())  # one of a test before may still be ending
    started = subprocess.Popen(drill.line("shell", "--lab", drill.lab, "--", "sleep", "77"), env=drill.environment)
    assert wait_until(lambda: len(set(drill.processes()) - before) >= 2)
    started.kill()
    started.wait()
    assert wait_until(lambda: set(drill.processes()) <= before)

    screen = Screen(drill.line("shell", "--lab", drill.lab), drill.environment)
    screen.waits_for(PROMPT)
    screen.type("sleep 77 & disown; sleep 78\n")  # of the first, neither the shell nor the terminal tells its end
    screen.waits_for("sleep 78\r\n")
    assert wait_until(lambda: len(set(drill.processes()) - before) >= 4)
    os.kill(screen.process, 9)
    screen.status()
    assert wait_until(lambda: set(drill.processes()) <= before)
    assert drill.shell("client", "true").returncode == 0


@thorough
def test_many_shells_at_once(drill: Commands) -> None:
    """More than the lab's process has threads, none of which may be waited for."""
    line = drill.line("shell", "--lab", drill.lab, "--", "cat")
    waiting = [subprocess.Popen(line, env=drill.environment, stdin=subprocess.PIPE) for _ in range(9)]
    assert wait_until(lambda: running(drill, "cat") == 9)

    assert drill.shell("client", "echo", "here").stdout == "here\n"
    for each in waiting:
        each.communicate(timeout=PATIENCE_S)
    assert [each.returncode for each in waiting] == [0] * 9


def test_a_shell_ends_with_its_lab(tmp_path: Path) -> None:
    with commands() as mine:
        mine.up()
        screen = Screen(mine.line("shell", "--lab", mine.lab), mine.environment)
        screen.waits_for(PROMPT)
        mine.run("lab", "down", mine.lab)

        assert screen.status() == 2
        assert "The lab's process has ended" in screen.shown


def test_a_proxy_of_the_machine_is_not_asked(drill: Commands) -> None:
    """Curl would ask it, and blame it, instead of the VIP."""
    proxied = {**drill.environment, "http_proxy": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"}
    run = drill.shell("client", "curl", "-sI", "http://192.0.2.10", env=proxied)

    assert run.stdout.startswith("HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("shell", (["shell"], [])),
        ("shell client -- curl -I x", (["shell", "client"], ["curl", "-I", "x"])),
        ("shell -- sh -- x", (["shell"], ["sh", "--", "x"])),
        ("trace -- file", (["trace", "--", "file"], [])),
    ],
)
def test_what_stands_behind_two_dashes_is_the_command(typed: str, expected: tuple[list[str], list[str]]) -> None:
    assert split(typed.split()) == expected
