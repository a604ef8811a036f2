"""A real cluster under the lesson's names: nothing gets lost, nothing means something else."""

import random
from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import LabStateError
from drilllib.labs.live.names import Names, completed
from drilllib.labs.live.roles import names_of
from tests.cloud.capturing import InProcess
from tests.labs import foreign

FAULTS = ("healthy", "group-1", "group-2", "group-3", "original-drill", "two-groups", "direct-access", "local-policy")
QUESTION = Question(client=CLIENT, service=SERVICE)


def captured(document: dict[str, Any]) -> dict[str, Any]:
    return dict(InProcess(document).capture(SERVICE).assembly.document)


def shown(document: dict[str, Any], client: str = "") -> dict[str, Any]:
    read = captured(document)
    return names_of(read, SERVICE, client=client).shown_document(read)


@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_strangers_cluster_is_the_courses_under_its_names(fault: str, listener: str) -> None:
    """Other ids, addresses, NodePort and names of nodes: what is shown is what the course's own cluster shows."""
    lab = open_fault(fault, listener=listener)
    theirs = shown(foreign.foreign(lab), foreign.CLIENT)

    assert theirs == captured(lab.to_dict())
    assert trace(Snapshot(theirs), QUESTION).symptoms == trace(lab, QUESTION).symptoms


@pytest.mark.parametrize("fault", FAULTS)
def test_the_courses_cluster_has_its_own_names(fault: str) -> None:
    """So that a lesson on the local cloud is compared with the stored one word for word."""
    read = captured(open_fault(fault).to_dict())

    assert names_of(read, SERVICE).shown_document(read) == read


def strangers_names() -> Names:
    return names_of(captured(foreign.foreign(open_fault("healthy"))), SERVICE, client=foreign.CLIENT)


@pytest.mark.parametrize(
    ("line", "real"),
    [
        ("ACCEPT TCP 203.0.113.0/24 30713", "ACCEPT TCP 198.51.100.0/24 31888"),
        ("ACCEPT TCP 203.0.113.10 80,30713", "ACCEPT TCP 198.51.100.77 80,31888"),
        ("DROP TCP 10.0.35.11/32 30000-32767", "DROP TCP 172.20.8.41/32 30000-32767"),
        ("DROP ALL 0.0.0.0/0 ALL", "DROP ALL 0.0.0.0/0 ALL"),
        ("ACCEPT TCP sg-node0001 80", "ACCEPT TCP sg-5t7yb2bb 80"),
        ("ACCEPT TCP 100.64.0.0/10 80", "ACCEPT TCP 100.64.0.0/10 80"),
        ("ACCEPT UDP 172.20.8.41 53", "ACCEPT UDP 10.0.35.11 53"),
    ],
)
def test_rules_are_written_as_the_cluster_has_it_and_read_back(line: str, real: str) -> None:
    """What has no counterpart stays; a real address that somebody types does not become another one's on reading."""
    names, rule = strangers_names(), rule_from_text(line)

    assert names.real_rule(rule).text == real
    assert names.shown_rule(names.real_rule(rule)).text == line


def test_a_permutation_loses_nothing() -> None:
    """Whatever names there are, a text written and read is the text that it was."""
    words = [f"sg-{letter * 8}" for letter in "abcdefgh"]
    for seed in range(200):
        chosen = random.Random(seed)
        pairs = dict(zip(chosen.sample(words, 4), chosen.sample(words, 4), strict=True))
        found = completed(pairs)
        names = Names(pairs)

        assert found.items() >= {pair for pair in pairs.items() if pair[0] != pair[1]}
        assert sorted(found) == sorted(found.values())
        assert [names.real(names.shown(each)) for each in words] == words


@pytest.mark.parametrize("line", ["ACCEPT TCP 10.0.0.0/8 ALL", "ACCEPT TCP 10.0.35.0/25 80", "DROP TCP 0.0.0.0/1 80"])
def test_a_block_that_would_hold_other_machines_is_refused(line: str) -> None:
    """10.0.0.0/8 holds the lesson's nodes, and none of a cluster in 172.20.0.0/16: the engine would answer wrongly."""
    with pytest.raises(LabStateError, match="other packets"):
        strangers_names().real_rule(rule_from_text(line))


def test_a_range_that_holds_one_nodeport_only_is_refused() -> None:
    """30700-30800 holds the lesson's NodePort, and not the cluster's."""
    with pytest.raises(LabStateError):
        strangers_names().real_rule(rule_from_text("ACCEPT TCP 203.0.113.0/24 30700-30800"))


def test_rules_of_a_strangers_cluster_are_translated_with_all_their_fields() -> None:
    """A note and an empty field stay what they are."""
    names = strangers_names()
    rule = rule_from_text("ACCEPT TCP 203.0.113.0/24 80")
    policy = {**rule.policy, "PolicyDescription": "for 203.0.113.10", "SecurityGroupId": ""}
    made = names.real_rule(replace(rule, policy=policy))

    assert made.policy["PolicyDescription"] == f"for {foreign.CLIENT}"
    assert made.policy["SecurityGroupId"] == ""


@pytest.mark.parametrize("peer", ["203.0.113.64/26", "203.0.113.128/25", "203.0.113.11", "198.51.100.64/26"])
def test_a_part_of_a_block_that_is_another_one_is_not_written_as_it_is(peer: str) -> None:
    """The client's block of the lesson is somebody else's network in the world, and would be let in."""
    names = Names({"198.51.100.7": CLIENT, "198.51.100.0/24": "203.0.113.0/24"})
    rule = rule_from_text(f"ACCEPT TCP {peer} 80")
    with pytest.raises(LabStateError, match="part of a block"):
        names.real_rule(rule)

    assert [each.text for each in names.real_rules([rule], [rule])] == [rule.text]  # what stands there may stay


@pytest.mark.parametrize(
    ("lesson", "real"),
    [
        ("203.0.113.0/24", "198.51.100.0/24"),
        (CLIENT, "198.51.100.7"),
        ("10.0.35.11", "10.0.35.11"),  # has its own name, in a block that has another
        ("192.0.2.64/26", "192.0.2.64/26"),
        ("0.0.0.0/0", "0.0.0.0/0"),
    ],
)
def test_blocks_and_addresses_with_names_are_written_by_them(lesson: str, real: str) -> None:
    words = {"198.51.100.7": CLIENT, "198.51.100.0/24": "203.0.113.0/24"}
    names = Names({**words, "10.0.35.11": "10.0.35.11", "10.0.32.0/20": "10.0.35.0/24"})

    assert names.real_rule(rule_from_text(f"ACCEPT TCP {lesson} 80")).text == f"ACCEPT TCP {real} 80"
