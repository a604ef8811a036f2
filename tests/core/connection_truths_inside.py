"""The scenarios between pods and nodes, rows 6 to 11, with the right answers; see connection_truths.py."""

from connection_truths import (
    ALL,
    DENY,
    GR,
    NEAR,
    NODE_A,
    NODE_B,
    REACHED,
    TIMEOUT,
    A,
    B,
    S,
    Situation,
    T,
    blocked,
    lines,
)

INSIDE_ROWS = [
    # 6. Pod to pod, VPC-CNI.
    Situation("6 open", A, B, 8080, REACHED, "10 row 6", rows=(6,)),
    Situation(
        *("6 egress", A, B, 8080, TIMEOUT, "10 row 6: pod A ENI egress: pod B, pod port"),
        rules=lines("sg-pod-a", "out", "DROP TCP 8080 10.0.2.2", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(A, "egress", "sg-pod-a"),
        rows=(6,),
    ),
    Situation(
        *("6 ingress", A, B, 8080, TIMEOUT, "10 row 6: pod B ENI ingress: pod A, pod port"),
        rules=lines("sg-pod-b", "in", "DROP TCP 8080 10.0.2.1", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(B, "ingress", "sg-pod-b"),
        rows=(6,),
    ),
    Situation(
        *("6 nodes have no say", A, B, 8080, REACHED, "5.1: pods leave through their own ENI"),
        rules={name: {"in": DENY, "out": DENY} for name in ("sg-node-a", "sg-node-b")},
        rows=(6,),
    ),
    Situation(
        *("6 same node", A, NEAR, 8080, REACHED, "10: same node does not cross the secondary ENI"),
        rules={"sg-pod-a": {"in": DENY, "out": DENY}},
        rows=(6,),
    ),
    Situation(
        *("6 stateful", A, B, 8080, REACHED, "1.1: the reply is let through"),
        rules=lines("sg-pod-b", "out", *DENY) | lines("sg-pod-a", "in", *DENY),
        rows=(6,),
    ),
    # 7. Node to pod, VPC-CNI.
    Situation("7 open", NODE_A, B, 8080, REACHED, "10 row 7", rows=(7,)),
    Situation(
        *("7 egress", NODE_A, B, 8080, TIMEOUT, "10 row 7: node A egress"),
        rules=lines("sg-node-a", "out", "ACCEPT TCP 80 10.0.2.2"),
        blocker=blocked(NODE_A, "egress", None, None),
        rows=(7,),
    ),
    Situation(
        *("7 ingress", NODE_A, B, 8080, TIMEOUT, "10 row 7: pod B ENI ingress: node A, pod port"),
        rules=lines("sg-pod-b", "in", "ACCEPT TCP 8080 10.0.2.0/24"),
        blocker=blocked(B, "ingress", None, None),
        rows=(7,),
    ),
    Situation(
        *("7 own pod", NODE_B, B, 8080, REACHED, "10: node and pod on the same node"),
        rules={"sg-pod-b": {"in": DENY}, "sg-node-b": {"in": DENY, "out": DENY}},
        rows=(7,),
    ),
    Situation(
        *("7 pod's egress has no say", NODE_A, B, 8080, REACHED, "1.1 stateful"),
        rules=lines("sg-pod-b", "out", *DENY) | lines("sg-pod-a", "out", *DENY),
        rows=(7,),
    ),
    # 8. Pod to pod, GlobalRouter.
    Situation("8 open", A, B, 8080, REACHED, "10 row 8", GR, rows=(8,)),
    Situation(
        *("8 egress", A, B, 8080, TIMEOUT, "10 row 8: node A egress: pod B", GR),
        rules=lines("sg-node-a", "out", "DROP TCP 8080 172.17.1.2", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(A, "egress", "sg-node-a"),
        rows=(8,),
    ),
    Situation(
        *("8 ingress names the pod", A, B, 8080, TIMEOUT, "7: source POD address, not masqueraded", GR),
        rules=lines("sg-node-b", "in", "DROP ALL ALL 172.17.0.0/16", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(B, "ingress", "sg-node-b"),
        rows=(8,),
    ),
    Situation(
        *("8 only nodes admitted", A, B, 8080, TIMEOUT, "7: a rule for the node range does not match such pods", GR),
        rules=lines("sg-node-b", "in", "ACCEPT ALL ALL 10.0.0.0/8"),
        blocker=blocked(B, "ingress", None, None),
        rows=(8,),
    ),
    Situation(
        *("8 the playbook's DROP misses", A, B, 8080, REACHED, "9: DROP from 10.0.0.0/16 never matches pods", GR),
        rules=lines("sg-node-b", "in", "DROP ALL ALL 10.0.0.0/16", f"ACCEPT ALL ALL {ALL}"),
        rows=(8,),
    ),
    Situation(
        *("8 same node", A, NEAR, 8080, REACHED, "7: no ENI; does not leave the node (INF)", GR),
        rules={"sg-node-a": {"in": DENY, "out": DENY}},
        rows=(8,),
        honest=True,
    ),
    # 9. Node to pod, GlobalRouter.
    Situation("9 open", NODE_A, B, 8080, REACHED, "10 row 9", GR, rows=(9,)),
    Situation(
        *("9 egress", NODE_A, B, 8080, TIMEOUT, "10 row 9: node A egress: pod B", GR),
        rules=lines("sg-node-a", "out", "DROP ALL ALL 172.17.0.0/16", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(NODE_A, "egress", "sg-node-a"),
        rows=(9,),
    ),
    Situation(
        *("9 the playbook's DROP hits", NODE_A, B, 8080, TIMEOUT, "9: node sources are in 10.0.0.0/16", GR),
        rules=lines("sg-node-b", "in", "DROP ALL ALL 10.0.0.0/16", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(B, "ingress", "sg-node-b"),
        rows=(9,),
    ),
    # 10. Super node's pod to super node's pod.
    Situation("10 open", S, T, 8080, REACHED, "10 row 10", rows=(10,)),
    Situation(
        *("10 egress", S, T, 8080, TIMEOUT, "10 row 10: pod A egress: pod B"),
        rules=lines("sg-super-s", "out", *DENY),
        blocker=blocked(S, "egress", "sg-super-s"),
        rows=(10,),
    ),
    Situation(
        *("10 ingress", S, T, 8080, TIMEOUT, "10 row 10: pod B ingress: pod A"),
        rules=lines("sg-super-t", "in", "ACCEPT TCP 8080 10.0.2.0/24"),
        blocker=blocked(T, "ingress", None, None),
        rows=(10,),
    ),
    # 11. Node to super node's pod.
    Situation("11 open", NODE_A, T, 8080, REACHED, "10 row 11", rows=(11,)),
    Situation(
        *("11 egress", NODE_A, T, 8080, TIMEOUT, "10 row 11: node A egress: pod B"),
        rules=lines("sg-node-a", "out", "DROP TCP 8080 10.0.3.12", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(NODE_A, "egress", "sg-node-a"),
        rows=(11,),
    ),
    Situation(
        *("11 ingress", NODE_A, T, 8080, TIMEOUT, "10 row 11: pod B ingress: node A, pod port"),
        rules=lines("sg-super-t", "in", "DROP TCP 8080 10.0.1.1", f"ACCEPT ALL ALL {ALL}"),
        blocker=blocked(T, "ingress", "sg-super-t"),
        rows=(11,),
    ),
]
