"""Rules that name groups and templates."""

import pytest
from builders import ask, blocked_at, fate, lab
from changes import EVERYTHING, ingress
from changes_doubtful import private_clb

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, POD_GROUP
from drilllib.core.rules.policies import rule_from_policy
from drilllib.errors import DrillError


def test_a_group_admits_the_private_addresses_of_what_is_bound_to_it(listener: str) -> None:
    """Admitting the nodes by their group keeps working when the pool grows."""
    answer = ask(lab(ingress(POD_GROUP, "ACCEPT TCP sg-node0001 80"), listener=listener))

    assert answer.verdict == "reachable"
    assert answer.gaps == ()


def test_a_public_client_is_never_a_member(listener: str) -> None:
    """A client on the internet cannot be let in by a group's id, however often it is tried."""
    answer = ask(lab(ingress(CLB_GROUP, "ACCEPT TCP sg-clients1 80"), listener=listener))

    assert fate(answer) == "unreachable: connect_timeout"
    assert "PUBLIC_ADDRESS_IS_NO_MEMBER" in answer.assumptions


def test_a_private_client_outside_the_snapshot_may_be_a_member(listener: str) -> None:
    """The snapshot does not hold every interface of the region."""
    changes = ingress(CLB_GROUP, "ACCEPT TCP sg-clients1 80"), ingress(NODE_GROUP, f"ACCEPT {EVERYTHING}")
    answer = ask(lab(*changes, private_clb, listener=listener), client="10.9.9.9")

    assert answer.verdict == "undetermined"
    assert "sg-clients1" in str(answer.gaps[0])


OTHER_ACCOUNT = "100012345678/sg-1a2b3c4d"


def test_a_group_of_another_account_may_mean_any_private_address_of_ours_too() -> None:
    """Another VPC may have the same addresses, so the node's own groups say nothing here."""

    def renamed(document: dict) -> None:
        for group in document["security_groups"].values():
            for rule in group["SecurityGroupPolicySet"]["Ingress"]:
                if rule.get("SecurityGroupId") == "sg-other":
                    rule["SecurityGroupId"] = OTHER_ACCOUNT

    answer = ask(lab(ingress(POD_GROUP, "ACCEPT TCP sg-other 80"), renamed))

    assert (answer.verdict, answer.reason) == ("undetermined", "FACT_MISSING")
    assert OTHER_ACCOUNT in str(answer.gaps[0])
    public = ask(lab(ingress(CLB_GROUP, "ACCEPT TCP sg-other 80"), renamed))
    assert fate(public) == "unreachable: connect_timeout"


@pytest.mark.parametrize("peer", ["/sg-1a2b3c4d", "acme/sg-1a2b3c4d", "1/2/sg-1a2b3c4d", "1/", "1/sg-1 x"])
def test_only_the_number_of_an_account_stands_before_a_groups_id(peer: str) -> None:
    with pytest.raises(DrillError, match="SecurityGroupId has the id"):
        rule_from_policy({"Protocol": "TCP", "Port": "80", "SecurityGroupId": peer, "Action": "ACCEPT"})


def test_a_node_bound_to_other_groups_is_no_member(listener: str) -> None:
    """Its groups were read, so there is nothing to be undetermined about."""
    answer = ask(lab(ingress(POD_GROUP, "ACCEPT TCP sg-clb00001 80"), listener=listener))

    assert blocked_at(answer) == [("pod", "NO_RULE_MATCHED")]


def test_a_node_whose_groups_were_not_read_may_be_a_member() -> None:
    change = ingress(POD_GROUP, "ACCEPT TCP sg-clb00001 80")
    answer = ask(lab(change, lambda document: document["instances"][0].pop("SecurityGroupIds")))

    assert any("sg-clb00001" in str(gap) for gap in answer.gaps)


@pytest.mark.parametrize("group", ["sg-clb00001", "sg-node0001"])
def test_the_primary_interface_says_which_groups_a_node_is_in(listener: str, group: str) -> None:
    """The instance was read without its groups, the interface with its address has them."""

    def by_the_interface(document: dict) -> None:
        document["instances"][0]["SecurityGroupIds"] = None
        document["load_balancers"][0]["LoadBalancerPassToTarget"] = True
        primary = {"NetworkInterfaceId": "eni-nodea", "PrivateIpAddressSet": [{"PrivateIpAddress": "10.0.35.11"}]}
        document["network_interfaces"].append({**primary, "GroupSet": [NODE_GROUP]})

    answer = ask(lab(ingress(POD_GROUP, f"ACCEPT TCP {group} 80"), by_the_interface, listener=listener))

    assert not any(group in str(gap) for gap in answer.gaps)
    assert blocked_at(answer) == ([] if group == NODE_GROUP else [("pod", "NO_RULE_MATCHED")])


@pytest.mark.parametrize("member", ["203.0.113.10", "203.0.113.0/24", "203.0.113.1-203.0.113.10", "0.0.0.0/0"])
@pytest.mark.parametrize("template", ["ipm-clients1", "ipmg-clients1"])
def test_an_address_template_admits_its_members(template: str, member: str) -> None:
    """Addresses, blocks and ranges with a dash, by themselves or in a group of templates."""

    def listed(document: dict) -> None:
        document["address_templates"]["ipm-clients1"] = {"AddressSet": ["192.0.2.1", member]}
        document["address_template_groups"]["ipmg-clients1"] = {"AddressTemplateIdSet": ["ipm-clients1"]}

    assert ask(lab(listed, ingress(CLB_GROUP, f"ACCEPT TCP {template} 80"))).verdict == "reachable"
    assert fate(ask(lab(listed, ingress(CLB_GROUP, f"DROP TCP {template} 80")))) == "unreachable: connect_timeout"


def test_a_range_ends_where_it_says() -> None:
    def listed(document: dict) -> None:
        document["address_templates"]["ipm-clients1"] = {"AddressExtraSet": [{"Address": "203.0.113.1-203.0.113.9"}]}

    assert ask(lab(listed, ingress(CLB_GROUP, "ACCEPT TCP ipm-clients1 80"))).verdict == "unreachable"


def test_a_group_of_templates_with_one_missing_is_undetermined() -> None:
    """What is there may not be all there is."""

    def listed(document: dict) -> None:
        document["address_templates"]["ipm-a"] = {"AddressSet": ["203.0.113.10"]}
        document["address_template_groups"]["ipmg-clients1"] = {"AddressTemplateIdSet": ["ipm-a", "ipm-gone"]}

    assert ask(lab(listed, ingress(CLB_GROUP, "ACCEPT TCP ipmg-clients1 80"))).verdict == "undetermined"


@pytest.mark.parametrize(
    ("member", "verdict"),
    [
        *((member, "reachable") for member in ("TCP:80", "TCP:79,80", "TCP:1-80", "TCP:ALL", "tcp:80", "ALL")),
        *((member, "unreachable") for member in ("TCP:81", "UDP:80", "ICMP")),
    ],
)
@pytest.mark.parametrize("template", ["ServiceId", "ServiceGroupId"])
def test_a_service_template_stands_for_its_ports(template: str, member: str, verdict: str) -> None:
    """The same for a group of them."""

    def listed(document: dict) -> None:
        document["service_templates"]["ppm-web"] = {"ServiceSet": ["TCP:8443", member]}
        document["service_template_groups"]["ppmg-web"] = {"ServiceTemplateIdSet": ["ppm-web"]}
        name = "ppm-web" if template == "ServiceId" else "ppmg-web"
        rule = {"Action": "ACCEPT", "CidrBlock": "203.0.113.0/24", "ServiceTemplate": {template: name}}
        document["security_groups"][CLB_GROUP]["SecurityGroupPolicySet"]["Ingress"] = [rule]

    assert ask(lab(listed)).verdict == verdict


@pytest.mark.parametrize("member", ["10.0.0.9-10.0.0.1", "10.0.0.1-2001:db8::1", "web", "10.0.0.0/40", ""])
def test_a_template_that_cannot_be_read_is_named(member: str) -> None:
    def listed(document: dict) -> None:
        document["address_templates"]["ipm-clients1"] = {"AddressSet": [member]}

    with pytest.raises(DrillError, match="ipm-clients1"):
        ask(lab(listed))


@pytest.mark.parametrize("member", ["TCP:0", "TCP:9-1", "ICMP:8", "HTTP:80", ""])
def test_a_service_template_that_cannot_be_read_is_named(member: str) -> None:
    def listed(document: dict) -> None:
        document["service_templates"]["ppm-web"] = {"ServiceSet": [member]}

    with pytest.raises(DrillError, match="ppm-web"):
        ask(lab(listed))
