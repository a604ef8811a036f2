"""A class's hub for tests, started as `drill class serve`, and learners who use it as their browsers would."""

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import drilllib
from drilllib.classes.hub.folder import HubFolder
from drilllib.classes.place import Place
from tests.waits import PATIENCE_S

requests = pytest.importorskip("requests", reason="requests is not installed")
websocket = pytest.importorskip("websocket", reason="websocket-client is not installed")
START_S = 900  # of a server, while fifty start
TEACHER = "teacher"
# Where Python is in root's home, as pyenv's is: a mount namespace in which everybody can reach it.
REACH = """\
hold=$(mktemp -d); mount -t tmpfs -o mode=755 none $hold; number=0
for path in $PATHS; do number=$((number+1)); mkdir $hold/$number; mount --bind $path $hold/$number; done
for closed in $CLOSED; do mount -t tmpfs -o mode=755 none $closed; done; number=0
for path in $PATHS; do number=$((number+1)); mkdir -p $path; mount --bind $hold/$number $path; done
exec "$@"
"""


def reachable(command: list[str]) -> list[str]:
    """The command, where its learners can read Python and drilllib."""
    wanted = {Path(sys.base_prefix), Path(sys.prefix), Path(drilllib.__file__).parents[1]}
    closed = {each: shut for each in wanted if (shut := _shut(each))}
    if not closed:
        return command
    words = {"PATHS": map(str, closed), "CLOSED": map(str, set(closed.values()))}
    told = [f"{name}={' '.join(map(shlex.quote, each))}" for name, each in words.items()]
    return ["unshare", "--mount", "--propagation", "private", "env", *told, "sh", "-ec", REACH, "sh", *command]


def _shut(path: Path) -> Path | None:
    """The folder that lets nobody pass on the way to it."""
    return next((each for each in reversed(path.resolve().parents) if not each.stat().st_mode & 0o001), None)


@dataclass(frozen=True)
class Running:
    """A hub that answers at *url*, for the class of *place*, with its *folder*; how long its start took."""

    place: Place
    folder: HubFolder
    url: str
    board: str
    start_s: float


@contextmanager
def served(place: Place) -> Iterator[Running]:
    """The class's hub, for as long as this lasts."""
    file, folder = place.folder.with_suffix(".yaml"), place.folder.with_suffix(".hub")
    command = [sys.executable, "-m", "drilllib", "class", "serve", str(file), "--port", "0", "--lang", "en"]
    began = time.monotonic()
    with subprocess.Popen(reachable(command), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as hub:
        try:
            line = hub.stdout.readline()
            found = re.search(r"answers at (\S+), the board at (\S+) for", line)
            assert found, line + hub.communicate(timeout=PATIENCE_S)[1]
            yield Running(place, HubFolder(folder), *found.groups(), time.monotonic() - began)
        finally:
            hub.terminate()
            hub.communicate(timeout=PATIENCE_S)


@dataclass
class Person:
    """Somebody with a browser: cookies, and once their server runs a token for it."""

    hub: Running
    name: str
    browser: Any = field(default_factory=requests.Session)
    seconds: float = 0

    def sign_in(self, code: str | None = None) -> int:
        """By the form; what the hub answers."""
        page = self.hub.url + "/hub/login"
        self.browser.get(page, timeout=PATIENCE_S).raise_for_status()
        told = {"username": self.name, "password": code or self.hub.place.secret.code(self.name)}
        told["_xsrf"] = self.browser.cookies.get("_xsrf", path="/hub/")
        return int(self.browser.post(page, told, timeout=PATIENCE_S, allow_redirects=False).status_code)

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """What the hub's or a server's API answers, by the token where there is one, else by cookie."""
        url = self.hub.url + path
        return self.browser.request(method, url, json=body, timeout=PATIENCE_S, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        token = self.browser.headers.get("Authorization")
        return {} if token else {"X-XSRFToken": self.browser.cookies.get("_xsrf", path="/hub/") or ""}

    def start(self) -> None:
        """A server of one's own, and how long it took."""
        began = time.monotonic()
        token = self.api("POST", f"/hub/api/users/{self.name}/tokens", {"note": "test"})
        assert token.status_code == 201, token.text
        asked = self.api("POST", f"/hub/api/users/{self.name}/server", {})
        assert asked.status_code in (201, 202), asked.text + (self.hub.folder.own / "jupyterhub.log").read_text()
        until = began + START_S
        while not (user := self.api("GET", f"/hub/api/users/{self.name}").json())["servers"].get("", {}).get("ready"):
            assert time.monotonic() < until, user
            time.sleep(1)  # a page is told when it is ready; fifty that ask all the time would keep the hub busy
        self.seconds = time.monotonic() - began
        self.browser.headers["Authorization"] = f"token {token.json()['token']}"

    def cells(self, lesson: str) -> list[str]:
        """The code of a lesson, as their server has it."""
        answer = self.api("GET", f"/user/{self.name}/api/contents/course/{lesson}")
        assert answer.status_code == 200, answer.text
        return ["".join(each["source"]) for each in answer.json()["content"]["cells"] if each["cell_type"] == "code"]

    def run(self, *cells: str) -> str:
        """What code prints in a kernel of theirs, which goes on; an error is one of the test's."""
        address = f"{self.hub.url.replace('http', 'ws')}/user/{self.name}/api/kernels/{self._kernel()}/channels"
        token = f"Authorization: {self.browser.headers['Authorization']}"
        connection = websocket.create_connection(address, header=[token], timeout=START_S)
        try:
            return "".join(_run(connection, each) for each in cells)
        finally:
            connection.close()

    def _kernel(self) -> str:
        """Its id: of the one that is there, else of one that begins where the lessons are."""
        kernels = self.api("GET", f"/user/{self.name}/api/kernels").json()
        if not kernels:
            lesson = {"kernel": {"name": "python3"}, "name": "", "path": "course/en/00-start.ipynb", "type": "notebook"}
            answer = self.api("POST", f"/user/{self.name}/api/sessions", lesson)
            assert answer.status_code == 201, answer.text
            kernels = [answer.json()["kernel"]]
        return str(kernels[0]["id"])


def _run(connection: Any, code: str) -> str:
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
    header = {"msg_id": os.urandom(8).hex(), "msg_type": "execute_request", "version": "5.4", "session": "", "date": ""}
    header["username"] = ""
    parts = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    connection.send(json.dumps(parts))
    printed: list[str] = []
    while True:
        message = json.loads(connection.recv())
        if message["parent_header"].get("msg_id") != header["msg_id"]:
            continue
        kind, content = message["msg_type"], message["content"]
        assert kind != "error", "\n".join(content["traceback"])
        printed += [content["text"]] if kind == "stream" else []
        if kind == "status" and content["execution_state"] == "idle":
            return "".join(printed)


def memory(uid: int) -> dict[str, int]:
    """What each process of a user takes for itself, in MiB (PSS), by what it is."""
    found: dict[str, int] = {}
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if each.stat().st_uid == uid:
                words = (each / "cmdline").read_bytes()
                what = "server" if b"singleuser" in words else "kernel" if b"ipykernel" in words else "other"
                pss = re.search(r"^Pss: +(\d+)", (each / "smaps_rollup").read_text(), re.M)
                found[what] = found.get(what, 0) + int(pss[1]) // 1024 if pss else 0
        except OSError:
            pass
    return found
