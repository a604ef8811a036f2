"""A record is no proof: `status`, `up` and `down` believe who shows the token, and signal nobody."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")

from drilllib.cloud import proof, running
from drilllib.cloud.tencent.server import CloudServer
from drilllib.errors import LabStateError
from drilllib.machine import record
from tests.machine.started import World
from tests.waits import PATIENCE_S, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
TOKEN = "the-token-of-the-record"


class Stranger:
    """Another program of this machine: it has a number and a port, and keeps what it hears on that."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(["sleep", "600"])
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.heard = b""
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                self.heard += connection.recv(1 << 16)
                connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"proof": "yes"}')

    def is_well(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        self.socket.close()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    made = Stranger()
    yield made
    made.close()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(made.temporary))
    yield made
    made.run("cloud", "down")


def described(stranger: Stranger, world: World) -> str:
    """A record whose number and port are the stranger's."""
    known = {"pid": stranger.process.pid, "api_port": stranger.port, "home": str(world.temporary / "home")}
    return json.dumps({**known, "lab": "simulated", "kube_url": "https://127.0.0.1:1", "state": None, "token": TOKEN})


@pytest.mark.parametrize("command", ["status", "down"])
def test_a_number_and_a_port_that_are_anothers_by_now_are_told_as_such(
    world: World, stranger: Stranger, command: str
) -> None:
    """The cloud was killed: its lock is gone."""
    running.place().write_text(described(stranger, world))

    said = world.run("cloud", command)

    told = f"The cloud has ended; port {stranger.port} and process {stranger.process.pid} are other programs' now."
    assert (said.returncode, said.stderr) == (2, f"drill cloud: {told} Start one with drill cloud up.\n")
    assert stranger.is_well()
    assert stranger.heard == b""
    assert not running.place().exists()


def test_beside_a_stranger_with_the_old_number_and_port_a_new_cloud_starts(world: World, stranger: Stranger) -> None:
    running.place().write_text(described(stranger, world))

    assert world.run("cloud", "up").returncode == 0
    assert running.require().pid != stranger.process.pid
    assert world.run("cloud", "down").returncode == 0
    assert stranger.is_well()
    assert world.nothing_left()


def test_who_holds_the_record_and_shows_no_token_is_neither_believed_nor_signalled(
    world: World, stranger: Stranger
) -> None:
    """As from within another container, where the port is somebody else's. The stranger learns nothing."""
    kept = record.claim(running.place())
    kept.write(described(stranger, world))
    try:
        for command in ("status", "up", "down"):
            said = world.run("cloud", command)
            problem = (
                f"drill cloud: The cloud (process {stranger.process.pid}) does not answer on port {stranger.port}."
            )
            assert (said.returncode, said.stderr.startswith(problem)) == (2, True), said.stderr
            assert f"kill -9 {os.getpid()}" in said.stderr  # who holds it, by the kernel's word
    finally:
        kept.close()
    assert stranger.is_well()
    assert b"POST /drilllib/proof" in stranger.heard
    assert TOKEN.encode() not in stranger.heard


def test_down_ends_the_cloud_whatever_number_is_on_record(world: World, stranger: Stranger) -> None:
    assert world.run("cloud", "up").returncode == 0
    known = json.loads(running.place().read_text())
    running.place().write_text(json.dumps({**known, "pid": stranger.process.pid}))

    assert world.run("cloud", "down").returncode == 0
    assert stranger.is_well()
    assert world.nothing_left()


def test_of_a_killed_cloud_whose_port_is_taken_again(world: World) -> None:
    assert world.run("cloud", "up").returncode == 0
    cloud = running.require()
    os.kill(cloud.pid, signal.SIGKILL)
    assert wait_until(lambda: not record.read(running.place()).held)
    with socket.create_server(("127.0.0.1", cloud.api_port)):
        said = world.run("cloud", "status").stderr

    assert f"The cloud has ended, and port {cloud.api_port} is another program's now." in said
    assert world.nothing_left()


def test_a_cloud_that_is_stopped_is_not_taken_for_dead(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on later, and its keys and record are still there."""
    assert world.run("cloud", "up").returncode == 0
    cloud = running.require()
    os.kill(cloud.pid, signal.SIGSTOP)
    try:
        with monkeypatch.context() as impatient:
            impatient.setattr(proof, "PATIENCE_S", 0.1)
            with pytest.raises(LabStateError, match=rf"does not answer .* kill -9 {cloud.pid}"):
                running.require()
    finally:
        os.kill(cloud.pid, signal.SIGCONT)

    assert running.require() == cloud
    assert cloud.home.exists()


def test_only_who_knows_the_token_is_answered_and_heard() -> None:
    ended = threading.Event()
    with CloudServer(lambda request: pytest.fail(str(request)), identity=proof.Identity(TOKEN, ended.set)) as server:
        for token, wish in (("another", proof.PROVE), ("another", proof.END), ("", proof.END), (TOKEN, "dance")):
            assert not proof.ask(server.port, token, wish)
        assert not ended.is_set()
        assert proof.ask(server.port, TOKEN, proof.PROVE)
        assert not ended.is_set()
        assert proof.ask(server.port, TOKEN, proof.END)
        assert ended.wait(PATIENCE_S)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b"[" * 100_000, b'{"wish": "end", "nonce": 1, "proof": "\xc3\xa9"}']
)
def test_nonsense_is_no_proof(body: bytes) -> None:
    assert proof.Identity(TOKEN, lambda: pytest.fail("ended")).answer(body) is None
