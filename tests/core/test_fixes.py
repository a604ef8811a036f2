"""Fixes: laws on random labs and worlds, and every named fault."""

from collections import Counter
from ipaddress import ip_network
from random import Random

import pytest
from changes import (
    clb_groups,
    ingress,
    second_target,
)
from fix_changes import ASKED, CLIENTS, best, blocks, repaired, said
from fix_labs import random_lab
from fix_laws import obeys
from worlds import world

from drilllib.core.drills import faults
from drilllib.core.drills.default_lab import (
    CLB_GROUP,
    NODE_GROUP,
    NODE_PORT,
    NODE_SUBNET,
    POD_GROUP,
)
from drilllib.core.fix.proposals import fix
from drilllib.core.rules.members import PRIVATE
from drilllib.core.snapshot.semantics import PROFILES
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import InvalidInputError
from tests.thorough import how_many, thorough

CHUNKS = how_many(10, thorough=4)
LABS, WORLDS = 160 // CHUNKS, 500 // CHUNKS  # a chunk
FEW = [each if each < 1 else pytest.param(each, marks=thorough) for each in range(CHUNKS)]


@pytest.mark.parametrize("chunk", FEW)
def test_laws_on_random_labs(chunk: int) -> None:
    met: Counter = Counter()
    for seed in range(chunk, LABS * CHUNKS, CHUNKS):
        document, clients = random_lab(Random(seed))
        try:
            met += obeys(Snapshot(document), ASKED, blocks(*clients), Random(seed), 60)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}") from error
    assert met["proposals: True"] > LABS / 4
    assert met["works: False"] > LABS / 10
    assert met["new"] > LABS / 3
    assert met["flows"] > LABS * 125
    assert met["newly admitted"] > LABS / 40


@pytest.mark.parametrize("chunk", FEW)
def test_laws_on_worlds(chunk: int) -> None:
    met: Counter = Counter()
    for seed in range(chunk, WORLDS * CHUNKS, CHUNKS):
        case = world(seed)
        snapshot, question = Snapshot(case.document), Question(**case.question)
        client = ip_network(question.client)
        clients = [client if seed % 2 else client.supernet(new_prefix=24 if client.version == 4 else 64)]
        try:
            met += obeys(snapshot, question, clients, Random(seed), 12)
        except InvalidInputError:
            is_private = any(client.subnet_of(block) for block in PRIVATE if block.version == client.version)
            assert is_private or client.network_address in snapshot.insiders.addresses
            met["inside"] += 1
        except AssertionError as error:
            raise AssertionError(f"seed {seed}") from error
    assert met["proposals: True"] >= WORLDS / 8
    assert met["works: False"] > WORLDS / 8


def of_clients(group: str, port: int, place: int = 0, protocol: str = "TCP") -> str:
    return f"insert {group} {place}: ACCEPT {protocol} {CLIENTS} {port}"


FOR_NODES, FOR_CLIENTS = (
    f"insert {POD_GROUP} {{}}: ACCEPT TCP {NODE_SUBNET} 80",
    f"insert {POD_GROUP} {{}}: ACCEPT TCP {CLIENTS} 80",
)
THREE = [of_clients(CLB_GROUP, 80, 2), of_clients(NODE_GROUP, NODE_PORT)]
EXPECTED = {  # what is proposed, and the flows of collateral; node-b has the group of node-a, and is asked nothing
    "healthy": ([], 0),
    "first-steps": ([of_clients(CLB_GROUP, 80)], 0),
    "original-drill": ([*THREE, FOR_NODES.format(0)], 256),
    "group-1": ([of_clients(CLB_GROUP, 80, 1)], 0),
    "group-2": ([f"delete {NODE_GROUP} 2: DROP ALL 0.0.0.0/0 ALL"], 256),
    "group-3": ([FOR_NODES.format(1)], 0),
    "same-node": ([], 0),
    "inherited": ([f"insert {NODE_GROUP} 1: ACCEPT TCP {NODE_SUBNET} 80"], 512),
    "two-groups": ([f"GROUP_ORDER ins-nodea001: {NODE_GROUP}, {faults.OLD_GROUP}"], 0),
    "direct-access": ([], 0),
    "direct-group-3": ([FOR_CLIENTS.format(1)], 0),
    "pass-to-target": ([], 0),
    "local-policy": (None, 0),
    "history": ([], 0),
    "udp": ([of_clients(NODE_GROUP, NODE_PORT, 1, "UDP")], 256),
}
EXPECTED_ORIGINALLY = {  # where pods see the client, and group 3 decides on the pod's own node, too
    "original-drill": ([*THREE, FOR_CLIENTS.format(0)], 256),
    "group-3": ([FOR_CLIENTS.format(1)], 0),
    "same-node": ([FOR_CLIENTS.format(0)], 0),
    "inherited": ([f"insert {NODE_GROUP} 1: ACCEPT TCP {CLIENTS} 80"], 512),
}


@pytest.mark.parametrize("name", faults.FAULTS)
@pytest.mark.parametrize("semantics", PROFILES)
def test_every_named_fault(listener: str, name: str, semantics: str) -> None:
    snapshot = faults.open_fault(name, listener=listener, semantics=semantics)
    answer = fix(snapshot, ASKED, blocks(CLIENTS))
    wanted, collateral = EXPECTED[name]
    if semantics == "original":
        wanted, collateral = EXPECTED_ORIGINALLY.get(name, EXPECTED[name])
    if wanted is None:
        assert (answer.works, answer.proposals) == (False, ())
        assert [each.reason for each in answer.left] == ["NO_LOCAL_ENDPOINT"]
        return
    assert answer.works
    assert (said(answer.proposals[0]) if answer.proposals else []) == wanted
    if wanted:
        assert answer.proposals[0].cost[:2] == (len(wanted), collateral)
        obeys(snapshot, ASKED, blocks(CLIENTS), Random(0), 100)


def test_collateral_is_told_with_its_interface() -> None:
    """Group 2 is on node-b, too, which is no target."""
    told = repaired(ingress(NODE_GROUP)).proposals[0].to_dict()["collateral"]

    assert [(each["interface"], each["direction"], each["source"], each["ports"]) for each in told] == [
        ("ins-nodeb001", "ingress", CLIENTS, str(NODE_PORT))
    ]


def test_what_is_asked_of_every_target_is_no_collateral() -> None:
    assert repaired(ingress(NODE_GROUP), second_target).proposals[0].cost[:2] == (1, 0)


def test_a_dead_rule_like_the_new_one_goes() -> None:
    """The API refuses a second one."""
    wide = ingress(CLB_GROUP, "DROP ALL 0.0.0.0/0 ALL", f"ACCEPT TCP {CLIENTS} 80", "ACCEPT TCP 0.0.0.0/0 22")
    answer = repaired(wide, clb_groups(CLB_GROUP))

    assert best(answer) == [
        f"delete {CLB_GROUP} 1: ACCEPT TCP {CLIENTS} 80",
        f"insert {CLB_GROUP} 0: ACCEPT TCP {CLIENTS} 80",
    ], "to delete the DROP takes one edit, and opens SSH to the world"
