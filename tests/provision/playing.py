"""A local cloud in-process on which drills are made and removed, with whatever goes wrong at one of the calls."""

import copy
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from drilllib.clients.credentials import Credentials
from drilllib.clients.endpoints import Endpoint
from drilllib.clients.failures import UNREACHABLE, Failure
from drilllib.clients.kubernetes_api import Cluster
from drilllib.clients.kubernetes_api import opened as kubernetes_opened
from drilllib.clients.kubernetes_writes import KubernetesWriter, content_type
from drilllib.clients.parallel import Pace, Until
from drilllib.clients.sdk import SdkReader
from drilllib.clients.sdk import _opened as cloud_opened
from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.kube.requests import Request
from drilllib.cloud.state import CloudState
from drilllib.cloud.tencent.api import TencentApi
from drilllib.cloud.tencent.faults import Faults
from drilllib.cloud.tencent.requests import Fate
from drilllib.core.capture.asks import CloudCall
from drilllib.core.capture.permissions import permissions
from drilllib.core.drills.default_lab import new_cluster
from drilllib.guard.consent import consent_read
from drilllib.guard.journal import Journal
from drilllib.provision import inventory
from drilllib.provision.clients import Clients
from drilllib.provision.left import Report
from drilllib.provision.make import Maker
from drilllib.provision.prepare import Wish, prepared
from drilllib.provision.remove import Remover
from tests.cloud.helpers import KEYS, REGION, SECRET_ID, SECRET_KEY, signed
from tests.waits import PATIENCE_S

CLUSTER, SUBNET = "cls-lab00001", "subnet-nodes001"
WHERE = {"cluster": CLUSTER, "region": REGION, "server": "https://cluster.example"}  # as `drill up` notes it
WISH = Wish(subnets=(SUBNET,))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
UNREACHED = Failure(UNREACHABLE, "RemoteDisconnected", again=True)
Hook = Callable[[int, str], str]


class KilledError(BaseException):
    """The process has ended, as by SIGKILL: nothing that catches exceptions sees it."""


def consenting(document: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A document, by default that of a new cluster, whose owner allows drills."""
    made: dict[str, Any] = copy.deepcopy(dict(document or new_cluster()))
    read = consent_read()
    metadata = {"name": read.name, "namespace": read.namespace}
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"cluster": CLUSTER}}
    made["kubernetes"] = [*made["kubernetes"], item]
    return made


class Play:
    """
    A cloud, and clients of it. *hook* is asked at every request, by number and name, what becomes of it: "" nothing
    special, ``killed`` or ``killed after``, ``lost`` (done, no answer), ``dropped`` (not done, no answer).
    """

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        self.waited_s = 0.0
        self.state = CloudState(consenting(document), seed=1, now=self.now)
        self.faults = Faults()
        self.kube = KubeApi(self.state, faults=self.faults)
        self.tencent = TencentApi(self.state, KEYS, faults=self.faults)
        self.hook: Hook = lambda number, name: ""
        self.asked: list[str] = []

    def now(self) -> datetime:
        """The cloud's clock, which stands still but while somebody waits."""
        return NOW + timedelta(seconds=self.waited_s)

    def clients(self) -> Clients:
        """New clients, as a new process has."""
        cloud, cluster = _Sdk(self), _Kubernetes(self)
        return Clients(cloud, cloud.write, cluster, REGION, self._pause, self.now)

    def _pause(self, seconds: float) -> None:
        self.waited_s += seconds

    def up(self, folder: Path, wish: Wish = WISH) -> str:
        """As `drill up`: gives the drill's id."""
        clients = self.clients()
        site = prepared(clients, wish, self.now())
        with Journal.create(folder, "up", now=self.now, drill=site.drill, **WHERE) as journal:
            Maker(clients, site, journal).make()
        return site.drill

    def down(self, folder: Path) -> Report:
        """As `drill down` of the drill whose journal is in *folder*; where nothing was begun, nothing is removed."""
        paths = sorted(folder.glob("*.jsonl"))
        if not paths:
            return Report()
        clients = self.clients()
        with Journal.open(paths[-1]) as journal:
            return Remover(clients, journal.head["drill"], [CLUSTER], journal).remove()

    def answer(self, name: str, work: Callable[[], Any]) -> Any:
        """What a request meets; *work* does it."""
        self.asked.append(name)
        fate = self.hook(len(self.asked), name)
        if fate == "killed":
            raise KilledError
        if fate == "dropped":
            return UNREACHED
        found = work()
        if fate == "killed after":
            raise KilledError
        return UNREACHED if fate == "lost" else found

    def looks(self) -> str:
        """What stands there, of all that a drill could leave behind: without times, versions and events."""
        with self.state.reading() as document:
            parts = ("security_groups", "load_balancers", "listeners", "instances", "network_interfaces", "node_pools")
            setting = (document.get("cluster") or {}).get("eniipamd")
            objects = [
                (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
                for each in document["kubernetes"]
                if each["kind"] not in ("Event", "Pod", "ReplicaSet", "EndpointSlice")
            ]
            kept = {name: document.get(name) or {} for name in parts}
            kept = {name: list(part) if isinstance(part, list) else part for name, part in kept.items()}
            plain = {name: part or None for name, part in kept.items()}
            return json.dumps([plain, setting, sorted(objects, key=str)], sort_keys=True)

    def marked(self) -> list[inventory.Found]:
        """Whatever has the mark of a drill, asked without a fault, a minute later: no list is late any more."""
        self.waited_s += 60
        self.hook = lambda number, name: ""
        self.faults.clear()
        return list(inventory.everything(self.clients()))


class _Sdk(SdkReader):
    def __init__(self, play: Play) -> None:
        until = Until(PATIENCE_S)
        keys, endpoint = (
            Credentials(SECRET_ID, SECRET_KEY, source="the test"),
            Endpoint(address="127.0.0.1:1", scheme="http"),
        )
        super().__init__(keys, endpoint, REGION, until, permission=lambda ask: permissions(ask)[0])
        self._play, self._pace = play, Pace(until, most=10**6)
        self._backoff = type(self._backoff)(until, first_wait_s=0.0)

    def call_once(self, call: CloudCall, region: str, *, unsigned: bool = False) -> Any:
        return self._play.answer(call.action, lambda: self._sent(call, region))

    def _sent(self, call: CloudCall, region: str) -> Any:
        request = signed(
            call.service, call.action, call.request, version=call.version, x_tc_region=region, moment=self._play.now()
        )
        response = self._play.tencent.handle(request)
        self._play.waited_s += response.wait_s
        if response.fate in (Fate.DROPPED, Fate.CRASHED):
            return UNREACHED
        if response.status != 200:
            return Failure(f"HTTP {response.status}", again=True)
        body = response.body[: len(response.body) // 2] if response.fate is Fate.HALVED else response.body
        return cloud_opened(call.service, body)


class _Kubernetes(KubernetesWriter):
    def __init__(self, play: Play) -> None:
        from kubernetes import client

        until = Until(PATIENCE_S)
        super().__init__(Cluster("https://127.0.0.1:1", "test", "default", client.Configuration()), until)
        self._play, self._permission = play, lambda ask: permissions(ask)[0]
        self._backoff = type(self._backoff)(until, first_wait_s=0.0)

    def _get(self, path: str, fields: dict[str, str]) -> Any:
        return self._play.answer(f"GET {path}", lambda: self._handled("GET", path, fields, b""))

    def send(self, method: str, path: str, body: dict[str, Any]) -> Any:
        data = json.dumps(body).encode()
        return self._play.answer(
            f"{method} {path}", lambda: self._handled(method, path, {}, data, content_type(method))
        )

    def _handled(
        self, method: str, path: str, fields: dict[str, str], body: bytes, kind: str = "application/json"
    ) -> Any:
        headers = {"content-type": kind}
        response = self._play.kube.handle(Request(method, path, fields, headers, body, "tester"))
        self._play.waited_s += response.wait_s
        return UNREACHED if response.is_dropped else kubernetes_opened(response.code, response.body)
