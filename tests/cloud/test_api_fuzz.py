"""
Both APIs under requests that no client means: no traceback, no InternalError, no hang, and a document that holds.

`make test` asks a few thousand, THOROUGH=1 40,000, THOROUGH=long 200,000. A block of requests has a cloud and a
seed of its own, so that a failure is found again by its block and place.
"""

import faulthandler
import json
import logging
import random
import time
from collections import Counter
from typing import Any

from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.kube.controllers.order import differences
from drilllib.cloud.kube.controllers.reconcile import draft_of, reconcile
from drilllib.cloud.kube.objects import Tools
from drilllib.cloud.kube.requests import Request
from drilllib.cloud.state import CloudState
from drilllib.cloud.tencent.api import TencentApi
from drilllib.core.snapshot.snapshot import Snapshot
from tests.cloud.fuzzing import kube_requests, spoilt_call, spoilt_kube, tencent_calls, writes_of
from tests.cloud.helpers import KEYS, ask
from tests.cloud.kubernetes_cluster import Untouched
from tests.cloud.test_conformance import furnished
from tests.thorough import how_many

BLOCK, HANGS_S = 500, 60  # requests with one cloud; seconds after which one is called a hang
LOOK_AT = 5  # of so many requests one is followed by all controllers
USUAL, LONG = 3000, 200_000


class Faults(logging.Handler):
    """What the clouds logged as errors of their own."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(self.format(record))


class Block:
    """Some requests to one cloud, in turn to either API."""

    def __init__(self, number: int) -> None:
        self.number, self.chance = number, random.Random(number)
        state = CloudState(furnished(), seed=number)
        self.state, self.kube, self.tencent = state, KubeApi(state), TencentApi(state, KEYS)
        self.counts: Counter[str] = Counter()
        self.slowest = 0.0
        self.wrong: list[str] = []
        self.shared = Untouched(state)

    def run(self, kube_corpus: list[Request], calls: list[Any], count: int) -> None:
        """Ask, and look at the document in the end."""
        for place in range(count):
            spoil = self._kube if self.chance.random() < 0.6 else self._tencent
            started = time.monotonic()
            faulthandler.dump_traceback_later(HANGS_S, exit=True)
            try:
                outcome = spoil(kube_corpus if spoil == self._kube else calls)
            except Exception as error:  # the very thing that is looked for
                outcome = f"traceback {error!r}"
            faulthandler.cancel_dump_traceback_later()
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.shared.look()
            if place % LOOK_AT == 0:
                self._require_settled()
            self.counts[outcome.partition(" ")[0] if outcome.startswith("traceback") else outcome] += 1
            if outcome.startswith("traceback") or outcome.endswith(("500", "InternalError")):
                self.wrong.append(f"block {self.number}, request {place}: {outcome}")
        self._look()

    def _kube(self, corpus: list[Request]) -> str:
        response = self.kube.handle(spoilt_kube(self.chance.choice(corpus), self.chance))
        body = b"".join(response.stream) if response.stream is not None else response.body
        body.decode("utf-8")
        return f"kubernetes {response.code}"

    def _tencent(self, calls: list[Any]) -> str:
        answer = json.loads(self.tencent.handle(spoilt_call(self.chance.choice(calls), self.chance)).body)["Response"]
        return f"tencent {answer.get('Error', {}).get('Code', 'done').partition('.')[0]}"

    def _require_settled(self) -> None:
        """All controllers together find nothing that those which worked have left undone."""
        with self.state.reading() as document:
            draft = draft_of(document)
            reconcile(draft, Tools(self.state.now, self.state.new_id, self.state.new_uid))
            undone = differences(document, draft)
        if undone:
            self.wrong.append(f"block {self.number}: undone are {sorted(undone)}")

    def _look(self) -> None:
        """The document can be read, saved and listed whatever was asked; no pod was changed in place."""
        assert not self.shared.changed(), self.number
        with self.state.reading() as document:
            json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8")
            Snapshot(document)
        for path in ("/api/v1/pods", "/api/v1/services", "/apis/apps/v1/deployments"):
            answer = self.kube.handle(Request("GET", path, {}, {"accept": "application/yaml"}, user="x"))
            assert answer.code == 200, (self.number, answer.body)


def fuzzed(count: int, first: int = 0) -> tuple[Counter[str], float, list[str]]:
    """How often each outcome came, the slowest request in seconds, and what was wrong."""
    made = KubeApi(state := CloudState(furnished(), seed=0))
    corpus, calls, faults = [*kube_requests(), *writes_of(state.snapshot().to_dict())], tencent_calls(), Faults()
    made.close()
    counts: Counter[str] = Counter()
    slowest, wrong = 0.0, []
    logging.getLogger("drilllib").addHandler(faults)
    try:
        for number in range(first, first + -(-count // BLOCK)):
            block = Block(number)
            block.run(corpus, calls, min(BLOCK, count - (number - first) * BLOCK))
            counts, slowest = counts + block.counts, max(slowest, block.slowest)
            wrong += block.wrong
    finally:
        logging.getLogger("drilllib").removeHandler(faults)
    return counts, slowest, wrong + faults.found


def test_what_200_000_requests_found() -> None:
    """An address in a pod's status that is none, which the count of a subnet's free addresses stumbled over."""
    state = CloudState(furnished(), seed=0)
    kube, tencent = KubeApi(state), TencentApi(state, KEYS)
    path, body = "/api/v1/namespaces/shop/pods/web-1/status", b'{"status": {"podIP": "web"}}'
    headers = {"content-type": "application/merge-patch+json"}

    assert kube.handle(Request("PATCH", path, {}, headers, body, "x")).code == 200
    assert ask(tencent, "vpc", "DescribeSubnets")["TotalCount"] == 2


def test_requests_that_nobody_means() -> None:
    """An answer to each, none of them an error of the cloud itself."""
    count = how_many(USUAL, thorough=LONG // 20, long=LONG)
    counts, slowest, wrong = fuzzed(count)

    listed = ", ".join(f"{outcome}: {number:,}" for outcome, number in sorted(counts.items()))
    print(f"{count:,} requests, the slowest {slowest:.2f} s; {listed}")
    assert not wrong, "\n".join(wrong[:5])
    assert counts.total() == count
    assert {"kubernetes 200", "kubernetes 201", "kubernetes 400", "kubernetes 422", "tencent done"} <= counts.keys()
