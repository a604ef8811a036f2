"""What has to be read of machines, interfaces and the cluster, so that the groups on the path are known."""

import re
from collections.abc import Iterator

from drilllib.core.capture import calls
from drilllib.core.capture.asks import CloudCall, Wanted
from drilllib.core.capture.known import Item, Known, inside, items_in, text_of, texts_in
from drilllib.core.capture.kubernetes_reads import node_addresses, pod_addresses
from drilllib.core.snapshot.shapes import is_address

_INSTANCE_LABEL = "cloud.tencent.com/node-instance-id"
_INSTANCE, _VPC = re.compile(r"ins-[A-Za-z0-9]{1,32}"), re.compile(r"vpc-[A-Za-z0-9]{1,32}")
_CLUSTER = re.compile(r"cls-[A-Za-z0-9]{1,32}")


def machine_calls(known: Known, wanted: Wanted) -> Iterator[CloudCall]:
    """Machines by id: those of the nodes, and those that are targets; of nodes without one by address."""
    asked = known.asked("DescribeInstances", "InstanceIds") | known.ids("DescribeInstances")
    yield from calls.instances(instance_ids(known) - asked)
    yield from _halves(known)
    asked = known.asked("DescribeInstances", "private-ip-address")
    yield from calls.instances_at(_addresses_of_unnamed(known) - asked)
    cluster = cluster_id(known, wanted)
    if cluster and has_native_nodes(known):
        yield calls.native_machines(cluster)


def instance_ids(known: Known) -> set[str]:
    """The machines (ins-) that are nodes or targets."""
    named = {machine_of(node) for node in known.objects("Node")}
    named |= {text_of(each.get("InstanceId")) for each in targets(known)}
    return {each for each in named if _INSTANCE.fullmatch(each)}


def _addresses_of_unnamed(known: Known) -> set[str]:
    """The addresses of nodes that do not say which machine they are on."""
    nodes = [each for each in known.objects("Node") if not machine_of(each)]
    entries = (each for node in nodes for each in items_in(inside(node, "status", "addresses")))
    found = {text_of(each.get("address")) for each in entries if each.get("type") == "InternalIP"}
    read = {
        text for row in known.rows_in_files("DescribeInstances") for text in texts_in(row.get("PrivateIpAddresses"))
    }
    return {each for each in found - read if is_address(each) and ":" not in each}


def own_machines(known: Known) -> list[Item]:
    """The machines that were read and are nodes, by id or address, or targets; others only have the same groups."""
    ids, addresses = instance_ids(known), node_addresses(known)
    return [
        row
        for row in known.rows("DescribeInstances")
        if text_of(row.get("InstanceId")) in ids or addresses.intersection(texts_in(row.get("PrivateIpAddresses")))
    ]


def machine_of(node: Item) -> str:
    """The id of its machine: a label says it, and the end of `spec.providerID`; empty where neither does."""
    label = text_of(inside(node, "metadata", "labels", _INSTANCE_LABEL))
    return label or text_of(inside(node, "spec", "providerID")).rpartition("/")[2]


def has_native_nodes(known: Known) -> bool:
    """Is there a node on a machine that CVM does not list?"""
    return any(machine_of(node).startswith(("eks-", "np-")) for node in known.objects("Node"))


def _halves(known: Known) -> Iterator[CloudCall]:
    """One id that is not there refuses a whole call for machines: ask for each half of its ids."""
    for call, answer in known.calls("DescribeInstances"):
        ids = texts_in(call.request.get("InstanceIds")) if call else []
        if answer.refusal and answer.refusal.code.startswith(calls.FOREIGN_ID) and len(ids) > 1:
            yield from calls.instances(ids[: len(ids) // 2])
            yield from calls.instances(ids[len(ids) // 2 :])


def targets(known: Known) -> list[Item]:
    """Every target of the listeners."""
    listeners = known.rows("DescribeTargets")
    places = [*listeners, *(rule for each in listeners for rule in items_in(each.get("Rules")))]
    return [target for each in places for target in items_in(each.get("Targets"))]


def interface_calls(known: Known, wanted: Wanted) -> Iterator[CloudCall]:
    """The interfaces of pods, by their addresses: as many calls as there are hundreds of pods; and the subnets."""
    if not is_vpc_settled(known):
        return
    vpc = vpc_id(known)
    for call, answer in known.calls("DescribeNetworkInterfaces"):
        if call and answer.refusal and answer.refusal.code.startswith(calls.TOO_MANY):
            yield from calls.with_fewer_values(call)
    asked = (known.asked("DescribeNetworkInterfaces", name) for name in ("address-ip", "address-ipv6"))
    yield from calls.interfaces(vpc, addresses_of_pods(known, wanted).difference(_in_files(known), *asked))
    if vpc:
        yield calls.subnets(vpc)


def is_vpc_settled(known: Known) -> bool:
    """Is the VPC known, or has every machine been asked for, so that nothing more will tell it?"""
    asked = known.asked("DescribeInstances", "InstanceIds") | known.ids("DescribeInstances")
    return bool(vpc_id(known)) or (any(known.calls("DescribeTargets")) and instance_ids(known) <= asked)


def addresses_of_pods(known: Known, wanted: Wanted) -> set[str]:
    """The addresses of endpoints, and of pods that are targets themselves."""
    direct = [each for each in targets(known) if text_of(each.get("Type")).upper() == "ENI"]
    listed = {text for each in direct for text in texts_in(each.get("PrivateIpAddresses")) if is_address(text)}
    return (pod_addresses(known, wanted) | listed) - node_addresses(known)


def _in_files(known: Known) -> set[str]:
    """The addresses of interfaces that files have."""
    return {text for row in known.rows_in_files("DescribeNetworkInterfaces") for text in interface_addresses(row)}


def interface_addresses(row: Item) -> set[str]:
    """Every address of an interface."""
    found = {text_of(each.get("PrivateIpAddress")) for each in items_in(row.get("PrivateIpAddressSet"))}
    return found | {text_of(each.get("Address")) for each in items_in(row.get("Ipv6AddressSet"))}


def vpc_id(known: Known) -> str:
    """The VPC of the nodes' machines, else of the only cluster that was read; empty where nothing tells one."""
    nodes = {machine_of(node) for node in known.objects("Node")} - {""}
    rows = [each for each in own_machines(known) if not nodes or text_of(each.get("InstanceId")) in nodes]
    by_machines = {text_of(inside(each, "VirtualPrivateCloud", "VpcId")) for each in rows}
    clusters = known.rows("DescribeClusters")
    by_clusters = {text_of(inside(each, "ClusterNetworkSettings", "VpcId")) for each in clusters}
    for texts in (by_machines, by_clusters):
        found = {each for each in texts if _VPC.fullmatch(each)}
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


def cluster_calls(known: Known, wanted: Wanted) -> Iterator[CloudCall]:
    """
    The cluster, and what its add-ons are set to.

    A load balancer that TKE made has the cluster's id in a tag. Else the clusters in the VPC of the nodes are asked
    for.
    """
    cluster, vpc = cluster_id(known, wanted), vpc_id(known)
    if cluster:
        yield calls.clusters([cluster])
        yield from (calls.add_on(cluster, name) for name in calls.ADD_ONS)
    elif vpc and any(known.calls("DescribeLoadBalancers")):
        yield calls.clusters_in(vpc)


def cluster_id(known: Known, wanted: Wanted) -> str:
    """
    The cluster: as the user says, as the tag of a load balancer that TKE made says, else the only one in the VPC.

    The tag of another load balancer may be left from before, and only chooses among several. Empty where nothing tells.
    """
    if _CLUSTER.fullmatch(wanted.cluster):
        return wanted.cluster
    made, tagged = _tagged(known, made=True), _tagged(known, made=False)
    there = {each for each in known.ids("DescribeClusters") if _CLUSTER.fullmatch(each)}
    for found in (made, there & tagged, there):
        if len(found) == 1:
            return next(iter(found))
    return ""


def _tagged(known: Known, *, made: bool) -> set[str]:
    found = set()
    for row in known.rows("DescribeLoadBalancers"):
        tags = {text_of(each.get("TagKey")): text_of(each.get("TagValue")) for each in items_in(row.get("Tags"))}
        if not made or tags.get(calls.TAG_OF_MAKER) == "yes":
            found.add(tags.get(calls.TAG_OF_CLUSTER, ""))
    return {each for each in found if _CLUSTER.fullmatch(each)}
