"""`drill course` serves JupyterLab with the learner's notebooks, to whoever has the token."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from drilllib.cli import main
from drilllib.course import jupyter
from drilllib.errors import MissingToolError
from tests.waits import PATIENCE_S

pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals work differently on Windows")

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture(autouse=True)
def own_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """A course that is started in this process does not change what ends the test run."""
    monkeypatch.setattr(jupyter, "_end_on_signals", lambda: None)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen, str]]:
    """The running course and the URL it printed."""
    folder = str(tmp_path_factory.mktemp("course"))
    command = [sys.executable, "-m", "drilllib", "course", "02", "--lang", "zh", "--no-browser", "--dir", folder]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        said: list[str] = []
        while not (said and said[-1].startswith("http://")):
            said.append(running.stdout.readline())
            assert said[-1], "".join(said)
        yield running, said[-1].strip()
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(PATIENCE_S)


def get(url: str) -> bytes:
    with OPENER.open(url, timeout=PATIENCE_S) as answer:
        return answer.read()


def test_the_printed_url_serves_the_notebook_and_nothing_without_its_token(served) -> None:
    """One URL line is all a person needs, and all that lets anybody in."""
    running, url = served
    base, token = re.fullmatch(r"(http://127\.0\.0\.1:\d+)/lab/tree/zh/02-node\.ipynb\?token=(\S+)", url).groups()

    assert b"JupyterLab" in get(url)
    content = json.loads(get(f"{base}/api/contents/zh/02-node.ipynb?token={token}"))["content"]
    assert content["cells"][0]["source"].startswith("# 02 安全组 2")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        get(f"{base}/api/contents/zh/02-node.ipynb")
    assert token not in Path(f"/proc/{running.pid}/cmdline").read_text() if Path("/proc").exists() else True


def test_jupyterlabs_own_news_and_update_checks_are_off(served) -> None:
    """Nothing may ask a host outside."""
    base, token = served[1].split("/lab/")[0], served[1].split("token=")[1]
    plugin = "@jupyterlab/apputils-extension:notification"

    settings = json.loads(get(f"{base}/lab/api/settings/{plugin}?token={token}"))

    properties = settings["schema"]["properties"]
    assert properties["fetchNews"]["default"] == "false"
    assert properties["checkForUpdates"]["default"] is False


def test_jupyterlab_itself_speaks_the_readers_language(served) -> None:
    """Its own server answers in the language that it was told, out of its own language pack."""
    base, token = served[1].split("/lab/")[0], served[1].split("token=")[1]
    plugin = "@jupyterlab/translation-extension:plugin"

    chosen = json.loads(get(f"{base}/lab/api/settings/{plugin}?token={token}"))["schema"]["properties"]["locale"]
    words = json.loads(get(f"{base}/lab/api/translations/{chosen['default']}?token={token}"))["data"]["jupyterlab"]

    assert chosen["default"] == "zh_CN"
    assert words["Restart Kernel"] == ["重启内核"]


def test_in_english_jupyterlab_is_left_as_it_is() -> None:
    assert {*jupyter.settings("zh")} - {*jupyter.settings("en")} == {"@jupyterlab/translation-extension:plugin"}


def test_the_courses_kernel_is_the_python_that_has_drilllib(served) -> None:
    """Users have other kernels called python3, without it."""
    base, token = served[1].split("/lab/")[0], served[1].split("token=")[1]

    found = json.loads(get(f"{base}/api/kernelspecs?token={token}"))["kernelspecs"]["python3"]

    assert found["spec"]["argv"][0] == sys.executable


def test_a_taken_port_is_one_line(tmp_path: Path, capsys) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        assert main(["course", "--no-browser", "--dir", str(tmp_path), "--port", port]) == 2
    assert f"Port {port} is taken" in capsys.readouterr().err


def test_a_server_that_cannot_start_says_its_last_word(tmp_path: Path) -> None:
    """The reason is in the server's log, which nobody would look for."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    log = tmp_path / "jupyter.log"
    log.write_text("first\nBad thing happened\n\n")

    with pytest.raises(MissingToolError, match="Bad thing happened"):
        jupyter._wait_until_up(ended, 1, "token", log)


def test_a_port_lost_to_another_server_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    """Two people on one machine start the course at the same moment."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        free = jupyter._free_port(None)
        ports = iter([taken.getsockname()[1], free])
        monkeypatch.setattr(jupyter, "_free_port", lambda _: next(ports))
        monkeypatch.setattr(jupyter, "_announce", lambda folder, url, browser: print(url) or jupyter._as_interrupt())

        assert jupyter.serve(tmp_path, "x.ipynb", port=None, browser=False) == 0

    assert f"127.0.0.1:{free}/" in capsys.readouterr().out


@pytest.mark.parametrize("said", ["port 8888 is not available.", "no available port could be found."])
def test_whenever_the_port_is_lost_another_is_tried(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    """JupyterLab looks whether the port is free, and takes it later: it has a message for each."""
    tried = []

    def start(folder: Path, port: int, token: str, scratch: Path, log: Path, _: object) -> subprocess.Popen:
        tried.append(port)
        log.write_text(f"ERROR: the Jupyter server could not be started because {said}")
        return subprocess.Popen([sys.executable, "-c", ""])

    monkeypatch.setattr(jupyter, "_start", start)
    with pytest.raises(MissingToolError, match="could not be started"):
        jupyter.serve(tmp_path, "x.ipynb", port=None, browser=False)

    assert len(tried) == jupyter.START_TRIES
