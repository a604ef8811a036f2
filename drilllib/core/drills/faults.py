"""Faults, and the protocol of the labs they are played in."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from drilllib.core.drills.default_lab import (
    CLB_GROUP,
    CLIENT,
    NODE_GROUP,
    NODE_PORT,
    NODE_SUBNET,
    POD_GROUP,
    VIP,
    default_lab,
    policy,
)
from drilllib.core.drills.variants import add_group, direct_access, local_policy, over_udp, pass_to_target, set_ingress
from drilllib.core.rules.addresses import parse_client
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.snapshot.semantics import Semantics, profile
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, UnknownNameError, either, quoted

Document = dict[str, Any]
LISTENERS = ("HTTP", "TCP")
OLD_GROUP = "sg-old00001"


@dataclass(frozen=True, slots=True)
class Fault:
    """A named mistake: *inject* changes a healthy lab's document in place."""

    name: str
    summary: str
    inject: Callable[[Document], None]


def open_fault(name: str, *, listener: str = "HTTP", semantics: str = "documented", client: str = CLIENT) -> Snapshot:
    """
    The default lab with that fault in it, its rules written for the /24 block around *client*, an IPv4 address.

    `drill example --list` has the names. *listener* is HTTP (layer 7) or TCP (layer 4). *semantics* is documented, or
    original for the text of the original drill taken at its word (docs/model.md).

    Raises:
        UnknownNameError: There is no such fault.
        InvalidInputError: *listener* is not HTTP or TCP, *semantics* not a profile, or *client* not an IPv4 address.
    """
    listener, semantics = str(listener).upper(), str(semantics).lower()
    _require_known(name, listener)
    clients = client_block(client)
    document = default_lab(listener=listener, semantics=profile(semantics), clients=clients)
    FAULTS[name].inject(document)
    return Snapshot(document)


def _require_known(name: str, listener: str) -> None:
    if name not in FAULTS:
        raise UnknownNameError(
            "There is no example {name}", remedy="Use one of {choices}", name=quoted(name), choices=", ".join(FAULTS)
        )
    if listener not in LISTENERS:
        raise InvalidInputError(
            "The listener is {listener}",
            remedy="Use {choices}",
            listener=quoted(listener),
            choices=either(LISTENERS),
        )


def client_block(client: str) -> str:
    """
    The /24 block around a client.

    Raises:
        InvalidInputError: It is no IPv4 address, or in a block that the lab itself uses.
    """
    address = parse_client(client)
    if address.version != 4:
        raise InvalidInputError(
            "The client is {client}, and the lab is IPv4",
            remedy="Use an address like {example}",
            client=client,
            example=CLIENT,
        )
    block = ip_network(f"{address}/24", strict=False)
    if ip_address(VIP) in block or block.overlaps(ip_network("10.0.32.0/20")):
        raise InvalidInputError(
            "The client is {client}, in a block that the lab itself uses",
            remedy="Use an address like {example}",
            client=client,
            example=CLIENT,
        )
    return str(block)


def _clients(document: Document) -> str:
    """The block that the healthy lab lets in."""
    block: str = document["security_groups"][CLB_GROUP]["SecurityGroupPolicySet"]["Ingress"][0]["CidrBlock"]
    return block


def _healthy(document: Document) -> None:
    """Change nothing."""


def _original_drill(document: Document) -> None:
    """The three groups as the original drill's Terraform leaves them."""
    ssh, probes = policy("ACCEPT", "TCP", "0.0.0.0/0", "22"), policy("ACCEPT", "TCP", "100.64.0.0/10", "80")
    set_ingress(document, CLB_GROUP, ssh, probes)
    set_ingress(document, NODE_GROUP, policy("DROP", "ALL", "0.0.0.0/0", "ALL"))
    set_ingress(document, POD_GROUP)


def _clb_backend_port(document: Document) -> None:
    """The CLB's group was opened for the NodePort, which no client ever names."""
    set_ingress(document, CLB_GROUP, policy("ACCEPT", "TCP", _clients(document), str(NODE_PORT)))


def _node_below_drop(document: Document) -> None:
    """The right rule stands below a DROP ALL; others are open for the pod's port, and for the VIP."""
    set_ingress(
        document,
        NODE_GROUP,
        policy("ACCEPT", "TCP", _clients(document), "80"),
        policy("ACCEPT", "TCP", VIP, str(NODE_PORT)),
        policy("DROP", "ALL", "0.0.0.0/0", "ALL"),
        policy("ACCEPT", "TCP", _clients(document), str(NODE_PORT)),
    )


def _pod_for_the_other(document: Document) -> None:
    """The pod's group was opened for the client, and the pod sees a node. Original semantics: the other way round."""
    hidden = Semantics.from_dict(document["semantics"]).cluster_policy_hides_client
    set_ingress(document, POD_GROUP, policy("ACCEPT", "TCP", _clients(document) if hidden else NODE_SUBNET, "80"))


def _pod_on_target_node(document: Document) -> None:
    """Group 3 is empty, but the pod runs on the node that the CLB sends to."""
    set_ingress(document, POD_GROUP)
    for item in document["kubernetes"]:
        if item["kind"] == "Pod":
            item["spec"]["nodeName"] = "node-a"
        elif item["kind"] == "EndpointSlice":
            item["endpoints"][0]["nodeName"] = "node-a"
    document["network_interfaces"][0]["Attachment"]["InstanceId"] = "ins-nodea001"


def _inherited_groups(document: Document) -> None:
    """The pod's interface inherits the node's group, which is open for the NodePort only."""
    document["cluster"]["eniipamd"]["securityGroups"] = []
    document["network_interfaces"][0]["GroupSet"] = [NODE_GROUP]


def _first_steps(document: Document) -> None:
    """A new group was bound to the CLB, and nobody has written a rule into it yet."""
    set_ingress(document, CLB_GROUP)


def _two_groups(document: Document) -> None:
    """An old group that closes the NodePort range stands before the right one on every node."""
    add_group(document, OLD_GROUP)
    set_ingress(document, OLD_GROUP, policy("DROP", "TCP", "0.0.0.0/0", "30000-32767"))
    for instance in document["instances"]:
        instance["SecurityGroupIds"] = [OLD_GROUP, NODE_GROUP]


def _direct_group_3(document: Document) -> None:
    """Direct access was turned on, and group 3 still admits only the nodes."""
    direct_access(document)
    set_ingress(document, POD_GROUP, policy("ACCEPT", "TCP", NODE_SUBNET, "80"))


def _behind_pass_to_target(document: Document) -> None:
    """Group 2 drops everything, and is not asked."""
    pass_to_target(document)
    set_ingress(document, NODE_GROUP, policy("DROP", "ALL", "0.0.0.0/0", "ALL"))


def _udp_as_tcp(document: Document) -> None:
    """The Service became UDP, and group 2 still admits TCP."""
    before = document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]["Ingress"]
    over_udp(document)
    set_ingress(document, NODE_GROUP, *before)


def _history(document: Document) -> None:
    """It works, after years in which rules were only ever added, each for a reason that nobody remembers."""
    clients = _clients(document)
    noted = [
        ("for the partner", "ACCEPT TCP 198.51.100.0/25 30713"),
        ("the partner has grown", "ACCEPT TCP 198.51.100.128/25 30713"),
        ("quick fix, narrow later", f"ACCEPT TCP {clients} 30000-32767"),
        ("the partner again, to be sure", "ACCEPT TCP 198.51.100.0/24 30713"),
        ("abuse report: block", "DROP TCP 198.51.100.64/26 30713"),
        ("office VPN", "ACCEPT TCP 0.0.0.0/8 22"),
        ("database move, remove on Friday", "ACCEPT TCP 0.0.0.0/0 3306"),
        ("internal", "ACCEPT TCP 10.0.0.0/8 ALL"),
        ("pods", "ACCEPT TCP 10.0.35.0/24 80"),
        ("baseline", "DROP ALL 0.0.0.0/0 ALL"),
        ("the new client", f"ACCEPT TCP {clients} 80"),
    ]
    rules = [{**rule_from_text(text).policy, "PolicyDescription": note} for note, text in noted]
    set_ingress(document, NODE_GROUP, *rules)
    probes = {**policy("ACCEPT", "TCP", "100.64.0.0/10", "80"), "PolicyDescription": "health checks"}
    partner = {**policy("ACCEPT", "TCP", "198.51.100.0/24", "80"), "PolicyDescription": "the partner"}
    set_ingress(document, CLB_GROUP, policy("ACCEPT", "TCP", clients, "80"), partner, probes)


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("healthy", "nothing is wrong: a first 200", _healthy),
        Fault("first-steps", "the CLB's group is new and still empty", _first_steps),
        Fault("original-drill", "the original drill's starting state", _original_drill),
        Fault("group-1", "clients time out", _clb_backend_port),
        Fault("group-2", "504, and the target is Alive", _node_below_drop),
        Fault("group-3", "504, and the target is Dead", _pod_for_the_other),
        Fault("same-node", "group 3 is empty, and the pod runs on the target node", _pod_on_target_node),
        Fault("inherited", "pod interfaces inherit the node's group", _inherited_groups),
        Fault("two-groups", "504, and the node's own group is right", _two_groups),
        Fault("direct-access", "the CLB asks the pod itself: groups 1 and 3 decide", direct_access),
        Fault("direct-group-3", "direct access: 504, and the target is Alive", _direct_group_3),
        Fault("pass-to-target", "pass-to-target is on, and group 2 drops everything", _behind_pass_to_target),
        Fault("local-policy", "externalTrafficPolicy is Local, and the target node has no pod", local_policy),
        Fault("history", "it works, and the node's group has grown for years", _history),
        Fault("udp", "a UDP Service whose group 2 was left at TCP", _udp_as_tcp),
    )
}
