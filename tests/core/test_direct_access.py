"""Direct access: the CLB sends to the pod itself."""

import pytest
from builders import SILENCE, ask, fate, health, hop, lab
from changes import (
    Document,
    group_2_closed,
    group_3_closed,
    ingress,
    keepalive,
    observed,
    pass_to_target,
    probes_from_vip,
    targets,
)
from changes_cluster import second_pod, service

from drilllib.core.drills.default_lab import CLIENT, NODE_PORT, POD_GROUP, VIP
from drilllib.core.drills.variants import direct_access
from drilllib.core.facts import FactCode, fact
from drilllib.errors import InvalidInputError


def test_under_direct_access_groups_1_and_3_decide(listener: str) -> None:
    """The node is not on the way, so its group has no say, open or closed."""
    answer = ask(lab(direct_access, group_2_closed, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert [each.hop for each in answer.paths[0].hops] == ["clb", "pod"]
    assert [each.target for each in answer.health] == ["10.0.36.12:80"]


def test_under_direct_access_group_3_sees_the_client(listener: str) -> None:
    """A rule for the nodes, right before the switch, locks everybody out after it."""
    answer = ask(lab(direct_access, ingress(POD_GROUP, "ACCEPT TCP 10.0.35.0/24 80"), listener=listener))

    assert fate(answer) == f"unreachable: {SILENCE[listener]}"
    assert (answer.reason, str(hop(answer, "pod").checks[0].peer)) == ("POD_GROUP_DROPPED", CLIENT)


def test_under_direct_access_a_closed_group_3_leaves_the_target_alive(listener: str) -> None:
    """The probe needs no rule at the target, and now the pod is the target: Dead no longer points at group 3."""
    assert health(ask(lab(direct_access, group_3_closed, listener=listener))) == ["Alive"]


def test_pass_to_target_covers_a_pod_that_is_the_target(listener: str) -> None:
    """Inferred from the wording of the switch, and listed."""
    answer = ask(lab(direct_access, pass_to_target, group_3_closed, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert "PASS_TO_TARGET_COVERS_PODS" in answer.assumptions


def test_probes_from_the_vip_need_a_rule_at_the_pod(listener: str) -> None:
    """The same as at a node."""
    without = ask(lab(direct_access, probes_from_vip, listener=listener))
    rules = ingress(POD_GROUP, "ACCEPT TCP 203.0.113.0/24 80", f"ACCEPT TCP {VIP} 80")

    assert (fate(without), health(without)) == ("reachable: 200", ["Dead"])
    assert health(ask(lab(direct_access, probes_from_vip, rules, listener=listener))) == ["Alive"]


def test_a_keepalive_listener_hides_the_client_from_the_pod() -> None:
    """100.127.0.0/16 is what group 3 has to admit then."""
    opened = ingress(POD_GROUP, "ACCEPT TCP 100.127.0.0/16 80")

    assert fate(ask(lab(direct_access, keepalive))) == "unreachable: 504 after 4 s"
    assert fate(ask(lab(direct_access, keepalive, opened))) == "reachable: 200"


def test_a_pod_target_that_does_not_listen_refuses(listener: str) -> None:
    def wrong_port(document: Document) -> None:
        document["semantics"]["containers_declare_all_ports"] = True
        targets(document)[0]["Port"] = 8080

    opened = ingress(POD_GROUP, "ACCEPT TCP 203.0.113.0/24 8080")
    answer = ask(lab(direct_access, wrong_port, opened, listener=listener))

    assert (answer.reason, health(answer)) == ("PORT_NOT_LISTENING", ["Dead"])


def test_a_pod_target_that_no_pod_has_is_not_guessed_at(listener: str) -> None:
    """It may be gone, or in a namespace that was not read."""

    def elsewhere(document: Document) -> None:
        targets(document)[0]["PrivateIpAddresses"] = ["10.0.36.99"]

    answer = ask(lab(direct_access, elsewhere, listener=listener))

    assert answer.verdict == "undetermined"
    assert answer.gaps == (fact(FactCode.POD_AT, address="10.0.36.99"),)


def test_a_pod_target_without_address_is_refused_in_one_line() -> None:
    with pytest.raises(InvalidInputError, match="has no address"):
        ask(lab(direct_access, lambda document: targets(document)[0].pop("PrivateIpAddresses")))


def test_pods_and_nodes_may_be_targets_of_one_listener(listener: str) -> None:
    """So it is while a Service is switched over; the two need different rules."""

    def node_too(document: Document) -> None:
        node = {"Type": "CVM", "InstanceId": "ins-nodea001", "PrivateIpAddresses": ["10.0.35.11"], "Port": NODE_PORT}
        targets(document).append(node)

    answer = ask(lab(direct_access, node_too, listener=listener))

    assert [path.outcome for path in answer.paths] == ["delivered", "dropped"]
    assert health(answer) == ["Alive", "Dead"]


def test_two_pods_on_one_interface_are_two_targets(listener: str) -> None:
    """Pods share interfaces and ports, so only the address tells them apart."""

    def both(document: Document) -> None:
        second_pod(document)
        direct_access(document)
        targets(document).append({**targets(document)[0], "PrivateIpAddresses": ["10.0.36.11"]})

    answer = ask(lab(both, observed("Alive", "Dead"), listener=listener))

    assert [each.target for each in answer.health] == ["10.0.36.12:80", "10.0.36.11:80"]
    assert [each.observed for each in answer.health] == ["Alive", "Dead"]


@pytest.mark.parametrize(
    ("annotation", "default", "registered", "expected"),
    [
        ("false", "true", "CVM", []),
        ("true", "true", "ENI", []),
        (None, "true", "ENI", []),
        (None, "false", "CVM", []),
        (None, "true", "CVM", ["ACCESS_MODE_DIFFERS"]),
        ("false", "true", "ENI", ["ACCESS_MODE_DIFFERS"]),
        (None, None, "CVM", []),
    ],
)
def test_settings_that_disagree_with_the_targets_are_reported(
    annotation: str | None, default: str | None, registered: str, expected: list[str]
) -> None:
    """New clusters default to direct access: the non-direct drill turns into the direct one without a word."""

    def change(document: Document) -> None:
        if registered == "ENI":
            direct_access(document)
        annotations = service(document)["metadata"]["annotations"]
        annotations["service.cloud.tencent.com/direct-access"] = annotation
        document["cluster"]["controller_config"] = default and {"EnableDefaultDirectAccess": default}

    answer = ask(lab(change))

    assert [each.code for each in answer.findings] == expected
    assert fate(answer) == "reachable: 200"
