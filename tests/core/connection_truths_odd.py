"""
What else may stand on the way, with the answers that documents make right; see connection_truths.py.

Subnets' network ACLs, peers by group, interfaces without groups or not read, pods on a node's network, super nodes,
machines that are off, and what nobody documents.
"""

from connection_scenes import DATABASE
from connection_truths import (
    ALL,
    DENY,
    DIRECT,
    GR,
    NEAR,
    NODE_A,
    NODE_B,
    OUTSIDE,
    REACHED,
    TIMEOUT,
    UNDETERMINED,
    A,
    B,
    S,
    Situation,
    T,
    blocked,
    lines,
)
from connection_truths_changes import (
    acl,
    by_annotation,
    groups_of_b,
    host_network,
    interface_unread,
    one_super_node,
    switched_off,
    without_group,
)

ODD = [
    # Subnets' network ACLs.
    Situation(
        *("network ACL", A, B, 8080, UNDETERMINED, "1.1: stateless counterpart, per subnet; its rules are not read"),
        changes=(acl("10.0.2.0/24"),),
    ),
    Situation(
        *("network ACL of the node's subnet", NODE_A, B, 8080, UNDETERMINED, "1.1"),
        changes=(acl("10.0.1.0/24"),),
    ),
    Situation(
        *("network ACL, and a group that drops", A, B, 8080, TIMEOUT, "1.1: either may drop"),
        rules=lines("sg-pod-b", "in", *DENY),
        changes=(acl("10.0.2.0/24"),),
        blocker=blocked(B, "ingress", "sg-pod-b"),
    ),
    Situation(
        *("network ACL elsewhere", NODE_A, T, 8080, REACHED, "1.1: per subnet"),
        changes=(acl("10.0.9.0/24"),),
    ),
    # Peers by group.
    Situation(
        *("peer by group", A, B, 8080, REACHED, "1.3: addresses of interfaces bound to the group"),
        rules=lines("sg-pod-b", "in", "ACCEPT TCP 8080 sg-pod-a"),
    ),
    Situation(
        *("the node's group is not the pod's", A, B, 8080, TIMEOUT, "1.3: not bound to that interface"),
        rules=lines("sg-pod-b", "in", "ACCEPT TCP 8080 sg-node-a"),
        blocker=blocked(B, "ingress", None, None),
    ),
    Situation(
        *("same group is no trust", B, NEAR, 8080, TIMEOUT, "1.1"),
        rules=lines("sg-pod-b", "in", "ACCEPT TCP 22 10.0.0.0/8"),
        changes=(lambda found: [item.update(GroupSet=["sg-pod-b"]) for item in found["network_interfaces"]],),
        blocker=blocked(NEAR, "ingress", None, None),
    ),
    Situation(
        *("GlobalRouter pods are no members", A, B, 8080, TIMEOUT, "1.3: private addresses of CVMs and ENIs; 7", GR),
        rules=lines("sg-node-b", "in", "ACCEPT TCP 8080 sg-node-a"),
        blocker=blocked(B, "ingress", None, None),
        honest=True,
    ),
    # Interfaces.
    Situation(
        *("no group on the interface", A, B, 8080, REACHED, "1.2: no filtering (INF); 5.2: off by default"),
        rules=lines("sg-pod-b", "in", *DENY),
        changes=(without_group,),
    ),
    Situation("interface not read", A, B, 8080, UNDETERMINED, "not known", changes=(interface_unread,)),
    Situation(
        *("interface not read, stopped before", A, B, 8080, TIMEOUT, "the egress list drops whatever comes after"),
        rules=lines("sg-pod-a", "out", *DENY),
        changes=(interface_unread,),
        blocker=blocked(A, "egress", "sg-pod-a"),
    ),
    Situation(
        *("first group drops", A, B, 8080, TIMEOUT, "1.2: a DROP in an earlier group beats an ACCEPT in a later one"),
        rules=lines("sg-other", "in", "DROP TCP 8080 10.0.2.1"),
        changes=(groups_of_b("sg-other", "sg-pod-b"),),
        blocker=blocked(B, "ingress", "sg-other"),
    ),
    Situation(
        *("second group admits", A, B, 8080, REACHED, "1.2: without a match it falls through to the next group"),
        rules=lines("sg-other", "in", "ACCEPT TCP 22 10.0.2.1"),
        changes=(groups_of_b("sg-other", "sg-pod-b"),),
    ),
    Situation(
        *("exclusive, same node", A, NEAR, 8080, UNDETERMINED, "12: open question", "exclusive"),
        rules=lines("sg-pod-a", "in", *DENY),
    ),
    Situation("exclusive, same node, open", A, NEAR, 8080, REACHED, "either way", "exclusive"),
    Situation(
        *("exclusive, other node", A, B, 8080, TIMEOUT, "5.1: one ENI moved into the pod", "exclusive"),
        rules=lines("sg-pod-b", "in", *DENY),
        blocker=blocked(B, "ingress", "sg-pod-b"),
    ),
    Situation(
        *("host network", A, B, 8080, TIMEOUT, "13: listens on its node's address, so the node's groups"),
        rules=lines("sg-node-b", "in", "DROP TCP 8080 10.0.2.1", f"ACCEPT ALL ALL {ALL}"),
        changes=(host_network,),
        blocker=(*NODE_B, "ingress", "sg-node-b", 0),
    ),
    Situation(
        *("host network asks", B, A, 8080, TIMEOUT, "13"),
        rules=lines("sg-node-b", "out", *DENY),
        changes=(host_network,),
        blocker=(*NODE_B, "egress", "sg-node-b", 0),
    ),
    # Super nodes, and machines.
    Situation(
        *("super node, group by annotation", S, T, 8080, TIMEOUT, "6: the annotation's list (DOC SUPER)"),
        rules=lines("sg-other", "in", *DENY),
        changes=(by_annotation,),
        blocker=blocked(T, "ingress", "sg-other"),
        honest=True,
    ),
    Situation(
        *("pod to super node's pod", A, S, 8080, TIMEOUT, "6: the pod's own ENI"),
        rules=lines("sg-super-s", "in", "DROP TCP 8080 10.0.2.0/24", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(S, "ingress", "sg-super-s"),
    ),
    Situation(
        *("two pods of one super node", S, T, 8080, TIMEOUT, "6: groups apply to the pod's own ENI, each one instance"),
        rules=lines("sg-super-t", "in", *DENY),
        changes=(one_super_node,),
        blocker=blocked(T, "ingress", "sg-super-t"),
    ),
    Situation(
        *("exclusive, node to its own pod, egress", NODE_B, B, 8080, UNDETERMINED),
        "12: open whether it leaves the node; if it does, by the node's primary interface",
        "exclusive",
        rules=lines("sg-node-b", "out", *DENY),
    ),
    Situation(
        *("machine switched off", A, B, 8080, TIMEOUT, "13: InstanceState STOPPED"),
        changes=(switched_off,),
        blocker=(*B, None, None, None),
    ),
    Situation(
        *("machine switched off asks", B, A, 8080, UNDETERMINED, "13: nothing runs there that could ask"),
        changes=(switched_off,),
        honest=True,
    ),
    Situation("a port that no container names", A, B, 9090, UNDETERMINED, "13: containerPort is informational"),
    Situation(
        *("UDP where TCP is meant", A, B, 8080, TIMEOUT, "1.3"),
        rules=lines("sg-pod-b", "in", f"ACCEPT UDP 8080 {ALL}"),
        blocker=blocked(B, "ingress", None, None),
    ),
    Situation(
        *("0.0.0.0/8 opens everything", A, B, 8080, REACHED, "1.3: any 0.0.0.0/n becomes 0.0.0.0/0"),
        rules=lines("sg-pod-b", "in", "ACCEPT TCP 8080 0.0.0.0/8"),
    ),
    Situation(
        *(
            "a VPC client to a GlobalRouter pod",
            ("address", DATABASE),
            B,
            8080,
            TIMEOUT,
            "7: routed by the VPC, node's group",
            GR,
        ),
        rules=lines("sg-node-b", "in", "DROP TCP 8080 10.0.9.5", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(B, "ingress", "sg-node-b"),
    ),
    Situation(
        *("pass-to-target is for the CLB's traffic", OUTSIDE, ("nodeport", "node-a"), 30080, TIMEOUT, "3.3"),
        rules=lines("sg-node-a", "in", *DENY),
        changes=(lambda found: found["load_balancers"][0].update(LoadBalancerPassToTarget=True),),
        blocker=blocked(NODE_A, "ingress", "sg-node-a"),
    ),
    Situation(
        *("direct access is no NodePort", OUTSIDE, ("vip", "192.0.2.10"), 80, REACHED, "5.3"),
        rules=lines("sg-node-b", "in", *DENY),
        changes=(DIRECT,),
    ),
]
