"""What is worth knowing, though it decides nothing; and what cannot be read."""

import pytest
from builders import ask, fate, lab, said
from changes import (
    BALANCER,
    EVERYTHING,
    Change,
    Document,
    balancer,
    group_3_closed,
    ingress,
    observed,
    probes_from_vip,
    second_target,
    the_listener,
)
from changes_cluster import cluster, node_groups

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT
from drilllib.errors import DrillError

# What is worth knowing


def test_a_service_whose_port_has_no_listener_is_a_diagnosis(listener: str) -> None:
    """Not a wrong question: it is why nobody gets through, and the answer says where the CLB does listen."""

    def moved(document: Document) -> None:
        the_listener(document)["Port"] = 8080

    answer = ask(lab(moved, listener=listener))

    assert (answer.reason, answer.question.port) == ("NO_LISTENER", 80)
    assert [(each.code, each.facts["listeners"]) for each in answer.findings] == [("LISTENERS", f"8080/{listener}")]


def test_a_clb_without_any_listener_is_a_diagnosis_too(listener: str) -> None:
    answer = ask(lab(lambda document: document["listeners"][BALANCER].clear(), listener=listener))

    assert (answer.reason, answer.question.port) == ("NO_LISTENER", 80)


@pytest.mark.parametrize(("state", "expected"), [("Alive", []), ("Dead", ["HEALTH_DIFFERS"]), ("Unknown", [])])
def test_health_that_the_rules_do_not_explain_is_reported(listener: str, state: str, expected: list[str]) -> None:
    """The best hint there is that the cause lies outside of the groups."""
    answer = ask(lab(observed(state), listener=listener))

    assert [each.code for each in answer.findings] == expected


def indexed(*indices: int) -> Change:
    def change(document: Document) -> None:
        ingress(NODE_GROUP, f"DROP {EVERYTHING}", f"ACCEPT TCP 203.0.113.0/24 {NODE_PORT}")(document)
        listed = document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]["Ingress"]
        for policy, index in zip(listed, indices, strict=True):
            policy["PolicyIndex"] = index

    return change


def test_rules_in_another_order_than_their_index_are_reported() -> None:
    """Whoever moves a rule in a saved file expects that to count."""
    answer = ask(lab(indexed(1, 0)))

    assert [each.code for each in answer.findings] == ["POLICY_INDEX_REORDERS"]
    assert answer.verdict == "reachable"
    assert [each.code for each in ask(lab(indexed(0, 7))).findings] == []


def test_an_index_that_repeats_is_reported() -> None:
    answer = ask(lab(indexed(3, 3)))

    assert [(each.code, each.facts["index"]) for each in answer.findings] == [("POLICY_INDEX_REPEATS", 3)]
    assert answer.verdict == "unreachable"


def test_dead_targets_beside_a_live_one_are_idle(listener: str) -> None:
    """A blocked path that no request takes must not look like a fault."""
    answer = ask(lab(second_target, group_3_closed, listener=listener))

    assert answer.idle_targets == {f"ins-nodea001:{NODE_PORT}"}
    assert ask(lab(second_target, probes_from_vip, listener=listener)).idle_targets == frozenset()


# Quotas


def many(count: int, group: str = CLB_GROUP) -> Change:
    return ingress(group, *(f"ACCEPT TCP 198.51.100.{place % 256} {place + 1}" for place in range(count)))


def found(answer) -> list[tuple[str, str]]:
    return [(each.code, each.where) for each in answer.findings]


def test_too_many_rules_are_a_finding_and_no_error(listener: str) -> None:
    """The account's own quota may be higher; the verdict stands either way."""
    answer = ask(lab(many(101), listener=listener))

    assert found(answer) == [("QUOTA_RULES", CLB_GROUP)]
    assert answer.verdict == "unreachable"
    assert found(ask(lab(many(100), listener=listener))) == []


def test_a_group_of_the_clb_may_have_512_rules_in_all(listener: str) -> None:
    """Both directions and expanded templates count."""

    def expanded(members: int) -> Change:
        def change(document: Document) -> None:
            names = [f"ipm-{place}" for place in range(26)]
            for name in names:
                document["address_templates"][name] = {"AddressSet": [f"10.1.0.{each}" for each in range(members)]}
            ingress(CLB_GROUP, *(f"ACCEPT TCP {name} 80" for name in names))(document)

        return change

    assert found(ask(lab(expanded(20), listener=listener))) == [("QUOTA_CLB_GROUP_RULES", CLB_GROUP)]
    assert found(ask(lab(expanded(19), listener=listener))) == []


def test_other_groups_may_have_2000_expanded_rules(listener: str) -> None:
    def change(document: Document) -> None:
        names = [f"ipm-{place}" for place in range(100)]
        for name in names:
            document["address_templates"][name] = {"AddressSet": [f"10.1.0.{each}" for each in range(20)]}
        ingress(NODE_GROUP, *(f"ACCEPT TCP {name} 80" for name in names))(document)

    assert found(ask(lab(change, listener=listener))) == [("QUOTA_EXPANDED_RULES", NODE_GROUP)]


def test_a_template_may_have_20_members(listener: str) -> None:
    def change(document: Document) -> None:
        document["address_templates"]["ipm-a"] = {"AddressSet": [f"10.1.0.{each}" for each in range(21)]}
        ingress(CLB_GROUP, "ACCEPT TCP ipm-a 80", "ACCEPT TCP 203.0.113.0/24 80")(document)

    assert found(ask(lab(change, listener=listener))) == [("QUOTA_TEMPLATE_MEMBERS", "ipm-a")]


def test_a_group_may_name_10_others(listener: str) -> None:
    def named(count: int) -> Change:
        return ingress(CLB_GROUP, *(f"DROP TCP sg-{place} 80" for place in range(count)))

    assert found(ask(lab(named(11), listener=listener))) == [("QUOTA_REFERENCES", CLB_GROUP)]
    assert found(ask(lab(named(10), listener=listener))) == []


def test_an_interface_may_have_5_groups(listener: str) -> None:
    names = [f"sg-{place}" for place in range(6)]
    answer = ask(lab(node_groups("a", *names), *(ingress(name) for name in names), listener=listener))

    assert found(answer) == [("QUOTA_GROUPS", "node-a")]


# Reading


@pytest.mark.parametrize(
    "change",
    [
        balancer(SnatIps=["10.0.40.5"]),
        balancer(LoadBalancerDomain=7),
        balancer(Forward="0"),
        cluster(controller_config={"EnableDefaultDirectAccess": True}),
        lambda document: document["instances"][0].update(IPv6Addresses=["10.0.0.300"]),
        lambda document: the_listener(document)["Rules"][0].update(DefaultServer="yes"),
        lambda document: document["network_interfaces"][0].update(EniType="2"),
    ],
)
def test_a_field_of_the_wrong_type_is_one_clear_error(change: Change) -> None:
    with pytest.raises(DrillError, match="snapshot"):
        lab(change)


def test_an_empty_ipv6_address_means_none() -> None:
    """The API returns an empty text for a CLB without one."""
    assert fate(ask(lab(balancer(AddressIPv6="")))) == "reachable: 200"
    assert said(ask(lab(balancer(AddressIPv6=""))).symptom) == "200"
