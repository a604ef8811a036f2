"""Rules change while connections are made all the time: none is lost, none passes that must not."""

import json
import os
import random
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from contract import CLB_GROUP, DROP_ALL, EXTRA_GROUP, INGRESS, NODE_GROUP, put, with_extra_group
from real import SLOWNESS, needs_real_packets

from drilllib.core.drills.default_lab import VIP
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.labs.netns.lab import NetnsLab
from tests.thorough import how_many

pytestmark = needs_real_packets

CHANGES = how_many(400, thorough=1000)
ASKS, ALWAYS = "203.0.113.10", "203.0.113.20"  # a client that rules are about, one that they always let in
OPEN = (
    ["ACCEPT TCP 203.0.113.0/24 {port}"],
    [f"ACCEPT TCP {ALWAYS} {{port}}", f"ACCEPT TCP {ASKS} ALL", DROP_ALL],
    ["DROP UDP 0.0.0.0/0 ALL", f"ACCEPT ALL {ASKS} ALL", "DROP TCP 203.0.113.0/28 ALL", "ACCEPT ALL 0.0.0.0/0 ALL"],
)
CLOSED = (
    [f"ACCEPT TCP {ALWAYS} {{port}}"],
    [f"DROP TCP {ASKS} 1-65535", "ACCEPT TCP 203.0.113.0/24 {port}"],
    ["DROP ALL 203.0.113.8/29 ALL", f"ACCEPT TCP {ASKS} {{port}}", "ACCEPT ALL 0.0.0.0/0 ALL"],
)
PORTS = {CLB_GROUP: "80", NODE_GROUP: "30713"}


class Traffic:
    """`traffic.py` in the client host, its standard input and output in our hands."""

    def __init__(self, lab: NetnsLab, kind: str, source: str) -> None:
        program = [sys.executable, str(Path(__file__).with_name("traffic.py")), kind, source, ALWAYS, VIP, "80"]
        theirs, self._asking = os.pipe()
        answers, said = os.pipe()
        self._reader = os.fdopen(answers)

        def run() -> None:
            with lab.another() as other:
                other.shell((theirs, said, 2), "client", program, dict(os.environ))
            os.close(theirs)
            os.close(said)

        self._running = threading.Thread(target=run)
        self._running.start()

    def step(self) -> bool:
        os.write(self._asking, b"\n")
        return json.loads(self._reader.readline())

    def end(self) -> str:
        """What it says last."""
        os.close(self._asking)
        self._running.join()
        with self._reader:
            return self._reader.read()


@pytest.fixture
def lab() -> Iterator[NetnsLab]:
    """The default lab with a TCP listener, one group more, and the second client."""
    document = with_extra_group().to_dict()
    listener = document["listeners"]["lb-lab00001"][0]
    listener |= {"Protocol": "TCP", "Targets": listener["Rules"][0]["Targets"], "Rules": None}
    with NetnsLab(Snapshot(document), slowness=SLOWNESS) as lab:
        assert lab.run("client", f"ip addr add {ALWAYS} dev eth0").code == 0
        yield lab


def test_hundreds_of_changes_each_take_effect_and_harm_nobody_else(lab: NetnsLab) -> None:
    """Whatever is connected after a change was acknowledged meets the new rules, and only those."""
    chance = random.Random(20_260_101)
    put(lab, EXTRA_GROUP, f"DROP ALL {ASKS} ALL")
    asks, always = Traffic(lab, "step", ASKS), Traffic(lab, "steady", ALWAYS)
    is_open = dict.fromkeys((CLB_GROUP, NODE_GROUP, "binding"), True)
    wrong = []
    for number in range(CHANGES):
        what = chance.choice(list(is_open))
        is_open[what] = not is_open[what]
        change(lab, what, is_open[what], chance)
        if asks.step() is not all(is_open.values()):
            wrong.append((number, what, dict(is_open)))
    steady = json.loads(always.end())
    asks.end()

    assert wrong == []
    assert steady["lost"] == 0
    assert steady["tried"] >= CHANGES


def change(lab: NetnsLab, what: str, is_open: bool, chance: random.Random) -> None:
    if what == "binding":
        groups = [NODE_GROUP, EXTRA_GROUP] if is_open else [EXTRA_GROUP, NODE_GROUP]
        lab.bind_groups("ins-nodea001", groups)
    else:
        lines = chance.choice(OPEN if is_open else CLOSED)
        put(lab, what, *(line.format(port=PORTS[what]) for line in lines))


def test_a_list_replaced_by_an_equal_one_loses_nothing(lab: NetnsLab) -> None:
    """There is no moment without rules, however long the lists are."""
    lists = [[*(f"DROP TCP 10.{each}.0.0/16 22" for each in range(100)), *line] for line in OPEN[:2]]
    traffic = [Traffic(lab, "steady", ASKS) for _ in range(2)]
    for number in range(how_many(50, thorough=100)):
        for group, port in PORTS.items():
            put(lab, group, *(line.format(port=port) for line in lists[number % 2]))

    assert [json.loads(each.end())["lost"] for each in traffic] == [0, 0]
    assert len(lab.rules(CLB_GROUP, INGRESS)) > 100
