"""The loop: rounds until nothing is needed, each ask once, and what moved while it was read is read again, or told."""

import sys
from collections.abc import Sequence
from typing import Any

import pytest

from drilllib.clients import rounds
from drilllib.clients.parallel import Until
from drilllib.clients.rounds import Reader, Rounds
from drilllib.core.capture.asks import CHANGED, Answer, Ask, CloudCall, KubernetesRead, RefusalKind, Wanted
from tests.waits import PATIENCE_S

WEB = KubernetesRead("", "v1", "services", "Service", "shop", "web")
RULES = CloudCall.of("vpc", "2017-03-12", "DescribeSecurityGroupPolicies", SecurityGroupId="sg-1")
SUBNETS = CloudCall.of("vpc", "2017-03-12", "DescribeSubnets")
PLAN: list[list[Ask]] = [[WEB], [RULES, SUBNETS]]


class World:
    """Each read of *moving* finds it changed, until it was read *still* times; the Service's version always moves."""

    def __init__(self, moving: Ask | None = None, still: int = 0) -> None:
        self.moving, self.still, self.read = moving, still, list[Ask]()

    def __call__(self, ask: Ask) -> Answer:
        self.read.append(ask)
        times = min(self.read.count(ask), self.still) if ask == self.moving else 0
        if ask == RULES:
            rule = {"PolicyIndex": 0, "Protocol": "TCP", "Port": str(80 + times), "Action": "ACCEPT"}
            return Answer(ask, ({"SecurityGroupPolicySet": {"Version": str(times), "Ingress": [rule]}},), whole=True)
        if ask == SUBNETS:
            return Answer(ask, ({"SubnetSet": [], "TotalCount": 0},), whole=True)
        metadata = {"name": "web", "namespace": "shop", "resourceVersion": str(len(self.read))}
        page: dict[str, Any] = {"kind": "Service", "metadata": metadata, "spec": {"ports": [{"port": 80 + times}]}}
        return Answer(ask, (page,), whole=True)


@pytest.fixture(autouse=True)
def plan(monkeypatch: pytest.MonkeyPatch) -> None:
    def needed(answers: Sequence[Answer], _: Wanted) -> tuple[Ask, ...]:
        known = {each.ask for each in answers}
        return tuple(next((each for each in PLAN if not set(each) <= known), ()))

    monkeypatch.setattr(rounds, "needed", needed)


def played(world: World, until: Until | None = None) -> tuple[Rounds, tuple[Answer, ...]]:
    made = Rounds(Reader(world, world), Wanted("shop/web"), until or Until(PATIENCE_S))
    return made, made.read_all()


def test_each_ask_is_read_once_and_what_matters_once_more_in_the_end() -> None:
    world = World()
    made, answers = played(world)

    assert [each.ask for each in answers] == [WEB, RULES, SUBNETS]
    assert made.number == 3
    assert (world.read.count(WEB), world.read.count(RULES), world.read.count(SUBNETS)) == (2, 2, 1)


def test_rules_that_changed_meanwhile_are_taken_as_they_are_now() -> None:
    _, answers = played(World(RULES, still=2))

    assert answers[1].pages[0]["SecurityGroupPolicySet"]["Ingress"][0]["Port"] == "82"
    assert answers[1].refusal is None


def test_a_service_that_changed_is_taken_as_it_is_now() -> None:
    _, answers = played(World(WEB, still=2))

    assert answers[0].pages[0]["spec"]["ports"][0]["port"] == 82
    assert answers[0].refusal is None


def test_what_it_leads_to_now_is_followed_and_what_it_led_to_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have another load balancer; nothing that is known by now is read for it."""

    def needed(answers: Sequence[Answer], _: Wanted) -> tuple[Ask, ...]:
        known = {each.ask: each for each in answers}
        if WEB not in known:
            return (WEB,)
        port = known[WEB].pages[0]["spec"]["ports"][0]["port"]
        leads = CloudCall.of("vpc", "2017-03-12", "DescribeSubnets", Offset=str(port))
        return () if leads in known else (leads,)

    monkeypatch.setattr(rounds, "needed", needed)
    world = World(WEB, still=2)
    made, answers = played(world)

    assert [each.ask for each in answers] == [WEB, CloudCall.of("vpc", "2017-03-12", "DescribeSubnets", Offset="82")]
    assert (made.number, world.read.count(WEB)) == (5, 3)


def test_the_fifth_round_looks_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that five are the most, of a plan that takes five; what changed by then is noticed."""
    plan = [[WEB], [RULES], *([CloudCall.of("vpc", "2017-03-12", f"Describe{name}")] for name in "ABC")]
    monkeypatch.setattr(sys.modules[__name__], "PLAN", plan)
    made, _ = played(World())
    again, answers = played(World(RULES, still=2))

    assert (made.number, again.number) == (5, 6)
    assert answers[1].pages[0]["SecurityGroupPolicySet"]["Ingress"][0]["Port"] == "82"


@pytest.mark.parametrize("ask", [WEB, RULES])
def test_what_changes_at_every_read_is_told(ask: Ask) -> None:
    """A snapshot of two moments must not look like one of one."""
    _, answers = played(World(ask, still=99))
    torn = [each for each in answers if each.refusal]

    assert [each.ask for each in torn] == [ask]
    assert torn[0].refusal is not None
    assert (torn[0].refusal.code, torn[0].whole) == (CHANGED, False)


def test_when_the_time_is_up_every_ask_still_has_its_answer() -> None:
    until = Until(PATIENCE_S)
    until.stop()
    _, answers = played(World(), until)

    assert [each.ask for each in answers] == [WEB, RULES, SUBNETS]
    assert all(each.refusal and each.refusal.kind is RefusalKind.LATE for each in answers)


def test_a_plan_that_asks_forever_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(answers: Sequence[Answer], _: Wanted) -> tuple[Ask, ...]:
        return (CloudCall.of("vpc", "2017-03-12", "DescribeSubnets", Offset=str(len(answers))),)

    monkeypatch.setattr(rounds, "needed", endless)
    _, answers = played(World())

    assert len(answers) == rounds.MOST_ROUNDS
