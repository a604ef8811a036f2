"""Several targets, several endpoints, and health."""

from builders import SILENCE, ask, codes, fate, health, lab, said
from changes import (
    CLIENT_RULE,
    EVERYTHING,
    Document,
    closed,
    group_2_closed,
    group_3_closed,
    health_check_off,
    ingress,
    observed,
    pass_to_target,
    probe,
    probe_source_unread,
    probes_from_vip,
    second_target,
    together,
    weight,
)
from changes_cluster import NODE_B_GROUP, node_groups, second_pod

from drilllib.core.drills.default_lab import NODE_GROUP, NODE_PORT, VIP
from drilllib.core.snapshot.semantics import Semantics

# Several targets, several endpoints, and health


# node-a answers, node-b's own group lets no client in; its probes need no rule.
ONE_OF_TWO = together(second_target, node_groups("b", NODE_B_GROUP), closed(NODE_B_GROUP))


def test_one_blocked_target_of_two_at_layer_4_is_intermittent() -> None:
    """Packets are passed through to one target; nobody tries the other."""
    answer = ask(lab(ONE_OF_TWO, listener="TCP"))

    assert fate(answer) == "intermittent: connect_timeout, 200"
    assert (answer.reason, health(answer)) == ("SOME_PATHS_FAIL", ["Alive", "Alive"])
    assert [each.name for each in answer.blockers] == ["node-b"]


def test_one_blocked_target_of_two_at_layer_7_is_slow() -> None:
    """The CLB gives up on the silent target after 4 s and asks the next: slow requests are the only symptom."""
    answer = ask(lab(ONE_OF_TWO, listener="HTTP"))

    assert fate(answer) == "reachable: 200 after 4 s, 200"
    assert answer.reason == "DELIVERED_AFTER_RETRY"
    assert said(answer.symptom) == "200 after 4 s"
    assert "EVERY_TARGET_IS_TRIED" in codes(answer)


def test_every_silent_target_costs_the_clb_its_timeout() -> None:
    """Two blocked targets, about 4 s each, then the 504."""
    assert fate(ask(lab(second_target, group_2_closed))) == "unreachable: 504 after 8 s"


def test_the_connect_timeout_is_a_switch() -> None:
    """The vendor allows 4 to 120 s."""
    assert fate(ask(lab(group_2_closed, semantics=Semantics(connect_timeout_s=10)))) == "unreachable: 504 after 10 s"


def test_where_all_targets_are_dead_all_are_used(listener: str) -> None:
    """A wrongly failing probe does not cut the service: probes from the VIP need a rule, and clients still pass."""
    answer = ask(lab(second_target, probes_from_vip, listener=listener))

    assert health(answer) == ["Dead", "Dead"]
    assert fate(answer) == "reachable: 200"


def test_a_dead_target_is_not_used_while_another_is_alive(listener: str) -> None:
    """Group 3 stops node-a's way to the remote pod, and with it the probe; node-b has the pod at home."""
    answer = ask(lab(second_target, group_3_closed, listener=listener))

    assert health(answer) == ["Dead", "Alive"]
    assert (fate(answer), answer.reason) == ("reachable: 200", "DELIVERED")


def test_a_target_of_weight_0_gets_no_traffic_and_is_still_probed(listener: str) -> None:
    """Draining a target must not hide its health."""
    answer = ask(lab(ONE_OF_TWO, weight(1, 0), listener=listener))

    assert (fate(answer), answer.blockers) == ("reachable: 200", ())
    assert [path.target for path in answer.paths] == [f"ins-nodea001:{NODE_PORT}"]
    assert health(answer) == ["Alive", "Alive"]


def test_without_a_health_check_every_target_is_used() -> None:
    """Nothing keeps requests away from the target that cannot answer."""
    answer = ask(lab(second_target, group_3_closed, health_check_off, listener="TCP"))

    assert health(answer) == ["Close", "Close"]
    assert fate(answer) == "intermittent: connect_timeout, 200"


def test_probes_from_the_vip_need_a_rule(listener: str) -> None:
    """SourceIpType 0: the VIP is an ordinary source to the node's group."""
    without = ask(lab(probes_from_vip, listener=listener))
    rule = ingress(NODE_GROUP, CLIENT_RULE, f"ACCEPT TCP {VIP} {NODE_PORT}")
    with_rule = ask(lab(probes_from_vip, rule, listener=listener))

    assert (fate(without), health(without)) == ("reachable: 200", ["Dead"])
    assert health(with_rule) == ["Alive"]


def test_probes_from_the_vip_pass_with_the_clbs_traffic() -> None:
    """Inferred, and listed."""
    answer = ask(lab(probes_from_vip, pass_to_target))

    assert health(answer) == ["Alive"]
    assert "PASS_TO_TARGET_ADMITS_PROBES" in codes(answer)


def test_an_unread_probe_source_may_be_either() -> None:
    """Accounts differ by age; where the VIP is let in it does not matter."""
    let_in = ingress(NODE_GROUP, "ACCEPT TCP 192.0.2.10 30713")

    assert health(ask(lab(probe_source_unread, group_2_closed))) == ["Unknown"]
    assert health(ask(lab(probe_source_unread, let_in))) == ["Alive"]


def test_an_explicit_drop_is_assumed_not_to_stop_probes() -> None:
    """The documents do not say which comes first; the answer says which was taken."""
    answer = ask(lab(ingress(NODE_GROUP, f"DROP {EVERYTHING}")))

    assert health(answer) == ["Alive"]
    assert "PROBE_RANGE_BEATS_EXPLICIT_DROP" in codes(answer)


def test_observed_health_wins_over_predicted(listener: str) -> None:
    """The CLB sends by what it saw, not by what the rules say it should have seen."""
    one_closed = together(ONE_OF_TWO, observed("Alive", "Dead"))
    answer = ask(lab(one_closed, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert [(each.predicted, each.observed) for each in answer.health] == [("Alive", "Alive"), ("Alive", "Dead")]


def test_the_reason_is_that_of_the_targets_in_use(listener: str) -> None:
    """A way nobody is sent is not a cause."""
    answer = ask(lab(ONE_OF_TWO, observed("Dead", "Alive"), listener=listener))

    assert fate(answer) == f"unreachable: {SILENCE[listener]}"
    assert answer.reason == "TARGET_GROUP_DROPPED"


def test_observed_health_is_that_of_the_questions_forwarding_rule() -> None:
    """The CLB probes per forwarding rule; the same target may be Dead in one and Alive in another."""
    other = observed("Dead", "Alive", location="loc-lab00002", domain="other.example.com")
    answer = ask(lab(ONE_OF_TWO, other, observed("Alive", "Alive")))

    assert [each.observed for each in answer.health] == ["Alive", "Alive"]
    assert fate(answer) == "reachable: 200 after 4 s, 200"


def test_one_blocked_endpoint_of_two_is_intermittent(listener: str) -> None:
    """kube-proxy picks at random and nobody retries behind the node."""
    answer = ask(lab(second_pod, group_3_closed, listener=listener))

    assert fate(answer) == f"intermittent: {SILENCE[listener]}, 200"
    assert answer.reason == "SOME_PATHS_FAIL"
    assert [(path.endpoint, path.outcome) for path in answer.paths] == [
        ("shop/web-1:80", "dropped"),
        ("shop/web-2:80", "delivered"),
    ]
    assert health(answer) == ["Unknown"]


# Probes


def test_a_probe_may_ask_another_port(listener: str) -> None:
    """The probe of a port that no Service owns is refused, whatever clients meet."""
    answer = ask(lab(probe(CheckPort=30999), listener=listener))

    assert (fate(answer), health(answer)) == ("reachable: 200", ["Dead"])
    assert answer.health[0].blocker.reason == "NODEPORT_NOT_IN_USE"
    assert health(ask(lab(probe(CheckPort=-1), listener=listener))) == ["Alive"]


def test_a_target_is_found_by_its_address_where_the_id_differs(listener: str) -> None:
    def by_address(document: Document) -> None:
        observed("Dead")(document)
        for rule in document["target_health"][0]["Listeners"][0]["Rules"]:
            rule["Targets"][0]["TargetId"] = None

    assert ask(lab(by_address, listener=listener)).health[0].observed == "Dead"


def test_an_entry_without_a_state_is_not_filled_from_another_instances_entry() -> None:
    """An instance that is gone had the address before; what was said of it says nothing of the new one."""

    def change(document: Document) -> None:
        observed("Dead")(document)
        (rule,) = document["target_health"][0]["Listeners"][0]["Rules"]
        (entry,) = rule["Targets"]
        silent = {name: value for name, value in entry.items() if not name.startswith("HealthStatus")}
        rule["Targets"] = [{**entry, "TargetId": "ins-gone"}, silent]

    (found,) = ask(lab(change)).health

    assert (found.observed, found.predicted) == (None, "Alive")
