"""
The scenarios of lessons 20 to 29: faults between two workloads, here the rows of the playbook's matrix below the fifth.

Those with a CLB on the way are in `scenarios_behind_clb`.
"""

from collections.abc import Mapping

from drilllib.core.drills.intents import RulePut
from drilllib.core.drills.networks import CLUSTER_IP, MYSQL, NODE_PORT, PORT, SUPER_NODES, WEB
from drilllib.core.drills.scenario import (
    DROP_ALL,
    EGRESS,
    INGRESS,
    MYSQL_GROUP,
    NODE_A_GROUP,
    NODE_B_GROUP,
    OFFICE,
    WEB_GROUP,
    Ends,
    Place,
    Scenario,
)
from drilllib.core.drills.scenarios_behind_clb import BEHIND_CLB
from drilllib.core.snapshot.cluster import GLOBAL_ROUTER
from drilllib.errors import UnknownNameError, quoted


def scenario(name: str) -> Scenario:
    """
    The scenario of that name.

    Raises:
        UnknownNameError: There is none.
    """
    if name not in SCENARIOS:
        raise UnknownNameError(
            "There is no scenario {name}",
            remedy="Use one of {choices}",
            name=quoted(name),
            choices=", ".join(SCENARIOS),
        )
    return SCENARIOS[name]


_NODES, _PODS, _ROUTED = "10.0.35.0/24", "10.0.36.0/24", "172.17.0.0/16"
_AT_MYSQL = Place("eni-mysql001")
_FROM_WEB = Place("eni-web101", EGRESS)
_AT_NODE_A, _AT_NODE_B, _FROM_NODE_A = Place("ins-nodea001"), Place("ins-nodeb001"), Place("ins-nodea001", EGRESS)
_TO_MYSQL = f"pod/{MYSQL}"

SCENARIOS: Mapping[str, Scenario] = {
    each.name: each
    for each in (
        Scenario(
            name="pod-to-pod",
            rows="6",
            level=1,
            cause="the pod's group admits the nodes, and the pod that asks has an address of its own",
            ends=Ends(f"pod/{WEB}", _TO_MYSQL),
            lists={
                (MYSQL_GROUP, INGRESS): (f"ACCEPT TCP {_NODES} {PORT}", f"ACCEPT TCP {_PODS} 80"),
                (NODE_B_GROUP, INGRESS): (),
            },
            may={_AT_MYSQL: (f"ACCEPT TCP {_PODS} {PORT}",)},
            keep={_AT_MYSQL: (f"ACCEPT TCP {_NODES} {PORT}",)},
            reference=(RulePut(MYSQL_GROUP, f"ACCEPT TCP {_PODS} {PORT}"),),
        ),
        Scenario(
            name="pod-egress",
            rows="6",
            level=2,
            cause="the egress list admits the ClusterIP, and kube-proxy has written the pod's address by then",
            ends=Ends(f"pod/{WEB}", "svc/db/mysql"),
            lists={
                (WEB_GROUP, EGRESS): ("ACCEPT TCP 0.0.0.0/0 443", f"ACCEPT TCP {CLUSTER_IP} {PORT}", DROP_ALL),
                (MYSQL_GROUP, INGRESS): (f"ACCEPT TCP {_PODS} {PORT}",),
                (NODE_B_GROUP, INGRESS): (),
            },
            may={_FROM_WEB: (f"ACCEPT TCP {_PODS} {PORT}",)},
            keep={_FROM_WEB: ("ACCEPT TCP 0.0.0.0/0 443",), _AT_MYSQL: (f"ACCEPT TCP {_PODS} {PORT}",)},
            reference=(RulePut(WEB_GROUP, f"ACCEPT TCP {_PODS} {PORT}", direction=EGRESS),),
        ),
        Scenario(
            name="nodeport",
            rows="2, 5",
            level=2,
            cause="the node admits the pod's port, and the pod the client, whom it does not see",
            ends=Ends(OFFICE, "node/node-a", NODE_PORT),
            lists={
                (NODE_A_GROUP, INGRESS): (f"ACCEPT TCP 10.1.0.0/24 {PORT}", DROP_ALL),
                (MYSQL_GROUP, INGRESS): (f"ACCEPT TCP 10.1.0.0/24 {PORT}", f"ACCEPT TCP {_PODS} {PORT}"),
                (NODE_B_GROUP, INGRESS): (),
            },
            may={
                _AT_NODE_A: (f"ACCEPT TCP 10.1.0.0/24 {NODE_PORT}",),
                _AT_MYSQL: (f"ACCEPT TCP {_NODES} {PORT}",),
            },
            keep={_AT_MYSQL: (f"ACCEPT TCP {_PODS} {PORT}",)},
            reference=(
                RulePut(NODE_A_GROUP, f"ACCEPT TCP 10.1.0.0/24 {NODE_PORT}"),
                RulePut(MYSQL_GROUP, f"ACCEPT TCP {_NODES} {PORT}"),
            ),
        ),
        Scenario(
            name="node-to-pod",
            rows="7",
            level=2,
            cause="the node's group lets nothing out to the database, and the pod's group nothing in from nodes",
            ends=Ends("node/node-a", _TO_MYSQL),
            lists={
                (NODE_A_GROUP, EGRESS): (f"DROP TCP {_PODS} {PORT}", "ACCEPT ALL 0.0.0.0/0 ALL"),
                (MYSQL_GROUP, INGRESS): (f"ACCEPT TCP {_PODS} {PORT}",),
                (NODE_B_GROUP, INGRESS): (),
            },
            may={_FROM_NODE_A: (f"ACCEPT TCP {_PODS} {PORT}",), _AT_MYSQL: (f"ACCEPT TCP {_NODES} {PORT}",)},
            keep={_AT_MYSQL: (f"ACCEPT TCP {_PODS} {PORT}",), _FROM_NODE_A: ("ACCEPT TCP 0.0.0.0/0 443",)},
            reference=(
                RulePut(NODE_A_GROUP, f"ACCEPT TCP {_PODS} {PORT}", direction=EGRESS),
                RulePut(MYSQL_GROUP, f"ACCEPT TCP {_NODES} {PORT}"),
            ),
        ),
        Scenario(
            name="super-node",
            rows="10, 11",
            level=2,
            cause="the pod's group admits the super nodes' addresses, and pods ask from their own",
            ends=Ends(f"pod/{WEB}", _TO_MYSQL),
            also=(Ends("node/node-a", _TO_MYSQL),),
            network={"on": SUPER_NODES},
            lists={
                (MYSQL_GROUP, INGRESS): (f"ACCEPT TCP 10.0.37.0/24 {PORT}",),
                (NODE_B_GROUP, INGRESS): (),
            },
            may={_AT_MYSQL: (f"ACCEPT TCP {_PODS} {PORT}", f"ACCEPT TCP {_NODES} {PORT}")},
            reference=(
                RulePut(MYSQL_GROUP, f"ACCEPT TCP {_PODS} {PORT}"),
                RulePut(MYSQL_GROUP, f"ACCEPT TCP {_NODES} {PORT}"),
            ),
        ),
        Scenario(
            name="global-router",
            rows="8",
            level=2,
            cause="the node's group admits the VPC, and pods ask from the container network",
            ends=Ends(f"pod/{WEB}", _TO_MYSQL),
            network={"network": GLOBAL_ROUTER},
            lists={(NODE_B_GROUP, INGRESS): (f"ACCEPT TCP 10.0.0.0/16 {PORT}", DROP_ALL)},
            may={_AT_NODE_B: (f"ACCEPT TCP {_ROUTED} {PORT}",)},
            keep={_AT_NODE_B: (f"ACCEPT TCP 10.0.0.0/16 {PORT}",)},
            reference=(RulePut(NODE_B_GROUP, f"ACCEPT TCP {_ROUTED} {PORT}"),),
        ),
        Scenario(
            name="global-router-node",
            rows="9",
            level=3,
            cause="the node's group lets nothing out to the container network, and the other node's admits pods alone",
            ends=Ends("node/node-a", _TO_MYSQL),
            network={"network": GLOBAL_ROUTER},
            lists={
                (NODE_A_GROUP, EGRESS): ("ACCEPT ALL 10.0.0.0/16 ALL", DROP_ALL),
                (NODE_B_GROUP, INGRESS): (f"ACCEPT TCP {_ROUTED} {PORT}", DROP_ALL),
            },
            may={_FROM_NODE_A: (f"ACCEPT TCP {_ROUTED} {PORT}",), _AT_NODE_B: (f"ACCEPT TCP {_NODES} {PORT}",)},
            keep={_FROM_NODE_A: ("ACCEPT ALL 10.0.0.0/16 ALL",), _AT_NODE_B: (f"ACCEPT TCP {_ROUTED} {PORT}",)},
            reference=(
                RulePut(NODE_A_GROUP, f"ACCEPT TCP {_ROUTED} {PORT}", direction=EGRESS),
                RulePut(NODE_B_GROUP, f"ACCEPT TCP {_NODES} {PORT}"),
            ),
        ),
        *BEHIND_CLB,
    )
}
