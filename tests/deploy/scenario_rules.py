"""The rules of every scenario as Terraform takes them; run as a program it writes terraform/scenarios/rules.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drilllib.core.drills.scenario import Scenario
from drilllib.core.drills.scenarios import SCENARIOS
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import rules_of, with_rules
from drilllib.core.snapshot.snapshot import Snapshot

FILE = Path(__file__).parents[2] / "terraform" / "scenarios" / "rules.json"
_FIELDS = {"action": "Action", "protocol": "Protocol", "cidr_block": "CidrBlock", "port": "Port"}


def repaired(scenario: Scenario) -> Snapshot:
    """The scenario after its reference repair."""
    now = scenario.open()
    for put in scenario.reference:
        listed = list(rules_of(now, put.group, put.direction))
        listed.insert(put.place, rule_from_text(put.rule))
        now = with_rules(now, put.group, put.direction, listed)
    return now


def lists(snapshot: Snapshot) -> dict[str, Any]:
    """Every group's two lists, by what the group is called."""
    named = snapshot.part("security_groups")
    return {named[each]["SecurityGroupName"]: _of_group(snapshot, each) for each in sorted(snapshot.groups)}


def _of_group(snapshot: Snapshot, group: str) -> dict[str, Any]:
    return {way.value: [_rule(each.policy) for each in rules_of(snapshot, group, way)] for way in Direction}


def _rule(policy: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(policy[field]) for name, field in _FIELDS.items()}


def rules() -> dict[str, Any]:
    """By scenario, and broken or healthy."""
    return {name: {"broken": lists(each.open()), "healthy": lists(repaired(each))} for name, each in SCENARIOS.items()}


if __name__ == "__main__":
    FILE.write_text(json.dumps(rules(), indent=1) + "\n", encoding="utf-8")
