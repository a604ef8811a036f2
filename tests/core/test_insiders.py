"""Clients and endpoints that are nodes or pods of the cluster, are surely not, or may be."""

from ipaddress import ip_address, ip_network

import pytest
from builders import ask, blocked_at, lab
from changes import EVERYTHING, Document, ingress, together
from changes_cluster import endpoint_slice, local_policy, objects, service

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, POD_GROUP
from drilllib.core.drills.variants import IPV6_CLIENT, over_ipv6
from drilllib.core.facts import FactCode
from drilllib.core.reach.clients import reach
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.verdict import Verdict

everything_open = together(*(ingress(group, f"ACCEPT {EVERYTHING}") for group in (CLB_GROUP, NODE_GROUP, POD_GROUP)))
NEARBY, FAR, MACHINE = "10.0.36.50", "10.200.0.7", "10.9.0.5"


def private(document: Document) -> None:
    document["load_balancers"][0] |= {"LoadBalancerType": "INTERNAL", "LoadBalancerVips": ["10.0.40.9"]}
    service(document)["status"] = {"loadBalancer": {"ingress": [{"ip": "10.0.40.9"}]}}


def not_complete(document: Document) -> None:
    document["complete"] = {"kubernetes": ["Service", "Node", "NetworkPolicy"]}


def no_subnets(document: Document) -> None:
    del document["subnets"]


def machine(document: Document) -> None:
    """A CVM that is no Node, with an interface of its own besides."""
    there = {"InstanceId": "ins-vm000001", "PrivateIpAddresses": [MACHINE], "SecurityGroupIds": ["sg-vm"]}
    document["instances"].append({**there, "InstanceState": "RUNNING"})
    document["security_groups"]["sg-vm"] = {"SecurityGroupPolicySet": {"Ingress": [], "Egress": []}}
    document["network_interfaces"].append(
        {
            "NetworkInterfaceId": "eni-vm000001",
            "PrivateIpAddressSet": [{"PrivateIpAddress": "10.9.0.6"}],
            "Attachment": {"InstanceId": "ins-vm000001"},
            "GroupSet": ["sg-vm"],
        }
    )


def nodes_without_addresses(document: Document) -> None:
    next(objects(document, "Node"))["status"].pop("addresses")


def on_the_machine(document: Document) -> None:
    """An endpoint that somebody wrote by hand."""
    endpoint_slice(document)["endpoints"] = [{"addresses": [MACHINE], "conditions": {"ready": True}}]


def asked(*changes: object, client: str = NEARBY) -> Trace:
    return ask(lab(everything_open, private, *changes, listener="TCP"), client=client)


def is_told(answer: Trace) -> str:
    (gap,) = answer.gaps or (None,)
    return gap.code.name if gap else str(answer.verdict)


def test_where_not_every_pod_is_known_a_client_in_a_subnet_of_the_snapshot_may_be_one() -> None:
    assert is_told(asked()) == "reachable"
    assert is_told(asked(not_complete)) == "CLIENT_PLACE"
    assert is_told(asked(not_complete, client=FAR)) == "reachable"


def test_where_no_subnet_was_read_every_private_client_may_be_one_and_no_public_one() -> None:
    assert is_told(asked(not_complete, no_subnets, client=FAR)) == "CLIENT_PLACE"
    assert ask(lab(everything_open, not_complete, no_subnets)).verdict == "reachable"


def test_objects_that_were_not_read_are_complete_for_nothing() -> None:
    def not_read(document: Document) -> None:
        document["kubernetes"] = None

    answer = ask(lab(everything_open, private, not_read, listener="TCP"), client=NEARBY, vip="10.0.40.9")

    assert FactCode.CLIENT_PLACE in [gap.code for gap in answer.gaps]


def test_an_ipv6_client_may_be_one_in_the_vpc_of_those_that_are_known() -> None:
    def asked(client: str) -> str:
        return is_told(ask(lab(everything_open, over_ipv6, not_complete, no_subnets), client=client))

    (pod,) = endpoint_slice(lab(over_ipv6).to_dict())["endpoints"][0]["addresses"]
    nearby = str(ip_address(pod) + 0x99)

    assert asked(nearby) == "CLIENT_PLACE"
    assert asked(IPV6_CLIENT) != "CLIENT_PLACE"


@pytest.mark.parametrize("address", [MACHINE, "10.9.0.6"])
def test_a_machine_that_is_no_node_is_a_client_like_any_other(address: str) -> None:
    assert is_told(asked(machine, client=address)) == "reachable"


def test_a_pods_host_is_a_node_even_where_the_pod_does_not_name_it() -> None:
    def hosts_a_pod(document: Document) -> None:
        pod = next(objects(document, "Pod"))
        pod["spec"].pop("nodeName")
        pod["status"]["hostIP"] = FAR

    assert is_told(asked(client=FAR)) == "reachable"
    assert is_told(asked(hosts_a_pod, client=FAR)) == "NODE_AT"  # it asks on its own node, which has no name


@pytest.mark.parametrize("unknown", [not_complete, nodes_without_addresses])
@pytest.mark.parametrize("address", [MACHINE, "10.9.0.6"])
def test_where_not_every_node_and_pod_is_known_it_may_be_one(unknown: object, address: str) -> None:
    assert is_told(asked(machine, unknown, client=address)) == "CLIENT_PLACE"


def test_an_address_that_somebody_wrote_into_a_slice_is_no_pod_where_all_are_known() -> None:
    assert is_told(asked(on_the_machine, client=MACHINE)) == "NODE_OF_POD"


def test_reach_tells_them_apart_as_a_trace_does() -> None:
    case = lab(everything_open, private, not_complete, machine, listener="TCP")
    (answer,) = reach(case, Question(service="shop/web"))
    unknown = [each for each in answer.classes if each.trace.verdict is Verdict.UNDETERMINED]
    blocks = {ip_network(each) for one in unknown for each in one.sources}

    for client in (NEARBY, "10.0.35.200", FAR):
        in_class = any(ip_address(client) in each for each in blocks)
        assert in_class == (FactCode.CLIENT_PLACE in [gap.code for gap in ask(case, client=client).gaps]), client


def test_an_endpoint_on_a_machine_that_is_no_node_is_on_none_of_the_nodes() -> None:
    """So its groups see the node that forwards, which they do not know."""
    answer = ask(lab(everything_open, machine, on_the_machine))

    assert (answer.verdict, blocked_at(answer)) == ("unreachable", [("pod", "NO_RULE_MATCHED")])


def test_under_local_it_is_not_here() -> None:
    answer = ask(lab(everything_open, machine, on_the_machine, local_policy))

    assert (answer.verdict, answer.reason) == ("unreachable", "NO_LOCAL_ENDPOINT")


def test_where_its_machine_was_not_read_nobody_knows_where_it_is() -> None:
    assert is_told(ask(lab(everything_open, on_the_machine, local_policy))) == "NODE_OF_POD"
