"""terraform/ fits the provider it names, plays the course's drill, and gives `drill render` what it reads."""

import re

import hcl
import pytest
from configuration import FILES, REQUIRED, SCHEMA, Written, objections, outputs, resources, scope

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, POD_GROUP
from drilllib.core.drills.faults import FAULTS as EXAMPLES
from drilllib.core.drills.faults import open_fault
from drilllib.deploy import manifests

GROUPS = {"clb": CLB_GROUP, "node": NODE_GROUP, "pod": POD_GROUP}
FAULTS = {"healthy": "healthy", "broken": "original-drill"}
POLICY_FIELDS = {"action": "Action", "protocol": "Protocol", "cidr_block": "CidrBlock", "port": "Port"}
RULE_SET = "tencentcloud_security_group_rule_set"
POOL = "tencentcloud_kubernetes_native_node_pool"
GROUP = "tencentcloud_security_group"


def of_kind(kind: str, **given: object) -> dict[str, Written]:
    """The resources of one kind by their key: clb, node, pod; front, back."""
    found = {address: each for address, each in resources(**given).items() if each.kind == kind}
    return {address.split('"')[1]: each for address, each in found.items()}


def policies(rule_set: Written, direction: str) -> list[dict[str, str]]:
    """The rules of one direction in order, as the API would return them."""
    return [{POLICY_FIELDS[name]: value for name, value in rule.arguments.items()} for rule in rule_set.each(direction)]


@pytest.mark.parametrize("state", FAULTS)
def test_every_argument_exists_in_the_provider_version_used(state: str) -> None:
    """Without the provider's program nothing else would tell a wrong name from a right one."""
    found = resources(drill_state=state, cluster_cidrs=["10.0.0.0/16"])

    assert sorted({each.kind for each in found.values()}) == sorted(SCHEMA["resources"])
    assert [
        problem
        for address, each in found.items()
        for problem in objections(each, SCHEMA["resources"][each.kind], address)
    ] == []


PLANTED = """
resource "tencentcloud_security_group_rule_set" "x" {
  for_each          = { a = "a" }
  security_group_id = "sg-xxxxxxxx"
  egress {
    action = "ACCEPT"
  }
}
"""


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("security_group_id =", "group_id =", "has no argument group_id"),
        ('security_group_id = "sg-xxxxxxxx"', "", "lacks security_group_id"),
        ('"sg-xxxxxxxx"', '["sg-xxxxxxxx"]', "security_group_id is ['sg-xxxxxxxx'], not string"),
        ('"sg-xxxxxxxx"', '"x"\n  version = "1"', "version is computed"),
        ('action = "ACCEPT"', 'policy = "ACCEPT"', "egress has no argument policy"),
        ('action = "ACCEPT"', "", "egress lacks action"),
        ('action = "ACCEPT"', 'action = "ACCEPT"\n    policy_index = 0', "egress.policy_index is computed"),
        ("egress {", "outgress {", "has no block outgress"),
    ],
)
def test_a_planted_wrong_argument_is_caught(right: str, wrong: str, expected: str) -> None:
    """A check that never fails protects nothing."""
    assert right in PLANTED
    (found,) = resources(hcl.parse(PLANTED.replace(right, wrong))).values()

    assert any(problem.endswith(expected) for problem in objections(found, SCHEMA["resources"][RULE_SET], "x"))


@pytest.mark.parametrize(("count", "fits"), [(0, False), (1, True), (2, False)])
def test_a_block_stands_as_often_as_the_provider_asks(count: int, fits: bool) -> None:
    """A pool has one native block, never two."""
    (pool,) = (each for address, each in resources().items() if "front" in address)
    changed = Written(pool.kind, pool.arguments, pool.blocks[:1] + tuple(pool.each("native")) * count)

    assert (list(objections(changed, SCHEMA["resources"][POOL], "x")) == []) is fits


def test_the_provider_is_the_one_whose_schema_was_compared() -> None:
    """Another version may have other arguments."""
    (terraform,), (provider,) = FILES.each("terraform"), FILES.each("provider")
    (required,) = terraform.each("required_providers")

    assert hcl.evaluate(required.attributes["tencentcloud"], {}) == {
        "source": SCHEMA["provider"],
        "version": SCHEMA["version"],
    }
    assert provider.attributes.keys() <= SCHEMA["provider_config"]["attributes"].keys()


def test_every_reference_resolves_and_everything_declared_is_used() -> None:
    """A variable that nothing reads is a promise not kept."""
    expressions = (tree for block in FILES.blocks if block.kind != "variable" for tree in block.everywhere())
    used = {name for tree in expressions for name in hcl.references(tree)}
    declared = {f"var.{block.labels[0]}" for block in FILES.each("variable")}
    declared |= {f"local.{name}" for block in FILES.each("locals") for name in block.attributes}
    declared |= {".".join(block.labels) for block in FILES.each("resource")}

    assert {name for name in used if not name.startswith(("each.", "ingress."))} == declared - {f"{POOL}.drill"}


@pytest.mark.parametrize("state", FAULTS)
def test_the_rules_are_the_ones_of_the_course(state: str) -> None:
    """What was learnt on the simulated lab must hold on the cluster."""
    lab = open_fault(FAULTS[state]).to_dict()["security_groups"]
    rule_sets, groups = of_kind(RULE_SET, drill_state=state), of_kind(GROUP)

    assert rule_sets.keys() == groups.keys() == GROUPS.keys()
    for key, group_id in GROUPS.items():
        expected = lab[group_id]["SecurityGroupPolicySet"]
        for direction in ("Ingress", "Egress"):
            without_index = [{name: each[name] for name in POLICY_FIELDS.values()} for each in expected[direction]]
            assert policies(rule_sets[key], direction.lower()) == without_index, (key, direction)
        assert groups[key].arguments["name"].removeprefix("drill-") == key
        assert rule_sets[key].arguments["security_group_id"] == f"{GROUP}.{key}.id"


@pytest.mark.parametrize("example", EXAMPLES)
def test_no_group_of_the_course_has_the_name_of_one_that_terraform_makes(example: str) -> None:
    """In a cloud that began with an example, the two would be confused."""
    own = {each["SecurityGroupName"] for each in open_fault(example).to_dict()["security_groups"].values()}

    assert own & {each.arguments["name"] for each in of_kind(GROUP).values()} == set()


@pytest.mark.parametrize("state", FAULTS)
def test_blocks_of_the_cluster_stand_above_everything_on_the_nodes_only(state: str) -> None:
    """Below DROP ALL they would do nothing, and in the pods' group they would repair the drill."""
    plain, kept = (
        of_kind(RULE_SET, drill_state=state),
        of_kind(RULE_SET, drill_state=state, cluster_cidrs=["10.0.0.0/8"]),
    )
    above = {"Action": "ACCEPT", "Protocol": "ALL", "CidrBlock": "10.0.0.0/8", "Port": "ALL"}

    assert policies(kept["node"], "ingress") == [above, *policies(plain["node"], "ingress")]
    assert all(policies(kept[key], "ingress") == policies(plain[key], "ingress") for key in ("clb", "pod"))


def test_several_clients_keep_their_order() -> None:
    blocks = ["203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24"]
    found = of_kind(RULE_SET, drill_state="healthy", clients=blocks)

    for key in ("clb", "node"):
        assert [each["CidrBlock"] for each in policies(found[key], "ingress")] == blocks


def test_rules_stand_in_ordered_lists_in_the_spelling_of_the_api() -> None:
    """Single rule resources arrive in any order; small letters make every plan show a change."""
    nested = SCHEMA["resources"][RULE_SET]["blocks"]
    assert nested["ingress"]["nesting"] == nested["egress"]["nesting"] == "list"
    for state in FAULTS:
        for rule_set in of_kind(RULE_SET, drill_state=state).values():
            for rule in policies(rule_set, "ingress") + policies(rule_set, "egress"):
                assert rule["Action"] in ("ACCEPT", "DROP")
                assert rule["Protocol"] in ("TCP", "ALL")
                assert re.fullmatch(r"ALL|\d+", rule["Port"])


def test_nodes_are_made_after_the_rules() -> None:
    """A node that starts under an empty group reaches nothing, and does not join."""
    (pool,) = (block for block in FILES.each("resource") if block.labels[0] == POOL)
    (waited_for,) = hcl.evaluate(pool.attributes["depends_on"], scope())

    assert waited_for.keys() == GROUPS.keys()
    assert hcl.references(pool.attributes["depends_on"]) == {f"{RULE_SET}.drill"}


def test_both_pools_carry_group_2_a_label_of_their_own_and_a_machine() -> None:
    """A pool of no machines is left behind by destroy, and nodes alike cannot be told apart."""
    pools = of_kind(POOL)
    labels = [label.arguments for pool in pools.values() for label in pool.each("labels")]

    assert labels == [{"name": "drill", "value": "front"}, {"name": "drill", "value": "back"}]
    for pool in pools.values():
        (native,) = pool.each("native")
        assert native.arguments["security_group_ids"] == [f"{GROUP}.node.id"]
        assert native.arguments["replicas"] == 1
        assert pool.arguments["deletion_protection"] is False


def test_the_addon_of_a_live_cluster_is_never_a_resource() -> None:
    """Terraform would delete it with the drill, and the cluster's network with it."""
    assert {block.labels[0] for block in FILES.each("resource")} == {GROUP, RULE_SET, POOL}
    assert not list(FILES.each("module"))


def test_the_outputs_are_what_drill_render_reads() -> None:
    """A name on one side only, and the way from Terraform to the manifests is broken."""
    found = outputs(node_port=31234, listener_port=8080, pod_port=8000)
    (key,) = {label.arguments["name"] for pool in of_kind(POOL).values() for label in pool.each("labels")}

    assert found == {
        "region": REQUIRED["region"],
        "cluster_id": REQUIRED["cluster_id"],
        "clb_security_group": f"{GROUP}.clb.id",
        "node_security_group": f"{GROUP}.node.id",
        "pod_security_group": f"{GROUP}.pod.id",
        "node_label": key,
        "front_label": "front",
        "back_label": "back",
        "client_block": "203.0.113.0/24",
        "node_subnet": "10.0.35.0/24",
        "listener_port": 8080,
        "node_port": 31234,
        "pod_port": 8000,
    }
    assert found.keys() == manifests.VALUES.keys() - {manifests.IMAGE}
    assert all("description" in block.attributes for block in FILES.each("output"))
