"""Connections from any source to any door: the eleven scenarios, and the cases that users ask about."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, NamedTuple

import pytest

from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.drills.default_lab import EVERYTHING, VIP, default_lab, policy
from drilllib.core.drills.networks import GROUPS, MYSQL, NODE_PORT, PORT, SUPER_NODES, WEB, two_workloads
from drilllib.core.drills.variants import direct_access
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.codes import Assumption, HopKind, Reason
from drilllib.core.trace.path import SymptomKind
from drilllib.core.trace.verdict import Verdict

Document = dict[str, Any]
WEB_POD, MYSQL_POD, SERVICE = f"pod/{WEB}", f"pod/{MYSQL}", "svc/db/mysql"


def ask(document: Document, source: str, door: str, port: int | None = PORT, protocol: str | None = None) -> Trace:
    return trace(Snapshot(document), Connection(client=source, door=door, port=port, protocol=protocol))


def write(document: Document, group: str, direction: str, *rules: Document) -> None:
    numbered = [{**each, "PolicyIndex": place} for place, each in enumerate(rules)]
    document["security_groups"][group]["SecurityGroupPolicySet"][direction] = numbered


def drop(peer: str, port: int | str = PORT) -> Document:
    return policy("DROP", "TCP", peer, str(port))


def objects(document: Document, kind: str) -> list[Document]:
    return [item for item in document["kubernetes"] if item["kind"] == kind]


class Row(NamedTuple):
    """A scenario: its world, who asks whom, the address that each end sees, and what each end's list belongs to."""

    make: Callable[[], Document]
    source: str
    sees: str  # the address that the far end is asked about
    door: str  # the address that the near end is asked about
    out: str  # the group of the near end
    into: str
    kind: HopKind
    name: str
    dropped: Reason


def _in_vpc() -> Document:
    return two_workloads()


def _routed() -> Document:
    return two_workloads("GlobalRouter")


def _super() -> Document:
    return two_workloads(on=SUPER_NODES)


def _native_to_super() -> Document:
    return two_workloads(on=("node-a", SUPER_NODES[0]))


NODE, POD = HopKind.NODE, HopKind.POD
ROWS = {
    6: Row(
        *(_in_vpc, WEB_POD, "10.0.36.11", "10.0.36.12", GROUPS[WEB], GROUPS[MYSQL]),
        *(POD, WEB, Reason.POD_EGRESS_DROPPED),
    ),
    7: Row(
        *(_in_vpc, "node/node-a", "10.0.35.11", "10.0.36.12", GROUPS["node-a"], GROUPS[MYSQL]),
        *(NODE, "node-a", Reason.NODE_EGRESS_DROPPED),
    ),
    8: Row(
        *(_routed, WEB_POD, "172.17.0.11", "172.17.1.12", GROUPS["node-a"], GROUPS["node-b"]),
        *(POD, WEB, Reason.POD_EGRESS_DROPPED),
    ),
    9: Row(
        *(_routed, "node/node-a", "10.0.35.11", "172.17.1.12", GROUPS["node-a"], GROUPS["node-b"]),
        *(NODE, "node-a", Reason.NODE_EGRESS_DROPPED),
    ),
    10: Row(
        *(_super, WEB_POD, "10.0.36.11", "10.0.36.12", GROUPS[WEB], GROUPS[MYSQL]),
        *(POD, WEB, Reason.POD_EGRESS_DROPPED),
    ),
    11: Row(
        *(_native_to_super, "node/node-a", "10.0.35.11", "10.0.36.12", GROUPS["node-a"], GROUPS[MYSQL]),
        *(NODE, "node-a", Reason.NODE_EGRESS_DROPPED),
    ),
}


@pytest.mark.parametrize("number", ROWS)
def test_a_scenario_passes_both_lists_and_each_sees_the_address_of_the_matrix(number: int) -> None:
    row = ROWS[number]
    answer = ask(row.make(), row.source, MYSQL_POD)
    assert (answer.verdict, answer.symptom and answer.symptom.kind) == (Verdict.REACHABLE, SymptomKind.CONNECTED)
    [path] = answer.paths
    checks = [check for hop in path.hops for check in hop.checks]
    assert [(each.direction, str(each.peer), each.port, each.group) for each in checks] == [
        ("egress", row.door, PORT, row.out),
        ("ingress", row.sees, PORT, row.into),
    ]


@pytest.mark.parametrize("number", ROWS)
def test_the_first_group_of_a_scenario_closed_is_a_timeout_at_the_source(number: int) -> None:
    row, document = ROWS[number], ROWS[number].make()
    write(document, row.out, "Egress", drop(f"{row.door}/32"), EVERYTHING)
    answer = ask(document, row.source, MYSQL_POD)
    assert (answer.verdict, answer.reason) == (Verdict.UNREACHABLE, row.dropped)
    assert [each.kind for each in answer.symptoms] == [SymptomKind.CONNECT_TIMEOUT]
    blocker = answer.blockers[0]
    assert (blocker.hop, blocker.name) == (row.kind, row.name)
    assert blocker.check is not None
    assert (blocker.check.group, blocker.check.policy_index, blocker.check.direction) == (row.out, 0, "egress")


@pytest.mark.parametrize("number", ROWS)
def test_the_second_group_of_a_scenario_closed_to_the_source_is_a_timeout_at_the_pod(number: int) -> None:
    row, document = ROWS[number], ROWS[number].make()
    write(document, row.into, "Ingress", drop(f"{row.sees}/32"), policy("ACCEPT", "ALL", "0.0.0.0/0", "ALL"))
    answer = ask(document, row.source, MYSQL_POD)
    assert (answer.verdict, answer.reason) == (Verdict.UNREACHABLE, Reason.POD_GROUP_DROPPED)
    assert [each.kind for each in answer.symptoms] == [SymptomKind.CONNECT_TIMEOUT]
    [blocker] = answer.blockers
    assert blocker.check is not None
    assert (blocker.hop, blocker.name) == (POD, MYSQL)
    assert (blocker.check.group, blocker.check.policy_index) == (row.into, 0)


@pytest.mark.parametrize("number", [8, 9])
def test_under_globalrouter_a_pod_stands_behind_its_nodes_primary_interface(number: int) -> None:
    """And it is the pod's address that counts: a list which names the nodes alone keeps pods out [TKE-NET]."""
    row, document = ROWS[number], _routed()
    write(document, GROUPS["node-b"], "Ingress", policy("ACCEPT", "ALL", "10.0.35.0/24", "ALL"))
    answer = ask(document, row.source, MYSQL_POD)
    assert answer.paths[0].hops[-1].interface == "primary"
    assert (answer.verdict is Verdict.REACHABLE) == (number == 9)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_scenarios_behind_a_clb_in_vpc_cni_keep_their_old_answers(number: int) -> None:
    """Direct to a pod, non-direct, and direct to a pod on a super node: behind a TCP listener a drop is a timeout."""
    document = default_lab(listener="TCP")
    if number != 2:
        direct_access(document)
    if number == 3:
        objects(document, "Pod")[0]["spec"]["nodeName"] = SUPER_NODES[0]
        objects(document, "EndpointSlice")[0]["endpoints"][0]["nodeName"] = SUPER_NODES[0]
        document["complete"]["kubernetes"].remove("Node")
    asked = Question(client="203.0.113.10", service="shop/web")
    assert trace(Snapshot(document), asked).verdict is Verdict.REACHABLE
    closed = "sg-node0001" if number == 2 else "sg-pod00001"
    write(document, closed, "Ingress", drop("203.0.113.0/24", "ALL"))
    answer = trace(Snapshot(document), asked)
    assert answer.reason is (Reason.TARGET_GROUP_DROPPED if number == 2 else Reason.POD_GROUP_DROPPED)
    assert [each.kind for each in answer.symptoms] == [SymptomKind.CONNECT_TIMEOUT]


def test_on_one_node_neither_end_is_asked() -> None:
    """Shared interfaces: the packet goes from one veth to the other, whatever both groups say."""
    document = two_workloads(on=("node-a", "node-a"))
    write(document, GROUPS[WEB], "Egress", drop("0.0.0.0/0", "ALL"))
    write(document, GROUPS[MYSQL], "Ingress", drop("0.0.0.0/0", "ALL"))
    for source in (WEB_POD, "node/node-a"):
        answer = ask(document, source, MYSQL_POD)
        assert answer.verdict is Verdict.REACHABLE
        assert Assumption.LOCAL_DELIVERY_SKIPS_POD_ENI in answer.assumptions


def test_on_one_node_with_interfaces_of_their_own_a_drop_is_not_certain() -> None:
    document = two_workloads(mode="tke-direct-eni", on=("node-a", "node-a"))
    assert ask(document, WEB_POD, MYSQL_POD).verdict is Verdict.REACHABLE
    write(document, GROUPS[WEB], "Egress", drop("0.0.0.0/0", "ALL"))
    assert ask(document, WEB_POD, MYSQL_POD).verdict is Verdict.UNDETERMINED


def test_two_pods_on_one_super_node_are_filtered_by_both_groups() -> None:
    document = two_workloads(on=(SUPER_NODES[0], SUPER_NODES[0]))
    write(document, GROUPS[MYSQL], "Ingress", drop("0.0.0.0/0", "ALL"))
    answer = ask(document, WEB_POD, MYSQL_POD)
    assert (answer.verdict, answer.reason) == (Verdict.UNREACHABLE, Reason.POD_GROUP_DROPPED)
    assert Assumption.SUPER_NODE_IS_NO_MACHINE in answer.assumptions


def test_a_super_nodes_pod_whose_interface_was_not_read_is_undetermined() -> None:
    document = _native_to_super()
    document["network_interfaces"] = document["network_interfaces"][:1]
    answer = ask(document, "node/node-a", MYSQL_POD)
    assert (answer.verdict, [str(each) for each in answer.gaps]) == (
        Verdict.UNDETERMINED,
        [f"groups of {MYSQL} on the super node {SUPER_NODES[0]}"],
    )


def test_a_nodeport_asked_directly_passes_the_nodes_list_then_kube_proxy() -> None:
    """Row 5 without the CLB, in either network: the NodePort from outside, the pod's port from the other node."""
    for document, door in ((_in_vpc(), "node/node-a"), (_routed(), "node/node-a")):
        client, name = "10.9.0.9", "node-a"
        document["complete"]["kubernetes"] = ["EndpointSlice", "NetworkPolicy", "Node", "Pod", "Service"]
        write(document, GROUPS[name], "Ingress", policy("ACCEPT", "TCP", "10.9.0.0/16", str(NODE_PORT)))
        answer = ask(document, client, door, NODE_PORT)
        assert answer.verdict is Verdict.REACHABLE
        node, pod = answer.paths[0].hops
        assert [(str(each.peer), each.port) for each in node.checks] == [(client, NODE_PORT), (pod.address, PORT)]
        assert [str(each.peer) for each in pod.checks] == ["10.0.35.11"]  # the forwarding node
        write(document, GROUPS[name], "Ingress", drop("10.9.0.0/16", "ALL"))
        answer = ask(document, client, door, NODE_PORT)
        assert (answer.verdict, answer.reason) == (Verdict.UNREACHABLE, Reason.TARGET_GROUP_DROPPED)


def test_a_nodeport_nobody_has_is_refused_after_the_group_let_it_in() -> None:
    document = _in_vpc()
    write(document, GROUPS["node-b"], "Ingress", policy("ACCEPT", "TCP", "10.0.0.0/8", "ALL"))
    answer = ask(document, WEB_POD, "node/node-b", 30999)
    assert (answer.verdict, answer.reason) == (Verdict.UNREACHABLE, Reason.NODEPORT_NOT_IN_USE)
    assert [each.kind for each in answer.symptoms] == [SymptomKind.REFUSED]


def test_a_public_client_needs_a_public_address_of_the_node() -> None:
    document = _in_vpc()
    write(document, GROUPS["node-b"], "Ingress", policy("ACCEPT", "TCP", "203.0.113.0/24", str(NODE_PORT)))
    answer = ask(document, "203.0.113.10", "node/node-b", NODE_PORT)
    assert [str(each) for each in answer.gaps] == ["whether node-b has a public address"]
    assert answer.verdict is Verdict.UNDETERMINED
    document["instances"][1]["PublicIpAddresses"] = ["198.51.100.20"]
    assert ask(document, "203.0.113.10", "node/node-b", NODE_PORT).verdict is Verdict.REACHABLE


def test_a_pods_own_node_answers_on_its_nodeport_unasked() -> None:
    """GlobalRouter: no list on the way in; then the node's egress, and the other node sees this node's address."""
    document = _routed()
    write(document, GROUPS["node-a"], "Ingress", drop("0.0.0.0/0", "ALL"))
    answer = ask(document, WEB_POD, "node/node-a", NODE_PORT)
    assert answer.verdict is Verdict.REACHABLE
    assert [str(each.peer) for each in answer.paths[0].hops[-1].checks] == ["10.0.35.11"]


def test_under_local_nobody_knows_whether_kube_proxy_takes_a_pod_for_one_of_the_cluster() -> None:
    document = _in_vpc()
    objects(document, "Service")[0]["spec"]["externalTrafficPolicy"] = "Local"
    write(document, GROUPS["node-b"], "Ingress", policy("ACCEPT", "ALL", "10.0.0.0/8", "ALL"))
    answer = ask(document, WEB_POD, "node/node-b", NODE_PORT)
    assert (answer.verdict, answer.reason) == (Verdict.UNDETERMINED, Reason.NOT_MODELLED)
    assert ask(document, "node/node-a", "node/node-b", NODE_PORT).verdict is Verdict.REACHABLE


@pytest.mark.parametrize("make", [_in_vpc, _routed])
def test_a_clusterip_is_rewritten_on_the_pods_own_node_and_the_pod_keeps_its_address(
    make: Callable[[], Document],
) -> None:
    document = make()
    answer = ask(document, WEB_POD, SERVICE, None)
    node, out, pod = answer.paths[0].hops
    assert answer.verdict is Verdict.REACHABLE
    assert node.rewrites[0].after == f"{pod.address}:{PORT}"
    assert [(str(each.peer), each.port) for each in out.checks] == [(pod.address, PORT)]
    assert [str(each.peer) for each in pod.checks] == [out.address]


def test_a_pod_that_asks_itself_by_a_clusterip_is_masqueraded() -> None:
    kept = Assumption.CLUSTER_IP_KEEPS_POD_ADDRESS
    assert kept in ask(_in_vpc(), WEB_POD, SERVICE).assumptions
    answer = ask(_in_vpc(), MYSQL_POD, SERVICE)
    assert (answer.verdict, kept in answer.assumptions) == (Verdict.REACHABLE, False)


def test_a_clusterip_of_endpoints_that_are_not_ready_is_refused() -> None:
    document = _in_vpc()
    objects(document, "EndpointSlice")[0]["endpoints"][0]["conditions"] = {"ready": False, "serving": False}
    objects(document, "EndpointSlice")[0]["endpoints"][0]["conditions"]["terminating"] = False
    answer = ask(document, WEB_POD, SERVICE)
    assert (answer.verdict, answer.reason) == (Verdict.UNREACHABLE, Reason.NO_ENDPOINTS)
    assert [each.kind for each in answer.symptoms] == [SymptomKind.REFUSED]


def test_internal_traffic_policy_local_knows_the_nodes_own_endpoints_alone() -> None:
    document = _in_vpc()
    objects(document, "Service")[0]["spec"]["internalTrafficPolicy"] = "Local"
    assert ask(document, "node/node-a", SERVICE).reason is Reason.NO_LOCAL_ENDPOINT
    assert ask(document, "node/node-b", SERVICE).verdict is Verdict.REACHABLE


def test_a_clusterip_answers_nobody_outside() -> None:
    answer = ask(_in_vpc(), "203.0.113.10", SERVICE)
    assert (answer.verdict, answer.reason) == (Verdict.UNREACHABLE, Reason.CLUSTER_IP_IS_INTERNAL)


def test_a_pod_on_a_super_node_may_go_past_kube_proxy() -> None:
    assert ask(_super(), WEB_POD, SERVICE).reason is Reason.NOT_MODELLED


def test_egress_to_dns_over_udp_is_asked_about_the_dns_pod() -> None:
    """A case of users: names do not resolve in one namespace, because egress lists only TCP."""
    document = _in_vpc()
    service = objects(document, "Service")[0]
    service["spec"]["ports"] = [{"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53}]
    objects(document, "EndpointSlice")[0]["ports"] = [{"name": "dns", "port": 53, "protocol": "UDP"}]
    objects(document, "Pod")[1]["spec"]["containers"][0]["ports"] = [{"containerPort": 53, "protocol": "UDP"}]
    write(document, GROUPS[MYSQL], "Ingress", policy("ACCEPT", "UDP", "10.0.0.0/8", "53"))
    answer = ask(document, WEB_POD, SERVICE, 53, "UDP")
    assert [each.kind for each in answer.symptoms] == [SymptomKind.ANSWERED]
    write(document, GROUPS[WEB], "Egress", policy("ACCEPT", "TCP", "0.0.0.0/0", "ALL"))
    answer = ask(document, WEB_POD, SERVICE, 53, "UDP")
    assert (answer.verdict, answer.reason) == (Verdict.UNREACHABLE, Reason.POD_EGRESS_DROPPED)
    assert [each.kind for each in answer.symptoms] == [SymptomKind.NO_ANSWER]


def test_a_database_outside_closed_to_the_pods_egress_is_unreachable_and_else_honestly_undetermined() -> None:
    document = _in_vpc()
    answer = ask(document, WEB_POD, "198.51.100.7", 5432)
    assert (answer.verdict, [str(each) for each in answer.gaps]) == (
        Verdict.UNDETERMINED,
        ["how packets get to 198.51.100.7, and what answers there"],
    )
    write(document, GROUPS[WEB], "Egress", drop("198.51.100.0/24", 5432), EVERYTHING)
    answer = ask(document, WEB_POD, "198.51.100.7", 5432)
    assert (answer.verdict, answer.reason) == (Verdict.UNREACHABLE, Reason.POD_EGRESS_DROPPED)


def test_a_database_in_the_vpc_whose_interface_was_read_is_asked_about_the_pods_address() -> None:
    document = _in_vpc()
    database = {
        "NetworkInterfaceId": "eni-database1",
        "PrivateIpAddressSet": [{"PrivateIpAddress": "10.0.40.5"}],
        "GroupSet": ["sg-database1"],
    }
    document["network_interfaces"].append(database)
    document["security_groups"]["sg-database1"] = {"SecurityGroupPolicySet": {"Ingress": [], "Egress": []}}
    write(document, "sg-database1", "Ingress", policy("ACCEPT", "TCP", "10.0.35.0/24", "5432"))
    answer = ask(document, WEB_POD, "10.0.40.5", 5432)
    assert (answer.verdict, answer.reason) == (Verdict.UNREACHABLE, Reason.TARGET_GROUP_DROPPED)
    assert (answer.blockers[0].hop, answer.blockers[0].name) == (HopKind.OUTSIDE, "eni-database1")
    write(document, "sg-database1", "Ingress", policy("ACCEPT", "TCP", "10.0.36.0/24", "5432"))
    assert ask(document, WEB_POD, "10.0.40.5", 5432).verdict is Verdict.UNDETERMINED


def test_an_address_that_may_be_a_pod_nobody_read_makes_no_drop_certain() -> None:
    document = _in_vpc()
    del document["complete"]
    write(document, GROUPS[WEB], "Egress", drop("0.0.0.0/0", "ALL"))
    assert ask(document, WEB_POD, "10.0.35.99", 5432).verdict is Verdict.UNDETERMINED
    assert ask(document, WEB_POD, "198.51.100.7", 5432).verdict is Verdict.UNREACHABLE


def test_a_network_acl_on_the_way_is_a_named_gap() -> None:
    document = _in_vpc()
    document["subnets"].append({"SubnetId": "subnet-pods0001", "CidrBlock": "10.0.36.0/24", "NetworkAclId": "acl-1"})
    answer = ask(document, WEB_POD, MYSQL_POD)
    assert answer.verdict is Verdict.UNDETERMINED
    assert any("NetworkAclId" in str(each) for each in answer.gaps)


def test_a_client_inside_of_a_private_clb_is_answered_by_the_old_question() -> None:
    document = default_lab(listener="TCP")
    document["load_balancers"][0]["LoadBalancerType"] = "INTERNAL"
    old = trace(Snapshot(document), Question(client="10.0.36.12", vip=VIP, port=80, protocol="TCP"))
    by_door, of_the_listener = ask(document, "pod/shop/web-1", VIP, 80, "TCP"), Question(client="10.0.36.12", vip=VIP)
    by_name = trace(Snapshot(document), Question(client="pod/shop/web-1", vip=VIP, port=80, protocol="TCP"))
    assert old.to_dict() == by_door.to_dict() == by_name.to_dict()
    assert ask(document, "pod/shop/web-1", VIP, None).question == trace(Snapshot(document), of_the_listener).question


def test_an_egress_policy_of_the_pod_that_asks_may_stop_it() -> None:
    document = _in_vpc()
    spec = {"podSelector": {}, "policyTypes": ["Egress"], "egress": []}
    metadata = {"name": "shut", "namespace": "shop"}
    document["kubernetes"].append(
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}
    )
    answer = ask(document, WEB_POD, MYSQL_POD)
    assert (answer.verdict, "shop/shut" in str(answer.gaps[0])) == (Verdict.UNDETERMINED, True)


def test_names_and_addresses_ask_the_same() -> None:
    document = _in_vpc()
    named, written = ask(document, WEB_POD, MYSQL_POD), ask(document, "10.0.36.11", "10.0.36.12")
    assert [each.to_dict() for each in named.paths] == [each.to_dict() for each in written.paths]


def test_a_network_acl_around_the_source_alone_filters_its_replies() -> None:
    for document, source in ((_in_vpc(), "node/node-a"), (_routed(), WEB_POD)):
        document["subnets"] = [{"SubnetId": "subnet-a", "CidrBlock": "10.0.35.11/32", "NetworkAclId": "acl-1"}]
        assert ask(document, source, MYSQL_POD).verdict is Verdict.UNDETERMINED


def test_a_node_that_asks_itself_leaves_local_aside() -> None:
    document = _in_vpc()
    objects(document, "Service")[0]["spec"]["externalTrafficPolicy"] = "Local"
    assert ask(document, "node/node-a", "node/node-a", NODE_PORT).verdict is Verdict.REACHABLE
    assert ask(document, "node/node-b", "node/node-a", NODE_PORT).verdict is Verdict.UNREACHABLE


def test_on_one_node_the_far_ends_list_is_no_certain_stop_either() -> None:
    document = two_workloads(mode="tke-direct-eni", on=("node-a", "node-a"))
    write(document, GROUPS[MYSQL], "Ingress")
    assert ask(document, WEB_POD, MYSQL_POD).verdict is Verdict.UNDETERMINED


def test_of_two_pods_with_one_address_nobody_knows_which_is_asked() -> None:
    document = _in_vpc()
    twin = deepcopy(objects(document, "Pod")[1])
    twin["metadata"]["name"] = "mysql-1"
    document["kubernetes"].append(twin)
    answer = ask(document, WEB_POD, MYSQL_POD)
    assert [str(each) for each in answer.gaps] == ["which pod has the address 10.0.36.12"]


def test_a_super_node_itself_asks_and_answers_nothing_that_is_known() -> None:
    for source, door in ((f"node/{SUPER_NODES[0]}", MYSQL_POD), ("node/node-a", f"node/{SUPER_NODES[0]}")):
        assert ask(_super(), source, door).reason is Reason.NOT_MODELLED


def test_of_two_endpoints_one_closed_is_intermittent_and_undetermined_for_one_that_stays() -> None:
    document = _in_vpc()
    pod, endpoint = objects(document, "Pod")[1], objects(document, "EndpointSlice")[0]["endpoints"]
    document["kubernetes"].append(
        {**pod, "metadata": {"name": "mysql-1", "namespace": "db"}, "status": {**pod["status"], "podIP": "10.0.36.13"}}
    )
    endpoint.append({**endpoint[0], "addresses": ["10.0.36.13"], "targetRef": {"kind": "Pod", "name": "mysql-1"}})
    interface = document["network_interfaces"][1]
    interface["PrivateIpAddressSet"].append({"PrivateIpAddress": "10.0.36.13"})
    write(document, GROUPS[WEB], "Egress", drop("10.0.36.13/32"), EVERYTHING)
    answer = ask(document, WEB_POD, SERVICE)
    assert (answer.verdict, answer.reason) == (Verdict.INTERMITTENT, Reason.SOME_PATHS_FAIL)
    objects(document, "Service")[0]["spec"]["sessionAffinity"] = "ClientIP"
    answer = ask(document, WEB_POD, SERVICE)
    assert (answer.verdict, len(answer.gaps)) == (Verdict.UNDETERMINED, 1)


def test_a_pod_on_its_nodes_network_is_its_node_at_either_end() -> None:
    document = _in_vpc()
    pod = objects(document, "Pod")[1]
    pod["spec"] |= {"hostNetwork": True}
    pod["status"] = {"podIP": "10.0.35.12", "hostIP": "10.0.35.12"}
    write(document, GROUPS["node-b"], "Ingress", policy("ACCEPT", "TCP", "10.0.36.11/32", str(PORT)))
    answer = ask(document, WEB_POD, MYSQL_POD)
    assert (answer.verdict, [each.hop for each in answer.paths[0].hops]) == (Verdict.REACHABLE, [POD, NODE, POD])
    assert ask(document, MYSQL_POD, "pod/shop/web-1", 80).paths[0].hops[0].hop is NODE


def test_a_pod_under_global_router_leaves_the_vpc_with_its_nodes_address() -> None:
    found = trace(
        Snapshot(two_workloads("GlobalRouter")), Connection(client="pod/shop/web-1", door="192.88.99.1", port=443)
    )
    first = found.paths[0].hops[0]
    assert [(each.before, each.after) for each in first.rewrites] == [("172.17.0.11", "10.0.35.11")]
    assert Assumption.GLOBAL_ROUTER_MASQUERADES_OUTSIDE in found.assumptions
