"""Long sequences of changes in a live lab, with somebody else at work: the cloud ends as the simulated lab does."""

import random
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.core.drills.default_lab import CLB_GROUP, CLIENT, NODE_GROUP, POD_GROUP, SERVICE
from drilllib.core.drills.lab import Lab
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError
from drilllib.labs.simulated import SimulatedLab
from tests.labs.contract import EXTRA_GROUP, with_extra_group
from tests.labs.live import InProcessCloud, unowned
from tests.labs.test_live_opening import by_hand, rules
from tests.thorough import how_many

ACTIONS = how_many(40, thorough=400, long=1000)
GROUPS = (CLB_GROUP, NODE_GROUP, POD_GROUP, EXTRA_GROUP)
RESOURCES = ("lb-lab00001", "ins-nodea001", "ins-nodeb001", "eni-podsb001")
PEERS = ("203.0.113.0/24", "203.0.113.10", "10.0.35.0/24", "0.0.0.0/0", "198.51.100.0/25", "sg-node0001")
PORTS = ("80", "30713", "30000-32767", "ALL", "22,443")
QUESTION = Question(client=CLIENT, service=SERVICE)


def lines(chosen: random.Random) -> list[str]:
    """Up to six rules, no two the same."""
    words = (("ACCEPT", "DROP"), ("TCP", "UDP"), PEERS, PORTS)
    made = (" ".join(chosen.choice(each) for each in words) for _ in range(chosen.randrange(7)))
    return list(dict.fromkeys(made))


def act(lab: Lab, seed: int) -> None:
    """One action, the same in every lab: rules replaced, moved, dropped or put on top; groups bound; a request sent."""
    chosen = random.Random(seed)
    kind, group = chosen.choice(("replace", "insert", "move", "drop", "bind", "probe")), chosen.choice(GROUPS)
    side = chosen.choice(list(Direction))
    if kind == "bind":
        lab.bind_groups(chosen.choice(RESOURCES), chosen.sample(GROUPS, chosen.randrange(3)))
    elif kind == "probe":
        lab.probe(QUESTION)
    else:
        listed = list(lab.rules(group, side))
        lab.replace_rules(group, side, list(_changed(kind, listed, chosen)))


def _changed(kind: str, listed: list[Any], chosen: random.Random) -> Iterator[Any]:
    fresh = [rule_from_text(line) for line in lines(chosen)]
    if kind == "insert" and fresh:
        listed = [fresh[0], *(each for each in listed if each.text != fresh[0].text)]
    elif kind == "move":
        chosen.shuffle(listed)
    elif kind == "drop":
        listed = listed[: len(listed) // 2]
    else:
        listed = fresh
    yield from listed


def tried(lab: Lab, seed: int) -> str:
    """What became of an action: "" or the kind of refusal."""
    try:
        act(lab, seed)
    except DrillError as error:
        return type(error).__name__
    return ""


def test_a_thousand_actions_end_as_in_the_simulated_lab(tmp_path: Path) -> None:
    """What one refuses the other refuses; rules and bindings are the same at the end."""
    document = unowned(deepcopy(with_extra_group().to_dict()))
    cloud = InProcessCloud(document, tmp_path)
    live, simulated = cloud.lab(), SimulatedLab(cloud.cloud.state.snapshot())
    outcomes = [(tried(live, seed), tried(simulated, seed)) for seed in range(ACTIONS)]

    assert [pair for pair in outcomes if pair[0] != pair[1]] == []
    assert rules(cloud) == _lists(simulated)
    assert cloud.cloud.state.snapshot().bound_groups() == simulated.snapshot().bound_groups()


def _lists(lab: Lab) -> dict[str, Any]:
    groups = lab.snapshot().groups
    return {name: [[each.text for each in lab.rules(name, side)] for side in Direction] for name in groups}


def test_rules_of_somebody_else_survive_whatever_is_done(tmp_path: Path) -> None:
    """Somebody puts a rule of their own into a list before every action: it is still there in the end, each of them."""
    document = unowned(deepcopy(with_extra_group().to_dict()))
    cloud = InProcessCloud(document, tmp_path)
    live, put = cloud.lab(), []
    for seed in range(ACTIONS // 10):
        listed = live.rules(NODE_GROUP, Direction.INGRESS)
        theirs = f"ACCEPT TCP 10.200.{seed // 250}.{seed % 250} 22"
        by_hand(cloud, NODE_GROUP, theirs, *(each.text for each in listed))
        put.append(theirs)
        with pytest.raises(DrillError, match="somebody else"):
            live.replace_rules(NODE_GROUP, Direction.INGRESS, listed[:1])
        if len(put) > 20:
            gone = put.pop(0)
            left = [each for each in live.rules(NODE_GROUP, Direction.INGRESS) if each.text != gone]
            live.replace_rules(NODE_GROUP, Direction.INGRESS, left)

    assert set(put) <= {each.text for each in live.rules(NODE_GROUP, Direction.INGRESS)}
