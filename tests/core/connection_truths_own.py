"""
A node and its own pod, a pod and itself, and addresses that kube-proxy may know; see connection_truths.py.

"12" is the open question of the facts whether a node reaches its own pod through that pod's own interface.
"""

from connection_scenes import CLIENT, ELSEWHERE
from connection_truths import (
    ALL,
    DENY,
    GR,
    NODE_B,
    OUTSIDE,
    REACHED,
    REFUSED,
    TIMEOUT,
    UNDETERMINED,
    A,
    B,
    S,
    Situation,
    blocked,
    lines,
)
from connection_truths_changes import (
    asks_for_an_interface,
    dual_stack,
    external_ip,
    headless,
    host_network,
    pods_unread,
    policy_lets_in_nobody,
    second_address,
    second_cluster_ip,
    second_untold,
    services_unread,
    web_unnumbered,
)

SHUT = {name: {"in": DENY, "out": DENY} for name in ("sg-pod-a", "sg-pod-b", "sg-node-a", "sg-node-b", "sg-super-s")}
SHUT_POD = {"sg-pod-b": {"in": DENY, "out": DENY}}
OUT_SHUT = lines("sg-pod-a", "out", *DENY)
WEB = ("service", "shop/web")
NOBODYS = ("address", "172.16.60.201")
NOBODYS_SIX = ("address", "2001:db8:9::7")
PUBLIC_DOOR = ("address", ELSEWHERE)
ITSELF = "a pod cannot block access to itself [K8S-NP]; loopback crosses no interface"

OWN = [
    # A node and its own pod.
    Situation("exclusive, node to its own pod, open", NODE_B, B, 8080, REACHED, "either way", "exclusive"),
    Situation(
        *("exclusive, node to its own pod, ingress", NODE_B, B, 8080, UNDETERMINED, "12", "exclusive"),
        rules=lines("sg-pod-b", "in", *DENY),
    ),
    Situation(
        *("exclusive, node to its own pod, by a Service", NODE_B, WEB, 80, UNDETERMINED, "12", "exclusive"),
        rules=lines("sg-node-b", "out", *DENY),
    ),
    Situation(
        *("exclusive, NodePort of its own node", OUTSIDE, ("nodeport", "node-b"), 30080, UNDETERMINED, "12"),
        network="exclusive",
        rules=lines("sg-node-b", "out", *DENY),
    ),
    Situation(
        *("exclusive, node and its own NodePort", NODE_B, ("nodeport", "node-b"), 30080, UNDETERMINED, "12"),
        network="exclusive",
        rules=lines("sg-node-b", "out", *DENY),
    ),
    Situation(
        *("exclusive, own node and a policy", NODE_B, B, 8080, REACHED, "the node is always let in", "exclusive"),
        changes=(policy_lets_in_nobody,),
    ),
    # A pod and itself.
    Situation("itself, shared", B, B, 8080, REACHED, ITSELF, rules=SHUT),
    Situation("itself, exclusive", B, B, 8080, REACHED, ITSELF, "exclusive", rules=SHUT),
    Situation("itself, GlobalRouter", B, B, 8080, REACHED, ITSELF, GR, rules=SHUT),
    Situation("itself, super node", S, S, 8080, REACHED, ITSELF, rules=SHUT),
    Situation(*("itself, a policy", B, B, 8080, REACHED, ITSELF), changes=(policy_lets_in_nobody,)),
    Situation(
        *("itself, a policy, super node", S, S, 8080, REACHED, ITSELF),
        changes=(policy_lets_in_nobody,),
    ),
    Situation(
        *("itself by a Service", B, WEB, 80, REACHED, "hairpin on its node: no interface; " + ITSELF),
        rules=SHUT_POD,
        changes=(policy_lets_in_nobody,),
    ),
    Situation(
        *("another by a Service, a policy", A, WEB, 80, TIMEOUT, "policies keep out others"),
        changes=(policy_lets_in_nobody,),
        blocker=(*B, None, None, None),
    ),
    # A pod on its node's network.
    Situation(
        *("host network asks from its node's first address", B, A, 8080, TIMEOUT, "one network, one way to choose"),
        rules=lines("sg-pod-a", "in", "DROP ALL ALL 10.0.1.102", f"ACCEPT ALL ALL {ALL}"),
        changes=(host_network, second_address),
        blocker=blocked(A, "ingress", "sg-pod-a"),
    ),
    Situation(
        *("host network is asked at the pod's address", A, B, 8080, TIMEOUT, "its podIP"),
        rules=lines("sg-pod-a", "out", "DROP ALL ALL 10.0.1.2", f"ACCEPT ALL ALL {ALL}"),
        changes=(host_network, second_address),
        blocker=blocked(A, "egress", "sg-pod-a"),
    ),
    Situation(
        *("host network is not asked at its node's first address", A, B, 8080, REACHED, "its podIP"),
        rules=lines("sg-pod-a", "out", "DROP ALL ALL 10.0.1.102", f"ACCEPT ALL ALL {ALL}"),
        changes=(host_network, second_address),
    ),
    # Addresses that kube-proxy knows, or may know.
    Situation(
        *("ClusterIP from outside, no such port", OUTSIDE, WEB, 81, TIMEOUT, "only nodes know a ClusterIP"),
        blocker=("outside", CLIENT, None, None, None),
    ),
    Situation(
        *("nobody's address, egress shut", A, NOBODYS, 80, TIMEOUT, "every Service is here, and none has it"),
        rules=OUT_SHUT,
        blocker=blocked(A, "egress", "sg-pod-a"),
    ),
    Situation(
        *("maybe a pod not read", A, ("address", "10.0.2.99"), 80, UNDETERMINED, "it may be on this very node"),
        rules=OUT_SHUT,
        changes=(pods_unread,),
    ),
    Situation(
        *("GlobalRouter, an interface of its own", A, B, 8080, UNDETERMINED, "its groups were not read", GR),
        changes=(asks_for_an_interface,),
    ),
    Situation(
        *("maybe a ClusterIP not read", A, NOBODYS, 80, UNDETERMINED, "kube-proxy comes before the egress list"),
        rules=OUT_SHUT,
        changes=(web_unnumbered,),
    ),
    Situation(
        *("maybe a Service not read", A, NOBODYS, 80, UNDETERMINED, "kube-proxy comes before the egress list"),
        rules=OUT_SHUT,
        changes=(services_unread,),
    ),
    Situation(
        *("maybe the second ClusterIP of a Service", A, NOBODYS_SIX, 80, UNDETERMINED, "clusterIPs: one is told"),
        rules=OUT_SHUT,
        changes=(dual_stack, second_untold),
    ),
    Situation(
        *("no second ClusterIP of any Service", A, NOBODYS_SIX, 80, TIMEOUT, "core/v1: clusterIPs are all there are"),
        rules=OUT_SHUT,
        changes=(dual_stack,),
        blocker=blocked(A, "egress", None, None),
    ),
    Situation(
        *("the second ClusterIP, nobody behind it", A, NOBODYS_SIX, 80, REFUSED, "core/v1: each family its endpoints"),
        changes=(dual_stack, second_cluster_ip("2001:db8:9::7")),
        blocker=("node", "node-a", None, None, None),
        honest=True,
    ),
    Situation(
        *("no Service has a ClusterIP", A, NOBODYS_SIX, 80, TIMEOUT, "nothing admits IPv6: the implicit deny"),
        rules=OUT_SHUT,
        changes=(dual_stack, headless),
        blocker=blocked(A, "egress", None, None),
    ),
    Situation(
        *("an external address of a Service", A, PUBLIC_DOOR, 80, UNDETERMINED, "kube-proxy takes externalIPs"),
        rules=OUT_SHUT,
        changes=(external_ip(ELSEWHERE),),
    ),
    Situation(
        *("a public address, Services not read", A, PUBLIC_DOOR, 80, TIMEOUT, "no ClusterIP is public"),
        rules=lines("sg-pod-a", "out", f"DROP ALL ALL {ELSEWHERE}", f"ACCEPT ALL ALL {ALL}"),
        changes=(services_unread,),
        blocker=blocked(A, "egress", "sg-pod-a"),
    ),
]
