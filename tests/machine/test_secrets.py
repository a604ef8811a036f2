"""The user's keys, tokens and proxies reach nothing that drill starts; the local cloud's stand in no command line."""

import os
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")

from drilllib.cloud.local import LocalCloud
from drilllib.cloud.shell import wrappers
from drilllib.labs.netns.sandbox import why_not
from tests.machine.started import World
from tests.machine.test_environment import SECRETS
from tests.thorough import thorough
from tests.waits import PATIENCE_S, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
needs_real_packets = pytest.mark.skipif(why_not() is not None, reason=f"no real packets here: {why_not()}")
SECRET = "HUNTER2"
# Says what it was given and is called like, then what the process that it has become was called.
TELLS = '#!/bin/sh\necho "ARGUMENTS $0 $*"; tr "\\0" " " </proc/$$/cmdline; echo; echo ENVIRONMENT; env\n'


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A user with keys of many kinds."""
    made = World(tmp_path, **SECRETS, TF_VAR_region="mine")
    yield made
    made.run("cloud", "down")


def told_secrets(world: World, *but: int) -> dict[int, str]:
    """Who, besides *but*, was given one."""
    known = world.processes()
    return {
        pid: known.get(pid, "") for pid, given in world.environments().items() if SECRET in given and pid not in but
    }


def test_a_shell_beside_a_simulated_cloud_and_the_cloud_itself(world: World) -> None:
    assert world.run("cloud", "up", "--example", "healthy").returncode == 0
    said = world.run("shell", "--", "env").stdout

    assert SECRET not in said
    assert f"KUBECONFIG={world.temporary}/drilllib.cloud." in said
    assert "TF_VAR_region=mine\n" in said
    assert world.processes()
    assert told_secrets(world) == {}


@needs_real_packets
def test_a_shell_in_a_host_and_the_lab_itself(world: World) -> None:
    name = f"test-{world.mark[:12]}"
    assert world.run("lab", "up", name, "--slowness", "0.05").returncode == 0
    try:
        said = world.run("shell", "--lab", name, "--", "env").stdout
        assert "DRILL_HOST=client\n" in said
        assert SECRET not in said
        assert len(world.processes()) >= 2
        assert told_secrets(world) == {}
    finally:
        world.run("lab", "down", name)


def test_clients_get_the_clouds_keys_and_no_command_line_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tells").write_text(TELLS)
    (tmp_path / "tells").chmod(0o755)
    monkeypatch.setattr(wrappers, "find_program", lambda name: str(tmp_path / "tells"))
    for name, value in {**SECRETS, "TF_VAR_region": "mine"}.items():
        monkeypatch.setenv(name, value)
    with LocalCloud() as cloud:
        key = cloud.access.secret_key
        for client in ("terraform", "tccli", "kubectl"):
            arguments, _, given = cloud.run(f"{client} plan").out.partition("ENVIRONMENT\n")
            assert "plan" in arguments
            assert key not in arguments
            assert (f"TENCENTCLOUD_SECRET_KEY={key}\n" in given) == (client != "kubectl")
            assert SECRET not in given
            assert ("TF_VAR_region=mine\n" in given) == (client == "terraform")
        for script in (cloud.home / "bin").iterdir():  # what a program on the way was called with, others could see
            assert key not in script.read_text()


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_what_a_cloud_writes_is_its_users_alone(world: World, umask: int) -> None:
    assert world.run("cloud", "up", preexec_fn=lambda: os.umask(umask)).returncode == 0
    (record,) = world.temporary.glob("drill-cloud-*.json")
    home = next(world.temporary.glob("drilllib.cloud.*"))

    for path in (record, home, *home.rglob("*")):
        mode = path.stat().st_mode
        assert (path.name, mode & 0o077) == (path.name, 0)
        assert mode & 0o700 == (0o700 if stat.S_ISDIR(mode) or path.parent.name == "bin" else 0o600), path


@pytest.mark.parametrize("umask", [0o000, pytest.param(0o077, marks=thorough)])
def test_what_a_course_and_a_run_keep_is_their_users_alone(world: World, umask: int) -> None:
    """The token, the kernels' keys, the log: files and the folders that they are in."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    pytest.importorskip("papermill", reason="papermill is not installed")
    options = {"preexec_fn": lambda: os.umask(umask)}
    course = world.start("course", "--no-browser", "--dir", str(world.folder / "course"), **options)
    url = next(line.strip() for line in course.stdout if line.startswith("http://"))
    asked = urllib.request.Request(
        f"{url.split('/lab/')[0]}/api/kernels", b"{}", {"Authorization": f"token {url.split('token=')[1]}"}
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=PATIENCE_S):
        pass
    running = world.start("run", "00", "--lang", "en", **options, stdout=subprocess.DEVNULL)
    try:
        assert wait_until(lambda: list(world.temporary.glob("drilllib.run.*/*.json")))
        assert list(world.temporary.glob("drilllib.course.*/runtime/kernel-*.json"))
        assert open_to_others(world) == []
    finally:
        for each in (course, running):
            each.terminate()
            each.wait(PATIENCE_S)


def open_to_others(world: World) -> list[str]:
    """Files of ours that others may read, and folders that they may enter; a socket is as safe as its folder."""
    found = [each for folder in world.temporary.glob("drilllib.*") for each in (folder, *folder.rglob("*"))]
    found = [each for each in found if not (each.is_symlink() or each.is_socket())]
    return [str(each) for each in found if each.lstat().st_mode & 0o077]


@pytest.mark.parametrize(("kind", "name"), [("warm", "warm.server"), pytest.param("cold", "ipykernel", marks=thorough)])
def test_kernels_of_a_run(kind: str, name: str, world: World) -> None:
    pytest.importorskip("papermill", reason="papermill is not installed")
    running = world.start("run", "00", "--lang", "en", "--kernel", kind, stdout=subprocess.DEVNULL)
    own = {running.pid}
    kernels: set[int] = set()
    while running.poll() is None:
        found = {pid for pid, line in world.processes().items() if name in line}
        assert {pid for pid, given in world.environments().items() if pid in found and SECRET in given} == set()
        kernels |= found - own
        time.sleep(0.01)  # all of /proc was read

    assert running.wait() == 0
    assert kernels


def test_jupyterlab_and_its_kernels(world: World) -> None:
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    running = world.start("course", "--no-browser", "--dir", str(world.folder / "course"))
    url = next(line.strip() for line in running.stdout if line.startswith("http://"))
    base, token = url.split("/lab/")[0], url.split("token=")[1]
    asked = urllib.request.Request(f"{base}/api/kernels", b"{}", {"Authorization": f"token {token}"})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=PATIENCE_S):
            pass
        assert wait_until(lambda: any("ipykernel" in line for line in world.processes().values()))
        ours = {pid for pid, line in world.processes().items() if " course " in line}
        assert [pid for pid, given in world.environments().items() if token in given] == []
        assert [line for line in world.processes().values() if token in line] == []
        assert told_secrets(world, *ours) == {}
    finally:
        running.terminate()
        running.wait(PATIENCE_S)
