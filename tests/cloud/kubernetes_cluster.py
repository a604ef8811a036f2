"""A cluster on localhost for the tests: a state with a fixed clock and seed, its API, and kubectl with its own home."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.kube.controllers.order import differences
from drilllib.cloud.kube.controllers.reconcile import draft_of, reconcile
from drilllib.cloud.kube.objects import SHARED, Tools
from drilllib.cloud.kube.requests import Request
from drilllib.cloud.kube.server import KubeServer
from drilllib.cloud.state import CloudState
from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, POD_GROUP, default_lab
from drilllib.deploy import manifests as deploy
from tests.waits import PATIENCE_S

NOW = datetime(2025, 7, 22, 12, 41, 43, tzinfo=UTC)
TOKEN = "a-token-for-the-tests"
KUBECTL = Path(sys.executable).parent / "kubectl"
IDS = {
    "region": "ap-guangzhou",
    "cluster_id": "cls-lab00001",
    "clb_security_group": CLB_GROUP,
    "node_security_group": NODE_GROUP,
    "pod_security_group": POD_GROUP,
}
_EVENT = re.compile(r"^( +(?:Normal|Warning) +\S+ +)\S+", re.MULTILINE)
_LAST = re.compile(r"(?<=\)) +\d+[smhdy]\w*$", re.MULTILINE)  # of a node's pods, behind the share of their limits


def bare_lab() -> dict[str, Any]:
    """The default lab before anything was deployed: its nodes and its groups, without Service, pod and CLB."""
    document = default_lab()
    nodes = [each for each in document["kubernetes"] if each["kind"] == "Node"]
    document |= {"kubernetes": nodes, "load_balancers": [], "listeners": {}, "network_interfaces": []}
    return document


def manifests(folder: Path, **given: str) -> Path:
    """The project's manifests, rendered for the default lab."""
    for name, text in deploy.render(deploy.settle(None, IDS | given)).items():
        if name.endswith(".yaml"):
            (folder / name).write_text(text, encoding="utf-8")
    return folder


class Cluster:
    """The API of a document without a socket; answers are code and JSON."""

    def __init__(self, document: Mapping[str, Any], **options: Any) -> None:
        self.state = CloudState(document, **{"seed": 1, "now": lambda: NOW} | options)
        self.api = KubeApi(self.state)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        headers = {"content-type": more.pop("content_type", "application/json"), "accept": more.pop("accept", "")}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        shared = Untouched(self.state)
        response = self.api.handle(Request(method, path, more, headers, data, "tester"))
        assert not shared.changed()
        assert response.code == 500 or not self.undone()
        return response.code, json.loads(response.body) if response.body else None

    def undone(self) -> frozenset[str]:
        """What all controllers together would still change."""
        with self.state.reading() as document:
            draft = draft_of(document)
            reconcile(draft, Tools(self.state.now, self.state.new_id, self.state.new_uid))
            return differences(document, draft)

    def done(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The answer to a request that must succeed."""
        code, answer = self.call(method, path, body, **more)
        assert code < 300, answer
        return answer

    def items(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.document()["kubernetes"] if each["kind"] == kind]

    def document(self) -> dict[str, Any]:
        return self.state.snapshot().to_dict()


class Untouched:
    """The objects that drafts of a state's document share, and what each was when it was first seen."""

    def __init__(self, state: CloudState) -> None:
        self._state = state
        self._seen: dict[int, tuple[Any, str]] = {}
        self.look()

    def look(self) -> None:
        """Remember those that are new."""
        with self._state.reading() as document:
            for item in document["kubernetes"]:
                if item["kind"] in SHARED and id(item) not in self._seen:
                    self._seen[id(item)] = item, json.dumps(item)

    def changed(self) -> list[str]:
        """The names of those that were changed in place."""
        return [item["metadata"]["name"] for item, first in self._seen.values() if json.dumps(item) != first]


class Kubectl:
    """kubectl against a cluster, with a home, and so a cache, of its own."""

    def __init__(self, server: KubeServer, home: Path) -> None:
        self.home, self.folder = home, home / "files"
        self.folder.mkdir()
        (home / "config").write_text(server.kubeconfig(TOKEN, namespace="shop"), encoding="utf-8")
        path = f"{KUBECTL.parent}:/usr/local/bin:/usr/bin:/bin"
        self.environment = {"HOME": str(home), "KUBECONFIG": str(home / "config"), "PATH": path, "TZ": "UTC"}

    def run(self, line: str, *, status: int | None = 0) -> str:
        """What a command line prints, errors after the rest."""
        code, printed = self.result(line)
        assert status is None or code == status, printed
        return printed

    def result(self, line: str) -> tuple[int, str]:
        """The status of a command line, and what it prints."""
        run = subprocess.run(
            ["sh", "-c", line],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE_S,
        )
        return run.returncode, run.stdout + run.stderr

    def session(self, *lines: str) -> str:
        """Commands with what they print, as in a terminal; ages and the port are the same on every run."""
        shown = []
        for line in lines:
            run = self.run(line, status=None)
            shown.append(f"$ {line}\n{normalised(run)}".rstrip())
        return "\n\n".join(shown)


def normalised(text: str) -> str:
    """Tables have their ages from the server, whose clock stands still; describe asks this machine's clock."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"/\S*?/?(LIVE|MERGED)-\d+(/\S+)(\t.*)?", r"\1\2", text)
    if "Events:" in text:
        text = re.sub(r"(?<=\S)( {3,}|-{3,} *)", "  ", _LAST.sub("   AGE", _EVENT.sub(r"\1AGE", text)))
    return "\n".join(line.rstrip() for line in text.splitlines())


def is_kubectl_of_the_golden_files() -> bool:
    """Is kubectl there, and of the version whose words the golden files have?"""
    if not KUBECTL.exists():
        return False
    run = subprocess.run([KUBECTL, "version", "--client"], capture_output=True, text=True, env=dict(os.environ))
    return "Client Version: v1.37." in run.stdout
