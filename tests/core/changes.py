"""
Changes to groups and to the CLB.

A *change* takes the default lab's document and alters it in place; those that need an argument return one.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, POD_GROUP, VIP

Document = dict[str, Any]
Change = Callable[[Document], None]

EVERYTHING = "ALL 0.0.0.0/0 ALL"
CLIENT_RULE = f"ACCEPT TCP 203.0.113.0/24 {NODE_PORT}"
BALANCER = "lb-lab00001"


def rules(*lines: str) -> list[Document]:
    """``ACCEPT TCP 203.0.113.0/24 80`` as the API writes it; the peer may be the id of a group or a template."""
    split = [line.split() for line in lines]
    return [
        {
            "PolicyIndex": index,
            "Protocol": protocol,
            "Port": port,
            **_peer(peer),
            "Action": action,
        }
        for index, (action, protocol, peer, port) in enumerate(split)
    ]


def _peer(text: str) -> Document:
    kind = text.split("-")[0]
    if kind in ("ipm", "ipmg"):
        return {"AddressTemplate": {"AddressId" if kind == "ipm" else "AddressGroupId": text}}
    return {"SecurityGroupId" if kind == "sg" else "CidrBlock": text}


def ingress(group: str, *lines: str) -> Change:
    """The group's ingress list is exactly these lines."""
    return _list(group, "Ingress", lines)


def egress(group: str, *lines: str) -> Change:
    """The group's egress list is exactly these lines."""
    return _list(group, "Egress", lines)


def _list(group: str, name: str, lines: tuple[str, ...]) -> Change:
    def change(document: Document) -> None:
        empty = {"SecurityGroupPolicySet": {"Version": "1", "Ingress": [], "Egress": rules(f"ACCEPT {EVERYTHING}")}}
        policy_set = document["security_groups"].setdefault(group, empty)["SecurityGroupPolicySet"]
        policy_set[name] = rules(*lines)

    return change


def closed(*groups: str) -> Change:
    """These groups let nothing in."""
    return together(*(ingress(group) for group in groups))


def together(*changes: Change) -> Change:
    """Several changes as one."""

    def change(document: Document) -> None:
        for each in changes:
            each(document)

    return change


group_1_closed = closed(CLB_GROUP)
group_2_closed = closed(NODE_GROUP)
group_3_closed = closed(POD_GROUP)


# The CLB


def clb_groups(*groups: str) -> Change:
    def change(document: Document) -> None:
        document["load_balancers"][0]["SecureGroups"] = list(groups)

    return change


def pass_to_target(document: Document) -> None:
    document["load_balancers"][0]["LoadBalancerPassToTarget"] = True


def the_listener(document: Document) -> Document:
    return document["listeners"]["lb-lab00001"][0]


def targets(document: Document) -> list[Document]:
    """The target list of the only forwarding rule, or of the layer-4 listener."""
    listener = the_listener(document)
    return (listener.get("Rules") or [listener])[0]["Targets"]


def no_listener(document: Document) -> None:
    document["listeners"]["lb-lab00001"] = []


def no_targets(document: Document) -> None:
    targets(document).clear()


def second_target(document: Document) -> None:
    """node-b is registered too: the pod's own node."""
    first = targets(document)[0]
    targets(document).append({**first, "InstanceId": "ins-nodeb001", "PrivateIpAddresses": ["10.0.35.12"]})


def first_target_gone(document: Document) -> None:
    del targets(document)[0]


def second_vip(document: Document) -> None:
    document["load_balancers"][0]["LoadBalancerVips"].append("192.0.2.11")


def weight(target: int, value: int) -> Change:
    def change(document: Document) -> None:
        targets(document)[target]["Weight"] = value

    return change


def target_port(port: int) -> Change:
    def change(document: Document) -> None:
        targets(document)[0]["Port"] = port

    return change


def keepalive(document: Document) -> None:
    the_listener(document)["KeepaliveEnable"] = 1


def health_check_off(document: Document) -> None:
    the_listener(document)["HealthCheck"]["HealthSwitch"] = 0


def probes_from_vip(document: Document) -> None:
    the_listener(document)["HealthCheck"]["SourceIpType"] = 0


def probe_source_unread(document: Document) -> None:
    del the_listener(document)["HealthCheck"]["SourceIpType"]


def second_host(name: str, *changed_targets: Document) -> Change:
    """One more forwarding rule, for host *name*."""

    def change(document: Document) -> None:
        extra = {"LocationId": "loc-lab00002", "Domain": name, "Url": "/", "Targets": deepcopy(list(changed_targets))}
        the_listener(document)["Rules"].append(extra)

    return change


def observed(*details: str, location: str = "loc-lab00001", domain: str = VIP) -> Change:
    """What DescribeTargetHealth says, one word a target."""

    def change(document: Document) -> None:
        entries = [
            {
                "IP": target["PrivateIpAddresses"][0],
                "Port": target["Port"],
                "TargetId": target["InstanceId"],
                "HealthStatus": detail == "Alive",
                "HealthStatusDetail": detail,
            }
            for target, detail in zip(targets(document), details, strict=True)
        ]
        if document["target_health"] is None:
            listeners = [{"ListenerId": "lbl-lab00001", "Rules": []}]
            document["target_health"] = [{"LoadBalancerId": "lb-lab00001", "Listeners": listeners}]
        known = document["target_health"][0]["Listeners"][0]["Rules"]
        known.append({"LocationId": location, "Domain": domain, "Url": "/", "Targets": entries})

    return change


def balancer(**fields: object) -> Change:
    """Fields of the CLB."""
    return lambda document: document["load_balancers"][0].update(fields)


def probe(**fields: object) -> Change:
    """Fields of the listener's health check."""
    return lambda document: the_listener(document)["HealthCheck"].update(fields)
