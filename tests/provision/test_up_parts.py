"""What is made is what the course's lab and the Terraform files have."""

import contextlib
import dataclasses
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from drilllib.cloud.tencent.schema import tidied
from drilllib.core.drills.default_lab import CLIENT, CLIENT_BLOCK, NODE_SUBNET, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.worlds.make import make_world
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import InvalidInputError
from drilllib.practice.library import drill
from drilllib.provision.parts import Kind, parts_of, pool_call
from drilllib.provision.prepare import Wish
from drilllib.provision.site import Site
from drilllib.provision.starts import of_fault, playable
from drilllib.provision.worlds import LEVEL, SEEDS_AHEAD, of_drill
from tests.cloud.recording import APPLY, recorded
from tests.provision.playing import SUBNET, Play
from tests.thorough import how_many


def site(**other: Any) -> Site:
    values: dict[str, Any] = {
        "drill": "1a2b3c4d",
        "cluster": "cls-lab00001",
        "region": "ap-guangzhou",
        "until": datetime(2026, 1, 1, tzinfo=UTC),
        "start": of_fault("healthy", "HTTP"),
        "clients": (CLIENT_BLOCK,),
        "subnets": (SUBNET,),
        "node_blocks": (NODE_SUBNET,),
        "instance_types": ("SA2.MEDIUM2",),
        "namespace": "shop",
        "setting": None,
    }
    return Site(**{**values, **other})


@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
@pytest.mark.parametrize("fault", playable())
def test_a_drill_that_is_up_fares_as_the_lab(tmp_path_factory: Any, fault: str, listener: str) -> None:
    """The same verdict, stopped by the same reasons, in groups that were made by calls."""
    play, question = Play(), Question(client=CLIENT, service=SERVICE)
    play.up(tmp_path_factory.mktemp("journals"), Wish(subnets=(SUBNET,), fault=fault, listener=listener))
    found, wanted = trace(play.state.snapshot(), question), trace(open_fault(fault, listener=listener), question)

    assert found.verdict == wanted.verdict
    assert reasons(found) == reasons(wanted)


def reasons(answer: Any) -> list[tuple[Any, Any]]:
    return [(each["reason"], each.get("hop")) for each in answer.to_dict()["blockers"]]


def test_the_pools_are_those_that_the_terraform_provider_makes() -> None:
    """Field by field what the real provider sent for terraform/, besides marks and what it sends of defaults."""
    sent = [each.request for each in recorded()[APPLY] if each.action == "CreateNodePool"]
    ours = [pool_call(site(), each, "sg-x").request for each in parts_of(site()) if each.kind is Kind.POOL]
    by_role = {each["Labels"][0]["Value"]: each["Native"] for each in sent}

    assert sorted(by_role) == ["back", "front"]
    for each in ours:
        wanted = by_role[each["Labels"][0]["Value"]] | {"SecurityGroupIds": ["sg-x"]}
        assert {name: tidied(wanted.get(name)) for name in each["Native"]} == each["Native"]


def test_each_block_of_clients_has_its_rule() -> None:
    """In the order in which they were said; the rest of the rules is the lab's."""
    blocks = ("198.51.100.7/32", "192.0.2.0/28")
    found = of_fault("healthy", "HTTP").rules(blocks, (NODE_SUBNET,))

    assert [rule["CidrBlock"] for rule in found["clb"]["Ingress"]] == list(blocks)
    assert [rule["Port"] for rule in found["node"]["Ingress"]] == ["30713", "30713"]
    assert [rule["CidrBlock"] for rule in found["pod"]["Ingress"]] == [NODE_SUBNET]


DRILLS = ("wrong-port", "rule-order", "node-source", "pod-source", "clb-source", "several-groups", "odd-node")


def fitting(drills: int, seeds: int) -> list[tuple[str, int]]:
    """Some drills of practice, each with its first seeds that can be made in a cluster."""
    found = []
    for name in DRILLS[:drills]:
        first = (seed for seed in range(1, SEEDS_AHEAD) if fits(name, seed))
        found += [(name, seed) for seed in islice(first, seeds)]
    return found


def test_a_drill_of_practice_that_is_up_fares_as_its_world(tmp_path: Any) -> None:
    """Verdict and reasons are those of the world that practice makes of the same seed."""
    differing, every = [], fitting(how_many(3, thorough=7), how_many(1, thorough=5))
    for name, seed in every:
        world, play = make_world(drill(name), seed, LEVEL), Play()
        play.up(tmp_path, Wish(subnets=(SUBNET,), drill=name, seed=seed))
        question = dataclasses.replace(world.question, service=SERVICE, vip=None)
        found, wanted = trace(play.state.snapshot(), question), trace(world.snapshot, world.question)
        if (found.verdict, reasons(found)) != (wanted.verdict, reasons(wanted)):
            differing.append((name, seed, found.verdict, wanted.verdict, reasons(found), reasons(wanted)))

    assert len(every) >= 3
    assert differing == []


def test_a_world_that_is_more_than_rules_is_refused_with_a_seed_that_is_not() -> None:
    """Direct access cannot be told by three groups; of most other drills some seeds can."""
    with pytest.raises(InvalidInputError, match="Use another drill"):
        of_drill("direct-access", 1)
    seed = next(seed for seed in range(1, 20) if not fits("wrong-port", seed))
    with pytest.raises(InvalidInputError, match=r"Use --seed \d+"):
        of_drill("wrong-port", seed)


def fits(name: str, seed: int) -> bool:
    with contextlib.suppress(InvalidInputError):
        return bool(of_drill(name, seed))
    return False
