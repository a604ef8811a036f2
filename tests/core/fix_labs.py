"""Random variants of the default lab for the laws of fixes."""

from collections.abc import Callable, Sequence
from random import Random

from builders import LISTENERS
from changes import (
    Document,
    clb_groups,
    egress,
    ingress,
    keepalive,
    pass_to_target,
    probes_from_vip,
    second_target,
)
from changes_cluster import (
    NODE_B_GROUP,
    cluster,
    eni_groups,
    eni_unread,
    group_unread,
    local_policy,
    no_endpoints,
    node_groups,
    pod_on_node_a,
    second_pod,
    unread,
    wrong_target_port,
)

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, POD_GROUP, default_lab
from drilllib.core.drills.faults import OLD_GROUP
from drilllib.core.drills.variants import IPV6_CLIENTS, add_group, direct_access, over_ipv6, over_udp

PEERS = (
    *("203.0.113.0/24", "203.0.113.0/25", "203.0.113.10", "10.0.35.0/24", "10.0.35.11", "10.0.36.0/24", "0.0.0.0/0"),
    *("203.0.112.0/20", "sg-other001", "ipm-part", "ipm-unread", NODE_GROUP),
)
PORTS = ("ALL", "80", str(NODE_PORT), f"80,{NODE_PORT}", "1-1023", "30000-32767")
CLIENTS = (("203.0.113.0/24",), ("203.0.113.10/32",), ("203.0.113.0/25", "198.51.100.0/24"))
CHANGES = (
    *(direct_access, pass_to_target, local_policy, second_target, second_pod, keepalive, pod_on_node_a),
    *(eni_groups(NODE_GROUP), eni_groups(NODE_GROUP, POD_GROUP), eni_groups(), eni_unread(), no_endpoints),
    *(clb_groups(CLB_GROUP, OLD_GROUP), clb_groups(NODE_GROUP), node_groups("a", OLD_GROUP, NODE_GROUP)),
    *(node_groups("b", NODE_B_GROUP, NODE_GROUP), group_unread(NODE_GROUP), unread("network_interfaces")),
    *(unread("subnets"), wrong_target_port, cluster(VpcCniType="tke-direct-eni"), egress(NODE_GROUP)),
)
NOT_OVER_IPV6 = (second_pod, second_target, direct_access)  # these have IPv4 addresses in them


def random_lab(random: Random) -> tuple[Document, tuple[str, ...]]:
    """The default lab with some changes and with random rules, and its clients."""
    document = default_lab(listener=random.choice(LISTENERS))
    document["address_templates"] = {"ipm-part": {"AddressSet": ["203.0.113.0-203.0.113.99", "10.0.35.11"]}}
    for name in (OLD_GROUP, NODE_B_GROUP):
        add_group(document, name)
    kind = random.choice((None, None, over_udp, over_ipv6))
    if kind is over_ipv6:
        over_ipv6(document)
        for name in random.sample((CLB_GROUP, POD_GROUP), random.randint(0, 2)):
            document["security_groups"][name]["SecurityGroupPolicySet"]["Ingress"] = []
        _change(document, random, [change for change in CHANGES if change not in NOT_OVER_IPV6])
        return document, (IPV6_CLIENTS,)
    if kind:
        kind(document)
    clients = random.choice(CLIENTS)
    _change(document, random, CHANGES)
    if random.random() < 0.3:
        probes_from_vip(document)
    for name in random.sample(sorted(document["security_groups"]), random.randint(1, 4)):
        change = egress if random.random() < 0.2 else ingress
        change(name, *dict.fromkeys(_rule(random) for _ in range(random.randint(0, 3))))(document)
    return document, clients


def _change(document: Document, random: Random, changes: Sequence[Callable[[Document], None]]) -> None:
    for change in random.sample(changes, random.choice((0, 1, 1, 2, 3))):
        try:
            change(document)
        except (KeyError, IndexError):
            continue  # another change took away what this one alters


def _rule(random: Random) -> str:
    protocol = random.choice(("TCP", "TCP", "UDP", "ALL"))
    peer, port = random.choice(PEERS), "ALL" if protocol == "ALL" else random.choice(PORTS)
    return f"{random.choice(('ACCEPT', 'ACCEPT', 'DROP'))} {protocol} {peer} {port}"
