"""The calls that a fix prints, sent to the stand-in, make the very groups, orders and switches that were traced."""

from typing import Any

import pytest

from drilllib.core.drills import faults
from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, POD_GROUP, SERVICE, policy
from drilllib.core.drills.variants import add_group, set_ingress
from drilllib.core.fix.calls import all_calls
from drilllib.core.fix.over_quota import over_quota
from drilllib.core.fix.proposal import Proposal
from drilllib.core.fix.proposals import fix
from drilllib.core.fix.steps import Call, StepCode
from drilllib.core.rules.addresses import parse_block
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.annotations import EXISTING_LOAD_BALANCER_ID, GROUPS
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.verdict import Verdict
from drilllib.views.text.fix import fix_text
from tests.cloud.helpers import RefusedError, ask, new_api

DENY = "sg-deny0001"
CLIENTS = "203.0.113.0/24"
ON = {  # where another order of groups helps, and the resource's field that lists them
    "ins-nodea001": ("instances", "SecurityGroupIds", NODE_GROUP),
    "eni-podsb001": ("network_interfaces", "GroupSet", POD_GROUP),
    "lb-lab00001": ("load_balancers", "SecureGroups", CLB_GROUP),
}


def shadowed(resource: str) -> Snapshot:
    """A lab where a group that drops everything stands first on one resource, which no annotation speaks about."""
    document = faults.open_fault("healthy").to_dict()
    part, field, group = ON[resource]
    add_group(document, DENY)
    set_ingress(document, DENY, policy("DROP", "TCP", "0.0.0.0/0", "ALL"))
    document[part][0][field] = [DENY, group]
    service = next(each for each in document["kubernetes"] if each["kind"] == "Service")
    service["metadata"]["annotations"].pop(GROUPS)
    document["cluster"]["eniipamd"] = None
    return Snapshot(document)


def existing() -> Snapshot:
    """Group 2 drops clients behind a CLB that the Service was given, whose switch is the API's."""
    document = faults.open_fault("group-2").to_dict()
    service = next(each for each in document["kubernetes"] if each["kind"] == "Service")
    service["metadata"]["annotations"][EXISTING_LOAD_BALANCER_ID] = "lb-lab00001"
    return Snapshot(document)


def proposals_of(snapshot: Snapshot) -> tuple[Proposal, ...]:
    return fix(snapshot, Question(service=SERVICE), [parse_block(CLIENTS, "A block")]).proposals


def state(snapshot: Snapshot) -> dict[str, Any]:
    """Everything that a call of a fix may change."""
    lists = {
        (name, direction): [rule.text for rule in group.rules(direction) or ()]
        for name, group in snapshot.groups.items()
        for direction in Direction
    }
    passes = [each.pass_to_target for each in snapshot.load_balancers]
    return {"lists": lists, "bound": snapshot.bound_groups(), "passes": passes}


def made_in_cloud(snapshot: Snapshot, proposal: Proposal) -> Snapshot:
    api = new_api(snapshot.to_dict())
    for call in all_calls(snapshot, proposal):
        ask(api, call.service, call.action, dict(call.parameters))
    return api.snapshot()


@pytest.mark.parametrize("name", ["original-drill", "group-1", "group-2", "group-3", "two-groups", "inherited"])
def test_the_calls_make_what_was_traced(name: str) -> None:
    snapshot = faults.open_fault(name)
    tried = 0
    for proposal in proposals_of(snapshot):
        if all(isinstance(each.command, Call) for each in proposal.steps):
            assert state(made_in_cloud(snapshot, proposal)) == state(proposal.made(snapshot))
            tried += 1
    assert tried


@pytest.mark.parametrize("resource", ON)
def test_groups_are_put_into_another_order(resource: str) -> None:
    snapshot = shadowed(resource)
    best = proposals_of(snapshot)[0]

    assert [(each.code, each.where) for each in best.steps] == [(StepCode.GROUP_ORDER, resource)]
    assert state(made_in_cloud(snapshot, best)) == state(best.made(snapshot)) != state(snapshot)


def test_pass_to_target_is_switched_on() -> None:
    snapshot = existing()
    found = next(each for each in proposals_of(snapshot) if StepCode.PASS_TO_TARGET in [one.code for one in each.steps])

    after = made_in_cloud(snapshot, found)
    assert state(after) == state(found.made(snapshot))
    assert [each.pass_to_target for each in after.load_balancers] == [True]


FULL = {"group-1": (CLB_GROUP, 512, "ClbPolicyExceedLimit"), "group-2": (NODE_GROUP, 100, "SecurityGroupPolicySet")}


def filled(fault: str, count: int) -> Snapshot:
    """The group that has to get a rule has *count* already; of the CLB's, a template stands for 20 at a time."""
    group, document = FULL[fault][0], faults.open_fault(fault).to_dict()
    lists = document["security_groups"][group]["SecurityGroupPolicySet"]
    document["address_templates"] = {"ipm-twenty01": {"AddressSet": [f"198.51.100.{last}" for last in range(20)]}}
    twenty = {"Action": "ACCEPT", "Protocol": "TCP", "AddressTemplate": {"AddressId": "ipm-twenty01"}}
    lists["Ingress"] = []
    if group == CLB_GROUP:
        lists["Ingress"] += [{**twenty, "Port": str(port)} for port in range(1000, 1025)]
        count -= 500 - 25 + len(lists["Egress"])
    ports = range(2000, 2000 + count - len(lists["Ingress"]))
    lists["Ingress"] += [policy("ACCEPT", "TCP", "198.51.100.0/24", str(port)) for port in ports]
    return Snapshot(document)


@pytest.mark.parametrize("fault", FULL)
@pytest.mark.parametrize("room", [0, 1])
def test_the_api_refuses_just_what_is_told_to_have_no_room(fault: str, room: int) -> None:
    group, quota, code = FULL[fault]
    snapshot = filled(fault, quota - room)
    question = Question(service=SERVICE)
    answer = fix(snapshot, question, [parse_block(CLIENTS, "A block")])
    best = next(each for each in answer.proposals if each.changes)
    told = [(each.where, each.count, each.quota) for each in over_quota(snapshot, best.changes)]

    assert answer.verdict is Verdict.REACHABLE
    assert told == ([] if room else [(group, quota + 1, quota)])
    assert ("LimitExceeded" in fix_text(snapshot, answer, "en")) is not bool(room)
    if room:
        assert state(made_in_cloud(snapshot, best)) == state(best.made(snapshot))
    else:
        with pytest.raises(RefusedError, match=code):
            made_in_cloud(snapshot, best)
