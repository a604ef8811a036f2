"""
`drill up` and `drill down` over sockets where every single request meets trouble: limited, slow, late, refused.

What may be tried again is tried again: one run in which each request meets it once is each of them in turn. What must
not be is refused at one request after another. In-process, tests/provision/test_up_at_every_call.py has all kinds.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.clients.failures import FIRST_WAIT_S
from drilllib.clients.parallel import Pace
from drilllib.clients.settings import Settings
from drilllib.cloud.local import LocalCloud
from drilllib.errors import DrillError
from drilllib.guard.journal import Journal
from drilllib.provision import inventory
from drilllib.provision.clients import Clients, opened
from drilllib.provision.left import Report
from drilllib.provision.make import Maker
from drilllib.provision.prepare import prepared
from drilllib.provision.remove import Remover
from tests.provision.playing import CLUSTER, WISH, consenting
from tests.provision.test_up_at_every_call import DISCOVERY, LOOK, can_strike
from tests.thorough import how_many
from tests.waits import PATIENCE_S

HASTE = 0.02  # of each pause, so that every request can have its turn
LATE_S, SLOW_S = 0.05, 0.02
SHARE = how_many(30, thorough=3, long=1)  # of the requests, of which each is refused


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(consenting()) as made:
        yield made


class Troubled:
    """Clients of a cloud, of whose requests those *numbers* meet *kind*, or all: the first try of each."""

    def __init__(self, cloud: LocalCloud, kind: str = "", numbers: range | None = None) -> None:
        told = json.loads((cloud.home / "clients.json").read_text(encoding="utf-8"))["drill"]["variables"]
        clients = opened(Settings(deadline_s=PATIENCE_S), told, cloud.home)
        self.asked, self._cloud, self._kind, self._numbers = list[str](), cloud, kind, numbers
        self._struck = set[str]()
        self.clients = Clients(
            *(clients.read, clients.write, clients.kubernetes, clients.region),
            pause=lambda seconds: time.sleep(seconds * HASTE),
        )
        reader: Any = clients.read
        reader._pace = Pace(reader._pace._until, most=10**6)
        kubernetes: Any = clients.kubernetes
        for each in (reader, kubernetes):
            each._backoff = replace(each._backoff, first_wait_s=FIRST_WAIT_S * HASTE)
        for owner, names in ((reader, ("call_once",)), (kubernetes, ("_get", "send"))):
            for name in names:
                setattr(owner, name, partial(self._sent, getattr(owner, name), name))

    def _sent(self, way: Any, name: str, *arguments: Any, **words: Any) -> Any:
        first = arguments[0]
        called = getattr(first, "action", " ".join(map(str, arguments[:2])) if name == "send" else str(first))
        if called in self._struck:
            self._struck.remove(called)  # the second try
        else:
            self._strike(called, is_cloud=name == "call_once")
        return way(*arguments, **words)

    def _strike(self, called: str, *, is_cloud: bool) -> None:
        number = len(self.asked)
        self.asked.append(called)
        self._cloud.faults.clear()
        if DISCOVERY.fullmatch(f"GET {called}"):
            return
        if self._kind and (self._numbers is None or number in self._numbers):
            if self._kind in ("throttled", "denied"):
                self._struck.add(called)
            if is_cloud or self._kind != "late":  # Kubernetes' own answers are never old
                seconds = {"late": LATE_S, "slow": SLOW_S}.get(self._kind, 0.0)
                self._cloud.faults.set(self._kind, "*" if is_cloud else "kubernetes *", seconds=seconds)


def up(there: Troubled, folder: Path) -> None:
    clients = there.clients
    site = prepared(clients, WISH)
    where = {"cluster": CLUSTER, "region": clients.region, "server": clients.server}
    with Journal.create(folder, "up", drill=site.drill, **where) as journal:
        Maker(clients, site, journal).make()


def down(there: Troubled, folder: Path) -> Report:
    found = Report()
    for path in sorted(folder.glob("*.jsonl")):
        with Journal.open(path) as journal:
            found = Remover(there.clients, journal.head["drill"], [CLUSTER], journal).remove()
    return found


def left(cloud: LocalCloud) -> list[Any]:
    """Whatever has the mark of a drill, asked without trouble."""
    cloud.faults.clear()
    time.sleep(LATE_S)
    return list(inventory.everything(Troubled(cloud).clients))


@pytest.mark.parametrize("kind", ["throttled", "slow", "late"])
def test_every_request_meets_it_and_the_drill_is_made_and_goes(cloud: LocalCloud, kind: str, tmp_path: Path) -> None:
    """Each of them once, in one run: it finishes, and nothing is left."""
    there = Troubled(cloud, kind)
    up(there, tmp_path)
    made = left(cloud)
    number = len(there.asked)
    report = down(there, tmp_path)
    print(f"{kind} at {len(there.asked)} requests, of which {number} are of up")

    assert sorted(each.kind for each in made) == ["group"] * 3 + ["namespace"] + ["pool"] * 2
    assert (report.left, left(cloud)) == ([], [])


def played(there: Troubled, folder: Path) -> str:
    """Up and down; the error that stopped it, or ""."""
    try:
        up(there, folder)
        down(there, folder)
    except DrillError as error:
        return str(error)
    return ""


def test_a_refused_request_is_one_line_and_one_more_down_leaves_nothing(cloud: LocalCloud, tmp_path: Path) -> None:
    """At one request after another of `up`, then of `down`."""
    whole, wrong = Troubled(cloud), list[tuple[int, str, str]]()
    played(whole, tmp_path / "whole")
    every = [number for number, name in enumerate(whole.asked) if can_strike("denied", f"GET {name}")]
    alike = [number for number in every if LOOK.fullmatch(f"GET {whole.asked[number]}")]  # is the namespace empty?
    numbers = [number for number in every if number not in alike or number in alike[::5]][::SHARE]
    for number in numbers:
        place = tmp_path / str(number)
        told = played(Troubled(cloud, "denied", range(number, number + 1)), place)
        cloud.faults.clear()
        remains = [*down(Troubled(cloud), place).left, *left(cloud)]
        if remains or len(told.splitlines()) > 1:
            wrong.append((number, whole.asked[number], told or str(remains)))
    print(f"denied at {len(numbers)} of {len(whole.asked)} requests")  # the number of cases, with pytest -s

    assert wrong == []
