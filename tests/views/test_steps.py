"""The steps of a change in words: Terraform blocks that the provider takes, console steps that keep indices right."""

import json
from pathlib import Path

import pytest

from drilllib.core.drills import faults
from drilllib.core.fix.proposal import Proposal
from drilllib.core.rules.edits import Change, Edit
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.views.text import steps

GROUP = "sg-node0001"
SCHEMA = Path(__file__).parents[1] / "deploy" / "provider-schema.json"


def lab(*rules: str) -> Snapshot:
    document = faults.open_fault("healthy").to_dict()
    listed = [dict(rule_from_text(text).policy) for text in rules]
    document["security_groups"][GROUP]["SecurityGroupPolicySet"] |= {"Version": "41", "Ingress": listed}
    return Snapshot(document)


def test_terraform_blocks_have_only_arguments_that_the_provider_knows() -> None:
    blocks = json.loads(SCHEMA.read_text(encoding="utf-8"))
    schema = json.dumps(blocks)
    known = blocks["resources"]["tencentcloud_security_group_rule_set"]["blocks"] if "resources" in blocks else blocks
    change = Change(GROUP, Direction.INGRESS, Edit.INSERT, 0, rule_from_text("ACCEPT TCP 2001:db8::/32 80"))
    lines = steps.terraform(lab(), Proposal((change,), {}), "en")

    assert lines[1] == "ingress {"
    names = [line.split("=")[0].strip() for line in lines[2:-1]]
    assert sorted(names) == ["action", "ipv6_cidr_block", "port", "protocol"]
    assert known
    assert all(f'"{name}"' in schema for name in names)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_console_steps_go_from_the_bottom_up(language: str) -> None:
    snapshot = lab("DROP TCP 203.0.113.1 80", "DROP TCP 203.0.113.2 80")
    rules = snapshot.group(GROUP).ingress
    changes = [Change(GROUP, Direction.INGRESS, Edit.DELETE, place, old=rules[place]) for place in (0, 1)]

    first, second = steps.console(snapshot, Proposal(tuple(changes), {}), language)
    assert "203.0.113.2" in first
    assert "203.0.113.1" in second
