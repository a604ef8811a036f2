"""Scenarios with a CLB on the way: a client inside of a private one, and rows 3 to 5 of the playbook's matrix."""

from drilllib.core.drills.behind_clb import (
    CUSTOMER,
    CUSTOMERS,
    OF_MYSQL,
    OF_WEB,
    asked_from_inside,
    direct_by_super_node,
    direct_to_web,
    web_by_node_a,
)
from drilllib.core.drills.intents import RulePut
from drilllib.core.drills.networks import NODE_PORT, PORT, SERVICE, SUPER_NODES, WEB
from drilllib.core.drills.scenario import (
    DROP_ALL,
    INGRESS,
    MYSQL_GROUP,
    NODE_A_GROUP,
    NODE_B_GROUP,
    WEB_GROUP,
    Ends,
    Place,
    Scenario,
)
from drilllib.core.snapshot.cluster import GLOBAL_ROUTER

_NODES, _PODS = "10.0.35.0/24", "10.0.36.0/24"
_NODE_PORT, _POD_PORT = OF_WEB.node_port, OF_WEB.pod_port
_AT_MYSQL, _AT_WEB, _AT_NODE_B = Place("eni-mysql001"), Place("eni-web101"), Place("ins-nodeb001")
_WEB_ON_NODE_B = {"network": GLOBAL_ROUTER, "on": ("node-b", "node-a")}
_TO_WEB = Ends(CUSTOMER, OF_WEB.vip, OF_WEB.port)

BEHIND_CLB = (
    Scenario(
        name="private-clb",
        rows="2",
        level=3,
        cause="the pod's group admits the CLB's subnet, and kube-proxy on the client's own node answers in its place",
        ends=Ends(f"pod/{WEB}", OF_MYSQL.vip),
        also=(
            Ends("node/node-a", OF_MYSQL.vip),
            Ends("pod/shop/job-1", OF_MYSQL.vip),
            Ends(f"pod/{WEB}", f"svc/{SERVICE}"),
        ),
        beside=asked_from_inside,
        lists={
            (MYSQL_GROUP, INGRESS): (f"ACCEPT TCP 10.0.38.0/24 {PORT}",),
            (NODE_A_GROUP, INGRESS): (f"ACCEPT TCP 10.0.0.0/16 {NODE_PORT}",),
            (NODE_B_GROUP, INGRESS): (f"ACCEPT TCP 10.0.0.0/16 {NODE_PORT}",),
        },
        may={_AT_MYSQL: (f"ACCEPT TCP {_NODES} {PORT}", f"ACCEPT TCP {_PODS} {PORT}")},
        reference=(
            RulePut(MYSQL_GROUP, f"ACCEPT TCP {_NODES} {PORT}"),
            RulePut(MYSQL_GROUP, f"ACCEPT TCP {_PODS} {PORT}"),
        ),
    ),
    Scenario(
        name="global-router-direct",
        rows="4",
        level=2,
        cause="the node's group admits the NodePort, and with direct access the CLB asks the pod's port",
        ends=_TO_WEB,
        network=_WEB_ON_NODE_B,
        beside=direct_to_web,
        lists={(NODE_B_GROUP, INGRESS): (f"ACCEPT TCP {CUSTOMERS} {_NODE_PORT}", DROP_ALL)},
        may={_AT_NODE_B: (f"ACCEPT TCP {CUSTOMERS} {_POD_PORT}",)},
        keep={_AT_NODE_B: (f"ACCEPT TCP {CUSTOMERS} {_NODE_PORT}",)},
        reference=(RulePut(NODE_B_GROUP, f"ACCEPT TCP {CUSTOMERS} {_POD_PORT}"),),
    ),
    Scenario(
        name="global-router-clb",
        rows="5",
        level=2,
        cause="the other node's group admits the clients to the pod's port, and the first node asks there",
        ends=_TO_WEB,
        network=_WEB_ON_NODE_B,
        beside=web_by_node_a,
        lists={
            (NODE_A_GROUP, INGRESS): (f"ACCEPT TCP {CUSTOMERS} {_NODE_PORT}", DROP_ALL),
            (NODE_B_GROUP, INGRESS): (
                f"ACCEPT TCP {CUSTOMERS} {_NODE_PORT}",
                f"ACCEPT TCP {CUSTOMERS} {_POD_PORT}",
                DROP_ALL,
            ),
        },
        may={_AT_NODE_B: (f"ACCEPT TCP {_NODES} {_POD_PORT}",)},
        keep={_AT_NODE_B: (f"ACCEPT TCP {CUSTOMERS} {_NODE_PORT}",)},
        reference=(RulePut(NODE_B_GROUP, f"ACCEPT TCP {_NODES} {_POD_PORT}"),),
    ),
    Scenario(
        name="super-node-direct",
        rows="3",
        level=2,
        cause="the rule stands in the node pool's group, and the pod has another one by its annotation",
        ends=_TO_WEB,
        network={"on": SUPER_NODES},
        beside=direct_by_super_node,
        lists={(WEB_GROUP, INGRESS): (f"ACCEPT TCP {CUSTOMERS} {OF_WEB.port}",)},
        may={_AT_WEB: (f"ACCEPT TCP {CUSTOMERS} {_POD_PORT}",)},
        keep={_AT_WEB: (f"ACCEPT TCP {CUSTOMERS} {OF_WEB.port}",)},
        reference=(RulePut(WEB_GROUP, f"ACCEPT TCP {CUSTOMERS} {_POD_PORT}"),),
    ),
)
