"""The API calls of a fix, carried out by a small model of the API, lead to the very lists that were proposed."""

import json
import shlex
import subprocess
from random import Random
from typing import Any

import pytest

from drilllib.core.drills import faults
from drilllib.core.fix.calls import calls
from drilllib.core.fix.proposals import fix
from drilllib.core.fix.steps import Call
from drilllib.core.rules.addresses import parse_block
from drilllib.core.rules.edits import Change, Edit, changed
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import with_changes
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question

GROUP = "sg-node0001"


class Api:
    """
    The lists of one group as the API keeps them: places count from 0, and each write names the Version it saw.

    Its methods have the names of the API's actions, by which a call finds them; so N802 is off for them.
    """

    def __init__(self, snapshot: Snapshot, group: str) -> None:
        self.lists = {each: list(snapshot.group(group).rules(each) or ()) for each in Direction}
        self.version = int(snapshot.version_of(group) or 0)

    def take(self, call: Call) -> None:
        sent = dict(call.parameters["SecurityGroupPolicySet"])
        assert sent.pop("Version") == str(self.version), "VersionMismatch"
        ((name, policies),) = sent.items()
        getattr(self, call.action)(self.lists[Direction(name.lower())], policies)
        self.version += 1

    def CreateSecurityGroupPolicies(self, rules: list, policies: list[dict]) -> None:  # noqa: N802  as the API does
        assert all(policy.get("PolicyIndex", 0) < max(1, len(rules)) for policy in policies), "an index nothing has"
        places = {policy.pop("PolicyIndex", len(rules)) for policy in policies}
        assert len(places) == 1, "several rules must share one index"
        new = [text_of(policy) for policy in policies]
        assert not set(new) & {rule.text for rule in rules}, "DuplicatePolicy"
        place = places.pop()
        rules[place:place] = [rule_from_text(text) for text in new]

    def DeleteSecurityGroupPolicies(self, rules: list, policies: list[dict]) -> None:  # noqa: N802  as the API does
        for policy in policies:
            del rules[policy["PolicyIndex"]]

    def ReplaceSecurityGroupPolicy(self, rules: list, policies: list[dict]) -> None:  # noqa: N802  as the API does
        (policy,) = policies
        rules[policy.pop("PolicyIndex")] = rule_from_text(text_of(policy))


def text_of(policy: dict[str, Any]) -> str:
    words = [policy["Action"], policy["Protocol"], policy.get("CidrBlock") or policy.get("Ipv6CidrBlock")]
    return " ".join([*words, policy["Port"]] if "Port" in policy else words)


def lab(*rules: str) -> Snapshot:
    document = faults.open_fault("healthy").to_dict()
    listed = [dict(rule_from_text(text).policy) for text in rules]
    document["security_groups"][GROUP]["SecurityGroupPolicySet"] |= {"Version": "41", "Ingress": listed}
    return Snapshot(document)


def random_changes(random: Random, snapshot: Snapshot) -> list[Change]:
    """Some of the rules deleted or replaced, and rules put in before some places and at the bottom."""
    rules = snapshot.group(GROUP).ingress
    found = []
    for place in range(len(rules) + 1):
        for number in range(random.choice((0, 0, 1, 2))):
            new = rule_from_text(f"ACCEPT TCP 198.51.100.{10 * place + number} 80")
            found.append(Change(GROUP, Direction.INGRESS, Edit.INSERT, place, new))
        edit = random.choice((None, None, Edit.DELETE, Edit.REPLACE))
        if edit and place < len(rules):
            new = rule_from_text(f"ACCEPT TCP 192.0.2.{place} 80") if edit is Edit.REPLACE else None
            found.append(Change(GROUP, Direction.INGRESS, edit, place, new, rules[place]))
    return found


@pytest.mark.parametrize("seed", range(150))
def test_the_calls_make_the_changes(seed: int) -> None:
    random = Random(seed)
    snapshot = lab(*(f"DROP TCP 203.0.113.{number} 443" for number in range(random.randint(0, 5))))
    changes = random_changes(random, snapshot)
    api = Api(snapshot, GROUP)

    for call in calls(snapshot, changes):
        api.take(call)

    wanted = changed(snapshot.group(GROUP), changes).ingress
    assert [each.text for each in api.lists[Direction.INGRESS]] == [each.text for each in wanted]


@pytest.mark.parametrize("name", ["first-steps", "original-drill", "group-1", "group-2", "two-groups", "inherited"])
def test_the_calls_of_a_fix_repair_the_lab(name: str) -> None:
    snapshot = faults.open_fault(name)
    answer = fix(snapshot, Question(service="shop/web"), [parse_block("203.0.113.0/24", "A block")])
    for proposal in answer.proposals:
        wanted = with_changes(snapshot, proposal.changes)
        for group in {each.group for each in proposal.changes}:
            api = Api(snapshot, group)
            for call in calls(snapshot, [each for each in proposal.changes if each.group == group]):
                api.take(call)
            assert [each.text for each in api.lists[Direction.INGRESS]] == [
                each.text for each in wanted.group(group).ingress
            ]


def test_a_command_says_what_its_call_does() -> None:
    snapshot = lab("DROP ALL 0.0.0.0/0 ALL")
    change = Change(GROUP, Direction.INGRESS, Edit.INSERT, 0, rule_from_text("ACCEPT ICMP 203.0.113.0/24"))
    (call,) = calls(snapshot, [change])

    tool, service, action, *options = shlex.split(call.command("ap-guangzhou"))
    given = dict(zip(options[::2], options[1::2], strict=True))
    assert (tool, service, action) == ("tccli", "vpc", "CreateSecurityGroupPolicies")
    assert given["--region"] == "ap-guangzhou"
    assert given["--SecurityGroupId"] == GROUP
    rule = {"PolicyIndex": 0, "Protocol": "ICMP", "CidrBlock": "203.0.113.0/24", "Action": "ACCEPT"}
    assert json.loads(given["--SecurityGroupPolicySet"]) == {"Version": "41", "Ingress": [rule]}


def test_a_version_that_no_count_can_reach_is_not_sent() -> None:
    """A file may say anything; the change is proposed all the same."""
    document = faults.open_fault("group-2").to_dict()
    document["security_groups"][GROUP]["SecurityGroupPolicySet"]["Version"] = "9" * 5000
    snapshot = Snapshot(document)
    best = fix(snapshot, Question(service="shop/web"), [parse_block("203.0.113.0/24", "A block")]).proposals[0]

    (call,) = calls(snapshot, best.changes)
    assert "Version" not in call.parameters["SecurityGroupPolicySet"]
    assert best.made(snapshot).version_of(GROUP) == "1"


def test_a_replacement_names_what_it_replaces_for_the_audit() -> None:
    snapshot = lab("DROP ALL 0.0.0.0/0 ALL")
    (old,) = snapshot.group(GROUP).ingress
    change = Change(GROUP, Direction.INGRESS, Edit.REPLACE, 0, rule_from_text("ACCEPT TCP 203.0.113.0/24 80"), old)
    (call,) = calls(snapshot, [change])

    assert call.action == "ReplaceSecurityGroupPolicy"
    assert call.parameters["OriginalSecurityGroupPolicySet"] == {
        "Ingress": [{"PolicyIndex": 0, "Action": "DROP", "Protocol": "ALL", "CidrBlock": "0.0.0.0/0", "Port": "ALL"}]
    }


@pytest.mark.parametrize("region", ["a; touch x #", "$(touch x)", "`touch x`", "a' b", 'a" b', "\\", "!x", "*"])
def test_a_command_is_one_line_that_runs_nothing_else(region: str) -> None:
    """It is there to be pasted, and the region comes from a file that somebody else may have written."""
    call = Call(
        "DeleteSecurityGroupPolicies", {"SecurityGroupId": region, "SecurityGroupPolicySet": {"Version": region}}
    )
    line = call.command(region)

    ran = subprocess.run(["sh", "-c", f'tccli() {{ printf "%s\\n" "$@"; }}; {line}'], capture_output=True, text=True)
    assert ran.stderr == ""
    assert ran.stdout.splitlines()[2:6] == ["--region", region, "--SecurityGroupId", region]
    assert len(ran.stdout.splitlines()) == 8
