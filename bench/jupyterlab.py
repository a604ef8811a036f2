"""A real JupyterLab in a folder of its own, and a page of a real browser on it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import nbformat

from drilllib.lesson.repairs import SOLVE

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
TOKEN = "drilllib"
LIMIT_S = 120
# For its kernels; a thread of anyio may keep it from ending when they have ended.
GRACE_S = 10
READY = """async () => {
  const app = window.jupyterapp; await app.restored;
  const panel = app.shell.currentWidget; await panel.context.ready; await panel.sessionContext.ready;
}"""
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"


def browser_path() -> str | None:
    """The browser to use, where there is one."""
    return next(filter(None, map(which, BROWSERS)), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def jupyterlab(folder: Path, scratch: Path, *options: str) -> Iterator[str]:
    """JupyterLab on *folder*, its settings in *scratch*; yields its address."""
    settings = scratch / "settings"
    toasts = settings / "@jupyterlab" / "apputils-extension"
    toasts.mkdir(parents=True)
    (toasts / "notification.jupyterlab-settings").write_text('{"fetchNews":"false","checkForUpdates":false}')
    port = free_port()
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"),
        *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"),
        f"--ServerApp.root_dir={folder}",
        *options,
    ]
    places = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "run"}
    places |= {"IPYTHONDIR": "ipython", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    own = {name: str(scratch / place) for name, place in places.items()}
    learner = {name: value for name, value in os.environ.items() if name != SOLVE}  # who writes the rules is here
    environment = {**learner, **own, "JUPYTERLAB_SETTINGS_DIR": str(settings)}
    with (scratch / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_until_up(server, f"http://127.0.0.1:{port}/api/status?token={TOKEN}", scratch / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            server.kill()


def wait_until_up(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            opener.open(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start: {log.read_text(errors='replace')[-2000:]}")


def write_notebook(path: Path, *cells: str) -> None:
    """A notebook of code cells, without outputs."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata=kernel)
    path.write_text(json.dumps(made), encoding="utf-8")


def open_notebook(page, address: str, name: str, *, run: bool = True) -> None:
    """Show a notebook and, if asked, run all its cells; back when they are done."""
    page.goto(f"{address}/lab/tree/{name}?token={TOKEN}&reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.evaluate(READY)
    if run:
        page.evaluate(RUN_ALL)
