"""
The local cloud under load, with 1,000 groups and 1,000 pods in it: both APIs against the same servers answering a
constant, start-up and memory against a process that only serves that constant, and what a write costs.

Four clients keep their connections and ask one after the other; they share the machine's processors with the server,
as a learner's notebook does.
"""

import http.client
import json
import ssl
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from bench import cloud_process
from bench.cloud_document import KEYS, KUBE_TOKEN, TABLE, document, new_apis, tencent_headers
from bench.table import duration, median_seconds, print_table
from drilllib.cloud.kube import requests as kube_requests
from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.kube.server import KubeServer
from drilllib.cloud.lab import FollowingLab
from drilllib.cloud.state import CloudState
from drilllib.cloud.tencent import requests
from drilllib.cloud.tencent.api import TencentApi
from drilllib.cloud.tencent.server import CloudServer
from drilllib.core.drills.default_lab import policy

GROUPS, DEPLOYMENTS = 1000, 20  # of 50 pods each
CLIENTS, REQUESTS, STARTS = 4, 400, 5
READ_COLUMNS = ("HTTP, 4 clients", "requests/s", "ratio", "median", "p99", "ratio")
WRITE_COLUMNS = ("something made and taken away", "median", "ratio")
PROCESS_COLUMNS = ("a process", "start-up", "ratio", "memory", "ratio")


@dataclass(frozen=True)
class Asked:
    """One request, to be made again and again."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


class Constant:
    """An API that gives the same answer to everybody."""

    def __init__(self, answer: object) -> None:
        self.handle = lambda _: answer

    def close(self) -> None:
        """There is nothing to end."""


def read_rows() -> list[tuple[str, ...]]:
    """Each API, and before it the same server answering with bytes that were made before."""
    api, kube = new_apis(GROUPS, DEPLOYMENTS)
    name, params = "DescribeSecurityGroupPolicies", {"SecurityGroupId": f"sg-{GROUPS // 2:08}"}
    body = json.dumps(params).encode()
    rows = _pair(name, Asked("POST", "/", tencent_headers(name, body), body), api.handle, _cloud_times)
    for path in ("services", "pods?limit=500"):
        asked = Asked("GET", f"/api/v1/{path}", {"Accept": TABLE, "Authorization": f"Bearer {KUBE_TOKEN}"})
        rows += _pair(f"kubectl get {path}", asked, kube.handle, _kube_times)
    return rows


def _pair(name: str, asked: Asked, handle: Callable, times_of: Callable) -> list[tuple[str, ...]]:
    constant = handle(_for_kube(asked) if times_of is _kube_times else _for_cloud(asked))
    floor, floor_rate = times_of(lambda _: constant, asked)
    ours, our_rate = times_of(handle, asked)
    size = f"{len(constant.body) / 1024:.0f} KiB"
    return [
        _row(f"a constant of {size}", floor, floor_rate, floor, floor_rate),
        _row(name, ours, our_rate, floor, floor_rate),
    ]


def _for_cloud(asked: Asked) -> requests.Request:
    return requests.Request(asked.method, asked.path, {k.lower(): v for k, v in asked.headers.items()}, asked.body)


def _for_kube(asked: Asked) -> kube_requests.Request:
    path, _, query = asked.path.partition("?")
    words = dict(each.split("=") for each in query.split("&") if each)
    return kube_requests.Request("GET", path, words, {"accept": TABLE}, b"", "bench")


def _row(name: str, times: list[float], rate: float, floor: list[float], floor_rate: float) -> tuple[str, ...]:
    late, floor_late = (quantiles(each, n=100)[98] for each in (times, floor))
    ratios = f"{rate / floor_rate:.2f}x", f"{late / floor_late:.2f}x"
    return name, f"{rate:.0f}", ratios[0], duration(median(times)), duration(late), ratios[1]


def _cloud_times(handle: Callable[[requests.Request], requests.Response], asked: Asked) -> tuple[list[float], float]:
    with CloudServer(handle) as server:
        return _times(lambda: http.client.HTTPConnection("127.0.0.1", server.port), asked)


def _kube_times(
    handle: Callable[[kube_requests.Request], kube_requests.Response], asked: Asked
) -> tuple[list[float], float]:
    api = Constant(None)
    api.handle = handle
    server = KubeServer(api, {KUBE_TOKEN: "bench"})
    context = ssl.create_default_context(cadata=server.authority.decode())
    try:
        return _times(lambda: http.client.HTTPSConnection("127.0.0.1", server.port, context=context), asked)
    finally:
        server.close()


def _times(connect: Callable[[], http.client.HTTPConnection], asked: Asked) -> tuple[list[float], float]:
    """Seconds of every request of every client, and how many a second there were together."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _: _client(connect(), asked, 20), range(CLIENTS)))
        started = perf_counter()
        times = list(pool.map(lambda _: _client(connect(), asked, REQUESTS), range(CLIENTS)))
        rate = CLIENTS * REQUESTS / (perf_counter() - started)
    return [each for client in times for each in client], rate


def _client(connection: http.client.HTTPConnection, asked: Asked, count: int) -> list[float]:
    found = []
    for _ in range(count):
        started = perf_counter()
        connection.request(asked.method, asked.path, asked.body or None, asked.headers)
        answer = connection.getresponse()
        if b'"Error"' in answer.read() or answer.status != 200:
            raise SystemExit("The cloud refused what was measured")
        found.append(perf_counter() - started)
    connection.close()
    return found


def process_rows() -> list[tuple[str, ...]]:
    """From nothing to both APIs answering, and the memory then; the cloud's document is read from a file."""
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large.json"
        large.write_text(json.dumps(_large()), encoding="utf-8")
        kinds = {"serves a constant": [], "a new cloud": ["new"], f"{GROUPS:,} groups, 1,000 pods": [str(large)]}
        found = {name: cloud_process.measured(arguments, STARTS) for name, arguments in kinds.items()}
    floor_s, floor_mib = found["serves a constant"]
    for name, (seconds, mib) in found.items():
        rows.append((name, duration(seconds), f"{seconds / floor_s:.1f}x", f"{mib:.0f} MiB", f"{mib / floor_mib:.1f}x"))
    return rows


@cache
def _large() -> dict:
    api, _ = new_apis(GROUPS, DEPLOYMENTS)
    return api.snapshot().to_dict()


def write_rows() -> list[tuple[str, ...]]:
    """Without a file and with one, at 3 groups and at 1,000; then with ten pods and with 1,000, and controllers."""
    rows, floor = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        for groups, file in ((0, None), (0, "small"), (GROUPS, None), (GROUPS, "large")):
            api = TencentApi(CloudState(document(groups), file=Path(folder) / file if file else None), KEYS)
            seconds = median_seconds(lambda api=api: _write(api), number=3)
            floor = floor or seconds
            where = "in a file" if file else "in memory"
            rows.append((f"{groups + 3:,} groups, {where}", duration(seconds), f"{seconds / floor:.1f}x"))
    return [*rows, *_beside_pods(_write, "rule"), *_beside_pods(_label, "label")]


def _beside_pods(write: Callable[..., None], what: str) -> list[tuple[str, ...]]:
    """A write with ten pods in the cloud, which is the floor, and with 1,000; a simulated lab follows."""
    rows, floor = [], 0.0
    for deployments, pods in ((1, 10), (DEPLOYMENTS, 50)):
        api, kube = new_apis(GROUPS, deployments, pods)
        api.state.follow(FollowingLab(api.state.snapshot, real=False, slowness=1.0).follow)
        seconds = median_seconds(lambda api=api, kube=kube: write(api, kube))
        floor = floor or seconds
        name = f"a {what}, {GROUPS + 3:,} groups, {deployments * pods:,} pods, in memory"
        rows.append((name, duration(seconds), f"{seconds / floor:.1f}x"))
    return rows


def _label(_: TencentApi, kube: KubeApi) -> None:
    """A Service gets a label and loses it."""
    for value in ("x", None):
        body = json.dumps({"metadata": {"labels": {"bench": value}}}).encode()
        headers = {"content-type": "application/merge-patch+json"}
        path = "/api/v1/namespaces/shop/services/app-0"
        if kube.handle(kube_requests.Request("PATCH", path, {}, headers, body, "bench")).code != 200:
            raise SystemExit("The cloud refused what was measured")


def _write(api: TencentApi, _: KubeApi | None = None) -> None:
    """A rule is created and deleted."""
    rule = {**policy("ACCEPT", "TCP", "198.51.100.0/24", "22"), "PolicyIndex": 0}
    for action, rules in (
        ("CreateSecurityGroupPolicies", [rule]),
        ("DeleteSecurityGroupPolicies", [{"PolicyIndex": 0}]),
    ):
        body = json.dumps({"SecurityGroupId": "sg-node0001", "SecurityGroupPolicySet": {"Ingress": rules}}).encode()
        if b'"Error"' in api.handle(_for_cloud(Asked("POST", "/", tencent_headers(action, body), body))).body:
            raise SystemExit("The cloud refused what was measured")


def print_all() -> None:
    """The three tables."""
    print_table(READ_COLUMNS, read_rows())
    print_table(PROCESS_COLUMNS, process_rows())
    print_table(WRITE_COLUMNS, write_rows())
