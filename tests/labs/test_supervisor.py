"""The lab's own process outlives bad messages, rude clients and what people leave behind in it."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from contract import QUESTION, met
from real import SLOWNESS, descendants, needs_real_packets, state

from drilllib.core.drills.faults import open_fault
from drilllib.labs.netns import messages
from drilllib.labs.netns.lab import NetnsLab
from tests.waits import PATIENCE_S, wait_until

pytestmark = needs_real_packets


@pytest.fixture(scope="module")
def lab() -> Iterator[NetnsLab]:
    """One for all: every test leaves it as it was."""
    with NetnsLab(open_fault("healthy"), slowness=SLOWNESS) as lab:
        yield lab


@pytest.fixture
def rude(lab: NetnsLab) -> Iterator[socket.socket]:
    """A connection to the lab's process that says what it wants."""
    with lab.another() as other:
        assert other._connection is not None
        yield other._connection


def ended(connection: socket.socket) -> bool:
    connection.settimeout(PATIENCE_S)
    try:
        while connection.recv(1 << 16):
            pass
    except ConnectionResetError:
        pass
    return True


@pytest.mark.parametrize(
    "data",
    [b"\n", b"GET / HTTP/1.1\r\n", b"[1, 2]\n", b'"up"\n', b"[" * 200_000 + b"\n", b'{"do": \xff\xfe}\n'],
    ids=["empty", "http", "list", "text", "deep", "no utf-8"],
)
def test_what_is_no_message_ends_its_connection_alone(lab: NetnsLab, rude: socket.socket, data: bytes) -> None:
    """Nothing can be made of it or of what follows; others go on."""
    rude.sendall(data)

    assert ended(rude)
    assert lab.status()["hosts"]


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"do": "status"},
        {"do": ["status"], "with": {}},
        {"do": "fly", "with": {}},
        {"do": "pod", "with": {"name": 7, "behaviour": []}},
        {"do": "run", "with": {"host": "client", "command": [], "timeout_s": "soon", "folder": None}},
        {"do": "become", "with": {"snapshot": {"schema": 1}}},
        {"do": "replace_rules", "with": [1]},
    ],
    ids=lambda message: str(message.get("do")),
)
def test_a_message_that_cannot_be_carried_out_is_answered(lab: NetnsLab, rude: socket.socket, message: dict) -> None:
    """An answer for every question: who waits for one would wait for ever."""
    messages.send(rude, {**message, "number": 1})
    rude.settimeout(PATIENCE_S)
    inbox = messages.Inbox(rude)
    while not (found := inbox.receive()):
        assert found is not None, "the connection has ended"

    assert [name for told, _ in found for name in told] == ["error", "number"]
    assert lab.status()["hosts"]


def test_a_message_without_an_end_is_cut_off(lab: NetnsLab, rude: socket.socket) -> None:
    """Or it would fill the memory."""
    with pytest.raises(OSError, match=r"Broken pipe|reset"):
        rude.sendall(b"x" * (2 * messages.MOST_BYTES))

    assert lab.status()["hosts"]


def test_whoever_leaves_before_the_answer_harms_nobody(lab: NetnsLab) -> None:
    """A notebook's kernel that is restarted, while it asked for something long."""
    for _ in range(20):
        with lab.another() as other:
            assert other._connection is not None
            for _ in range(10):
                messages.send(other._connection, {"do": "snapshot", "with": {}})

    assert lab.status()["hosts"]


def test_whoever_does_not_read_is_left_behind(lab: NetnsLab, rude: socket.socket) -> None:
    """The lab's process has more to do than to wait for one reader."""
    asked = json.dumps({"do": "snapshot", "with": {}}).encode() + b"\n"
    rude.sendall(asked * 500)

    assert lab.status()["hosts"]
    assert ended(rude)


def test_what_is_left_behind_in_a_host_leaves_no_zombie(lab: NetnsLab) -> None:
    """People start things in the background; when those end, somebody has to take note."""
    before = set(descendants(os.getpid()))
    lab.run("client", "for each in 1 2 3 4; do (sleep 600 & setsid sleep 600 &) >/dev/null 2>&1; done")

    left = set(descendants(os.getpid())) - before
    assert len(left) == 8
    for each in left:
        os.kill(each, signal.SIGTERM)
    assert wait_until(lambda: not any(map(state, left)))


def test_a_clb_without_its_address_is_no_bug_of_ours(lab: NetnsLab) -> None:
    """A learner may take anything away in a host: the lab says what the client then meets."""
    before = [line.split()[3] for line in lab.run("clb", "ip -o -4 addr show dev eth0").out.splitlines()]
    lab.run("clb", "ip addr flush dev eth0")

    assert lab.probe(QUESTION).symptom.kind == "connect_timeout"

    lab.run("clb", "; ".join(f"ip addr add {each} dev eth0" for each in before))
    lab.run("clb", "ip route add default via 169.254.1.1 dev eth0 onlink")
    assert met(lab) == "200"


def test_the_modules_of_a_learners_folder_are_not_the_labs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner's folder may hold a random.py of its own."""
    for name in ("random", "asyncio", "ipaddress", "email", "drilllib"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')\n")
    monkeypatch.chdir(tmp_path)

    with NetnsLab(open_fault("healthy"), slowness=SLOWNESS) as lab:
        assert met(lab) == "200"
