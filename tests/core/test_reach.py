"""Who can reach a Service: every class of clients against the trace of clients at all its edges."""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from itertools import product
from random import Random

import pytest

from drilllib.core.drills import faults
from drilllib.core.reach.clients import (
    NO_CLIENTS,
    ClientClass,
    Reach,
    clients_from,
    possible_clients,
    reach,
)
from drilllib.core.reach.ports import ports_of_service
from drilllib.core.rules.addresses import KIND, parse_client
from drilllib.core.rules.members import PRIVATE
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.flowsets import LAST_ADDRESS
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.origin import PUBLIC
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import DrillError, InvalidInputError
from tests.core.worlds import world
from tests.thorough import how_many, thorough

WORLDS, CHUNKS = 500, how_many(10, thorough=4)
SERVICE = "shop/web"


def edges(snapshot: Snapshot, reached: Reach) -> Iterator[str]:
    """The first and the last client of every class's blocks and of every rule's peers, and their neighbours."""
    family = ip_address(reached.question.client).version
    ends = [(int(network[0]), int(network[-1])) for network in map(ip_network, blocks(reached))]
    for group in snapshot.groups.values():
        for direction, protocol in product(Direction, ("TCP", "UDP")):
            ends += [(first, last) for first, last, _ in group.rows(direction, protocol, family)]
    for first, last in ends:
        for number in (first - 1, first, last, last + 1):
            if 0 <= number <= LAST_ADDRESS[family]:
                yield str(KIND[family](number))


def blocks(reached: Reach) -> list[str]:
    return [block for each in reached.classes for block in each.sources]


def class_of(reached: Reach, client: str) -> ClientClass | None:
    asked = clients_from([ip_network(client)])
    found = [each for each in reached.classes if asked <= each.clients]
    assert len(found) <= 1
    return found[0] if found else None


def told(answer: Trace) -> tuple:
    """All but which of several missing facts is named first: of those a class tells what its example lacks."""
    return answer.verdict, answer.reason, answer.symptoms, bool(answer.gaps), answer.assumptions


def fits(snapshot: Snapshot, question: Question, reached: Reach, client: str) -> bool:
    """Does the class say of *client* what its own trace says? Those in no class are no clients, inside, or not seen."""
    found = class_of(reached, client)
    asked = Question(**{**question.to_dict(), "client": client})
    if clients_from([ip_network(client)]) <= reached.unseen:
        of_public = {each.trace.verdict for each in reached.classes if each.clients & clients_from(PUBLIC)}
        return trace(snapshot, asked).verdict == (of_public.pop() if len(of_public) == 1 else Verdict.UNDETERMINED)
    if found is None:
        return ip_address(client) in snapshot.insiders.addresses or not is_client(client)
    return told(trace(snapshot, asked)) == told(found.trace)


def is_client(text: str) -> bool:
    try:
        parse_client(text)
    except InvalidInputError:
        return False
    return True


@pytest.mark.parametrize("chunk", [each if each < 1 else pytest.param(each, marks=thorough) for each in range(CHUNKS)])
def test_every_client_of_a_class_fares_as_the_class_does(chunk: int) -> None:
    several = checked = 0
    for seed in range(chunk, WORLDS, CHUNKS):
        case = world(seed)
        snapshot, question = Snapshot(case.document), Question(**case.question)
        try:
            answers = reach(snapshot, question)
        except DrillError:
            continue
        for reached in answers:
            listed = sorted(set(edges(snapshot, reached)))
            asked = Random(seed).sample(listed, min(len(listed), 16))
            wrong = [client for client in asked if not fits(snapshot, question, reached, client)]
            assert not wrong, f"seed {seed}: {wrong}"
            checked += len(asked)
            several += len({each.trace.verdict for each in reached.classes}) > 1
    assert checked > 2000 / CHUNKS
    assert several > 20 / CHUNKS


@pytest.mark.parametrize("name", faults.FAULTS)
def test_the_classes_are_all_clients_each_once(name: str) -> None:
    (reached,) = reach(faults.open_fault(name), Question(service=SERVICE))

    every = clients_from([])
    for each in reached.classes:
        assert not every & each.clients
        every |= each.clients
    assert reached.with_unseen(*Verdict) | reached.inside == possible_clients(4) | reached.inside
    assert not every & (reached.inside | reached.unseen)
    assert reached.unseen | reached.inside == clients_from(PRIVATE) | reached.inside


@pytest.mark.parametrize("family", [4, 6])
def test_addresses_no_packet_can_come_from_are_no_clients(family: int) -> None:
    for block in NO_CLIENTS[family]:
        for address in (block[0], block[-1]):
            assert not is_client(str(address))
            assert not clients_from([ip_network(address)]) & possible_clients(family)
        after = block[-1] + 1 if block[-1] != block[-1].__class__(2**block.max_prefixlen - 1) else block[0] - 1
        assert is_client(str(after)) == bool(clients_from([ip_network(after)]) & possible_clients(family))


def test_the_healthy_lab_admits_its_clients_and_nobody_else() -> None:
    (reached,) = reach(faults.open_fault("healthy"), Question(service=SERVICE))

    assert reached.clients(Verdict.REACHABLE) == clients_from([ip_network("203.0.113.0/24")])
    assert reached.to_dict()["always"] == ["203.0.113.0/24"]
    assert reached.to_dict()["sometimes"] == reached.to_dict()["undetermined"] == []


def test_what_the_node_admits_is_put_back_to_what_the_client_names() -> None:
    """Group 1 admits a /24, group 2 half of it on the NodePort: the half reaches the listener's port."""
    document = faults.open_fault("healthy").to_dict()
    rules = document["security_groups"]["sg-node0001"]["SecurityGroupPolicySet"]["Ingress"]
    rules[0]["CidrBlock"] = "203.0.113.128/25"
    (reached,) = reach(Snapshot(document), Question(service=SERVICE))

    by_reason = {each.trace.reason: each.sources for each in reached.classes}
    assert by_reason["DELIVERED"] == ("203.0.113.128/25",)
    assert by_reason["TARGET_GROUP_DROPPED"] == ("203.0.113.0/25",)


def test_a_group_nobody_read_leaves_clients_undetermined() -> None:
    document = faults.open_fault("healthy").to_dict()
    del document["security_groups"]["sg-node0001"]
    (reached,) = reach(Snapshot(document), Question(service=SERVICE))

    assert reached.to_dict()["undetermined"] == ["203.0.113.0/24"]
    assert reached.to_dict()["always"] == []


def test_the_ports_of_a_service() -> None:
    assert ports_of_service(faults.open_fault("udp"), SERVICE) == ((80, "UDP"),)
