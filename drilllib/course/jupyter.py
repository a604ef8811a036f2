"""Start JupyterLab on the learner's notebooks: loopback only, a token of its own, nothing fetched from outside."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from drilllib.course import kernels
from drilllib.errors import InvalidInputError, Message, MissingToolError
from drilllib.machine import folders, guarded, private, python
from drilllib.machine.environment import of_course

START_LIMIT_S = 90
START_TRIES = 5
# What the server says of a port that was taken before it looked, and between its own look and its use of it.
PORT_LOST = ("is not available", "no available port could be found")
GRACE_S = 10.0  # for its kernels
# JupyterLab's own news and update checks would ask hosts outside.
_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    }
}
_TRANSLATION = "@jupyterlab/translation-extension:plugin"
_LOCALES = {"zh": "zh_CN"}  # of JupyterLab's own words, from its language pack; English needs none


def serve(folder: Path, notebook: str, *, port: int | None, browser: bool, language: str = "en") -> int:
    """
    Serve *folder* until interrupted; print one line with the URL of *notebook* once the server answers.

    JupyterLab's own menus are in *language* (zh or en), unless the reader has chosen another there.

    Raises:
        MissingToolError: JupyterLab is not installed, or ends before it answers.
        InvalidInputError: The port is taken.
    """
    if find_spec("jupyterlab") is None:
        raise MissingToolError("JupyterLab is not installed", remedy="pip install 'drilllib[course]'")
    token = secrets.token_urlsafe(24)
    if _is_root():
        print("drill course: running as root, so JupyterLab gets --allow-root; it listens on 127.0.0.1 only")
    _end_on_signals()
    folders.sweep()
    with folders.Folder("course") as scratch:
        log = scratch / "jupyter.log"
        tries = 1 if port else START_TRIES
        while True:
            tries -= 1
            chosen = _free_port(port)
            server = _start(folder, chosen, token, scratch, log, settings(language))
            try:
                _wait_until_up(server, chosen, token, log)
                for page in scratch.glob(
                    "runtime/*.html"
                ):  # the token is in it, and it has the mode that the umask says
                    page.chmod(private.FILE)
                _announce(folder, f"http://127.0.0.1:{chosen}/lab/tree/{notebook}?token={token}", browser)
                return server.wait()
            except KeyboardInterrupt:
                print("drill course: stopped; your notebooks are kept", file=sys.stderr)
                return 0
            except MissingToolError:  # another server may have taken the port since we looked
                said = log.read_text(errors="replace")
                if not tries or not any(each in said for each in PORT_LOST):
                    raise
            finally:
                _stop(server)


def _announce(folder: Path, url: str, browser: bool) -> None:
    print(f"drill course: JupyterLab serves {folder}; stop it with Ctrl-C")
    print(url, flush=True)
    if browser:
        webbrowser.open(url)


def _end_on_signals() -> None:
    """
    Ending, interrupting and closing the terminal all stop the server, also where a script started us with
    interrupts ignored. Under nohup, which ignores the closing of the terminal, that stays ignored.
    """
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            signal.signal(number, _as_interrupt)


def _as_interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _free_port(port: int | None) -> int:
    """The port asked for, or the first free one from 8888."""
    for candidate in [port] if port else [*range(8888, 8988), 0]:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", candidate))
            except (OSError, OverflowError):
                continue
            return int(probe.getsockname()[1])
    raise InvalidInputError(
        "Port {port} is taken or not allowed", remedy="Name another with --port, or leave it out", port=port
    )


def settings(language: str) -> dict[str, dict[str, Any]]:
    """What JupyterLab does where the reader has not said otherwise."""
    locale = _LOCALES.get(language)
    return {**_SETTINGS, **({_TRANSLATION: {"locale": locale}} if locale else {})}


def _start(
    folder: Path, port: int, token: str, scratch: Path, log: Path, defaults: Mapping[str, Any]
) -> subprocess.Popen[bytes]:
    """
    Everything of this server's own is in *scratch*, keys of kernels too. The token goes through a file there, and so
    is neither in the process list nor in what kernels and terminals inherit.
    """
    private.write(private.folder(scratch / "labconfig") / "default_setting_overrides.json", json.dumps(defaults))
    private.write(scratch / "token", token)
    kernels.write(private.folder(scratch / "kernels"))
    command = [
        *python.theirs("jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"),
        *("--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}", "--ServerApp.password="),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *(["--allow-root"] if _is_root() else []),
    ]
    environment = {**of_course(os.environ.get("DRILL_LAB")), "JUPYTER_TOKEN_FILE": str(scratch / "token")}
    environment["JUPYTER_RUNTIME_DIR"] = str(private.folder(scratch / "runtime"))
    for name in ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH"):
        environment[name] = os.pathsep.join([str(scratch), *filter(None, [environment.get(name)])])
    private.write(log, "")
    with log.open("ab") as sink:
        return guarded.start(
            command,
            first=signal.SIGTERM,
            grace_s=GRACE_S,
            folder=scratch,
            env=environment,
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )


def _wait_until_up(server: subprocess.Popen[bytes], port: int, token: str, log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/status", headers={"Authorization": f"token {token}"})
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with opener.open(request, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    last = [line for line in log.read_text(errors="replace").splitlines() if line.strip()][-1:]
    raise MissingToolError(
        "JupyterLab did not start: {last}",
        remedy="Run drill doctor, or make setup in a checkout",
        last=last[0] if last else Message("it said nothing"),
    )


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Ask the server we started to shut its kernels down and end; after `GRACE_S` its guard ends all that is left."""
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(2 * GRACE_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
