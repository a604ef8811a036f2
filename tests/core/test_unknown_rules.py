"""Rules and templates with fields that are not known: no command counts on them, and each names the field."""

from ipaddress import ip_address

import pytest
from builders import ask, lab
from changes import Document, ingress
from ledger_places import KINDS, put

from drilllib.core.drills.default_lab import CLB_GROUP, CLIENT, policy
from drilllib.core.rules.fields import unknown_fields
from drilllib.core.rules.policies import group_from_policy_set, rule_from_policy, rule_from_text
from drilllib.core.rules.rules import Direction, Flow, decide
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.flowsets import EMPTY, everything
from drilllib.errors import LabStateError
from drilllib.labs.netns.network.groups import FabricGroups
from drilllib.labs.netns.plan import plan_of


def odd_rule(document: Document) -> None:
    """The rule that lets the client in has a field that is not known."""
    group = document["security_groups"][CLB_GROUP]["SecurityGroupPolicySet"]
    group["Ingress"][0]["Tomorrow"] = {"From": "2027-01-01"}


def test_a_rule_that_is_not_understood_is_not_counted_on_by_any_command() -> None:
    """It may hold at night only: what it lets in is not sure, and what stands below it may decide."""
    snapshot = lab(odd_rule)
    found = accepted([snapshot.group(CLB_GROUP)], Direction.INGRESS)

    assert found.sure == EMPTY
    assert found.possible == everything()
    assert snapshot.group(CLB_GROUP).rules(Direction.INGRESS)[0].unknown == ("Tomorrow",)
    with pytest.raises(LabStateError, match="The ingress rules of sg-clb00001"):
        list(FabricGroups(snapshot, plan_of(snapshot, CLIENT)).rules())


@pytest.mark.parametrize(
    ("lines", "action"),
    [
        (("ACCEPT TCP 203.0.113.10 80", "odd", "DROP ALL 0.0.0.0/0 ALL"), "ACCEPT"),
        (("odd", "ACCEPT TCP 203.0.113.10 80"), "ACCEPT"),
        (("odd", "DROP ALL 0.0.0.0/0 ALL"), "UNDETERMINED"),
        (("odd",), "UNDETERMINED"),
    ],
)
def test_a_rule_that_is_not_understood_may_match_or_not(lines: tuple[str, ...], action: str) -> None:
    """Rules above it decide all the same, and so does one below that says the same."""
    policies = [
        {**policy("ACCEPT", "TCP", "198.51.100.0/24", "443"), "Tomorrow": 1}
        if line == "odd"
        else rule_from_text(line).policy
        for line in lines
    ]
    group = group_from_policy_set("sg-a", {"Ingress": policies, "Egress": []})
    flow = Flow(protocol="TCP", peer=ip_address("203.0.113.10"), port=80)

    assert decide([group], Direction.INGRESS, flow).action == action


@pytest.mark.parametrize("value", [None, "", [], {}])
@pytest.mark.parametrize("name", ["Tomorrow", "AddressTemplate"])
def test_an_empty_field_of_a_rule_is_no_doubt(name: str, value: object) -> None:
    """The vendor's API answers such for what is not set."""
    rule = rule_from_policy({**policy("ACCEPT", "TCP", "203.0.113.10", "80"), name: value or {"Tomorrow": value}})

    assert rule.unknown == ()


def test_the_table_of_rules_names_the_fields_that_rules_know() -> None:
    """Rules are read without a snapshot, too, so they know their fields themselves."""
    kind = KINDS["SecurityGroupPolicy"]
    item: Document = {}
    for path in (*kind.read.split(), *kind.harmless.split()):
        put(item, path, "x")

    assert unknown_fields(item) == ()
    assert unknown_fields({**item, "AddressTemplate": {"Tomorrow": "x"}}) == ("AddressTemplate.Tomorrow",)


def test_a_new_field_of_a_template_that_a_rule_names_is_a_doubt() -> None:
    """It may take members away."""

    def template(document: Document) -> None:
        document["address_templates"] = {"ipm-office01": {"AddressSet": ["203.0.113.0/24"], "Tomorrow": "x"}}

    by_template = ingress(CLB_GROUP, "ACCEPT TCP ipm-office01 80")

    snapshot = lab(by_template, template)
    answer = ask(snapshot)

    assert answer.verdict == "undetermined"
    assert "what the unknown field Tomorrow of ipm-office01 does" in str(answer.gaps[0])
    assert accepted([snapshot.group(CLB_GROUP)], Direction.INGRESS).sure == EMPTY
