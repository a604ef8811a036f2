"""
Situations that users ask about, with the answers that documents make right; see connection_truths.py.

In-cluster clients of a private CLB, NodePorts asked directly, pods' egress to DNS and to a database, pods to nodes.
"""

from connection_scenes import CLIENT, DATABASE, DNS, ELSEWHERE, PRIVATE
from connection_truths import (
    ALL,
    CLB,
    DENY,
    GR,
    NODE_A,
    NODE_B,
    OUTSIDE,
    REACHED,
    REFUSED,
    TIMEOUT,
    UNDETERMINED,
    A,
    B,
    Situation,
    blocked,
    lines,
    targets,
)
from connection_truths_changes import ipvs, local, no_endpoints, private

WEB_DOOR, DNS_DOOR, PRIVATE_DOOR = ("service", "shop/web"), ("service", "kube-system/kube-dns"), ("vip", PRIVATE)
DB_DOOR, WORLD = ("address", DATABASE), ("address", ELSEWHERE)
PORT_A, PORT_B = ("nodeport", "node-a"), ("nodeport", "node-b")
THE_DNS = ("pod", "kube-system/dns")

DOORS = [
    # An in-cluster client of a private CLB.
    Situation(
        *("private CLB, ipvs, layer 4, own node", NODE_A, PRIVATE_DOOR, 80, TIMEOUT),
        "13 loopback: a node that asks and is the only target is left out or drops its own address",
        changes=(private, ipvs),
        honest=True,
    ),
    Situation(
        *("private CLB, ipvs, layer 4, other node", A, PRIVATE_DOOR, 80, REACHED, "13, 4.4: goes to the CLB"),
        changes=(private, ipvs, targets(NODE_B)),
        honest=True,
    ),
    Situation(
        *("private CLB, ipvs, node's group", A, PRIVATE_DOOR, 80, TIMEOUT, "3.1: sees the pod's own address"),
        rules=lines("sg-node-b", "in", "DROP TCP 30080 10.0.2.1", f"ACCEPT ALL ALL {ALL}"),
        changes=(private, ipvs, targets(NODE_B)),
        blocker=blocked(NODE_B, "ingress", "sg-node-b"),
    ),
    Situation(
        *("private CLB, ipvs, CLB's group", A, PRIVATE_DOOR, 80, TIMEOUT, "3.3"),
        rules=lines("sg-clb", "in", f"ACCEPT TCP 80 {CLIENT}"),
        changes=(private, ipvs, targets(NODE_B)),
        blocker=blocked(CLB, "ingress", None, None),
    ),
    Situation(
        *("private CLB, iptables", NODE_A, PRIVATE_DOOR, 80, REACHED, "13: layer 4 only loops in ipvs mode"),
        rules=lines("sg-clb", "in", *DENY),
        changes=(private,),
        honest=True,
    ),
    # A NodePort, asked directly.
    Situation("NodePort", OUTSIDE, PORT_A, 30080, REACHED, "3.3: direct public traffic is judged by the node group"),
    Situation(
        *("NodePort, node's group", OUTSIDE, PORT_A, 30080, TIMEOUT, "3.3"),
        rules=lines("sg-node-a", "in", f"ACCEPT TCP 80 {ALL}"),
        blocker=blocked(NODE_A, "ingress", None, None),
    ),
    Situation(
        *("NodePort, the CLB's group has no say", OUTSIDE, PORT_A, 30080, REACHED, "3.3: it is about the listener"),
        rules=lines("sg-clb", "in", *DENY),
    ),
    Situation(
        *("NodePort, pod elsewhere sees the node", OUTSIDE, PORT_A, 30080, TIMEOUT, "4.4, 5.3: SNAT under Cluster"),
        rules=lines("sg-pod-b", "in", f"ACCEPT TCP 8080 {CLIENT}"),
        blocker=blocked(B, "ingress", None, None),
    ),
    Situation(
        *("NodePort, Local, no pod there", OUTSIDE, PORT_A, 30080, TIMEOUT, "4.4: nodes without pods drop"),
        changes=(local,),
        blocker=(*NODE_A, None, None, None),
    ),
    Situation(
        *("NodePort, Local, pod there", OUTSIDE, PORT_B, 30080, REACHED, "4.4, 5.3: veth"),
        rules=lines("sg-pod-b", "in", *DENY),
        changes=(local,),
    ),
    Situation(
        *("NodePort without endpoints", OUTSIDE, PORT_A, 30080, REFUSED, "9: a quick refusal (INF)"),
        changes=(no_endpoints,),
        blocker=(*NODE_A, None, None, None),
    ),
    Situation(
        *("NodePort that nobody has", OUTSIDE, PORT_A, 30099, REFUSED, "4.3: the range is for Services (INF)"),
        blocker=(*NODE_A, None, None, None),
        honest=True,
    ),
    Situation(
        *("NodePort, asked by a pod elsewhere", A, PORT_B, 30080, TIMEOUT, "5.1: the pod's ENI, pod's address"),
        rules=lines("sg-node-b", "in", "DROP TCP 30080 10.0.2.1", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(NODE_B, "ingress", "sg-node-b"),
    ),
    Situation(
        *("NodePort, pod's egress", A, PORT_B, 30080, TIMEOUT, "5.1"),
        rules=lines("sg-pod-a", "out", "DROP TCP 30000-32767 10.0.1.2", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(A, "egress", "sg-pod-a"),
    ),
    Situation(
        *("NodePort, asked by a GlobalRouter pod", A, PORT_B, 30080, TIMEOUT, "7: not masqueraded", GR),
        rules=lines("sg-node-b", "in", "ACCEPT ALL ALL 10.0.0.0/8"),
        blocker=blocked(NODE_B, "ingress", None, None),
    ),
    # Egress to DNS.
    Situation("DNS", A, DNS_DOOR, 53, REACHED, "row 6 behind kube-proxy", protocol="UDP"),
    Situation(
        *("DNS, only the ClusterIP let out", A, DNS_DOOR, 53, TIMEOUT),
        "1.1: outbound is iptables, then the group, which sees the endpoint",
        protocol="UDP",
        rules=lines("sg-pod-a", "out", f"ACCEPT UDP 53 {DNS}"),
        blocker=blocked(A, "egress", None, None),
    ),
    Situation(
        *("DNS, the pods let out", A, DNS_DOOR, 53, REACHED, "1.1"),
        protocol="UDP",
        rules=lines("sg-pod-a", "out", "ACCEPT UDP 53 10.0.2.53"),
    ),
    Situation(
        *("DNS over TCP only", A, DNS_DOOR, 53, TIMEOUT, "1.3: protocols apart"),
        protocol="UDP",
        rules=lines("sg-pod-a", "out", "ACCEPT TCP 53 10.0.2.53"),
        blocker=blocked(A, "egress", None, None),
    ),
    Situation(
        *("DNS pods' group", A, DNS_DOOR, 53, TIMEOUT, "5.4: groups must admit DNS to CoreDNS"),
        protocol="UDP",
        rules=lines("sg-pod-b", "in", f"ACCEPT TCP 8080 {ALL}"),
        blocker=blocked(THE_DNS, "ingress", None, None),
    ),
    Situation(
        *("DNS, GlobalRouter", A, DNS_DOOR, 53, TIMEOUT, "7: the node's group, the pod's address", GR),
        protocol="UDP",
        rules=lines("sg-node-b", "in", "ACCEPT ALL ALL 10.0.0.0/8"),
        blocker=blocked(THE_DNS, "ingress", None, None),
    ),
    Situation(
        *("DNS by ClusterIP, pod on the same node", B, DNS_DOOR, 53, REACHED, "5.1: veth"),
        protocol="UDP",
        rules={"sg-pod-b": {"in": DENY, "out": DENY}},
        honest=True,
    ),
    Situation(
        *("a ClusterIP without endpoints", A, WEB_DOOR, 80, REFUSED, "9 (INF)"),
        changes=(no_endpoints,),
        blocker=(*NODE_A, None, None, None),
    ),
    # Egress to a database, and out.
    Situation(
        *("database, pod's egress", A, DB_DOOR, 3306, TIMEOUT, "1.1"),
        rules=lines("sg-pod-a", "out", "DROP TCP 3306 10.0.9.0/24", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(A, "egress", "sg-pod-a"),
    ),
    Situation(
        *("database's group", A, DB_DOOR, 3306, TIMEOUT, "1.1: the pod's own address"),
        rules=lines("sg-db", "in", "ACCEPT TCP 3306 10.0.1.0/24"),
        blocker=("outside", "ins-db", "ingress", None, None),
        honest=True,
    ),
    Situation(
        *("database's group, GlobalRouter", A, DB_DOOR, 3306, TIMEOUT, "7: inside the VPC not masqueraded", GR),
        rules=lines("sg-db", "in", "ACCEPT TCP 3306 10.0.0.0/8"),
        blocker=("outside", "ins-db", "ingress", None, None),
        honest=True,
    ),
    Situation(
        *("database, GlobalRouter, node's egress", A, DB_DOOR, 3306, TIMEOUT, "7: node's groups the only filter", GR),
        rules=lines("sg-node-a", "out", "DROP TCP 3306 10.0.9.5", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(A, "egress", "sg-node-a"),
    ),
    Situation(
        *("out, pod's egress", A, WORLD, 443, TIMEOUT, "1.1: no match is a drop"),
        rules=lines("sg-pod-a", "out", "ACCEPT ALL ALL 10.0.0.0/8"),
        blocker=blocked(A, "egress", None, None),
    ),
    Situation("out, everything open", A, WORLD, 443, UNDETERMINED, "what stands there is in no snapshot"),
    Situation("out, port 25", A, WORLD, 25, UNDETERMINED, "1.1: restricted by the platform"),
    # Pods to nodes.
    Situation(
        *("pod to node, kubelet", A, NODE_B, 10250, TIMEOUT, "5.1: primary ENI's groups, pod's address"),
        rules=lines("sg-node-b", "in", "ACCEPT ALL ALL 10.0.1.0/24"),
        blocker=blocked(NODE_B, "ingress", None, None),
    ),
    Situation("pod to node, who listens", A, NODE_B, 10250, UNDETERMINED, "no object tells what listens on a node"),
]
