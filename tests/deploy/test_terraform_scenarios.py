"""terraform/scenarios and manifests/scenarios: the rules are the lessons', every argument and field one that exists."""

import json
from collections import ChainMap
from typing import Any

import hcl
import pytest
import scenario_rules
import yaml
from configuration import ROOT, SCHEMA, objections, written
from test_manifests import problems

from drilllib.core.check.connections import check_connections
from drilllib.core.drills.networks import GROUPS, PORT
from drilllib.core.drills.scenarios import SCENARIOS

MODULE = hcl.read(ROOT / "terraform" / "modules" / "group")
SCENES = hcl.read(ROOT / "terraform" / "scenarios")
RULES = json.loads(scenario_rules.FILE.read_text(encoding="utf-8"))
CASES = [(name, state) for name in SCENARIOS for state in ("broken", "healthy")]
FIELDS = {"action", "protocol", "cidr_block", "port"}


def resources(lists: dict[str, Any]) -> list[Any]:
    """What one call of the module makes."""
    given = {"name": "drill-x", "description": "Drill x", **lists}
    known: dict[str, Any] = {"var": given, "tencentcloud_security_group": {"this": {"id": "sg-xxxxxxxx"}}}
    return [written(block, block.labels[0], ChainMap(known)) for block in MODULE.each("resource")]


def test_the_rules_are_those_of_the_lessons() -> None:
    """Else: python tests/deploy/scenario_rules.py."""
    assert scenario_rules.rules() == RULES
    assert {"node-a", "node-b", "web-1", "mysql-0"} <= {*RULES["pod-to-pod"]["broken"]}
    assert len(GROUPS) == 4


@pytest.mark.parametrize("name", SCENARIOS)
def test_healthy_is_repaired_and_broken_is_not(name: str) -> None:
    each = SCENARIOS[name]
    assert check_connections(scenario_rules.repaired(each), each).passed
    assert not check_connections(each.open(), each).passed


@pytest.mark.parametrize(("name", "state"), CASES)
def test_every_argument_is_one_of_the_providers(name: str, state: str) -> None:
    for lists in RULES[name][state].values():
        made = resources(lists)

        assert [each.kind for each in made] == ["tencentcloud_security_group", "tencentcloud_security_group_rule_set"]
        assert [said for each in made for said in objections(each, SCHEMA["resources"][each.kind], "x")] == []
        for way in ("ingress", "egress"):
            assert [block.arguments for block in made[1].each(way)] == lists[way]


def test_a_wrong_argument_is_caught() -> None:
    lists = {"ingress": [{**dict.fromkeys(FIELDS, "ALL"), "port": 80}], "egress": []}
    assert list(objections(resources(lists)[1], SCHEMA["resources"]["tencentcloud_security_group_rule_set"], "x"))


def test_the_module_is_called_with_all_that_it_asks_for_and_nothing_else() -> None:
    (call,) = SCENES.each("module")
    asked = {block.labels[0] for block in MODULE.each("variable")}

    assert {*call.attributes} - {"source", "for_each"} == asked
    assert (ROOT / "terraform" / "scenarios" / hcl.evaluate(call.attributes["source"], {})).is_dir()
    used = {
        name.partition(".")[2] for tree in SCENES.everywhere() for name in hcl.references(tree) if name[:4] == "var."
    }
    assert used == {block.labels[0] for block in SCENES.each("variable")}


def documents() -> list[dict[str, Any]]:
    paths = sorted((ROOT / "manifests" / "scenarios").glob("*.yaml"))
    return [each for path in paths for each in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def test_kubernetes_knows_every_field_and_the_parts_fit() -> None:
    found = {(each["kind"], each["metadata"]["name"]): each for each in documents()}
    assert {str(key): problems(each) for key, each in found.items() if problems(each)} == {}

    mysql, service = found["Deployment", "mysql"]["spec"]["template"], found["Service", "mysql"]["spec"]
    assert service["selector"].items() <= mysql["metadata"]["labels"].items()
    assert mysql["spec"]["containers"][0]["ports"] == [{"containerPort": service["ports"][0]["targetPort"]}]
    assert service["ports"][0]["targetPort"] == PORT
    assert {each["metadata"]["namespace"] for each in found.values() if each["kind"] != "Namespace"} == {"shop", "db"}
