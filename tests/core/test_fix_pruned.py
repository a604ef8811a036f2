"""A remedy that is left out because a list elsewhere was not read would not have been told: the answer is the same."""

from ipaddress import ip_network
from random import Random
from typing import Any

import pytest
from worlds import world
from worlds_crowds import crowded

from drilllib.core.fix import pass_to_target, situation, unapplied
from drilllib.core.fix.proposals import fix
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError
from tests.thorough import thorough

CLIENTS = [ip_network("203.0.113.0/24")]


def with_unread_lists(document: dict[str, Any], random: Random) -> None:
    """Mostly one group's lists are not read, and the add-on asks for another group than is bound."""
    groups = document.get("security_groups") or {"sg-none0001": {}}
    setting = {"enableSecurityGroups": True, "securityGroups": [random.choice(sorted(groups))]}
    cluster = {"NetworkType": "VPC-CNI", "VpcCniType": "tke-route-eni", "eniipamd": setting}
    document["cluster"] = (document.get("cluster") or {}) | cluster
    if random.random() < 0.7:
        groups[random.choice(sorted(groups))] = {"SecurityGroupPolicySet": None}


def answer(document: dict[str, Any], question: Question) -> str:
    try:
        return repr(fix(Snapshot(document), question, CLIENTS))
    except DrillError as error:
        return str(error)


@pytest.mark.parametrize("first", [90, *(pytest.param(each, marks=thorough) for each in range(350, 1010, 30))])
def test_what_is_left_out_would_not_have_been_told(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    left_out = 0

    def watched(*asked: Any) -> bool:
        nonlocal left_out
        found = situation.stays_untold(*asked)
        left_out += found
        return found

    for seed in range(first, first + 30):
        for made in (world(seed), crowded(world(seed))):
            with_unread_lists(made.document, Random(seed))
            found = []
            for way in (watched, lambda *_: False):
                monkeypatch.setattr(unapplied, "stays_untold", way)
                monkeypatch.setattr(pass_to_target, "stays_untold", way)
                found.append(answer(made.document, Question(**made.question)))
            assert found[0] == found[1], seed
    assert left_out
