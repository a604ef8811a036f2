"""Wrong repairs of the scenarios with a CLB on the way, each with what has to be shown against it."""

from drilllib.core.drills.behind_clb import CLB_GROUP, POOL_GROUP
from drilllib.core.drills.scenario import MYSQL_GROUP, NODE_A_GROUP, NODE_B_GROUP, WEB_GROUP
from tests.core.scenario_wrongs import BELOW, IN, NODE_B, NODES, OPEN, OUT, POD_B, PODS, Wrong, put

CUSTOMERS = "203.0.113.0/24"
TO_VIP, TO_WEB = "pod/shop/web-1 → 10.0.38.10:3306", "203.0.113.10 → 192.0.2.10:80"
NEAR_B = "TCP 198.51.100.7 → web-1 10.0.36.11"


def _private_clb() -> list[Wrong]:
    name, served = "private-clb", ("served", TO_VIP)
    nodes, pods = put(MYSQL_GROUP, f"ACCEPT TCP {NODES} 3306"), put(MYSQL_GROUP, f"ACCEPT TCP {PODS} 3306")
    of_pod = put(MYSQL_GROUP, "ACCEPT TCP 10.0.36.11 3306")
    return [
        Wrong(name, "nothing done", (), *served),
        Wrong(name, "the CLB's group", (put(CLB_GROUP, "ACCEPT TCP 10.0.0.0/8 3306"),), *served),
        Wrong(name, "the VIP at the pod", (put(MYSQL_GROUP, "ACCEPT TCP 10.0.38.10 3306"),), *served),
        Wrong(name, "nodes alone: it may be the interface's address", (nodes,), *served),
        Wrong(name, "pods alone: it may be the node's", (pods,), *served),
        Wrong(name, "the pod that asks, by its own address", (of_pod,), *served),
        Wrong(name, "that, and nodes", (of_pod, nodes), *served),
        Wrong(name, "the NodePort at the pod", (put(MYSQL_GROUP, f"ACCEPT TCP {NODES} 30306"), pods), *served),
        Wrong(name, "the database's node", (put(NODE_B_GROUP, f"ACCEPT TCP {NODES} 3306"), pods), *served),
        Wrong(name, "the other direction", (put(MYSQL_GROUP, f"ACCEPT TCP {NODES} 3306", OUT), pods), *served),
        Wrong(name, "everything open", (put(MYSQL_GROUP, OPEN),), "ingress", f"{POD_B}:22"),
        Wrong(
            name,
            "the whole VPC",
            (put(MYSQL_GROUP, "ACCEPT TCP 10.0.0.0/16 3306"),),
            "ingress",
            "TCP 10.0.128.1 → mysql-0 10.0.36.12:3306",
        ),
        Wrong(
            name,
            "right, and the CLB open to all",
            (nodes, pods, put(CLB_GROUP, "ACCEPT TCP 0.0.0.0/0 3306")),
            "ingress",
            "TCP 198.51.100.7 → CLB 10.0.38.10:3306",
        ),
    ]


def _global_router_direct() -> list[Wrong]:
    name, served = "global-router-direct", ("served", TO_WEB)
    return [
        Wrong(name, "nothing done", (), *served),
        Wrong(name, "the listener's port", (put(NODE_B_GROUP, f"ACCEPT TCP {CUSTOMERS} 80"),), *served),
        Wrong(name, "the CLB's group", (put(CLB_GROUP, f"ACCEPT TCP {CUSTOMERS} 8080"),), *served),
        Wrong(
            name, "a group of the pod's, bound to nothing", (put(WEB_GROUP, f"ACCEPT TCP {CUSTOMERS} 8080"),), *served
        ),
        Wrong(name, "the other node", (put(NODE_A_GROUP, f"ACCEPT TCP {CUSTOMERS} 8080"),), *served),
        Wrong(name, "the other node as the source", (put(NODE_B_GROUP, f"ACCEPT TCP {NODES} 8080"),), *served),
        Wrong(name, "below the DROP", (put(NODE_B_GROUP, f"ACCEPT TCP {CUSTOMERS} 8080", IN, BELOW),), *served),
        Wrong(name, "the other direction", (put(NODE_B_GROUP, f"ACCEPT TCP {CUSTOMERS} 8080", OUT),), *served),
        Wrong(name, "everything open", (put(NODE_B_GROUP, OPEN),), "ingress", f"{NODE_B}:22"),
        Wrong(
            name,
            "every client",
            (put(NODE_B_GROUP, "ACCEPT TCP 0.0.0.0/0 8080"),),
            "ingress",
            "TCP 198.51.100.7 → node-b 10.0.35.12:8080",
        ),
        Wrong(
            name,
            "the NodePort taken away",
            (put(NODE_B_GROUP, f"DROP TCP {CUSTOMERS} 30080"), put(NODE_B_GROUP, f"ACCEPT TCP {CUSTOMERS} 8080")),
            "kept",
            "TCP 203.0.113.1 → node-b 10.0.35.12:30080",
        ),
    ]


def _global_router_clb() -> list[Wrong]:
    name, served = "global-router-clb", ("served", TO_WEB)
    right = put(NODE_B_GROUP, f"ACCEPT TCP {NODES} 8080")
    return [
        Wrong(name, "nothing done", (), *served),
        Wrong(
            name,
            "the clients at the pod's port, as published",
            (put(NODE_A_GROUP, f"ACCEPT TCP {CUSTOMERS} 8080"),),
            *served,
        ),
        Wrong(name, "the NodePort of the other node", (put(NODE_B_GROUP, f"ACCEPT TCP {NODES} 30080"),), *served),
        Wrong(name, "the container network", (put(NODE_B_GROUP, "ACCEPT TCP 172.17.0.0/16 8080"),), *served),
        Wrong(name, "the CLB's VIP", (put(NODE_B_GROUP, "ACCEPT TCP 192.0.2.10 8080"),), *served),
        Wrong(name, "the wrong node", (put(NODE_A_GROUP, f"ACCEPT TCP {NODES} 8080"),), *served),
        Wrong(name, "below the DROP", (put(NODE_B_GROUP, f"ACCEPT TCP {NODES} 8080", IN, BELOW),), *served),
        Wrong(name, "the other direction", (put(NODE_B_GROUP, f"ACCEPT TCP {NODES} 8080", OUT),), *served),
        Wrong(name, "everything open", (put(NODE_B_GROUP, OPEN),), "ingress", f"{NODE_B}:22"),
        Wrong(
            name,
            "right, and SSH",
            (right, put(NODE_A_GROUP, "ACCEPT TCP 0.0.0.0/0 22")),
            "ingress",
            "TCP 198.51.100.7 → node-a 10.0.35.11:22",
        ),
    ]


def _super_node_direct() -> list[Wrong]:
    name, served = "super-node-direct", ("served", TO_WEB)
    return [
        Wrong(name, "nothing done", (), *served),
        Wrong(name, "the node pool's group", (put(POOL_GROUP, OPEN),), *served),
        Wrong(name, "the listener's port, once more", (put(WEB_GROUP, "ACCEPT TCP 0.0.0.0/0 80"),), *served),
        Wrong(name, "the NodePort", (put(WEB_GROUP, f"ACCEPT TCP {CUSTOMERS} 30080"),), *served),
        Wrong(name, "the super node as the source", (put(WEB_GROUP, "ACCEPT TCP 10.0.37.0/24 8080"),), *served),
        Wrong(name, "the CLB's group", (put(CLB_GROUP, f"ACCEPT TCP {CUSTOMERS} 8080"),), *served),
        Wrong(name, "the other direction", (put(WEB_GROUP, f"ACCEPT TCP {CUSTOMERS} 8080", OUT),), *served),
        Wrong(name, "everything open", (put(WEB_GROUP, OPEN),), "ingress", f"{NEAR_B}:22"),
        Wrong(name, "every client", (put(WEB_GROUP, "ACCEPT TCP 0.0.0.0/0 8080"),), "ingress", f"{NEAR_B}:8080"),
        Wrong(
            name,
            "every port",
            (put(WEB_GROUP, f"ACCEPT TCP {CUSTOMERS} ALL"),),
            "ingress",
            "TCP 203.0.113.10 → web-1 10.0.36.11:22",
        ),
    ]


WRONG_BEHIND_CLB = [*_private_clb(), *_global_router_direct(), *_global_router_clb(), *_super_node_direct()]
