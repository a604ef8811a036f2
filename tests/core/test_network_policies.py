"""
NetworkPolicies where it is known whether an add-on enforces them: evaluated, ignored, or a doubt.

Wrong answers that these cases were written against, each "reachable" or "undetermined" before: a policy that denies the
node behind which the pod stands; two blocks that only together hold the probes' range; a named port; a policy of which
not all neighbours were read; a policy that nothing enforces.
"""

import pytest
from builders import ask, blocked_at, codes, fate, health, hop, lab
from changes import Change, Document, group_2_closed, group_3_closed, ingress, together
from changes_cluster import local_policy, pod_on_node_a
from changes_doubtful import private_clb
from changes_real import policy
from forgettings import places
from test_forgetting import broken_by

from drilllib.core.drills.default_lab import CLIENT, NODE_GROUP, POD_GROUP, SERVICE
from drilllib.core.facts import FactCode
from drilllib.core.reach.clients import reach
from drilllib.core.trace.answer import Question, Trace
from tests.thorough import how_many

DENIED = "NETWORK_POLICY_DENIES"
NODE_A, PUBLIC = "10.0.35.11/32", "203.0.113.0/24"
FOR_CLIENTS = ingress(POD_GROUP, f"ACCEPT TCP {PUBLIC} 80")


def add_on(*, enforced: bool | None, complete: bool = True) -> Change:
    def change(document: Document) -> None:
        document["cluster"]["networkpolicy"] = {"enforced": enforced}
        if not complete:
            document["complete"]["kubernetes"].remove("NetworkPolicy")

    return change


ENFORCED, NOT_ENFORCED = add_on(enforced=True), add_on(enforced=False)


def named(name: str, *rules: Document, **spec: object) -> Change:
    def change(document: Document) -> None:
        policy(ingress=list(rules), **spec)(document)
        document["kubernetes"][-1]["metadata"]["name"] = name

    return change


def block(cidr: str, *left_out: str) -> Document:
    return {"ipBlock": {"cidr": cidr, **({"except": list(left_out)} if left_out else {})}}


def admits(*peers: Document, **more: object) -> Change:
    """A policy with one rule."""
    return named("some", {"from": list(peers), **more})


def direct(document: Document) -> None:
    """The pod itself is the target."""
    listener = document["listeners"]["lb-lab00001"][0]
    place = listener if listener.get("Targets") else listener["Rules"][0]
    place["Targets"] = [{"Type": "ENI", "PrivateIpAddresses": ["10.0.36.12"], "Port": 80, "Weight": 10}]


def missing(answer: Trace) -> list[FactCode]:
    return [each.code for each in answer.gaps]


def test_an_enforced_policy_denies_what_no_rule_lets_in(listener: str) -> None:
    answer = ask(lab(ENFORCED, policy(), listener=listener))

    assert (answer.verdict, answer.reason, blocked_at(answer)) == ("unreachable", DENIED, [("pod", DENIED)])
    assert answer.blockers[0].policies == ("shop/deny",)
    assert health(answer) == ["Dead"]
    assert "POLICY_DENIES_SILENTLY" in codes(answer)


def test_it_is_named_beside_the_group_that_comes_first() -> None:
    answer = ask(lab(ENFORCED, policy(), group_3_closed))

    assert [(each.reason, each.hypothetical) for each in answer.blockers] == [
        ("NO_RULE_MATCHED", False),
        (DENIED, True),
    ]
    assert answer.reason == "POD_GROUP_DROPPED"


@pytest.mark.parametrize(
    "change",
    [
        admits(block(NODE_A)),
        admits(block("10.0.0.0/8", "10.0.36.0/24")),
        admits(block(NODE_A), ports=[{"port": 80}]),
        admits(block(NODE_A), ports=[{"port": 70, "endPort": 90, "protocol": "TCP"}]),
        together(policy(), admits(block(NODE_A))),
        named("none", policyTypes=["Egress"]),
        named("none", podSelector={"matchLabels": {"app": "db"}}),
        named("none", podSelector={"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}),
    ],
    ids=range(8),
)
def test_what_a_policy_lets_in_gets_in(change: Change) -> None:
    assert fate(ask(lab(ENFORCED, change))) == "reachable: 200"


@pytest.mark.parametrize(
    "change",
    [
        admits(block("10.0.0.0/8", "10.0.35.0/24")),
        admits(block(PUBLIC)),
        admits(block(NODE_A), ports=[{"port": 8080}]),
        admits(block(NODE_A), ports=[{"port": 80, "protocol": "UDP"}]),
        admits(block(NODE_A), ports=[{"port": "http"}]),
        admits({"podSelector": {}}),
        admits({"namespaceSelector": {}}),
        named("types", policyTypes=["Ingress", "Egress"]),
        named("selected", podSelector={"matchExpressions": [{"key": "app", "operator": "Exists"}]}),
    ],
    ids=range(9),
)
def test_what_it_does_not_let_in_is_dropped(change: Change) -> None:
    """The pod sees node-a, which is no pod."""
    assert ask(lab(ENFORCED, change)).reason == DENIED


def name_port(document: Document) -> None:
    for item in document["kubernetes"]:
        if item["kind"] == "Pod":
            item["spec"]["containers"][0]["ports"][0]["name"] = "http"


def test_a_port_by_its_name_is_the_pods_own() -> None:
    by_name = admits(block(NODE_A), ports=[{"port": "http"}])
    assert fate(ask(lab(ENFORCED, name_port, by_name))) == "reachable: 200"


def test_an_unread_pod_may_be_selected_or_name_the_port() -> None:
    def forget(document: Document) -> None:
        document["kubernetes"] = [each for each in document["kubernetes"] if each["kind"] != "Pod"]

    assert missing(ask(lab(ENFORCED, policy(), forget))) == [FactCode.NETWORK_POLICY]
    assert ask(lab(ENFORCED, policy(podSelector={"matchLabels": {"app": "db"}}), forget)).verdict == "undetermined"


# Which source a policy sees


def test_under_local_and_at_a_pod_that_is_a_target_it_sees_the_client(listener: str) -> None:
    for change in (together(local_policy, pod_on_node_a), together(direct, FOR_CLIENTS)):
        denied = ask(lab(ENFORCED, change, admits(block(NODE_A)), listener=listener))
        let_in = ask(lab(ENFORCED, change, admits(block(PUBLIC)), listener=listener))

        assert (denied.reason, str(hop(denied, "pod").checks[-1].peer)) == (DENIED, CLIENT)
        assert let_in.verdict == "reachable"


def test_on_the_forwarding_node_nobody_says_whether_it_sees_the_client_or_the_node() -> None:
    """Kubernetes leaves open whether sources are rewritten before policies see them; its own node is always let in."""
    assert missing(ask(lab(ENFORCED, pod_on_node_a, policy()))) == [FactCode.POLICY_BEFORE_SNAT]
    assert fate(ask(lab(ENFORCED, pod_on_node_a, admits(block(PUBLIC))))) == "reachable: 200"


def test_probes_of_a_pod_that_is_a_target_are_asked_about_too() -> None:
    def state(*changes: Change) -> list[str]:
        return health(ask(lab(ENFORCED, direct, FOR_CLIENTS, *changes)))

    assert state(admits(block(PUBLIC))) == ["Dead"]
    assert state(admits(block(PUBLIC), block("100.64.0.0/10"))) == ["Alive"]
    assert state(admits(block("100.64.0.0/11"), block("100.96.0.0/11"))) == ["Alive"]  # together they hold it
    assert state(admits(block("100.64.0.0/11"))) == ["Unknown"]


# What is not known


def test_where_not_all_policies_were_read_another_may_let_in_or_isolate() -> None:
    partly = add_on(enforced=True, complete=False)

    assert missing(ask(lab(partly))) == [FactCode.NETWORK_POLICIES]
    assert missing(ask(lab(partly, policy()))) == [FactCode.NETWORK_POLICIES]
    assert fate(ask(lab(partly, admits(block(NODE_A))))) == "reachable: 200"
    assert ask(lab(partly, group_2_closed)).reason == "TARGET_GROUP_DROPPED"


def test_a_private_client_may_be_a_pod_that_was_not_read() -> None:
    def some_pods(document: Document) -> None:
        document["complete"]["kubernetes"].remove("Pod")

    opened = ingress("sg-clb00001", "ACCEPT TCP 10.0.0.0/8 80"), ingress(POD_GROUP, "ACCEPT TCP 10.0.0.0/8 80")
    asked = lab(ENFORCED, direct, private_clb, *opened, admits({"podSelector": {}}))
    partly = lab(ENFORCED, direct, private_clb, *opened, some_pods, admits({"podSelector": {}}))

    assert ask(asked, client="10.0.99.9").reason == DENIED
    assert missing(ask(partly, client="10.0.99.9")) == [FactCode.POLICY_ADMITS]
    denied = ask(lab(ENFORCED, direct, FOR_CLIENTS, some_pods, admits({"podSelector": {}})))
    assert (denied.reason, "PUBLIC_ADDRESS_IS_NO_POD" in codes(denied)) == (DENIED, True)


def test_a_policy_of_which_only_the_name_is_known_is_a_doubt() -> None:
    def forget(document: Document) -> None:
        del document["kubernetes"][-1]["spec"]

    assert missing(ask(lab(ENFORCED, policy(), forget))) == [FactCode.POLICY_SELECTS]


@pytest.mark.parametrize("change", [add_on(enforced=None), lambda document: None])
def test_where_nothing_tells_whether_it_is_enforced_it_is_a_doubt_as_before(change: Change) -> None:
    assert missing(ask(lab(change, policy()))) == [FactCode.NETWORK_POLICY]
    assert fate(ask(lab(change))) == "reachable: 200"


def test_the_add_on_runs_on_no_super_node() -> None:
    def move(document: Document) -> None:
        for item in document["kubernetes"]:
            for each in item.get("endpoints", ()):
                each["nodeName"] = "eklet-1"

    assert missing(ask(lab(ENFORCED, move, policy()))) == [FactCode.NETWORK_POLICY]


FORGETFUL = {
    "denied": policy(),
    "let in": admits(block(NODE_A), ports=[{"port": 80}]),
    "of two one": together(policy(), admits(block("10.0.0.0/8", "10.0.36.0/24"))),
    "not selected": named("none", podSelector={"matchLabels": {"app": "db"}}),
    "of what goes out": named("none", policyTypes=["Egress"]),
    "at the pod": together(direct, FOR_CLIENTS, admits(block(PUBLIC), block("100.64.0.0/10"))),
    "named port": together(name_port, admits(block(NODE_A), ports=[{"port": "http"}])),
    "by selectors": together(direct, FOR_CLIENTS, admits({"podSelector": {}, "namespaceSelector": {}})),
}


@pytest.mark.parametrize("enforced", [True, False])
@pytest.mark.parametrize("change", FORGETFUL.values(), ids=FORGETFUL)
def test_no_fact_is_forgotten_into_another_answer(change: Change, *, enforced: bool) -> None:
    document, question = lab(add_on(enforced=enforced), change).to_dict(), {"client": CLIENT, "service": SERVICE}

    assert ask(lab(add_on(enforced=enforced), change)).verdict != "undetermined"
    forgotten = [(place, null) for place in places(document) for null in (False, True)]
    some = forgotten[:: how_many(30, thorough=4, long=1)]
    assert {broken_by(document, question, place, null=null) for place, null in some} == {None}


# Where nothing enforces it


def test_a_policy_that_nothing_enforces_is_ignored_and_said_so() -> None:
    answer = ask(lab(NOT_ENFORCED, policy()))

    assert fate(answer) == "reachable: 200"
    assert [(each.code, each.where) for each in answer.findings] == [("NETWORK_POLICY_IGNORED", "shop/deny")]
    assert ask(lab(NOT_ENFORCED, policy(podSelector={"matchLabels": {"app": "db"}}))).findings == ()


# The sets of clients


@pytest.mark.parametrize("change", [ENFORCED, add_on(enforced=None)])
def test_reach_cuts_clients_where_a_policy_tells_them_apart(change: Change) -> None:
    snapshot = lab(change, direct, FOR_CLIENTS, admits(block("203.0.113.0/25", "203.0.113.64/26")))
    (found,) = reach(snapshot, Question(service=SERVICE))

    assert [each.sources for each in found.classes if each.trace.verdict == "reachable"] == [("203.0.113.0/26",)]
    for each in found.classes:
        for source in each.sources[:3]:
            client = source.split("/")[0]
            if client not in ("0.0.0.0", "224.0.0.0"):
                assert ask(snapshot, client=client).verdict == each.trace.verdict, client


def test_reach_does_not_cut_clients_whom_the_node_hides() -> None:
    snapshot = lab(
        ENFORCED, admits(block(NODE_A), block("203.0.113.0/25")), ingress(NODE_GROUP, "ACCEPT TCP 0.0.0.0/0 ALL")
    )
    (found,) = reach(snapshot, Question(service=SERVICE))
    assert [each.sources for each in found.classes if each.trace.verdict == "reachable"] == [(PUBLIC,)]
