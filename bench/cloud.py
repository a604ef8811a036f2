"""
The local cloud under load: DescribeSecurityGroupPolicies with 1,000 groups in it, against the same server answering a
constant; and a write, whose whole document is saved each time, with and without a file.

Run it alone: ``python -m bench.cloud``. Four clients keep their connections and ask one after the other; they share the
machine's processors with the server, as a learner's notebook does.
"""

import http.client
import json
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from bench.table import duration, median_seconds, print_table
from drilllib.cloud import tc3, wire
from drilllib.cloud.server import CloudServer
from drilllib.cloud.state import CloudState
from drilllib.cloud.tencent import TencentApi
from drilllib.core.default_lab import default_lab, policy

GROUPS, RULES, CLIENTS, REQUESTS = 1000, 10, 4, 500
KEYS = {"AKIDbench": "a key for measuring"}
READ_COLUMNS = ("HTTP, 4 clients", "requests/s", "ratio", "median", "p99", "ratio")
WRITE_COLUMNS = ("CreateSecurityGroupPolicies and its deletion", "median", "ratio")


def document(groups: int) -> dict:
    """The default lab with so many groups of ten rules."""
    lab = default_lab()
    rules = [
        {"PolicyIndex": place, **policy("ACCEPT", "TCP", f"10.{place}.0.0/16", str(80 + place))}
        for place in range(RULES)
    ]
    for number in range(groups):
        lists = {"Version": "1", "Ingress": rules, "Egress": []}
        lab["security_groups"][f"sg-{number:08}"] = {"SecurityGroupName": str(number), "SecurityGroupPolicySet": lists}
    return lab


def request(action: str, params: dict) -> wire.Request:
    """A signed request; one signature serves for as long as the run takes."""
    body = json.dumps(params).encode()
    headers = tc3.signed_headers("AKIDbench", KEYS["AKIDbench"], "bench", "vpc", datetime.now(UTC), body)
    headers |= {"X-TC-Action": action, "X-TC-Version": "2017-03-12", "X-TC-Region": "ap-guangzhou"}
    return wire.Request("POST", "/", headers, body)


def read_rows() -> list[tuple[str, ...]]:
    """The cloud, and the same server answering with bytes that were made before."""
    asked = request("DescribeSecurityGroupPolicies", {"SecurityGroupId": f"sg-{GROUPS // 2:08}"})
    api = TencentApi(CloudState(document(GROUPS)), KEYS)
    constant = api.handle(wire.Request("POST", "/", _lower(asked), asked.body))
    floor, floor_rate = _times(lambda _: constant, asked)
    ours, our_rate = _times(api.handle, asked)
    return [
        _row("a constant", floor, floor_rate, floor, floor_rate),
        _row("the cloud", ours, our_rate, floor, floor_rate),
    ]


def _lower(asked: wire.Request) -> dict[str, str]:
    return {name.lower(): value for name, value in asked.headers.items()}


def _row(name: str, times: list[float], rate: float, floor: list[float], floor_rate: float) -> tuple[str, ...]:
    late, floor_late = (quantiles(each, n=100)[98] for each in (times, floor))
    ratios = f"{rate / floor_rate:.2f}x", f"{late / floor_late:.2f}x"
    return name, f"{rate:.0f}", ratios[0], duration(median(times)), duration(late), ratios[1]


def _times(handle: Callable[[wire.Request], wire.Response], asked: wire.Request) -> tuple[list[float], float]:
    """Seconds of every request of every client, and how many a second there were together."""
    with CloudServer(handle) as server, ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _: _client(server.port, asked, 20), range(CLIENTS)))
        started = perf_counter()
        times = list(pool.map(lambda _: _client(server.port, asked, REQUESTS), range(CLIENTS)))
        rate = CLIENTS * REQUESTS / (perf_counter() - started)
    return [each for client in times for each in client], rate


def _client(port: int, asked: wire.Request, count: int) -> list[float]:
    connection, found = http.client.HTTPConnection("127.0.0.1", port), []
    for _ in range(count):
        started = perf_counter()
        connection.request("POST", "/", asked.body, dict(asked.headers))
        if b'"Error"' in connection.getresponse().read():
            raise SystemExit("The cloud refused what was measured")
        found.append(perf_counter() - started)
    connection.close()
    return found


def write_rows() -> list[tuple[str, ...]]:
    """Without a file, and with one, at 3 groups and at 1,000."""
    rows, floor = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        for groups, file in ((0, None), (0, "small"), (GROUPS, None), (GROUPS, "large")):
            api = TencentApi(CloudState(document(groups), file=Path(folder) / file if file else None), KEYS)
            seconds = median_seconds(lambda api=api: _write(api), number=3)
            floor = floor or seconds
            where = "in a file" if file else "in memory"
            rows.append((f"{groups + 3:,} groups, {where}", duration(seconds), f"{seconds / floor:.1f}x"))
    return rows


def _write(api: TencentApi) -> None:
    rule = {**policy("ACCEPT", "TCP", "198.51.100.0/24", "22"), "PolicyIndex": 0}
    for action, rules in (
        ("CreateSecurityGroupPolicies", [rule]),
        ("DeleteSecurityGroupPolicies", [{"PolicyIndex": 0}]),
    ):
        params = {"SecurityGroupId": "sg-node0001", "SecurityGroupPolicySet": {"Ingress": rules}}
        asked = request(action, params)
        if b'"Error"' in api.handle(wire.Request("POST", "/", _lower(asked), asked.body)).body:
            raise SystemExit("The cloud refused what was measured")


if __name__ == "__main__":
    print_table(READ_COLUMNS, read_rows())
    print_table(WRITE_COLUMNS, write_rows())
