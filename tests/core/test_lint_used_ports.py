"""A port that somebody is asked on where the group is bound is not called a mistake, whatever it misses elsewhere."""

import copy

import pytest
from builders import lab
from changes import Change, Document, balancer, ingress, the_listener
from changes_cluster import eni_groups, node_groups

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, POD_GROUP
from drilllib.core.lint.linter import lint_snapshot

POD_PORT = ingress(NODE_GROUP, "ACCEPT TCP 203.0.113.0/24 80")
NODE_PORT_ON_CLB = ingress(CLB_GROUP, f"ACCEPT TCP 203.0.113.0/24 {NODE_PORT}")
NODE_PORT_ON_POD = ingress(POD_GROUP, f"ACCEPT TCP 10.0.35.0/24 {NODE_PORT}")


def codes(*changes: Change) -> list[str]:
    return [each.code for each in lint_snapshot(lab(*changes))]


def another_clb(port: int | None) -> Change:
    """A second CLB with the same group; its listeners were not read, or it listens on *port*."""

    def change(document: Document) -> None:
        other = copy.deepcopy(document["load_balancers"][0]) | {
            "LoadBalancerId": "lb-2",
            "LoadBalancerVips": ["192.0.2.20"],
        }
        document["load_balancers"].append(other)
        if port is None:
            return
        listener = copy.deepcopy(the_listener(document)) | {"ListenerId": "lbl-2", "Protocol": "TCP", "Port": port}
        document["listeners"]["lb-2"] = [{**listener, "Rules": None, "Targets": []}]

    return change


def some_listeners_only(document: Document) -> None:
    document["partial"] = {"listeners": ["lb-lab00001"]}


def ingress_controller(**spec: object) -> Change:
    """Another pod on node-a that has its node's port 80."""

    def change(document: Document) -> None:
        container = {"name": "ingress", "ports": [{"containerPort": 80, **spec}]}
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "ingress-x", "namespace": "kube-system"},
            "spec": {"nodeName": "node-a", "hostNetwork": not spec, "containers": [container]},
            "status": {"hostIP": "10.0.35.11", "podIP": "10.0.35.11" if not spec else "10.0.36.77"},
        }
        document["kubernetes"].append(pod)

    return change


def global_route(document: Document) -> None:
    """Another listener sends to a pod behind the node's own interface."""
    target = {"Type": "GLOBALROUTE", "PrivateIpAddresses": ["172.16.0.5"], "Port": 80, "Weight": 10}
    listener = {"ListenerId": "lbl-9", "Protocol": "TCP", "Port": 9000, "Targets": [target]}
    document["listeners"]["lb-lab00001"].append(listener)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [("POD_PORT_ON_NODE", POD_PORT), ("NODEPORT_ON_CLB", NODE_PORT_ON_CLB), ("NODEPORT_ON_POD", NODE_PORT_ON_POD)],
)
def test_each_is_found_in_the_lab_itself(code: str, wrong: Change) -> None:
    """The cases below differ from these by one thing."""
    assert code in codes(wrong)


USED = {
    "a pod on the node's network": ("POD_PORT_ON_NODE", POD_PORT, ingress_controller()),
    "a hostPort of the node": ("POD_PORT_ON_NODE", POD_PORT, ingress_controller(hostPort=80)),
    "a pod behind its node's interface": ("POD_PORT_ON_NODE", POD_PORT, global_route),
    "the pods' interface": ("POD_PORT_ON_NODE", POD_PORT, eni_groups(NODE_GROUP)),
    "another CLB's listener": ("NODEPORT_ON_CLB", NODE_PORT_ON_CLB, another_clb(NODE_PORT)),
    "another CLB, whose listeners were not read": ("NODEPORT_ON_CLB", NODE_PORT_ON_CLB, another_clb(None)),
    "a CLB that may have others": ("NODEPORT_ON_CLB", NODE_PORT_ON_CLB, some_listeners_only),
    "nodes": ("NODEPORT_ON_CLB", NODE_PORT_ON_CLB, node_groups("a", CLB_GROUP)),
    "nodes too": ("NODEPORT_ON_POD", NODE_PORT_ON_POD, node_groups("b", POD_GROUP)),
}


@pytest.mark.parametrize(("code", "wrong", "use"), USED.values(), ids=USED)
def test_a_port_that_is_used_where_the_group_is_bound(code: str, wrong: Change, use: Change) -> None:
    assert code not in codes(wrong, use)


@pytest.mark.parametrize("use", [another_clb(443), ingress_controller(hostPort=81)], ids=["CLB", "hostPort"])
def test_other_ports_do_not_count(use: Change) -> None:
    assert "NODEPORT_ON_CLB" in codes(NODE_PORT_ON_CLB, use)
    assert "POD_PORT_ON_NODE" in codes(POD_PORT, use)


@pytest.mark.parametrize("fact", [{"Snat": True}, {"Forward": 0}, {"TargetRegionInfo": None, "IsBlock": True}])
def test_nothing_is_certain_of_targets_that_may_not_see_the_client(fact: dict[str, object]) -> None:
    """Behind Snat they see an address of the CLB's own, so the client's block would be the wrong repair."""
    vip_only = ingress(NODE_GROUP, f"ACCEPT TCP 192.0.2.10 {NODE_PORT}")

    assert "TARGET_PORT_FOR_VIP" in codes(vip_only)
    assert not {"TARGET_PORT_FOR_VIP", "POD_PORT_ON_NODE"} & set(codes(vip_only, balancer(**fact)))
    assert "POD_PORT_ON_NODE" not in codes(POD_PORT, balancer(**fact))
