"""Every missing fact that the engine can name is said in Chinese, too."""

import re
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_network

import pytest
from worlds import world

from drilllib.core.fix.proposals import fix
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import DrillError
from drilllib.views.phrases import facts as fact_phrases
from drilllib.views.phrases.facts import fact_text, facts_text
from tests.thorough import THOROUGH

WORLDS = 4000 if THOROUGH else 1500
FIXES = 150
RARE = (  # what no random world is about, or seldom
    "the groups of ins-nodea001",
    "which addresses primary of node-a has to admit",
    "which address of 10.0.0.0/8, 172.16.0.0/12",
    "how a classic load balancer forwards",
    "how a listener with a port range behaves",
    "how interfaces behave in the mode tke-trunk",
    "which IPv6 addresses a keep-alive listener uses",
    "the members of sg-peer0001 and ppm-1 (sg-node0001 ingress[0]), the egress rules of sg-a",
    "groups of the interface of shop/web-1",
    "whether SecurityGroupPolicy shop/p applies to shop/web-1",
    "which of *.a.com, *.b.com takes host x.a.com",
    "SnatIps of lb-1",
    "the IPv6 address of node-a",
    "the VIP of lb-1",
    "the load balancer and its VIP",
    "which IPv4 address stands for an IPv6 client",
)
ENGLISH = re.compile(r"\b(the|of|which|whether|how|what|and|groups|members|rules|is|are|its|has)\b")


def met() -> Iterator[str]:
    for seed in range(WORLDS):
        case = world(seed)
        snapshot, question = Snapshot(case.document), Question(**case.question)
        answer = trace(snapshot, question)
        yield from answer.gaps
        yield from (check.gap for path in answer.paths for hop in path.hops for check in hop.checks if check.gap)
        if seed < FIXES:
            with suppress(DrillError):
                yield from fix(snapshot, question, [ip_network(question.client)]).gaps


@pytest.fixture(scope="module")
def facts() -> set[str]:
    return {*met(), *RARE}


def test_every_missing_fact_of_random_worlds_is_said_in_chinese(facts: set[str]) -> None:
    for fact in facts:
        assert not ENGLISH.search(fact_text(fact, "zh")), fact
        assert fact_text(fact, "en") == fact


def test_every_pattern_is_of_use(facts: set[str]) -> None:
    """One that nothing fits any more belongs to a fact that was renamed."""
    said = {pattern for fact in facts for part in fact_phrases._SEVERAL.split(fact) for pattern in fitting(part)}
    assert [pattern.pattern for pattern, _ in fact_phrases._ZH if pattern not in said] == []


def fitting(fact: str) -> Iterator[re.Pattern]:
    """The pattern that is used, and those for what stands inside."""
    for pattern, _ in fact_phrases._ZH:
        found = pattern.fullmatch(fact)
        if found:
            yield pattern
            for each in found.groups():
                yield from fitting(each)
            return


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ("the ingress rules of sg-node0001", "sg-node0001 的入站规则"),
        ("the members of sg-peer0001 (sg-node0001 ingress[0])", "sg-peer0001 的成员（sg-node0001 ingress[0]）"),
        (
            "the egress rules of sg-a, the members of ipm-1 (sg-a egress[2])",
            "sg-a 的出站规则、ipm-1 的成员（sg-a egress[2]）",
        ),
        ("groups of the interface of shop/web-1", "shop/web-1 的网卡的安全组"),
        ("something new", "something new"),
    ],
)
def test_a_fact_in_chinese(fact: str, said: str) -> None:
    assert fact_text(fact, "zh") == said


def test_several_facts_are_one_line() -> None:
    assert facts_text(["targets of lbl-1", "listeners of lb-1"], "zh") == "lbl-1 的后端、lb-1 的监听器"
    assert facts_text(["targets of lbl-1", "listeners of lb-1"], "en") == "targets of lbl-1, listeners of lb-1"
