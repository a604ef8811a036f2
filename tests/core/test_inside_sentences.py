"""
Section 10 of docs/model.md, sentence by sentence: engine and walker against answers that were worked out by hand.

On the default lab with open groups: web-1 runs on node-b, and node-a is the CLB's target, alone or with node-b.
"""

from copy import deepcopy

import pytest
from builders import fate
from changes import (
    EVERYTHING,
    Change,
    Document,
    balancer,
    closed,
    egress,
    first_target_gone,
    ingress,
    keepalive,
    second_target,
    targets,
    together,
)
from changes_cluster import cluster, local_policy, no_endpoints, second_pod
from changes_real import keepalive_unread, pod_nowhere, sticky_service
from inside_sentences import (
    NODE_A,
    NODE_B,
    POD,
    SNAT_PRO,
    annotated,
    condition_of,
    guarded,
    host_of_nobody,
    listener,
    node,
    on_a_super_node,
    perhaps_other_policies,
    pod,
    policies,
    ports_unread,
    primary_known,
    second_address,
    selected,
    services_incomplete,
    spec,
    status,
    status_unread,
    trunk,
    twin,
)
from walker import walk

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, POD_GROUP, SERVICE, VIP, default_lab
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace

GROUPS = (CLB_GROUP, NODE_GROUP, POD_GROUP)
open_groups = together(*(way(group, f"ACCEPT {EVERYTHING}") for way in (ingress, egress) for group in GROUPS))
ipvs, unsaid = cluster(KubeProxyMode="ipvs"), cluster(KubeProxyMode=None)
UNKNOWN, DONE, SILENT = "undetermined", "reachable: 200", "unreachable: connect_timeout"
nodes_only = ingress(POD_GROUP, "ACCEPT TCP 10.0.35.0/24 80")
pods_too = ingress(POD_GROUP, "ACCEPT TCP 10.0.35.0/24 80", "ACCEPT TCP 10.0.36.0/24 80")


def private(document: Document) -> None:
    """A private CLB, whose VIP the Service has in its status; both nodes are targets."""
    balancer(LoadBalancerType="INTERNAL", LoadBalancerVips=["10.0.40.9"])(document)
    status({"ip": "10.0.40.9"})(document)
    for rule in document["listeners"]["lb-lab00001"][0].get("Rules") or []:
        rule["Domain"] = "10.0.40.9"
    second_target(document)


def settings(**fields: object) -> Change:
    return together(unsaid, cluster(ClusterNetworkSettings=fields))


def direct(document: Document) -> None:
    """The CLB sends to web-2 on node-a, and to web-1."""
    second_pod(document)
    targets(document)[:] = [
        {"Type": "ENI", "PrivateIpAddresses": [address], "Port": 80, "Weight": 10} for address in ("10.0.36.11", POD)
    ]


only_a, only_b = together(private, lambda document: targets(document).pop()), together(private, first_target_gone)

# Sentence, changes, who asks, what comes of it.
WHO: list[tuple[str, list[Change], str, str]] = [
    ("a Pod's hostIP is a node's, whether that Pod names its node or not", [host_of_nobody], "10.0.35.77", UNKNOWN),
    ("the address of an instance is that node", [second_address("a", is_target=False)], "10.0.35.66", DONE),
    ("a Pod with hostNetwork has it", [pod(hostNetwork=True), pod("status", podIP="10.0.35.12")], NODE_B, DONE),
    ("else the one Pod that has it", [], POD, DONE),
    ("several Pods", [twin], POD, UNKNOWN),
    ("a Pod whose node nobody names", [pod_nowhere], POD, UNKNOWN),
    ("a machine that is switched off", [node("a", InstanceState="STOPPED")], NODE_A, UNKNOWN),
    ("a pod's node that is switched off", [node("b", InstanceState="STOPPED")], POD, UNKNOWN),
    ("what is not modelled of the CLB", [closed(CLB_GROUP), private, ipvs, balancer(Forward=0)], NODE_A, UNKNOWN),
    ("what is not modelled of the listener", [closed(CLB_GROUP), listener(Protocol="QUIC")], NODE_A, UNKNOWN),
    ("what is not modelled of the network", [closed(CLB_GROUP), cluster(NetworkType="CiliumOverlay")], NODE_A, UNKNOWN),
]
WAY: list[tuple[str, list[Change], str, str]] = [
    ("Ipvs false: iptables", [settings(Ipvs=False)], NODE_A, DONE),
    ("Ipvs true: ipvs", [settings(Ipvs=True)], NODE_A, UNKNOWN),
    ("in any letter case", [cluster(KubeProxyMode="IPTables")], NODE_A, DONE),
    ("where they say nothing", [settings(Ipvs=None, KubeProxyMode="")], NODE_A, UNKNOWN),
    ("not one of these two", [settings(KubeProxyMode="kube-proxy-bpf")], NODE_A, UNKNOWN),
    ("not alike", [settings(Ipvs=True, KubeProxyMode="iptables")], NODE_A, UNKNOWN),
    ("externalIPs", [spec(externalIPs=[VIP])], NODE_A, UNKNOWN),
    ("none has it: the CLB in either mode", [only_b, status()], NODE_A, DONE),
    ("known only where Services are complete", [only_b, status(), services_incomplete], NODE_A, UNKNOWN),
    ("each has an ingress", [only_b, status_unread], NODE_A, UNKNOWN),
    ("whose entries all have an ip or a hostname", [only_b, status({"ipMode": "VIP"})], NODE_A, UNKNOWN),
    ("a hostname will do", [only_b, status({"hostname": "lb.test"})], NODE_A, DONE),
    ("but of type ClusterIP", [only_b, status_unread, spec(type="ClusterIP")], NODE_A, DONE),
    ("none with an ip lacks its ports", [only_b, status(), ports_unread], NODE_A, UNKNOWN),
    ("another ipMode than VIP", [status({"ip": VIP, "ipMode": "Proxy"})], NODE_A, UNKNOWN),
    ("absent: VIP", [status({"ip": VIP, "ipMode": None})], NODE_A, DONE),
    ("mode ipvs: to the CLB", [only_b, ipvs], NODE_A, DONE),
    ("the annotation: it may be bound", [only_b, ipvs, annotated("true")], NODE_A, UNKNOWN),
    ("only where that is true", [only_b, ipvs, annotated("false")], NODE_A, DONE),
    ("HTTPS", [listener(Protocol="HTTPS")], NODE_A, UNKNOWN),
    ("no NodePort", [spec(ports=[{"name": "http", "port": 80, "targetPort": 80}])], NODE_A, UNKNOWN),
    ("ranges without the client", [spec(loadBalancerSourceRanges=["10.0.36.0/24"])], NODE_A, UNKNOWN),
    ("ranges with it", [spec(loadBalancerSourceRanges=["10.0.36.0/24", "10.0.35.0/24"])], NODE_A, DONE),
    ("no ranges", [spec(loadBalancerSourceRanges=[])], NODE_A, DONE),
    ("a pod on a super node", [on_a_super_node], POD, UNKNOWN),
    ("an interface of its own", [cluster(VpcCniType="tke-direct-eni")], POD, UNKNOWN),
    ("a trunk", [trunk], POD, UNKNOWN),
    ("a policy for its interface", [selected], POD, UNKNOWN),
    ("a pod under Local", [local_policy], POD, UNKNOWN),
    ("a node under Local", [local_policy], NODE_A, DONE),
]
NODES: list[tuple[str, list[Change], str, str]] = [
    ("no group of the CLB or of a target is asked", [closed(CLB_GROUP, NODE_GROUP)], NODE_A, DONE),
    ("its egress list for a pod elsewhere", [egress(NODE_GROUP)], NODE_A, SILENT),
    ("not for one of its own", [egress(NODE_GROUP), closed(POD_GROUP)], NODE_B, DONE),
    ("its own address in the source's place", [ingress(POD_GROUP, f"ACCEPT TCP {NODE_A} 80")], NODE_A, DONE),
    ("which the pod's groups are asked about", [ingress(POD_GROUP, f"ACCEPT TCP {NODE_B} 80")], NODE_A, SILENT),
    ("no endpoints: refused, at the client's node", [no_endpoints], NODE_B, "unreachable: refused"),
    ("its state", [node("a", InstanceState="STARTING")], NODE_A, UNKNOWN),
    ("its condition", [condition_of("a", "Ready", "Unknown")], NODE_A, UNKNOWN),
    ("a network ACL", [guarded(0)], NODE_A, UNKNOWN),
    ("around the pod that asks, too", [guarded(1)], POD, UNKNOWN),
    (
        "several endpoints: each may be picked",
        [second_pod, closed(POD_GROUP)],
        NODE_B,
        "intermittent: connect_timeout, 200",
    ),
    ("a source of one address", [second_pod, closed(POD_GROUP), sticky_service], NODE_B, UNKNOWN),
    ("by which interface nobody documents", [second_pod, nodes_only], POD, UNKNOWN),
    ("one of the node's or of the interface's", [second_pod, primary_known, pods_too], POD, DONE),
    ("both egress lists: one drops", [second_pod, primary_known, egress(POD_GROUP)], POD, UNKNOWN),
    (
        "both drop",
        [second_pod, primary_known, egress(POD_GROUP), egress(NODE_GROUP)],
        POD,
        "intermittent: connect_timeout, 200",
    ),
    ("egress policies: may be dropped", [policies(True, policyTypes=["Egress"])], POD, UNKNOWN),
    ("unless one has a rule for everything", [policies(True, policyTypes=["Egress"], egress=[{}])], POD, DONE),
    (
        "by default where it has a rule",
        [policies(None, ingress=[{}], egress=[{"to": [{"podSelector": {}}]}])],
        POD,
        UNKNOWN,
    ),
    ("policies about ingress are not about egress", [policies(True, policyTypes=["Ingress"], ingress=[{}])], POD, DONE),
    ("where nothing enforces them", [policies(False, policyTypes=["Egress"])], POD, DONE),
    ("another may be there", [perhaps_other_policies], POD, UNKNOWN),
    ("of a node that asks there are none", [policies(True, policyTypes=["Egress"])], NODE_B, DONE),
]
LOOPS: list[tuple[str, list[Change], str, str]] = [
    ("a public VIP sees another address", [status()], NODE_A, UNKNOWN),
    (
        "a private one sees the client's own",
        [only_b, ipvs, ingress(CLB_GROUP, f"ACCEPT TCP {NODE_A} 80")],
        NODE_A,
        DONE,
    ),
    ("the CLB's groups", [only_b, ipvs, ingress(CLB_GROUP, f"ACCEPT TCP {NODE_B} 80")], NODE_A, SILENT),
    (
        "unless its egress list admits it to the VIP",
        [only_b, ipvs, egress(NODE_GROUP, "ACCEPT TCP 10.0.40.9 81")],
        NODE_A,
        UNKNOWN,
    ),
    ("and the listener's port", [only_b, ipvs, egress(NODE_GROUP, "ACCEPT TCP 10.0.40.9 80")], NODE_A, DONE),
    ("a pod's by section 6", [only_a, ipvs, egress(POD_GROUP, "ACCEPT TCP 10.0.40.9 81")], POD, UNKNOWN),
    ("the client's node may drop", [only_b, ipvs, node("a", InstanceState="STARTING")], NODE_A, UNKNOWN),
    ("the pod what comes from elsewhere", [only_a, ipvs, guarded(1)], POD, UNKNOWN),
    ("nothing to a target with the client's own address", [private, ipvs], NODE_A, DONE),
    ("where it is in use all the same", [only_a, ipvs], NODE_A, UNKNOWN),
    ("where it hides that address, nobody knows", [only_a, ipvs, balancer(**SNAT_PRO)], NODE_A, UNKNOWN),
    ("another of its addresses: dropped", [only_a, ipvs, second_address("a", is_target=True)], NODE_A, SILENT),
    ("the client's node by its name", [only_b, ipvs], POD, SILENT),
    ("now and then", [private, ipvs], POD, "intermittent: connect_timeout, 200"),
    ("with SnatPro it never does", [only_b, ipvs, balancer(**SNAT_PRO)], POD, DONE),
    ("at any other target it goes on", [only_a, ipvs], POD, DONE),
    ("a pod on the client's node", [private, direct, ipvs], NODE_A, UNKNOWN),
    ("egress policies on this way", [only_a, ipvs, policies(None, policyTypes=["Egress"])], POD, UNKNOWN),
]
OVER_HTTP: list[tuple[str, list[Change], str, str]] = [
    ("as at layer 4, whatever the listener", [egress(NODE_GROUP)], NODE_A, SILENT),
    ("4 s late", [private, ipvs], POD, "reachable: 200 after 4 s, 200"),
    ("not at all", [only_b, ipvs], POD, "unreachable: 504 after 4 s"),
    ("keep-alive hides the client", [only_b, ipvs, keepalive], POD, DONE),
    ("or it may see another address", [only_b, ipvs, keepalive_unread], POD, UNKNOWN),
    (
        "a target with its address that may see another",
        [private, ipvs, keepalive_unread],
        NODE_A,
        "reachable: 200 after 4 s, 200",
    ),
    (
        "is of unknown health",
        [private, ipvs, keepalive, second_pod, local_policy, closed(POD_GROUP)],
        NODE_A,
        "reachable: 200 after 4 s, 200",
    ),
]
CASES = [("TCP", *case) for table in (WHO, WAY, NODES, LOOPS) for case in table]
CASES += [("HTTP", *case) for case in OVER_HTTP]


@pytest.mark.parametrize(("kind", "sentence", "changes", "client", "expected"), CASES, ids=[case[1] for case in CASES])
def test_what_section_10_says_is_so(
    kind: str, sentence: str, changes: list[Change], client: str, expected: str
) -> None:
    document = default_lab(listener=kind)
    together(open_groups, *changes)(document)
    question = {"client": client, "service": SERVICE}

    answer = trace(Snapshot(deepcopy(document)), Question(**question), all_paths=True)

    assert (answer.verdict if expected == UNKNOWN else fate(answer)) == expected
    assert walk(document, {**question, "port": 80, "protocol": "TCP"}).verdict == expected.partition(":")[0]
