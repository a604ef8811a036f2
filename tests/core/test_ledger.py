"""What the engine does not understand about an object on the path is a doubt that names object, field and value."""

from typing import Any

import pytest
from builders import ask, health, lab
from changes import BALANCER, Change, Document, balancer, ingress, observed, probe, second_host, second_target
from changes_cluster import eni_groups, local_policy, node_groups, objects, pod_on_node_a, second_pod
from ledger_places import KINDS, NOT_ON_THE_PATH, PLACES, limits, odd, put

from drilllib.core.drills.default_lab import CLB_GROUP, CLIENT
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.variants import IPV6_CLIENT, over_ipv6
from drilllib.core.snapshot.ledger.tables import Fine, doubts_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.errors import InvalidInputError, LabStateError
from drilllib.labs.netns.plan import plan_of

SEEN_ELSEWHERE = (("NetworkInterface", "Ipv6AddressSet[].State"),)  # the default lab speaks IPv4
LIMITS = [pytest.param(*each, id=f"{each[0]} {each[1]}") for each in limits()]

ON_THE_PATH = [each for each in LIMITS if each.values[0] != "HealthCheck" and each.values[:2] not in SEEN_ELSEWHERE]


def healthy(kind: str, path: str, value: Any) -> Trace:
    """The answer of the healthy lab with a value in that field of its object of that kind."""
    document = open_fault("healthy").to_dict()
    put(PLACES[kind][0](document), path, value)
    return ask(Snapshot(document))


def gaps(answer: Trace) -> str:
    return "; ".join(map(str, answer.gaps))


def test_every_table_is_met_by_a_case() -> None:
    """A table that no answer asks would promise what the engine does not do."""
    assert {*PLACES, *NOT_ON_THE_PATH} == {*KINDS}


@pytest.mark.parametrize(("kind", "path", "values"), ON_THE_PATH)
def test_an_odd_value_leaves_the_answer_undetermined(kind: str, path: str, values: Fine) -> None:
    """It may stop the request, or send it elsewhere; the answer names the object, the field and the value."""
    value = odd(values)
    answer = healthy(kind, path, value)

    assert answer.verdict == "undetermined"
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    assert f"{path} {shown} of {PLACES[kind][1]} does" in gaps(answer)


@pytest.mark.parametrize(("kind", "path", "values"), LIMITS)
@pytest.mark.parametrize("value", [None, "", [], {}], ids=["null", "empty text", "empty list", "empty object"])
def test_an_empty_value_is_no_doubt(kind: str, path: str, values: Fine, value: object) -> None:
    """The vendor's API answers null, an empty text or an empty list for what is not set; a label may be set to it."""
    document = open_fault("healthy").to_dict()
    item = PLACES[kind][0](document)
    put(item, path, value)

    counts = values.present and value == ""  # labels are texts
    assert bool(doubts_of(KINDS[kind], item, "it")) is counts


@pytest.mark.parametrize(("kind", "path", "values"), LIMITS)
def test_a_value_that_is_fine_is_no_doubt(kind: str, path: str, values: Fine) -> None:
    """The vendor's in any case: its own examples write cvm and CVM."""
    for value in ("odd",) if values.others else values.values:
        for each in (value, [value], value.lower() if isinstance(value, str) and not values.exact else value):
            item: Document = {}
            put(item, path, each)
            assert doubts_of(KINDS[kind], item, "it") == ()


@pytest.mark.parametrize("kind", [name for name in PLACES if name != "HealthCheck"])
def test_a_field_that_no_table_names_leaves_the_answer_undetermined(kind: str) -> None:
    """A field that came after this version may mean anything."""
    answer = healthy(kind, "Tomorrow", {"Blocks": True})

    assert answer.verdict == "undetermined"
    assert f"of {PLACES[kind][1]} does" in gaps(answer)
    assert "the unknown field" in gaps(answer)
    assert "Tomorrow" in gaps(answer)


@pytest.mark.parametrize("kind", [name for name in PLACES if name != "HealthCheck"])
def test_a_field_that_no_table_names_is_no_doubt_where_it_is_empty(kind: str) -> None:
    """It says nothing, whatever it is."""
    assert healthy(kind, "Tomorrow", {"Blocks": None, "By": [""]}).verdict == "reachable"


@pytest.mark.parametrize(
    ("kind", "path"),
    [("LoadBalancer", "Isolation"), ("Listener", "Scheduler"), ("Service", "spec.sessionAffinity"), ("Node", "Odd")],
)
def test_a_client_who_is_stopped_before_meets_silence_all_the_same(kind: str, path: str) -> None:
    """The CLB's own groups come first."""
    document = lab(ingress(CLB_GROUP)).to_dict()
    put(PLACES[kind][0](document), path, "odd")

    answer = ask(Snapshot(document))

    assert (answer.verdict, answer.reason) == ("unreachable", "CLB_GROUP_DROPPED")


def test_a_rule_that_takes_no_request_of_ours_is_not_asked() -> None:
    """Only the forwarding rule that is picked counts; a lab of real packets plays none that is not understood."""

    def redirect(document: Document) -> None:
        document["listeners"][BALANCER][0]["Rules"][1]["WafDomainId"] = "waf-1"

    snapshot = lab(second_host("other.test"), redirect)

    assert ask(snapshot).verdict == "reachable"
    assert ask(snapshot, host="other.test").verdict == "undetermined"
    with pytest.raises(LabStateError, match=r"what WafDomainId 'waf-1' of "):
        plan_of(snapshot, CLIENT)


@pytest.mark.parametrize(
    ("kind", "namespace", "verdict"),
    [
        ("CiliumNetworkPolicy", "shop", "undetermined"),
        ("CiliumNetworkPolicy", "other", "reachable"),
        ("AdminNetworkPolicy", None, "undetermined"),
        ("ConfigMap", "shop", "reachable"),
    ],
)
def test_an_object_that_filters_and_is_not_read_is_a_doubt(kind: str, namespace: str | None, verdict: str) -> None:
    """Of a whole cluster or of the pod's namespace; other objects have no say."""

    def added(document: Document) -> None:
        document["kubernetes"].append({"kind": kind, "metadata": {"name": "deny", "namespace": namespace}})

    assert ask(lab(added)).verdict == verdict


def test_json_says_why_a_fact_is_missing() -> None:
    """Who reads a gap must know whether to fetch something or to look at what is there."""
    answer = ask(lab(balancer(Isolation=1, Tomorrow=1))).to_dict()

    assert [each["why"] for each in answer["gaps"]] == ["not understood"]
    assert [each["why"] for each in ask(lab(balancer(SecureGroups=None))).to_dict()["gaps"]] == ["not in the snapshot"]


def test_objects_off_the_path_are_not_asked() -> None:
    """An instance that no target stands for may be stopped; a Service with other NodePorts may be odd."""
    document = open_fault("healthy").to_dict()
    document["instances"].append({**document["instances"][0], "InstanceId": "ins-nodec001", "InstanceState": "STOPPED"})
    document["instances"][-1] |= {"PrivateIpAddresses": ["10.0.35.13"], "InstanceName": "node-c"}
    document["load_balancers"].append({"LoadBalancerId": "lb-other001", "LoadBalancerVips": [], "Isolation": 1})

    assert ask(Snapshot(document)).verdict == "reachable"


def test_a_pod_on_the_node_that_forwards_is_not_asked_for_its_interface() -> None:
    """The packet reaches it over a veth, so an interface that is just being made stands in nobody's way."""
    making: Change = lambda document: document["network_interfaces"][0].update(State="PENDING")  # noqa: E731  with its type beside it

    assert ask(lab(pod_on_node_a, making)).verdict == "reachable"
    assert ask(lab(making)).verdict == "undetermined"


@pytest.mark.parametrize("subnet", ["192.0.2.0/24", "10.0.36.0/24"], ids=["of the VIP", "of the pod"])
def test_a_network_acl_of_any_subnet_on_the_path_is_a_doubt(subnet: str) -> None:
    """It filters whole subnets; the path begins at the VIP's, where that is a private one, and ends at the pod's."""
    document = open_fault("healthy").to_dict()
    document["subnets"] = [{"SubnetId": "subnet-acl00001", "CidrBlock": subnet, "NetworkAclId": "acl-11112222"}]

    answer = ask(Snapshot(document))

    assert answer.verdict == "undetermined"
    told = "what NetworkAclId 'acl-11112222' of subnet-acl00001 does (see tccli vpc DescribeNetworkAcls)"
    assert told in gaps(answer)


@pytest.mark.parametrize("place", ["TargetGroup", "TargetGroupList"])
def test_a_target_group_is_a_doubt_that_names_the_action_which_lists_its_targets(place: str) -> None:
    document = open_fault("healthy").to_dict()
    group = {"TargetGroupId": "lbtg-11112222"}
    document["listeners"]["lb-lab00001"][0][place] = group if place == "TargetGroup" else [group]

    answer = ask(Snapshot(document))

    assert (answer.verdict, answer.reason) == ("undetermined", "NOT_MODELLED")
    assert "'lbtg-11112222'" in gaps(answer)
    assert "does (see tccli clb DescribeTargetGroupInstances)" in gaps(answer)


@pytest.mark.parametrize("mode", ["tke-route-eni", "tke-direct-eni"])
@pytest.mark.parametrize("asked", ["tke-route-eni", "tke-direct-eni"])
def test_a_pod_that_asks_for_another_kind_of_interface_is_a_doubt(mode: str, asked: str) -> None:
    """A cluster has pods of both kinds; which of the two a packet crosses on its own node is not the same."""

    def annotated(document: Document) -> None:
        document["cluster"]["VpcCniType"] = mode
        pod = next(objects(document, "Pod"))
        pod["metadata"]["annotations"] = {"tke.cloud.tencent.com/networks": asked}

    answer = ask(lab(annotated))

    assert answer.verdict == ("reachable" if asked == mode else "undetermined")
    assert (f"[tke.cloud.tencent.com/networks] '{asked}' of Pod shop/web-1 does" in gaps(answer)) is (asked != mode)


def test_only_the_address_that_is_asked_for_counts_on_a_shared_interface() -> None:
    """An interface carries the addresses of many pods; another one's may just be moving."""
    document = open_fault("healthy").to_dict()
    (interface,) = document["network_interfaces"]
    interface["PrivateIpAddressSet"].append({"PrivateIpAddress": "10.0.36.99", "State": "MIGRATING"})

    assert ask(Snapshot(document)).verdict == "reachable"


@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
def test_probes_that_are_not_understood_leave_health_unknown(listener: str) -> None:
    """One target takes all requests, whatever its health: the answer stands."""
    answer = ask(lab(probe(CheckType="CUSTOM"), listener=listener))

    assert (answer.verdict, health(answer)) == ("reachable", ["Unknown"])


def test_where_health_decides_the_probe_is_named() -> None:
    """Of two targets one answers; whether the other is asked at all, its probes tell."""
    silent = second_target, node_groups("b", "sg-none0001"), ingress("sg-none0001")
    plain, odd = (ask(lab(*silent, *more, listener="TCP")) for more in ((), (probe(CheckType="CUSTOM"),)))

    assert plain.verdict == "intermittent"
    assert odd.verdict == "undetermined"
    assert "what HealthCheck.CheckType 'CUSTOM' of lbl-lab00001 does" in gaps(odd)


def test_a_health_answer_with_a_new_field_tells_nothing() -> None:
    """What the CLB observed is believed only as far as it is understood."""
    silent = second_target, node_groups("b", "sg-none0001"), ingress("sg-none0001"), observed("Alive", "Dead")

    def new_field(document: Document) -> None:
        document["target_health"][0]["Listeners"][0]["Rules"][0]["Targets"][1]["Tomorrow"] = True

    assert ask(lab(*silent, listener="TCP")).verdict == "reachable"
    answer = ask(lab(*silent, new_field, listener="TCP"))
    assert answer.verdict == "undetermined"
    assert "Tomorrow" in gaps(answer)


def test_a_doubt_about_one_of_two_pods_leaves_the_other_certain() -> None:
    """Doubts belong to the hop that they are about."""

    def ended(document: Document) -> None:
        pods = [each for each in document["kubernetes"] if each["kind"] == "Pod"]
        pods[-1]["status"]["phase"] = "Failed"

    answer = ask(lab(second_pod, eni_groups(), ended))

    ends = {path.endpoint: path.outcome for path in answer.paths}
    assert sorted(ends.values()) == ["delivered", "undetermined"]


def test_the_state_of_an_ipv6_address_is_asked_like_that_of_another() -> None:
    """Where the packet goes to it."""

    def migrating(document: Document) -> None:
        document["network_interfaces"][0]["Ipv6AddressSet"][0]["State"] = "MIGRATING"

    answer = ask(lab(over_ipv6, migrating), client=IPV6_CLIENT)

    assert answer.verdict == "undetermined"
    assert "what Ipv6AddressSet[].State 'MIGRATING' of eni-podsb001 does" in gaps(answer)


@pytest.mark.parametrize("changes", [(), (local_policy, pod_on_node_a)], ids=["Cluster", "Local"])
@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
def test_the_healthy_labs_have_no_doubts(changes: tuple[Change, ...], listener: str) -> None:
    """Their objects are as short as can be, and each field of them is known."""
    assert ask(lab(*changes, listener=listener)).gaps == ()


@pytest.mark.parametrize("state", ["STOPPED", "stopped", "Terminated"])
def test_a_machine_that_is_off_is_off_in_any_case(state: str) -> None:
    """What the tables take for the same, the engine takes for the same."""
    answer = healthy("Instance", "InstanceState", state)

    assert (answer.verdict, answer.reason) == ("unreachable", "INSTANCE_NOT_RUNNING")


@pytest.mark.parametrize("depth", [101, 500, 100_000])
def test_a_document_that_is_nested_too_deeply_is_refused(depth: int) -> None:
    """A field that nobody reads is copied all the same."""
    document, value = open_fault("healthy").to_dict(), []
    for _ in range(depth):
        value = [value]
    document["load_balancers"][0]["Tomorrow"] = value

    with pytest.raises(InvalidInputError, match="nested deeper than 100 levels"):
        Snapshot(document)
