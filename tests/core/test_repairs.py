"""A drill's check passes every right repair of its table and none of the wrong ones, each with the right packet."""

from itertools import product
from random import Random

import pytest

from drilllib.core.check.repairs import Aspect, RepairCheck, check_repair
from drilllib.core.drills.default_lab import SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.intents import intent_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.views.text.repairs import repair_aspects
from tests.core.repair_tables import BLOCK, CLB, CLIENT, NODE, POD, RIGHT, Edit, Right, put, repaired
from tests.core.repair_witness import offends, sampled
from tests.core.repair_wrongs import WRONG, Wrong
from tests.thorough import THOROUGH, how_many

VARIANTS = list(product(("HTTP", "TCP"), ("documented", "original")))
FAR_APART = [VARIANTS[0], VARIANTS[-1]]
SOME = VARIANTS if THOROUGH else FAR_APART
ONE = FAR_APART if THOROUGH else FAR_APART[:1]


def check(fault: str, snapshot: Snapshot, semantics: str) -> RepairCheck:
    intent = intent_of(fault, semantics=semantics, client=CLIENT)
    return check_repair(snapshot, Question(client=CLIENT, service=SERVICE, port=80), intent)


def cases(repairs: list, variants: list = VARIANTS) -> list:
    found = [(each, *variant) for each in repairs for variant in variants if variant[1] in each.semantics]
    return [pytest.param(*case, id=f"{case[0].fault}: {case[0].name} ({case[1]}, {case[2]})") for case in found]


@pytest.mark.parametrize(("wrong", "listener", "semantics"), cases(WRONG, SOME))
def test_a_wrong_repair_fails_with_the_packet_that_shows_it(wrong: Wrong, listener: str, semantics: str) -> None:
    """`ACCEPT ALL 0.0.0.0/0` once passed lesson 02 under the words "nobody else can"."""
    snapshot = repaired(wrong.fault, wrong.edits, listener=listener, semantics=semantics)

    found = check(wrong.fault, snapshot, semantics)

    assert not found.passed
    first = next(each for each in found.answers if not each.holds)
    assert (first.aspect, first.against and first.against.text) == (wrong.aspect, wrong.packet)


@pytest.mark.parametrize(("right", "listener", "semantics"), cases(RIGHT, SOME))
def test_a_right_repair_passes_however_it_is_written(right: Right, listener: str, semantics: str) -> None:
    """A learner who is right and told otherwise believes nothing afterwards."""
    snapshot = repaired(right.fault, right.edits, listener=listener, semantics=semantics)

    found = check(right.fault, snapshot, semantics)

    assert [(each.aspect, each.against and each.against.text) for each in found.answers if not each.holds] == []


def test_a_dead_target_fails_though_clients_get_through() -> None:
    """A CLB uses Dead targets where all are: probes from the VIP meet no rule in a lab that was healthy before."""
    document = open_fault("healthy").to_dict()
    document["listeners"]["lb-lab00001"][0]["HealthCheck"]["SourceIpType"] = 0

    found = check("healthy", Snapshot(document), "documented")

    assert [each.aspect for each in found.answers if not each.holds] == [Aspect.HEALTH]
    assert not found.passed


def test_who_may_get_in_is_not_served_yet_and_may_be_a_stranger() -> None:
    """A rule whose members nobody read lets in the client, perhaps, and others, perhaps."""
    right = put(NODE, "ACCEPT TCP ipm-unread01 30713")
    snapshot = repaired("group-2", (right,), listener="HTTP", semantics="documented")

    failing = [each.aspect for each in check("group-2", snapshot, "documented").answers if not each.holds]

    assert failing == [Aspect.SERVED, Aspect.PAST]


def test_a_node_whose_groups_nobody_read_is_a_way_past_the_clb() -> None:
    """Sets at the interfaces that were read say nothing of it."""
    document = open_fault("healthy").to_dict()
    document["instances"] = document["instances"][:1]

    found = check("healthy", Snapshot(document), "documented")

    assert found.against
    assert found.against.text == "TCP 198.51.100.7 → node-b ?:30713"


@pytest.mark.parametrize(("wrong", "listener", "semantics"), cases(WRONG, ONE))
def test_what_is_shown_against_a_repair_does_happen(wrong: Wrong, listener: str, semantics: str) -> None:
    """Of every aspect that fails, not only of the first: the packet itself, asked on its own."""
    snapshot = repaired(wrong.fault, wrong.edits, listener=listener, semantics=semantics)
    found = check(wrong.fault, snapshot, semantics)

    shown = [each.against for each in found.answers if each.against]

    assert [each.text for each in shown if not offends(snapshot, found.intent, each)] == []


@pytest.mark.parametrize(("right", "listener", "semantics"), cases(RIGHT, ONE))
def test_after_a_right_repair_no_sampled_packet_fares_otherwise_than_meant(
    right: Right, listener: str, semantics: str
) -> None:
    snapshot = repaired(right.fault, right.edits, listener=listener, semantics=semantics)

    assert sampled(snapshot, intent_of(right.fault, semantics=semantics, client=CLIENT)) == []


PEERS = (CLIENT, BLOCK, "203.0.113.0/25", "203.0.113.128/25", "0.0.0.0/0", "10.0.35.0/24", "198.51.100.0/24")
PLAYED = ("first-steps", "group-1", "group-2", "group-3", "two-groups")


def some_edits(random: Random) -> tuple[Edit, ...]:
    """A few rules that a learner might write, each on top of a group."""
    return tuple(_some_edit(random) for _ in range(random.randint(0, 3)))


def _some_edit(random: Random) -> Edit:
    protocol = random.choice(("TCP", "TCP", "TCP", "ALL"))
    port = "ALL" if protocol == "ALL" else random.choice(("80", "30713", "22", "ALL"))
    action = random.choice(("ACCEPT", "ACCEPT", "DROP"))
    return put(random.choice((CLB, NODE, POD)), f"{action} {protocol} {random.choice(PEERS)} {port}")


@pytest.mark.parametrize("seed", range(how_many(15, thorough=40)))
def test_what_passes_has_no_offending_sample_and_what_fails_has_its_packet(seed: int) -> None:
    """Random repairs on top of right ones, so that some pass and some do not."""
    random = Random(seed)
    right = random.choice([each for each in RIGHT if each.fault in PLAYED])
    snapshot = repaired(right.fault, (*right.edits, *some_edits(random)), listener="HTTP", semantics="documented")

    found = check(right.fault, snapshot, "documented")

    wrong = sampled(snapshot, found.intent)
    assert not (found.passed and wrong), wrong[:3]
    assert [
        each.against.text
        for each in found.answers
        if each.against and not offends(snapshot, found.intent, each.against)
    ] == []
    assert found.passed or any(each.against for each in found.answers)


@pytest.mark.parametrize("part", ["load_balancers", "listeners"])
def test_a_client_whose_way_is_not_known_speaks_against_a_repair(part: str) -> None:
    """No path can be followed, so none shows what let the client in; what is missing is told in its place."""
    snapshot = Snapshot({**open_fault("healthy").to_dict(), part: None})
    found = check("group-2", snapshot, "documented")
    against = {each.aspect: each.against for each in found.answers}
    told = next(each for each in repair_aspects(found, "en") if each.against)

    assert not found.passed
    assert against[Aspect.SERVED] is not None
    assert against[Aspect.SERVED].text.startswith(f"TCP {CLIENT} → CLB ")
    assert told.why[0].startswith("Not known: ")
