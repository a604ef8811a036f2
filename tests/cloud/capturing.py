"""Captures of a local cloud without a socket: the readers of `drilllib.clients`, whose requests its handlers answer."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from drilllib.clients.credentials import Credentials
from drilllib.clients.endpoints import Endpoint
from drilllib.clients.failures import Failure
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
from drilllib.core.capture.asks import Answer, Ask, CloudCall, Refusal, Wanted
from drilllib.core.capture.join import assembled
from drilllib.core.capture.permissions import permissions
from drilllib.core.capture.plan import needed
from drilllib.core.snapshot.snapshot import Snapshot
from tests.cloud.helpers import KEYS, REGION, SECRET_ID, SECRET_KEY, signed
from tests.waits import PATIENCE_S

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MOST_ROUNDS = 12


class Capture:
    """A capture of *cloud*: every answer, in rounds, and the document that they make."""

    def __init__(self, cloud: "InProcess", wanted: Wanted) -> None:
        self.wanted, self.rounds = wanted, list[tuple[Ask, ...]]()
        self.answers: list[Answer] = []
        while asks := needed(self.answers, wanted):
            assert len(self.rounds) < MOST_ROUNDS, asks
            self.rounds.append(asks)
            self.answers += [cloud.read(each) for each in asks]
        self.assembly = assembled(self.answers, wanted)

    @property
    def refusals(self) -> list[Refusal]:
        return [each.refusal for each in self.answers if each.refusal]

    @property
    def calls(self) -> list[Ask]:
        return [ask for asks in self.rounds for ask in asks]

    def snapshot(self, **parts: Any) -> Snapshot:
        """What was captured; with *parts* that no API has, such as `semantics`."""
        return Snapshot({**self.assembly.document, **parts})


class InProcess:
    """The two APIs over a document, whose controllers have settled it, and readers of them."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.state = CloudState(document, seed=1, now=lambda: NOW)
        self.faults = Faults()
        self.kube = KubeApi(self.state, faults=self.faults)
        plant(self.state, document)
        self.tencent = TencentApi(self.state, KEYS, faults=self.faults)
        until = Until(PATIENCE_S)
        self._cloud = _Sdk(self.tencent, until, document.get("region") or REGION)
        self._kubernetes = _Kubernetes(self.kube, until)

    def read(self, ask: Ask) -> Answer:
        return self._cloud(ask) if isinstance(ask, CloudCall) else self._kubernetes(ask)

    def capture(self, service: str, **words: str) -> Capture:
        return Capture(self, Wanted(service=service, **words))


def _permission(ask: Ask) -> str:
    return permissions(ask)[0]


class _Sdk(SdkReader):
    def __init__(self, api: TencentApi, until: Until, region: str) -> None:
        keys = Credentials(SECRET_ID, SECRET_KEY, source="the test")
        endpoint = Endpoint(address="127.0.0.1:1", scheme="http")
        super().__init__(keys, endpoint, region, until, permission=_permission)
        self._api, self._pace = api, Pace(until, most=10**6)
        self._backoff = type(self._backoff)(until, first_wait_s=0.0)

    def call_once(self, call: CloudCall, region: str, *, unsigned: bool = False) -> Any:
        request = signed(call.service, call.action, call.request, version=call.version, x_tc_region=region, moment=NOW)
        response = self._api.handle(request)
        return Failure(f"HTTP {response.status}", again=True) if response.status != 200 else _read(call, response.body)


def _read(call: CloudCall, body: bytes) -> Any:
    return cloud_opened(call.service, body)


class _Kubernetes(KubernetesWriter):
    def __init__(self, api: KubeApi, until: Until) -> None:
        from kubernetes import client

        super().__init__(Cluster("https://127.0.0.1:1", "test", "default", client.Configuration()), until)
        self._api, self._permission = api, _permission
        self._backoff = type(self._backoff)(until, first_wait_s=0.0)

    def _get(self, path: str, fields: dict[str, str]) -> Any:
        self.calls += 1
        response = self._api.handle(Request("GET", path, fields, {}, b"", "tester"))
        return kubernetes_opened(response.code, response.body)

    def send(self, method: str, path: str, body: dict[str, Any]) -> Any:
        self.calls += 1
        headers = {"content-type": content_type(method)}
        response = self._api.handle(Request(method, path, {}, headers, json.dumps(body).encode(), "tester"))
        return kubernetes_opened(response.code, response.body)


def plant(state: CloudState, document: Mapping[str, Any]) -> None:
    """What TKE's controller has mended since the cloud started is broken again, as after somebody's click."""
    with state.writing(settled=True) as held:
        held |= {name: document[name] for name in ("listeners", "load_balancers") if name in document}
