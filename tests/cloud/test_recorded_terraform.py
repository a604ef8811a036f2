"""
The real provider's own requests, replayed over HTTP with new signatures: apply, plan, apply healthy, destroy.

Each answer is the one that the provider was satisfied with, but for ids and times; what it reads back is what it sent,
so that the plan is empty; nothing is left in the end. tests/deploy holds the recorded requests against terraform/.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from drilllib.cloud.tencent.api import TencentApi
from drilllib.core.drills.default_lab import new_cluster
from tests.cloud.helpers import new_api, opened, post, served, signed
from tests.cloud.recording import APPLY, DESTROY, HEALTHY, PLAN, Replay, recorded

CALLS = {APPLY: 21, PLAN: 11, HEALTHY: 17, DESTROY: 28}


@pytest.fixture
def api() -> TencentApi:
    """A new cluster."""
    return new_api(new_cluster())


@pytest.fixture
def replay(api: TencentApi) -> Iterator[Replay]:
    """Sends as the provider does: through a proxy, which is the cloud, so that the target is a whole address."""
    with served(api) as server:

        def send(service: str, version: str, action: str, parameters: Any) -> dict[str, Any]:
            host = f"{service}.cloud.invalid"
            sent = signed(service, action, parameters, version=version, host=host, target=f"http://{host}/")
            answer = post(server.port, sent)
            assert (answer.status, answer.getheader("Content-Type")) == (200, "application/json")
            return opened(answer.data)

        yield Replay(send)


def played(replay: Replay, *phases: str) -> list[Any]:
    """The commands one after another; every answer of every one has to be the recorded one."""
    met = [each for phase in phases for each in replay.play(phase)]
    for each in met:
        assert each.found == each.wanted, each.action
    return met


def test_all_calls_are_there() -> None:
    assert {phase: len(calls) for phase, calls in recorded().items()} == CALLS
    assert sum(CALLS.values()) == 77


def test_every_answer_is_one_that_the_provider_was_satisfied_with(replay: Replay, api: TencentApi) -> None:
    """And after destroy the cluster is what it was, but for the parts that the cloud has made for itself."""
    before = api.snapshot().to_dict()
    assert len(played(replay, APPLY, PLAN, HEALTHY, DESTROY)) == 77

    after = api.snapshot().to_dict()
    kept = set(before) - {"kubernetes"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert {each["kind"] for each in after["kubernetes"]} & {"Node", "Pod", "Service"} == set()


def sent_in(*phases: str) -> dict[str, list[Any]]:
    """What the provider sent, by action."""
    found: dict[str, list[Any]] = {}
    for phase in phases:
        for call in recorded()[phase]:
            found.setdefault(call.action, []).append(call.request)
    return found


FIELDS = ("Action", "Protocol", "CidrBlock", "Port", "SecurityGroupId", "PolicyDescription")


def as_compared(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules as the provider compares them: a missing text is an empty one."""
    return [{name: rule.get(name, "") for name in FIELDS} for rule in rules]


def contains(found: Any, sent: Any) -> bool:
    """Is everything that was sent read back as it was? What is added beside it makes no difference to the provider."""
    if isinstance(sent, dict) and isinstance(found, dict):
        return all(name in found and contains(found[name], each) for name, each in sent.items())
    return bool(found == sent)


@pytest.mark.parametrize(("phases", "rules_of"), [((APPLY,), APPLY), ((APPLY, HEALTHY), HEALTHY)])
def test_the_plan_is_empty(replay: Replay, phases: tuple[str, ...], rules_of: str) -> None:
    """What the refresh reads is what was asked for: names, descriptions, rules in their order, pools."""
    played(replay, *phases)
    made, changed = sent_in(APPLY), sent_in(rules_of)
    groups = {each["GroupName"]: each["GroupDescription"] for each in made["CreateSecurityGroup"]}
    rules = {each["SecurityGroupId"]: each["SecurityGroupPolicySet"] for each in changed["ModifySecurityGroupPolicies"]}
    pools = {each["Name"]: each for each in made["CreateNodePool"]}
    read = [each.found for each in replay.play(PLAN)]

    listed = [group for each in read for group in each.get("SecurityGroupSet", ())]
    assert {each["SecurityGroupName"]: each["SecurityGroupDesc"] for each in listed} == groups
    asked = [call.request["SecurityGroupId"] for call in recorded()[PLAN] if "Policies" in call.action]
    policies = [each["SecurityGroupPolicySet"] for each in read if "SecurityGroupPolicySet" in each]
    for was, found in zip(asked, policies, strict=True):
        for direction in ("Ingress", "Egress"):
            assert as_compared(found[direction]) == as_compared(rules[was].get(direction, []))
    described = [pool for each in read for pool in each.get("NodePools", ())]
    assert len(described) == len(pools) == 2
    assert all(contains(pool, replay.now(pools[pool["Name"]])) for pool in described)
